//! Orders whose fate is not known.

use super::*;

const HOUR: i64 = DAY / 24;

/// A feed that has just sent its order, and the checkpoint it left before.
fn sent(start: &Start) -> (Reports, Checkpoint) {
    let mut feed = feed(start);
    let Ok(Step::Keep(note)) = feed.next(NOW) else {
        panic!("the order is not noted");
    };
    assert!(matches!(feed.next(NOW), Ok(Step::Ask(order)) if !order.repeatable));
    (feed, note.checkpoints[0].clone())
}

/// How the pass after such a checkpoint ends, so much later, and how many orders it makes.
fn next_pass(noted: &Checkpoint, millis: i64, wish: impl Fn(&mut Start)) -> (usize, String) {
    let mut vendor = Vendor {
        now: NOW.plus_millis(millis),
        ..Vendor::new()
    };
    let mut start = start(vendor.now, Some(noted));
    wish(&mut start);
    let (_, end) = drive(&mut vendor, &start, |_| false);
    let says = end.err().map(|error| error.to_string());
    if vendor.orders() == 0 {
        assert!(vendor.asked.is_empty(), "{:?}", vendor.asked);
    }
    (vendor.orders(), says.unwrap_or_default())
}

#[test]
fn an_order_that_may_have_been_taken_is_not_made_again_for_a_day() {
    let (_, killed) = sent(&start(NOW, None));
    let held = "SAFE may have taken an order of a report that it did not confirm: \
                another is not made before 2026-09-22T14:13:20.000Z";
    let since = |start: &mut Start| start.since = Some(NOW.plus_millis(-DAY));
    let force = |start: &mut Start| start.force = true;
    for (later, wish, expected) in [
        (0, None, (0, held)),
        (HOUR, None, (0, held)),
        (DAY - 1, None, (0, held)),
        (DAY, None, (1, "")),
        (-2 * HOUR, None, (1, "")),
        (HOUR, Some(&force as &dyn Fn(&mut Start)), (1, "")),
        (HOUR, Some(&since), (1, "")),
    ] {
        let (orders, says) = next_pass(&killed, later, |start| {
            wish.into_iter().for_each(|wish| wish(start));
        });
        assert_eq!((orders, says.as_str()), expected, "{later} later");
    }
}

#[test]
fn the_day_begins_when_an_order_was_given_up() {
    let (mut feed, _) = sent(&start(NOW, None));
    let page = feed.given_up(true, NOW.plus_millis(HOUR)).unwrap();
    let noted = page.checkpoints[0].clone();
    for (later, orders) in [(DAY, 0), (DAY + HOUR - 1, 0), (DAY + HOUR, 1)] {
        assert_eq!(next_pass(&noted, later, |_| ()).0, orders, "{later} later");
    }
}

#[test]
fn an_order_that_was_not_taken_is_made_again_at_once() {
    let (mut feed, _) = sent(&start(NOW, None));
    let page = feed.given_up(false, NOW).unwrap();
    let noted = page.checkpoints[0].clone();
    assert_eq!(noted.json, r#"{"v":1}"#);
    assert_eq!(next_pass(&noted, 0, |_| ()), (1, String::new()));
}

#[test]
fn an_answer_that_names_no_report_leaves_it_open_whether_there_is_one() {
    let (mut feed, noted) = sent(&start(NOW, None));
    let body = Body::Memory(br#"{"success":true,"message":"Welcome"}"#.to_vec());
    let answer = Response {
        status: 200,
        content_type: "application/json".to_owned(),
        body,
    };
    assert!(feed.read(answer, NOW).is_err());
    assert!(
        feed.next(NOW).is_err(),
        "a feed that failed is not finished"
    );
    assert_eq!(next_pass(&noted, HOUR, |_| ()).0, 0);
}

#[test]
fn another_order_in_the_same_pass_is_in_doubt_as_well() {
    let mut vendor = Vendor {
        fates: vec![Fate::Failed],
        ..Vendor::new()
    };
    let is_second = |pages: &[Page]| {
        let json = |page: &Page| page.checkpoints[0].json.clone();
        let notes = pages
            .iter()
            .filter(|page| json(page).contains("ordering_at"));
        notes.count() == 2
    };
    let (pages, _) = drive(&mut vendor, &start(NOW, None), is_second);
    let noted = archived(&pages).unwrap();
    assert!(noted.json.contains("r-0"), "{}", noted.json);
    vendor.now = vendor.now.plus_millis(HOUR);
    let again = start(vendor.now, Some(&noted));
    let (_, end) = drive(&mut vendor, &again, |_| false);
    assert!(matches!(end, Err(FeedError::Doubtful { .. })), "{end:?}");
    assert_eq!(vendor.orders(), 1);
}

#[test]
fn only_an_order_leaves_a_doubt() {
    let (mut feed, _) = sent(&start(NOW, None));
    let body = Body::Memory(br#"{"data":{"uuid":"r-0"}}"#.to_vec());
    let answer = Response {
        status: 202,
        content_type: String::new(),
        body,
    };
    feed.read(answer, NOW).unwrap();
    let Ok(Step::Keep(page)) = feed.next(NOW) else {
        panic!("the id is not noted");
    };
    assert!(!page.checkpoints[0].json.contains("ordering_at"));
    assert!(matches!(feed.next(NOW), Ok(Step::Ask(_))));
    assert!(feed.given_up(true, NOW).is_none());
}
