//! Tables of every dialect, and that nothing of a file is lost in reading it.

use super::*;
use crate::feed::Body;
use crate::record::{PAGE_RECORDS_MAX, container};
use proptest::prelude::*;

fn open(text: &[u8]) -> Result<Option<Table>, RecordError> {
    let known = |name: &str| ["Time", "User", "Action"].contains(&name);
    Table::open(container::open(Body::Memory(text.to_vec()))?.text, known)
}

fn cells_of(rows: &Rows) -> Vec<Vec<&str>> {
    rows.rows
        .iter()
        .map(|row| rows.cells(row).iter().map(|cell| rows.text(cell)).collect())
        .collect()
}

fn read(text: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut table = open(text).unwrap().unwrap();
    let mut read = Vec::new();
    while let Some(rows) = table.next_rows().unwrap() {
        read.extend(
            cells_of(&rows)
                .into_iter()
                .map(|row| row.into_iter().map(str::to_owned).collect()),
        );
    }
    (table.columns().to_vec(), read)
}

#[test]
fn every_dialect_reads_the_same() {
    for text in [
        "Time,User\n1,a b\n2,c\n",
        "Time,User\r\n1,a b\r\n2,c",
        "Time,User\r1,a b\r2,c\r",
        "Time;User\n1;a b\n2;c\n",
        "Time\tUser\n1\ta b\n2\tc\n",
        "Time|User\n1|a b\n2|c\n",
        "\"Time\",\"User\"\n\"1\",\"a b\"\n\"2\",\"c\"\n",
        "\n\nTime,User\n\n1,a b\r\n\n2,c\n\n \n",
        "Audit log, exported\n\nTime,User\n1,a b\n2,c\n",
        "\u{feff}Time,User\n1,a b\n2,c\n",
    ] {
        let (columns, rows) = read(text.as_bytes());
        assert_eq!(columns, ["Time", "User"], "{text:?}");
        assert_eq!(rows, [["1", "a b"], ["2", "c"]], "{text:?}");
    }
}

#[test]
fn quotes_keep_delimiters_line_ends_and_quotes() {
    let text = "Time,User\n\"1\n2\",\"say \"\"hi\"\", ok\"\n\"a\"b,c\"d\n,\n\"\",\"\"\"\"\n";
    let (_, rows) = read(text.as_bytes());
    assert_eq!(
        rows,
        [
            ["1\n2", "say \"hi\", ok"],
            ["ab", "c\"d"],
            ["", ""],
            ["", "\""]
        ]
    );
}

#[test]
fn rows_keep_their_bytes_and_lines() {
    let text = "Time,User\r\n1,\"a\r\nb\"\r\n\r\n2,c";
    let rows = open(text.as_bytes())
        .unwrap()
        .unwrap()
        .next_rows()
        .unwrap()
        .unwrap();
    let raw = |n: usize| std::str::from_utf8(&rows.bytes[rows.rows[n].raw.range()]).unwrap();
    assert_eq!((raw(0), rows.rows[0].line), ("1,\"a\r\nb\"", 2));
    assert_eq!((raw(1), rows.rows[1].line), ("2,c", 5));
}

#[test]
fn rows_may_be_short_or_long_and_names_may_repeat() {
    let (columns, rows) = read(b"Time,User,User,\n1\n2,b,c,d,e,f\n");
    assert_eq!(
        columns,
        [
            "Time",
            "User",
            "User_2",
            "column_4",
            "_overflow_1",
            "_overflow_2"
        ]
    );
    assert_eq!(rows, [vec!["1"], vec!["2", "b", "c", "d", "e", "f"]]);
}

#[test]
fn a_cell_that_is_no_utf8_is_taken_for_windows_1252() {
    let rows = open(b"Time,User\n1,M\xfcller \x96 x\n2,M\xc3\xbcller\n")
        .unwrap()
        .unwrap()
        .next_rows()
        .unwrap()
        .unwrap();
    assert_eq!(cells_of(&rows), [["1", "Müller – x"], ["2", "Müller"]]);
    assert_eq!(rows.foreign_cells, 1);
    assert_eq!(&rows.bytes[rows.rows[0].raw.range()], b"1,M\xfcller \x96 x");
}

#[test]
fn an_end_inside_of_quotes_is_an_error_that_names_the_line() {
    let mut table = open(b"Time,User\n1,a\n2,\"b\nc").unwrap().unwrap();
    let error = table.next_rows().unwrap_err();
    assert!(
        matches!(error, RecordError::QuoteCut { line: 3 }),
        "{error}"
    );
}

#[test]
fn nothing_and_a_header_alone_are_valid() {
    assert!(open(b"").unwrap().is_none());
    assert!(open(b"\n\n").unwrap().is_none());
    assert!(
        open(b"Time,User\n")
            .unwrap()
            .unwrap()
            .next_rows()
            .unwrap()
            .is_none()
    );
}

#[test]
fn a_long_table_comes_in_pages() {
    let text = "Time,User\n".to_owned() + &"1,a\n".repeat(PAGE_RECORDS_MAX + 1);
    let mut table = open(text.as_bytes()).unwrap().unwrap();
    let mut sizes = Vec::new();
    while let Some(rows) = table.next_rows().unwrap() {
        sizes.push(rows.rows.len());
    }
    assert_eq!(sizes, [PAGE_RECORDS_MAX, 1]);
}

#[test]
fn a_record_without_an_end_is_not_read_into_memory_whole() {
    for line in [
        "a".repeat(RECORD_BYTES_MAX + 2),
        format!(
            "\"{}",
            format!("{}\n", "a".repeat(1023)).repeat(RECORD_BYTES_MAX / 1024 + 1)
        ),
    ] {
        let text = format!("Time,User\n{line}");
        let error = open(text.as_bytes())
            .unwrap()
            .unwrap()
            .next_rows()
            .unwrap_err();
        assert!(matches!(error, RecordError::Endless { line: 2 }), "{error}");
    }
}

/// A row as it is written: cells, whether each is quoted, and the line end.
type WrittenRow = (Vec<(String, bool)>, &'static str);

/// A table as it is written: the delimiter and the rows.
fn written() -> impl Strategy<Value = (u8, Vec<WrittenRow>)> {
    let cell = ("[a-z,;|\t\"\r\n ü]{0,6}", any::<bool>());
    let ends = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    let rows = proptest::collection::vec((proptest::collection::vec(cell, 2..5), ends), 0..8);
    (0..DELIMITERS.len(), rows).prop_map(|(n, rows)| (DELIMITERS[n], rows))
}

fn write(cells: &[(String, bool)], delimiter: u8) -> String {
    let special = |c: char| matches!(c, '"' | '\r' | '\n') || c == char::from(delimiter);
    let cell = |(text, quote): &(String, bool)| match *quote || text.contains(special) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.clone(),
    };
    cells
        .iter()
        .map(cell)
        .collect::<Vec<_>>()
        .join(&char::from(delimiter).to_string())
}

proptest! {
    #[test]
    fn what_is_written_reads_back_byte_for_byte((delimiter, written) in written()) {
        let mut text = format!("Time{0}User{0}Action\n", char::from(delimiter));
        let mut expected = Vec::new();
        for (cells, end) in &written {
            let line = write(cells, delimiter);
            if !line.trim().is_empty() {
                expected.push((cells.iter().map(|cell| cell.0.clone()).collect::<Vec<_>>(), line.clone()));
            }
            // A row that ends in CR before a blank row that ends in LF is one CRLF, which is as well.
            text += &(line + end);
        }
        let rows = open(text.as_bytes()).unwrap().unwrap().next_rows().unwrap().unwrap_or_default();
        let raws = rows.rows.iter().map(|row| String::from_utf8(rows.bytes[row.raw.range()].to_vec()).unwrap());
        let read: Vec<_> = cells_of(&rows).into_iter().zip(raws).collect();
        prop_assert_eq!(read.len(), expected.len());
        for ((cells, raw), (cells_written, line)) in read.iter().zip(&expected) {
            prop_assert_eq!(cells, cells_written);
            prop_assert_eq!(raw, line);
        }
    }

    #[test]
    fn the_csv_crate_reads_the_same(text in "[a,\"\n\r]{0,40}") {
        let file = format!("Time,User\n{text}\n");
        let oracle = ::csv::ReaderBuilder::new().flexible(true).from_reader(file.as_bytes())
            .into_records().map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect::<Vec<_>>();
        if let Ok(rows) = open(file.as_bytes()).unwrap().unwrap().next_rows() {
            let rows = rows.unwrap_or_default();
            prop_assert_eq!(cells_of(&rows), oracle);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(Some(mut table)) = open(&bytes) {
            let _rows = table.next_rows();
        }
    }
}

#[test]
fn blank_lines_take_no_memory() {
    let text = format!("Time,User\n1,a\n{}2,b\n", " \n".repeat(100_000));
    let mut table = open(text.as_bytes()).unwrap().unwrap();
    let rows = table.next_rows().unwrap().unwrap();
    assert_eq!(rows.bytes, b"1,a\n2,b\n");
    assert_eq!(rows.rows[1].line, 100_003);
}

#[test]
fn a_record_with_more_cells_than_any_table_is_kept_apart() {
    let wide = ",".repeat(COLUMNS_MAX);
    let text = format!("Time,User\n1,a\n{wide}\n2,b\n");
    let mut table = open(text.as_bytes()).unwrap().unwrap();
    let rows = table.next_rows().unwrap().unwrap();
    assert_eq!(cells_of(&rows), [["1", "a"], ["2", "b"]]);
    let [reject] = rows.rejects.as_slice() else {
        panic!("{:?}", rows.rejects)
    };
    assert_eq!((reject.line, &*reject.reason), (3, "more than 1000 cells"));
    assert_eq!(&rows.bytes[reject.raw.range()], wide.as_bytes());
    assert_eq!(table.columns(), ["Time", "User"]);

    let header = open(format!("Time,User{wide}\n").as_bytes());
    assert!(matches!(header, Err(RecordError::TooWide { line: 1 })));
}
