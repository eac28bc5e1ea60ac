//! Any text as a saved query: its header is read or refused, and the text stays as it is.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trailkeep::query::Query;

fuzz_target!(|sql: &str| {
    if let Ok(query) = Query::read(sql) {
        assert_eq!(query.sql, sql);
        assert!(query.parameters.iter().all(|one| !one.name.is_empty()));
    }
});
