//! What holds of all passes over all buckets.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::store::{Kept, NOW, Store, day, pass, pass_until, record};
use crate::event::Timestamp;

/// How keys are laid out: with a day in one style or another, or without any.
const LAYOUTS: [&str; 7] = [
    "a/%Y/%m/%d/",
    "a-b/%Y-%m-%d.",
    "b/dt=%Y%m%d/",
    "b/year=%Y/month=%m/day=%d/",
    "c/%Y/%m/",
    "%Y%m%d%H%M%S",
    "d/",
];
const UNDATED: usize = 6;

/// An object: its layout, how many days before it was put its date is, and its number.
type Delivery = (usize, u64, u16);

/// What happens in a round: so many days pass, objects come, and a pass is begun, which is
/// interrupted after so many steps, and may be one that lists all.
type Round = (u64, Vec<Delivery>, Option<usize>, bool);

fn rounds() -> impl Strategy<Value = Vec<Round>> {
    let back = prop_oneof![4 => 0..3_u64, 1 => 3..90_u64];
    let delivery = (0..LAYOUTS.len(), back, any::<u16>());
    let deliveries = proptest::collection::vec(delivery, 0..12);
    let stop = proptest::option::weighted(0.3, 0..12_usize);
    let days = prop_oneof![4 => 0..2_u64, 1 => 2..20_u64];
    proptest::collection::vec(
        (days, deliveries, stop, proptest::bool::weighted(0.2)),
        1..10,
    )
}

fn deliver(store: &mut Store, (layout, back, number): Delivery, now: Timestamp) -> Option<String> {
    let date = now.before(day(back)).datetime();
    let key = format!("{}{number:05}", date.format(LAYOUTS[layout]));
    store.put(&key, &record(&key, now), now);
    // For so long objects may be late.
    (layout == UNDATED || back < 2).then_some(key)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn nothing_is_left_out_that_was_not_too_late(rounds in rounds(), page_keys in 1..7_usize) {
        let mut store = Store { page_keys, ..Store::default() };
        let (mut kept, mut now) = (Kept::default(), NOW);
        let mut in_time: BTreeSet<String> = BTreeSet::new();
        for (days, deliveries, stop, force) in rounds {
            now = now.after(day(days)).plus_millis(1);
            in_time.extend(deliveries.into_iter().filter_map(|one| deliver(&mut store, one, now)));
            store.force = force;
            if !pass_until(&mut store, &mut kept, now, stop.unwrap_or(usize::MAX)).unwrap() {
                continue;
            }
            prop_assert!(kept.events.is_superset(&in_time));
            if force {
                prop_assert!(store.objects.keys().all(|key| kept.events.contains(key)));
            }
        }
        // A pass that lists all finds what came too late.
        store.force = true;
        pass(&mut store, &mut kept, now).unwrap();
        let all: BTreeSet<String> = store.objects.keys().cloned().collect();
        prop_assert_eq!(&kept.events, &all);
        // What was archived is not fetched again.
        store.gets.clear();
        pass(&mut store, &mut kept, now).unwrap();
        prop_assert!(store.gets.is_empty());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20))]

    #[test]
    fn a_pass_costs_no_more_lists_than_there_are_keys_and_few_where_they_have_dates(
        days in 30..100_u64, daily in 1..8_usize, parts in 1..4_usize, page_keys in 20..60_usize,
    ) {
        let mut store = Store { page_keys, ..Store::default() };
        for back in 0..days {
            for n in 0..daily * parts {
                let date = NOW.before(day(back)).datetime();
                let key = format!("p{}/{}{n}", n % parts, date.format("%Y/%m/%d/"));
                store.put(&key, "", NOW);
            }
        }
        let mut kept = Kept::default();
        pass(&mut store, &mut kept, NOW).unwrap();
        let whole = store.lists.len();
        prop_assert_eq!(whole, store.objects.len().div_ceil(page_keys));
        store.lists.clear();
        pass(&mut store, &mut kept, NOW.after(day(1))).unwrap();
        // Of each part, its first list and those of its last five days.
        let few = parts * (2 + (5 * daily).div_ceil(page_keys));
        prop_assert!(store.lists.len() <= few.min(whole), "{} {few} {whole}", store.lists.len());
    }
}
