//! Any bytes as an answer of CloudWatch, and any text as a message in one: it is an event.
#![no_main]

mod pages;

use libfuzzer_sys::fuzz_target;
use trailkeep::kind::safe::cloudwatch::message;

fuzz_target!(|bytes: &[u8]| {
    let answer = message::read(bytes.to_vec(), "log events");
    let mut page = answer.ok().map(|answer| answer.page);
    pages::check(|| page.take());
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let element = serde_json::json!({"eventId": "1", "timestamp": 1_795_302_150_000_i64, "message": text});
    let body = serde_json::json!({ "events": [element] }).to_string();
    let answer = message::read(body.into_bytes(), "log events").expect("it is an answer");
    assert_eq!(answer.page.received(), 1);
    let mut page = Some(answer.page);
    pages::check(|| page.take());
});
