//! AWS, simulated as far as both vendors leave logs there: a bucket with SendSafely's export, one
//! with CloudTrail's files, and the log group of SAFE. Every request has to be signed.

pub(super) mod bucket;
pub(super) mod export;
mod gzip;
mod listing;
pub(super) mod logs;
pub(super) mod s3;
mod signature;
pub(super) mod trail;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, VecDeque};

use crate::event::Timestamp;

use super::http::{Answer, Call, Purpose};
use super::server::CREDENTIALS;
use super::world::World;
use bucket::Bucket;
use export::{Export, ExportOptions};
use logs::{Logs, LogsOptions};
use signature::Key;
use trail::{TrailBucket, TrailOptions};

/// How the simulated AWS behaves.
#[derive(Debug, Clone)]
pub struct AwsOptions {
    /// The region of the buckets and of the log group.
    pub region: &'static str,
    /// The access key is a temporary one, which comes with a session token and dies at this
    /// moment.
    pub temporary_until: Option<Timestamp>,
    /// What the access key may not do: `s3:ListBucket`, `s3:GetObject`, `logs:FilterLogEvents`.
    pub denied: Vec<&'static str>,
    /// Above so many requests a second S3 answers 503 `SlowDown`; no limit, if none.
    pub s3_per_second: Option<usize>,
    /// SendSafely's export in the bucket [`EXPORT_BUCKET`].
    pub export: ExportOptions,
    /// CloudTrail's files in the bucket [`TRAIL_BUCKET`].
    pub trail: TrailOptions,
    /// The log group [`LOG_GROUP`].
    pub logs: LogsOptions,
}

/// The bucket that SendSafely exports to.
pub const EXPORT_BUCKET: &str = "acme-audit";

/// The bucket that CloudTrail delivers to.
pub const TRAIL_BUCKET: &str = "acme-trail";

/// The log group that SAFE forwards its activity to.
pub const LOG_GROUP: &str = "/safe/audit";

impl Default for AwsOptions {
    fn default() -> AwsOptions {
        AwsOptions {
            region: "eu-central-1",
            temporary_until: None,
            denied: Vec::new(),
            s3_per_second: None,
            export: ExportOptions::default(),
            trail: TrailOptions::default(),
            logs: LogsOptions::default(),
        }
    }
}

/// AWS at work.
#[derive(Debug)]
pub(super) struct Aws {
    options: AwsOptions,
    buckets: BTreeMap<&'static str, Bucket>,
    export: Export,
    trail: TrailBucket,
    logs: Logs,
    s3_rate: Rate,
}

/// What a request is for. CloudWatch Logs takes all of its requests at the root.
pub(super) fn purpose(call: &Call) -> Purpose {
    let (bucket, key) = s3::target(call);
    match call.method.as_str() {
        "POST" if call.path == "/" => Purpose::LogEvents,
        "GET" | "HEAD" if bucket.is_empty() => Purpose::Unknown,
        "GET" | "HEAD" if key.is_empty() => Purpose::ListObjects,
        "GET" | "HEAD" => Purpose::ReadObject,
        _ => Purpose::Unknown,
    }
}

impl Aws {
    pub(super) fn new(options: AwsOptions) -> Aws {
        let buckets = [EXPORT_BUCKET, TRAIL_BUCKET].map(|name| (name, Bucket::default()));
        Aws {
            buckets: BTreeMap::from(buckets),
            export: Export::default(),
            trail: TrailBucket::default(),
            logs: Logs::new(),
            s3_rate: Rate::default(),
            options,
        }
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, call: &Call, world: &World, now: Timestamp) -> Answer {
        self.deliver(world, now);
        match purpose(call) {
            Purpose::LogEvents => self.filter_log_events(call, world, now),
            purpose => self.s3(call, now, purpose),
        }
    }

    /// Puts into the buckets what there is to deliver by now.
    pub(super) fn deliver(&mut self, world: &World, now: Timestamp) {
        if let Some(bucket) = self.buckets.get_mut(EXPORT_BUCKET) {
            self.export
                .deliver(&self.options.export, world, bucket, now);
        }
        if let Some(bucket) = self.buckets.get_mut(TRAIL_BUCKET) {
            self.trail.deliver(&self.options.trail, world, bucket, now);
        }
    }

    /// A bucket by its name.
    pub(super) fn bucket(&mut self, name: &str) -> Option<&mut Bucket> {
        self.buckets.get_mut(name)
    }

    fn key(&self) -> Key<'static> {
        let dies = self.options.temporary_until;
        Key {
            id: CREDENTIALS.access_key_id,
            secret: CREDENTIALS.secret_access_key,
            session: dies.map(|dies| (CREDENTIALS.session_token, dies)),
        }
    }

    fn may_not(&self, action: &str) -> bool {
        self.options.denied.contains(&action)
    }
}

/// The requests of the last second.
#[derive(Debug, Default)]
struct Rate(VecDeque<Timestamp>);

impl Rate {
    /// Whether one request more is within the rate; it counts only if it is.
    fn admits(&mut self, now: Timestamp, per_second: usize) -> bool {
        self.0
            .retain(|at| now.millis().abs_diff(at.millis()) < 1000);
        let admitted = self.0.len() < per_second;
        if admitted {
            self.0.push_back(now);
        }
        admitted
    }
}
