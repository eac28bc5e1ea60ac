//! What is true of every page, whatever it was read from.

use std::collections::BTreeMap;

use serde_json::value::RawValue;
use trailkeep::event::{Page, Span};

/// Looks at every page: its spans lie in its bytes, and its details are JSON.
pub(super) fn check(mut next: impl FnMut() -> Option<Page>) {
    while let Some(page) = next() {
        let within = |span: Span| assert!(page.bytes.get(span.range()).is_some(), "{span:?}");
        for event in &page.events {
            within(event.raw);
            event.time.at.into_iter().for_each(within);
            if let Some(json) = page.details_json(event) {
                // As they stand: `1e999` is JSON, though no number of Rust's.
                let read = serde_json::from_str::<BTreeMap<String, &RawValue>>(&json);
                assert!(read.is_ok(), "{json}");
            }
        }
        page.rejects.iter().for_each(|reject| within(reject.raw));
    }
}
