//! A bucket: objects by key, each there from the moment it was delivered.

use std::collections::BTreeMap;
use std::ops::Bound;

use bytes::Bytes;
use sha2::{Digest, Sha256};

use crate::event::Timestamp;

use super::signature::hex;

/// A bucket.
#[derive(Debug, Default)]
pub(in crate::demo) struct Bucket {
    /// Strings are in the order of their bytes, which is the order of S3's lists.
    objects: BTreeMap<String, Object>,
}

/// An object.
#[derive(Debug, Clone)]
pub(in crate::demo) struct Object {
    /// When it was delivered, in whole seconds, as S3 tells it.
    pub(super) last_modified: Timestamp,
    /// Without its quotation marks. S3's is no MD5 where an object is encrypted, and here it
    /// never is.
    pub(super) etag: String,
    pub(super) content_type: &'static str,
    /// What the one who put it there said that it is compressed with. S3 repeats it, and leaves
    /// the bytes as they are.
    pub(super) content_encoding: Option<&'static str>,
    pub(in crate::demo) body: Bytes,
}

impl Object {
    /// An object that was delivered at this moment.
    pub(super) fn new(body: Bytes, at: Timestamp) -> Object {
        let hash = hex(&Sha256::digest(&body));
        Object {
            last_modified: Timestamp::from_millis(at.millis().div_euclid(1000) * 1000),
            etag: hash.chars().take(32).collect(),
            content_type: "binary/octet-stream",
            content_encoding: None,
            body,
        }
    }

    /// JSON that says of itself to be compressed.
    pub(super) fn labelled(self) -> Object {
        Object {
            content_type: "application/json",
            content_encoding: Some("gzip"),
            ..self
        }
    }
}

impl Bucket {
    /// Puts an object there, in place of the one that had the key.
    pub(in crate::demo) fn put(&mut self, key: &str, body: Bytes, at: Timestamp) {
        self.insert(key.to_owned(), Object::new(body, at));
    }

    pub(super) fn insert(&mut self, key: String, object: Object) {
        self.objects.insert(key, object);
    }

    /// Takes an object away for good.
    pub(in crate::demo) fn delete(&mut self, key: &str) -> bool {
        self.objects.remove(key).is_some()
    }

    /// The object of this key, if it is there by now.
    pub(in crate::demo) fn find(&self, key: &str, now: Timestamp) -> Option<&Object> {
        let object = self.objects.get(key);
        object.filter(|object| object.last_modified <= now)
    }

    /// All keys that are there by now.
    pub(in crate::demo) fn keys(&self, now: Timestamp) -> Vec<String> {
        let all = self.objects.iter();
        let there = all.filter(|(_, object)| object.last_modified <= now);
        there.map(|(key, _)| key.clone()).collect()
    }

    /// The first object from here on that is there by now.
    pub(super) fn next(&self, from: Bound<&str>, now: Timestamp) -> Option<(&str, &Object)> {
        let mut rest = self.objects.range::<str, _>((from, Bound::Unbounded));
        let found = rest.find(|(_, object)| object.last_modified <= now);
        found.map(|(key, object)| (key.as_str(), object))
    }
}
