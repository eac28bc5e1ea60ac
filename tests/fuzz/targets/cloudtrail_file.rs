//! Any bytes as a file of CloudTrail, twice into one page: what the page points at is there, every
//! record is an event or is not understood, and details are JSON.
#![no_main]

mod pages;

use libfuzzer_sys::fuzz_target;
use trailkeep::feed::Body;
use trailkeep::kind::safe::cloudtrail::record::{Content, open, page};
use trailkeep::record::json::Batch;

fuzz_target!(|bytes: &[u8]| {
    let mut batch = Batch::default();
    for _ in 0..2 {
        let held = batch.records.len();
        let Ok(Content::Log(mut file)) = open(Body::Memory(bytes.to_vec())) else {
            return;
        };
        if file.fill(&mut batch).is_err() {
            assert_eq!(batch.records.len(), held);
        }
    }
    let records = batch.records.len();
    let mut page = Some(page(batch));
    assert_eq!(page.as_ref().map(|page| page.received()), Some(records));
    pages::check(|| page.take());
});
