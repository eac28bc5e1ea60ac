//! Somebody whose logs lie with a counterpart of AWS, and who pulls them with the real binary.

use std::collections::BTreeSet;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use trailkeep::demo::{Plan, write_ndjson};
use trailkeep::fetch::clock::{Clock, SystemClock};

use crate::support::counterparts::keys;
use crate::support::sandbox::{Output, Sandbox};

/// One source, `acme`, of which one feed is pulled.
pub(super) struct Customer {
    pub(super) sandbox: Sandbox,
}

/// Where a feed takes its keys from: the environment, by the config file's own names.
pub(super) const KEYS: &str =
    "access_key_id = { env = \"KEY_ID\" }\nsecret_access_key = { env = \"KEY_SECRET\" }\n";

impl Customer {
    /// Pulls this feed with these settings. The keys are where [`KEYS`] looks for them, and AWS's
    /// chain asks no machine.
    pub(super) fn new(kind: &str, feed: &str, settings: &str) -> Customer {
        let mut sandbox = Sandbox::new();
        let config = format!(
            "[source.acme]\nkind = \"{kind}\"\nurl = \"https://acme.example\"\n\
             [source.acme.{feed}]\n{settings}"
        );
        sandbox.write("trailkeep.toml", &config);
        sandbox.set("KEY_ID", &keys().id);
        sandbox.set("KEY_SECRET", &keys().secret);
        sandbox.set("AWS_EC2_METADATA_DISABLED", "true");
        Customer { sandbox }
    }

    /// Pulls a bucket: of SendSafely's export or of CloudTrail. `settings` come on top.
    pub(super) fn of_bucket(feed: &str, endpoint: &str, bucket: &str, settings: &str) -> Customer {
        let kind = if feed == "s3" { "sendsafely" } else { "safe" };
        let place = format!(
            "bucket = \"{bucket}\"\nendpoint = \"{endpoint}\"\npath_style = true\n{settings}"
        );
        Customer::new(kind, feed, &place)
    }

    /// Whether the feed can be asked, in one line.
    pub(super) fn tests(&self) -> String {
        let output = self.sandbox.run("sources --test");
        output.exits(0);
        let table = output.single_spaced();
        let row = table.lines().nth(1).unwrap_or_default();
        let (name, answer) = row.split_once(" ok ").unwrap_or_default();
        assert!(name.starts_with("acme/"), "{table}");
        answer.to_owned()
    }

    /// A sync, due or not.
    pub(super) fn syncs(&self) -> Output {
        self.sandbox.run("sync --force -o json")
    }

    /// A sync that is complete: what it received and what it added.
    pub(super) fn pulls(&self) -> [u64; 2] {
        let output = self.syncs();
        output.exits(0);
        let feeds: Value = serde_json::from_str(&output.stdout).unwrap();
        let count = |key: &str| feeds[0][key].as_u64().unwrap();
        assert_eq!(feeds[0]["outcome"], "complete", "{output}");
        assert_eq!(feeds[0]["quarantined"], 0, "{output}");
        assert_eq!(feeds[0]["conflicts"], 0, "{output}");
        ["received", "added"].map(count)
    }

    /// The lines of an answer in CSV, without its header.
    pub(super) fn asks(&self, sql: &str) -> Vec<String> {
        let arguments = ["query", sql, "-o", "csv", "--no-coverage"];
        let output = self.sandbox.run_with(&arguments);
        output.exits(0);
        output.stdout.lines().skip(1).map(str::to_owned).collect()
    }

    /// The archive holds these events, each once.
    #[track_caller]
    pub(super) fn has(&self, ids: &BTreeSet<String>) {
        let archived = self.asks("select event_id from events order by 1");
        let ids: Vec<&String> = ids.iter().collect();
        assert_eq!(archived.iter().collect::<Vec<_>>(), ids);
    }
}

/// So many entries of SendSafely's audit log, a line each, of the last three days.
pub(super) fn entries(count: usize) -> Vec<String> {
    let plan = Plan {
        seed: 1,
        events: count,
        days: 3,
        now: SystemClock.now(),
    };
    let mut text = Vec::new();
    write_ndjson(plan, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Of entries, what tells them apart.
pub(super) fn ids(entries: &[String]) -> BTreeSet<String> {
    let id = |entry: &String| {
        let entry: Value = serde_json::from_str(entry).unwrap();
        let id = &entry["eventId"];
        id.as_str().map_or_else(|| id.to_string(), str::to_owned)
    };
    entries.iter().map(id).collect()
}

/// A line each.
pub(super) fn ndjson(entries: &[String]) -> Vec<u8> {
    format!("{}\n", entries.join("\n")).into_bytes()
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(bytes).unwrap();
    gzip.finish().unwrap()
}
