//! The feed against a portal that checks every question and derives its answer from it.

mod portal;

use std::collections::BTreeSet;

use portal::{Paging, Portal};
use url::Url;

use super::*;
use crate::event::{Checkpoint, Identity};
use crate::kind::sendsafely::KIND;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_250);
const SECOND: i64 = 1_000;
const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

/// What a pass is to read: from so long ago up to now.
fn start(back: i64) -> Start {
    let (from, to) = (ago(back), NOW);
    Start {
        reads: vec![Period { from, to }],
        ..Start::of("acme", NOW)
    }
}

/// As far back as a first pass reads.
const ALL: i64 = 90 * DAY - 300 * SECOND;

fn drive(portal: &mut Portal, start: &Start) -> (Vec<Page>, Result<(), FeedError>) {
    let url = Url::parse("https://acme.sendsafely.com").unwrap();
    let mut feed = (API.open)(&Settings::defaults(&KIND.access, "acme", Some(url)), start).unwrap();
    let mut pages = Vec::new();
    for _ in 0..100_000 {
        let step = match feed.next(NOW) {
            Ok(step) => step,
            Err(error) => return (pages, Err(error)),
        };
        match step {
            Step::Ask(request) => {
                if let Err(error) = feed.read(portal.answer(&request), NOW) {
                    return (pages, Err(error));
                }
            }
            Step::Wait(pause) => portal.waited += pause,
            Step::Keep(page) => pages.push(*page),
            Step::Done => return (pages, Ok(())),
            Step::AskAll(_) | Step::Sift(_) => panic!("the portal has no objects"),
        }
    }
    panic!("the pass does not end")
}

fn whole(portal: &mut Portal, start: &Start) -> Vec<Page> {
    let (pages, end) = drive(portal, start);
    end.unwrap();
    pages
}

fn failure(portal: &mut Portal) -> String {
    let (_, end) = drive(portal, &start(49 * HOUR));
    let error = end.unwrap_err();
    format!("{error} {error:?}")
}

fn ids(pages: &[Page]) -> BTreeSet<String> {
    let id = |page: &Page, identity: &Identity| match identity {
        Identity::Vendor(id) => page.text(id).to_owned(),
        Identity::Content(_) => panic!("an event without id"),
    };
    pages
        .iter()
        .flat_map(|page| page.events.iter().map(|e| id(page, &e.identity)))
        .collect()
}

/// What the pages claim, where they meet as one.
fn claimed(pages: &[Page]) -> Vec<Period> {
    let mut claims: Vec<Period> = Vec::new();
    for claim in pages.iter().filter_map(|page| page.covers) {
        assert_eq!(claim.as_of, NOW);
        let covers = claim.period;
        match claims.last_mut() {
            Some(last) if last.to >= covers.from => last.to = covers.to.max(last.to),
            _ => claims.push(covers),
        }
    }
    claims
}

fn noted(pages: &[Page]) -> Vec<&str> {
    let notes = pages.iter().flat_map(|page| &page.checkpoints);
    notes.map(|note| note.json.as_str()).collect()
}

fn ago(millis: i64) -> Timestamp {
    NOW.plus_millis(-millis)
}

#[test]
fn the_question_is_the_one_the_official_sample_asks() {
    let (from, to) = (1_714_521_601_000, 1_717_199_999_000);
    let slice = Period {
        from: Timestamp::from_millis(from),
        to: Timestamp::from_millis(to),
    };
    let body = r#"{"eventType":"","ipAddress":"","authenticatedUser":"","impersonatedUser":"","packageOwner":"","minTimestamp":"2024-05-01 00:00:00","maxTimestamp":"2024-06-01 00:00:00","pageSize":100,"rowIndex":0}"#;
    assert_eq!(request(slice, 0).body.as_deref(), Some(body));
    let fractions = Period {
        from: slice.from.plus_millis(999),
        to: slice.to.plus_millis(-999),
    };
    assert_eq!(request(fractions, 0).body.as_deref(), Some(body));
}

#[test]
fn a_first_pass_reads_90_days_in_slices_oldest_first() {
    let mut portal = Portal::new((0..400).map(|n| n * 5 * HOUR + 1));
    let pages = whole(&mut portal, &start(ALL));
    assert_eq!(ids(&pages), portal.ids_since(90 * DAY - 5 * 60 * SECOND));
    assert_eq!(
        claimed(&pages),
        [Period {
            from: ago(90 * DAY - 300 * SECOND),
            to: NOW
        }]
    );
    let asked: Vec<&str> = portal
        .asked
        .iter()
        .map(|a| a["minTimestamp"].as_str().unwrap())
        .collect();
    assert_eq!(asked.len(), 13);
    assert!(asked.is_sorted());
}

#[test]
fn each_slice_is_claimed_when_it_has_been_read() {
    let mut portal = Portal::new([20 * DAY]);
    let pages = whole(&mut portal, &start(ALL));
    let ends = pages.iter().map(|page| page.covers.unwrap().period.to);
    assert!(ends.clone().is_sorted() && ends.count() == 13);
}

#[test]
fn every_stretch_that_is_to_be_read_is_read_and_no_other() {
    let mut portal = Portal::new((0..300).map(|n| n * HOUR + 30 * SECOND));
    let gap = Period {
        from: ago(10 * DAY),
        to: ago(9 * DAY),
    };
    let mut two = start(2 * DAY);
    two.reads.insert(0, gap);
    let pages = whole(&mut portal, &two);
    let mut expected = portal.ids_since(10 * DAY);
    expected.retain(|id| !portal.ids_since(9 * DAY).contains(id));
    expected.extend(portal.ids_since(2 * DAY));
    assert_eq!(ids(&pages), expected);
    assert_eq!(claimed(&pages), two.reads);
}

#[test]
fn an_overlap_that_a_zone_could_exceed_is_refused() {
    let url = Url::parse("https://acme.sendsafely.com").unwrap();
    let mut settings = Settings::defaults(&KIND.access, "acme", Some(url));
    for (hours, opens) in [(13, false), (14, true)] {
        let overlap = Duration::from_secs(hours * 3_600);
        settings.durations.insert("overlap".to_owned(), overlap);
        let opened = (API.open)(&settings, &start(ALL));
        let error = opened.err().map(|error| error.to_string());
        assert_eq!(error.is_none(), opens, "{hours} h");
        assert!(error.is_none_or(|error| error.starts_with("source.acme: overlap is less")));
    }
}

#[test]
fn every_way_of_paging_gives_every_event() {
    for paging in [Paging::Numbers, Paging::Texts, Paging::Full] {
        for count in [0, 1, 99, 100, 101, 200, 250] {
            for inclusive in [false, true] {
                let mut portal = Portal::new((0..count).map(|n| n * 60 * SECOND));
                (portal.paging, portal.inclusive) = (paging, inclusive);
                let pages = whole(&mut portal, &start(49 * HOUR));
                assert_eq!(ids(&pages).len(), usize::try_from(count).unwrap());
                let claims = pages.iter().map(|page| page.covers.is_some());
                assert!(claims.eq((1..=pages.len()).map(|n| n == pages.len())));
                let window = |page: &Page| page.window == Window::Opens;
                assert!(
                    pages
                        .iter()
                        .map(window)
                        .eq((0..pages.len()).map(|n| n == 0))
                );
                let ends: BTreeSet<_> = portal
                    .asked
                    .iter()
                    .map(|a| a["maxTimestamp"].as_str())
                    .collect();
                assert_eq!(ends.len(), 1, "the end is not pinned");
            }
        }
    }
}

#[test]
fn events_at_the_very_ends_of_slices_are_read() {
    let from = 90 * DAY - 300 * SECOND;
    for inclusive in [false, true] {
        let mut portal = Portal::new((0..13).map(|n| from - n * 7 * DAY).chain([0]));
        portal.inclusive = inclusive;
        assert_eq!(ids(&whole(&mut portal, &start(ALL))).len(), 14);
    }
}

#[test]
fn a_slice_that_is_capped_is_halved_until_all_is_had() {
    let mut portal = Portal::new((0..2_000).map(|n| n * 80 * SECOND));
    portal.cap = 150;
    let pages = whole(&mut portal, &start(49 * HOUR));
    assert_eq!(ids(&pages), portal.ids_since(49 * HOUR));
    assert_eq!(
        claimed(&pages),
        [Period {
            from: ago(49 * HOUR),
            to: NOW
        }]
    );
}

#[test]
fn a_minute_that_is_capped_is_an_error_and_not_claimed() {
    let mut portal = Portal::new((0..500).map(|n| n + 1));
    portal.cap = 150;
    let (pages, end) = drive(&mut portal, &start(49 * HOUR));
    let error = end.unwrap_err().to_string();
    assert!(
        error.contains("rowsCapped") && error.contains("even of 2026-09-21T"),
        "{error}"
    );
    assert!(claimed(&pages).iter().all(|claim| claim.to < ago(500)));
}

#[test]
fn a_portal_that_gets_no_further_is_an_error() {
    for (paging, garbled, why) in [
        (Paging::Stuck, false, "do not get any further"),
        (Paging::Deaf, false, "repeats the page before"),
        (Paging::Deaf, true, "repeats the page before"),
    ] {
        let mut portal = Portal {
            paging,
            garbled,
            ..Portal::new((0..250).map(|n| n * SECOND))
        };
        let error = failure(&mut portal);
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn a_limit_is_waited_for_and_not_forever() {
    let mut portal = Portal::new([HOUR]);
    portal.limits = 5;
    let pages = whole(&mut portal, &start(12 * DAY));
    assert_eq!((ids(&pages).len(), portal.waited), (1, 2 * 5 * LIMIT_PAUSE));
    portal.limits = 6;
    let error = failure(&mut portal);
    assert!(error.contains("LIMIT_EXCEEDED"), "{error}");
}

#[test]
fn a_portal_in_another_zone_is_noticed_and_only_what_is_certain_is_claimed() {
    for zone in [-5 * HOUR, 9 * HOUR] {
        let mut portal = Portal {
            zone,
            ..Portal::new((0..1_200).map(|n| n * HOUR / 2 + 1))
        };
        let first = start(22 * DAY);
        let pages = whole(&mut portal, &first);
        let notices: Vec<&String> = pages.iter().flat_map(|page| &page.notices).collect();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("another zone than UTC"), "{notices:?}");
        let claims = claimed(&pages);
        assert_eq!(
            claims,
            [Period {
                from: ago(22 * DAY - 14 * HOUR),
                to: ago(14 * HOUR)
            }]
        );
        let got = ids(&pages);
        for (id, at) in portal.events.iter().enumerate() {
            let claimed = claims[0].from.millis() <= *at && *at < claims[0].to.millis();
            assert!(
                !claimed || got.contains(&id.to_string()),
                "{id} is claimed and missing"
            );
        }
        // From then on more is asked for, so that all that was to be read can be claimed.
        let note = noted(&pages).last().map(|json| Checkpoint {
            partition: String::new(),
            json: (*json).to_owned(),
        });
        let mut second = start(0);
        second.reads[0].from = ago(20 * DAY);
        second.checkpoints.extend(note);
        let claims = claimed(&whole(&mut portal, &second));
        let (from, to) = (ago(20 * DAY), ago(14 * HOUR));
        assert_eq!(claims, [Period { from, to }]);
    }
}

#[test]
fn an_event_from_nowhere_near_the_window_is_an_error_with_the_evidence() {
    let mut portal = Portal {
        zone: 40 * HOUR,
        ..Portal::new([86 * HOUR])
    };
    let error = failure(&mut portal);
    assert!(error.contains("far outside"), "{error}");
    let event = ago(86 * HOUR).to_string();
    assert!(error.contains(&event), "{error}");
}

#[test]
fn a_checkpoint_that_is_not_understood_stops_the_pass_before_it_asks() {
    let mut portal = Portal::new([HOUR]);
    for json in ["{}", r#"{"v":2,"shifted":true}"#, r#"{"v":1,"shifted":1}"#] {
        let checkpoint = Checkpoint {
            partition: String::new(),
            json: json.to_owned(),
        };
        let (_, end) = drive(
            &mut portal,
            &Start {
                checkpoints: vec![checkpoint],
                ..start(ALL)
            },
        );
        let error = end.unwrap_err().to_string();
        assert!(error.contains("checkpoint of acme/api"), "{error}");
    }
    assert!(portal.asked.is_empty());
}
