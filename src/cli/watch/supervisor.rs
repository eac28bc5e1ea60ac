//! Says what the daemon does: to whoever reads standard error, and to systemd.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::super::Session;
use super::super::failure::Failure;
use super::super::jobs::SAME_SIGNAL;
use super::super::outcome::{self, OutputForm};
use super::super::signals::end_at_once;
use super::line;
use crate::fetch::clock::{Clock, SystemClock};
use crate::sync::daemon::Turn;

/// Speaks for the daemon.
pub(super) struct Supervisor<'a> {
    pub(super) session: &'a Session,
    form: OutputForm,
    feeds: usize,
    /// What came of the last run of each feed, for systemd's status line.
    last: BTreeMap<String, String>,
    /// Tells the daemon to end.
    stop: watch::Sender<bool>,
    /// When we were asked to end.
    asked: Option<Instant>,
    /// How often systemd wants to hear that we are alive.
    heartbeat: Option<tokio::time::Interval>,
}

impl<'a> Supervisor<'a> {
    pub(super) fn new(session: &'a Session, form: OutputForm, feeds: usize) -> Supervisor<'a> {
        let beat = |limit: Duration| tokio::time::interval(limit / 3);
        Supervisor {
            session,
            form,
            feeds,
            last: BTreeMap::new(),
            stop: watch::channel(false).0,
            asked: None,
            heartbeat: systemd::watchdog().map(beat),
        }
    }

    pub(super) fn ready(&self) {
        let watching = self.watching();
        self.say(&line::event("ready", &watching, self.form));
        systemd::ready(&watching);
    }

    /// Says what came of a run, on one line.
    pub(super) fn tell(&mut self, turn: &Turn) {
        let name = outcome::name(&turn.outcome);
        let line = line::of(turn, SystemClock.now(), self.form);
        if turn.outcome.ending.is_ok() && turn.outcome.lost.is_empty() {
            self.say(&line);
        } else {
            self.session.screen.alarm(&line);
        }
        self.last.insert(name, line::summary(turn));
        let all: Vec<&str> = self.last.values().map(String::as_str).collect();
        systemd::status(&all.join("; "));
    }

    /// Ends when systemd should hear from us again; never where it does not care.
    pub(super) async fn heartbeat(&mut self) {
        match &mut self.heartbeat {
            Some(interval) => drop(interval.tick().await),
            None => std::future::pending().await,
        }
    }

    pub(super) fn alive(&self) {
        systemd::alive();
    }

    pub(super) fn reloaded(&mut self, feeds: usize) {
        self.feeds = feeds;
        self.last.clear();
        let watching = self.watching();
        self.say(&line::event("reloaded", &watching, self.form));
        systemd::reloaded(&watching);
    }

    pub(super) fn not_reloaded(&self, failure: &Failure) {
        let text = format!("{}; what was configured before goes on", failure.error);
        let line = line::event("not reloaded", &text, self.form);
        self.session.screen.alarm(&line);
        for hint in &failure.hints {
            self.session.screen.note(format_args!("  hint: {hint}"));
        }
    }

    /// Turns true when the daemon is to end.
    pub(super) fn stopped(&self) -> watch::Receiver<bool> {
        self.stop.subscribe()
    }

    /// We are asked to end; for the second time, at once.
    pub(super) fn end(&mut self) {
        match self.asked {
            Some(first) if first.elapsed() > SAME_SIGNAL => end_at_once(),
            Some(_) => {}
            None => {
                self.asked = Some(Instant::now());
                let text = "what was kept stays; once more ends at once";
                self.say(&line::event("ending", text, self.form));
                systemd::stopping();
                self.stop.send_replace(true);
            }
        }
    }

    fn watching(&self) -> String {
        match self.feeds {
            1 => "watching 1 feed".to_owned(),
            many => format!("watching {many} feeds"),
        }
    }

    fn say(&self, line: &str) {
        self.session.screen.note(line);
    }
}

/// What systemd is told. That it does not hear is no failure of ours.
#[cfg(unix)]
mod systemd {
    use std::time::Duration;

    use sd_notify::{NotifyState, notify, watchdog_enabled};

    pub(super) fn ready(status: &str) {
        let _ = notify(&[NotifyState::Ready, NotifyState::Status(status)]);
    }

    pub(super) fn status(status: &str) {
        let _ = notify(&[NotifyState::Status(status)]);
    }

    pub(super) fn reloaded(status: &str) {
        if let Ok(now) = NotifyState::monotonic_usec_now() {
            let _ = notify(&[NotifyState::Reloading, now]);
        }
        ready(status);
    }

    pub(super) fn stopping() {
        let _ = notify(&[NotifyState::Stopping]);
    }

    pub(super) fn alive() {
        let _ = notify(&[NotifyState::Watchdog]);
    }

    pub(super) fn watchdog() -> Option<Duration> {
        watchdog_enabled().filter(|limit| !limit.is_zero())
    }
}

/// There is no systemd here.
#[cfg(not(unix))]
mod systemd {
    use std::time::Duration;

    pub(super) fn ready(_status: &str) {}
    pub(super) fn status(_status: &str) {}
    pub(super) fn reloaded(_status: &str) {}
    pub(super) fn stopping() {}
    pub(super) fn alive() {}
    pub(super) fn watchdog() -> Option<Duration> {
        None
    }
}
