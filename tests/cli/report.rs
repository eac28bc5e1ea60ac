//! `report`: a document for an auditor, and whether one is what the archive says.

use std::fs;

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;

const EVENTS: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"},
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-01T12:30:00.000Z","eventType":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","authenticatedUser":"Anonymous Recipient","ipAddress":"198.51.100.7","LogDetails":{"packageId":"P1","fileName":"<script>alert(1)</script>.pdf","fileSize":2048}}
]"#;

const LATE: &str = r#"[
{"eventId":"0bc1d2e3-0000-4000-8000-000000000003","timestamp":"2026-10-02T08:15:00.500Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ben@example.com","ipAddress":"203.0.113.9"}
]"#;

const PERIOD: &str = "--from 2026-10-01 --to 2026-11-01";

fn import(sandbox: &Sandbox, events: &str) {
    sandbox.write("log.json", events);
    let import = "import log.json --source acme --kind sendsafely";
    sandbox.run(import).exits(0);
}

/// Two saved queries of a tag, of which one needs a parameter.
fn archive() -> Sandbox {
    let sandbox = Sandbox::new();
    import(&sandbox, EVENTS);
    sandbox.write(
        "xdg/trailkeep/queries/events-of-all.sql",
        "-- What happened\n-- tags: mine\n-- param since time = 7d\n-- param until time = null\n\
         select time, actor, action, details from events\n\
         where time >= :since and time < coalesce(:until, '9') order by time",
    );
    sandbox.write(
        "xdg/trailkeep/queries/events-of.sql",
        "-- What one did\n-- tags: mine\n-- param who text  the actor\n\
         select time, action from events where actor = :who",
    );
    sandbox
}

#[test]
fn a_report_is_made_and_found_to_be_true() {
    let sandbox = archive();
    for (file, begins) in [
        ("a.html", "<!doctype html>"),
        ("a.md", "# mine"),
        ("a.xlsx", "PK"),
    ] {
        let made = sandbox.run(&format!("report mine {PERIOD} --to-file {file}"));
        made.exits(0);
        assert!(
            made.stdout.is_empty()
                && made
                    .stderr
                    .contains("events-of is left out: it needs -p who=…")
        );
        let bytes = fs::read(sandbox.path(file)).unwrap();
        assert!(bytes.starts_with(begins.as_bytes()), "{file}");
        let verified = sandbox.run(&format!("report verify {file}"));
        verified.exits(0);
        let same = "\
QUERY              THEN  NOW  ANSWER
events-of-all      2     2    same
unresolved-actors  2     2    same
";
        assert_eq!(verified.stdout, same, "{file}");
        assert!(
            verified
                .stderr
                .ends_with("the report is what the archive says\n"),
            "{verified}"
        );
    }
}

#[test]
fn a_report_that_is_not_true_any_more_is_a_finding() {
    let sandbox = archive();
    sandbox
        .run(&format!("report mine {PERIOD} --to-file a.html"))
        .exits(0);
    let page = fs::read_to_string(sandbox.path("a.html")).unwrap();
    assert!(page.contains("&lt;script&gt;alert(1)") && !page.contains("<script"));
    sandbox.write(
        "b.html",
        &page
            .replacen("192.0.2.1", "192.0.2.2", 1)
            .replace("ann@", "bob@"),
    );
    let edited = sandbox.run("report verify b.html");
    edited.exits(1);
    assert!(
        edited.stderr.contains("edited after it was made"),
        "{edited}"
    );
    import(&sandbox, LATE);
    let late = sandbox.run("report verify a.html");
    late.exits(1);
    assert_snapshot!(late.stdout, @"
    QUERY              THEN  NOW  ANSWER
    events-of-all      2     3    changed
    unresolved-actors  2     3    changed
    ");
    assert!(
        late.stderr
            .starts_with("1 event of the period was archived after"),
        "{late}"
    );
    assert!(late.stderr.contains("which may be why"), "{late}");
}

#[test]
fn what_came_of_checking_is_told_to_programs() {
    let sandbox = archive();
    sandbox
        .run(&format!("report mine {PERIOD} --to-file a.html"))
        .exits(0);
    let verify = |file: &str, exit: i32| -> serde_json::Value {
        let output = sandbox.run(&format!("report verify {file} -o json"));
        output.exits(exit);
        assert_eq!(output.stderr, "", "{output}");
        serde_json::from_str(&output.stdout).unwrap()
    };
    let told = verify("a.html", 0);
    assert_eq!(
        (&told["file"], &told["is_true"]),
        (&"a.html".into(), &true.into())
    );
    assert_eq!(told["flaws"], serde_json::json!([]));
    let page = fs::read_to_string(sandbox.path("a.html")).unwrap();
    sandbox.write("b.html", &page.replacen("ann@", "bob@", 1));
    let told = verify("b.html", 1);
    assert_eq!(told["queries"][0]["outcome"], "same");
    let flaws = told["flaws"].to_string();
    assert!(flaws.contains("edited after it was made"), "{flaws}");
    import(&sandbox, LATE);
    let told = verify("a.html", 1);
    let changed = serde_json::json!(
        {"name": "events-of-all", "then": 2, "now": 3, "outcome": "changed", "error": null}
    );
    assert_eq!(told["queries"][0], changed);
    assert_eq!(
        (&told["is_true"], &told["archived_since"]),
        (&false.into(), &1.into())
    );
}

#[test]
fn without_a_file_it_goes_to_standard_output() {
    let sandbox = archive();
    let page = sandbox.run(&format!(
        "report events-of -p who=ann@example.com {PERIOD} -o markdown --title Ann"
    ));
    page.exits(0);
    assert!(page.stdout.starts_with("# Ann\n"), "{page}");
    assert!(
        page.stdout
            .contains("**events-of**, the whole archive; who = ann@example.com"),
        "{page}"
    );
}

/// Arguments that are refused, with which error and hint.
const REFUSED: &[(&str, &str, &str)] = &[
    (
        "report event-of",
        "there is no saved query and no tag `event-of`",
        "did you mean `events-of`",
    ),
    (
        "report events-of",
        "events-of: parameter `who` is not given",
        "give it: -p who=… (the actor)",
    ),
    (
        "report mine -p whom=x",
        "none of the queries has a parameter `whom`",
        "did you mean `who`",
    ),
    (
        "report mine --from 2026-10-02 --to 2026-10-01",
        "the period ends at",
        "",
    ),
    (
        "report mine --to-file a.pdf",
        "no report is known by the ending `.pdf`",
        "name one with -o",
    ),
    (
        "report mine --to-file nowhere/a.html",
        "there is no folder",
        "",
    ),
    (
        "report verify log.json",
        "log.json: it is no report of trailkeep",
        "",
    ),
    ("report verify nothing.html", "nothing.html: ", ""),
    ("report", "", "Usage"),
];

#[test]
fn what_cannot_be_made_or_checked_is_told() {
    let sandbox = archive();
    for (arguments, error, hint) in REFUSED {
        let output = sandbox.run(arguments);
        output.exits(2);
        assert!(
            output.stderr.contains(error) && output.stderr.contains(hint),
            "{arguments}\n{output}"
        );
    }
}

#[test]
fn a_report_of_another_archive_cannot_be_checked() {
    let sandbox = archive();
    sandbox
        .run(&format!("report mine {PERIOD} --to-file a.html"))
        .exits(0);
    let import = "import log.json --source other --kind sendsafely --archive other.db";
    sandbox.run(import).exits(0);
    let other = sandbox.run("report verify a.html --archive other.db");
    other.exits(2);
    assert!(
        other.stderr.contains("it was made from another archive"),
        "{other}"
    );
}
