//! Which simulated vendor stands for which feed, and how its truth compares with an archive.
//! A new feed needs a row here; the laws come with it.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use serde_json::value::RawValue;
use trailkeep::demo::{
    Actor, Credentials, EXPORT_BUCKET, IpColumns, LOG_GROUP, LogEvent, Options, SafeEvent,
    SendSafelyEvent, TRAIL_BUCKET, TrailEvent, Vendor, Vendors, World,
};
use trailkeep::event::Timestamp;
use trailkeep::kind::{Access, FeedKind, KINDS, Kind};

/// A feed of events and the vendor that is simulated for it.
pub(crate) struct Simulated {
    pub(crate) kind: &'static Kind,
    /// The feed's name.
    pub(crate) name: &'static str,
    /// The source of which it is pulled: one of its own, so that each feed is held to the truth.
    pub(crate) source: &'static str,
    pub(crate) vendor: Vendor,
    pub(crate) url: fn(&Vendors) -> &str,
    /// Settings that hold no secret, as they are written in the config file.
    pub(crate) settings: fn(&Vendors) -> Vec<(&'static str, SettingText)>,
    /// Settings and the secrets they hold.
    pub(crate) secrets: fn(Credentials) -> Vec<(&'static str, &'static str)>,
    /// What the vendor shows at a moment.
    pub(crate) truth: fn(&World, Timestamp, &Options) -> Vec<Shown>,
    /// What an archive says of an event, in the words of [`Shown::event`].
    pub(crate) archived: &'static str,
    /// What a quarantined record says, in the words of [`Shown::event`].
    pub(crate) rejected: fn(&str) -> String,
    /// Paths that begin so are answered with records.
    pub(crate) path: &'static str,
    /// Such an answer can be imported as a file too.
    pub(crate) is_file: bool,
    /// The records in such an answer, byte for byte.
    pub(crate) records: fn(&[u8]) -> Vec<String>,
    /// Lets events that are visible at this moment have other content from now on: how many.
    pub(crate) amend: fn(&Vendors, Timestamp) -> usize,
    /// The column in which they differ then.
    pub(crate) amended: &'static str,
}

/// A setting as it is written.
#[derive(Debug, Clone)]
pub(crate) enum SettingText {
    /// Text.
    Text(String),
    /// A length of time.
    Duration(&'static str),
    /// A switch that is on.
    Flag,
}

impl fmt::Display for SettingText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingText::Text(text) => write!(f, "{text:?}"),
            SettingText::Duration(text) => write!(f, "{text:?}"),
            SettingText::Flag => write!(f, "true"),
        }
    }
}

impl Simulated {
    /// The feed.
    pub(crate) fn feed(&self) -> &'static FeedKind {
        let feed = self.kind.feeds.iter().find(|feed| feed.name == self.name);
        feed.expect(self.name)
    }

    /// How to get at it.
    pub(crate) fn access(&self) -> &'static Access {
        let feed = self.feed();
        feed.access.as_ref().unwrap_or(&self.kind.access)
    }
}

/// What a vendor shows of an event.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Shown {
    /// What it says, joined by `|`.
    pub(crate) event: String,
    /// It is written without its time, so that it belongs in quarantine.
    pub(crate) garbage: bool,
    /// When it happened.
    pub(crate) time: Timestamp,
    /// Since when the vendor shows it.
    pub(crate) visible_at: Timestamp,
}

/// The vendors of all feeds that bring events.
pub(crate) fn simulated() -> Vec<&'static Simulated> {
    let feeds = KINDS
        .iter()
        .flat_map(|kind| kind.feeds.iter().map(move |feed| (kind, feed)));
    let of_events = feeds.filter(|(_, feed)| feed.events.is_some());
    let row = |(kind, feed): (&&Kind, &FeedKind)| {
        let is_it = |row: &&Simulated| (row.kind.name, row.name) == (kind.name, feed.name);
        SIMULATED.iter().find(is_it).expect(feed.name)
    };
    of_events.map(row).collect()
}

const SIMULATED: &[Simulated] = &[
    Simulated {
        kind: &trailkeep::kind::safe::KIND,
        name: "reports",
        source: "safe",
        vendor: Vendor::Safe,
        url: Vendors::safe_url,
        settings: |_| Vec::new(),
        secrets: |has| vec![("username", has.username), ("password", has.password)],
        truth: safe_truth,
        archived: "concat_ws('|', time, ip, port, actor, action)",
        rejected: |record| cells(record).trim_end_matches("|northwind").to_owned(),
        path: "/safe-reports/",
        is_file: true,
        records: rows,
        // Reports asked for later have one column more.
        amend: |vendors, now| vendors.world().safe_visible(now, 365).len(),
        amended: "details",
    },
    Simulated {
        kind: &trailkeep::kind::sendsafely::KIND,
        name: "api",
        source: "sendsafely",
        vendor: Vendor::SendSafely,
        url: Vendors::sendsafely_url,
        settings: |_| Vec::new(),
        secrets: |has| vec![("api_key", has.api_key), ("api_secret", has.api_secret)],
        truth: |world, now, _| {
            let entries = world.sendsafely_visible(now);
            entries.into_iter().map(sendsafely_shown).collect()
        },
        archived: "concat_ws('|', event_id, time, event_type, action, ip, actor, on_behalf_of)",
        rejected: |record| {
            let members: BTreeMap<&str, &RawValue> = serde_json::from_str(record).unwrap();
            serde_json::from_str(members["eventId"].get()).unwrap()
        },
        path: "/api/v2.0/enterprise/audit-logs/",
        is_file: true,
        records: entries,
        amend: |vendors, now| {
            let mut world = vendors.world();
            let id = world.sendsafely_visible(now)[0].event_id;
            usize::from(world.amend(id, "203.0.113.250"))
        },
        amended: "ip",
    },
    Simulated {
        kind: &trailkeep::kind::safe::KIND,
        name: "cloudwatch",
        source: "safe-cloudwatch",
        vendor: Vendor::Aws,
        url: Vendors::aws_url,
        settings: |vendors| {
            let mut settings = aws(vendors, &[("log_group", LOG_GROUP)]);
            // In large slices: between two requests there is a pause.
            settings.push(("slice", SettingText::Duration("20d")));
            settings
        },
        secrets: aws_keys,
        truth: |world, now, options| {
            let events = world.cloudwatch_visible(now, options.aws.logs.noise);
            events.iter().map(log_event_shown).collect()
        },
        archived: "concat_ws('|', event_id, time)",
        rejected: str::to_owned,
        path: "/",
        is_file: false,
        records: entries,
        amend: |_, _| 0,
        amended: "ip",
    },
    Simulated {
        kind: &trailkeep::kind::safe::KIND,
        name: "cloudtrail",
        source: "safe-cloudtrail",
        vendor: Vendor::Aws,
        url: Vendors::aws_url,
        // Its files come up to five days late.
        settings: |vendors| bucket(vendors, TRAIL_BUCKET, "6d"),
        secrets: aws_keys,
        truth: |world, now, _| {
            let events = world.cloudtrail_visible(now);
            events.into_iter().map(trail_event_shown).collect()
        },
        archived: "concat_ws('|', event_id, time, action)",
        rejected: str::to_owned,
        path: "/acme-trail/",
        is_file: false,
        records: |body| entries(&unzipped(body)),
        amend: |_, _| 0,
        amended: "ip",
    },
    Simulated {
        kind: &trailkeep::kind::sendsafely::KIND,
        name: "s3",
        source: "sendsafely-s3",
        vendor: Vendor::Aws,
        url: Vendors::aws_url,
        settings: |vendors| bucket(vendors, EXPORT_BUCKET, "4d"),
        secrets: aws_keys,
        truth: |world, now, options| {
            let export = &options.aws.export;
            let entries = world.export_visible(now, export);
            let shown = entries.into_iter().map(|entry| Shown {
                visible_at: world.exported_at(entry, export),
                ..sendsafely_shown(entry)
            });
            shown.collect()
        },
        archived: "concat_ws('|', event_id, time, event_type, action, ip, actor, on_behalf_of)",
        rejected: |record| {
            let members: BTreeMap<&str, &RawValue> = serde_json::from_str(record).unwrap();
            serde_json::from_str(members["eventId"].get()).unwrap()
        },
        path: "/acme-audit/",
        is_file: true,
        records: |body| objects(&unzipped(body)),
        amend: |_, _| 0,
        amended: "ip",
    },
];

/// The settings of a feed that reads this bucket, where events come so late.
fn bucket(
    vendors: &Vendors,
    name: &str,
    overlap: &'static str,
) -> Vec<(&'static str, SettingText)> {
    let mut settings = aws(vendors, &[("bucket", name)]);
    settings.push(("path_style", SettingText::Flag));
    settings.push(("overlap", SettingText::Duration(overlap)));
    settings
}

fn trail_event_shown(event: &TrailEvent) -> Shown {
    Shown {
        event: format!("{}|{}|{}", event.id(), event.time, event.name),
        garbage: false,
        time: event.time,
        visible_at: event.visible_at,
    }
}

fn aws_keys(has: Credentials) -> Vec<(&'static str, &'static str)> {
    vec![
        ("access_key_id", has.access_key_id),
        ("secret_access_key", has.secret_access_key),
    ]
}

/// The settings that every feed asked of AWS has here, with these.
fn aws(vendors: &Vendors, texts: &[(&'static str, &str)]) -> Vec<(&'static str, SettingText)> {
    let shared = [("region", "eu-central-1"), ("endpoint", vendors.aws_url())];
    let all = texts.iter().chain(&shared);
    all.map(|(key, text)| (*key, SettingText::Text((*text).to_owned())))
        .collect()
}

fn log_event_shown(event: &LogEvent<'_>) -> Shown {
    Shown {
        event: format!("{}|{}", event.event_id, event.time),
        garbage: false,
        time: event.time,
        visible_at: event.ingested_at,
    }
}

fn safe_truth(world: &World, now: Timestamp, options: &Options) -> Vec<Shown> {
    let table = options.safe.table;
    let shown = |event: &SafeEvent| {
        let (ip, port) = (&event.ip, event.port);
        let actor = match table.actor {
            Actor::Username => &event.username,
            Actor::Both | Actor::UserId => &event.user_id,
        };
        let says = if event.garbage {
            let address = match table.ip {
                IpColumns::Two => format!("{ip}|{port}"),
                IpColumns::One if ip.contains(':') => format!("[{ip}]:{port}"),
                IpColumns::One => format!("{ip}:{port}"),
            };
            let who = match table.actor {
                Actor::Both => format!("{}|{}", event.user_id, event.username),
                Actor::UserId | Actor::Username => actor.to_string(),
            };
            format!("|{address}|{who}|{}|{}", event.activity, event.module)
        } else {
            format!("{}|{ip}|{port}|{actor}|{}", event.time, event.activity)
        };
        Shown {
            event: says,
            garbage: event.garbage,
            time: event.time,
            visible_at: event.visible_at,
        }
    };
    world
        .safe_visible(now, 365)
        .into_iter()
        .map(shown)
        .collect()
}

fn sendsafely_shown(event: &SendSafelyEvent) -> Shown {
    let user = event.impersonated_user.as_deref();
    let says = [
        &event.id(),
        &event.time.to_string(),
        event.event_type,
        event.action,
        &event.ip,
        &event.authenticated_user,
    ];
    let says = says.into_iter().chain(user).collect::<Vec<_>>().join("|");
    Shown {
        event: if event.garbage { event.id() } else { says },
        garbage: event.garbage,
        time: event.time,
        visible_at: event.visible_at,
    }
}

/// The cells of a line of CSV.
fn cells(line: &str) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(line.as_bytes());
    let record = reader.records().next().unwrap().unwrap();
    record.iter().collect::<Vec<_>>().join("|")
}

fn unzipped(file: &[u8]) -> Vec<u8> {
    if !file.starts_with(&[0x1f, 0x8b]) {
        return file.to_vec();
    }
    let mut bytes = Vec::new();
    let mut decoder = flate2::read::MultiGzDecoder::new(file);
    decoder.read_to_end(&mut bytes).unwrap();
    bytes
}

/// JSON objects one after another, or in one array.
fn objects(text: &[u8]) -> Vec<String> {
    let own = |record: &RawValue| record.get().to_owned();
    if let Ok(array) = serde_json::from_slice::<Vec<&RawValue>>(text) {
        return array.into_iter().map(own).collect();
    }
    let stream = serde_json::Deserializer::from_slice(text).into_iter::<&RawValue>();
    stream.map(|record| own(record.unwrap())).collect()
}

/// The rows of a report but the first, as text without line ends.
fn rows(file: &[u8]) -> Vec<String> {
    let bytes = unzipped(file);
    let (text, _, _) = encoding_rs::UTF_8.decode(&bytes);
    let mut quoted = false;
    let rows = text.split_inclusive(move |c| {
        quoted ^= c == '"';
        c == '\n' && !quoted
    });
    let rows = rows.map(|row| row.trim_end_matches(['\r', '\n']).to_owned());
    rows.skip(1).collect()
}

/// The objects of the one list in an answer.
fn entries(answer: &[u8]) -> Vec<String> {
    let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(answer) else {
        return Vec::new();
    };
    let lists = members
        .values()
        .filter_map(|member| serde_json::from_str::<Vec<&RawValue>>(member.get()).ok());
    lists
        .flatten()
        .map(|entry| entry.get().to_owned())
        .collect()
}
