//! The contract of every format: what is written reads back, whatever the values.

mod html;
mod style;

use super::*;

fn written(
    format: &FormatKind,
    layout: Layout<'_>,
    names: &[&str],
    rows: &[Vec<Value<'_>>],
) -> String {
    remarked(format, layout, names, rows, &[])
}

fn remarked(
    format: &FormatKind,
    layout: Layout<'_>,
    names: &[&str],
    rows: &[Vec<Value<'_>>],
    remarks: &[&str],
) -> String {
    let mut bytes = Vec::new();
    let mut out = (format.open)(Box::new(&mut bytes), layout);
    let columns: Vec<Column> = names
        .iter()
        .map(|name| Column {
            name: (*name).to_owned(),
        })
        .collect();
    out.begin(&columns).unwrap();
    rows.iter().for_each(|row| out.row(row).unwrap());
    let remarks: Vec<String> = remarks.iter().map(|&remark| remark.to_owned()).collect();
    out.end(&remarks).unwrap();
    drop(out);
    String::from_utf8(bytes).unwrap()
}

fn fitting(width: usize) -> Layout<'static> {
    Layout {
        width: Some(width),
        ..Layout::default()
    }
}

fn text(text: &str) -> Value<'_> {
    Value::Text(Cow::Borrowed(text))
}

fn awkward() -> Vec<Vec<Value<'static>>> {
    let values = [
        Value::Null,
        Value::Blob(b"\x00\xffa"),
        Value::Integer(i64::MIN),
        Value::Integer(i64::MAX),
        Value::Real(0.1),
        Value::Real(1e300),
        text(""),
        text("two\nlines"),
        text("ends\n"),
        text("a,b;c\td"),
        text("she said \"no\" and 'yes'"),
        text("a|b \\| c \\"),
        text("<b>&amp;</b>"),
        text("שלום עולם"),
        text("👩‍👩‍👧 東京 é"),
        text("\u{1b}[31mred\u{7f}\u{9b}\u{202e}"),
        text("=1+1"),
        text("null"),
    ];
    values
        .into_iter()
        .enumerate()
        .map(|(number, value)| vec![Value::Integer(number as i64), value])
        .collect()
}

/// Reads back what a format wrote: rows of texts, where null is none if the format can tell.
type ReadBack = fn(&str) -> Vec<Vec<Option<String>>>;

const READERS: &[(&str, ReadBack)] = &[
    ("csv", read_csv),
    ("json", read_json),
    ("jsonl", read_jsonl),
    ("markdown", read_markdown),
    ("table", read_table),
    ("html", html::read),
];

fn read_csv(written: &str) -> Vec<Vec<Option<String>>> {
    let mut reader = ::csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(written.as_bytes());
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| record.iter().map(|field| Some(field.to_owned())).collect())
        .collect()
}

fn object(value: &serde_json::Value) -> Vec<Option<String>> {
    let member = |value: &serde_json::Value| match value {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        serde_json::Value::Number(number) => Some(number.as_i64().map_or_else(
            || format!("{:?}", number.as_f64().unwrap()),
            |n| n.to_string(),
        )),
        other => panic!("{other}"),
    };
    value.as_object().unwrap().values().map(member).collect()
}

fn header(value: &serde_json::Value) -> Vec<Option<String>> {
    value
        .as_object()
        .unwrap()
        .keys()
        .map(|key| Some(key.clone()))
        .collect()
}

fn objects(values: &[serde_json::Value]) -> Vec<Vec<Option<String>>> {
    values
        .first()
        .map(header)
        .into_iter()
        .chain(values.iter().map(object))
        .collect()
}

fn read_json(written: &str) -> Vec<Vec<Option<String>>> {
    objects(
        serde_json::from_str::<serde_json::Value>(written)
            .unwrap()
            .as_array()
            .unwrap(),
    )
}

fn read_jsonl(written: &str) -> Vec<Vec<Option<String>>> {
    objects(
        &written
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect::<Vec<_>>(),
    )
}

fn read_markdown(written: &str) -> Vec<Vec<Option<String>>> {
    let cells = |line: &str| {
        let inner = line.strip_prefix("| ").unwrap().strip_suffix(" |").unwrap();
        let unescape = |cell: &str| {
            let cell = cell
                .replace("<br>", "\n")
                .replace("&lt;", "<")
                .replace("&amp;", "&");
            Some(cell.replace("\\|", "|").replace("\\\\", "\\"))
        };
        inner.split(" | ").map(unescape).collect()
    };
    let (header, rest) = written.split_once("\n| --- | --- |\n").unwrap();
    std::iter::once(header)
        .chain(rest.lines())
        .map(cells)
        .collect()
}

fn read_table(written: &str) -> Vec<Vec<Option<String>>> {
    let cells = |line: &str| {
        let (number, text) = line.trim_start().split_once("  ").unwrap();
        vec![Some(number.to_owned()), Some(text.to_owned())]
    };
    written
        .lines()
        .filter(|line| !line.starts_with('─'))
        .map(cells)
        .collect()
}

/// What a format may show instead of a text: terminals and wikis get pictures of controls.
fn pictured(format: &str, text: &str) -> String {
    match format {
        "table" => visible(text).into_owned(),
        "markdown" | "html" => text.split('\n').map(visible).collect::<Vec<_>>().join("\n"),
        _ => text.to_owned(),
    }
}

#[test]
fn what_is_written_reads_back() {
    for format in FORMATS {
        let (_, read) = READERS
            .iter()
            .find(|(name, _)| *name == format.name)
            .expect(format.name);
        let rows = awkward();
        let read = read(&written(format, Layout::default(), &["n", "value"], &rows));
        assert_eq!(
            read[0],
            [Some("n".to_owned()), Some("value".to_owned())],
            "{}",
            format.name
        );
        assert_eq!(read.len(), rows.len() + 1, "{}", format.name);
        for (row, cells) in rows.iter().zip(&read[1..]) {
            let tells_null = ["json", "jsonl", "html"].contains(&format.name);
            let is_null = row[1] == Value::Null && tells_null;
            let expected = (!is_null).then(|| pictured(format.name, &plain(&row[1])));
            assert_eq!(cells[1], expected, "{} {:?}", format.name, row[1]);
        }
    }
}

#[test]
fn remarks_stand_after_the_rows_where_there_is_room() {
    let rows = [vec![text("first"), text("last")]];
    let remarks = ["all of <it>\u{1b}[2J", "but | that"];
    for format in FORMATS {
        for rows in [&rows[..], &[]] {
            let columns = ["a", "b"];
            let bare = written(format, fitting(80), &columns, rows);
            let remarked = remarked(format, fitting(80), &columns, rows, &remarks);
            assert_eq!(remarked != bare, format.remarks, "{}", format.name);
            assert!(!remarked.contains('\u{1b}'), "{remarked}");
            if format.remarks {
                let after = remarked.rfind("last").unwrap_or_default();
                let [one, other] = ["all of", "that"].map(|word| remarked.find(word).unwrap());
                assert!(after < one && one < other, "{remarked}");
            }
        }
    }
}

#[test]
fn each_format_has_its_own_place_for_remarks() {
    let remarks = ["a <b> | c", "d"];
    for (name, end) in [
        ("table", "\n─\n\na <b> | c\nd\n"),
        ("markdown", "| --- |\n\na &lt;b> \\| c<br>\nd\n"),
        (
            "html",
            "<p>0 rows</p>\n<footer><p>a &lt;b&gt; | c<br>\nd</p></footer>\n</body>\n</html>\n",
        ),
    ] {
        let format = find(name).unwrap();
        let written = remarked(format, Layout::default(), &["a"], &[], &remarks);
        assert!(written.ends_with(end), "{written}");
    }
}

#[test]
fn an_empty_answer_is_still_one() {
    for (name, empty) in [
        ("table", "a  b\n─  ─\n"),
        ("csv", "a,b\n"),
        ("json", "[]\n"),
        ("jsonl", ""),
        ("markdown", "| a | b |\n| --- | --- |\n"),
    ] {
        assert_eq!(
            written(find(name).unwrap(), Layout::default(), &["a", "b"], &[]),
            empty,
            "{name}"
        );
    }
}

#[test]
fn a_single_null_is_a_row_in_csv() {
    let rows = [vec![Value::Null], vec![text("")], vec![text("x")]];
    assert_eq!(
        written(find("csv").unwrap(), Layout::default(), &["a"], &rows),
        "a\n\"\"\n\"\"\nx\n"
    );
}

#[test]
fn json_has_no_infinity_and_no_name_twice() {
    let rows = [vec![
        Value::Real(f64::INFINITY),
        Value::Real(f64::NAN),
        Value::Integer(1),
    ]];
    let json = written(
        find("jsonl").unwrap(),
        Layout::default(),
        &["a", "a", "a_2"],
        &rows,
    );
    assert_eq!(json, "{\"a\":null,\"a_2\":null,\"a_2_2\":1}\n");
}

#[test]
fn no_format_for_people_lets_a_control_through() {
    for name in ["table", "markdown", "html"] {
        let written = written(
            find(name).unwrap(),
            fitting(80),
            &["\u{1b}n", "value"],
            &awkward(),
        );
        let obeyed = |c: &char| *c != '\n' && shown(*c) != *c;
        assert_eq!(written.chars().find(obeyed), None, "{name}");
    }
}

#[test]
fn a_table_fits_the_terminal() {
    let long = "x".repeat(500);
    let rows: Vec<Vec<Value<'_>>> = (0..5)
        .map(|number| {
            vec![
                Value::Integer(number * 1000),
                text("東京都千代田区"),
                text(&long),
                text(&long),
                text("end"),
            ]
        })
        .collect();
    for width in [30, 40, 47, 80, 81, 200] {
        let table = written(
            find("table").unwrap(),
            fitting(width),
            &["n", "a", "b", "c", "d"],
            &rows,
        );
        let widest = table
            .lines()
            .map(tabled::grid::util::string::get_line_width)
            .max()
            .unwrap();
        assert!(widest <= width, "{widest} > {width}\n{table}");
        assert!(
            widest + 2 >= width,
            "room is left: {widest} < {width}\n{table}"
        );
        assert!(table.contains('…') && table.contains("1000"), "{table}");
    }
}

#[test]
fn numbers_stand_on_the_right_and_text_on_the_left() {
    let rows = [
        vec![text("a"), Value::Integer(5), text("x")],
        vec![text("abc"), Value::Null, text("y")],
        vec![Value::Null, Value::Integer(1000), Value::Integer(1)],
    ];
    assert_eq!(
        written(
            find("table").unwrap(),
            fitting(80),
            &["t", "number", "mixed"],
            &rows
        ),
        "t    number  mixed\n───  ──────  ─────\na         5  x\nabc          y\n       1000  1\n"
    );
}

#[test]
fn a_long_answer_streams_with_settled_widths() {
    struct Counted<'c>(&'c std::cell::Cell<usize>);
    impl Write for Counted<'_> {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.set(self.0.get() + bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for format in FORMATS {
        let count = std::cell::Cell::new(0);
        let mut out = (format.open)(Box::new(Counted(&count)), fitting(80));
        out.begin(&[Column {
            name: "n".to_owned(),
        }])
        .unwrap();
        for number in 0..20_000 {
            out.row(&[Value::Integer(number)]).unwrap();
        }
        assert!(count.get() > 50_000, "{} holds its rows back", format.name);
        out.end(&[]).unwrap();
    }
}
