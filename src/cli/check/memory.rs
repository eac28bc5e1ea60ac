//! What the archive has on record of checks, and what is to be added.

use std::path::Path;

use super::round::{Checked, Round, SCREEN};
use crate::archive::ArchiveError;
use crate::archive::checks::{Asked, Checks, Told};
use crate::check::Listener;
use crate::cli::failure::reasons;

/// The record. Without `--new` it is only added to, and a check does without where it cannot be.
pub(super) struct Memory {
    checks: Result<Checks, ArchiveError>,
    /// How it is told: on the screen first, then by hooks; nobody remembers where only what is new
    /// is not asked for.
    ways: Vec<&'static str>,
}

impl Memory {
    /// Opens the record.
    ///
    /// # Errors
    /// It must be read, to know what is new, and cannot.
    pub(super) fn open(
        path: &Path,
        asks_for_new: bool,
        hooks: Vec<&'static str>,
    ) -> Result<Memory, ArchiveError> {
        let checks = Checks::open(path);
        if !asks_for_new {
            let ways = Vec::new();
            return Ok(Memory { checks, ways });
        }
        Ok(Memory {
            checks: Ok(checks?),
            ways: ["screen"].into_iter().chain(hooks).collect(),
        })
    }

    /// Who is to hear of a check, each with what was told already.
    ///
    /// # Errors
    /// SQLite fails.
    pub(super) fn listeners(
        &self,
        asked: &Asked,
        limit: usize,
    ) -> Result<Vec<Listener>, ArchiveError> {
        let listener = |known| Listener { known, limit };
        match &self.checks {
            Ok(checks) if !self.ways.is_empty() => {
                let known = self.ways.iter().map(|way| checks.told(asked, way));
                known.map(|known| known.map(listener)).collect()
            }
            _ => Ok(vec![listener(Default::default())]),
        }
    }

    /// The hooks, each with its place among the listeners.
    pub(super) fn hooks(&self) -> Vec<(usize, &'static str)> {
        self.ways
            .iter()
            .copied()
            .enumerate()
            .skip(SCREEN + 1)
            .collect()
    }

    /// Keeps that the round was run, and what of it was told on the screen. Where nobody remembers,
    /// that it cannot be kept is told in words.
    ///
    /// # Errors
    /// What was told cannot be kept.
    pub(super) fn keep(&mut self, round: &Round) -> Result<Option<String>, ArchiveError> {
        let told = if self.ways.is_empty() {
            Vec::new()
        } else {
            let offences = round.checks.iter().map(|check| (check, check.told(SCREEN)));
            offences.collect()
        };
        let told = told.iter().filter_map(|(check, offences)| {
            let (way, before) = (*self.ways.first()?, &check.listeners.first()?.known);
            Some(Told {
                asked: &check.asked,
                way,
                before,
                now: offences,
            })
        });
        let told: Vec<Told<'_>> = told.collect();
        let runs = round.checks.iter();
        let runs = runs.filter_map(|check| check.on_record(round.ran_at, round.asks_for_new));
        let runs: Vec<_> = runs.collect();
        let kept = match &mut self.checks {
            Ok(checks) => checks.keep(&runs, &told),
            Err(why) => return Ok(Some(in_words(why))),
        };
        match kept {
            Err(why) if self.ways.is_empty() => Ok(Some(in_words(&why))),
            kept => kept.map(|()| None),
        }
    }

    /// Keeps that a check was told to one of its listeners.
    ///
    /// # Errors
    /// It cannot be kept.
    pub(super) fn told(&mut self, check: &Checked, listener: usize) -> Result<(), ArchiveError> {
        let heard = self.ways.get(listener).zip(check.listeners.get(listener));
        let (Ok(checks), Some((way, heard))) = (&mut self.checks, heard) else {
            return Ok(());
        };
        let told = Told {
            asked: &check.asked,
            way,
            before: &heard.known,
            now: &check.told(listener),
        };
        checks.keep(&[], &[told])
    }
}

fn in_words(error: &ArchiveError) -> String {
    let reasons = reasons(error)
        .into_iter()
        .map(|reason| format!(": {reason}"));
    format!("{error}{}", reasons.collect::<String>())
}
