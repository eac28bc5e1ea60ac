//! AWS's Signature Version 4, written from its documentation alone: what checks the real client
//! must not share its mistakes.

use std::collections::BTreeMap;
use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use trailkeep::event::Timestamp;

/// Whoever asks.
#[derive(Debug, Clone)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    /// Of keys that last an hour.
    pub(crate) token: Option<String>,
}

/// What is signed. Path and query are encoded already, and the query's pairs are in order.
pub(super) struct Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    /// In small letters.
    pub(super) headers: &'a BTreeMap<&'static str, String>,
    pub(super) body_hash: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) time: Timestamp,
}

impl Signed<'_> {
    /// The header `authorization`.
    pub(super) fn authorization(&self, keys: &Keys) -> String {
        let scope = format!("{}/aws4_request", self.scope().join("/"));
        let request = hash(self.canonical().as_bytes());
        let to_sign = format!("{ALGORITHM}\n{}\n{scope}\n{request}", moment(self.time));
        let signature = hex(&hmac(&self.key(keys), &to_sign));
        let (id, headers) = (&keys.id, self.header_names());
        format!("{ALGORITHM} Credential={id}/{scope},SignedHeaders={headers},Signature={signature}")
    }

    fn scope(&self) -> [String; 3] {
        let day = self.time.datetime().format("%Y%m%d").to_string();
        [day, self.region.to_owned(), self.service.to_owned()]
    }

    fn canonical(&self) -> String {
        let mut text = format!("{}\n{}\n{}\n", self.method, self.path, self.query);
        for (name, value) in self.headers {
            writeln!(text, "{name}:{value}").unwrap();
        }
        write!(text, "\n{}\n{}", self.header_names(), self.body_hash).unwrap();
        text
    }

    fn header_names(&self) -> String {
        let names: Vec<&str> = self.headers.keys().copied().collect();
        names.join(";")
    }

    fn key(&self, keys: &Keys) -> Vec<u8> {
        let first = format!("AWS4{}", keys.secret).into_bytes();
        let scope = self.scope();
        let parts = scope.iter().map(String::as_str).chain(["aws4_request"]);
        parts.fold(first, |key, part| hmac(&key, part))
    }
}

const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// As the header `x-amz-date` has it.
pub(super) fn moment(time: Timestamp) -> String {
    time.datetime().format("%Y%m%dT%H%M%SZ").to_string()
}

pub(super) fn hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// The first example in "Authenticating Requests: Using the Authorization Header" of the S3 API
/// reference.
#[test]
fn the_documented_request_has_the_documented_signature() {
    let nothing = hash(b"");
    let headers = BTreeMap::from([
        ("host", "examplebucket.s3.amazonaws.com".to_owned()),
        ("range", "bytes=0-9".to_owned()),
        ("x-amz-content-sha256", nothing.clone()),
        ("x-amz-date", "20130524T000000Z".to_owned()),
    ]);
    let signed = Signed {
        method: "GET",
        path: "/test.txt",
        query: "",
        headers: &headers,
        body_hash: &nothing,
        service: "s3",
        region: "us-east-1",
        time: Timestamp::from_millis(1_369_353_600_000),
    };
    let keys = Keys {
        id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
        secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".to_owned(),
        token: None,
    };
    let authorization = signed.authorization(&keys);
    assert!(
        authorization
            .ends_with("=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        "{authorization}"
    );
}
