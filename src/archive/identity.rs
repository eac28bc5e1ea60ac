//! What makes two records the same record, as numbers.

use sha2::{Digest, Sha256};

/// The key in table `identity` of an event with a vendor's id: 64 bits of SHA-256 of source and id.
/// `source` is the row of table `source`.
pub fn of_vendor_id(source: i64, id: &str) -> i64 {
    let digest = Sha256::new().chain_update(source.to_be_bytes()).chain_update(b"i").chain_update(id);
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

fn first_64(digest: &[u8]) -> i64 {
    let mut first = [0; 8];
    first.copy_from_slice(&digest[..8]);
    i64::from_be_bytes(first)
}
