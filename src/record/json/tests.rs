//! Every layout of records in a file, and files that are damaged.

use super::*;
use crate::feed::Body;
use crate::record::container;
use proptest::prelude::*;

fn read(text: impl Into<Vec<u8>>) -> Result<Vec<(String, u64)>, RecordError> {
    let mut records = Records::open(container::open(Body::Memory(text.into()))?.text)?;
    let mut read = Vec::new();
    while let Some(batch) = records.next_batch()? {
        let text = |span: Span| String::from_utf8_lossy(&batch.bytes[span.range()]).into_owned();
        read.extend(
            batch
                .records
                .iter()
                .map(|(span, line)| (text(*span), *line)),
        );
    }
    Ok(read)
}

#[test]
fn every_layout_gives_the_same_records() {
    let (a, b) = (r#"{"time":"1", "x":[{"y":"]}"}]}"#, r#"{"time":"2"}"#);
    for (text, lines) in [
        (format!("{a}\n{b}\n"), [1, 2]),
        (format!("{a}\r\n\r\n{b}"), [1, 3]),
        (format!("[{a},{b}]"), [1, 1]),
        (format!("[\n  {a},\n  {b}\n]\n"), [2, 3]),
        (format!("{a}{b}"), [1, 1]),
        (format!("{a} {b}\n"), [1, 1]),
        (format!("[{a}]\n[{b}]\n"), [1, 2]),
        (format!("{{\"data\":[{a},{b}],\"n\":2}}"), [1, 1]),
        (
            format!(
                "{{\"ok\":true,\n\"anything\":\n[{a},\n{b}] , \"pagination\":{{\"rows\":[]}}}}\n"
            ),
            [3, 4],
        ),
    ] {
        let expected = [(a.to_owned(), lines[0]), (b.to_owned(), lines[1])];
        assert_eq!(read(text.clone()).unwrap(), expected, "{text}");
    }
}

#[test]
fn one_object_is_one_record_unless_it_only_holds_others() {
    let pretty = "{\n  \"time\": \"1\",\n  \"changes\": [\n    {}\n  ]\n}";
    assert_eq!(read(pretty).unwrap(), [(pretty.to_owned(), 1)]);
    for nothing in [
        "[]",
        "[ ]\n",
        "{\"data\":[],\"n\":0}",
        "{\"response\":\"SUCCESS\",\"entries\":[ ]}",
    ] {
        assert_eq!(read(nothing).unwrap(), [], "{nothing}");
    }
    assert_eq!(read("{\"data\":[{}]}").unwrap(), [("{}".to_owned(), 1)]);
}

#[test]
fn a_damaged_line_is_a_record_of_its_own() {
    let lines = read("{\"time\":\"1\"}\n{\"time\":\n{\"time\":\"3").unwrap();
    assert_eq!(
        lines.iter().map(|line| line.0.as_str()).collect::<Vec<_>>(),
        ["{\"time\":\"1\"}", "{\"time\":", "{\"time\":\"3"]
    );
    assert_eq!(read("{cut\n{\"time\":\"2\"}\n").unwrap().len(), 2);
}

#[test]
fn blank_lines_are_no_records_however_many() {
    let blanks = (" ".repeat(1 << 20) + "\n").repeat(PAGE_BYTES_MAX >> 20);
    let lines = read(format!("{{\"a\":1}}\n{blanks}{{\"b\":2}}\n{blanks}")).unwrap();
    let last = 2 + (PAGE_BYTES_MAX >> 20) as u64;
    let expected = [("{\"a\":1}", 1), ("{\"b\":2}", last)];
    assert_eq!(lines, expected.map(|(text, line)| (text.to_owned(), line)));
    let long = "x".repeat(RECORD_BYTES_MAX + (1 << 20));
    let endless = read(format!("{{\"a\":1}}\n{long}")).unwrap_err();
    assert!(
        matches!(endless, RecordError::Endless { line: 2 }),
        "{endless}"
    );
}

#[test]
fn a_file_that_ends_early_says_where() {
    for (text, offset) in [
        ("[{\"a\":1},{\"b\":2}", 16),
        ("[{\"a\":1},{\"b\":", 14),
        ("[", 1),
        ("{\"data\":[{\"a\":1}", 16),
        ("{\"data\":[{\"a\":1}],\"n\":", 22),
    ] {
        match read(text) {
            Err(RecordError::JsonCut { offset: found }) => assert_eq!(found, offset, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn what_is_no_list_of_records_says_why() {
    for (text, why) in [
        ("{\"a\":[{}],\"b\":[{}]}", "several lists of objects: a, b"),
        ("[{}] x", "`x` stands outside of any record"),
        ("{nonsense}", "the JSON is damaged"),
        ("{\"data\":[{}]} {}", "something follows"),
    ] {
        let error = read(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
}

#[test]
fn a_long_list_comes_in_pages_and_its_object_need_not_fit() {
    let record = format!("{{\"time\":\"{}\"}}", "1".repeat(100));
    let list = vec![record.as_str(); PAGE_RECORDS_MAX + 1].join(",");
    for text in [
        format!("[{list}]"),
        format!("{{\"ok\":1,\"list\":[{list}],\"n\":1}}"),
        list.replace(',', "\n"),
    ] {
        let mut records =
            Records::open(container::open(Body::Memory(text.into())).unwrap().text).unwrap();
        let mut sizes = Vec::new();
        while let Some(batch) = records.next_batch().unwrap() {
            sizes.push(batch.records.len());
        }
        assert_eq!(sizes, [PAGE_RECORDS_MAX, 1]);
    }
    let two = format!("{{\"list\":[{list}],\"more\":[{{}}]}}");
    assert!(matches!(read(two), Err(RecordError::Lists(_))));
}

/// What is in the list `l` of a file, or the names of the members it has instead.
fn listed(text: impl Into<Vec<u8>>) -> Result<Result<Vec<String>, Vec<String>>, RecordError> {
    let text = container::open(Body::Memory(text.into()))?.text;
    let mut records = match Records::in_list(text, "l")? {
        Listed::Records(records) => records,
        Listed::Without(names) => return Ok(Err(names)),
    };
    let mut read = Vec::new();
    while let Some(batch) = records.next_batch()? {
        let text = |span: Span| String::from_utf8_lossy(&batch.bytes[span.range()]).into_owned();
        read.extend(batch.records.iter().map(|(span, _)| text(*span)));
    }
    Ok(Ok(read))
}

#[test]
fn a_list_is_found_by_its_name_whatever_stands_around_it() {
    let long = format!("\"{}\"", "x".repeat(3 << 20));
    let (a, b) = (r#"{"a":[{"l":[{}]}]}"#, "{\"b\":1}");
    for text in [
        format!("{{\"l\":[{a},{b}]}}"),
        format!(" {{ \"x\" : 1.5 , \"\\u006c\" :\n[ {a} ,\n{b} ] ,\"m\":[{{}}]\n}}\n"),
        format!("{{\"m\":[{{\"l\":[1]}}],\"x\":{long},\"l\":[{a},{b}],\"y\":{long}}}"),
        format!("{{\"l\":null,\"l\":[{a},{b}]}}"),
    ] {
        assert_eq!(listed(text).unwrap(), Ok(vec![a.to_owned(), b.to_owned()]));
    }
    assert_eq!(listed("{\"l\":[],\"n\":0}").unwrap(), Ok(vec![]));
    for (text, names) in [
        ("{}", &[][..]),
        ("[{\"l\":[]}]", &[]),
        ("{\"m\":[{}],\"n\":\"l\"}", &["m", "n"]),
        ("{\"l\":{\"l\":[]}}", &["l"]),
    ] {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(listed(text).unwrap(), Err(names), "{text}");
    }
}

#[test]
fn a_list_of_a_name_that_is_damaged_says_where() {
    for (text, why) in [
        ("{\"l\":[{\"a\":1}", "the JSON is cut short at byte 13"),
        ("{\"l\":[{\"a\":1}]", "the JSON is cut short at byte 14"),
        (
            "{\"l\":[{\"a\":1}],\"m\":[",
            "the JSON is cut short at byte 20",
        ),
        ("{\"m\":1,\"l", "the JSON is cut short at byte 9"),
        ("{\"m\"", "the JSON is cut short at byte 4"),
        (
            "{\"m\" 1}",
            "the JSON is damaged at byte 5: a member has no value",
        ),
        (
            "{m:1}",
            "the JSON is damaged at byte 1: there is no name of a member",
        ),
        (
            "{\"l\":[]} x",
            "the JSON is damaged at byte 9: something follows",
        ),
        ("{\"l\":[],\"l\":[{}]}", "there is a second `l`"),
        ("{\"\\ud800\":1}", "the name of a member is no text"),
    ] {
        let error = listed(text).unwrap_err().to_string();
        assert!(error.contains(why), "{text}: {error}");
    }
    let endless = format!("{{\"{}\":1}}", "x".repeat(RECORD_BYTES_MAX + (1 << 20)));
    assert!(matches!(
        listed(endless),
        Err(RecordError::Endless { line: 1 })
    ));
}

#[test]
fn several_files_go_into_one_page_and_a_damaged_one_leaves_it_as_it_was() {
    let records = |text: &str| {
        let text = container::open(Body::Memory(text.into())).unwrap().text;
        Records::open(text).unwrap()
    };
    let mut batch = Batch::default();
    for text in [
        "[{\"a\":1}]",
        "{\"b\":2}\n{\"c\":3}\n",
        "{\"list\":[{\"d\":4}]}",
    ] {
        assert!(!records(text).fill(&mut batch).unwrap());
    }
    let held = batch.bytes.clone();
    assert!(records("[{\"e\":5},{\"f\":").fill(&mut batch).is_err());
    assert_eq!(batch.bytes, held);
    let text = |span: Span| std::str::from_utf8(&batch.bytes[span.range()]).unwrap();
    let read: Vec<_> = batch.records.iter().map(|(span, _)| text(*span)).collect();
    assert_eq!(read, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}"]);
}

#[test]
fn a_page_that_several_files_fill_is_full_when_one_file_s_would_be() {
    let many = format!("[{}]", vec!["{}"; PAGE_RECORDS_MAX - 1].join(","));
    let open = || {
        Records::open(
            container::open(Body::Memory(many.clone().into()))
                .unwrap()
                .text,
        )
    };
    let mut batch = Batch::default();
    assert!(!open().unwrap().fill(&mut batch).unwrap());
    assert!(!batch.is_full());
    let mut second = open().unwrap();
    assert!(second.fill(&mut batch).unwrap() && batch.is_full());
    assert_eq!(batch.records.len(), PAGE_RECORDS_MAX);
    let mut rest = Batch::default();
    assert!(!second.fill(&mut rest).unwrap());
    assert_eq!(rest.records.len(), PAGE_RECORDS_MAX - 2);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\",:a1 \n\\\\]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for bytes in [text.into_bytes(), [b"{".as_slice(), &bytes].concat(), [b"[".as_slice(), &bytes].concat()] {
            let _records = read(bytes.clone());
            let _listed = listed(bytes);
        }
    }
}
