//! Tells the hooks what a round found that they have not heard of.

use super::json;
use super::memory::Memory;
use super::round::{Checked, Round};
use crate::check::Outcome;
use crate::cli::failure::{Exit, Failure};
use crate::cli::jobs;
use crate::cli::notify::Hooks;
use crate::cli::notify::alarm::Alarm;
use crate::cli::screen::Screen;
use crate::cli::signals::Signals;

/// Tells each hook. What is delivered is on record at once; where one alarm is not, the others wait
/// with it for the next run. That telling fails is a warning, and no more.
///
/// # Errors
/// The system gives no threads, or does not let us listen for signals.
pub(super) fn all(
    screen: &Screen,
    hooks: &Hooks,
    round: &Round,
    memory: &mut Memory,
) -> Result<Exit, Failure> {
    let ways = memory.hooks();
    if ways.is_empty() {
        return Ok(Exit::Ok);
    }
    jobs::runtime()?.block_on(async {
        let mut signals = Signals::listen()?;
        let telling = async {
            for way in ways {
                if let Err(why) = one(hooks, way, round, memory).await {
                    screen.warning(why);
                }
            }
        };
        tokio::select! {
            () = telling => Ok(Exit::Ok),
            () = signals.next() => Ok(Exit::Interrupted),
        }
    })
}

async fn one(
    hooks: &Hooks,
    (listener, way): (usize, &str),
    round: &Round,
    memory: &mut Memory,
) -> Result<(), String> {
    for check in &round.checks {
        let name = &check.asked.name;
        if check.is_news(listener) {
            let delivered = hooks
                .alarm(way, &alarm(check, listener), round.ran_at)
                .await;
            delivered.map_err(|why| {
                format!("check {name} is not told by {way}: {why}; the next run tries again")
            })?;
        }
        let kept = memory.told(check, listener);
        kept.map_err(|why| format!("what is told by {way} is not on record: {why}"))?;
    }
    Ok(())
}

fn alarm(check: &Checked, listener: usize) -> Alarm {
    let name = &check.asked.name;
    let severity = check
        .query
        .severity
        .map(|severity| format!(" ({severity})"));
    let severity = severity.unwrap_or_default();
    let about = match check.query.about.as_str() {
        "" => String::new(),
        about => format!("{about}: "),
    };
    let said = check.said(listener);
    let message = match check.outcome(listener) {
        Outcome::Error => {
            format!(
                "check {name}{severity} has no answer: {said}; `trailkeep check {name}` asks again"
            )
        }
        _ => format!(
            "check {name}{severity}: {about}{said}; `{}` shows them",
            check.query_command()
        ),
    };
    let details = json::of(check, listener, true);
    Alarm { message, details }
}
