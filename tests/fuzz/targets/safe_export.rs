//! Any bytes as an export of SAFE: what the pages point at is there, and details are JSON.
#![no_main]

mod pages;

use libfuzzer_sys::fuzz_target;
use trailkeep::feed::Body;
use trailkeep::kind::safe::export::{Export, ExportOptions};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut export) = Export::open(
        Body::Memory(bytes.to_vec().into()),
        ExportOptions::default(),
    ) {
        pages::check(|| export.next_page().ok().flatten());
    }
});
