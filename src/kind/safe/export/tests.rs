//! Exports of SAFE in every plausible form: synthetic all of them, for no real one is public.

mod identity;

use super::*;
use crate::event::{Identity, Timestamp};
use crate::record::{COLUMNS_MAX, PAGE_RECORDS_MAX};
use proptest::prelude::*;
use std::fmt::Write as _;

const ID: &str = "12345678-1234-1234-1234-123456789012";

fn pages_with(bytes: impl Into<Vec<u8>>, options: ExportOptions) -> Result<Vec<Page>, FeedError> {
    let mut export = Export::open(Body::Memory(bytes.into()), options)?;
    std::iter::from_fn(|| export.next_page().transpose()).collect()
}

fn pages(bytes: impl Into<Vec<u8>>) -> Result<Vec<Page>, FeedError> {
    pages_with(bytes, ExportOptions::default())
}

fn only(text: &str) -> Page {
    let mut pages = pages(text).unwrap();
    assert_eq!(pages.len(), 1, "{text}");
    pages.remove(0)
}

/// What an event says, for comparison.
fn said(page: &Page, event: &Event) -> String {
    let mut said = format!("{}", event.time.value);
    let fields = [
        ("type", &event.event_type),
        ("action", &event.action),
        ("actor", &event.actor),
        ("ip", &event.ip),
        ("target", &event.target),
    ];
    for (name, text) in fields {
        if let Some(text) = text {
            write!(said, " {name}={}", page.text(text)).unwrap();
        }
    }
    if let Some(port) = event.port {
        write!(said, " port={}", port.value).unwrap();
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

fn all_said(page: &Page) -> Vec<String> {
    page.events.iter().map(|event| said(page, event)).collect()
}

fn hashes(page: &Page) -> Vec<[u8; 32]> {
    let hash = |event: &Event| match event.identity {
        Identity::Content(hash) => hash,
        Identity::Vendor(_) => panic!("{} has an id", said(page, event)),
    };
    page.events.iter().map(hash).collect()
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn every_header_gives_the_same_event() {
    let time = "2026-01-13T05:03:50.428Z";
    let event = format!("{time} action=Login actor={ID} ip=203.0.113.9 port=443");
    for (header, row, more) in [
        (
            "Timestamp,Source IP and Port,User ID,Action/Activity",
            format!("{time},203.0.113.9:443,{ID},Login"),
            "",
        ),
        (
            "timestamp,sourceIp,sourcePort,userId,action",
            format!("{time},203.0.113.9,443,{ID},Login"),
            "",
        ),
        (
            "Date,Time,Source IP,Port,User ID,Activity",
            format!("2026-01-13,05:03:50.428,203.0.113.9,443,{ID},Login"),
            "",
        ),
        (
            "Time (UTC),IP,Src Port,User UUID,Event",
            format!("1768280630428,203.0.113.9,443,{ID},Login"),
            "",
        ),
        (
            "Username,User ID,Timestamp,Source IP and Port,Action",
            format!("ann,{ID},{time},203.0.113.9 443,Login"),
            " Username:\"ann\"",
        ),
        (
            "Timestamp,Action,Activity Type,User ID,IP,Port,Entity,Status",
            format!("{time},Login,AUTH,{ID},203.0.113.9,443,app,\"o\"\"k\""),
            " type target Status:\"o\\\"k\"",
        ),
        (
            "Wann,Woher,Wer,Port,Action",
            format!("{time},203.0.113.9,{ID},443,Login"),
            " inferred",
        ),
    ] {
        let page = only(&format!("{header}\n{row}\n"));
        let expected = match more {
            " type target Status:\"o\\\"k\"" => {
                event
                    .replace(" action", " type=AUTH action")
                    .replace(" port", " target=app port")
                    + " Status:\"o\\\"k\""
            }
            " inferred" => event.clone(),
            more => event.clone() + more,
        };
        assert_eq!(all_said(&page), [expected], "{header}");
        assert_eq!(page.slice(page.events[0].raw), row.as_bytes());
        assert_eq!(page.header.as_deref(), Some(header));
    }
}

#[test]
fn the_actor_is_the_id_or_else_the_name() {
    let page = only(&format!(
        "Timestamp,User ID,Username\n2026-01-13,{ID},ann\n2026-01-13,,bob\n2026-01-13,N/A,-\n"
    ));
    let day = "2026-01-13T00:00:00.000Z";
    let expected = [
        format!("{day} actor={ID} Username:\"ann\""),
        format!("{day} actor=bob"),
        day.to_owned(),
    ];
    assert_eq!(all_said(&page), expected);
}

#[test]
fn json_maps_as_csv_does() {
    let csv = only(&format!(
        "timestamp,userId,action,detail\n2026-01-13T05:03:50Z,{ID},Login,ok\n"
    ));
    let object = format!(
        "{{\"timestamp\":\"2026-01-13T05:03:50Z\",\"userId\":\"{ID}\",\"action\":\"Login\",\"detail\":\"ok\"}}"
    );
    for text in [
        object.clone(),
        format!("[{object}]"),
        format!("{object}\n"),
        format!("{{\"success\":true,\"data\":[{object}]}}"),
        format!("{{\"auditLogs\":[{object}]}}"),
    ] {
        let page = only(&text);
        assert_eq!(all_said(&page), all_said(&csv), "{text}");
        assert_eq!(hashes(&page), hashes(&csv), "{text}");
        assert_eq!(page.slice(page.events[0].raw), object.as_bytes());
    }
}

#[test]
fn json_keeps_what_has_no_column_as_it_stands() {
    let page = only(r#"{"time":1768280630428,"user":{"id":1},"n":1.50,"none":null,"n":[2]}"#);
    let expected = r#"2026-01-13T05:03:50.428Z user:{"id":1} n:1.50 n_2:[2]"#;
    assert_eq!(all_said(&page), [expected]);
    let page = only("{\"time\":1768280630428}\n[1]\n{\"time\":");
    assert_eq!(
        (page.events.len(), page.rejects.len(), page.rejects[1].line),
        (1, 2, 3)
    );
}

#[test]
fn a_row_that_is_not_understood_is_kept_with_the_reason() {
    let text = "Timestamp,User ID\n2026-01-13,a\nsoon,b\n,c\n1800-01-01,d\n\"2026\n-01\",e\n2026-01-14,f\n";
    let page = only(text);
    let rejects: Vec<_> = page
        .rejects
        .iter()
        .map(|reject| (reject.line, reject.reason.as_str()))
        .collect();
    let outside = "`1800-01-01` lies outside of the years 1990 to 2199";
    assert_eq!(
        rejects[..3],
        [
            (3, "`soon` is no timestamp"),
            (4, "no timestamp"),
            (5, outside)
        ]
    );
    assert_eq!((rejects.len(), rejects[3].0), (4, 6));
    assert_eq!(page.slice(page.rejects[0].raw), b"soon,b");
    assert_eq!(page.received(), 6);
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn day_and_month_are_told_by_the_file_or_by_the_user() {
    let export = |rows: &str, day_order| {
        let options = ExportOptions {
            day_order,
            ..ExportOptions::default()
        };
        pages_with(format!("Date,User\n{rows}"), options)
    };
    let days = |page: &Page| {
        page.events
            .iter()
            .map(|event| event.time.value.to_string()[..10].to_owned())
            .collect::<Vec<_>>()
    };
    for (rows, order, expected) in [
        (
            "3/4/2026,a\n13/4/2026,a\n",
            DayOrder::Auto,
            ["2026-04-03", "2026-04-13"],
        ),
        (
            "3/4/2026,a\n3/13/2026,a\n",
            DayOrder::Auto,
            ["2026-03-04", "2026-03-13"],
        ),
        (
            "3/4/2026,a\n4/4/2026,a\n",
            DayOrder::DayFirst,
            ["2026-04-03", "2026-04-04"],
        ),
        (
            "3/4/2026,a\n4/4/2026,a\n",
            DayOrder::MonthFirst,
            ["2026-03-04", "2026-04-04"],
        ),
    ] {
        assert_eq!(days(&export(rows, order).unwrap()[0]), expected, "{rows}");
    }
    let ambiguous = export("3/4/2026,a\n4/4/2026,a\n", DayOrder::Auto).unwrap_err();
    assert!(
        matches!(&ambiguous, FeedError::Unreadable { why, hint: Some(hint) } if why.contains("3/4/2026") && hint.contains("`day_order`")),
        "{ambiguous:?}"
    );
    let both = export("13/4/2026,a\n4/13/2026,a\n", DayOrder::Auto).unwrap_err();
    assert!(
        both.to_string().contains("begins with the day, but"),
        "{both}"
    );
    let mut rows = "13/4/2026,a\n".repeat(PAGE_RECORDS_MAX);
    rows += "4/13/2026,b\n";
    let pages = export(&rows, DayOrder::Auto).unwrap();
    assert_eq!((pages[1].events.len(), pages[1].rejects.len()), (0, 1));
}

#[test]
fn rows_count_though_the_whole_first_page_is_damaged() {
    let text = format!(
        "[{}{{\"time\":1768280630428,\"a\":1}}]",
        "1,".repeat(PAGE_RECORDS_MAX)
    );
    let pages = pages(text).unwrap();
    let received: Vec<_> = pages
        .iter()
        .map(|page| (page.events.len(), page.rejects.len()))
        .collect();
    assert_eq!(received, [(0, PAGE_RECORDS_MAX), (1, 0)]);
    assert_eq!(pages[1].identity_names, Some(vec!["a".to_owned()]));
}

#[test]
fn objects_of_ever_new_names_do_not_make_ever_more_columns() {
    let new = |n: usize| format!("{{\"time\":1768280630428,\"name{n}\":1}}\n");
    let pages = pages((0..=COLUMNS_MAX).map(new).collect::<String>() + &new(0)).unwrap();
    assert_eq!(
        (pages[0].events.len(), pages[0].rejects.len()),
        (COLUMNS_MAX, 2)
    );
    assert_eq!(
        pages[0].rejects[0].reason,
        "more than 1000 names of members"
    );
}

#[test]
fn what_the_user_should_hear_is_told_once() {
    let period = Period {
        from: Timestamp::from_millis(1_768_176_000_000),
        to: Timestamp::from_millis(1_768_262_400_000),
    };
    let options = ExportOptions {
        period: Some(period),
        ..ExportOptions::default()
    };
    let rows = "2026-01-12 10:00:00,M\u{fc}ller\n2026-01-01 10:00:00,b,c\n"
        .repeat(PAGE_RECORDS_MAX / 2 + 1);
    let latin: Vec<u8> = format!("Timestamp,User\n{rows}")
        .chars()
        .map(|c| u8::try_from(c).unwrap())
        .collect();
    let pages = pages_with(latin, options).unwrap();
    let notices = &pages[0].notices;
    for words in [
        "no zone",
        "line 3: 2026-01-01",
        "Windows-1252",
        "more cells",
    ] {
        assert_eq!(
            notices
                .iter()
                .filter(|notice| notice.contains(words))
                .count(),
            1,
            "{words}: {notices:?}"
        );
    }
    assert_eq!(
        (notices.len(), pages[1].notices.len(), pages[1].window),
        (4, 0, Window::Continues)
    );
    assert_eq!(
        said(&pages[0], &pages[0].events[1]),
        "2026-01-01T10:00:00.000Z actor=b _overflow_1:\"c\""
    );
}

#[test]
fn nothing_and_a_header_alone_are_an_empty_export() {
    for text in ["", "\n\n", "Timestamp,User ID\n", "[]", "{\"data\":[]}"] {
        let page = only(text);
        assert_eq!(
            (page.received(), page.window, page.notices.len()),
            (0, Window::Opens, 1),
            "{text:?}"
        );
        assert_eq!(page.identity_names, None);
    }
}

#[test]
fn what_is_no_export_says_what_it_is() {
    for (text, why) in [
        ("<!doctype html><html>", "it is a web page, not an export"),
        (
            "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>",
            "AccessDenied: Request has expired",
        ),
        (
            "Forbidden",
            "no column holds a time; the header is: Forbidden",
        ),
        (
            "Colour,Weight\nred,3\n",
            "no column holds a time; the header is: Colour,Weight",
        ),
        (
            "2026-01-13T05:03:50Z,ann,Login\n2026-01-14T05:03:50Z,ann,Login\n",
            "no column holds a time",
        ),
        ("Timestamp,User\n2026-01-13,\"ann\n", "begins in line 2"),
        ("[{\"time\":1768280630428},", "cut short at byte 24"),
    ] {
        let error = pages(text).unwrap_err();
        assert!(
            matches!(&error,
                FeedError::Damaged { why: found, hint: Some(_) }
                | FeedError::Unreadable { why: found, hint: Some(_) } if found.contains(why)),
            "{text}: {error:?}"
        );
    }
}

#[test]
fn spreadsheet_guards_come_off_but_stay_in_the_record() {
    let page = only("Timestamp,Username,Action\n=\"2026-01-13\",'@ann,\"=\"\"Login\"\"\"\n");
    assert_eq!(
        all_said(&page),
        ["2026-01-13T00:00:00.000Z action=Login actor=@ann"]
    );
    assert_eq!(
        page.slice(page.events[0].raw),
        b"=\"2026-01-13\",'@ann,\"=\"\"Login\"\"\""
    );
}

proptest! {
    #[test]
    fn every_row_is_received_once(rows in proptest::collection::vec("[0-9a,/:\" -]{1,12}", 0..12)) {
        let rows: Vec<String> = rows.into_iter().map(|row| format!("x{}", row.replace('"', ""))).collect();
        let page = only(&format!("Timestamp,User\n2026-01-13,ann\n{}", rows.join("\n")));
        prop_assert_eq!(page.received(), rows.len() + 1);
    }

    #[test]
    fn no_bytes_make_it_panic(header in any::<bool>(), bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let header: &[u8] = if header { b"Timestamp,User ID\n" } else { b"" };
        let _pages = pages([header, &bytes].concat());
    }
}
