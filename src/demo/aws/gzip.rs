//! Compressed objects.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

/// These bytes, compressed.
pub(super) fn compressed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    let finished = written.and_then(|()| encoder.finish());
    finished.expect("writing to memory does not fail")
}
