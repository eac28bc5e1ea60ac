//! Keeps the index of full-text search as the config says.

use std::path::Path;

use super::jobs::holder;
use super::screen::Screen;
use crate::archive::{Archive, ArchiveError};

/// An index of fewer events is built before anybody asks what takes so long.
const SILENT_MAX: u64 = 50_000;

/// Switches the index on or off, and brings it up to what is archived already. It goes on where it
/// was left, so that it may be ended at any time.
///
/// # Errors
/// The archive cannot be written.
pub(super) fn bring_up(
    archive: &mut Archive,
    keep: bool,
    screen: &Screen,
) -> Result<(), ArchiveError> {
    archive.keep_search(keep)?;
    let total = archive.search_left()?;
    let say = |done: u64| {
        if total > SILENT_MAX {
            let percent = done.saturating_mul(100) / total;
            screen.note(format_args!("search index: {percent}% of {total} events"));
        }
    };
    if total > 0 {
        say(0);
    }
    let (mut done, mut said) = (0, 0);
    loop {
        let built = archive.build_search()?;
        if built == 0 {
            return Ok(());
        }
        done += built;
        if done.saturating_sub(said) > total / 10 || done == total {
            said = done;
            say(done);
        }
    }
}

/// Switches the index of an archive that nobody has open on or off; where there is much to index,
/// the runs to come do it little by little. Of an archive that cannot be had, its feeds will tell.
pub(super) fn switch(path: &Path, keep: bool, screen: &Screen) {
    if !path.exists() {
        return;
    }
    let switched =
        Archive::open(path, &holder("watch")).and_then(|mut archive| archive.keep_search(keep));
    if let Err(error) = switched {
        screen.detail(format_args!("the search index stays as it was: {error}"));
    }
}
