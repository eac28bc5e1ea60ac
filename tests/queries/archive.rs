//! An archive in which a case has happened, made by what makes every archive.

use std::fs;
use std::path::Path;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tempfile::TempDir;
use trailkeep::archive::{Archive, Draft, Ending, Run as Begun};
use trailkeep::coverage::{Limits, Log, Reach};
use trailkeep::event::{Claim, Detail, Event, Identity, Page, Period, Span, Text, Written};

use super::case::{Happened, Run, moment, value};

/// A folder with the archive, `archive.db`, which goes on from `base` where there is one.
pub(super) fn of(base: Option<&Path>, runs: &[Run]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive.db");
    if let Some(base) = base {
        fs::copy(base.join("archive.db"), &path).unwrap();
    }
    let mut archive = Archive::open(&path, "test").unwrap();
    for run in runs {
        keep(&mut archive, run);
    }
    folder
}

fn keep(archive: &mut Archive, run: &Run) {
    let lost: Vec<Period> = run.word("lost").map(period).into_iter().collect();
    let begun = Begun {
        source: &run.source,
        kind: if run.source == "safe" {
            "safe"
        } else {
            "sendsafely"
        },
        feed: &run.feed,
        limits: Some(limits(&run.feed)),
        every: Duration::from_secs(3_600),
        lost: &lost,
    };
    let batch = archive.begin(&begun, run.at).unwrap();
    let draft = Draft::new(page(run), batch.source);
    archive.ingest(&batch, &draft, run.at).unwrap();
    let ending = match run.word("failed") {
        Some(why) => Ending::Failed(why.to_owned()),
        None => Ending::Complete,
    };
    let received = (
        draft.page.bytes.len() as u64,
        Sha256::digest(&draft.page.bytes).into(),
    );
    archive.end(&batch, &ending, received, run.at).unwrap();
}

/// A vendor who forgets nothing, so that what is missing is a gap whenever the test is run.
fn limits(feed: &str) -> Limits {
    let is_trail = feed == "cloudtrail";
    Limits {
        look_back: Duration::from_secs(100 * 366 * 86_400),
        settle: Duration::from_secs(86_400),
        reach: Reach::Free,
        log: if is_trail {
            Log::Infrastructure
        } else {
            Log::Audit
        },
    }
}

fn page(run: &Run) -> Page {
    let mut page = Page {
        users: (!run.users.is_empty()).then(|| run.users.clone()),
        objects: run.objects.clone(),
        ..Page::default()
    };
    for happened in &run.events {
        let raw = append(&mut page.bytes, &happened.line);
        page.events.push(event(run, happened, raw));
    }
    for (reject, record) in &run.rejects {
        let mut reject = reject.clone();
        reject.raw = append(&mut page.bytes, record);
        page.rejects.push(reject);
    }
    page.covers = run.word("covers").map(|text| Claim {
        period: period(text),
        as_of: run.at,
    });
    page
}

fn append(bytes: &mut Vec<u8>, text: &str) -> Span {
    let start = bytes.len();
    bytes.extend_from_slice(text.as_bytes());
    Span::new(start, bytes.len())
}

fn period(text: &str) -> Period {
    let (from, to) = text.split_once("..").expect("FROM..TO");
    Period {
        from: moment(from),
        to: moment(to),
    }
}

/// What is no column is a detail.
fn event(run: &Run, happened: &Happened, raw: Span) -> Event {
    let mut event = Event::at(
        Written::nowhere(happened.time),
        raw,
        identity(run, happened),
    );
    event.action = Some(happened.action.as_str().into());
    event.actor = (!happened.actor.is_empty()).then(|| happened.actor.as_str().into());
    for (name, value) in &happened.words {
        let text = || Some(Text::from(value.as_str()));
        match name.as_str() {
            "id" => {}
            "type" => event.event_type = text(),
            "ip" => event.ip = text(),
            "target" => event.target = text(),
            "for" => event.on_behalf_of = text(),
            "package" => (event.package, event.target) = (text(), text()),
            "ptype" => event.package_type = text(),
            "owner" => event.package_owner = text(),
            "file" => event.file_name = text(),
            "size" => event.file_size = Some(Written::nowhere(value.parse().unwrap())),
            _ => event.details.push(detail(name, value)),
        }
    }
    event
}

/// The vendor's id, or what a record of SAFE's says, which has none.
fn identity(run: &Run, happened: &Happened) -> Identity {
    if run.feed == "reports" {
        return Identity::Content(Sha256::digest(&happened.line).into());
    }
    let id = value(&happened.words, "id").unwrap_or(&happened.line);
    Identity::Vendor(id.into())
}

/// JSON as it is, and anything else as a string.
fn detail(name: &str, value: &str) -> Detail {
    let is_json = serde_json::from_str::<serde_json::Value>(value).is_ok();
    let json = if is_json {
        value.to_owned()
    } else {
        serde_json::Value::from(value).to_string()
    };
    Detail {
        name: name.into(),
        json: json.into(),
    }
}
