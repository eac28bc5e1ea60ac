//! Where buckets and their objects are.

use super::*;
use crate::event::Timestamp;
use crate::kind::bucket::ACCESS;

fn settings(texts: &[(&str, &str)]) -> Settings {
    let mut settings = Settings::defaults(&ACCESS, "acme.s3", None);
    for (key, text) in texts {
        settings.texts.insert((*key).to_owned(), (*text).to_owned());
    }
    settings
}

fn place(texts: &[(&str, &str)]) -> Place {
    Place::of(&settings(texts)).unwrap()
}

fn object(key: &str, size: u64) -> Object {
    Object {
        bucket: "acme-audit".to_owned(),
        key: key.to_owned(),
        etag: "e-1".to_owned(),
        size,
        modified: Timestamp::from_millis(0),
    }
}

fn path(request: &Request) -> String {
    match &request.target {
        Target::Tenant(path) => path.clone(),
        Target::PreSigned(_) => panic!("a URL that is pre-signed"),
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn a_bucket_has_a_host_of_its_own_or_stands_in_the_path() {
    let (bucket, dotted) = (("bucket", "acme-audit"), ("bucket", "audit.acme"));
    let (eu, cn) = (("region", "eu-west-1"), ("region", "cn-north-1"));
    let at = |url| ("endpoint", url);
    for (texts, root, first, second) in [
        (
            vec![bucket, eu],
            "https://acme-audit.s3.eu-west-1.amazonaws.com/",
            "https://acme-audit.s3.eu-west-1.amazonaws.com/?list-type=2&max-keys=7",
            "https://acme-audit.s3.eu-west-1.amazonaws.com/a/b",
        ),
        (
            vec![dotted, cn],
            "https://s3.cn-north-1.amazonaws.com.cn/",
            "https://s3.cn-north-1.amazonaws.com.cn/audit.acme?list-type=2&max-keys=7",
            "https://s3.cn-north-1.amazonaws.com.cn/audit.acme/a/b",
        ),
        (
            vec![bucket, at("https://s3.acme.example:8443/")],
            "https://acme-audit.s3.acme.example:8443/",
            "https://acme-audit.s3.acme.example:8443/?list-type=2&max-keys=7",
            "https://acme-audit.s3.acme.example:8443/a/b",
        ),
        (
            vec![dotted, at("https://acme.example/s3/")],
            "https://acme.example/",
            "https://acme.example/s3/audit.acme?list-type=2&max-keys=7",
            "https://acme.example/s3/audit.acme/a/b",
        ),
        (
            vec![bucket, at("http://127.0.0.1:9000")],
            "http://127.0.0.1:9000/",
            "http://127.0.0.1:9000/acme-audit?list-type=2&max-keys=7",
            "http://127.0.0.1:9000/acme-audit/a/b",
        ),
    ] {
        let place = place(&texts);
        assert_eq!(place.root.as_str(), root);
        let list = place.list(&From::Start, 7, String::new());
        assert_eq!(path(&list), first);
        assert_eq!(path(&place.object(&object("a/b", 1)).unwrap()), second);
        // What is sent is what was signed: nothing in it is made uniform on the way.
        for url in [first, second] {
            assert_eq!(place.root.join(url).unwrap().as_str(), url);
        }
    }
    let mut flagged = settings(&[bucket, eu]);
    flagged.flags.insert("path_style".to_owned());
    let place = Place::of(&flagged).unwrap();
    assert_eq!(place.root.as_str(), "https://s3.eu-west-1.amazonaws.com/");
}

#[test]
fn settings_that_lead_nowhere_are_named() {
    let good = ("bucket", "acme-audit");
    let region = ("region", "eu-west-1");
    for (texts, key, why) in [
        (vec![region], "bucket", "is not set"),
        (vec![good], "region", "is not set"),
        (vec![good, ("region", "Frankfurt")], "region", "no region"),
        (vec![("bucket", "Acme"), region], "bucket", "no bucket"),
        (vec![("bucket", "ab"), region], "bucket", "no bucket"),
        (vec![("bucket", "a..b"), region], "bucket", "no bucket"),
        (vec![("bucket", "-ab"), region], "bucket", "no bucket"),
        (vec![("bucket", "s3://a/b"), region], "bucket", "alone"),
        (vec![good, ("endpoint", "minio:9000")], "endpoint", "no URL"),
        (
            vec![good, ("endpoint", "http://minio")],
            "endpoint",
            "https://",
        ),
    ] {
        let error = Place::of(&settings(&texts)).unwrap_err();
        assert_eq!(error.key, key, "{error}");
        assert!(error.why.contains(why), "{error}");
    }
}

#[test]
fn a_listing_says_where_it_begins_and_what_is_sent_is_encoded_as_it_is_signed() {
    let place = place(&[
        ("bucket", "acme-audit"),
        ("region", "eu-west-1"),
        ("prefix", "a b/ü+"),
    ]);
    let query = |from| path(&place.list(&from, 1, String::new()));
    let prefix = "?list-type=2&max-keys=1&prefix=a%20b%2F%C3%BC%2B";
    assert!(query(From::Start).ends_with(prefix));
    let after = query(From::After("a b/ü+/1~".to_owned()));
    assert!(after.ends_with(&format!("{prefix}&start-after=a%20b%2F%C3%BC%2B%2F1~")));
    let token = query(From::Token("1/a=".to_owned()));
    assert!(token.ends_with(&format!("{prefix}&continuation-token=1%2Fa%3D")));
    assert_eq!(
        place.list(&From::Start, 1, String::new()).statuses,
        REFUSALS
    );
}

#[test]
fn an_object_is_asked_for_as_it_was_listed() {
    let place = place(&[("bucket", "acme-audit"), ("region", "eu-west-1")]);
    let small = place.object(&object("a b/ü+'(1)?.gz", 10)).unwrap();
    let url = "https://acme-audit.s3.eu-west-1.amazonaws.com/a%20b/%C3%BC%2B%27%281%29%3F.gz";
    assert_eq!(path(&small), url);
    assert_eq!(place.root.join(url).unwrap().as_str(), url);
    assert_eq!(small.headers, [("if-match", "\"e-1\"".to_owned())]);
    assert_eq!(small.body_limit, BodyLimit::Memory(10 + SLACK_BYTES));
    let large = place.object(&object("a", IN_MEMORY_BYTES_MAX + 1)).unwrap();
    assert!(matches!(large.body_limit, BodyLimit::Disk(_)));
    let without = Object {
        etag: String::new(),
        ..object("a", 1)
    };
    assert!(place.object(&without).unwrap().headers.is_empty());
}

#[test]
fn a_key_that_no_url_can_say_is_not_asked_for() {
    let place = place(&[("bucket", "acme-audit"), ("region", "eu-west-1")]);
    for key in ["../a", "a/./b", "a/..", "."] {
        assert!(place.object(&object(key, 1)).is_none(), "{key}");
    }
    for key in [
        "/a", "//a", "a//b", "a/", "...", "a/.b", "%2e%2e/a", "a\\..\\b",
    ] {
        let path = path(&place.object(&object(key, 1)).unwrap());
        assert_eq!(place.root.join(&path).unwrap().as_str(), path, "{key}");
    }
}
