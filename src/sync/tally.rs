//! Counts and hashes the bytes of a file while it is read.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

/// How many bytes were read, and their SHA-256.
#[derive(Clone, Default)]
pub struct Tally(Arc<Mutex<(u64, Sha256)>>);

impl Tally {
    /// The same bytes, counted as they pass.
    pub fn over<R: Read + Send>(&self, reader: R) -> impl Read + Send + use<R> {
        Counted {
            reader,
            tally: self.clone(),
        }
    }

    /// The count and hash of all that was read so far.
    pub fn total(&self) -> (u64, [u8; 32]) {
        let (bytes, hash) = &*self.0.lock().unwrap_or_else(PoisonError::into_inner);
        (*bytes, hash.clone().finalize().into())
    }

    fn add(&self, bytes: &[u8]) {
        let mut total = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        total.0 += bytes.len() as u64;
        total.1.update(bytes);
    }
}

struct Counted<R> {
    reader: R,
    tally: Tally,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.tally.add(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_passes_is_counted_and_hashed() {
        let tally = Tally::default();
        let mut read = String::new();
        tally
            .over(&b"evidence"[..])
            .read_to_string(&mut read)
            .unwrap();
        let expected: [u8; 32] = Sha256::digest(b"evidence").into();
        assert_eq!((read.as_str(), tally.total()), ("evidence", (8, expected)));
    }
}
