//! Any text as a query of an empty archive: guarded, narrowed, run, or refused with an error.
#![no_main]

use std::sync::LazyLock;
use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;
use trailkeep::archive::Archive;
use trailkeep::archive::reader::Reader;
use trailkeep::event::Timestamp;
use trailkeep::query::{Options, Query};

static FOLDER: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("there is room for a folder");
    let archive = Archive::open(&folder.path().join("archive.db"), "fuzz");
    drop(archive.expect("a new archive can be made"));
    folder
});

thread_local! {
    static READER: Reader =
        Reader::open(&FOLDER.path().join("archive.db")).expect("the archive was made");
}

fuzz_target!(|sql: &str| READER.with(|reader| run(reader, sql)));

fn run(reader: &Reader, sql: &str) {
    let options = Options {
        given: &[],
        now: Timestamp::from_millis(1_795_176_000_000),
        timeout: Some(Duration::from_millis(200)),
    };
    let Ok(query) = Query::read(sql) else {
        return;
    };
    match query.prepare(reader, options) {
        Ok(mut prepared) => {
            let mut rows = prepared.rows();
            for _ in 0..100 {
                if !matches!(rows.next(), Ok(Some(_))) {
                    break;
                }
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
