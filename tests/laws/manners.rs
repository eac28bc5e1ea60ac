//! Manners: no vendor is asked sooner, more often or for more than it wants to be.

use std::collections::HashMap;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use trailkeep::demo::{Fault, Faults, Options, Plan, Purpose, Requested, Vendor};
use trailkeep::event::Timestamp;
use trailkeep::feed::FeedError;
use trailkeep::fetch::clock::Clock;
use trailkeep::kind::Settings;
use trailkeep::sync::{Ended, Outcome, SyncError, Wishes};

use super::kept::{complete, nothing_is_lost};
use super::scenario::{BLEMISHES, faults, options, plans};
use super::{cases, run};
use crate::support::rig::Rig;
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(8))]

    #[test]
    fn who_is_not_due_is_not_asked(plan in plans(50..300), options in options()) {
        run(ask_too_soon(plan, options));
    }

    #[test]
    fn a_report_is_ordered_once_though_the_pass_breaks_off(
        plan in plans(50..300),
        options in options(),
        fault in prop_oneof![Just(Fault::Drop), Just(Fault::Cut), Just(Fault::Status(503))],
        purpose in prop_oneof![Just(Purpose::ReportPoll), Just(Purpose::Download)],
    ) {
        run(break_off(plan, options, &Faults::first(u32::MAX, fault, purpose)));
    }

    #[test]
    fn an_order_that_may_have_been_taken_is_not_made_again_for_a_day(
        plan in plans(50..300),
        options in options(),
        fault in select(vec![
            Fault::Drop,
            Fault::Cut,
            Fault::Status(500),
            Fault::Status(502),
            Fault::Status(504),
        ]),
        pauses in vec(1_u64..90, 3..6),
    ) {
        run(leave_in_doubt(plan, options, fault, &pauses));
    }

    #[test]
    fn an_order_that_was_refused_is_made_again_with_the_next_pass(
        plan in plans(50..300),
        options in options(),
        fault in select(vec![
            Fault::Status(400),
            Fault::Status(403),
            Fault::Status(503),
            Fault::TooMany { retry_after: None, retry_in: None },
            Fault::TooMany { retry_after: Some(1_800), retry_in: None },
        ]),
    ) {
        run(break_off(plan, options, &Faults::first(u32::MAX, fault, Purpose::ReportAsk)));
    }

    #[test]
    fn a_vendor_that_wants_a_pause_gets_it(
        plan in plans(200..2_000),
        options in options(),
        faults in faults(),
        seconds in 2_u32..60,
    ) {
        let retry_after = Some(seconds);
        let kinds = vec![Fault::TooMany { retry_after, retry_in: None }];
        // The vendor's own limit would come on top, and who is refused six times gives up.
        let options = Options { limit: None, ..options };
        run(want_a_pause(plan, options, &Faults { kinds, in_a_row: 2, ..faults }));
    }
}

async fn ask_too_soon(plan: Plan, options: Options) {
    let rig = Rig::new(plan, BLEMISHES, options);
    let started = rig.clock.now();
    complete(&rig.sync(Wishes::default()).await);
    orders_are_single(&rig.vendors.requests());
    let mut feeds = simulated();
    feeds.sort_by_key(|of| of.feed().interval);
    for of in feeds {
        let feed = of.feed();
        let due = started.plus_millis(i64::try_from(feed.interval.as_millis()).unwrap());
        rig.vendors.clear_requests();
        let left = due.millis() - 1 - rig.clock.now().millis();
        rig.live(Duration::from_millis(u64::try_from(left).unwrap_or(0)), 0);
        let jobs = || rig.jobs(&[of]);
        if left >= 0 {
            let outcomes = rig.run(jobs(), Wishes::default()).await;
            assert!(matches!(outcomes[0].ending, Ok(Ended::NotDue)));
            assert_eq!(outcomes[0].next, Some(due), "{outcomes:?}");
            assert_eq!(rig.vendors.requests(), [], "{} is not due", of.source);
        }
        rig.live(Duration::from_millis(1), 0);
        complete(&rig.run(jobs(), Wishes::default()).await);
        assert_ne!(rig.vendors.requests(), [], "{} is due", of.source);
    }
}

async fn break_off(plan: Plan, options: Options, faults: &Faults) {
    let rig = Rig::new(plan, BLEMISHES, options);
    rig.vendors.set_faults(faults);
    let outcomes = rig.sync(Wishes::default()).await;
    let failed = outcomes.iter().filter(|outcome| outcome.ending.is_err());
    assert_eq!(
        failed.count(),
        1,
        "only one vendor has reports: {outcomes:?}"
    );
    rig.vendors.set_faults(&Faults::default());
    // Soon enough that "not found" still means "not ready".
    rig.live(Duration::from_secs(6 * 60), 0);
    complete(&rig.sync(Wishes::default()).await);
    orders_are_single(&rig.vendors.requests());
}

/// The vendor's answers to orders are lost, and who is told nothing tries again and again.
async fn leave_in_doubt(plan: Plan, options: Options, fault: Fault, pauses: &[u64]) {
    let rig = Rig::new(plan, BLEMISHES, options);
    rig.vendors
        .set_faults(&Faults::first(u32::MAX, fault, Purpose::ReportAsk));
    let outcomes = rig.sync(Wishes::default()).await;
    let failed = outcomes.iter().filter(|outcome| outcome.ending.is_err());
    assert_eq!(failed.count(), 1, "{outcomes:?}");
    orders_are_single(&rig.vendors.requests());
    for (pass, minutes) in pauses.iter().enumerate() {
        if pass == 1 {
            rig.vendors.set_faults(&Faults::default());
        }
        rig.live(Duration::from_secs(minutes * 60), 5);
        let outcomes = rig.sync(Wishes::default()).await;
        let is_held = |outcome: &&Outcome| {
            let doubt = outcome.ending.as_ref().err();
            matches!(doubt, Some(SyncError::Feed(FeedError::Doubtful { until, .. })) if *until > rig.clock.now())
        };
        assert_eq!(outcomes.iter().filter(is_held).count(), 1, "{outcomes:?}");
        orders_are_single(&rig.vendors.requests());
    }
    rig.settle();
    complete(&rig.sync(Wishes::default()).await);
    for of in simulated() {
        nothing_is_lost(&rig, of);
    }
}

/// One order came that was not refused, whether it was answered or not.
#[track_caller]
fn orders_are_single(requests: &[Requested]) {
    let orders = requests.iter().filter(|request| {
        let refused = matches!(request.status, 400..=499 | 503);
        request.purpose == Purpose::ReportAsk && !refused
    });
    assert_eq!(orders.count(), 1, "{requests:#?}");
}

async fn want_a_pause(plan: Plan, mut options: Options, faults: &Faults) {
    // A token that runs out in a pause, unannounced, is refused more than once.
    options.safe.token_lasts = Duration::from_secs(3_600);
    let rig = Rig::new(plan, BLEMISHES, options);
    rig.vendors.set_faults(faults);
    for of in simulated() {
        // One at a time: who waits moves the clock for all, and makes tokens run out.
        rig.vendors.clear_requests();
        let outcomes = rig.run(rig.jobs(&[of]), Wishes::default()).await;
        let requests = rig.vendors.requests();
        assert!(requests.iter().all(|one| one.vendor == of.vendor));
        complete(&outcomes);
        // Objects of a bucket are asked for side by side, each with its own pause.
        if of.vendor != Vendor::Aws {
            pauses_are_kept(&requests);
        }
        rate_is_kept(of, &requests);
    }
}

/// What was answered 429 is not asked again before the time that the answer named.
fn pauses_are_kept(requests: &[Requested]) {
    let mut not_before: HashMap<Purpose, Timestamp> = HashMap::new();
    for request in requests {
        let earliest = not_before.remove(&request.purpose);
        let waited = earliest.is_none_or(|earliest| request.at >= earliest);
        assert!(waited, "{request:?} came before {earliest:?}");
        let asked = match request.fault {
            Some(Fault::TooMany { retry_after, .. }) => retry_after,
            _ => None,
        };
        let pause = asked.map(|seconds| request.at.plus_millis(i64::from(seconds) * 1_000));
        not_before.extend(pause.map(|until| (request.purpose, until)));
    }
}

/// No minute, wherever it begins, has more requests than the settings say.
fn rate_is_kept(of: &Simulated, requests: &[Requested]) {
    let settings = Settings::defaults(of.access(), of.source, None);
    let most = usize::try_from(settings.requests_per_minute()).unwrap();
    for minute in requests.windows(most + 1) {
        let length = minute[most].at.millis() - minute[0].at.millis();
        assert!(length >= 60_000, "{} requests in {length} ms", most + 1);
    }
}
