//! An overview of every sort of feed, in each of the forms.

use std::fs;
use std::time::Duration;

use insta::assert_snapshot;

use super::overview::{FeedStatus, Overview, feeds};
use super::{check, prometheus, table};
use crate::archive::reader::{FeedRecord, Figures, Late};
use crate::cli::failure::Exit;
use crate::config::{Config, Environment, Overrides};
use crate::coverage::{Coverage, Limits, Log, Reach};
use crate::event::{Claim, Period, Timestamp};
use crate::health::Thresholds;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z
const HOUR: Duration = Duration::from_secs(3_600);
const LOSS: Duration = Duration::from_secs(14 * 86_400);

fn config(text: &str) -> Config {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trailkeep.toml");
    fs::write(&file, text).unwrap();
    let overrides = Overrides {
        config: Some(file),
        archive: None,
    };
    Config::load(&overrides, &Environment::default()).unwrap()
}

/// SendSafely portals of these names.
fn portals(names: &[&str]) -> Config {
    let portal = |name: &&str| {
        format!("[source.{name}]\nkind = \"sendsafely\"\nurl = \"https://{name}.example\"\n")
    };
    config(&names.iter().map(portal).collect::<String>())
}

/// A feed that was read at those hours ago, from so many hours ago on.
fn record(source: &str, feed: &str, reads: &[(u32, u32)]) -> FeedRecord {
    let ago = |hours: u32| NOW.before(HOUR * hours);
    let mut coverage = Coverage::default();
    for (from, to) in reads {
        let (from, to) = (ago(*from), ago(*to));
        let claim = Claim {
            period: Period { from, to },
            as_of: to,
        };
        coverage.claim(claim, HOUR * 48, 1);
    }
    FeedRecord {
        source: source.to_owned(),
        kind: "sendsafely".to_owned(),
        feed: feed.to_owned(),
        limits: Some(Limits {
            look_back: HOUR * 24 * 90,
            settle: HOUR * 48,
            reach: Reach::Free,
            log: Log::Audit,
        }),
        every: Duration::from_secs(300),
        coverage,
        last_complete: reads.last().map(|(_, to)| ago(*to)),
        last_run: None,
        failures: 0,
        error: None,
        events: 1_234,
        bytes: 5_000,
        late: Late::default(),
    }
}

fn overview(names: &[&str], records: Vec<FeedRecord>) -> Overview {
    let config = portals(names);
    let thresholds = Thresholds::default();
    let figures = Figures {
        schema: 2,
        bytes: 745_472,
        quarantined: 1_000,
        conflicts: 2,
    };
    Overview {
        now: NOW,
        path: "trailkeep.db".to_owned(),
        figures: Some(figures),
        events: records.iter().map(|record| record.events).sum(),
        feeds: feeds(&config.sources, records, &thresholds, NOW),
    }
}

/// One of each: well, without a run, failing and late, with a gap, near a loss, of files, vanished.
fn everything() -> Overview {
    let mut failing = record("failing", "api", &[(2_000, 3)]);
    (failing.failures, failing.error) = (3, Some("no answer | at all".to_owned()));
    failing.late = Late {
        events: 12,
        by: HOUR * 30,
    };
    overview(
        &["well", "new", "failing", "gapped", "losing"],
        vec![
            failing,
            record("gapped", "api", &[(2_000, 1_000), (990, 3)]),
            record("gone", "api", &[(2_000, 1_000), (900, 800)]),
            record("losing", "api", &[(5_000, 2_300), (2_000, 40)]),
            record("well", "api", &[(2_000, 3)]),
            FeedRecord {
                limits: None,
                ..record("well", "file", &[(4_000, 3_000)])
            },
        ],
    )
}

fn lines(rows: &[Vec<String>]) -> String {
    let lines = rows.iter().map(|row| row.join("|"));
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn defaults_of_the_config_are_those_of_health() {
    assert_eq!(super::thresholds(&portals(&[])), Thresholds::default());
}

#[test]
fn each_feed_is_a_row_and_the_archive_stands_beneath() {
    let overview = everything();
    assert_snapshot!(lines(&table::feeds(&overview)), @"
    FEED|     SUCCESS|   NEXT|EVENTS|  BYTES| LAG|FAILED|LOSS IN
    well/api|     3 h ago|due now| 1,234|5.00 kB| 3 h|     0|87 days
    new/api|       never|due now|     0|    0 B|   -|     0|-
    failing/api|     3 h ago|due now| 1,234|5.00 kB| 3 h|     3|87 days
    gapped/api|     3 h ago|due now| 1,234|5.00 kB| 3 h|     0|46 days
    losing/api|    40 h ago|due now| 1,234|5.00 kB|40 h|     0|now
    gone/api| 33 days ago|      -| 1,234|5.00 kB|   -|     0|-
    well/file|125 days ago|      -| 1,234|5.00 kB|   -|     0|-
    ");
    assert_snapshot!(lines(&table::archive(&overview)), @"
    |
    archive|trailkeep.db
    size|745.47 kB, schema 2
    events|7,404, 1,000 quarantined, 2 conflicts
    lost|losing/api: 5 days, for good
    vanished|gone/api: no longer configured, not watched
    ");
    let widths = crate::cli::screen::column_widths(&table::feeds(&overview));
    let longest = "safe-us/reports".len() - widths[0];
    let width = widths.iter().sum::<usize>() + 2 * (widths.len() - 1) + longest;
    assert!(width <= 80, "{width} columns");
}

#[test]
fn where_there_is_no_archive_every_feed_waits_for_its_first_run() {
    let mut overview = overview(&["new"], Vec::new());
    overview.figures = None;
    let rows = [table::feeds(&overview), table::archive(&overview)].concat();
    assert_snapshot!(lines(&rows), @"
    FEED|SUCCESS|   NEXT|EVENTS|BYTES|LAG|FAILED|LOSS IN
    new/api|  never|due now|     0|  0 B|  -|     0|-
    |
    archive|trailkeep.db
    ");
    assert_eq!(check::exit(&overview), Exit::Findings);
}

#[test]
fn the_first_line_of_a_check_names_what_is_not_well() {
    assert_snapshot!(check::line(&everything(), LOSS), @"
    CRITICAL - new/api: never succeeded; failing/api: 3 failures; gapped/api: gap of 10 h; losing/api: losing events now, last success 40 h ago, gap of 6 days | events=7404 bytes=745472B 'well/api lag'=10800s 'well/api loss'=7592100s;;1209600: 'failing/api lag'=10800s 'failing/api loss'=7592100s;;1209600: 'gapped/api lag'=10800s 'gapped/api loss'=4002900s;;1209600: 'losing/api lag'=144000s 'losing/api loss'=0s;;1209600:
    ");
    for (reads, line, exit) in [
        (
            vec![(2_000, 1)],
            "OK - 1 feed, 1,234 events, next loss in 87 days",
            Exit::Ok,
        ),
        (
            vec![(2_000, 40)],
            "WARNING - acme/api: last success 40 h ago",
            Exit::Findings,
        ),
        (
            vec![(2_140, 2_130), (2_120, 1)],
            "CRITICAL - acme/api: loss in 19 h, gap of 10 h",
            Exit::Findings,
        ),
    ] {
        let overview = overview(&["acme"], vec![record("acme", "api", &reads)]);
        let said = check::line(&overview, LOSS);
        assert_eq!(said.split(" | ").next(), Some(line));
        assert_eq!(check::exit(&overview), exit, "{line}");
    }
}

#[test]
fn what_comes_late_is_said_and_fails_no_check() {
    let mut late = record("acme", "api", &[(2_000, 1)]);
    late.late = Late {
        events: 1,
        by: HOUR * 47,
    };
    let overview = overview(&["acme"], vec![late.clone()]);
    assert_eq!(overview.feeds[0].health.findings.len(), 1);
    assert_eq!(check::exit(&overview), Exit::Ok);
    assert!(check::line(&overview, LOSS).starts_with("OK - 1 feed, "));
    // Raised in the config file, it needs no raising, though no run knows of it yet.
    let raised = "[source.acme]\nkind = \"sendsafely\"\nurl = \"https://acme.example\"\n\
        overlap = \"96h\"\n";
    let sources = config(raised).sources;
    let feeds = feeds(&sources, vec![late], &Thresholds::default(), NOW);
    assert_eq!(feeds[0].health.findings, []);
}

#[test]
fn only_what_is_configured_is_watched() {
    let overview = everything();
    let found = |name: &str| {
        let feed = overview.feeds.iter().find(|feed| feed.name() == name);
        feed.unwrap().health.findings.len()
    };
    assert_eq!(
        found("gone/api") + found("well/file") + found("well/api"),
        0
    );
    let names: Vec<String> = overview.feeds.iter().map(FeedStatus::name).collect();
    assert_eq!(
        names,
        [
            "well/api",
            "new/api",
            "failing/api",
            "gapped/api",
            "losing/api",
            "gone/api",
            "well/file"
        ]
    );
}

#[test]
fn every_finding_is_a_metric_and_nothing_alerts_on_what_is_not_watched() {
    let overview = everything();
    let text = prometheus::text(&overview);
    let found = overview.feeds.iter().flat_map(|feed| &feed.health.findings);
    for finding in found.clone() {
        assert!(text.contains(&format!("finding=\"{}\"}} 1\n", finding.name())));
    }
    let ones = text
        .lines()
        .filter(|line| line.starts_with("trailkeep_finding{"));
    let ones = ones.filter(|line| line.ends_with(" 1"));
    assert_eq!(ones.count(), found.count());
    for source in ["\"gone\"", "\"file\""] {
        let lines = text.lines().filter(|line| line.contains(source));
        let names = lines.map(|line| line.split('{').next().unwrap());
        assert_eq!(names.collect::<Vec<_>>(), ["trailkeep_events_total"]);
    }
}
