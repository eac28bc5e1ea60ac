//! What is on record of each feed: its runs, and what is known of its time.

use std::time::Duration;

use rusqlite::{OptionalExtension, Row, params};

use super::Reader;
use crate::archive::{ArchiveError, FILE_FEED, coverage};
use crate::coverage::{Coverage, Joint, Limits, Log, Reach, Section};
use crate::event::Timestamp;

/// One feed as the archive knows it.
#[derive(Debug, Clone)]
pub struct FeedRecord {
    /// The source.
    pub source: String,
    /// The source's kind.
    pub kind: String,
    /// The feed.
    pub feed: String,
    /// What the feed can have from its vendor, as of its last run; none for files, and for a feed
    /// that brings users only.
    pub limits: Option<Limits>,
    /// Least time between two complete runs, as of its last run; zero where there are no limits.
    pub every: Duration,
    /// What is known of its time, files that the user vouches for among it.
    pub coverage: Coverage,
    /// When the last complete run began.
    pub last_complete: Option<Timestamp>,
    /// When the last run began, however it ended.
    pub last_run: Option<Timestamp>,
    /// How many runs have failed since the last complete one.
    pub failures: u64,
    /// Why the last run failed, if it did.
    pub error: Option<String>,
    /// How many events it has added.
    pub events: u64,
    /// How many bytes it has received.
    pub bytes: u64,
    /// Events of its last runs that came late.
    pub late: Late,
}

/// Events that were not there when their time had been read before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Late {
    /// How many.
    pub events: u64,
    /// How late the latest of them was at least.
    pub by: Duration,
}

/// The first schema that holds what is read here.
const LEDGER_SCHEMA: i64 = 4;

impl FeedRecord {
    /// Whether it brings events; else users only, and nothing is to be said of its time: it can
    /// have none of its vendor, and never claimed any.
    pub fn brings_events(&self) -> bool {
        let claims = !self.coverage.stretches().is_empty();
        self.limits.is_some() || self.feed == FILE_FEED || claims
    }

    /// The same, running so often where that is not on record: of a feed that brings users only.
    #[must_use]
    pub fn or_every(self, every: Duration) -> FeedRecord {
        let is_on_record = self.brings_events();
        FeedRecord {
            every: if is_on_record { self.every } else { every },
            ..self
        }
    }

    /// How its time stands, from its beginning to now. Of files only that is known which the user
    /// vouches for.
    pub fn sections(&self, now: Timestamp) -> Vec<Section> {
        if let Some(limits) = &self.limits {
            return self.coverage.sections(limits, now);
        }
        let stretches = self.coverage.stretches().iter();
        let section = stretches.map(|stretch| Section {
            period: stretch.period,
            standing: stretch.state.into(),
        });
        section.collect()
    }
}

/// How the time of a source stands, of which these are the feeds.
pub fn joint<'a>(feeds: impl Iterator<Item = &'a FeedRecord>, now: Timestamp) -> Joint {
    let (files, vendor): (Vec<_>, Vec<_>) = feeds.partition(|feed| feed.feed == FILE_FEED);
    let sections = |feeds: Vec<&FeedRecord>| feeds.iter().map(|feed| feed.sections(now)).collect();
    let files: Vec<Vec<Section>> = sections(files);
    Joint::new(sections(vendor), files.concat())
}

impl Reader {
    /// Every feed that ever ran, by source and feed; late events of runs since that moment.
    ///
    /// # Errors
    /// The archive is of an older schema, or SQLite fails.
    pub fn feeds(&self, late_since: Timestamp) -> Result<Vec<FeedRecord>, ArchiveError> {
        if self.version < LEDGER_SCHEMA {
            return Err(ArchiveError::Older(self.path.clone()));
        }
        self.read_feeds(late_since)
            .map_err(|error| self.failure(error))
    }

    fn read_feeds(&self, late_since: Timestamp) -> rusqlite::Result<Vec<FeedRecord>> {
        let mut find = self.connection.prepare(RUNS)?;
        let feeds = find.query_map([late_since.millis()], feed)?;
        let mut feeds: Vec<FeedRecord> = feeds.collect::<Result<_, _>>()?;
        for feed in &mut feeds {
            self.read_limits(feed)?;
            feed.coverage = coverage::of_feed(&self.connection, &feed.source, &feed.feed)?;
            if feed.brings_events() {
                feed.coverage = coverage::with_files(&self.connection, &feed.source, &feed.feed)?;
            }
        }
        Ok(feeds)
    }

    fn read_limits(&self, feed: &mut FeedRecord) -> rusqlite::Result<()> {
        let sql = "select look_back, reach, settle, every, log from feed
            where source = (select id from source where name = ?1) and feed = ?2";
        let limits = self
            .connection
            .query_row(sql, params![feed.source, feed.feed], |row| {
                let (reach, log): (String, String) = (row.get(1)?, row.get(4)?);
                let limits = Limits {
                    look_back: duration(row, 0)?,
                    // The table admits no other word.
                    reach: Reach::find(&reach).unwrap_or(Reach::Free),
                    log: Log::find(&log).unwrap_or(Log::Audit),
                    settle: duration(row, 2)?,
                };
                Ok((limits, duration(row, 3)?))
            });
        if let Some((limits, every)) = limits.optional()? {
            feed.limits = Some(limits);
            feed.every = every;
        }
        Ok(())
    }
}

const RUNS: &str = "
select
    s.name, s.kind, b.feed,
    max(iif(b.outcome = 'complete', b.started_at, null)) as last_complete,
    max(b.started_at) as last_run,
    (select count(*) from batch f where f.source = b.source and f.feed = b.feed
        and f.outcome = 'failed' and f.id > coalesce((select max(id) from batch c
            where c.source = b.source and c.feed = b.feed and c.outcome = 'complete'), 0)),
    (select l.error from batch l where l.source = b.source and l.feed = b.feed
        order by l.id desc limit 1),
    sum(b.added),
    sum(iif(b.started_at >= ?1, b.late, 0)),
    max(iif(b.started_at >= ?1, b.late_by, 0)),
    sum(b.bytes)
from batch b join source s on s.id = b.source
group by b.source, b.feed
order by 1, 3";

fn feed(row: &Row<'_>) -> rusqlite::Result<FeedRecord> {
    let moment = |n| {
        let millis: Option<i64> = row.get(n)?;
        Ok::<_, rusqlite::Error>(millis.map(Timestamp::from_millis))
    };
    Ok(FeedRecord {
        source: row.get(0)?,
        kind: row.get(1)?,
        feed: row.get(2)?,
        limits: None,
        every: Duration::ZERO,
        coverage: Coverage::default(),
        last_complete: moment(3)?,
        last_run: moment(4)?,
        failures: count(row, 5)?,
        error: row.get(6)?,
        events: count(row, 7)?,
        bytes: count(row, 10)?,
        late: Late {
            events: count(row, 8)?,
            by: duration(row, 9)?,
        },
    })
}

fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let count: i64 = row.get(column)?;
    Ok(count.unsigned_abs())
}

fn duration(row: &Row<'_>, column: usize) -> rusqlite::Result<Duration> {
    count(row, column).map(Duration::from_millis)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{Archive, Ending, Run};

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    const LIMITS: Limits = Limits {
        look_back: Duration::from_secs(90 * 86_400),
        settle: Duration::from_secs(86_400),
        reach: Reach::LastDays,
        log: Log::Audit,
    };

    /// Runs of a feed that ended so, a millisecond after one another.
    fn runs(archive: &mut Archive, feed: &str, endings: &[Ending]) {
        for (at, ending) in (0..).zip(endings) {
            let run = Run {
                source: "acme",
                kind: "sendsafely",
                feed,
                limits: (feed == "api").then_some(LIMITS),
                every: Duration::from_secs(300),
                lost: &[],
            };
            let now = NOW.plus_millis(at);
            let batch = archive.begin(&run, now).unwrap();
            archive.end(&batch, ending, (0, [0; 32]), now).unwrap();
        }
    }

    #[test]
    fn each_feed_says_how_its_runs_ended() {
        use Ending::{Complete, Failed, Interrupted};
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut archive = Archive::open(&path, "a test").unwrap();
        let failed = || Failed("no answer".to_owned());
        let endings = [failed(), Complete, Interrupted, failed(), failed()];
        runs(&mut archive, "api", &endings);
        runs(&mut archive, "file", &[Complete]);
        let feeds = Reader::open(&path).unwrap().feeds(NOW).unwrap();
        let [api, file] = feeds.as_slice() else {
            panic!("{feeds:?}")
        };
        assert_eq!((api.failures, api.error.as_deref()), (2, Some("no answer")));
        assert_eq!((file.failures, file.error.as_deref()), (0, None));
        assert_eq!(api.last_complete, Some(NOW.plus_millis(1)));
        assert_eq!(api.last_run, Some(NOW.plus_millis(4)));
        assert_eq!(api.limits, Some(LIMITS));
        assert_eq!(api.every, Duration::from_secs(300));
        assert_eq!((file.limits, file.every), (None, Duration::ZERO));
    }

    #[test]
    fn a_feed_of_users_has_no_time_of_its_own_and_none_of_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("archive.db");
        let mut archive = Archive::open(&path, "a test").unwrap();
        runs(&mut archive, "scim", &[Ending::Complete]);
        runs(&mut archive, FILE_FEED, &[Ending::Complete]);
        let stretch =
            "insert into stretch select id, 'file', 0, 9, 'complete', 9, 1, 1 from source";
        let db = rusqlite::Connection::open(&path).unwrap();
        db.execute_batch(stretch).unwrap();
        let feeds = Reader::open(&path).unwrap().feeds(NOW).unwrap();
        let [file, users] = feeds.as_slice() else {
            panic!("{feeds:?}")
        };
        assert!(file.brings_events() && !users.brings_events());
        assert_eq!(
            (file.sections(NOW).len(), users.sections(NOW).len()),
            (1, 0)
        );
        let day = Duration::from_secs(86_400);
        assert_eq!(users.clone().or_every(day).every, day);
        assert_eq!(file.clone().or_every(day).every, Duration::ZERO);
    }
}
