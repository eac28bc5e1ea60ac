//! What the infrastructure records of itself: the events of CloudTrail, and the files in which it
//! delivers them.

use std::collections::BTreeMap;
use std::sync::Arc;

use fastrand::Rng;

use crate::event::{Period, Timestamp};

use super::people::{Cast, hyphenated, pick, uuid};
use super::rhythm::Rhythm;
use super::{DAY, World, within};

/// One event of CloudTrail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrailEvent {
    /// CloudTrail's id of the event, which its documents call a primary key.
    pub event_id: u128,
    /// When it happened; CloudTrail tells whole seconds.
    pub time: Timestamp,
    /// From when on a file in the bucket holds it.
    pub visible_at: Timestamp,
    /// In which account.
    pub account: &'static str,
    /// In which region.
    pub region: &'static str,
    /// The service: `s3.amazonaws.com`.
    pub source: &'static str,
    /// What was done: `GetObject`.
    pub name: &'static str,
    /// Whether it only read.
    pub read_only: bool,
    /// Why it was refused, where it was.
    pub error: Option<&'static str>,
    /// Who did it: an ARN, or a service.
    pub who: Arc<str>,
    /// From where: an address, the name of a service, or `AWS Internal`.
    pub from: Arc<str>,
}

/// One log file: what its account and region have to tell of five minutes.
#[derive(Debug)]
pub(in crate::demo) struct TrailFile<'a> {
    pub(in crate::demo) account: &'static str,
    pub(in crate::demo) region: &'static str,
    pub(in crate::demo) delivered_at: Timestamp,
    /// Decides the meaningless part of the name.
    pub(in crate::demo) unique: u64,
    pub(in crate::demo) events: Vec<&'a TrailEvent>,
}

/// A file may be late by so much: five days. AWS tries for 30 (documented).
pub const TRAIL_LATE_MAX_MILLIS: i64 = 5 * DAY;

/// The two accounts and regions of the organisation.
pub(in crate::demo) const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];
const REGIONS: [&str; 2] = ["eu-central-1", "us-east-1"];

/// How long a file tells of, in milliseconds.
const SLOT: i64 = 5 * 60_000;

/// The trail of both accounts, drawn apart from the vendors' logs: they are the same with and
/// without it.
#[derive(Debug)]
pub(super) struct Trail {
    seed: u64,
    rng: Rng,
    late: f64,
    events: Vec<TrailEvent>,
}

impl World {
    /// The events of CloudTrail that a file in the bucket holds at `now`, in order of time.
    /// Digests, insights and folder markers hold none.
    pub fn cloudtrail_visible(&self, now: Timestamp) -> Vec<&TrailEvent> {
        let events = self.trail.events.iter();
        events.filter(|event| event.visible_at <= now).collect()
    }

    /// The files that tell of the slots from the one to before the other, delivered or not.
    pub(in crate::demo) fn trail_files(&self, slots: std::ops::Range<i64>) -> Vec<TrailFile<'_>> {
        let trail = &self.trail;
        let start = |slot: i64| Timestamp::from_millis(slot.saturating_mul(SLOT));
        let (from, to) = (start(slots.start - 1), start(slots.end));
        let mut files: BTreeMap<_, Vec<&TrailEvent>> = BTreeMap::new();
        for event in within(&trail.events, |event| event.time, from, to) {
            for slot in event
                .slots()
                .into_iter()
                .flatten()
                .filter(|n| slots.contains(n))
            {
                let file = files.entry((slot, event.account, event.region));
                file.or_default().push(event);
            }
        }
        let files = files.into_iter();
        let files = files.map(|((slot, account, region), events)| TrailFile {
            account,
            region,
            delivered_at: trail.delivered_at(account, region, slot),
            unique: trail.draw(account, region, slot).u64(..),
            events,
        });
        files.collect()
    }

    /// The first slot that has an event, and the first that is not over at `now`.
    pub(in crate::demo) fn trail_slots(&self, now: Timestamp) -> std::ops::Range<i64> {
        let end = now.millis().div_euclid(SLOT);
        let first = self.trail.events.first();
        first.map_or(end, TrailEvent::slot)..end
    }
}

impl Trail {
    pub(super) fn new(seed: u64, late: f64) -> Trail {
        Trail {
            seed,
            rng: Rng::with_seed(seed ^ 0xc10d_7a11),
            late,
            events: Vec::new(),
        }
    }

    /// Lets so many events happen.
    pub(super) fn fill(&mut self, cast: &Cast, period: Period, count: usize) {
        let rhythm = Rhythm::new(self.rng.fork(), period, count);
        for time in rhythm {
            let second = time.millis().div_euclid(1000) * 1000;
            let mut event = event(&mut self.rng, cast, Timestamp::from_millis(second));
            let slots = event.slots().into_iter().flatten();
            let delivered = slots.map(|n| self.delivered_at(event.account, event.region, n));
            event.visible_at = delivered.min().unwrap_or(event.time);
            self.events.push(event);
        }
        self.events.sort_by_key(|event| event.time);
    }

    /// About five minutes after what it tells of (documented), some only after days.
    fn delivered_at(&self, account: &str, region: &str, slot: i64) -> Timestamp {
        let mut rng = self.draw(account, region, slot);
        let end = Timestamp::from_millis((slot + 1).saturating_mul(SLOT));
        if rng.f64() < self.late {
            return end.plus_millis(rng.i64(DAY / 2..TRAIL_LATE_MAX_MILLIS - SLOT));
        }
        end.plus_millis(rng.i64(20_000..SLOT))
    }

    /// Chance that is the same whenever one asks.
    fn draw(&self, account: &str, region: &str, slot: i64) -> Rng {
        let place = u64::from(account == ACCOUNTS[1]) * 2 + u64::from(region == REGIONS[1]);
        let slot = slot.cast_unsigned().wrapping_mul(4) + place;
        let mut rng = Rng::with_seed(self.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ slot);
        // A number is drawn in vain: near seeds begin alike.
        rng.u64(..);
        rng
    }
}

impl TrailEvent {
    /// The id as CloudTrail writes it.
    pub fn id(&self) -> String {
        hyphenated(self.event_id)
    }

    fn slot(&self) -> i64 {
        self.time.millis().div_euclid(SLOT)
    }

    /// The slots whose files hold it: its own, and for one in 32 the next one too, for delivery
    /// is at least once.
    fn slots(&self) -> [Option<i64>; 2] {
        let twice = self.event_id.is_multiple_of(32);
        [Some(self.slot()), twice.then(|| self.slot() + 1)]
    }
}

fn event(rng: &mut Rng, cast: &Cast, time: Timestamp) -> TrailEvent {
    let (source, name, read_only, error) = *rng.choice(ACTIONS).unwrap_or(&ACTIONS[0]);
    let account = pick(&ACCOUNTS, rng.usize(..3) / 2);
    let (who, from) = party(rng, cast, account, time);
    TrailEvent {
        event_id: uuid(rng),
        time,
        visible_at: time,
        account,
        region: pick(&REGIONS, rng.usize(..4) / 3),
        source,
        name,
        read_only,
        error,
        who,
        from,
    }
}

/// Mostly people in a role of theirs, now and then a service, whose address is no IP (documented).
fn party(rng: &mut Rng, cast: &Cast, account: &str, time: Timestamp) -> (Arc<str>, Arc<str>) {
    match rng.u8(..8) {
        0 => ("config.amazonaws.com".into(), "config.amazonaws.com".into()),
        1 => {
            let who = format!("arn:aws:sts::{account}:assumed-role/SafeReader/siem");
            (who.into(), format!("AWS Internal/{}", rng.u8(1..9)).into())
        }
        _ => {
            let person = cast.someone(rng, time);
            let who = &person.email;
            let arn = format!("arn:aws:sts::{account}:assumed-role/Operator/{who}");
            let address = rng.choice(&person.addresses).cloned();
            (arn.into(), address.unwrap_or_else(|| "".into()))
        }
    }
}

/// Service, action, whether it only reads, and why it is refused.
const ACTIONS: &[(&str, &str, bool, Option<&str>)] = &[
    ("sts.amazonaws.com", "AssumeRole", true, None),
    ("sts.amazonaws.com", "GetCallerIdentity", true, None),
    ("s3.amazonaws.com", "ListBuckets", true, None),
    ("s3.amazonaws.com", "PutBucketPolicy", false, None),
    (
        "s3.amazonaws.com",
        "GetBucketPolicy",
        true,
        Some("AccessDenied"),
    ),
    ("ec2.amazonaws.com", "DescribeInstances", true, None),
    (
        "ec2.amazonaws.com",
        "AuthorizeSecurityGroupIngress",
        false,
        None,
    ),
    ("kms.amazonaws.com", "Decrypt", true, None),
    ("iam.amazonaws.com", "CreateAccessKey", false, None),
    (
        "iam.amazonaws.com",
        "AttachRolePolicy",
        false,
        Some("AccessDenied"),
    ),
    ("logs.amazonaws.com", "FilterLogEvents", true, None),
    ("signin.amazonaws.com", "ConsoleLogin", false, None),
];
