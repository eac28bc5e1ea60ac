//! How an answer is to look: the flags for it, and what they mean for a format.

use clap::{Args, ValueEnum};

use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::event::Timestamp;
use crate::format::{FormatKind, Null, Style};

/// How an answer looks.
#[derive(Debug, Clone, Copy, Default, Args)]
#[command(next_help_heading = "How an answer looks")]
pub(in crate::cli) struct Look {
    /// In a table, cut nothing, however wide it gets
    #[arg(long, conflicts_with = "vertical")]
    pub(in crate::cli) wide: bool,
    /// In a table, a line for each field
    #[arg(long)]
    pub(in crate::cli) vertical: bool,
    /// In a table, add to times how long ago they were
    #[arg(long)]
    pub(in crate::cli) ago: bool,
    /// In a table, numbers as 1,234,567 or as 1234567; never those of keys, ids, ports and years
    /// [default: grouped on a terminal, else plain]
    #[arg(long, value_enum, value_name = "HOW")]
    pub(in crate::cli) numbers: Option<Numbers>,
    /// In CSV, put a ' before texts that a spreadsheet would take for a formula: those that begin
    /// with = + - @, a tab or a line's end. Numbers stay as they are
    #[arg(long)]
    pub(in crate::cli) safe_csv: bool,
    /// Do not show what is longer than the screen by $PAGER, or by less
    #[arg(long)]
    pub(in crate::cli) no_pager: bool,
}

/// How numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Numbers {
    /// 1,234,567
    Grouped,
    /// 1234567
    Plain,
}

/// The words that [`Look::take`] knows.
pub(in crate::cli) const LOOKS: &[&str] = &["wide", "vertical", "ago", "plain", "grouped", "safe"];

impl Look {
    /// Takes on what a word stands for; none where it stands for nothing.
    pub(in crate::cli) fn take(&mut self, word: &str) -> Option<()> {
        match word {
            "wide" => self.wide = true,
            "vertical" => self.vertical = true,
            "ago" => self.ago = true,
            "plain" => self.numbers = Some(Numbers::Plain),
            "grouped" => self.numbers = Some(Numbers::Grouped),
            "safe" => self.safe_csv = true,
            _ => return None,
        }
        Some(())
    }

    /// Makes sure that a format can look so.
    ///
    /// # Errors
    /// A flag is for another format.
    pub(in crate::cli) fn suits(&self, format: &FormatKind) -> Result<(), Failure> {
        let is_table = format.name == "table";
        let misfits = [
            ("--wide", self.wide && !is_table, "a table"),
            ("--vertical", self.vertical && !is_table, "a table"),
            ("--ago", self.ago && !is_table, "a table"),
            ("--numbers", self.numbers.is_some() && !is_table, "a table"),
            ("--safe-csv", self.safe_csv && format.name != "csv", "csv"),
        ];
        let misfit = misfits.iter().find(|(_, misfits, _)| *misfits);
        misfit.map_or(Ok(()), |(flag, _, whose)| {
            Err(Failure::usage(format!(
                "{flag} is for {whose}, and this is {}",
                format.name
            )))
        })
    }

    /// What it means for a format that writes to a terminal or elsewhere.
    pub(in crate::cli) fn style(
        &self,
        screen: &Screen,
        on_terminal: bool,
        now: Timestamp,
    ) -> Style {
        let null = match (on_terminal, screen.data_colours()) {
            (false, _) => Null::Blank,
            (true, false) => Null::Word,
            (true, true) => Null::Faint,
        };
        Style {
            vertical: self.vertical,
            grouped: self
                .numbers
                .map_or(on_terminal, |how| how == Numbers::Grouped),
            null,
            ago: self.ago.then_some(now),
            safe: self.safe_csv,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_for_a_look_means_something() {
        for word in LOOKS {
            let mut look = Look::default();
            assert!(look.take(word).is_some(), "{word}");
            assert!(look.take("nonsense").is_none());
        }
    }
}
