//! SendSafely's export into a bucket of the customer's: what became visible in a stretch of time,
//! an object a stretch. Nothing is published of what it looks like, so every plausible form can
//! be had.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use fastrand::Rng;

use crate::demo::sendsafely::entry::EntryForm;
use crate::demo::world::people::{hyphenated, uuid};
use crate::demo::world::transfers::SendSafelyEvent;
use crate::demo::world::{LATE_MAX_MILLIS, World};
use crate::event::{Timestamp, millis};

use super::bucket::{Bucket, Object};
use super::gzip::compressed;

/// The form of SendSafely's export.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ExportOptions {
    /// What every key begins with.
    pub prefix: &'static str,
    /// How keys are made.
    pub layout: Layout,
    /// What an object holds.
    pub format: ObjectFormat,
    /// Objects are compressed.
    pub gzip: bool,
    /// A compressed object says so in `Content-Encoding`.
    pub labelled: bool,
    /// The stretch of time that an object holds.
    pub every: Duration,
    /// Share of stretches (0 to 1) that are delivered only hours later, by up to
    /// [`EXPORT_LATE_MAX_MILLIS`]; their keys tell the time of the stretch all the same.
    pub late: f64,
    /// The form of an entry.
    pub entry: EntryForm,
}

/// How keys are made. Dates are those of the stretch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// `audit/2026/11/22/acme-20261122T100000Z.ndjson.gz`.
    DateFolders,
    /// `audit/dt=2026-11-22/part-<UUID>.ndjson.gz`.
    DatePartitions,
    /// `audit/audit-2026-11-22T10-00.ndjson.gz`.
    DateInName,
    /// `audit/<UUID>`: nothing tells the time.
    Random,
}

/// What an object holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectFormat {
    /// One JSON object a line.
    Ndjson,
    /// One JSON array.
    Array,
    /// One JSON object: each event has an object of the bucket to itself.
    OneEach,
    /// JSON objects, one after another, and nothing between them.
    Concatenated,
}

/// No stretch is delivered later than this after its end: half a day.
pub const EXPORT_LATE_MAX_MILLIS: i64 = 12 * 3_600_000;

impl Default for ExportOptions {
    fn default() -> ExportOptions {
        ExportOptions {
            prefix: "audit/",
            layout: Layout::DateFolders,
            format: ObjectFormat::Ndjson,
            gzip: true,
            labelled: false,
            every: Duration::from_secs(3600),
            late: 0.05,
            entry: EntryForm::default(),
        }
    }
}

impl World {
    /// The entries of SendSafely's log that an exported object holds at `now`, in order of time.
    /// The export goes back to the beginning of the world, and nothing leaves it.
    pub fn export_visible(&self, now: Timestamp, options: &ExportOptions) -> Vec<&SendSafelyEvent> {
        let entries = self
            .sendsafely_between(Timestamp::from_millis(i64::MIN), now)
            .iter();
        let seed = self.seed();
        entries
            .filter(|entry| options.exported_at(seed, entry) <= now)
            .collect()
    }

    /// From when on an exported object holds an entry.
    pub fn exported_at(&self, entry: &SendSafelyEvent, options: &ExportOptions) -> Timestamp {
        options.exported_at(self.seed(), entry)
    }
}

impl ExportOptions {
    /// From when on an object in the bucket holds this entry.
    fn exported_at(&self, seed: u64, entry: &SendSafelyEvent) -> Timestamp {
        let slots = self.slots(entry).into_iter().flatten();
        let delivered = slots.map(|slot| self.delivered_at(seed, slot)).min();
        delivered.unwrap_or(entry.visible_at)
    }

    /// The stretches whose objects hold it: its own, and for one in 16 the next one too.
    fn slots(&self, entry: &SendSafelyEvent) -> [Option<i64>; 2] {
        let own = self.slot(entry.visible_at);
        let twice = entry.event_id.is_multiple_of(16);
        [Some(own), twice.then_some(own + 1)]
    }

    fn slot(&self, moment: Timestamp) -> i64 {
        moment.millis().div_euclid(self.every_millis())
    }

    fn start(&self, slot: i64) -> Timestamp {
        Timestamp::from_millis(slot.saturating_mul(self.every_millis()))
    }

    fn every_millis(&self) -> i64 {
        millis(self.every).max(1)
    }

    /// Some minutes after its end, or some hours.
    fn delivered_at(&self, seed: u64, slot: i64) -> Timestamp {
        let mut rng = chance(seed, slot);
        let late = rng.f64() < self.late;
        let delay = if late {
            rng.i64(3_600_000..EXPORT_LATE_MAX_MILLIS)
        } else {
            rng.i64(5_000..240_000)
        };
        let delivered = self.start(slot + 1).plus_millis(delay);
        Timestamp::from_millis(delivered.millis().div_euclid(1000) * 1000)
    }

    /// The objects of one stretch.
    fn objects(&self, seed: u64, slot: i64, entries: &[&SendSafelyEvent]) -> Vec<(String, Object)> {
        let (mut rng, at) = (chance(!seed, slot), self.delivered_at(seed, slot));
        let parts: Vec<&[&SendSafelyEvent]> = match self.format {
            ObjectFormat::OneEach => entries.chunks(1).collect(),
            _ => vec![entries],
        };
        let objects = parts.into_iter().map(|part| {
            let key = self.key(self.start(slot), &hyphenated(uuid(&mut rng)));
            let object = Object::new(self.body(part), at);
            let labelled = self.gzip && self.labelled;
            (key, if labelled { object.labelled() } else { object })
        });
        objects.collect()
    }

    fn key(&self, start: Timestamp, unique: &str) -> String {
        let (prefix, date) = (self.prefix, start.datetime());
        // Where a stretch has one object alone, its time tells it from the others.
        let part = match self.format {
            ObjectFormat::OneEach => format!("-{unique}"),
            _ => String::new(),
        };
        let name = match self.layout {
            Layout::Random => return format!("{prefix}{unique}"),
            Layout::DateFolders => format!("{}{part}", date.format("%Y/%m/%d/acme-%Y%m%dT%H%M%SZ")),
            Layout::DatePartitions => format!("{}{unique}", date.format("dt=%Y-%m-%d/part-")),
            Layout::DateInName => format!("{}{part}", date.format("audit-%Y-%m-%dT%H-%M")),
        };
        let lines = self.format == ObjectFormat::Ndjson;
        let extension = if lines { "ndjson" } else { "json" };
        let compressed = if self.gzip { ".gz" } else { "" };
        format!("{prefix}{name}.{extension}{compressed}")
    }

    fn body(&self, entries: &[&SendSafelyEvent]) -> Bytes {
        let (before, between, after) = match self.format {
            ObjectFormat::Ndjson => ("", "\n", "\n"),
            ObjectFormat::Array => ("[", ",", "]"),
            ObjectFormat::OneEach | ObjectFormat::Concatenated => ("", "", ""),
        };
        let mut text = before.as_bytes().to_vec();
        for (n, entry) in entries.iter().enumerate() {
            if n > 0 {
                text.extend_from_slice(between.as_bytes());
            }
            self.entry.write(entry, &mut text);
        }
        text.extend_from_slice(after.as_bytes());
        if self.gzip {
            compressed(&text).into()
        } else {
            text.into()
        }
    }
}

/// Which stretches have been written.
#[derive(Debug, Default)]
pub(super) struct Export {
    next: Option<i64>,
}

impl Export {
    /// Writes the stretches that are over by now. An object that is delivered later is written
    /// already, and not there yet.
    pub(super) fn deliver(
        &mut self,
        options: &ExportOptions,
        world: &World,
        bucket: &mut Bucket,
        now: Timestamp,
    ) {
        let end = options.slot(now);
        let all = world.sendsafely_between(Timestamp::from_millis(i64::MIN), now);
        let first = || all.first().map_or(end, |entry| options.slot(entry.time));
        let slots = self.next.unwrap_or_else(first)..end;
        if slots.is_empty() {
            return;
        }
        self.next = Some(end);
        for (slot, entries) in by_slot(options, world, &slots) {
            for (key, object) in options.objects(world.seed(), slot, &entries) {
                bucket.insert(key, object);
            }
        }
    }
}

fn by_slot<'a>(
    options: &ExportOptions,
    world: &'a World,
    slots: &Range<i64>,
) -> BTreeMap<i64, Vec<&'a SendSafelyEvent>> {
    let from = options.start(slots.start - 1).plus_millis(-LATE_MAX_MILLIS);
    let mut found: BTreeMap<i64, Vec<&SendSafelyEvent>> = BTreeMap::new();
    for entry in world.sendsafely_between(from, options.start(slots.end)) {
        let held = options.slots(entry).into_iter().flatten();
        for slot in held.filter(|slot| slots.contains(slot)) {
            found.entry(slot).or_default().push(entry);
        }
    }
    found
}

/// Chance that is the same whenever one asks.
fn chance(seed: u64, slot: i64) -> Rng {
    let mut rng = Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ slot.cast_unsigned());
    // A number is drawn in vain: near seeds begin alike.
    rng.u64(..);
    rng
}
