//! The feed against a vendor that checks every question and derives its answer from it.

mod export;
mod order;
mod users;
mod vendor;

use url::Url;
use vendor::{DOCUMENTED, Fate, Vendor, lines};

use super::*;
use crate::event::{Checkpoint, Claim, Period};
use crate::kind::safe::KIND;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);
const DAY: i64 = 86_400_000;

fn start(now: Timestamp, checkpoint: Option<&Checkpoint>) -> Start {
    let year = Period {
        from: now.plus_millis(-365 * DAY),
        to: now,
    };
    Start {
        checkpoints: checkpoint.cloned().into_iter().collect(),
        reads: vec![year],
        ..Start::of("safe-us", now)
    }
}

fn settings() -> Settings {
    let url = Url::parse("https://us.safeone.ai").unwrap();
    Settings::defaults(&KIND.access, "safe-us", Some(url))
}

fn feed(start: &Start) -> Reports {
    Reports::new(&settings(), start, lines).unwrap()
}

/// Drives a pass until it ends or `stop` says that it is killed, after a page was archived.
fn drive(
    vendor: &mut Vendor,
    start: &Start,
    stop: fn(&[Page]) -> bool,
) -> (Vec<Page>, Result<(), FeedError>) {
    drive_feed(vendor, feed(start), stop)
}

fn drive_feed(
    vendor: &mut Vendor,
    mut feed: Reports,
    stop: fn(&[Page]) -> bool,
) -> (Vec<Page>, Result<(), FeedError>) {
    let mut pages = Vec::new();
    for _ in 0..1_000 {
        match feed.next(vendor.now) {
            Ok(Step::Ask(request)) => {
                let answer = vendor.answer(&request);
                vendor.now = vendor.now.plus_millis(1_000);
                if let Err(error) = feed.read(answer, vendor.now) {
                    return (pages, Err(error));
                }
            }
            Ok(Step::Wait(pause)) => {
                vendor.now = vendor
                    .now
                    .plus_millis(i64::try_from(pause.as_millis()).unwrap());
            }
            Ok(Step::Keep(page)) => {
                vendor.notices.extend(page.notices.clone());
                pages.push(*page);
                if stop(&pages) {
                    return (pages, Ok(()));
                }
            }
            Ok(Step::Done) => return (pages, Ok(())),
            Ok(Step::AskAll(_) | Step::Sift(_)) => panic!("SAFE has no objects"),
            Err(error) => return (pages, Err(error)),
        }
    }
    panic!("the pass does not end: {:?}", vendor.asked)
}

fn whole(vendor: &mut Vendor, start: &Start) -> Vec<Page> {
    let (pages, end) = drive(vendor, start, |_| false);
    end.unwrap();
    pages
}

/// A pass after another that left these pages.
fn go_on(vendor: &mut Vendor, before: &[Page]) -> Vec<Page> {
    let start = start(vendor.now, archived(before).as_ref());
    whole(vendor, &start)
}

/// The checkpoint as the archive holds it: the last one given.
fn archived(pages: &[Page]) -> Option<Checkpoint> {
    pages
        .iter()
        .rev()
        .find_map(|page| page.checkpoints.first().cloned())
}

fn content(pages: &[Page]) -> Vec<&str> {
    let texts = pages
        .iter()
        .map(|page| std::str::from_utf8(&page.bytes).unwrap());
    texts.filter(|text| !text.is_empty()).collect()
}

#[test]
fn a_first_pass_asks_for_all_there_is_and_claims_it_with_the_last_page() {
    let mut vendor = Vendor::new();
    let pages = whole(&mut vendor, &start(NOW, None));
    assert_eq!(
        vendor.asked[..3],
        [
            r#"Post /api/v3/reports {"type":"AUDIT_LOGS","format":"csv","reportMeta":{"days":365}}"#,
            "Get /api/v3/users?page=1&pagelen=100",
            "Get /api/v3/reports/r-0",
        ]
    );
    assert_eq!(vendor.asked.last().unwrap(), "download");
    assert_eq!(content(&pages), ["one", "two", "three"]);
    let (last, before) = pages.split_last().unwrap();
    assert!(before.iter().all(|page| page.covers.is_none()));
    let from = NOW.plus_millis(1_000 - 365 * DAY);
    let period = Period { from, to: NOW };
    assert_eq!(last.covers, Some(Claim { period, as_of: NOW }));
    let noted = format!(r#"{{"v":1,"last_complete":{}}}"#, NOW.millis());
    assert_eq!(last.checkpoints[0].json, noted);
    let users: Vec<_> = pages
        .iter()
        .filter_map(|page| page.users.as_ref())
        .collect();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0][0].user_id, "u1");
}

#[test]
fn the_report_is_noted_before_anything_else_is_asked() {
    let mut vendor = Vendor::new();
    let (pages, _) = drive(&mut vendor, &start(NOW, None), |p| p.len() == 2);
    assert_eq!(vendor.asked.len(), 1);
    assert!(archived(&pages).unwrap().json.contains(r#""uuid":"r-0""#));
}

#[test]
fn a_pass_asks_for_as_many_days_as_are_to_be_read() {
    for (days, asked) in [(2, r#""days":3"#), (30, r#""days":31"#)] {
        let mut vendor = Vendor::new();
        let mut start = start(NOW, None);
        start.reads[0].from = NOW.plus_millis(-days * DAY);
        whole(&mut vendor, &start);
        assert!(vendor.asked[0].contains(asked), "{}", vendor.asked[0]);
    }
}

#[test]
fn a_pass_killed_after_any_page_goes_on_with_the_same_report() {
    let all = whole(&mut Vendor::new(), &start(NOW, None)).len();
    assert_eq!(all, 6);
    let stops: [fn(&[Page]) -> bool; 4] = [
        |p| p.len() == 2,
        |p| p.len() == 3,
        |p| p.len() == 4,
        |p| p.len() == 5,
    ];
    for (stop, at) in stops.into_iter().zip(2..) {
        let mut vendor = Vendor::new();
        let (first, _) = drive(&mut vendor, &start(NOW, None), stop);
        let second = go_on(&mut vendor, &first);
        assert_eq!(vendor.orders(), 1, "killed after page {at}");
        assert_eq!(
            content(&second),
            ["one", "two", "three"],
            "killed after page {at}"
        );
        let lists = vendor
            .asked
            .iter()
            .filter(|asked| asked.contains("users"))
            .count();
        assert_eq!(lists, 1, "killed after page {at}");
        let covers = second.last().unwrap().covers.unwrap();
        assert_eq!(
            covers.period,
            Period {
                from: NOW.plus_millis(1_000 - 365 * DAY),
                to: NOW
            }
        );
    }
}

#[test]
fn a_report_of_yesterday_is_not_waited_for() {
    let mut vendor = Vendor::new();
    let (first, _) = drive(&mut vendor, &start(NOW, None), |p| p.len() == 2);
    vendor.now = NOW.plus_millis(DAY);
    go_on(&mut vendor, &first);
    assert_eq!(vendor.orders(), 2);
}

#[test]
fn every_form_of_not_ready_is_waited_out_with_growing_pauses() {
    for unready in [
        DOCUMENTED,
        (404, "{}"),
        (202, r#"{"success":true,"message":"queued"}"#),
        (200, r#"{"success":true,"data":{}}"#),
    ] {
        let mut vendor = Vendor {
            unready,
            fates: vec![Fate::Ready(300)],
            ..Vendor::new()
        };
        whole(&mut vendor, &start(NOW, None));
        let polls = vendor
            .asked
            .iter()
            .filter(|asked| asked.contains("reports/"))
            .count();
        assert_eq!((vendor.orders(), polls), (1, 11), "{unready:?}");
    }
}

#[test]
fn a_report_that_is_never_ready_times_out_and_is_noted_still() {
    let unready = (202, r#"{"success":true}"#);
    let mut vendor = Vendor {
        unready,
        fates: vec![Fate::Ready(3_600)],
        ..Vendor::new()
    };
    let (pages, end) = drive(&mut vendor, &start(NOW, None), |_| false);
    assert_eq!(
        end.unwrap_err().to_string(),
        "SAFE did not finish the report within 45 minutes"
    );
    go_on(&mut vendor, &pages);
    assert_eq!(vendor.orders(), 1);
}

#[test]
fn another_report_is_ordered_once_a_pass_and_no_more() {
    for (fate, says) in [
        (Fate::Failed, "it failed"),
        (Fate::Lost, "Report not found"),
    ] {
        let mut vendor = Vendor {
            fates: vec![fate, Fate::Ready(5)],
            ..Vendor::new()
        };
        let pages = whole(&mut vendor, &start(NOW, None));
        assert_eq!((vendor.orders(), content(&pages).len()), (2, 3));
        assert!(vendor.notices[0].contains(says), "{:?}", vendor.notices);
        assert!(pages.last().unwrap().covers.unwrap().period.to > NOW);

        let mut vendor = Vendor {
            fates: vec![fate],
            ..Vendor::new()
        };
        let (_, end) = drive(&mut vendor, &start(NOW, None), |_| false);
        let error = end.unwrap_err().to_string();
        assert!(
            error.starts_with("SAFE answered twice that the report is"),
            "{error}"
        );
        assert_eq!(vendor.orders(), 2);
    }
}

#[test]
fn not_found_means_not_ready_for_the_time_of_grace_alone() {
    let mut vendor = Vendor {
        fates: vec![Fate::Lost, Fate::Ready(0)],
        ..Vendor::new()
    };
    whole(&mut vendor, &start(NOW, None));
    let (ordered, _) = vendor.reports["r-1"];
    let minutes = (ordered.millis() - NOW.millis()) / 60_000;
    assert!((15..=16).contains(&minutes), "{minutes}");
}

#[test]
fn a_link_that_fails_is_replaced_by_another_link_and_never_by_another_report() {
    let expired = (
        403,
        "<Error><Code>AccessDenied</Code><Message>expired</Message></Error>",
    );
    let cut = (200, "one\ntwo\nCUT");
    let whole_report = (200, "one\ntwo\nthree");
    for downloads in [
        vec![expired, whole_report],
        vec![
            (404, "<Error><Code>NoSuchKey</Code></Error>"),
            expired,
            whole_report,
        ],
        vec![(200, "CUT"), whole_report],
        vec![cut, expired, cut, expired, cut, whole_report],
    ] {
        let links = downloads.len();
        let mut vendor = Vendor {
            downloads,
            ..Vendor::new()
        };
        let pages = whole(&mut vendor, &start(NOW, None));
        assert_eq!((vendor.orders(), vendor.links), (1, links));
        assert!(content(&pages).ends_with(&["one", "two", "three"]));
        assert_eq!(pages.iter().filter(|page| page.covers.is_some()).count(), 1);
    }
}

#[test]
fn links_that_all_fail_are_given_up_without_a_claim() {
    let expired = (
        403,
        "<Error><Code>AccessDenied</Code><Key>secret-key</Key></Error>",
    );
    for (download, says) in [(expired, "AccessDenied"), ((200, "one\nCUT"), "cut short")] {
        let mut vendor = Vendor {
            downloads: vec![download],
            ..Vendor::new()
        };
        let (pages, end) = drive(&mut vendor, &start(NOW, None), |_| false);
        let error = end.unwrap_err().to_string();
        assert!(
            error.contains(says) && !error.contains("secret-key"),
            "{error}"
        );
        assert_eq!((vendor.orders(), vendor.links), (1, 6));
        assert!(pages.iter().all(|page| page.covers.is_none()));
        assert!(archived(&pages).unwrap().json.contains("r-0"));
    }
}

#[test]
fn a_report_that_came_whole_and_cannot_be_read_is_downloaded_once() {
    let mut vendor = Vendor {
        downloads: vec![(200, "ODD")],
        ..Vendor::new()
    };
    let (pages, end) = drive(&mut vendor, &start(NOW, None), |_| false);
    let error = end.unwrap_err().to_string();
    assert!(error.contains("no column holds a time"), "{error}");
    assert_eq!((vendor.orders(), vendor.links), (1, 1));
    assert!(archived(&pages).unwrap().json.contains("r-0"));
}

#[test]
fn an_empty_report_is_complete_too() {
    let mut vendor = Vendor {
        downloads: vec![(200, "")],
        ..Vendor::new()
    };
    let pages = whole(&mut vendor, &start(NOW, None));
    let last = pages.last().unwrap();
    assert!(last.bytes.is_empty() && last.covers.is_some() && !last.checkpoints.is_empty());
}

#[test]
fn a_checkpoint_that_is_not_understood_stops_the_pass_before_it_asks() {
    let mut vendor = Vendor::new();
    for json in [
        "{}",
        r#"{"v":9}"#,
        r#"{"v":1,"pending":{"uuid":"r"}}"#,
        "garbage",
    ] {
        let checkpoint = Checkpoint {
            partition: String::new(),
            json: json.to_owned(),
        };
        let (_, end) = drive(&mut vendor, &start(NOW, Some(&checkpoint)), |_| false);
        let error = end.unwrap_err().to_string();
        assert!(error.contains("checkpoint of safe-us/reports"), "{error}");
    }
    assert!(vendor.asked.is_empty());
}
