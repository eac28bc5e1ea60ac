//! Listings of a bucket: one answer of `ListObjectsV2`.

use chrono::DateTime;

use super::xml::elements;
use super::{VENDOR, refusal};
use crate::event::{Object, Timestamp};
use crate::feed::FeedError;

/// Most keys of an answer (documented).
pub(super) const KEYS_MAX: usize = 1_000;

/// A part of a bucket's list of objects.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// The bucket's name.
    pub(super) bucket: String,
    /// The objects, in the order in which they came.
    pub(super) objects: Vec<Listed>,
    /// Whether there are more.
    pub(super) truncated: bool,
    /// What to ask for them with.
    pub(super) token: Option<String>,
}

/// An object of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    /// The object.
    pub(super) object: Object,
    /// It lies in an archive of AWS's own (Glacier), and must be restored before it can be read.
    pub(super) frozen: bool,
}

/// Reads an answer of `bucket`; `asked` is for error texts. What is not known is passed over.
///
/// # Errors
/// It is no listing, or one that lacks what it must have.
pub(super) fn read(body: &str, bucket: &str, asked: &str) -> Result<Listing, FeedError> {
    let mut draft = Draft::default();
    let read = elements(body, |path, text| {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        draft.take(&path, text, bucket);
    });
    let read = read.and_then(|()| draft.finish());
    read.map_err(|why| not_understood(asked, &why, body))
}

/// An answer that is no listing, or not one as it should be.
pub(super) fn not_understood(asked: &str, why: &str, evidence: &str) -> FeedError {
    FeedError::NotUnderstood {
        vendor: VENDOR,
        asked: asked.to_owned(),
        why: why.to_owned(),
        evidence: refusal::beginning(evidence),
    }
}

/// A listing, being read.
#[derive(Default)]
struct Draft {
    root: String,
    listing: Listing,
    /// Keys and tokens are encoded as in a URL's query, for they may hold what XML cannot.
    encoded: bool,
    object: Fields,
    trouble: Option<String>,
}

#[derive(Default)]
struct Fields {
    key: Option<String>,
    etag: String,
    size: String,
    modified: String,
    class: String,
    restored: bool,
}

impl Draft {
    fn take(&mut self, path: &[&str], text: &str, bucket: &str) {
        let object = &mut self.object;
        match path {
            [root] => (*root).clone_into(&mut self.root),
            [_, "Name"] => text.clone_into(&mut self.listing.bucket),
            [_, "IsTruncated"] => self.listing.truncated = text.trim() == "true",
            [_, "NextContinuationToken"] if !text.is_empty() => {
                self.listing.token = Some(text.to_owned());
            }
            [_, "EncodingType"] => self.encoded = text.trim() == "url",
            [_, "Contents", "Key"] => object.key = Some(text.to_owned()),
            [_, "Contents", "ETag"] => text.trim_matches('"').clone_into(&mut object.etag),
            [_, "Contents", "Size"] => text.trim().clone_into(&mut object.size),
            [_, "Contents", "LastModified"] => text.trim().clone_into(&mut object.modified),
            [_, "Contents", "StorageClass"] => text.trim().clone_into(&mut object.class),
            [_, "Contents", "RestoreStatus", "RestoreExpiryDate"] => object.restored = true,
            [_, "Contents"] => match std::mem::take(object).finish(bucket) {
                Ok(listed) => self.listing.objects.push(listed),
                Err(why) => self.trouble = self.trouble.take().or(Some(why)),
            },
            _ => {}
        }
    }

    fn finish(self) -> Result<Listing, String> {
        if self.root != "ListBucketResult" {
            return Err(format!("it is a `{}`, not a `ListBucketResult`", self.root));
        }
        if let Some(trouble) = self.trouble {
            return Err(trouble);
        }
        let mut listing = self.listing;
        if self.encoded {
            for Listed { object, .. } in &mut listing.objects {
                object.key = decoded(&object.key)?;
            }
        }
        Ok(listing)
    }
}

impl Fields {
    fn finish(self, bucket: &str) -> Result<Listed, String> {
        let key = self.key.ok_or("an object has no `Key`")?;
        let size = self.size.parse();
        let size = size.map_err(|_| format!("{key} has the size `{}`", self.size))?;
        let modified = DateTime::parse_from_rfc3339(&self.modified);
        let modified =
            modified.map_err(|_| format!("{key} was modified at `{}`", self.modified))?;
        // Other classes are read at once (AWS, "Storage class", `InvalidObjectState`).
        let frozen = matches!(self.class.as_str(), "GLACIER" | "DEEP_ARCHIVE");
        Ok(Listed {
            frozen: frozen && !self.restored,
            object: Object {
                bucket: bucket.to_owned(),
                key,
                etag: self.etag,
                size,
                modified: Timestamp::from_millis(modified.timestamp_millis()),
            },
        })
    }
}

/// Undoes `encoding-type=url`, in which AWS writes a space as `+`.
fn decoded(text: &str) -> Result<String, String> {
    let pair = format!("={text}").replace('&', "%26");
    let mut pairs = url::form_urlencoded::parse(pair.as_bytes());
    let value = pairs.next().map(|(_, value)| value.into_owned());
    value
        .filter(|key| !key.contains(char::REPLACEMENT_CHARACTER))
        .ok_or_else(|| format!("the key `{text}` is no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ANSWER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>acme</Name><Prefix/>
<NextContinuationToken>1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=</NextContinuationToken>
<KeyCount>2</KeyCount><MaxKeys>1000</MaxKeys><IsTruncated>true</IsTruncated>
<Contents><Key>a &amp; b+%20.gz </Key><LastModified>2026-01-31T17:50:30.000Z</LastModified>
<ETag>&quot;fba9dede5f27731c9771645a39863328-2&quot;</ETag><ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm>
<Size>434234</Size><StorageClass>STANDARD</StorageClass><Owner><ID>7</ID></Owner></Contents>
<Contents><Key>b/</Key><LastModified>2026-01-31T17:50:30Z</LastModified><ETag>"d4"</ETag><Size>0</Size>
<StorageClass>GLACIER</StorageClass></Contents></ListBucketResult>"#;

    fn keys(body: &str) -> Result<Vec<String>, String> {
        let listing = read(body, "acme", "list of acme").map_err(|error| error.to_string())?;
        let keys = listing.objects.into_iter().map(|one| one.object.key);
        Ok(keys.collect())
    }

    #[test]
    fn a_listing_is_read() {
        let listing = read(ANSWER, "acme", "list of acme").unwrap();
        assert!(listing.truncated && listing.bucket == "acme");
        let token = "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=";
        assert_eq!(listing.token.as_deref(), Some(token));
        let modified = Timestamp::from_millis(1_769_881_830_000);
        let object = |key: &str, etag: &str, size| Object {
            bucket: "acme".to_owned(),
            key: key.to_owned(),
            etag: etag.to_owned(),
            size,
            modified,
        };
        let first = Listed {
            object: object(
                "a & b+%20.gz ",
                "fba9dede5f27731c9771645a39863328-2",
                434_234,
            ),
            frozen: false,
        };
        let second = Listed {
            object: object("b/", "d4", 0),
            frozen: true,
        };
        assert_eq!(listing.objects, [first, second]);
    }

    #[test]
    fn keys_are_decoded_where_the_answer_says_that_they_are_encoded() {
        let encoded = ANSWER.replace("<Prefix/>", "<EncodingType>url</EncodingType>");
        let encoded = encoded.replace("a &amp; b+%20.gz ", "a+%26+b%2B%C3%BC%0A/c");
        assert_eq!(keys(&encoded).unwrap(), ["a & b+ü\n/c", "b/"]);
    }

    #[test]
    fn what_was_restored_is_not_frozen() {
        let restored = ANSWER.replace(
            "<StorageClass>GLACIER</StorageClass>",
            "<StorageClass>GLACIER</StorageClass><RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress><RestoreExpiryDate>2026-12-18T23:12:13Z</RestoreExpiryDate></RestoreStatus>",
        );
        let listing = read(&restored, "acme", "").unwrap();
        assert!(listing.objects.iter().all(|one| !one.frozen));
    }

    #[test]
    fn what_is_no_listing_is_an_error_with_evidence() {
        for (from, to, why) in [
            ("ListBucketResult", "ListBuckets", "it is a `ListBuckets`"),
            ("<Key>b/</Key>", "", "an object has no `Key`"),
            ("434234", "much", "has the size `much`"),
            ("17:50:30.000Z", "noon", "was modified at `2026-01-31Tnoon`"),
            ("</ListBucketResult>", "", "it is cut short"),
        ] {
            let error = keys(&ANSWER.replace(from, to)).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
        for body in ["", "<!DOCTYPE html><html>sign in</html>", "{}"] {
            let error = read(body, "acme", "list of acme").unwrap_err();
            let FeedError::NotUnderstood { evidence, .. } = error else {
                panic!("{error}")
            };
            assert_eq!(evidence, body);
        }
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(at in 0..ANSWER.len(), length in 0..40_usize, text in "[<>&;%+a]{0,6}") {
            let mut bytes = ANSWER.as_bytes().to_vec();
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, text.bytes());
            let _read = keys(&String::from_utf8_lossy(&bytes));
        }
    }
}
