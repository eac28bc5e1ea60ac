//! Any bytes as an export of SendSafely, and as an answer of its API.
#![no_main]

mod pages;

use libfuzzer_sys::fuzz_target;
use trailkeep::feed::Body;
use trailkeep::kind::sendsafely::listing::{self, Export};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(mut export) = Export::open(Body::Memory(bytes.to_vec().into())) {
        pages::check(|| export.next_page().ok().flatten());
    }
    let answer = listing::read(bytes.to_vec(), "application/json", "audit log, row 0");
    let mut page = answer.ok().map(|listing| listing.page);
    pages::check(|| page.take());
});
