//! What makes two records the same record, and whether they say the same, as numbers.

use sha2::{Digest, Sha256};

use crate::event::{Event, Page, Text};

/// The key in table `identity` of an event with a vendor's id: 64 bits of SHA-256 of source and id.
/// `source` is the row of table `source`.
pub fn of_vendor_id(source: i64, id: &str) -> i64 {
    let digest = Sha256::new()
        .chain_update(source.to_be_bytes())
        .chain_update(b"i")
        .chain_update(id);
    first_64(&digest.finalize())
}

/// The same of a record without an id: of source, what the record says, and its number among
/// equal records of its window, counted from 0.
pub fn of_content(source: i64, content: &[u8; 32], occurrence: u32) -> i64 {
    let digest = Sha256::new()
        .chain_update(source.to_be_bytes())
        .chain_update(b"c")
        .chain_update(content)
        .chain_update(occurrence.to_be_bytes());
    first_64(&digest.finalize())
}

/// 47 bits of SHA-256 of all an event says, however it was written: SQLite stores them in six
/// bytes. Two events of one identity that differ in it are a conflict.
pub fn of_statement(page: &Page, event: &Event, scratch: &mut Vec<u8>) -> i64 {
    scratch.clear();
    scratch.extend_from_slice(&event.time.value.millis().to_be_bytes());
    for text in columns(event) {
        say(scratch, text.as_ref().map(|text| page.text(text)));
    }
    for number in [event.port, event.file_size] {
        scratch.extend_from_slice(&number.map_or(i64::MIN, |n| n.value).to_be_bytes());
    }
    for detail in &event.details {
        say(scratch, Some(page.text(&detail.name)));
        say(scratch, Some(page.text(&detail.json)));
    }
    first_64(&Sha256::digest(scratch)) & ((1 << 47) - 1)
}

/// The texts of an event, in the order in which the archive's columns stand.
pub(super) fn columns(event: &Event) -> [&Option<Text>; 10] {
    [
        &event.event_type,
        &event.action,
        &event.actor,
        &event.on_behalf_of,
        &event.ip,
        &event.target,
        &event.package,
        &event.package_type,
        &event.package_owner,
        &event.file_name,
    ]
}

/// Lengths stand before texts, so that no two events run together into the same bytes.
fn say(scratch: &mut Vec<u8>, text: Option<&str>) {
    let length = text.map_or(u64::MAX, |text| text.len() as u64);
    scratch.extend_from_slice(&length.to_be_bytes());
    scratch.extend_from_slice(text.unwrap_or_default().as_bytes());
}

/// The first 64 bits of a hash.
pub(super) fn first_64(digest: &[u8]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Identity, Span, Timestamp, Written};

    fn event(action: &str, actor: Option<&str>) -> Event {
        let time = Written::nowhere(Timestamp::from_millis(1));
        let identity = Identity::Vendor("1".into());
        Event {
            action: Some(action.into()),
            actor: actor.map(Text::from),
            ..Event::at(time, Span::new(0, 0), identity)
        }
    }

    #[test]
    fn ids_of_two_sources_and_repeats_of_one_record_are_told_apart() {
        assert_ne!(of_vendor_id(1, "a"), of_vendor_id(2, "a"));
        assert_ne!(of_content(1, &[0; 32], 0), of_content(1, &[0; 32], 1));
        assert_eq!(of_vendor_id(1, "a"), of_vendor_id(1, "a"));
    }

    #[test]
    fn a_statement_fits_six_bytes_and_keeps_columns_apart() {
        let page = Page::default();
        let mut scratch = Vec::new();
        let mut of = |event: &Event| of_statement(&page, event, &mut scratch);
        let one = of(&event("ab", Some("c")));
        assert!((0..1 << 47).contains(&one));
        assert_eq!(one, of(&event("ab", Some("c"))));
        assert_ne!(one, of(&event("a", Some("bc"))));
        assert_ne!(of(&event("a", None)), of(&event("a", Some(""))));
    }
}
