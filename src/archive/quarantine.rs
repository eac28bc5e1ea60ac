//! Records that were not understood, with the reason.

use rusqlite::{Connection, params};
use sha2::{Digest, Sha256};

/// Keeps a record; one that a source sent before is kept once.
pub(super) fn keep(
    db: &Connection,
    source: i64,
    page: i64,
    raw: &[u8],
    reason: &str,
    line: u64,
) -> rusqlite::Result<()> {
    let sha256: [u8; 32] = Sha256::digest(raw).into();
    let line = i64::try_from(line).unwrap_or(i64::MAX);
    db.prepare_cached(
        "insert into reject (source, page, line, reason, record, sha256)
         values (?1, ?2, ?3, ?4, ?5, ?6) on conflict do nothing",
    )?
    .execute(params![source, page, line, reason, raw, sha256])
    .map(drop)
}
