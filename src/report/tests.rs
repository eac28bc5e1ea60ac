//! Tests of reports as a whole: what is in them, and what checking them finds.

use std::io::Cursor;

use super::evidence::Evidence;
use super::verify::{Findings, Outcome, VerifyError, verify};
use super::*;
use crate::archive::reader::Reader;
use crate::query::Query;
use crate::query::sample::{self, NOW, Sample};

mod hostile;
mod tampered;

const DAY: i64 = 86_400_000;

/// The 30 days before the end of the sample's story.
const PERIOD: Period = Period {
    from: NOW.plus_millis(-30 * DAY),
    to: NOW,
};

/// A file's worth of saved queries.
const QUERIES: &[(&str, &str)] = &[
    (
        "actions",
        "-- What was done, most often first\n-- tags: review\n-- chart: bar action events\n\
         -- param since time = 7d\n-- param until time = null\n\
         select action, count(*) as events, max(time) as last from events\n\
         where time >= :since and time < coalesce(:until, '9') group by 1 order by 2 desc, 1",
    ),
    (
        "by-day",
        "-- Events of each day\n-- tags: review\n-- chart: line day events\n\
         -- param from time = 7d\n\
         select substr(time, 1, 10) as day, source, count(*) as events from events\n\
         where time >= :from group by 1, 2 order by 1, 2",
    ),
    (
        "of-actor",
        "-- All that one did\n-- tags: review\n-- param who text  the actor\n\
         select time, action, null as missing, 0.5 as half, x'00ff' as bytes from events\n\
         where actor = :who order by key",
    ),
];

fn saved(queries: &[(&str, &str)]) -> Vec<Saved> {
    let saved = queries.iter().map(|(name, sql)| Saved {
        name: (*name).to_owned(),
        folder: None,
        path: None,
        query: Query::read(sql),
    });
    saved.collect()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    let pairs = pairs.iter();
    pairs
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn made(sample: &Sample, named: &[&str], given: &[(&str, &str)]) -> Result<Report, ReportError> {
    let reader = Reader::open(&sample.path()).unwrap();
    let order = Order {
        named: &words(named),
        saved: &saved(QUERIES),
        title: None,
        period: PERIOD,
        given: &pairs(given),
        now: NOW,
        timeout: None,
    };
    make(&reader, &order)
}

fn written(report: &mut Report, form: &str) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    find(form).unwrap().write(report, &mut file).unwrap();
    file.into_inner()
}

fn checked(sample: &Sample, file: &[u8]) -> Result<Findings, VerifyError> {
    let reader = Reader::open(&sample.path()).unwrap();
    verify(file, &reader, NOW.plus_millis(DAY), None)
}

fn outcomes(findings: &Findings) -> Vec<(&str, &Outcome)> {
    let queries = findings.queries.iter();
    queries
        .map(|one| (one.name.as_str(), &one.outcome))
        .collect()
}

/// An event of the last day, archived after everything else.
fn archive_late(sample: &Sample) {
    let sql = "
        insert into page (id, batch, source, feed, archived_at) values (3, 2, 2, 'api', 1795180000000);
        insert into event select ((1795176000000 - 3600000) << 20) + 7, 3, null, event_type, action,
            actor, 0, ip, null, 0, 0, 0, 0, 0, null, null, null, null
        from event where page = 2 order by key limit 1";
    sample.writer.execute_batch(sql).unwrap();
}

#[test]
fn a_query_is_asked_about_the_period_and_what_it_is_given() {
    let sample = sample::archive(300);
    let report = made(
        &sample,
        &["of-actor", "actions", "by-day"],
        &[("who", "nobody")],
    )
    .unwrap();
    let evidence = &report.evidence;
    let asked =
        |number: usize| serde_json::to_string(&evidence.queries[number].parameters).unwrap();
    let (from, to) = (PERIOD.from.to_string(), PERIOD.to.to_string());
    assert_eq!(asked(0), r#"{"who":"nobody"}"#);
    assert_eq!(asked(1), format!(r#"{{"since":"{from}","until":"{to}"}}"#));
    assert_eq!(asked(2), format!(r#"{{"from":"{from}"}}"#));
    let spans: Vec<String> = evidence
        .queries
        .iter()
        .map(|one| wording::span(one.span))
        .collect();
    let period = format!("{from} to {to}");
    assert_eq!(
        spans,
        [
            "the whole archive",
            &period,
            &format!("from {from} on"),
            &period
        ]
    );
    assert_eq!(evidence.title, "of-actor, actions, by-day");
    assert_eq!(evidence.queries[3].name, "unresolved-actors");
    let events: u64 = evidence.batches.iter().map(|batch| batch.events).sum();
    assert_eq!(evidence.events(), events);
    assert!(events > 0 && events < 300, "{events}");
}

#[test]
fn a_query_as_of_a_moment_is_asked_as_of_the_end_of_the_period() {
    let sample = sample::archive(20);
    let saved = saved(&[
        ("now", "-- param at time = 0d\nselect :at"),
        ("then", "-- param at time  which moment\nselect :at"),
        ("event", "-- param at time = null\nselect :at"),
        ("text", "-- param at text = 0d\nselect :at"),
    ]);
    let asked = |given: &[(&str, &str)]| -> Vec<(String, String)> {
        let order = Order {
            named: &words(&["now", "then", "event", "text"]),
            saved: &saved,
            title: None,
            period: PERIOD,
            given: &pairs(given),
            now: NOW.plus_millis(DAY),
            timeout: None,
        };
        let reader = Reader::open(&sample.path()).unwrap();
        let asked = make(&reader, &order).unwrap().evidence.queries;
        let asked = asked.iter().take(4);
        asked
            .map(|one| (one.parameters["at"].to_string(), wording::span(one.span)))
            .collect()
    };
    let told = |at: &str, span: &str| (at.to_owned(), span.to_owned());
    let end = PERIOD.to;
    let as_of = told(&format!("\"{end}\""), &format!("up to {end}"));
    let [event, text] = ["null", "\"0d\""].map(|at| told(at, "the whole archive"));
    assert_eq!(asked(&[]), [as_of.clone(), as_of, event, text]);
    let earlier = "2026-10-01T00:00:00.000Z";
    let as_of = told(&format!("\"{earlier}\""), &format!("up to {earlier}"));
    assert_eq!(asked(&[("at", earlier)])[..2], [as_of.clone(), as_of]);
}

#[test]
fn a_tag_asks_all_of_its_queries_that_can_be_asked() {
    let sample = sample::archive(10);
    let names = |report: &Report| -> Vec<String> {
        report
            .evidence
            .queries
            .iter()
            .map(|one| one.name.clone())
            .collect()
    };
    let report = made(&sample, &["review", "actions"], &[]).unwrap();
    assert_eq!(names(&report), ["actions", "by-day", "unresolved-actors"]);
    let [left_out] = report.evidence.left_out.as_slice() else {
        panic!("{:?}", report.evidence.left_out)
    };
    assert_eq!(
        (left_out.query.as_str(), left_out.parameter.as_str()),
        ("of-actor", "who")
    );
    let report = made(&sample, &["review"], &[("who", "x")]).unwrap();
    assert_eq!(names(&report).len(), 4);
    assert!(report.evidence.left_out.is_empty());
}

#[test]
fn what_cannot_be_asked_is_told() {
    let sample = sample::archive(10);
    let error = |named: &[&str], given: &[(&str, &str)]| {
        made(&sample, named, given).unwrap_err().to_string()
    };
    assert_eq!(
        error(&["action"], &[]),
        "there is no saved query and no tag `action`"
    );
    assert_eq!(
        error(&["of-actor"], &[]),
        "of-actor: parameter `who` is not given"
    );
    let unknown = "none of the queries has a parameter `whom`";
    assert_eq!(error(&["review"], &[("whom", "x")]), unknown);
    let wrong = error(&["actions"], &[("since", "soon")]);
    assert!(wrong.starts_with("actions: parameter `since`"), "{wrong}");
}

#[test]
fn an_answer_is_of_one_state_of_the_archive_and_says_how_far_it_had_come() {
    let sample = sample::archive(50);
    let before = made(&sample, &["actions"], &[]).unwrap().evidence.archive;
    assert_eq!((before.last_batch, before.last_page), (2, 2));
    archive_late(&sample);
    let after = made(&sample, &["actions"], &[]).unwrap().evidence.archive;
    assert_eq!((after.id, after.last_page), (before.id, 3));
}

#[test]
fn evidence_is_read_back_from_every_form() {
    let sample = sample::archive(40);
    let mut report = made(&sample, &["review"], &[("who", "User7@Example.com")]).unwrap();
    for form in FORMS {
        let file = written(&mut report, form.name);
        assert!(file.starts_with(form.magic), "{}", form.name);
        let (json, _) = (form.evidence)(&file).unwrap();
        let back: Evidence = serde_json::from_str(&json).unwrap();
        let expected = Evidence {
            document_sha256: back.document_sha256.clone(),
            ..report.evidence.clone()
        };
        assert_eq!(back, expected, "{}", form.name);
    }
}

#[test]
fn a_page_looks_as_it_did() {
    let sample = sample::archive(14);
    let mut report = made(&sample, &["actions", "by-day"], &[]).unwrap();
    report.evidence.version = "0.0.0".to_owned();
    report.evidence.archive.schema = 0;
    let page = String::from_utf8(written(&mut report, "html")).unwrap();
    let style = page.find("<style>").unwrap()..page.find("</style>").unwrap();
    let without_style = page.replace(&page[style], "<style>");
    let hash = without_style.find("sha256-").unwrap();
    let hash = hash..hash + without_style[hash..].find('\'').unwrap();
    let without_style = without_style.replace(&without_style[hash], "sha256-…");
    let (json, _) = html::evidence(page.as_bytes()).unwrap();
    let evidence: Evidence = serde_json::from_str(&json).unwrap();
    let whole = evidence.document_sha256.unwrap();
    insta::assert_snapshot!("html", without_style.replace(&whole, "…"));
    let markdown = String::from_utf8(written(&mut report, "markdown")).unwrap();
    insta::assert_snapshot!("markdown", markdown);
}

#[test]
fn a_source_of_which_nothing_is_known_makes_no_period_complete() {
    let sample = sample::archive(14);
    let report = made(&sample, &["actions"], &[]).unwrap();
    let sources = completeness::sources(&report.evidence);
    let names: Vec<&str> = sources.iter().map(|one| one.source).collect();
    assert_eq!(names, ["acme", "safe-us"]);
    let verdict = completeness::verdict(&sources);
    let told = "The period is not complete: acme: nothing is known of 30 days.";
    assert_eq!(verdict.sentence(&report.evidence, &sources), told);
}
