//! The members of an object are those that serde_json finds, and what it refuses is refused.
#![no_main]

use std::collections::BTreeMap;

use libfuzzer_sys::fuzz_target;
use serde_json::value::RawValue;
use trailkeep::record::member::members;

fuzz_target!(|json: &str| {
    let mut found = BTreeMap::new();
    let read = members(json, |name, raw| {
        found.insert(name.into_owned(), raw);
    });
    match serde_json::from_str::<BTreeMap<String, &RawValue>>(json) {
        Ok(expected) => {
            assert!(read.is_ok());
            assert!(
                expected
                    .iter()
                    .map(|(name, raw)| (name, raw.get()))
                    .eq(found.iter().map(|(name, raw)| (name, *raw)))
            );
        }
        Err(_) => assert!(read.is_err()),
    }
});
