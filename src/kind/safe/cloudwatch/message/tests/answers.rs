//! What stands around the messages, and answers that are none.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn an_element_that_is_not_understood_is_kept_with_the_reason() {
    let many: serde_json::Map<String, Value> = (0..COLUMNS_MAX)
        .map(|n| (format!("m{n}"), Value::Null))
        .collect();
    let many = element(&Value::Object(many).to_string()).to_string();
    for (given, reason) in [
        (r#"{"timestamp":1795302150000,"message":"x"}"#, "no eventId"),
        (
            r#"{"timestamp":1795302150000,"message":"x","eventId":""}"#,
            "no eventId",
        ),
        (r#"{"message":"x","eventId":"1"}"#, "no timestamp"),
        (
            r#"{"timestamp":null,"message":"x","eventId":"1"}"#,
            "no timestamp",
        ),
        (
            r#"{"timestamp":"soon","message":"x","eventId":"1"}"#,
            "`soon` is no timestamp",
        ),
        (
            r#"{"timestamp":1795302150,"message":"x","eventId":"1"}"#,
            "`1795302150` lies outside of the years 1990 to 2199",
        ),
        (r#"{"timestamp":1795302150000,"eventId":"1"}"#, "no message"),
        (
            r#"{"timestamp":1795302150000,"eventId":"1","message":null}"#,
            "no message",
        ),
        (
            r#"{"timestamp":1795302150000,"eventId":"1","message":"\ud800"}"#,
            "the message holds half of a character",
        ),
        (
            "7",
            "no JSON object: invalid type: integer `7`, expected an object",
        ),
        (many.as_str(), "more than 1000 members"),
    ] {
        let body = format!("{{\"events\":[{given},{}]}}", element("{}"));
        let page = read(body.into_bytes(), "log events").unwrap().page;
        assert_eq!((page.events.len(), page.rejects.len()), (1, 1), "{reason}");
        assert_eq!(page.rejects[0].reason, reason);
        assert_eq!(page.slice(page.rejects[0].raw), given.as_bytes());
    }
}

#[test]
fn what_cloudwatch_says_besides_is_kept() {
    let mut given = element("{\"a\":1}");
    given["entity"] = json!({"service": "s"});
    let page = answer_of(&[given]).page;
    let expected = json!({"a": 1, "logStreamName": "app/1",
        "ingestionTime": STAMP_MILLIS + 900, "entity": {"service": "s"}});
    assert_eq!(details(&page), expected);
    let object = r#"{"events":[{"eventId":5,"timestamp":"1795302150000","message":{"action":"A"},"message":"b"}]}"#;
    let page = read(object.into(), "log events").unwrap().page;
    assert_eq!(page.vendor_id(&page.events[0]), Some("5"));
    assert_eq!(said(&page), "do=A");
    assert_eq!(details(&page), json!({"message": "b"}));
}

#[test]
fn an_answer_tells_what_follows_and_when_its_events_were() {
    for (rest, token) in [
        (r#""nextToken":"a\"b/c+=""#, Some("a\"b/c+=")),
        (r#""nextToken":null"#, None),
        (r#""nextToken":"""#, None),
        (r#""searchedLogStreams":[]"#, None),
    ] {
        let answer = read(format!("{{\"events\":[],{rest}}}").into(), "log events").unwrap();
        assert_eq!(answer.next_token.as_deref(), token, "{rest}");
        assert_eq!((answer.page.received(), answer.stamps), (0, None));
    }
    let at = |millis: i64| {
        let mut element = element(r#"{"timestamp":"2026-11-20T00:00:00Z"}"#);
        element["timestamp"] = json!(STAMP_MILLIS + millis);
        element
    };
    let mut nameless = at(-9);
    nameless["eventId"] = Value::Null;
    let stamps = answer_of(&[at(3), nameless, at(7), at(5)]).stamps.unwrap();
    let [first, last] = [-9, 7].map(|millis| Timestamp::from_millis(STAMP_MILLIS + millis));
    assert_eq!(stamps, Stamps { first, last });
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn an_answer_that_is_none_says_why_and_shows_how_it_begins() {
    for (body, why) in [
        (
            &b"<html>https://secret.example/x</html>"[..],
            "no JSON object: expected value",
        ),
        (
            b"[]",
            "no JSON object: invalid type: sequence, expected an object",
        ),
        (br#"{"message":"x"}"#, "it has no `events`"),
        (br#"{"events":{}}"#, "its `events` is no list"),
        (br#"{"events":null}"#, "its `events` is no list"),
        (
            br#"{"events":[],"nextToken":7}"#,
            "its `nextToken` is no text",
        ),
        (
            br#"{"events":[{}"#,
            "no JSON object: EOF while parsing a list",
        ),
        (b"\xff", "it is no UTF-8"),
    ] {
        match read(body.to_vec(), "log events, answer 2").unwrap_err() {
            FeedError::NotUnderstood {
                asked,
                why: found,
                evidence,
                ..
            } => {
                assert_eq!(
                    (asked.as_str(), found.as_str()),
                    ("log events, answer 2", why)
                );
                assert!(
                    !evidence.is_empty() && !evidence.contains("secret"),
                    "{evidence}"
                );
            }
            other => panic!("{other}"),
        }
    }
}
