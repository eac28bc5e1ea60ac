//! Tests of the world.

use std::collections::{HashMap, HashSet};

use super::*;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z

fn plan(events: usize) -> Plan {
    Plan {
        seed: 7,
        events,
        days: 90,
        now: NOW,
    }
}

fn perfect() -> Blemishes {
    Blemishes {
        late: 0.0,
        repeats: 0.0,
        garbage: 0.0,
    }
}

#[test]
fn the_same_plan_makes_the_same_world() {
    let [one, two] = [plan(2_000), plan(2_000)].map(|plan| {
        let mut world = World::new(plan);
        world.advance(NOW.plus_millis(DAY), 100);
        world
    });
    assert_eq!(one.safe, two.safe);
    assert_eq!(one.sendsafely, two.sendsafely);
    let other = World::new(Plan {
        seed: 8,
        ..plan(2_000)
    });
    assert_ne!(one.sendsafely[..10], other.sendsafely[..10]);
}

#[test]
fn there_are_as_many_events_as_planned_within_the_days_planned() {
    for (events, days) in [(0, 90), (1, 1), (13, 2), (999, 0), (1_000, 7), (5_000, 365)] {
        let world = World::with_blemishes(
            Plan {
                days,
                ..plan(events)
            },
            perfect(),
        );
        let (safe, sendsafely) = (world.safe_visible(NOW, 365), world.sendsafely_visible(NOW));
        let expected = if days == 0 { 0 } else { events };
        assert_eq!(
            safe.len() + sendsafely.len(),
            expected,
            "{events} events in {days} days"
        );
        assert_eq!(
            safe.len(),
            expected * 2 / 5,
            "{events} events in {days} days"
        );
        assert!(safe.is_sorted_by_key(|e| e.time) && sendsafely.is_sorted_by_key(|e| e.time));
        let first = NOW.plus_millis(-DAY * i64::from(days));
        assert!(safe.iter().all(|e| first < e.time && e.time < NOW));
        // An hour later nothing has left either window.
        assert_eq!(
            world.sendsafely_visible(NOW.plus_millis(HOUR)).len(),
            sendsafely.len()
        );
        assert_eq!(
            world.safe_visible(NOW.plus_millis(HOUR), 365).len(),
            safe.len()
        );
    }
}

#[test]
fn advancing_adds_only_what_is_later() {
    let mut world = World::with_blemishes(plan(500), perfect());
    let later = NOW.plus_millis(2 * DAY);
    let before: Vec<u128> = world
        .sendsafely_visible(NOW)
        .iter()
        .map(|e| e.event_id)
        .collect();
    world.advance(later, 50);
    world.advance(NOW, 50);
    assert_eq!(world.until(), later);
    let unchanged: Vec<u128> = world
        .sendsafely_visible(NOW)
        .iter()
        .map(|e| e.event_id)
        .collect();
    assert_eq!(before, unchanged);
    let added = world.sendsafely_between(NOW, later).len() + world.safe_visible(later, 2).len();
    assert_eq!(added, 50);
}

#[test]
fn late_events_are_shown_when_they_are_due_and_not_before() {
    let late = Blemishes {
        late: 0.2,
        ..perfect()
    };
    let world = World::with_blemishes(plan(5_000), late);
    let count = world
        .sendsafely
        .iter()
        .filter(|e| e.visible_at > e.time)
        .count();
    assert!((500..700).contains(&count), "{count} of 3000 are late");
    assert!(
        world
            .sendsafely
            .iter()
            .all(|e| e.visible_at.millis() - e.time.millis() <= LATE_MAX_MILLIS)
    );
    let event = world
        .sendsafely
        .iter()
        .find(|e| e.visible_at > e.time)
        .unwrap();
    let shown = |now| {
        world
            .sendsafely_visible(now)
            .iter()
            .any(|e| e.event_id == event.event_id)
    };
    assert!(!shown(event.visible_at.plus_millis(-1)));
    assert!(shown(event.visible_at));
    let row = world.safe.iter().find(|e| e.visible_at > e.time).unwrap();
    assert!(
        !world
            .safe_visible(row.visible_at.plus_millis(-1), 9)
            .contains(&row)
    );
    assert!(world.safe_visible(row.visible_at, 9).contains(&row));
}

#[test]
fn repeats_and_garbage_come_at_their_rates() {
    let world = World::with_blemishes(
        plan(5_000),
        Blemishes {
            late: 0.0,
            repeats: 0.08,
            garbage: 0.05,
        },
    );
    let same = |pair: &[SafeEvent]| pair[0].time == pair[1].time && pair[0].port == pair[1].port;
    let repeats = world.safe.windows(2).filter(|pair| same(pair)).count();
    assert!(
        (100..220).contains(&repeats),
        "{repeats} of 2000 are repeats"
    );
    let garbage = world.sendsafely.iter().filter(|e| e.garbage).count();
    assert!(
        (100..200).contains(&garbage),
        "{garbage} of 3000 are garbage"
    );
}

#[test]
fn ids_are_unique_and_look_like_uuids() {
    let world = World::new(plan(5_000));
    let ids: HashSet<String> = world.sendsafely.iter().map(SendSafelyEvent::id).collect();
    assert_eq!(ids.len(), 3_000);
    for id in &ids {
        assert_eq!(id.len(), 36);
        assert_eq!(id.as_bytes()[14], b'4', "{id}");
        assert!(b"89ab".contains(&id.as_bytes()[19]), "{id}");
    }
    let emails: HashSet<&str> = world.cast.staff.iter().map(|p| &*p.email).collect();
    assert_eq!(emails.len(), world.cast.staff.len());
}

#[test]
fn the_dead_do_not_speak() {
    let world = World::new(Plan {
        days: 365,
        ..plan(20_000)
    });
    let left = |id: &str| {
        world
            .cast
            .staff
            .iter()
            .find(|p| *p.user_id == *id)
            .and_then(|p| p.left_at)
    };
    let gone = world
        .cast
        .staff
        .iter()
        .filter(|p| p.left_at.is_some_and(|at| at < NOW))
        .count();
    assert!(gone > 2, "{gone} have left");
    // Strangers may try the accounts of people who have left, in vain.
    let in_vain = |e: &SafeEvent| *e.activity == *"Login failed" && *e.ip == *story::STRANGER;
    assert!(
        world
            .safe
            .iter()
            .filter(|e| !in_vain(e))
            .all(|e| left(&e.user_id).is_none_or(|at| e.time < at))
    );
}

#[test]
fn whoever_leaves_is_deactivated_once_and_stops_but_for_the_leaver_of_the_story() {
    let mut world = World::new(plan(20_000));
    world.advance(NOW.plus_millis(2 * DAY), 500);
    let mut closed: HashMap<&str, Timestamp> = HashMap::new();
    let entries = &world.sendsafely;
    for event in entries.iter().filter(|e| e.action == "USER_DEACTIVATED") {
        let target = event.detail("targetUser").unwrap();
        assert_eq!(closed.insert(target, event.time), None, "{target}");
    }
    let until = world.until();
    let gone = world.cast.staff.iter().filter(|p| !p.is_there(until));
    let gone: HashSet<&str> = gone.map(|p| &*p.portal_email).collect();
    assert!(gone.len() > 4, "{gone:?}");
    assert_eq!(gone, closed.keys().copied().collect());
    let is_after = |e: &&SendSafelyEvent| {
        let closed = closed.get(&*e.authenticated_user);
        closed.is_some_and(|at| *at < e.time)
    };
    let after: Vec<_> = entries.iter().filter(is_after).collect();
    let leaver = &world.cast.leaver().portal_email;
    assert_eq!(after.len(), 6);
    for event in after {
        assert_eq!(event.action, "PACKAGE_FILE_DOWNLOAD");
        assert_eq!(&event.authenticated_user, leaver);
    }
}

#[test]
fn what_checks_look_for_happens_in_stories_and_not_by_chance() {
    let mut world = World::new(plan(50_000));
    world.advance(NOW.plus_millis(DAY), 500);
    let entries = &world.sendsafely;
    let factors = entries.iter().filter(|e| e.action == "USER_2FA_DISABLED");
    assert_eq!(factors.count(), 3);
    let granted = entries.iter().filter(|e| e.action == "PRIVILEGE_GRANTED");
    let mut granted = granted.map(|e| (&*e.authenticated_user, e.detail("targetUser").unwrap()));
    assert!(granted.all(|(who, whose)| who != whose));
    let synchronized = world.safe.iter().rev().map(|e| &*e.activity);
    let mut synchronized = synchronized.filter(|done| done.contains("Synchronization of"));
    let stopped = "Synchronization of integration 'CrowdStrike Falcon' stopped";
    assert!(synchronized.clone().any(|done| done == stopped));
    let last = synchronized.find(|done| done.contains("Falcon"));
    assert_eq!(last, Some(stopped));
    let failed = world.safe.iter().filter(|e| *e.activity == *"Login failed");
    let mut shared = failed.filter(|e| e.ip.starts_with("198.51.100."));
    assert_eq!(shared.next(), None, "nobody fails at the office");
}

#[test]
fn a_workspace_is_worked_in_and_nothing_else_is() {
    let world = World::new(plan(5_000));
    let mut workspaces = 0;
    for event in world
        .sendsafely
        .iter()
        .filter(|event| event.event_type == "PACKAGE_EVENT")
    {
        let in_workspace = event.detail("packageType") == Some("WORKSPACE");
        let by_action = event.action.starts_with("WORKSPACE");
        assert_eq!(in_workspace, by_action, "{}", event.action);
        workspaces += usize::from(in_workspace);
    }
    assert!(workspaces > 300);
}

#[test]
fn an_amended_entry_keeps_its_id_and_time() {
    let mut world = World::new(plan(100));
    let before = world.sendsafely[3].clone();
    assert!(world.amend(before.event_id, "192.0.2.255"));
    let after = SendSafelyEvent {
        ip: "192.0.2.255".into(),
        ..before
    };
    assert_eq!(world.sendsafely[3], after);
    assert!(!world.amend(1, "192.0.2.255"));
}

#[test]
fn the_stories_can_be_found() {
    let world = World::new(plan(5_000));
    let stranger: Vec<_> = world
        .safe
        .iter()
        .filter(|e| *e.ip == *story::STRANGER)
        .collect();
    assert_eq!(
        stranger
            .iter()
            .filter(|e| *e.activity == *"Login failed")
            .count(),
        48
    );
    assert!(stranger.iter().any(|e| e.activity.contains("stopped")));
    let granted =
        |e: &&SendSafelyEvent| e.action == "PRIVILEGE_GRANTED" && *e.ip == *story::STRANGER;
    assert_eq!(world.sendsafely.iter().filter(granted).count(), 1);
    let leaver = world.cast.leaver();
    let left = leaver.left_at.unwrap();
    let evening =
        world.sendsafely_between(left.plus_millis(-22 * HOUR), left.plus_millis(-19 * HOUR));
    let downloads = evening
        .iter()
        .filter(|e| e.authenticated_user == leaver.portal_email);
    assert!(downloads.count() > 70);
}

#[test]
fn an_ndjson_line_is_about_400_bytes() {
    let mut out = Vec::new();
    write_ndjson(plan(5_000), &mut out).unwrap();
    assert_eq!(out.iter().filter(|byte| **byte == b'\n').count(), 5_000);
    let average = out.len() / 5_000;
    assert!((380..=420).contains(&average), "{average} bytes");
    let ids: HashSet<String> = out
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| {
            serde_json::from_slice::<serde_json::Value>(line).unwrap()["eventId"].to_string()
        })
        .collect();
    assert_eq!(ids.len(), 5_000);
}

#[test]
fn the_csv_of_a_plan_has_a_row_an_event() {
    let mut out = Vec::new();
    write_csv(plan(1_000), &mut out).unwrap();
    let mut reader = csv::Reader::from_reader(out.as_slice());
    assert_eq!(reader.headers().unwrap().get(0), Some("Timestamp"));
    assert_eq!(
        reader
            .records()
            .map(|row| row.unwrap().len())
            .filter(|cells| *cells == 6)
            .count(),
        1_000
    );
}

impl World {
    /// Moves the first entries of SendSafely's log to these moments.
    pub(in crate::demo) fn move_first_sendsafely<const N: usize>(
        &mut self,
        moments: [Timestamp; N],
    ) {
        for (event, time) in self.sendsafely.iter_mut().zip(moments) {
            (event.time, event.visible_at) = (time, time);
        }
        self.sendsafely.sort_by_key(|event| event.time);
    }
}

#[test]
fn an_event_of_cloudtrail_is_there_with_the_first_file_that_holds_it() {
    let blemishes = Blemishes {
        late: 0.2,
        ..perfect()
    };
    let world = World::with_blemishes(plan(20_000), blemishes);
    let far = NOW.plus_millis(trail::TRAIL_LATE_MAX_MILLIS);
    let mut deliveries: HashMap<u128, Vec<Timestamp>> = HashMap::new();
    for file in world.trail_files(world.trail_slots(far)) {
        for event in file.events {
            assert!(event.time < file.delivered_at && event.region == file.region);
            let held = deliveries.entry(event.event_id).or_default();
            held.push(file.delivered_at);
        }
    }
    let events = world.cloudtrail_visible(far);
    assert_eq!(events.len(), 2_000);
    assert!(events.is_sorted_by_key(|event| event.time));
    for event in &events {
        let first = deliveries[&event.event_id].iter().min();
        assert_eq!(first, Some(&event.visible_at));
        let late = event.visible_at.millis() - event.time.millis();
        assert!(late <= trail::TRAIL_LATE_MAX_MILLIS);
    }
    let twice = deliveries.values().filter(|held| held.len() == 2);
    let apart =
        twice.filter(|held| held[0].since(held[1]).max(held[1].since(held[0])).as_secs() > 3_600);
    assert!(apart.count() > 3, "some come again hours apart");
}
