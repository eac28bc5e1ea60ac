//! Passes over a bucket in memory, as a sync would drive them.

mod laws;
mod store;

use super::*;
use store::{Kept, NOW, Store, day, key, pass, pass_until, record};

/// A bucket of these keys, each with one record of its own.
fn store_of(keys: &[&str]) -> Store {
    let mut store = Store::default();
    for key in keys {
        store.put(key, &record(key, NOW), NOW);
    }
    store
}

fn ids(kept: &Kept) -> Vec<&str> {
    kept.events.iter().map(String::as_str).collect()
}

#[test]
fn a_pass_reads_every_object_once_and_claims_what_it_has_read() {
    let keys = ["a", "b/", "b/2026/11/22/x", "b/2026/11/22/y", "c", "d"];
    let mut store = store_of(&keys);
    store.put("b/", "", NOW);
    store.put("c", "", NOW);
    store.put("a", &record("first", NOW.before(day(30))), NOW);
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
    assert_eq!(
        ids(&kept),
        ["b/2026/11/22/x", "b/2026/11/22/y", "d", "first"]
    );
    // The empty one is on the list, but for the folder that is none.
    assert_eq!(kept.objects.len(), 5);
    let claim = kept.claim.take().expect("a claim");
    assert_eq!(claim.period.from, NOW.before(day(30)));
    assert_eq!(
        (claim.period.to, claim.as_of),
        (NOW.after(day(1)), NOW.after(day(1)))
    );
    store.gets.clear();
    pass(&mut store, &mut kept, NOW.after(day(2))).unwrap();
    assert_eq!(store.gets, [""; 0]);
    let again = kept.claim.expect("a claim");
    assert_eq!(again.period.from, NOW.before(day(30)));
}

#[test]
fn an_empty_bucket_claims_nothing_and_one_without_events_its_objects() {
    let mut kept = Kept::default();
    pass(&mut Store::default(), &mut kept, NOW).unwrap();
    assert_eq!(kept.claim, None);
    let mut store = Store::default();
    store.put("a", "[]", NOW.before(day(3)));
    pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
    let from = kept.claim.map(|claim| claim.period.from);
    assert_eq!(from, Some(NOW.before(day(3))));
}

#[test]
fn older_days_are_leapt_over_until_all_keys_are_due() {
    let mut store = Store::default();
    for back in 0..40 {
        for part in ["a/", "b/", "c/"] {
            let key = key(part, NOW.before(day(back)), "1");
            store.put(&key, &record(&key, NOW), NOW);
        }
    }
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    assert_eq!(store.lists.len(), 120 / store.page_keys);
    store.lists.clear();
    let (late, straggler, other) = (
        key("b/", NOW.before(day(2)), "2"),
        key("b/", NOW.before(day(20)), "2"),
        "d/2020-01-01",
    );
    for key in [&late, &straggler, other] {
        store.put(key, &record(key, NOW), NOW.after(day(1)));
    }
    pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
    assert!(kept.events.contains(&late) && kept.events.contains(other));
    assert!(!kept.events.contains(&straggler));
    // A leap a partition, and the days of two of them in one list.
    assert!(store.lists.len() <= 5, "{:?}", store.lists);
    pass(&mut store, &mut kept, NOW.after(day(8))).unwrap();
    assert!(kept.events.contains(&straggler));
}

#[test]
fn another_prefix_or_a_clock_that_was_wrong_begins_anew() {
    let old = key("a/", NOW.before(day(50)), "x");
    let mut store = store_of(&[&key("a/", NOW, "1")]);
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW.after(day(900))).unwrap();
    store.put(&old, &record("late", NOW), NOW);
    // What was noted then lies in the future.
    pass(&mut store, &mut kept, NOW).unwrap();
    assert!(kept.events.contains("late"));
    let older = key("a/", NOW.before(day(60)), "x");
    store.put(&older, &record("later", NOW), NOW);
    pass(&mut store, &mut kept, NOW).unwrap();
    assert!(!kept.events.contains("later"));
    store.prefix = "a".to_owned();
    pass(&mut store, &mut kept, NOW).unwrap();
    assert!(kept.events.contains("later"));
}

#[test]
fn an_object_that_cannot_be_read_fails_the_pass_once_all_else_is_archived() {
    let bad = key("a/", NOW.before(day(30)), "bad");
    let mut store = store_of(&[&key("a/", NOW, "1"), "b", "../z"]);
    store.objects.remove("../z");
    store.put(&bad, "{\"eventId\":\"1\"", NOW);
    let worse = key("a/", NOW.before(day(20)), "worse");
    store.put(&worse, "worse", NOW);
    let mut kept = Kept::default();
    let error = pass(&mut store, &mut kept, NOW.after(day(1)))
        .unwrap_err()
        .to_string();
    let why = format!(
        "2 objects of bucket acme-audit cannot be read, the first, {bad}: the JSON is cut short"
    );
    assert!(error.starts_with(&why), "{error}");
    assert_eq!((kept.events.len(), kept.claim), (2, None));
    assert!(kept.notices[0].contains(&bad));
    // Though all keys have been listed and its day is long gone, it is not leapt over.
    assert!(pass(&mut store, &mut kept, NOW.after(day(2))).is_err());
    store.put(&bad, &record("mended", NOW), NOW);
    store.objects.remove(&worse);
    pass(&mut store, &mut kept, NOW.after(day(3))).unwrap();
    assert!(kept.events.contains("mended") && kept.claim.is_some());
}

#[test]
fn a_key_that_no_url_can_say_is_named() {
    let mut store = store_of(&["a/../b", "c"]);
    let mut kept = Kept::default();
    let error = pass(&mut store, &mut kept, NOW).unwrap_err().to_string();
    assert!(
        error.contains("object a/../b of bucket acme-audit"),
        "{error}"
    );
    assert_eq!(ids(&kept), ["c"]);
}

#[test]
fn an_object_of_another_size_than_was_listed_is_damaged() {
    let mut store = store_of(&["a", "b"]);
    // Even if what came is whole in itself.
    let lines = [record("1", NOW), record("2", NOW)].concat();
    store.put("a", &lines, NOW);
    store.cut = Some("a".to_owned());
    let mut kept = Kept::default();
    let error = pass(&mut store, &mut kept, NOW.after(day(1))).unwrap_err();
    let why = format!("{} bytes came, not {}", lines.len() / 2, lines.len());
    assert!(
        matches!(&error, FeedError::Damaged { why: w, .. } if w.contains(&why)),
        "{error}"
    );
    assert_eq!(ids(&kept), ["b"]);
    assert_eq!(kept.claim, None);
}

#[test]
fn what_was_replaced_or_deleted_meanwhile_is_no_failure() {
    let old = key("a/", NOW.before(day(30)), "old");
    let mut store = store_of(&[&old, "b", "c"]);
    store.replaced = Some(old.clone());
    store.deleted = Some("b".to_owned());
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
    assert_eq!(ids(&kept), ["c"]);
    // Of what was replaced neither the old nor the new has been read.
    assert_eq!(kept.claim, None);
    assert!(
        kept.notices
            .iter()
            .any(|notice| notice.starts_with(&format!("{old} was replaced")))
    );
    assert!(
        kept.notices
            .iter()
            .any(|notice| notice.starts_with("b was deleted"))
    );
    (store.replaced, store.deleted) = (None, None);
    pass(&mut store, &mut kept, NOW.after(day(2))).unwrap();
    assert_eq!((ids(&kept).len(), kept.claim.is_some()), (3, true));
}

#[test]
fn an_object_with_other_content_is_another_object() {
    let mut store = store_of(&["a"]);
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    store.put("a", &[record("a", NOW), record("b", NOW)].concat(), NOW);
    pass(&mut store, &mut kept, NOW).unwrap();
    assert_eq!((ids(&kept).len(), kept.objects.len()), (2, 2));
}

#[test]
fn a_bucket_whose_objects_may_not_be_read_is_not_asked_a_thousand_times() {
    let keys: Vec<String> = (0..1_000).map(|n| format!("{n:04}")).collect();
    let keys: Vec<&str> = keys.iter().map(String::as_str).collect();
    let mut store = store_of(&keys);
    store.denied = true;
    let mut kept = Kept::default();
    let error = pass(&mut store, &mut kept, NOW).unwrap_err();
    assert!(matches!(error, FeedError::Refused { .. }), "{error}");
    assert!(store.gets.len() < 200 && kept.claim.is_none());
    assert!(error.to_string().contains("s3:GetObject"), "{error}");
}

#[test]
fn what_lies_in_glacier_is_told_and_not_claimed() {
    let mut store = Store::default();
    store.put(
        "a",
        &record("old", NOW.before(day(90))),
        NOW.before(day(80)),
    );
    store.put(
        "b",
        &record("new", NOW.before(day(70))),
        NOW.before(day(60)),
    );
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    store.put("c", &record("c", NOW.before(day(75))), NOW.before(day(72)));
    store.frozen = vec!["a", "c"];
    pass(&mut store, &mut kept, NOW.after(day(8))).unwrap();
    // The first is archived already, so that only the other one is missed.
    assert!(
        kept.notices
            .iter()
            .any(|notice| notice.starts_with("1 objects lie in Glacier"))
    );
    let from = |kept: &Kept| kept.claim.map(|claim| claim.period.from);
    assert_eq!(from(&kept), Some(NOW.before(day(72))));
    assert!(!store.gets.contains(&"c".to_owned()));
    store.frozen.clear();
    pass(&mut store, &mut kept, NOW.after(day(16))).unwrap();
    assert_eq!(from(&kept), Some(NOW.before(day(90))));
    assert!(kept.events.contains("c"));
}

#[test]
fn a_large_object_comes_in_pages_and_is_on_the_list_of_the_last() {
    let records: Vec<String> = (0..40_000).map(|n| record(&format!("{n}"), NOW)).collect();
    let mut store = store_of(&["a", "c"]);
    store.put("b", &records.concat(), NOW);
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    assert_eq!(kept.events.len(), 40_002);
    let pages: Vec<_> = kept.pages.iter().filter(|page| page.events > 0).collect();
    let listed: Vec<Vec<&str>> = pages
        .iter()
        .map(|page| page.objects.iter().map(String::as_str).collect())
        .collect();
    assert_eq!(listed, [vec!["a"], vec![], vec!["b", "c"]]);
    let windows: Vec<Window> = pages.iter().map(|page| page.window).collect();
    assert_eq!(
        windows,
        [Window::Opens, Window::Continues, Window::Continues]
    );
}

#[test]
fn what_was_read_before_an_interruption_counts_for_the_claim() {
    let records: Vec<String> = (0..20_000).map(|n| record(&format!("{n}"), NOW)).collect();
    let mut store = Store::default();
    store.put("a", &record("first", NOW.before(day(9))), NOW);
    store.put("b", &records.concat(), NOW);
    let (mut kept, later) = (Kept::default(), NOW.after(day(1)));
    // A list, a question to the archive, objects, and the first page of two.
    assert!(!pass_until(&mut store, &mut kept, later, 4).unwrap());
    assert_eq!(kept.objects.len(), 1);
    pass(&mut store, &mut kept, later).unwrap();
    assert_eq!(store.gets, ["a", "b", "b"]);
    let from = kept.claim.map(|claim| claim.period.from);
    assert_eq!(from, Some(NOW.before(day(9))));
}

#[test]
fn large_objects_come_one_at_a_time_and_small_ones_together() {
    let mut store = Store::default();
    let blank = "\n".repeat(9 << 20);
    for n in 0..3 {
        store.put(
            &format!("large{n}"),
            &format!("{}{blank}", record("l", NOW)),
            NOW,
        );
    }
    for n in 0..100 {
        store.put(&format!("small{n:03}"), &record(&format!("{n}"), NOW), NOW);
    }
    store.page_keys = 1_000;
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    assert_eq!(store.rounds, [1, 1, 1, 64, 36]);
    assert_eq!(kept.objects.len(), 103);
}

#[test]
fn a_store_that_does_not_sort_is_listed_whole() {
    let days = [0, 10, 20].map(|back| key("a/", NOW.before(day(back)), "1"));
    let mut store = store_of(&[&days[0], &days[1], &days[2], "b", "c"]);
    store.page_keys = 2;
    store.rotated = true;
    let mut kept = Kept::default();
    for later in 0..2 {
        let late = key("a/", NOW.before(day(15)), &later.to_string());
        store.put(&late, &record(&late, NOW), NOW);
        pass(&mut store, &mut kept, NOW.after(day(later))).unwrap();
        assert_eq!(kept.events.len(), store.objects.len());
    }
    assert!(
        kept.notices
            .iter()
            .any(|notice| notice.contains("in order"))
    );
    assert_eq!(store.gets.len(), store.objects.len());
}

#[test]
fn a_list_that_leads_in_a_circle_is_an_error() {
    let mut store = store_of(&["a", "b", "c"]);
    store.page_keys = 2;
    store.circles = true;
    let error = pass(&mut store, &mut Kept::default(), NOW).unwrap_err();
    assert!(error.to_string().contains("a second time"), "{error}");
}

#[test]
fn what_the_user_wants_again_is_read_again() {
    let mut store = store_of(&["a", "b"]);
    store.put("a", &record("a", NOW), NOW.before(day(9)));
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    store.gets.clear();
    store.since = Some(NOW.before(day(1)));
    pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
    assert_eq!(store.gets, ["b"]);
}

#[test]
fn what_is_to_be_ignored_is_not_read() {
    let mut store = store_of(&["a/manifests/1", "a/1", "a/2.tmp", "other"]);
    store.ignore = "/manifests/, .tmp".to_owned();
    let mut kept = Kept::default();
    pass(&mut store, &mut kept, NOW).unwrap();
    assert_eq!(ids(&kept), ["a/1", "other"]);
}

#[test]
fn a_bucket_in_another_region_says_in_which() {
    let mut store = store_of(&["a"]);
    store.elsewhere = true;
    let error = pass(&mut store, &mut Kept::default(), NOW).unwrap_err();
    let FeedError::Unreadable { hint, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(hint.as_deref(), Some("write region = \"eu-west-1\""));
}
