//! What checking a report finds: nothing where nothing was changed, and where it was what.

use super::*;
use crate::report::answer::sha256;

fn small() -> (Sample, Report) {
    let sample = sample::archive(60);
    let report = made(&sample, &["review"], &[("who", "User7@Example.com")]).unwrap();
    (sample, report)
}

fn flaws(sample: &Sample, file: &[u8]) -> Vec<String> {
    checked(sample, file).unwrap().flaws
}

/// The report with a text in it replaced once, and its own SHA-256 made to fit.
fn forged(page: &str, from: &str, to: &str) -> String {
    assert!(page.contains(from), "{from}");
    let page = page.replacen(from, to, 1);
    let (json, at) = html::evidence(page.as_bytes()).unwrap();
    let mut evidence: Evidence = serde_json::from_str(&json).unwrap();
    evidence.document_sha256 = Some(sha256(&page[..at]));
    page.replace(&json, &evidence.json())
}

#[test]
fn a_report_that_nobody_touched_is_true() {
    let (sample, mut report) = small();
    for form in FORMS {
        let file = written(&mut report, form.name);
        let findings = checked(&sample, &file).unwrap();
        let same = outcomes(&findings)
            .iter()
            .all(|one| *one.1 == Outcome::Same);
        assert!(
            same && findings.is_true() && !findings.has_failed(),
            "{}: {findings:?}",
            form.name
        );
        assert_eq!(findings.archived_since, 0);
        assert_eq!(findings.queries.len(), 4);
    }
}

#[test]
fn a_row_that_was_edited_is_found() {
    let (sample, mut report) = small();
    let page = String::from_utf8(written(&mut report, "html")).unwrap();
    let (row, other) = ("<td class=\"time\">2026", "<td class=\"time\">2025");
    let (before, answer) = page.split_at(page.find("id=\"answer-0\"").unwrap());
    let edited = before.to_owned() + &answer.replacen(row, other, 1);
    assert_ne!(edited, page);
    let line = 1 + page
        .lines()
        .zip(edited.lines())
        .position(|(one, other)| one != other)
        .unwrap();
    let named = |flaws: &[String]| {
        flaws
            .iter()
            .any(|flaw| flaw.ends_with(&format!("from line {line} on")))
    };
    let found = flaws(&sample, edited.as_bytes());
    assert!(
        found[0].contains("edited after it was made") && named(&found),
        "{found:?}"
    );
    // Whoever edits it can make its own SHA-256 fit, and not what the archive answers.
    let forged = forged(&edited, "<h2>", "<h2>");
    let found = flaws(&sample, forged.as_bytes());
    assert!(found.len() == 1 && named(&found), "{found:?}");
}

#[test]
fn every_part_is_held_against_the_archive() {
    let (sample, mut report) = small();
    let page = String::from_utf8(written(&mut report, "html")).unwrap();
    for (from, to, flaw) in [
        ("<h1>review</h1>", "<h1>revue</h1>", "the title page is not"),
        ("The period is", "The period was", "the title page is not"),
        (
            "lost: the vendor",
            "kept: the vendor",
            "the page on what is complete is not",
        ),
        (
            "<rect class=\"bar\" x=\"230\"",
            "<rect class=\"bar\" x=\"231\"",
            "the answer to actions is not",
        ),
        (
            "</dl>\n<pre>-- Events",
            "</dl>\n<pre>-- Event",
            "the evidence is not",
        ),
        (
            "</main>",
            "</main><p>All is well.</p>",
            "the end of the file is not",
        ),
    ] {
        let found = flaws(&sample, forged(&page, from, to).as_bytes());
        assert!(
            found.len() == 1 && found[0].starts_with(flaw),
            "{from}: {found:?}"
        );
    }
}

/// What is found of a report whose evidence was edited so.
fn found_of(edit: impl Fn(&mut Evidence)) -> Findings {
    let (sample, report) = small();
    let mut other = made(&sample, &["review"], &[("who", "User7@Example.com")]).unwrap();
    edit(&mut other.evidence);
    other.answers = report.answers;
    let findings = checked(&sample, &written(&mut other, "html")).unwrap();
    assert!(!findings.is_true());
    findings
}

#[track_caller]
fn is_told(edit: impl Fn(&mut Evidence), flaw: &str) {
    let flaws = found_of(edit).flaws;
    assert!(flaws.iter().any(|one| one.contains(flaw)), "{flaws:?}");
}

#[test]
fn evidence_that_was_edited_is_found() {
    let about = "what the evidence says of actions";
    is_told(
        |evidence| evidence.queries[0].about = "All is well".to_owned(),
        about,
    );
    is_told(
        |evidence| evidence.queries[0].columns[1] = "failures".to_owned(),
        about,
    );
    is_told(
        |evidence| evidence.archive.sources[0].0 = "else".to_owned(),
        "has not the sources",
    );
    is_told(|evidence| evidence.batches[0].events += 1, "batches");
    is_told(
        |evidence| evidence.coverage[0].sections[0].from = PERIOD.from.plus_millis(-400 * DAY),
        "safe-us/reports is not complete where the report says so",
    );
}

#[test]
fn a_query_that_was_edited_is_found() {
    let rows = found_of(|evidence| evidence.queries[0].answer.rows += 1);
    assert_eq!(rows.queries[0].outcome, Outcome::Changed);
    let sql = found_of(|evidence| evidence.queries[1].sql.push_str(" limit 1"));
    assert_eq!(sql.queries[1].outcome, Outcome::Changed);
    let failed =
        found_of(|evidence| evidence.queries[1].sql = "-- x\nselect 1 from nowhere".to_owned());
    assert!(failed.has_failed() && failed.queries[1].now.is_none());
}

#[test]
fn events_that_came_late_explain_another_answer() {
    let (sample, mut report) = small();
    let files: Vec<(&str, Vec<u8>)> = FORMS
        .iter()
        .map(|form| (form.name, written(&mut report, form.name)))
        .collect();
    archive_late(&sample);
    for (form, file) in files {
        let findings = checked(&sample, &file).unwrap();
        let changed = |name| {
            findings
                .queries
                .iter()
                .find(|one| one.name == name)
                .unwrap()
        };
        assert_eq!(changed("actions").outcome, Outcome::Changed, "{form}");
        assert_eq!(
            changed("unresolved-actors").outcome,
            Outcome::Same,
            "{form}"
        );
        assert_eq!(findings.archived_since, 1, "{form}");
        assert!(findings.flaws.is_empty(), "{form}: {:?}", findings.flaws);
        assert!(!findings.is_true() && !findings.has_failed());
    }
}

#[test]
fn a_workbook_is_compared_by_its_cells() {
    let (sample, mut report) = small();
    let mut other = made(&sample, &["review"], &[("who", "User8@Example.com")]).unwrap();
    // The rows of one report with the evidence of another.
    std::mem::swap(&mut report.answers, &mut other.answers);
    let findings = checked(&sample, &written(&mut report, "xlsx")).unwrap();
    let flaw = "the sheet of-actor is not as it was made, from cell A4 on";
    assert_eq!(findings.flaws, [flaw]);
}

#[test]
fn a_cell_that_was_edited_is_found() {
    let sample = sample::archive(2);
    let made = |value: &str| {
        let sql = format!("-- x\nselect 1 as a, '{value}' as b");
        let order = Order {
            named: &words(&["x"]),
            saved: &saved(&[("x", &sql)]),
            title: None,
            period: PERIOD,
            given: &[],
            now: NOW,
            timeout: None,
        };
        make(&Reader::open(&sample.path()).unwrap(), &order).unwrap()
    };
    let mut report = made("true");
    report.answers = made("false").answers;
    let flaw = "the sheet x is not as it was made, from cell B4 on";
    assert_eq!(flaws(&sample, &written(&mut report, "xlsx")), [flaw]);
}

#[test]
fn the_same_rows_in_another_order_are_told_apart() {
    let sample = sample::archive(40);
    let file = |order: &str| {
        let sql = format!("-- x\nselect actor from events order by key {order}");
        let order = Order {
            named: &words(&["x"]),
            saved: &saved(&[("x", &sql)]),
            title: None,
            period: PERIOD,
            given: &[],
            now: NOW,
            timeout: None,
        };
        make(&Reader::open(&sample.path()).unwrap(), &order).unwrap()
    };
    let (up, mut down) = (file("asc"), file("desc"));
    down.evidence.queries[0].answer = up.evidence.queries[0].answer.clone();
    down.evidence.document_sha256 = None;
    let findings = checked(&sample, &written(&mut down, "markdown")).unwrap();
    assert_eq!(findings.queries[0].outcome, Outcome::Reordered);
}

#[test]
fn what_is_no_report_of_this_archive_is_refused() {
    let (sample, mut report) = small();
    for file in [
        &b""[..],
        b"<!doctype html>",
        b"# x",
        b"PK\x03\x04",
        b"%PDF",
        &[0xff; 40],
    ] {
        let refused = checked(&sample, file).unwrap_err();
        assert!(matches!(refused, VerifyError::NoReport(_)), "{refused}");
    }
    report.evidence.form += 1;
    let newer = checked(&sample, &written(&mut report, "html")).unwrap_err();
    assert!(matches!(newer, VerifyError::Newer(_)), "{newer}");
    report.evidence.form -= 1;
    report.evidence.archive.id = Some("0".repeat(64));
    let other = checked(&sample, &written(&mut report, "html")).unwrap_err();
    assert!(matches!(other, VerifyError::OtherArchive { .. }), "{other}");
}
