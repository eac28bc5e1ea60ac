//! Where a bucket is: its URL, and those of its objects.

use std::time::Duration;

use url::{Host, Url};

use crate::event::Object;
use crate::feed::{BodyLimit, Request, Target};
use crate::kind::aws::{self, text};
use crate::kind::{Settings, SettingsError};

/// A bucket, and what of it is read.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// Scheme, host and port.
    pub(super) root: Url,
    /// The bucket's name.
    pub(super) bucket: String,
    /// How the keys begin that are read.
    pub(super) prefix: String,
    /// Objects whose key has one of these in it are not read.
    pub(super) ignore: Vec<String>,
    /// For how long objects may come late.
    pub(super) overlap: Duration,
    /// How often all keys are listed.
    pub(super) full_check: Duration,
    /// What a key is put after, with a slash between.
    base: String,
}

/// From where on keys are listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum From {
    /// From the first on.
    Start,
    /// From the first that sorts after this text.
    After(String),
    /// From where the last answer said that it goes on.
    Token(String),
}

impl Place {
    pub(super) fn of(settings: &Settings) -> Result<Place, SettingsError> {
        let bucket = settings.text("bucket")?.trim().to_owned();
        check_name(&bucket).map_err(|why| settings.wrong("bucket", why))?;
        let (root, base) = urls(settings, &bucket)?;
        let ignore = text(settings, "ignore").unwrap_or_default().split(',');
        let ignore = ignore.map(str::trim).filter(|part| !part.is_empty());
        Ok(Place {
            root,
            bucket,
            prefix: text(settings, "prefix").unwrap_or_default().to_owned(),
            ignore: ignore.map(str::to_owned).collect(),
            overlap: settings.duration("overlap"),
            full_check: settings.duration("full_check"),
            base,
        })
    }

    /// What is read, in one text: where it changes, what was noted of the bucket is of another.
    pub(super) fn describe(&self) -> String {
        let ignore = self.ignore.join(",");
        format!("{}/{} but {ignore}", self.base, self.prefix)
    }

    /// Lists up to so many objects.
    pub(super) fn list(&self, from: &From, most: usize, purpose: String) -> Request {
        let mut query = format!("list-type=2&max-keys={most}");
        let mut add = |name: &str, value: &str| {
            if !value.is_empty() {
                query.push_str(&format!("&{name}={}", encode(value, &[])));
            }
        };
        add("prefix", &self.prefix);
        match from {
            From::Start => {}
            From::After(key) => add("start-after", key),
            From::Token(token) => add("continuation-token", token),
        }
        // A bucket that is a host of its own is listed at the host's root.
        let in_path = self.base.ends_with(&format!("/{}", self.bucket));
        let slash = if in_path { "" } else { "/" };
        Request {
            // How it is with objects in Glacier; stores that are not AWS may refuse what is new.
            headers: if self.base.contains(".amazonaws.com") {
                vec![(
                    "x-amz-optional-object-attributes",
                    "RestoreStatus".to_owned(),
                )]
            } else {
                Vec::new()
            },
            statuses: REFUSALS,
            ..Request::get(format!("{}{slash}?{query}", self.base), purpose)
        }
    }

    /// The request for an object, unless no URL can name it.
    pub(super) fn object(&self, object: &Object) -> Option<Request> {
        // In URLs these mean the folder itself, and the one above it.
        let segments = &mut object.key.split('/');
        if segments.any(|segment| matches!(segment, "." | "..")) {
            return None;
        }
        let path = encode(&object.key, b"/");
        let target = Target::Tenant(format!("{}/{path}", self.base));
        let etag = Some(&object.etag).filter(|etag| !etag.is_empty());
        let headers = etag.map(|etag| ("if-match", format!("\"{etag}\"")));
        let limit = object.size.saturating_add(SLACK_BYTES);
        Some(Request {
            target,
            headers: headers.into_iter().collect(),
            statuses: OBJECT_STATUSES,
            body_limit: if object.size > IN_MEMORY_BYTES_MAX {
                BodyLimit::Disk(limit)
            } else {
                BodyLimit::Memory(limit)
            },
            ..Request::get("", format!("object {}", object.key))
        })
    }
}

/// Larger objects are streamed to disk.
pub(super) const IN_MEMORY_BYTES_MAX: u64 = 8 << 20;

/// So many bytes more than an object's size are taken, so that the size of one that is larger
/// than it was said to be is told, and so that an error in its place fits.
const SLACK_BYTES: u64 = 64 << 10;

/// Statuses of refusals that say more than the status does: in which region the bucket is.
const REFUSALS: &[u16] = &[301, 307, 400, 403, 404];

/// An object may not be readable, be gone, or have been replaced since it was listed.
const OBJECT_STATUSES: &[u16] = &[403, 404, 412];

/// The root of all requests, and what keys are put after.
fn urls(settings: &Settings, bucket: &str) -> Result<(Url, String), SettingsError> {
    let endpoint = aws::endpoint(settings, "s3")?;
    // A certificate for `*.s3…` covers no name with dots, and an address has no names below it.
    let in_path = settings.flag("path_style")
        || bucket.contains('.')
        || !matches!(endpoint.host(), Some(Host::Domain(name)) if name != "localhost");
    let base = if in_path {
        format!("{}/{bucket}", endpoint.as_str().trim_end_matches('/'))
    } else {
        let host = format!("{bucket}.{}", endpoint.host_str().unwrap_or_default());
        let mut url = endpoint.clone();
        let set = url.set_host(Some(&host));
        set.map_err(|_| settings.wrong("bucket", "makes no host name"))?;
        url.as_str().trim_end_matches('/').to_owned()
    };
    let root = Url::parse(&base).and_then(|url| url.join("/"));
    let root = root.map_err(|_| settings.wrong("bucket", "makes no URL"))?;
    Ok((root, base))
}

/// Names of buckets (AWS, "General purpose bucket naming rules").
fn check_name(name: &str) -> Result<(), String> {
    let may_stand = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b".-".contains(&b);
    let ends = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = name.as_bytes();
    let fits = (3..=63).contains(&bytes.len())
        && bytes.iter().all(|b| may_stand(*b))
        && ends(bytes.first())
        && ends(bytes.last())
        && !name.contains("..");
    if fits {
        return Ok(());
    }
    Err(match name.strip_prefix("s3://") {
        Some(_) => format!("is `{name}`: write the name alone, and the rest as `prefix`"),
        None => format!("is `{name}`, which no bucket is called"),
    })
}

/// Percent-encodes all but unreserved characters, as signatures want it (AWS, "Create a signed
/// AWS API request": `UriEncode`), and those that are to be left.
fn encode(text: &str, left: &[u8]) -> String {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) || left.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let digit = |n: u8| char::from(HEX[usize::from(n & 15)]);
            encoded.extend(['%', digit(byte >> 4), digit(byte)]);
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
