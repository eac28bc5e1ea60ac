//! What has been received so far, as it is written down with a batch.

use std::fs::File;
use std::io::{self, Read, Seek};

use sha2::{Digest, Sha256};

use crate::feed::Body;

/// Number of bytes, and SHA-256, of all bodies handed out, one after another.
#[derive(Default)]
pub(super) struct Received {
    bytes: u64,
    digest: Sha256,
}

impl Received {
    /// Counts a body in, and gives it back.
    pub(super) async fn take(&mut self, body: Body) -> io::Result<Body> {
        match body {
            Body::Disk(file) => {
                let digest = self.digest.clone();
                let counted = tokio::task::spawn_blocking(|| count(file, digest)).await;
                let (file, bytes, digest) = counted.map_err(io::Error::other)??;
                self.bytes = self.bytes.saturating_add(bytes);
                self.digest = digest;
                Ok(Body::Disk(file))
            }
            other => {
                let bytes = other.bytes()?;
                self.bytes = self.bytes.saturating_add(bytes.len() as u64);
                self.digest.update(&bytes);
                Ok(Body::Memory(bytes))
            }
        }
    }

    /// Both, so far.
    pub(super) fn so_far(&self) -> (u64, [u8; 32]) {
        (self.bytes, self.digest.clone().finalize().into())
    }
}

/// Reads a file from its start, and leaves it there.
fn count(mut file: File, mut digest: Sha256) -> io::Result<(File, u64, Sha256)> {
    let mut bytes = 0;
    let mut chunk = vec![0; 64 << 10];
    file.rewind()?;
    loop {
        let read = file.read(&mut chunk)?;
        let Some(part) = chunk.get(..read).filter(|part| !part.is_empty()) else {
            break;
        };
        bytes += read as u64;
        digest.update(part);
    }
    file.rewind()?;
    Ok((file, bytes, digest))
}
