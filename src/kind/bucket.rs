//! A bucket of S3, or of a store that speaks its language, as a way of pulling a vendor: objects
//! that hold records, put there by the vendor as it likes.
//!
//! What a pass has read is known object by object: a key with its `ETag` and size is read once,
//! whenever it turns up. Keys need not sort by time, so no place in the list separates what is
//! behind from what is ahead; but where keys have a date in them, older days are leapt over
//! ([`scan`]), so that a pass costs a few requests however large the bucket is. From time to time
//! all keys are listed, and what came under an old date is found.
//!
//! A pass that got to its end has read all that the bucket held: it claims all time, from the
//! first event on. One that met an object it could not read claims nothing and fails once
//! everything else is archived; the object is asked for again by the next pass.

mod key;
mod listing;
mod place;
mod progress;
mod reading;
mod refusal;
mod scan;
mod settings;
mod trouble;
mod walk;
mod xml;

use std::time::Duration;

use crate::coverage::{Log, Reach};
use crate::event::{Page, Timestamp};
use crate::feed::{Body, Feed, FeedError, Request, Response, Start};
use crate::kind::{Access, Check, Events, Settings, SettingsError, aws};
use crate::record::json::Batch;

/// How to get at a bucket.
pub(super) const ACCESS: Access = Access {
    settings: settings::SETTINGS,
    root: |settings| Ok(place::Place::of(settings)?.root),
    credentials: |settings| aws::credentials(settings, "s3"),
    check: Check {
        request: check_request,
        read: |_, answer| check(answer),
    },
};

/// Least time between two passes.
pub(super) const INTERVAL: Duration = Duration::from_secs(60);

/// The events of a log that lies in a bucket: as far back as it has any.
pub(super) const fn events(log: Log) -> Events {
    Events {
        log,
        look_back: Duration::from_secs(100 * 365 * 86_400),
        reach: Reach::Whole,
    }
}

/// What a kind keeps in its buckets.
pub(super) struct Contents {
    /// Name of the feed.
    pub(super) feed: &'static str,
    /// Whether an object of that key is read.
    pub(super) wants: fn(&str) -> Wanted,
    /// Looks at the beginning of an object; none if by its nature it has no records.
    pub(super) open: fn(Body) -> Result<Option<Fill>, FeedError>,
    /// A page of what was understood and what was not.
    pub(super) page: fn(Batch) -> Page,
}

/// Adds records of an object to a page until it takes no more, or until the object ends: then
/// false. Where that fails the page is as it was before.
pub(super) type Fill = Box<dyn FnMut(&mut Batch) -> Result<bool, FeedError> + Send>;

/// Whether an object is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// It is.
    Read,
    /// It is not.
    Pass,
    /// It is not, and nor is any whose key begins with so many of its bytes.
    PassAll(usize),
}

/// Begins a pass over a bucket.
///
/// # Errors
/// The settings do not suffice.
pub(super) fn open(
    contents: &'static Contents,
    settings: &Settings,
    start: &Start,
) -> Result<Box<dyn Feed>, SettingsError> {
    let place = place::Place::of(settings)?;
    Ok(Box::new(walk::Walk::new(contents, place, start.clone())))
}

/// The vendor in error texts: most stores that speak its language call it so too.
const VENDOR: &str = "S3";

fn check_request(settings: &Settings, _now: Timestamp) -> Result<Request, SettingsError> {
    let place = place::Place::of(settings)?;
    let purpose = format!("first object of {}", place.bucket);
    Ok(place.list(&place::From::Start, 1, purpose))
}

/// Reading the list is allowed; whether reading objects is, the first of them shows.
fn check(answer: Response) -> Result<String, FeedError> {
    const ASKED: &str = "the question for its first object";
    let status = answer.status;
    let body = answer.body.bytes()?;
    let body = String::from_utf8_lossy(&body);
    if status != 200 {
        return Err(refusal::error(status, &body, ASKED));
    }
    let listing = listing::read(&body, "", ASKED)?;
    let bucket = &listing.bucket;
    Ok(match listing.objects.first() {
        Some(first) => format!(
            "bucket {bucket}, readable; first of its objects: {}",
            first.object.key
        ),
        None => format!("bucket {bucket}, readable; no object so far"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(status: u16, body: &str) -> Result<String, String> {
        let body = Body::Memory(body.as_bytes().to_vec());
        let answer = Response {
            status,
            content_type: "application/xml".to_owned(),
            body,
        };
        check(answer).map_err(|error| error.to_string())
    }

    #[test]
    fn a_check_says_which_bucket_can_be_read_or_why_it_cannot() {
        let object = "<Contents><Key>a/1</Key><Size>1</Size><LastModified>2026-01-31T17:50:30Z</LastModified></Contents>";
        for (status, body, said) in [
            (
                200,
                format!("<ListBucketResult><Name>acme</Name>{object}</ListBucketResult>"),
                Ok("bucket acme, readable; first of its objects: a/1"),
            ),
            (
                200,
                "<ListBucketResult><Name>acme</Name></ListBucketResult>".to_owned(),
                Ok("bucket acme, readable; no object so far"),
            ),
            (
                404,
                "<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>".to_owned(),
                Err("there is no such bucket (NoSuchBucket: m)"),
            ),
            (
                200,
                "<html/>".to_owned(),
                Err(
                    "S3's answer to the question for its first object is not understood: it is a `html`, not a `ListBucketResult`",
                ),
            ),
        ] {
            let said = said.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(checked(status, &body), said);
        }
    }

    #[test]
    fn a_check_asks_for_one_object_of_those_that_are_read() {
        let mut settings = Settings::defaults(&ACCESS, "acme.s3", None);
        for (key, text) in [
            ("bucket", "acme"),
            ("region", "eu-west-1"),
            ("prefix", "a/"),
        ] {
            settings.texts.insert(key.to_owned(), text.to_owned());
        }
        let request = check_request(&settings, Timestamp::from_millis(0)).unwrap();
        let target = format!("{:?}", request.target);
        assert!(
            target.ends_with("?list-type=2&max-keys=1&prefix=a%2F"),
            "{target}"
        );
        settings.texts.remove("bucket");
        assert!(check_request(&settings, Timestamp::from_millis(0)).is_err());
    }
}
