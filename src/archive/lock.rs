//! One writer at a time: a lock file beside the archive, held by the system, not by its being
//! there, so that a killed run leaves no lock behind.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::archive::ArchiveError;

/// Held as long as it lives.
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock of an archive and writes down who has it.
    pub(super) fn take(archive: &Path, holder: &str) -> Result<Lock, ArchiveError> {
        let path = lock_path(archive);
        let io = |source| ArchiveError::Io {
            path: path.clone(),
            source,
        };
        let mut file = private().open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(ArchiveError::Locked {
                    path: archive.to_owned(),
                    holder: read_holder(&mut file),
                });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.write_all(holder.as_bytes()).map_err(io)?;
        Ok(Lock { _file: file })
    }
}

/// How files of ours are opened: made if there is none, and then for nobody else to read, since
/// an archive says who did what. One that is there keeps its rights.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn lock_path(archive: &Path) -> PathBuf {
    let mut name = archive.as_os_str().to_owned();
    name.push(".lock");
    name.into()
}

fn read_holder(file: &mut File) -> String {
    let mut holder = String::new();
    let is_read = file
        .rewind()
        .and_then(|()| file.read_to_string(&mut holder))
        .is_ok();
    if is_read && !holder.is_empty() {
        holder
    } else {
        "another run".to_owned()
    }
}
