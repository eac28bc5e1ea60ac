//! AWS Signature Version 4 as the server checks it: every request is signed anew by these rules,
//! and has to say the same (documented in the IAM user guide, and for S3 in its API reference).

use chrono::NaiveDateTime;
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::demo::http::Call;
use crate::event::Timestamp;

/// What a request says of how it is signed.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) key_id: String,
    date: String,
    pub(super) region: String,
    pub(super) service: String,
    headers: Vec<String>,
    signature: String,
}

/// What requests have to be signed with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key<'a> {
    pub(super) id: &'a str,
    pub(super) secret: &'a str,
    /// The session token of a temporary key, and when it dies.
    pub(super) session: Option<(&'a str, Timestamp)>,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    /// It is not signed at all.
    Unsigned,
    /// It does not say how it is signed in the one form there is.
    Malformed(&'static str),
    UnknownKey,
    InvalidToken,
    ExpiredToken,
    /// Its time is too far from the server's.
    Skewed,
    /// The body is not what was signed.
    OtherBody,
    /// The signature is another one.
    Mismatch,
}

/// How far a request's time may be off: 15 minutes (documented).
const SKEW_MAX_MILLIS: u64 = 15 * 60_000;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

impl Signed {
    /// Reads the `Authorization` header.
    pub(super) fn read(call: &Call) -> Result<Signed, Refusal> {
        let header = call.header("authorization").ok_or(Refusal::Unsigned)?;
        let rest = header.strip_prefix(ALGORITHM);
        let rest = rest.ok_or(Refusal::Malformed("unsupported algorithm"))?;
        let parts: Vec<(&str, &str)> = rest
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
            .collect();
        let [
            ("Credential", scope),
            ("SignedHeaders", headers),
            ("Signature", signature),
        ] = parts.as_slice()
        else {
            return Err(Refusal::Malformed(
                "it takes credential, headers and signature",
            ));
        };
        let scope: Vec<&str> = scope.split('/').collect();
        let [key_id, date, region, service, "aws4_request"] = scope.as_slice() else {
            return Err(Refusal::Malformed("the credential's scope has five parts"));
        };
        Ok(Signed {
            key_id: (*key_id).to_owned(),
            date: (*date).to_owned(),
            region: (*region).to_owned(),
            service: (*service).to_owned(),
            headers: headers.split(';').map(str::to_owned).collect(),
            signature: (*signature).to_owned(),
        })
    }

    /// Whether the request is signed with this key, just now.
    pub(super) fn verify(&self, call: &Call, key: Key<'_>, now: Timestamp) -> Result<(), Refusal> {
        if self.key_id != key.id {
            return Err(Refusal::UnknownKey);
        }
        let time = call
            .header("x-amz-date")
            .ok_or(Refusal::Malformed("x-amz-date is missing"))?;
        let moment = moment(time).ok_or(Refusal::Malformed("x-amz-date is no time"))?;
        if !time.starts_with(&self.date) || self.date.len() != 8 {
            return Err(Refusal::Malformed("the scope is of another day"));
        }
        if moment.millis().abs_diff(now.millis()) > SKEW_MAX_MILLIS {
            return Err(Refusal::Skewed);
        }
        self.check_headers(call)?;
        check_token(call, key, now)?;
        let hash = body_hash(call, &self.service)?;
        if self.signature != self.expected(call, key.secret, time, &hash) {
            return Err(Refusal::Mismatch);
        }
        Ok(())
    }

    /// Headers are signed in order, once, all of AWS's own and the host among them.
    fn check_headers(&self, call: &Call) -> Result<(), Refusal> {
        let ordered = self.headers.is_sorted_by(|one, other| one < other);
        let signed = |name: &str| self.headers.iter().any(|header| header == name);
        let mut own = call
            .headers
            .keys()
            .filter(|name| name.as_str().starts_with("x-amz-"));
        if ordered && signed("host") && own.all(|name| signed(name.as_str())) {
            return Ok(());
        }
        Err(Refusal::Malformed(
            "not every header that has to be is signed",
        ))
    }

    /// The signature that this request has to have.
    fn expected(&self, call: &Call, secret: &str, time: &str, hash: &str) -> String {
        let scope = format!(
            "{}/{}/{}/aws4_request",
            self.date, self.region, self.service
        );
        let canonical = hex(&Sha256::digest(self.canonical(call, hash)));
        let text = format!("{ALGORITHM}\n{time}\n{scope}\n{canonical}");
        let parts = [
            &self.date,
            &self.region,
            &self.service,
            "aws4_request",
            &text,
        ];
        let secret = format!("AWS4{secret}").into_bytes();
        hex(&parts.iter().fold(secret, |key, part| hmac(&key, part)))
    }

    fn canonical(&self, call: &Call, hash: &str) -> String {
        let mut text = format!(
            "{}\n{}\n{}\n",
            call.method,
            encoded(&decoded(&call.path), b"/"),
            canonical_query(&call.query)
        );
        for name in &self.headers {
            let values = call.headers.get_all(name).iter();
            let values = values.map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                value.split_whitespace().collect::<Vec<_>>().join(" ")
            });
            text.push_str(&format!(
                "{name}:{}\n",
                values.collect::<Vec<_>>().join(",")
            ));
        }
        text.push_str(&format!("\n{}\n{hash}", self.headers.join(";")));
        text
    }
}

/// A permanent key comes without a token, a temporary one with its own.
fn check_token(call: &Call, key: Key<'_>, now: Timestamp) -> Result<(), Refusal> {
    let given = call.headers.contains_key("x-amz-security-token");
    match key.session {
        None if given => Err(Refusal::InvalidToken),
        None => Ok(()),
        Some((token, _)) if call.header("x-amz-security-token") != Some(token) => {
            Err(Refusal::InvalidToken)
        }
        Some((_, dies)) if now >= dies => Err(Refusal::ExpiredToken),
        Some(_) => Ok(()),
    }
}

/// The hash that was signed for the body, which has to be the body's. S3 demands that it be told
/// and lets it be left unsigned.
fn body_hash(call: &Call, service: &str) -> Result<String, Refusal> {
    let hash = hex(&Sha256::digest(&call.body));
    match call.header("x-amz-content-sha256") {
        Some(UNSIGNED) if service == "s3" => Ok(UNSIGNED.to_owned()),
        Some(told) if told == hash => Ok(hash),
        Some(_) => Err(Refusal::OtherBody),
        None if service == "s3" => Err(Refusal::Malformed("x-amz-content-sha256 is missing")),
        None => Ok(hash),
    }
}

fn canonical_query(query: &str) -> String {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let mut parts: Vec<(String, String)> = parts
        .map(|part| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            (encoded(&decoded(name), b""), encoded(&decoded(value), b""))
        })
        .collect();
    parts.sort();
    let parts = parts
        .into_iter()
        .map(|(name, value)| format!("{name}={value}"));
    parts.collect::<Vec<_>>().join("&")
}

/// Percent-encodes all but letters, digits, `-._~` and what is kept besides.
fn encoded(bytes: &[u8], kept: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) || kept.contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

/// Undoes percent-encoding; what is none stays as it is.
pub(super) fn decoded(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let code = tail
            .get(..2)
            .and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        match code.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    bytes
}

/// Reads `20130524T000000Z`, which is the one form there is.
fn moment(text: &str) -> Option<Timestamp> {
    let text = Some(text).filter(|text| text.len() == 16)?;
    let moment = NaiveDateTime::parse_from_str(text, "%Y%m%dT%H%M%SZ").ok()?;
    Some(moment.and_utc().into())
}

fn hmac(key: &[u8], text: &str) -> Vec<u8> {
    let mac = Hmac::<Sha256>::new_from_slice(key);
    let mut mac = mac.expect("HMAC takes a key of any length");
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

/// In lower case.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use axum::http::{HeaderMap, HeaderName};
    use bytes::Bytes;

    use super::*;

    const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    /// 2013-05-24T00:00:00Z, when S3's examples are signed.
    const THEN: Timestamp = Timestamp::from_millis(1_369_353_600_000);
    const KEY: Key<'_> = Key {
        id: "AKIAIOSFODNN7EXAMPLE",
        secret: SECRET,
        session: None,
    };

    pub(in crate::demo::aws) fn call(line: &str, headers: &[(&str, &str)], body: &str) -> Call {
        let (method, target) = line.split_once(' ').unwrap();
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name.parse::<HeaderName>().unwrap(), value.parse().unwrap());
        }
        Call {
            method: method.to_owned(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers: map,
            body: Bytes::copy_from_slice(body.as_bytes()),
        }
    }

    /// Signs a request with all its headers, for a region and a service.
    pub(in crate::demo::aws) fn sign(
        mut call: Call,
        region: &str,
        service: &str,
        at: Timestamp,
    ) -> Call {
        let time = at.datetime().format("%Y%m%dT%H%M%SZ").to_string();
        call.headers.insert("x-amz-date", time.parse().unwrap());
        let mut names: Vec<&str> = call.headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        let scope = format!("{}/{}/{region}/{service}/aws4_request", KEY.id, &time[..8]);
        let header = |signature: &str| {
            let names = names.join(";");
            format!("{ALGORITHM} Credential={scope},SignedHeaders={names},Signature={signature}")
        };
        let mut draft = super::tests::call("GET /", &[("authorization", &header(""))], "");
        let signed = Signed::read(&draft).unwrap();
        let hash = body_hash(&call, service).unwrap();
        let value = header(&signed.expected(&call, SECRET, &time, &hash));
        draft.headers.clear();
        call.headers.insert("authorization", value.parse().unwrap());
        call
    }

    fn verified(line: &str, headers: &[(&str, &str)], body: &str) -> Result<(), Refusal> {
        let call = call(line, headers, body);
        Signed::read(&call)?.verify(&call, KEY, THEN)
    }

    fn authorization(headers: &str, signature: &str) -> String {
        let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
        format!("{ALGORITHM} Credential={credential},SignedHeaders={headers},Signature={signature}")
    }

    /// The examples of S3's API reference, "Authenticating Requests (AWS Signature Version 4)".
    #[test]
    fn requests_signed_as_published_are_let_in() {
        let put = "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072";
        let three = "host;x-amz-content-sha256;x-amz-date";
        let range = (
            "host;range;x-amz-content-sha256;x-amz-date",
            "range",
            "bytes=0-9",
        );
        let class = (
            "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
            "x-amz-storage-class",
            "REDUCED_REDUNDANCY",
        );
        let none = (three, "accept", "*/*");
        for (line, (headers, name, value), hash, body, signature) in [
            (
                "GET /test.txt",
                range,
                EMPTY,
                "",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                "PUT /test$file.text",
                class,
                put,
                "Welcome to Amazon S3.",
                "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
            ),
            (
                "GET /?lifecycle",
                none,
                EMPTY,
                "",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
            (
                "GET /?max-keys=2&prefix=J",
                none,
                EMPTY,
                "",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
        ] {
            let authorization = authorization(headers, signature);
            let all = [
                ("host", "examplebucket.s3.amazonaws.com"),
                ("date", "Fri, 24 May 2013 00:00:00 GMT"),
                (name, value),
                ("x-amz-content-sha256", hash),
                ("x-amz-date", "20130524T000000Z"),
                ("authorization", &authorization),
            ];
            assert_eq!(verified(line, &all, body), Ok(()), "{line}");
            // The order of the query's parts is nobody's business.
            let other = line.replace("max-keys=2&prefix=J", "prefix=J&max-keys=2");
            assert_eq!(verified(&other, &all, body), Ok(()), "{other}");
            for (wrong, body) in [
                (line.replace("GET", "PUT") + "x", body),
                (line.to_owned(), "!"),
            ] {
                assert!(verified(&wrong, &all, body).is_err(), "{wrong}");
            }
        }
    }

    /// The example of the IAM user guide: a service that needs no hash of the body.
    #[test]
    fn another_service_is_signed_with_its_own_name() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, \
             SignedHeaders=content-type;host;x-amz-date, \
             Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7";
        let headers = [
            (
                "content-type",
                "application/x-www-form-urlencoded; charset=utf-8",
            ),
            ("host", "iam.amazonaws.com"),
            ("x-amz-date", "20150830T123600Z"),
            ("authorization", authorization),
        ];
        let call = call("GET /?Action=ListUsers&Version=2010-05-08", &headers, "");
        let key = Key {
            id: "AKIDEXAMPLE",
            secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            session: None,
        };
        let at = moment("20150830T123600Z").unwrap();
        let signed = Signed::read(&call).unwrap();
        assert_eq!(signed.verify(&call, key, at), Ok(()));
        assert_eq!(signed.verify(&call, KEY, at), Err(Refusal::UnknownKey));
    }

    #[test]
    fn what_is_not_signed_well_is_refused() {
        let plain = || {
            call(
                "GET /b/k%20e+y",
                &[("host", "x"), ("x-amz-content-sha256", EMPTY)],
                "",
            )
        };
        let verify = |call: &Call, key, at| Signed::read(call)?.verify(call, key, at);
        let good = sign(plain(), "us-east-1", "s3", THEN);
        assert_eq!(verify(&good, KEY, THEN), Ok(()));
        assert_eq!(verify(&plain(), KEY, THEN), Err(Refusal::Unsigned));
        let far = THEN.plus_millis(900_001);
        assert_eq!(verify(&good, KEY, THEN.plus_millis(900_000)), Ok(()));
        assert_eq!(verify(&good, KEY, far), Err(Refusal::Skewed));
        let secret = "another";
        assert_eq!(
            verify(&good, Key { secret, ..KEY }, THEN),
            Err(Refusal::Mismatch)
        );
        let mut extra = sign(plain(), "us-east-1", "s3", THEN);
        extra.headers.insert("x-amz-meta", "1".parse().unwrap());
        assert!(matches!(
            verify(&extra, KEY, THEN),
            Err(Refusal::Malformed(_))
        ));
        let mut body = sign(plain(), "us-east-1", "s3", THEN);
        body.body = Bytes::from_static(b"x");
        assert_eq!(verify(&body, KEY, THEN), Err(Refusal::OtherBody));
        let mut host = sign(plain(), "us-east-1", "s3", THEN);
        host.headers.insert("host", "y".parse().unwrap());
        assert_eq!(verify(&host, KEY, THEN), Err(Refusal::Mismatch));
    }

    #[test]
    fn a_temporary_key_needs_its_token_while_it_lasts() {
        let session = Some(("token", THEN.plus_millis(60_000)));
        let temporary = Key { session, ..KEY };
        let signed = |token: Option<&str>| {
            let mut headers = vec![("host", "x"), ("x-amz-content-sha256", EMPTY)];
            headers.extend(token.map(|token| ("x-amz-security-token", token)));
            sign(call("GET /b", &headers, ""), "us-east-1", "s3", THEN)
        };
        let verify = |call: &Call, key, at| Signed::read(call).unwrap().verify(call, key, at);
        let (with, without) = (signed(Some("token")), signed(None));
        assert_eq!(verify(&with, temporary, THEN), Ok(()));
        assert_eq!(
            verify(&without, temporary, THEN),
            Err(Refusal::InvalidToken)
        );
        assert_eq!(
            verify(&signed(Some("x")), temporary, THEN),
            Err(Refusal::InvalidToken)
        );
        assert_eq!(verify(&with, KEY, THEN), Err(Refusal::InvalidToken));
        let dead = THEN.plus_millis(60_000);
        assert_eq!(verify(&with, temporary, dead), Err(Refusal::ExpiredToken));
    }
}
