//! What an archive's failure means for the shell, and what to do about it.

use super::Exit;
use crate::archive::ArchiveError;

pub(super) fn exit(error: &ArchiveError) -> Exit {
    use ArchiveError::{
        CursorMoved, Damaged, Full, Io, Locked, Missing, Newer, Older, ReadOnly, Removed, Sqlite,
    };
    match error {
        Missing(_) | Newer(_) | Older(_) | ReadOnly(_) | Io { .. } => Exit::Usage,
        Full(_) | Removed(_) | Sqlite { .. } => Exit::SourceFailed,
        Locked { .. } | CursorMoved(_) => Exit::Locked,
        Damaged { .. } => Exit::Damaged,
    }
}

pub(super) fn hint(error: &ArchiveError) -> Option<&'static str> {
    Some(match error {
        ArchiveError::Missing(_) => {
            "run `trailkeep sync` to make it, or name another with --archive"
        }
        ArchiveError::Newer(_) => "upgrade trailkeep",
        ArchiveError::Older(_) => "the next `trailkeep sync` or `import` brings it up to date",
        ArchiveError::Damaged { .. } => {
            "is it the right file? then restore it from a backup, and keep this one"
        }
        ArchiveError::Locked { .. } => "wait for it to end",
        ArchiveError::Full(_) => "make room and run it again; nothing is lost",
        ArchiveError::Removed(_) => "run it again: what the vendors still hold is fetched anew",
        ArchiveError::ReadOnly(_) => {
            "a cursor is kept in the archive, so it must be yours to write; without --cursor \
             nothing is written"
        }
        ArchiveError::CursorMoved(_) => {
            "one run at a time hands over under a cursor: end the other, or name another cursor"
        }
        ArchiveError::Io { .. } => {
            "its folder must be there, and be yours to write in, for SQLite's own files"
        }
        ArchiveError::Sqlite { .. } => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_cursor_meets_is_told_with_a_way_out() {
        for (error, code) in [
            (ArchiveError::ReadOnly("trail.db".into()), 2),
            (ArchiveError::CursorMoved("siem".to_owned()), 5),
        ] {
            assert_eq!(exit(&error) as u8, code, "{error}");
            assert!(
                hint(&error).is_some_and(|hint| hint.contains("cursor")),
                "{error}"
            );
        }
    }
}
