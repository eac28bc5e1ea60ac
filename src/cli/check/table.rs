//! A round of checks for people: a line for each, and beneath it the rows that should not be there.

use std::fmt::Write as _;
use std::io;

use super::form::{Look, more, shown};
use super::round::{Checked, Round, SCREEN};
use crate::check::Outcome;
use crate::format::visible;
use crate::query::Severity;

/// The round as text.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn text(round: &Round, look: Look) -> io::Result<String> {
    let mut text = String::new();
    let is_shown = |check: &&Checked| !look.quiet || check.outcome(SCREEN) >= Outcome::Alarm;
    for check in round.checks.iter().filter(is_shown) {
        text += &block(check, look)?;
    }
    if !look.quiet {
        let _ = writeln!(text, "{}", round.sum());
    }
    Ok(text)
}

/// What stands beneath a check's own line begins so far to the right.
const INDENT: &str = "    ";

fn block(check: &Checked, look: Look) -> io::Result<String> {
    let outcome = painted(check.outcome(SCREEN), look.colours);
    let severity = check.query.severity.map_or("-", Severity::name);
    let (name, said) = (&check.asked.name, check.said(SCREEN));
    let words = visible_line(&format!("{severity:<8}  {name}: {said}"));
    let line = format!("{outcome}  {words}");
    let beneath = beneath(check, look.width)?;
    if beneath.is_empty() {
        return Ok(line + "\n");
    }
    let beneath = beneath.iter().map(|line| format!("{INDENT}{line}\n"));
    Ok(format!("{line}\n{}\n", beneath.collect::<String>()))
}

fn beneath(check: &Checked, width: Option<usize>) -> io::Result<Vec<String>> {
    let mut lines = Vec::new();
    if check.news(SCREEN).is_some() && !check.query.about.is_empty() {
        lines.push(visible_line(&check.query.about));
    }
    let room = width.map(|width| width.saturating_sub(INDENT.len()));
    // The table's own text is fit to be seen, and its lines are lines.
    let rows = shown(check, "table", room)?.unwrap_or_default();
    lines.extend(rows.lines().map(str::to_owned));
    lines.extend(more(check).as_deref().map(visible_line));
    let error = check.answer.as_ref().err().map(ToString::to_string);
    lines.extend(
        error
            .iter()
            .flat_map(|error| error.lines().skip(1))
            .map(visible_line),
    );
    let explained = check.explained();
    let words = explained.iter().chain(check.flaws());
    lines.extend(words.map(|line| visible_line(line)));
    Ok(lines)
}

/// As wide as the longest.
fn painted(outcome: Outcome, colours: bool) -> String {
    let colour = match outcome {
        Outcome::Pass => "32",
        Outcome::Known => "33",
        Outcome::Alarm | Outcome::Error => "1;31",
    };
    let word = format!("{:<5}", outcome.name());
    if colours {
        format!("\x1b[{colour}m{word}\x1b[0m")
    } else {
        word
    }
}

fn visible_line(line: &str) -> String {
    visible(line).into_owned()
}
