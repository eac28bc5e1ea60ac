//! Whoever names a file, a query or a user must not be able to say anything in a report but that.

use super::*;

const HOSTILE: &str = "</style></pre><script>alert(1)</script>\"'&<b onload=x>`|*_[a](javascript:x)\u{202e}\u{1b}[2J\\\n```\n-->";

/// A report in which every text is hostile.
fn hostile() -> (Sample, Report) {
    let sample = sample::archive(30);
    let sql = "update word set text = text || ?1 where id > 0";
    sample.writer.execute(sql, [HOSTILE]).unwrap();
    let sql = "update source set name = name || ?1, kind = kind || ?1";
    sample.writer.execute(sql, [HOSTILE]).unwrap();
    let line = HOSTILE.replace('\n', " ");
    let sql = format!(
        "-- {line}\n-- param who text  {line}\nselect actor as \"{}\", action, 1 as n from events where :who = :who",
        HOSTILE.replace('"', "\"\"")
    );
    let order = Order {
        named: &words(&[HOSTILE]),
        saved: &saved(&[(HOSTILE, &sql)]),
        title: Some(HOSTILE),
        period: PERIOD,
        given: &pairs(&[("who", HOSTILE)]),
        now: NOW,
        timeout: None,
    };
    let report = make(&Reader::open(&sample.path()).unwrap(), &order).unwrap();
    (sample, report)
}

#[test]
fn no_text_becomes_markup() {
    let (_sample, mut report) = hostile();
    assert!(report.evidence.queries[0].answer.rows > 0);
    let page = String::from_utf8(written(&mut report, "html")).unwrap();
    for markup in [
        "<script",
        "<b onload",
        "onload=x>",
        "javascript:x)\"",
        "\u{202e}",
        "\u{1b}",
    ] {
        assert!(!page.contains(markup), "{markup}");
    }
    for (element, count) in [
        ("</style>", 1),
        ("<style>", 1),
        ("<pre id=", 1),
        ("</main>", 1),
    ] {
        assert_eq!(page.matches(element).count(), count, "{element}");
    }
    assert_eq!(
        page.matches("<pre>").count() + 1,
        page.matches("</pre>").count()
    );
    let markdown = String::from_utf8(written(&mut report, "markdown")).unwrap();
    // What is indented is code: the text of the query.
    let mut prose = markdown.lines().filter(|line| !line.starts_with("    "));
    assert!(prose.all(|line| !line.contains("<script")), "{markdown}");
    assert!(!markdown.contains("\u{202e}"));
    let body = &markdown[..markdown.find("## Evidence").unwrap()];
    assert!(!body.contains("[a]("), "{body}");
    // The evidence for programs is the last block, and the only one.
    assert_eq!(
        markdown
            .lines()
            .filter(|line| line.starts_with("```"))
            .count(),
        2
    );
}

#[test]
fn hostile_texts_change_nothing_about_checking() {
    let (sample, mut report) = hostile();
    for form in FORMS {
        let findings = checked(&sample, &written(&mut report, form.name)).unwrap();
        assert!(findings.is_true(), "{}: {findings:?}", form.name);
        assert_eq!(findings.evidence.title, HOSTILE);
    }
}

/// What a spreadsheet would compute, or read as a number, a link or another text.
const COMPUTABLE: &[&str] = &[
    "=1+1",
    "+1",
    "-1",
    "@x",
    "\t=1",
    "=HYPERLINK(\"http://x\")",
    "0123",
    "1e3",
    "_x0041_",
    "https://x.example",
];

#[test]
fn no_text_is_computed() {
    let sample = sample::archive(2);
    let values: Vec<String> = COMPUTABLE
        .iter()
        .map(|text| format!("('{text}')"))
        .collect();
    let sql = format!(
        "-- x\nwith t(x) as (values {}) select x from t union all select 9007199254740993 union all select 1.5",
        values.join(", ")
    );
    let order = Order {
        named: &words(&["x"]),
        saved: &saved(&[("x", &sql)]),
        title: None,
        period: PERIOD,
        given: &[],
        now: NOW,
        timeout: None,
    };
    let mut report = make(&Reader::open(&sample.path()).unwrap(), &order).unwrap();
    let file = written(&mut report, "xlsx");
    let mut workbook = xlsx::read::Workbook::open(&file).unwrap();
    let found = cells_below_the_head(&mut workbook);
    use xlsx::read::Kind::{Number, Text};
    let mut expected: Vec<_> = COMPUTABLE
        .iter()
        .map(|text| (text.replace('\t', "␉"), Text))
        .collect();
    // A number of more digits than a workbook keeps is a text.
    expected.push(("9007199254740993".to_owned(), Text));
    expected.push(("1.5".to_owned(), Number));
    assert_eq!(found, expected);
}

/// Of the one answer.
fn cells_below_the_head(workbook: &mut xlsx::read::Workbook) -> Vec<(String, xlsx::read::Kind)> {
    let sheets = [
        "Report",
        "Complete",
        "x",
        "unresolved-actors",
        "Evidence",
        "For verify",
    ];
    assert_eq!(workbook.names(), sheets);
    let mut cells = workbook.cells(2).unwrap();
    let mut found = Vec::new();
    while let Some(cell) = cells.next().unwrap() {
        if cell.row > 3 {
            found.push((cell.text, cell.kind));
        }
    }
    found
}
