//! What is told when, and that it is told once.

use std::collections::BTreeMap;

use insta::assert_snapshot;
use proptest::prelude::*;

use super::*;
use crate::coverage::{Log, Reach};

const START: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const LIMITS: Limits = Limits {
    look_back: Duration::from_secs(90 * 86_400),
    settle: Duration::from_secs(48 * 3_600),
    reach: Reach::Free,
    log: Log::Audit,
};

fn at(millis: i64) -> Timestamp {
    START.plus_millis(millis)
}

fn period(from: i64, to: i64) -> Period {
    Period {
        from: at(from),
        to: at(to),
    }
}

fn finding(name: &str) -> Finding {
    match name {
        "failure" => Finding::Failure {
            runs: 2,
            error: "no answer".to_owned(),
        },
        "gap" => Finding::Gap {
            gaps: vec![period(-9 * DAY, -8 * DAY), period(-7 * DAY, -5 * DAY)],
        },
        "loss" => Finding::Loss {
            missing: at(-80 * DAY),
            lost_from: at(10 * DAY),
        },
        "stale" => Finding::Stale {
            last: Some(at(-3 * DAY)),
        },
        "never" => Finding::Stale { last: None },
        other => panic!("{other}"),
    }
}

/// A feed that was tried, with these findings.
fn feed(findings: &[&str]) -> Watched {
    Watched {
        tried: true,
        limits: Some(LIMITS),
        findings: findings.iter().map(|name| finding(name)).collect(),
        ..Watched::unknown("acme", "api")
    }
}

fn losing(lost: &[Period]) -> Watched {
    Watched {
        lost: lost.to_vec(),
        ..feed(&[])
    }
}

/// What is on record, and what happens to it.
#[derive(Default)]
struct Record(BTreeMap<(String, String, String), Alert>);

impl Record {
    fn keep(&mut self, alert: &Alert) {
        let key = (alert.source.clone(), alert.feed.clone(), alert.what.clone());
        self.0.insert(key, alert.clone());
    }

    fn decide(&self, feeds: &[Watched], on: &[Occasion], now: Timestamp) -> Decision {
        let told: Vec<Alert> = self.0.values().cloned().collect();
        decide(&told, feeds, on, now)
    }

    /// What is told in a run, each notice delivered or none.
    fn run(&mut self, feed: &Watched, hours: i64, delivered: bool) -> Vec<Notice> {
        self.run_at(feed, at(hours * HOUR), delivered)
    }

    fn run_at(&mut self, feed: &Watched, now: Timestamp, delivered: bool) -> Vec<Notice> {
        let on = Occasion::ALL;
        let decision = self.decide(std::slice::from_ref(feed), &on, now);
        decision.keep.iter().for_each(|alert| self.keep(alert));
        for alert in &decision.forget {
            let key = (alert.source.clone(), alert.feed.clone(), alert.what.clone());
            self.0.remove(&key);
        }
        if delivered {
            let told = decision.notices.iter().map(|notice| &notice.told);
            told.for_each(|alert| self.keep(alert));
        }
        decision.notices
    }
}

fn words(notices: &[Notice]) -> String {
    let word = |notice: &Notice| match notice.details["recovered"].as_str() {
        Some(what) => format!("-{what}"),
        None => notice.occasion.name().to_owned(),
    };
    notices.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// Runs at these hours with these findings (`!` where nothing can be delivered), and what is told.
#[track_caller]
fn tells(runs: &[(i64, &str, &str)]) {
    let mut record = Record::default();
    for (hours, found, told) in runs {
        let delivered = !found.contains('!');
        let found: Vec<&str> = found.split_whitespace().filter(|one| *one != "!").collect();
        let notices = record.run(&feed(&found), *hours, delivered);
        assert_eq!(words(&notices), *told, "at {hours} h of {runs:?}");
    }
}

#[test]
fn each_thing_is_told_when_it_begins_and_when_it_is_over() {
    tells(&[
        (0, "", ""),
        (1, "failure", "failure"),
        (2, "failure", ""),
        (26, "failure stale", "stale"),
        (50, "failure stale gap", "gap"),
        (51, "", "-failure -gap -stale"),
        (52, "", ""),
        (60, "failure", "failure"),
    ]);
}

#[test]
fn what_was_not_delivered_is_told_again_and_only_what_was_told_recovers() {
    tells(&[
        (0, "failure !", "failure"),
        (1, "failure !", "failure"),
        (2, "failure", "failure"),
        (3, "failure", ""),
        (4, "!", "-failure"),
        (5, "!", "-failure"),
        (6, "failure", ""),
        (7, "", "-failure"),
        (8, "", ""),
    ]);
    tells(&[(0, "gap !", "gap"), (1, "", ""), (1, "gap", "gap")]);
}

#[test]
fn what_flaps_is_not_told_each_time() {
    let mut record = Record::default();
    let mut told = Vec::new();
    for run in 0..12 {
        let found: &[&str] = if run % 2 == 0 { &["failure"] } else { &[] };
        let notices = record.run_at(&feed(found), at(run * 5 * 60_000), true);
        told.push(words(&notices));
    }
    assert_eq!(told[..2], ["failure", "-failure"]);
    assert_eq!(told[2..].concat(), "");
    // Once it stays, it is told.
    let notices = record.run(&feed(&["failure"]), 2, true);
    assert_eq!(words(&notices), "failure");
}

#[test]
fn an_alert_keeps_the_moment_it_was_found_until_it_is_told() {
    let mut record = Record::default();
    record.run(&feed(&["gap"]), 0, false);
    let notices = record.run(&feed(&["gap"]), 5, true);
    assert_eq!(notices[0].since, START);
    let notices = record.run(&feed(&[]), 7, true);
    assert_eq!(notices[0].details["lasted_seconds"], 7 * 3_600);
    assert_eq!(notices[0].since, START);
}

#[test]
fn that_a_feed_was_not_tried_does_not_say_that_it_works() {
    let mut record = Record::default();
    let unready = Watched::unknown("acme", "api").failing("env SECRET is not set");
    assert_eq!(words(&record.run(&unready, 0, true)), "failure");
    let absent = Watched {
        tried: false,
        ..feed(&[])
    };
    assert_eq!(words(&record.run(&absent, 1, true)), "");
    assert_eq!(words(&record.run(&feed(&[]), 2, true)), "-failure");
}

#[test]
fn a_feed_that_never_ran_to_its_end_is_not_told_to_be_stale_as_well() {
    tells(&[
        (0, "failure never", "failure"),
        (9, "failure never", ""),
        (10, "", "-failure"),
    ]);
    tells(&[
        (0, "never", "stale"),
        (1, "failure never", "failure"),
        (2, "", "-failure -stale"),
    ]);
}

#[test]
fn only_what_is_asked_for_is_told() {
    let mut record = Record::default();
    record.run(&feed(&["failure", "gap"]), 0, true);
    // From now on only gaps: the failure is forgotten, and nothing recovers.
    let on = [Occasion::Gap];
    let decision = record.decide(&[feed(&[])], &on, at(HOUR));
    assert_eq!(words(&decision.notices), "");
    assert_eq!(decision.forget.len(), 1);
    assert_eq!(decision.keep[0].ended_at, Some(at(HOUR)));
}

#[test]
fn alerts_of_other_feeds_stay_as_they_are() {
    let mut record = Record::default();
    record.run(&feed(&["failure"]), 0, true);
    let other = Watched::unknown("safe-us", "reports");
    let decision = record.decide(&[other], &Occasion::ALL, at(HOUR));
    assert!(decision.notices.is_empty() && decision.keep.is_empty());
    assert!(decision.forget.is_empty());
}

#[test]
fn what_is_lost_is_told_once_and_never_recovers() {
    let mut record = Record::default();
    let first = period(-100 * DAY, -98 * DAY);
    assert_eq!(words(&record.run(&losing(&[first]), 0, false)), "lost");
    assert_eq!(words(&record.run(&losing(&[first]), 1, true)), "lost");
    assert_eq!(words(&record.run(&losing(&[first]), 2, true)), "");
    // It grows: told again after a day, and only what is new of it.
    let grown = period(-100 * DAY, -97 * DAY);
    assert_eq!(words(&record.run(&losing(&[grown]), 3, true)), "");
    let again = record.run(&losing(&[grown]), 26, true);
    assert_eq!(words(&again), "lost");
    assert_eq!(
        again[0].details["lost"][0]["from"],
        at(-98 * DAY).to_string()
    );
    // Another stretch is told at once.
    let other = period(-92 * DAY, -91 * DAY);
    assert_eq!(
        words(&record.run(&losing(&[grown, other]), 27, true)),
        "lost"
    );
    assert_eq!(words(&record.run(&losing(&[]), 28, true)), "");
    assert_eq!(words(&record.run(&losing(&[grown, other]), 80, true)), "");
}

#[test]
fn a_gap_that_the_vendor_forgot_did_not_recover() {
    let mut record = Record::default();
    record.run(&feed(&["gap", "loss"]), 0, true);
    let lost = period(-90 * DAY, -89 * DAY);
    assert_eq!(words(&record.run(&losing(&[lost]), 30, true)), "lost");
    assert_eq!(words(&record.run(&losing(&[lost]), 31, true)), "");
    // What was lost long before takes nothing from a recovery.
    let mut record = Record::default();
    let before = period(-100 * DAY, -95 * DAY);
    let gap = Watched {
        lost: vec![before],
        ..feed(&["gap"])
    };
    assert_eq!(words(&record.run(&gap, 0, true)), "gap lost");
    assert_eq!(words(&record.run(&losing(&[before]), 1, true)), "-gap");
}

#[test]
fn every_notice_says_what_is_wrong_and_what_to_do() {
    let mut messages = Vec::new();
    for name in ["failure", "gap", "loss", "stale", "never"] {
        let mut record = Record::default();
        let found = record.run(&feed(&[name]), 0, true).remove(0);
        let over = record.run(&feed(&[]), 5, true).remove(0);
        messages.extend([found.message, over.message]);
    }
    let lost = losing(&[period(-100 * DAY, -98 * DAY)]);
    messages.push(Record::default().run(&lost, 0, true).remove(0).message);
    assert_snapshot!(messages.join("\n"), @"
    acme/api failed 2 times in a row: no answer; `trailkeep sync acme/api` tries again
    acme/api syncs again, after 5 h; nothing is to be done
    acme/api has not read 3 days in 2 stretches, from 2026-09-12T14:13Z to 2026-09-16T14:13Z, which the vendor still has; `trailkeep sync acme/api` reads it
    acme/api has no gap any more, after 5 h; nothing is to be done
    acme/api may miss events since 2026-07-03T14:13Z, which the vendor begins to forget on 2026-10-01T14:13Z; `trailkeep sync acme/api` reads them
    acme/api is about to lose nothing any more, after 5 h; nothing is to be done
    acme/api has not run to its end since 2026-09-18T14:13Z; is the schedule still running? `trailkeep sync acme/api` says what is wrong
    acme/api is up to date again, after 5 h; nothing is to be done
    acme/api has not run to its end yet; is the schedule still running? `trailkeep sync acme/api` says what is wrong
    acme/api is up to date again, after 5 h; nothing is to be done
    acme/api has lost 48 h, from 2026-06-13T14:13Z to 2026-06-15T14:13Z, which the vendor no longer has; whoever has an export of it: `trailkeep import FILE --source acme --covers FROM..TO`
    ");
}

#[test]
fn a_notice_is_one_object() {
    let notice = Record::default().run(&feed(&["gap"]), 0, true).remove(0);
    let json: Value = serde_json::from_str(&notice.json("/var/lib/trailkeep.db")).unwrap();
    assert_eq!(json["text"], json["message"]);
    assert_snapshot!(serde_json::to_string_pretty(&json).unwrap(), @r#"
    {
      "event": "gap",
      "source": "acme",
      "feed": "api",
      "since": "2026-09-21T14:13:20.000Z",
      "message": "acme/api has not read 3 days in 2 stretches, from 2026-09-12T14:13Z to 2026-09-16T14:13Z, which the vendor still has; `trailkeep sync acme/api` reads it",
      "text": "acme/api has not read 3 days in 2 stretches, from 2026-09-12T14:13Z to 2026-09-16T14:13Z, which the vendor still has; `trailkeep sync acme/api` reads it",
      "details": {
        "gaps": [
          {
            "from": "2026-09-12T14:13:20.000Z",
            "to": "2026-09-13T14:13:20.000Z"
          },
          {
            "from": "2026-09-14T14:13:20.000Z",
            "to": "2026-09-16T14:13:20.000Z"
          }
        ]
      },
      "archive": "/var/lib/trailkeep.db",
      "version": "0.1.0"
    }
    "#);
}

const WHAT: [&str; 4] = ["failure", "gap", "loss", "stale"];

proptest! {
    #[test]
    fn each_thing_begins_and_recovers_in_turn_whatever_happens(
        runs in prop::collection::vec((0_u8..16, 1_i64..3_000, any::<bool>(), any::<bool>()), 1..60),
    ) {
        let mut record = Record::default();
        let mut told: BTreeMap<&str, bool> = BTreeMap::new();
        let mut minutes = 0;
        let last = (0b1010, 300, true, true);
        for (found, later, tried, delivered) in runs.into_iter().chain([last, last]) {
            minutes += later;
            let moment = at(minutes * 60_000);
            let bits = WHAT.iter().enumerate().filter(|(bit, _)| found & (1 << bit) != 0);
            let found: Vec<&str> = bits.map(|(_, what)| *what).collect();
            let now = Watched { tried, ..feed(&found) };
            let notices = record.run_at(&now, moment, delivered);
            if !delivered {
                continue;
            }
            for what in WHAT {
                let of_it = |notice: &&Notice| notice.told.what == what;
                let news: Vec<_> = notices.iter().filter(of_it).collect();
                prop_assert!(news.len() <= 1);
                for notice in news {
                    let begins = notice.occasion != Occasion::Recovery;
                    prop_assert_eq!(found.contains(&what), begins);
                    prop_assert_ne!(told.insert(what, begins).unwrap_or(false), begins);
                }
            }
            // Nothing changes: nothing is told, and nothing written.
            let on = Occasion::ALL;
            let again = record.decide(std::slice::from_ref(&now), &on, moment);
            prop_assert!(again.notices.is_empty() && again.keep.is_empty());
            prop_assert!(again.forget.is_empty());
        }
        // What stays is told in the end, and what is over is told to be.
        for (bit, what) in WHAT.iter().enumerate() {
            prop_assert_eq!(told.get(what).copied().unwrap_or(false), 0b1010 & (1 << bit) != 0);
        }
    }
}
