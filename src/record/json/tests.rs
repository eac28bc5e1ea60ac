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

proptest! {
    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\",:a1 \n\\\\]{0,60}", bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
        for bytes in [text.into_bytes(), [b"{".as_slice(), &bytes].concat(), [b"[".as_slice(), &bytes].concat()] {
            let _records = read(bytes);
        }
    }
}
