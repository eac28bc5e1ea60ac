//! The time of day and waiting, so that tests can set the one and need not do the other.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;

use crate::event::Timestamp;

/// Where the time comes from, and who waits.
pub trait Clock: Send + Sync {
    /// This moment.
    fn now(&self) -> Timestamp;

    /// Waits that long.
    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the Clock that time comes from"
    )]
    fn now(&self) -> Timestamp {
        chrono::Utc::now().into()
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// The machine's clock, set back by so much: for demos of what happened some time ago.
#[derive(Debug, Clone, Copy)]
pub struct SetBack(pub Duration);

impl Clock for SetBack {
    fn now(&self) -> Timestamp {
        SystemClock.now().before(self.0)
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(tokio::time::sleep(duration))
    }
}

/// A clock for tests: it stands still, but for sleeping, which moves it on at once.
#[derive(Debug)]
pub struct TestClock(Mutex<TestTime>);

#[derive(Debug)]
struct TestTime {
    now: Timestamp,
    slept: Vec<Duration>,
}

impl TestClock {
    /// A clock that stands at `now`.
    pub fn at(now: Timestamp) -> TestClock {
        TestClock(Mutex::new(TestTime {
            now,
            slept: Vec::new(),
        }))
    }

    /// Moves the time on, without anyone having slept.
    pub fn advance(&self, duration: Duration) {
        let mut time = self.time();
        time.now = time.now.after(duration);
    }

    /// Sets it, as people and machines do with clocks.
    pub fn set(&self, now: Timestamp) {
        self.time().now = now;
    }

    /// How long was slept each time so far, in order.
    pub fn slept(&self) -> Vec<Duration> {
        self.time().slept.clone()
    }

    /// The time, even if a test died holding it.
    fn time(&self) -> MutexGuard<'_, TestTime> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        self.time().now
    }

    fn sleep(&self, duration: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let mut time = self.time();
            time.now = time.now.after(duration);
            time.slept.push(duration);
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn sleeping_moves_a_test_clock_on_and_is_recorded() {
        let clock = TestClock::at(Timestamp::from_millis(1_000));
        clock.sleep(Duration::from_micros(1_500)).await;
        clock.advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Timestamp::from_millis(2_002));
        assert_eq!(clock.slept(), [Duration::from_micros(1_500)]);
    }
}
