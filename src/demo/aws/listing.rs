//! ListObjectsV2: the keys of a bucket in order, a page at a time.

use std::ops::Bound;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::SecondsFormat;

use crate::demo::http::{Answer, Call};
use crate::event::Timestamp;

use super::bucket::{Bucket, Object};
use super::s3::{escaped, refused};
use super::signature::decoded;

/// Answers for one page.
pub(super) fn page(call: &Call, name: &str, bucket: &Bucket, now: Timestamp) -> Answer {
    let wanted = match Wanted::read(call) {
        Ok(wanted) => wanted,
        Err(refusal) => return *refusal,
    };
    let mut walk = Walk {
        bucket,
        wanted: &wanted,
        now,
        after: wanted.start(),
    };
    let (mut entries, mut next) = (Vec::new(), None);
    for entry in walk.by_ref().take(wanted.max_keys) {
        entries.push(entry);
    }
    let last = walk.after.clone();
    if wanted.max_keys > 0 && walk.next().is_some() {
        next = last;
    }
    Answer::new(
        200,
        "application/xml",
        wanted.write(name, &entries, next.as_deref()),
    )
}

/// One line of a list.
enum Entry<'a> {
    Object(&'a str, &'a Object),
    Prefix(String),
}

struct Wanted {
    prefix: String,
    delimiter: String,
    start_after: String,
    token: Option<String>,
    max_keys: usize,
    url_encoded: bool,
}

/// The most keys on a page (documented).
const KEYS_MAX: usize = 1000;

/// What tokens begin with, so that none is a key in disguise.
const TOKEN: &str = "1:";

impl Wanted {
    /// Parameters that S3 does not have, or that nobody needs here, are refused.
    fn read(call: &Call) -> Result<Wanted, Box<Answer>> {
        let mut wanted = Wanted {
            prefix: String::new(),
            delimiter: String::new(),
            start_after: String::new(),
            token: None,
            max_keys: KEYS_MAX,
            url_encoded: false,
        };
        let mut version = false;
        for part in call.query.split('&') {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            let value = String::from_utf8(decoded(value)).map_err(|_| invalid(name))?;
            match name {
                "list-type" if value == "2" => version = true,
                "prefix" => wanted.prefix = value,
                "delimiter" => wanted.delimiter = value,
                "start-after" => wanted.start_after = value,
                "continuation-token" => {
                    wanted.token = Some(marker(&value).ok_or_else(|| invalid(name))?);
                }
                "max-keys" => {
                    let number = value.parse::<u32>().map_err(|_| invalid(name))?;
                    wanted.max_keys = KEYS_MAX.min(usize::try_from(number).unwrap_or(KEYS_MAX));
                }
                "encoding-type" if value == "url" => wanted.url_encoded = true,
                "fetch-owner" if value == "false" => {}
                "x-id" => {}
                _ => return Err(invalid(name)),
            }
        }
        if version {
            return Ok(wanted);
        }
        Err(invalid("list-type"))
    }

    /// The key after which the page begins. A token makes the key to start after void
    /// (documented).
    fn start(&self) -> Option<String> {
        let start = self.token.as_ref().unwrap_or(&self.start_after);
        (!start.is_empty()).then(|| start.clone())
    }

    fn write(&self, name: &str, entries: &[Entry<'_>], next: Option<&str>) -> String {
        let mut text = String::from(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <ListBucketResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">",
        );
        element(&mut text, "Name", name);
        element(&mut text, "Prefix", &self.shown(&self.prefix));
        if !self.start_after.is_empty() {
            element(&mut text, "StartAfter", &self.shown(&self.start_after));
        }
        if let Some(token) = &self.token {
            element(&mut text, "ContinuationToken", &opaque(token));
        }
        if let Some(next) = next {
            element(&mut text, "NextContinuationToken", &opaque(next));
        }
        element(&mut text, "KeyCount", &entries.len().to_string());
        element(&mut text, "MaxKeys", &self.max_keys.to_string());
        if !self.delimiter.is_empty() {
            element(&mut text, "Delimiter", &self.shown(&self.delimiter));
        }
        if self.url_encoded {
            element(&mut text, "EncodingType", "url");
        }
        element(&mut text, "IsTruncated", &next.is_some().to_string());
        entries
            .iter()
            .for_each(|entry| self.write_entry(entry, &mut text));
        text.push_str("</ListBucketResult>");
        text
    }

    fn write_entry(&self, entry: &Entry<'_>, text: &mut String) {
        match entry {
            Entry::Prefix(prefix) => {
                text.push_str("<CommonPrefixes>");
                element(text, "Prefix", &self.shown(prefix));
                text.push_str("</CommonPrefixes>");
            }
            Entry::Object(key, object) => {
                let time = object.last_modified.datetime();
                let time = time.to_rfc3339_opts(SecondsFormat::Millis, true);
                text.push_str("<Contents>");
                element(text, "Key", &self.shown(key));
                element(text, "LastModified", &time);
                element(text, "ETag", &format!("\"{}\"", object.etag));
                element(text, "Size", &object.body.len().to_string());
                element(text, "StorageClass", "STANDARD");
                text.push_str("</Contents>");
            }
        }
    }

    /// A key as it is written, before XML has its way with it.
    fn shown(&self, key: &str) -> String {
        if self.url_encoded {
            url_encoded(key)
        } else {
            key.to_owned()
        }
    }
}

struct Walk<'a> {
    bucket: &'a Bucket,
    wanted: &'a Wanted,
    now: Timestamp,
    /// The last thing seen: a key, or what is behind all keys of a common prefix.
    after: Option<String>,
}

impl<'a> Iterator for Walk<'a> {
    type Item = Entry<'a>;

    fn next(&mut self) -> Option<Entry<'a>> {
        let prefix = self.wanted.prefix.as_str();
        let from = match self.after.as_deref() {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let (key, object) = self.bucket.next(from, self.now)?;
        let rest = key.strip_prefix(prefix)?;
        let delimiter = Some(&self.wanted.delimiter).filter(|text| !text.is_empty());
        if let Some((folder, _)) = delimiter.and_then(|text| rest.split_once(text.as_str())) {
            let common = format!("{prefix}{folder}{}", self.wanted.delimiter);
            self.after = Some(format!("{common}{}", char::MAX));
            return Some(Entry::Prefix(common));
        }
        self.after = Some(key.to_owned());
        Some(Entry::Object(key, object))
    }
}

fn element(text: &mut String, name: &str, value: &str) {
    let value = escaped(value);
    text.push_str(&format!("<{name}>{value}</{name}>"));
}

fn invalid(name: &str) -> Box<Answer> {
    let message = if name == "continuation-token" {
        "The continuation token provided is incorrect".to_owned()
    } else {
        format!("Invalid argument: {name}")
    };
    Box::new(refused(400, "InvalidArgument", &message))
}

fn opaque(marker: &str) -> String {
    BASE64_STANDARD.encode(format!("{TOKEN}{marker}"))
}

fn marker(token: &str) -> Option<String> {
    let text = String::from_utf8(BASE64_STANDARD.decode(token).ok()?).ok()?;
    text.strip_prefix(TOKEN).map(str::to_owned)
}

/// As S3 encodes keys: like a form's value, so that a space is `+`, but slashes stay.
fn url_encoded(key: &str) -> String {
    let parts = key.split('/').map(|part| {
        let bytes = url::form_urlencoded::byte_serialize(part.as_bytes());
        bytes.collect::<String>()
    });
    parts.collect::<Vec<_>>().join("/")
}
