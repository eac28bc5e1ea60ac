//! Messages in every form that is known or plausible.

mod answers;
mod any;

use super::*;
use serde_json::{Value, json};

/// 2026-11-21T23:02:30.000Z, half a minute after most records below.
const STAMP_MILLIS: i64 = 1_795_302_150_000;
const ID: &str = "31132629274945519779805322857203735586714454643391594505";

fn element(message: &str) -> Value {
    json!({"logStreamName": "app/1", "timestamp": STAMP_MILLIS, "message": message,
        "ingestionTime": STAMP_MILLIS + 900, "eventId": ID})
}

fn answer_of(elements: &[Value]) -> Answer {
    let body = json!({"events": elements, "searchedLogStreams": []});
    read(body.to_string().into_bytes(), "log events").unwrap()
}

fn page_of(message: &str) -> Page {
    answer_of(&[element(message)]).page
}

/// What an event says in columns, each with its letter; and its time, where that is not
/// CloudWatch's.
fn said(page: &Page) -> String {
    let event = &page.events[0];
    let columns = [
        ("type", &event.event_type),
        ("do", &event.action),
        ("by", &event.actor),
        ("ip", &event.ip),
        ("to", &event.target),
    ];
    let mut said: Vec<String> = columns
        .iter()
        .filter_map(|(name, text)| Some(format!("{name}={}", page.text(text.as_ref()?))))
        .collect();
    said.extend(event.port.map(|port| format!("port={}", port.value)));
    let own = Some(event.time.value).filter(|time| time.millis() != STAMP_MILLIS);
    said.extend(own.map(|time| format!("at={time}")));
    said.join(" ")
}

fn details(page: &Page) -> Value {
    let json = page.details_json(&page.events[0]).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// Details of the message itself.
fn own_details(page: &Page) -> Value {
    let mut details = details(page);
    for name in ["logStreamName", "ingestionTime", "timestamp"] {
        details.as_object_mut().unwrap().shift_remove(name);
    }
    details
}

const NODE: &str = r#"{"level":"info","message":"with meta","metadata":{"tenantId":"t1","userId":123,"userName":"Jo** Do*"},"service":"sample","timestamp":"2026-11-21T23:02:28.644Z","type":"application"}"#;
const PYTHON: &str = r#"{"timestamp": "2026-11-21 23:02:01,221", "level": "INFO", "message": "Hello world", "tenantId": "abc", "requestId": "r1", "service": "svc", "type": "application", "metadata": {"loggerName": "awesome-logger", "module": "auth", "functionName": "login", "lineno": 4}}"#;

#[test]
fn a_message_is_an_event() {
    let page = page_of(NODE);
    assert_eq!(
        said(&page),
        "type=application by=123 at=2026-11-21T23:02:28.644Z"
    );
    assert_eq!(page.vendor_id(&page.events[0]), Some(ID));
    let raw: Value = serde_json::from_slice(page.slice(page.events[0].raw)).unwrap();
    assert_eq!(raw, element(NODE));
    let details = details(&page);
    let expected = json!({"level": "info", "message": "with meta",
        "metadata": {"tenantId": "t1", "userId": 123, "userName": "Jo** Do*"}, "service": "sample",
        "logStreamName": "app/1", "ingestionTime": STAMP_MILLIS + 900, "timestamp": STAMP_MILLIS});
    assert_eq!(details.to_string(), expected.to_string());
    assert!(page.notices.is_empty());
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn records_come_in_many_forms() {
    for (message, columns, own) in [
        (
            PYTHON,
            "type=application at=2026-11-21T23:02:01.221Z",
            json!({"level": "INFO", "message": "Hello world", "tenantId": "abc", "requestId": "r1",
                "service": "svc", "metadata": {"loggerName": "awesome-logger", "module": "auth",
                    "functionName": "login", "lineno": 4}}),
        ),
        (
            "2026-11-21T23:02:28.644Z\tr-1\tINFO\t{\"action\":\"Login\",\"userId\":\"u-1\"}\n",
            "do=Login by=u-1 at=2026-11-21T23:02:28.644Z",
            json!({"prefix": "2026-11-21T23:02:28.644Z\tr-1\tINFO"}),
        ),
        (
            "<134>1 2026-11-21T23:02:28Z host app - - - {\"event\":\"Login\",\"prefix\":1}",
            "do=Login at=2026-11-21T23:02:28.000Z",
            json!({"message.prefix": 1, "prefix": "<134>1 2026-11-21T23:02:28Z host app - - -"}),
        ),
        (
            "Nov 21 23:02:28 host app: {\"event\":\"Login\"}",
            "do=Login",
            json!({"prefix": "Nov 21 23:02:28 host app:"}),
        ),
        (
            r#"{"log":" {\"action\":\"Delete\",\"user\":{\"id\":\"u-1\",\"name\":\"Ann\"}}\n","stream":"stdout","time":"2026-11-21T23:02:28.1Z","action":"outer"}"#,
            "do=Delete by=u-1 at=2026-11-21T23:02:28.100Z",
            json!({"log": {"action": "Delete", "user": {"id": "u-1", "name": "Ann"}},
                "stream": "stdout", "action": "outer"}),
        ),
        (
            r#"{"message":{"timestamp":"2026-11-21T23:02:28Z","action":"A"},"timestamp":"2026-11-21T23:02:29Z"}"#,
            "do=A at=2026-11-21T23:02:28.000Z",
            json!({"message": {"timestamp": "2026-11-21T23:02:28Z", "action": "A"},
                "message.timestamp": "2026-11-21T23:02:29Z"}),
        ),
        (
            r#"{"message":"{\"message\":\"{\\\"action\\\":\\\"too deep\\\"}\"}"}"#,
            "",
            json!({"message": {"message": "{\"action\":\"too deep\"}"}}),
        ),
        (
            r#"{"action":"outer","message":"{\"metadata\":{\"action\":\"Inner\"}}"}"#,
            "do=Inner",
            json!({"action": "outer", "message": {"metadata": {"action": "Inner"}}}),
        ),
        (
            "2026-11-21 23:02:28 +0100 app {}",
            "at=2026-11-21T22:02:28.000Z",
            json!({"prefix": "2026-11-21 23:02:28 +0100 app"}),
        ),
        (
            r#"{"message":"{not JSON}","log":"[1]"}"#,
            "",
            json!({"message": "{not JSON}", "log": "[1]"}),
        ),
        (
            r#"{"data":{"userName":"ann","action":"Nested","created_at":"2026-11-20T00:00:00Z"},"Action":"Root","sourceIp":"203.0.113.9:443","module":"Groups"}"#,
            "do=Root by=ann ip=203.0.113.9 to=Groups port=443",
            json!({"data": {"userName": "ann", "action": "Nested", "created_at": "2026-11-20T00:00:00Z"}}),
        ),
        (
            r#"{"detail":{"action":"D","time":1795302148},"metadata":{"action":"M","entity":"E"}}"#,
            "do=M to=E at=2026-11-21T23:02:28.000Z",
            json!({"detail": {"action": "D", "time": 1_795_302_148},
                "metadata": {"action": "M", "entity": "E"}}),
        ),
        (
            r#"{"type":"audit","eventType":"LOGIN","ip":"203.0.113.9, 10.0.0.1","port":"x","srcPort":7}"#,
            "type=audit do=LOGIN ip=203.0.113.9 port=7",
            json!({"ip": "203.0.113.9, 10.0.0.1", "port": "x"}),
        ),
        (
            r#"{"type":"audit","eventType":"USER","action":"LOGIN","client_port":8443,"ip":"10.0.0.1"}"#,
            "type=USER do=LOGIN ip=10.0.0.1 port=8443",
            json!({"type": "audit"}),
        ),
        (
            r#"{"action":["a"],"user":{"email":"ann@x"},"userId":null,"target":true,"entity":"-"}"#,
            "by=ann@x",
            json!({"action": ["a"], "user": {"email": "ann@x"}, "userId": null, "target": true,
                "entity": "-"}),
        ),
        (
            r#"{"logStreamName":"own","ingestionTime":1,"n\u0061me":"bunyan"}"#,
            "",
            json!({"message.logStreamName": "own", "message.ingestionTime": 1, "name": "bunyan"}),
        ),
        ("{}", "", json!({})),
    ] {
        let page = page_of(message);
        assert_eq!(said(&page), columns, "{message}");
        assert_eq!(own_details(&page).to_string(), own.to_string(), "{message}");
        assert!(page.notices.is_empty(), "{message}");
    }
}

#[test]
fn an_actor_is_an_id_before_a_name_and_a_masked_name_only_where_there_is_nothing_else() {
    for (message, actor) in [
        (r#"{"userName":"ann","metadata":{"userId":7}}"#, Some("7")),
        (
            r#"{"userName":"Jo** Do*","metadata":{"user_uuid":"u-1"}}"#,
            Some("u-1"),
        ),
        (
            r#"{"userName":"Jo** Do*","actor":{"login":"ann"}}"#,
            Some("ann"),
        ),
        (r#"{"userEmail":"te**@te**.co*","uuid":"r-1"}"#, Some("r-1")),
        (r#"{"userEmail":"te**@te**.co*"}"#, Some("te**@te**.co*")),
        (r#"{"uuid":"r-1","username":"ann"}"#, Some("ann")),
        (r#"{"userId":"ab**","user":{"name":"Ann"}}"#, Some("Ann")),
        (r#"{"email":"e@x","username":"ann"}"#, Some("ann")),
        (
            r#"{"user":{"uuid":"u-2","type":"admin","created_at":"x"}}"#,
            Some("u-2"),
        ),
        (r#"{"name":"logger","metadata":{"name":"x"}}"#, None),
    ] {
        let page = page_of(message);
        let event = &page.events[0];
        assert_eq!(
            event.actor.as_ref().map(|text| page.text(text)),
            actor,
            "{message}"
        );
        assert_eq!(
            event.action.as_ref().map(|text| page.text(text)),
            None,
            "{message}"
        );
        let shown = details(&page).to_string();
        for masked in ["Jo** Do*", "te**@te**.co*", "ab**"] {
            let is_kept = actor == Some(masked) || shown.contains(masked);
            assert!(is_kept || !message.contains(masked), "{message}");
        }
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn a_record_s_own_time_counts_where_cloudwatch_can_have_taken_it() {
    let stamp = Timestamp::from_millis(STAMP_MILLIS);
    let at = |millis: i64| stamp.plus_millis(millis).to_string();
    let (fortnight, two_hours) = (14 * 86_400_000, 2 * 3_600_000);
    // How far its own time lies from CloudWatch's, if it counts; whether `timestamp` is left over.
    for (message, own, is_left) in [
        (
            json!({"timestamp": at(-fortnight)}),
            Some(-fortnight),
            false,
        ),
        (json!({"timestamp": at(-fortnight - 1)}), None, true),
        (json!({"timestamp": at(two_hours)}), Some(two_hours), false),
        (json!({"timestamp": at(two_hours + 1)}), None, true),
        (json!({"timestamp": STAMP_MILLIS - 5}), Some(-5), false),
        (json!({"timestamp": "11/12/2026 10:00"}), None, true),
        (
            json!({"timestamp": "soon", "eventTime": at(-7)}),
            Some(-7),
            true,
        ),
        (
            json!({"timestamp": at(fortnight), "created_at": at(-8)}),
            Some(-8),
            true,
        ),
        (
            json!({"message": "{\"a\":1}", "time": at(-9)}),
            Some(-9),
            false,
        ),
        (json!({"timestamp": at(0)}), Some(0), false),
    ] {
        let text = message.to_string();
        let page = page_of(&text);
        let expected = stamp.plus_millis(own.unwrap_or(0));
        assert_eq!(page.events[0].time.value, expected, "{text}");
        let details = details(&page);
        let is_moved = own.is_some_and(|own| own != 0);
        assert_eq!(
            details.get("timestamp"),
            is_moved.then_some(&json!(STAMP_MILLIS)),
            "{text}"
        );
        let left = details.get("message.timestamp");
        assert_eq!(left, message.get("timestamp").filter(|_| is_left), "{text}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn cef_is_read_with_and_without_what_syslog_puts_before_it() {
    let cef = r"CEF:0|SAFE Security|SAFE|3.1|200|User logged in|5|";
    let header = json!({"cefVersion": "0", "deviceVendor": "SAFE Security",
        "deviceProduct": "SAFE", "deviceVersion": "3.1", "severity": "5"});
    let with = |more: Value| {
        let mut all = header.clone();
        for (name, value) in more.as_object().unwrap() {
            all[name] = value.clone();
        }
        all
    };
    for (before, extension, columns, own) in [
        ("", "", "", json!({})),
        (
            "Nov 21 2026 23:02:01 safe-host ",
            "",
            " at=2026-11-21T23:02:01.000Z",
            json!({"prefix": "Nov 21 2026 23:02:01 safe-host"}),
        ),
        (
            "<14>Nov  9 2026 23:02:01 h ",
            "rt=1795302148000 suser=ann lee src=203.0.113.9 spt=443 cs1=x y",
            " by=ann lee ip=203.0.113.9 port=443 at=2026-11-21T23:02:28.000Z",
            json!({"cs1": "x y", "prefix": "<14>Nov  9 2026 23:02:01 h"}),
        ),
        (
            "<14>Nov  9 2026 23:02:01 h ",
            "rt=soon suser=ann suid=u-1 duser=bob",
            " by=u-1 to=bob at=2026-11-09T23:02:01.000Z",
            json!({"rt": "soon", "suser": "ann", "prefix": "<14>Nov  9 2026 23:02:01 h"}),
        ),
        (
            "",
            r"rt=Nov 21 2026 23:02:28 userId=u-2 log={\=} message={} group=Risk",
            " by=u-2 to=Risk at=2026-11-21T23:02:28.000Z",
            json!({"log": "{=}", "message": "{}"}),
        ),
    ] {
        let message = format!("{before}{cef}{extension}");
        let page = page_of(&message);
        let (main, rest) = ("type=200 do=User logged in", columns);
        assert_eq!(said(&page), format!("{main}{rest}"), "{message}");
        assert_eq!(own_details(&page), with(own), "{message}");
        assert!(page.notices.is_empty(), "{message}");
    }
}

#[test]
fn any_other_message_is_kept_whole_and_counted_once_a_page() {
    let texts = [
        ("", "it holds no JSON object"),
        ("last message repeated 3 times", "it holds no JSON object"),
        ("[{\"a\":1}]", "what follows its first brace is no JSON"),
        ("{\"a\":1", "it begins as JSON, but is none"),
        ("{\"a\":1} and more", "it begins as JSON, but is none"),
        ("Error: {oops}", "what follows its first brace is no JSON"),
        (
            "CEF:0|SAFE|cut",
            "it begins as CEF, but has no whole header",
        ),
        ("\"\u{1}\t\\ \u{1f600} é", "it holds no JSON object"),
    ];
    for (message, why) in texts {
        let page = page_of(message);
        assert_eq!(said(&page), "", "{message}");
        let expected = json!({"message": message, "parse_error": why});
        assert_eq!(own_details(&page).to_string(), expected.to_string());
    }
    let mut elements: Vec<Value> = texts.iter().map(|(text, _)| element(text)).collect();
    elements.push(element("{}"));
    let notices = answer_of(&elements).page.notices;
    assert_eq!(
        notices,
        ["8 of 9 messages are neither JSON nor CEF: each is kept whole, with a `parse_error`"]
    );
}
