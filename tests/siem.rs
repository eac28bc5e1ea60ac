//! What is handed on to a SIEM, held to what is published of its schema.

mod schema;

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::Value;
use trailkeep::archive::cursor::Position;
use trailkeep::archive::reader::{Only, Reader};
use trailkeep::demo::{Blemishes, Options, Plan};
use trailkeep::event::{Archived, Timestamp};
use trailkeep::siem;
use trailkeep::sync::Wishes;

use self::schema::Schema;
use crate::laws::{cases, run};
use crate::support::rig::{Rig, START};

/// An event in the words of OCSF.
fn ocsf(event: &Archived) -> Value {
    let line = (siem::find("ocsf").unwrap().line)(event);
    serde_json::from_str(&line).unwrap()
}

fn complaints(schema: &Schema, event: &Archived) -> Vec<String> {
    schema.complaints(&ocsf(event))
}

#[test]
fn every_event_of_a_world_is_what_ocsf_asks_for() {
    let plan = Plan {
        seed: 7,
        events: 4_000,
        days: 30,
        now: START,
    };
    let rig = run(async {
        let rig = Rig::new(plan, Blemishes::default(), Options::default());
        rig.sync(Wishes::default()).await;
        rig
    });
    let schema = Schema::read();
    let mut told: BTreeMap<String, usize> = BTreeMap::new();
    for event in everything(&Reader::open(&rig.path()).unwrap()) {
        assert_eq!(complaints(&schema, &event), [""; 0], "{event:?}");
        let line = ocsf(&event);
        assert_eq!(line["time"], event.time.millis());
        *told
            .entry(line["class_name"].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    let classes: Vec<&str> = told.keys().map(String::as_str).collect();
    let expected = [
        "API Activity",
        "Account Change",
        "Authentication",
        "Entity Management",
        "File Hosting Activity",
        "User Access Management",
    ];
    assert_eq!(classes, expected, "{told:?}");
    assert!(told.values().sum::<usize>() > 3_500, "{told:?}");
}

fn everything(reader: &Reader) -> Vec<Archived> {
    let (mut events, mut place) = (Vec::new(), Position::START);
    loop {
        let stretch = reader.after(place, &Only::default()).unwrap();
        events.extend(stretch.events);
        place = stretch.end;
        if stretch.is_last {
            return events;
        }
    }
}

/// Words of which actions are made, those of the rules among them.
const WORDS: &[&str] = &[
    "User",
    "LOGIN",
    "FAILED",
    "logged",
    "in",
    "out",
    "2FA",
    "DISABLED",
    "Password",
    "RESET",
    "role",
    "changed",
    "from 'Viewer'",
    "to 'Admin'",
    "of 'bob@example.com'",
    "PRIVILEGE",
    "GRANTED",
    "REVOKED",
    "file",
    "UPLOAD",
    "download",
    "shared",
    "deleted",
    "created",
    "Group 'x'",
    "updated",
    "Get",
    "Put",
    "Create",
    "Attach",
    "Policy",
    "Assume",
    "Role",
    "Console",
    "Login",
    "Access",
    "Key",
    "account",
    "locked",
    "unlocked",
    "tested",
    "'",
    "\n",
    "",
];

const PLACES: &[&str] = &[
    "192.0.2.1",
    "2001:db8::1",
    "::ffff:192.0.2.1",
    "AWS Internal",
    "s3.amazonaws.com",
    "",
    "x\ny",
];

const DETAILS: &[&str] = &[
    "{}",
    r#"{"privilege":"MANAGE_USERS"}"#,
    r#"{"roles":["a","b"],"userAgent":"curl","outcome":"failed"}"#,
    r#"{"eventSource":"iam.amazonaws.com","awsRegion":"eu-west-1","recipientAccountId":"1","requestParameters":{"userName":"bob","policyArn":"arn:x"}}"#,
    r#"{"awsRegion":"eu-west-1","errorCode":"AccessDenied","errorMessage":"no","userIdentity":{"arn":"arn:y"}}"#,
    r#"{"awsRegion":7,"apiVersion":"2012","reason":["odd"]}"#,
    "[1]",
    "no json",
];

fn maybe(of: &'static [&'static str]) -> impl Strategy<Value = Option<String>> {
    prop::option::weighted(0.8, prop::sample::select(of).prop_map(str::to_owned))
}

prop_compose! {
    fn any_event()(
        words in prop::collection::vec(prop::sample::select(WORDS), 0..6),
        separator in prop::sample::select(&[" ", "_", ""][..]),
        kind in prop::sample::select(&["safe", "sendsafely", "other"][..]),
        feed in prop::sample::select(&["api", "reports", "cloudtrail"][..]),
        actor in maybe(&["ada@example.com", "Anonymous Recipient", "", "x@y@z.com"]),
        email in maybe(&["ada@example.com", "no address"]),
        target in maybe(&["bob@example.com", "PKG1", ""]),
        ip in maybe(PLACES),
        file_name in maybe(&["a.pdf", "", "b\nc"]),
        details in maybe(DETAILS),
        numbers in (prop::option::of(any::<i64>()), prop::option::of(any::<i64>())),
        millis in any::<i64>(),
        has_id in any::<bool>(),
    ) -> Archived {
        let action = words.join(separator);
        Archived {
            key: millis.wrapping_mul(31),
            source: "tenant".to_owned(),
            kind: kind.to_owned(),
            feed: feed.to_owned(),
            event_id: has_id.then(|| "an-id".to_owned()),
            time: Timestamp::from_millis(millis >> 20),
            event_type: Some("USER_EVENT".to_owned()),
            action: (!action.is_empty()).then_some(action),
            actor,
            actor_email: email,
            actor_name: Some("Ada".to_owned()),
            actor_role: None,
            on_behalf_of: None,
            ip,
            port: numbers.0,
            target,
            file_name,
            file_size: numbers.1,
            details,
            batch: 1,
            archived_at: START,
            raw: has_id.then(|| "raw".to_owned()),
        }
    }
}

proptest! {
    #![proptest_config(cases(400))]

    #[test]
    fn every_event_that_could_be_is_what_ocsf_asks_for(event in any_event()) {
        thread_local!(static SCHEMA: Schema = Schema::read());
        let complaints = SCHEMA.with(|schema| complaints(schema, &event));
        prop_assert_eq!(complaints, [""; 0], "{}", ocsf(&event));
    }
}

/// Whoever checks must find what is wrong.
#[test]
fn what_ocsf_does_not_allow_is_found() {
    let schema = Schema::read();
    let good = ocsf(&sample());
    assert_eq!(schema.complaints(&good), [""; 0]);
    let none = "is none of its numbers";
    for (path, wrong, complaint) in [
        ("/time", Value::Null, "is no timestamp_t"),
        ("/severity_id", 77.into(), none),
        ("/type_uid", 300_250.into(), none),
        ("/user/email_addr", "x".into(), "is no email_t"),
        ("/src_endpoint/ip", "AWS Internal".into(), "is no ip_t"),
        ("/src_endpoint/port", 70_000.into(), "is no port_t"),
        ("/metadata/version", "9.9.9".into(), "it is 1.5.0"),
        ("/metadata/product", "SAFE".into(), "is no object"),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(path).unwrap() = wrong;
        let complaints = schema.complaints(&bad);
        let place = path[1..].replace('/', ".");
        assert_eq!(complaints.len(), 1, "{complaints:?}");
        assert!(complaints[0].starts_with(&place), "{complaints:?}");
        assert!(complaints[0].ends_with(complaint), "{complaints:?}");
    }
}

#[test]
fn what_ocsf_asks_for_is_missed() {
    let schema = Schema::read();
    let good = ocsf(&sample());
    for (gone, complaint) in [
        ("metadata", "metadata is required"),
        ("user", "user is required"),
        ("service", "at_least_one of service, dst_endpoint"),
    ] {
        let mut bad = good.clone();
        bad.as_object_mut().unwrap().remove(gone);
        assert_eq!(schema.complaints(&bad), [complaint], "{gone}");
    }
    let mut more = good;
    more["colour"] = "red".into();
    assert_eq!(schema.complaints(&more), ["colour is no attribute of it"]);
}

/// A sign-in.
fn sample() -> Archived {
    let sign_in = Archived {
        key: 1,
        source: "tenant".to_owned(),
        kind: "sendsafely".to_owned(),
        feed: "api".to_owned(),
        event_id: None,
        time: START,
        event_type: None,
        action: Some("LOGIN".to_owned()),
        actor: Some("ada@example.com".to_owned()),
        actor_email: None,
        actor_name: None,
        actor_role: None,
        on_behalf_of: None,
        ip: Some("192.0.2.1".to_owned()),
        port: Some(443),
        target: None,
        file_name: None,
        file_size: None,
        details: None,
        batch: 1,
        archived_at: START,
        raw: None,
    };
    assert_eq!(ocsf(&sign_in)["class_uid"], 3002);
    sign_in
}
