//! Answers and files of SendSafely: what is known of them, and every plausible form of the rest.

use super::*;
use crate::event::{Event, Identity, Text, Timestamp};
use proptest::prelude::*;
use std::fmt::Write as _;
use std::time::Instant;

const RECORD: &str = r#"{"eventId":"e-1","timestamp":"2026-01-13T05:03:50.428Z","eventType":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","ipAddress":"203.0.113.9","authenticatedUser":"ann@acme.example","impersonatedUser":null,"LogDetails":{"packageOwner":"bob@acme.example","packageId":"PKG-7","packageType":"Workspace","fileName":"q\"3\".pdf","fileSize":"1048576","via":["web", 1]}}"#;

fn listed(body: &str) -> Result<Listing, FeedError> {
    read(
        body.as_bytes().to_vec(),
        "application/json",
        "audit log, row 0",
    )
}

fn one(record: &str) -> Page {
    let mut page = listed(&format!("{{\"response\":\"SUCCESS\",\"x\":[{record}]}}"))
        .unwrap()
        .page;
    page.window = Window::Opens;
    page
}

/// What an event says, for comparison.
fn said(page: &Page, event: &Event) -> String {
    let mut said = format!("{}", event.time.value);
    let fields = [
        ("type", &event.event_type),
        ("action", &event.action),
        ("actor", &event.actor),
        ("as", &event.on_behalf_of),
        ("ip", &event.ip),
        ("target", &event.target),
        ("package", &event.package),
        ("package_type", &event.package_type),
        ("owner", &event.package_owner),
        ("file", &event.file_name),
    ];
    for (name, text) in fields {
        if let Some(text) = text {
            write!(said, " {name}={}", page.text(text)).unwrap();
        }
    }
    for (name, number) in [("port", &event.port), ("size", &event.file_size)] {
        if let Some(number) = number {
            write!(said, " {name}={}", number.value).unwrap();
        }
    }
    for detail in &event.details {
        write!(
            said,
            " {}:{}",
            page.text(&detail.name),
            page.text(&detail.json)
        )
        .unwrap();
    }
    said
}

fn vendor_id(page: &Page, event: &Event) -> Option<String> {
    match &event.identity {
        Identity::Vendor(id) => Some(page.text(id).to_owned()),
        Identity::Content(_) => None,
    }
}

#[test]
fn a_record_is_an_event() {
    let page = one(RECORD);
    let event = &page.events[0];
    assert_eq!(
        said(&page, event),
        "2026-01-13T05:03:50.428Z type=PACKAGE_EVENT action=PACKAGE_FILE_DOWNLOAD actor=ann@acme.example ip=203.0.113.9 target=PKG-7 package=PKG-7 package_type=Workspace owner=bob@acme.example file=q\"3\".pdf size=1048576 via:[\"web\", 1]"
    );
    assert_eq!(vendor_id(&page, event).as_deref(), Some("e-1"));
    assert_eq!(page.slice(event.raw), RECORD.as_bytes());
}

#[test]
fn values_are_pointed_at_where_they_stand() {
    let page = one(RECORD);
    let event = &page.events[0];
    let at = |span: Option<Span>| std::str::from_utf8(page.slice(span.unwrap())).unwrap();
    assert_eq!(at(event.time.at), "2026-01-13T05:03:50.428Z");
    assert_eq!(at(event.file_size.unwrap().at), "1048576");
    for text in [
        &event.event_type,
        &event.action,
        &event.actor,
        &event.ip,
        &event.target,
        &event.package,
    ] {
        assert!(matches!(text, Some(Text::In(_))), "{text:?}");
    }
    assert!(matches!(event.file_name, Some(Text::Own(_))));
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn records_come_in_many_forms() {
    let base = r#""timestamp":"2026-01-13T05:03:50+0000""#;
    for (rest, expected) in [
        (r#""logDetails":{}"#, ""),
        (r#""LogDetails":null"#, ""),
        (
            r#""log_details":"{\"fileName\":\"a.txt\",\"k\":\"v\"}""#,
            " file=a.txt k:\"v\"",
        ),
        (
            r#""logDetails":"plain words""#,
            " LogDetails:\"plain words\"",
        ),
        (
            r#""LogDetails":{"file_name":"a","FILESIZE":12}"#,
            " file=a size=12",
        ),
        (
            r#""LogDetails":{"fileSize":"12 MB"}"#,
            " fileSize:\"12 MB\"",
        ),
        (
            r#""LogDetails":{"fileName":["a","b"]}"#,
            " fileName:[\"a\",\"b\"]",
        ),
        (
            r#""LogDetails":{"targetUser":"eve@x","role":"admin"}"#,
            " target=eve@x role:\"admin\"",
        ),
        (
            r#""LogDetails":{"targetUser":"eve@x","packageId":"P"}"#,
            " target=P package=P targetUser:\"eve@x\"",
        ),
        (
            r#""portal":"a","LogDetails":{"portal":"b","action":"c"}"#,
            " portal:\"a\" LogDetails.portal:\"b\" action:\"c\"",
        ),
        (
            r#""EVENT_TYPE":"U","AuthenticatedUser":"Anonymous Recipient""#,
            " type=U actor=Anonymous Recipient",
        ),
        (r#""impersonatedUser":"cat@x""#, " as=cat@x"),
        (
            r#""ipAddress":"[2001:DB8::1]:443""#,
            " ip=2001:db8::1 port=443",
        ),
        (
            r#""ipAddress":"203.0.113.9, 10.0.0.1""#,
            " ip=203.0.113.9 ipAddress:\"203.0.113.9, 10.0.0.1\"",
        ),
        (r#""ipAddress":"-","a\u0062c":1.50"#, " abc:1.50"),
    ] {
        let page = one(&format!("{{{base},{rest}}}"));
        assert_eq!(page.rejects.len(), 0, "{rest}");
        assert_eq!(
            said(&page, &page.events[0]),
            format!("2026-01-13T05:03:50.000Z{expected}"),
            "{rest}"
        );
    }
}

#[test]
fn a_record_without_an_id_is_known_by_what_it_says() {
    let hash = |record: &str| match one(record).events[0].identity {
        Identity::Content(hash) => hash,
        Identity::Vendor(_) => panic!("{record} has an id"),
    };
    let record = r#"{"timestamp":"2026-01-13T05:03:50Z","action":"LOGIN","eventId":null}"#;
    assert_eq!(
        hash(record),
        hash(r#"{"action":"LOGIN", "eventId":null, "timestamp":"2026-01-13T05:03:50Z"}"#)
    );
    assert_ne!(
        hash(record),
        hash(r#"{"timestamp":"2026-01-13T05:03:50Z","action":"LOGOUT","eventId":null}"#)
    );
}

#[test]
fn a_record_that_is_not_understood_is_kept_with_the_reason() {
    for (record, reason) in [
        ("{}", "no timestamp"),
        (r#"{"timestamp":null}"#, "no timestamp"),
        (r#"{"timestamp":"soon"}"#, "`soon` is no timestamp"),
        (
            r#"{"timestamp":"1816-01-01T00:00:00Z"}"#,
            "`1816-01-01T00:00:00Z` lies outside of the years 1990 to 2199",
        ),
        (
            "3",
            "no JSON object: invalid type: integer `3`, expected an object",
        ),
    ] {
        let page = one(&format!("{{\"timestamp\":1768280630}},{record}"));
        assert_eq!((page.events.len(), page.rejects.len()), (1, 1), "{record}");
        assert_eq!(page.rejects[0].reason, reason);
        assert_eq!(page.slice(page.rejects[0].raw), record.as_bytes());
    }
}

#[test]
fn pagination_may_be_text_or_numbers() {
    for (pagination, expected) in [
        (
            r#"{"rowIndex":"0","rowsReturned":"1","nextRowIndex":"100","rowsCapped":"true"}"#,
            (Some(1), Some(100), true),
        ),
        (
            r#"{"rowIndex":0,"rowsReturned":1,"nextRowIndex":100,"rowsCapped":true}"#,
            (Some(1), Some(100), true),
        ),
        (
            r#"{"rowsReturned":1,"nextRowIndex":null,"rowsCapped":false}"#,
            (Some(1), None, false),
        ),
        ("{}", (None, None, false)),
        ("null", (None, None, false)),
    ] {
        let body = format!(
            "{{\"pagination\":{pagination},\"entries\":[{RECORD}],\"response\":\"success\"}}"
        );
        let listing = listed(&body).unwrap();
        assert_eq!(
            (listing.rows_returned, listing.next_row, listing.rows_capped),
            expected,
            "{pagination}"
        );
        assert_eq!(listing.page.events.len(), 1);
    }
}

#[test]
fn an_empty_answer_is_an_answer() {
    for body in [
        r#"{"response":"SUCCESS"}"#,
        r#"{"response":"SUCCESS","entries":[],"pagination":{"rowsReturned":"0"}}"#,
        r#"{"response":"SUCCESS","entries":null,"pagination":{"rowsReturned":0}}"#,
    ] {
        assert_eq!(listed(body).unwrap().page.received(), 0, "{body}");
    }
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn an_answer_that_is_none_says_why() {
    for (body, expected) in [
        (
            r#"{"response":"AUTHENTICATION_FAILED","message":"bad key"}"#,
            "SendSafely refuses the credentials: AUTHENTICATION_FAILED: bad key",
        ),
        (
            r#"{"response":"DENIED"}"#,
            "SendSafely refuses the credentials: DENIED: no message",
        ),
        (
            r#"{"response":"LIMIT_EXCEEDED","message":"later"}"#,
            "SendSafely answered LIMIT_EXCEEDED: later",
        ),
        (
            r#"{"entries":[]}"#,
            "SendSafely's answer to audit log, row 0 is not understood: it has no `response`",
        ),
        (
            r#"{"response":"SUCCESS","pagination":{"rowsReturned":2}}"#,
            "SendSafely's answer to audit log, row 0 is not understood: it returned rows, but holds no list of objects",
        ),
        (
            r#"{"response":"SUCCESS","a":[{}],"b":[{}]}"#,
            "SendSafely's answer to audit log, row 0 is not understood: it holds several lists: a, b",
        ),
        (
            r#"{"response":"SUCCESS","a":[{]"#,
            "SendSafely's answer to audit log, row 0 is not understood: no JSON object: key must be a string",
        ),
    ] {
        let error = listed(body).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{body}: {error}");
    }
    let page = read(b"<html>Sign in</html>".to_vec(), "text/html", "users").unwrap_err();
    assert!(
        page.to_string()
            .contains("is the url that of your SendSafely portal?"),
        "{page}"
    );
    assert!(
        matches!(page, FeedError::NotUnderstood { evidence, .. } if evidence == "<html>Sign in</html>")
    );
}

fn pages(bytes: impl Into<Vec<u8>>) -> Result<Vec<Page>, FeedError> {
    let mut export = Export::open(Body::Memory(bytes.into()))?;
    std::iter::from_fn(|| export.next_page().transpose()).collect()
}

#[test]
fn a_file_comes_in_every_layout() {
    let second = RECORD.replace("e-1", "e-2");
    for text in [
        format!("{RECORD}\n{second}\n"),
        format!("[{RECORD},\n{second}]"),
        format!("{RECORD}{second}"),
        format!("\u{feff}{{\"response\":\"SUCCESS\",\"entries\":[{RECORD},{second}]}}"),
    ] {
        let pages = pages(text.clone()).unwrap();
        let ids: Vec<_> = pages[0]
            .events
            .iter()
            .map(|event| vendor_id(&pages[0], event).unwrap())
            .collect();
        assert_eq!(
            (pages.len(), ids),
            (1, vec!["e-1".to_owned(), "e-2".to_owned()]),
            "{text}"
        );
        assert_eq!(pages[0].slice(pages[0].events[1].raw), second.as_bytes());
    }
    assert_eq!(pages(RECORD).unwrap()[0].events.len(), 1);
}

#[test]
fn a_damaged_line_is_kept_with_its_number() {
    let cut = &RECORD[..RECORD.len() - 9];
    let page = pages(format!("{RECORD}\nnonsense\n\n{cut}"))
        .unwrap()
        .remove(0);
    let rejects: Vec<_> = page
        .rejects
        .iter()
        .map(|reject| (page.slice(reject.raw), reject.line))
        .collect();
    assert_eq!(rejects, [("nonsense".as_bytes(), 2), (cut.as_bytes(), 4)]);
    assert_eq!(page.events.len(), 1);
}

#[test]
fn a_long_file_comes_in_pages_of_one_window() {
    let pages = pages(format!("{RECORD}\n").repeat(crate::record::PAGE_RECORDS_MAX + 1)).unwrap();
    let windows = [0, 1].map(|n: usize| pages[n].window);
    assert_eq!(windows, [Window::Opens, Window::Continues]);
}

#[test]
#[ignore = "a measurement, for release builds"]
fn a_million_records_cost_less_than_as_many_json_values() {
    let lines = format!("{RECORD}\n").repeat(1_000_000);
    let start = Instant::now();
    let is_json = |line: &&str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    let values = lines.lines().filter(is_json).count();
    let base = start.elapsed();
    let mut export = Export::open(Body::Memory(lines.into())).unwrap();
    let (start, mut events) = (Instant::now(), 0);
    while let Some(page) = export.next_page().unwrap() {
        events += page.events.len();
    }
    let took = start.elapsed();
    println!("{events} records in {took:?}; as values in {base:?}");
    assert!(events == values && took < base);
}

#[test]
fn a_file_that_is_no_export_says_so() {
    for (text, why) in [
        ("a,b\n1,2\n", "the file is no JSON"),
        ("<html>", "it is a web page, not an export"),
        (
            r#"{"response":"DENIED","message":"no"}"#,
            "SendSafely refuses the credentials: DENIED: no",
        ),
        ("[{\"a\":1},", "the JSON is cut short at byte 9"),
    ] {
        assert_eq!(pages(text).unwrap_err().to_string(), why, "{text}");
    }
    let empty = pages("").unwrap();
    assert_eq!(
        (empty.len(), empty[0].received(), empty[0].notices.len()),
        (1, 0, 1)
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\":,a1\\\\ ]{0,40}", cut in 0..RECORD.len()) {
        for body in [format!("{{\"response\":\"SUCCESS\",\"l\":[{text}]}}"), RECORD[..cut].to_owned() + &text] {
            let _listing = listed(&body);
            let _pages = pages(body);
        }
    }

    #[test]
    fn any_time_reads_back(millis in 631_152_000_000_i64..7_258_118_400_000) {
        let time = Timestamp::from_millis(millis);
        let page = one(&format!("{{\"timestamp\":\"{time}\"}}"));
        prop_assert_eq!(page.events[0].time.value, time);
    }
}
