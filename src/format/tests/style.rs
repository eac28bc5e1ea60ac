//! What a style changes, and that it changes nothing else.

use super::*;
use crate::event::Timestamp;

fn styled(name: &str, style: Style, names: &[&str], rows: &[Vec<Value<'_>>]) -> String {
    let layout = Layout {
        style,
        ..Layout::default()
    };
    written(find(name).unwrap(), layout, names, rows)
}

const ALL: Style = Style {
    vertical: true,
    grouped: true,
    null: Null::Faint,
    ago: Some(Timestamp::from_millis(1_795_176_000_000)),
    safe: true,
};

fn one_row() -> [Vec<Value<'static>>; 1] {
    [vec![
        text("2026-11-20T09:00:00.000Z"),
        Value::Null,
        text(""),
        Value::Integer(1_234_567),
        Value::Integer(1_234_567),
    ]]
}

const NAMES: [&str; 5] = ["time", "none", "empty", "bytes", "key"];

#[test]
fn a_row_may_stand_on_its_side() {
    let mut rows = one_row().to_vec();
    rows.push(vec![text("two\nlines \u{1b}[2J"); 5]);
    assert_eq!(
        styled("table", ALL, &NAMES, &rows),
        "─── 1 ───\n\
         time   3 h ago, 2026-11-20T09:00:00.000Z\n\
         none   \u{1b}[2mnull\u{1b}[0m\n\
         empty\n\
         bytes  1,234,567\n\
         key    1234567\n\
         ─── 2 ───\n\
         time   two\n       lines ␛[2J\n\
         none   two\n       lines ␛[2J\n\
         empty  two\n       lines ␛[2J\n\
         bytes  two\n       lines ␛[2J\n\
         key    two\n       lines ␛[2J\n"
    );
}

#[test]
fn null_is_told_from_no_text_where_that_is_wanted() {
    let rows = [
        vec![Value::Null, Value::Null, text("x")],
        vec![text(""), Value::Integer(10_000), text("y")],
    ];
    for (null, table) in [
        (
            Null::Blank,
            "a       n  z\n─  ──────  ─\n           x\n   10,000  y\n",
        ),
        (
            Null::Word,
            "a          n  z\n────  ──────  ─\nnull    null  x\n      10,000  y\n",
        ),
        (
            Null::Faint,
            "a          n  z\n────  ──────  ─\n\u{1b}[2mnull\u{1b}[0m    \u{1b}[2mnull\u{1b}[0m  x\n      10,000  y\n",
        ),
    ] {
        let style = Style {
            grouped: true,
            null,
            ..Style::default()
        };
        assert_eq!(styled("table", style, &["a", "n", "z"], &rows), table);
    }
}

#[test]
fn no_other_format_is_changed_by_what_is_for_tables() {
    for format in FORMATS.iter().filter(|format| format.name != "table") {
        let plain = styled(format.name, Style::default(), &NAMES, &one_row());
        assert_eq!(styled(format.name, ALL, &NAMES, &one_row()), plain);
    }
}

#[test]
fn no_text_of_a_safe_csv_is_a_formula() {
    let safe = Style {
        safe: true,
        ..Style::default()
    };
    for (value, field) in [
        (text("=1+1"), "'=1+1"),
        (text("+1"), "'+1"),
        (text("-1"), "'-1"),
        (text("@SUM(A1)"), "'@SUM(A1)"),
        (text("\t=1"), "'\t=1"),
        (text("\r=1"), "\"'\r=1\""),
        (text("＝1"), "'＝1"),
        (text("=a,\"b\""), "\"'=a,\"\"b\"\"\""),
        (Value::Integer(-5), "-5"),
        (Value::Real(-0.5), "-0.5"),
        (text("a=1"), "a=1"),
        (text("'quoted"), "'quoted"),
        (Value::Null, "\"\""),
    ] {
        let rows = [vec![value]];
        assert_eq!(
            styled("csv", safe, &["-5"], &rows),
            format!("'-5\n{field}\n")
        );
        let as_it_is = styled("csv", Style::default(), &["-5"], &rows);
        let unguarded = field.replacen('\'', "", usize::from(field != "'quoted"));
        assert_eq!(as_it_is, format!("-5\n{unguarded}\n"));
    }
}
