//! What is going on, while it goes on: a line for each feed on a terminal, elsewhere and with
//! `-v` a line for each event.

use std::time::{Duration, Instant};

use indicatif::{DecimalBytes, HumanCount, MultiProgress, ProgressBar, ProgressStyle};

use super::screen::Screen;
use crate::archive::Ingested;
use crate::fetch;
use crate::format::visible;
use crate::sync::Stage;
use crate::time::describe;

/// How often a line is drawn though nothing happens, so that it is seen to live.
const TICK: Duration = Duration::from_millis(120);

/// Shows what happens. Whatever is printed meanwhile goes through [`Board::aside`].
pub(super) struct Board<'a> {
    screen: &'a Screen,
    lines: Vec<Line>,
    terminal: Option<MultiProgress>,
}

/// Something that happens to one feed or source.
pub(super) enum Event {
    /// To the feed.
    Stage(Stage),
    /// To one of its requests.
    Request(fetch::Progress),
}

struct Line {
    name: String,
    bar: Option<ProgressBar>,
    began: Instant,
    counts: Ingested,
    downloaded: u64,
}

impl<'a> Board<'a> {
    /// A line for each of these names.
    pub(super) fn new(screen: &'a Screen, names: Vec<String>) -> Board<'a> {
        let terminal = screen.progress().then(MultiProgress::new);
        let widest = names.iter().map(|name| name.chars().count()).max();
        let width = widest.unwrap_or_default();
        let line = |name: String| Line {
            bar: terminal
                .as_ref()
                .map(|all| all.add(bar(format!("{name:width$}")))),
            name,
            began: Instant::now(),
            counts: Ingested::default(),
            downloaded: 0,
        };
        let lines = names.into_iter().map(line).collect();
        Board {
            screen,
            lines,
            terminal,
        }
    }

    /// Shows what happens to the line of that number.
    pub(super) fn show(&mut self, number: usize, event: &Event) {
        let Some(line) = self.lines.get_mut(number) else {
            return;
        };
        let Some(text) = line.text(event) else {
            return;
        };
        match &line.bar {
            Some(bar) => bar.set_message(visible(&text).into_owned()),
            None => self.screen.detail(format_args!("{}: {text}", line.name)),
        }
    }

    /// Lets something be printed that lines do not overwrite.
    pub(super) fn aside(&self, print: impl FnOnce(&Screen)) {
        match &self.terminal {
            Some(all) => all.suspend(|| print(self.screen)),
            None => print(self.screen),
        }
    }
}

/// The lines go when there is nothing more to come: the summary says it all.
impl Drop for Board<'_> {
    fn drop(&mut self) {
        for bar in self.lines.iter().filter_map(|line| line.bar.as_ref()) {
            bar.finish_and_clear();
        }
    }
}

fn bar(prefix: String) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_prefix(prefix);
    let style = ProgressStyle::with_template("{spinner} {prefix}  {wide_msg}");
    bar.set_style(style.expect("the template is a constant"));
    bar.enable_steady_tick(TICK);
    bar
}

impl Line {
    /// What to say of an event; nothing where another says it.
    fn text(&mut self, event: &Event) -> Option<String> {
        let text = match event {
            Event::Stage(Stage::Kept(counts)) => {
                self.counts = *counts;
                return (counts.received > 0).then(|| self.rows());
            }
            Event::Stage(Stage::Asking(purpose)) => format!("asking for {purpose}"),
            Event::Stage(Stage::Waiting(wait)) => format!("waiting for {}", describe(*wait)),
            Event::Stage(Stage::Over) => "ended".to_owned(),
            Event::Request(fetch::Progress::Retrying { wait, why, .. }) => {
                format!("{why}; again in {}", describe(*wait))
            }
            Event::Request(fetch::Progress::Asking { purpose, attempt }) if *attempt > 1 => {
                format!("asking for {purpose} again")
            }
            Event::Request(fetch::Progress::Asking { .. }) => return None,
            Event::Request(fetch::Progress::Bytes(bytes)) => {
                return self.downloading(*bytes);
            }
        };
        if self.bar.is_some() && self.counts.received > 0 {
            return Some(format!("{}, {text}", self.rows()));
        }
        Some(text)
    }

    fn rows(&self) -> String {
        let received = self.counts.received;
        let millis = self.began.elapsed().as_millis().max(1);
        let rate = u128::from(received) * 1_000 / millis;
        let rate = u64::try_from(rate).unwrap_or(u64::MAX);
        format!("{} rows, {}/s", HumanCount(received), HumanCount(rate))
    }

    /// Small answers are over before they are read; only a download is worth a word.
    fn downloading(&mut self, bytes: u64) -> Option<String> {
        const WORTH_A_WORD: u64 = 1 << 20;
        let before = std::mem::replace(&mut self.downloaded, bytes);
        let another = bytes / WORTH_A_WORD > before / WORTH_A_WORD;
        another.then(|| format!("downloading, {}", DecimalBytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line() -> Line {
        Line {
            name: "safe-us/reports".to_owned(),
            bar: None,
            began: Instant::now(),
            counts: Ingested::default(),
            downloaded: 0,
        }
    }

    #[test]
    fn each_event_is_told_once() {
        let asking = |attempt| fetch::Progress::Asking {
            purpose: "users".to_owned(),
            attempt,
        };
        let mut line = line();
        for (event, text) in [
            (
                Event::Stage(Stage::Asking("users".to_owned())),
                Some("asking for users"),
            ),
            (Event::Request(asking(1)), None),
            // The page that notes a report's id, say.
            (Event::Stage(Stage::Kept(Ingested::default())), None),
            (Event::Request(asking(2)), Some("asking for users again")),
            (
                Event::Stage(Stage::Waiting(Duration::from_secs(5))),
                Some("waiting for 5 s"),
            ),
            (Event::Request(fetch::Progress::Bytes(500)), None),
            (
                Event::Request(fetch::Progress::Bytes(3 << 20)),
                Some("downloading, 3.15 MB"),
            ),
        ] {
            assert_eq!(line.text(&event).as_deref(), text);
        }
    }

    #[test]
    fn rows_are_counted_with_their_rate() {
        let mut line = line();
        line.began -= Duration::from_secs(10);
        let counts = Ingested {
            received: 120_000,
            ..Ingested::default()
        };
        let text = line.text(&Event::Stage(Stage::Kept(counts))).unwrap();
        assert!(text.starts_with("120,000 rows, 1"), "{text}");
    }
}
