//! A query that reads every event of a large archive: that is said before it begins, and on a
//! terminal it is seen to live.

use std::io::{self, Write};
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressStyle};

use crate::archive::reader::Reader;
use crate::cli::screen::Screen;
use crate::query::plan::Served;
use crate::query::{Options, Query};

/// As long as this is there, a line tells how long the query has worked and how many rows it gave.
/// How much of it is done SQLite does not say.
pub(super) struct Scan {
    bar: Option<ProgressBar>,
}

/// So many events are read before anybody wonders.
const EVENTS_MAX: u64 = 1_000_000;

/// How far back the bound lies that is proposed.
const DAYS_PROPOSED: i64 = 30;

const TICK: Duration = Duration::from_millis(120);

impl Scan {
    /// Says what is coming, if it is worth a word. What is wrong with the query is for others to
    /// say.
    pub(super) fn announce(
        screen: &Screen,
        query: &Query,
        reader: &Reader,
        options: Options<'_>,
    ) -> Scan {
        let events = reader.extent().map_or(0, |extent| extent.events);
        let is_scan = || {
            query
                .plan(reader, options)
                .is_ok_and(|plan| plan.served == Served::Nothing)
        };
        if events <= EVENTS_MAX || !is_scan() {
            return Scan { bar: None };
        }
        let since = options.now.plus_millis(-DAYS_PROPOSED * 86_400_000);
        screen.note(format_args!(
            "this reads all {} events; a bound on time narrows it, as in time >= '{}'",
            HumanCount(events),
            since.datetime().format("%Y-%m-%d")
        ));
        Scan {
            bar: screen.progress().then(bar),
        }
    }

    /// So many rows have been written.
    pub(super) fn tell(&self, rows: u64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("{} rows", HumanCount(rows)));
        }
    }

    /// There is something else to be seen now.
    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Scan {
    fn drop(&mut self) {
        self.end();
    }
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{spinner} {elapsed}  {msg}");
    let bar = ProgressBar::new_spinner();
    bar.set_style(style.expect("the template is a constant"));
    bar.enable_steady_tick(TICK);
    bar
}

/// Standard output at a terminal, which does not show an answer and a line on its progress at once.
pub(super) struct Uncovered<'w> {
    pub(super) out: &'w mut dyn Write,
    pub(super) scan: &'w Scan,
}

impl Write for Uncovered<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.scan.end();
        self.out.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
