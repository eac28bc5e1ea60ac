//! `check --new`: each alarm is told once, on the screen and by hooks.

use std::fs;

use insta::assert_snapshot;
use serde_json::Value;

use super::{json, save};
use crate::support::inbox::Inbox;
use crate::support::sandbox::Sandbox;

/// Imports a failed sign-in of that number, at that time.
fn archive(sandbox: &Sandbox, number: u32, time: &str, who: &str) {
    let event = format!(
        r#"[{{"eventId":"0bc1d2e3-0000-4000-8000-{number:012}","timestamp":"{time}","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"{who}"}}]"#
    );
    sandbox.write("log.json", &event);
    let import = sandbox.run("import log.json --source acme --kind sendsafely");
    import.exits(0);
}

const FAILURES: &str = "-- Who failed to sign in\n-- expect: no rows\n-- severity: high\n\
    select time, actor from events where action = 'LOGIN_FAILED' order by time";
const BY_PERSON: &str = "-- Failures by person\n-- expect: no rows\n\
    select actor, count(*) as failures from events group by actor order by actor";
const SOME: &str = "-- That somebody works\n-- expect: at least 4 rows\nselect 1 from events";

/// Three checks of an archive with one event.
fn three() -> Sandbox {
    let sandbox = Sandbox::new();
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    save(&sandbox, "a-failures", FAILURES);
    save(&sandbox, "b-people", BY_PERSON);
    save(&sandbox, "c-some", SOME);
    sandbox
}

const THREE: &str = "check a-failures b-people c-some --new";

#[test]
fn at_first_all_that_offends_is_new() {
    let sandbox = three();
    assert_snapshot!(sandbox.run(THREE), @"
    alarm  high      a-failures: 1 row; expected no rows
        Who failed to sign in
        time                      actor
        ────────────────────────  ─────
        2026-10-02T12:00:00.000Z  ann

    alarm  -         b-people: 1 row; expected no rows
        Failures by person
        actor  failures
        ─────  ────────
        ann           1

    alarm  -         c-some: 1 row; expected at least 4 rows
        That somebody works
        1
        ─
        1

    3 checks: 3 alarm
    [exit status: 1]
    ");
    assert_snapshot!(sandbox.run(THREE), @"
    known  high      a-failures: 1 row, told before; expected no rows
    known  -         b-people: 1 row, told before; expected no rows
    known  -         c-some: 1 row, told before; expected at least 4 rows
    3 checks: 3 known
    ");
}

#[test]
fn each_row_alarms_once_and_a_late_one_when_it_comes() {
    let sandbox = three();
    sandbox.run(THREE).exits(1);
    // Long before the first one.
    archive(&sandbox, 2, "2026-09-01T08:00:00.000Z", "bob");
    archive(&sandbox, 3, "2026-10-02T12:00:00.000Z", "ann");
    assert_snapshot!(sandbox.run(THREE), @"
    alarm  high      a-failures: 3 rows, 2 new; expected no rows
        Who failed to sign in
        time                      actor
        ────────────────────────  ─────
        2026-09-01T08:00:00.000Z  bob
        2026-10-02T12:00:00.000Z  ann

    alarm  -         b-people: 2 rows; expected no rows
        Failures by person
        actor  failures
        ─────  ────────
        ann           2
        bob           1

    known  -         c-some: 3 rows, told before; expected at least 4 rows
    3 checks: 2 alarm, 1 known
    [exit status: 1]
    ");
    // Whoever does not ask for what is new sees all, and takes nothing from who does.
    let round = json(&sandbox, "a-failures");
    assert_eq!(round["checks"][0]["offending"].as_array().unwrap().len(), 3);
    archive(&sandbox, 4, "2026-10-03T12:00:00.000Z", "eve");
    sandbox.run("check a-failures").exits(1);
    let new = sandbox.run(THREE).stdout;
    for line in [
        "a-failures: 4 rows, 1 new",
        "b-people: 3 rows, 1 new",
        "c-some: 4 rows; expected at least 4 rows",
        "3 checks: 2 alarm, 1 pass",
    ] {
        assert!(new.contains(line), "{new}");
    }
    sandbox.run(THREE).exits(0);
}

#[test]
fn a_count_that_grows_is_no_news_where_the_query_says_what_a_row_is_known_by() {
    let sandbox = three();
    let by_person = BY_PERSON.replace("-- expect", "-- once: actor\n-- expect");
    save(&sandbox, "b-people", &by_person);
    sandbox.run("check b-people --new").exits(1);
    archive(&sandbox, 2, "2026-10-02T13:00:00.000Z", "ann");
    assert_snapshot!(sandbox.run("check b-people --new"), @"
    known  -         b-people: 1 row, told before; expected no rows
    1 check: 1 known
    ");
    archive(&sandbox, 3, "2026-10-02T14:00:00.000Z", "bob");
    sandbox.run("check b-people --new").exits(1);
    save(
        &sandbox,
        "b-people",
        &by_person.replace("actor\n", "acter\n"),
    );
    assert_snapshot!(sandbox.run("check b-people --new").single_spaced(), @"
    error - b-people: $DIR/xdg/trailkeep/queries/b-people.sql: `once` names `acter`, which is no column of the answer
    hint: did you mean `actor`?

    1 check: 1 error
    ");
}

#[test]
fn quiet_is_silent_while_all_is_well() {
    let sandbox = Sandbox::new();
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    save(&sandbox, "a-failures", FAILURES);
    save(
        &sandbox,
        "b-none",
        "-- x\n-- expect: no rows\nselect 1 where false",
    );
    let output = sandbox.run("-q check a-failures b-none --new");
    let lines: Vec<&str> = output.stdout.lines().collect();
    assert!(lines[0].starts_with("alarm "), "{output}");
    assert!(!output.stdout.contains("b-none"), "{output}");
    assert_snapshot!(sandbox.run("-q check a-failures b-none --new"), @"");
}

#[cfg(target_os = "linux")]
#[test]
fn what_could_not_be_shown_is_told_again() {
    let sandbox = Sandbox::new();
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    save(&sandbox, "a-failures", FAILURES);
    let full = fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut check = sandbox.command("check a-failures --new");
    let output = check.stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    sandbox
        .run("check a-failures --new --to no/such/folder.txt")
        .exits(2);
    sandbox
        .run("check a-failures --new --to alarms.txt")
        .exits(1);
    sandbox.run("check a-failures --new").exits(0);
}

#[test]
fn what_is_asked_otherwise_is_another_question() {
    let sandbox = Sandbox::new();
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    let sql = "-- x\n-- expect: no rows\n-- param who text = ann\nselect time from events where actor = :who";
    save(&sandbox, "a-failures", sql);
    sandbox.run("check a-failures --new").exits(1);
    sandbox.run("check a-failures --new").exits(0);
    sandbox.run("check a-failures --new -p who=bob").exits(0);
    sandbox.run("check a-failures --new -p who=ann").exits(1);
    sandbox.run("check a-failures --new -p who=ann").exits(0);
    sandbox.run("check a-failures --new").exits(0);
    // A remark is no part of the question.
    save(&sandbox, "a-failures", &format!("{sql} -- and no more"));
    sandbox.run("check a-failures --new").exits(0);
}

#[test]
fn a_check_without_an_answer_is_an_error_each_time_and_forgets_nothing() {
    let sandbox = Sandbox::new();
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    save(&sandbox, "a-failures", FAILURES);
    sandbox.run("check a-failures --new").exits(1);
    save(&sandbox, "a-failures", &FAILURES.replace("actor", "acter"));
    sandbox.run("check a-failures --new").exits(2);
    sandbox.run("check a-failures --new").exits(2);
    save(&sandbox, "a-failures", FAILURES);
    sandbox.run("check a-failures --new").exits(0);
}

/// Runs, and says what was posted: the check, and how many rows were new.
fn told(sandbox: &Sandbox, inbox: &Inbox, exit: i32) -> Vec<String> {
    let output = sandbox.run("check a-failures --new");
    output.exits(exit);
    let letters = inbox.take().into_iter();
    letters
        .map(|letter| {
            let notice: Value = serde_json::from_str(&letter.body).unwrap();
            assert_eq!(
                (&notice["event"], &notice["source"], &notice["feed"]),
                (&"check".into(), &"".into(), &"".into())
            );
            assert_eq!(notice["text"], notice["message"]);
            let details = &notice["details"];
            let shown = details["offending"].as_array().unwrap().len();
            format!(
                "{} {} {shown}",
                details["outcome"].as_str().unwrap(),
                details["new_rows"]
            )
        })
        .collect()
}

fn with_hook(notify: &str) -> (Sandbox, Inbox) {
    let (mut sandbox, inbox) = (Sandbox::new(), Inbox::open());
    sandbox.set("URL", &inbox.url);
    let line = format!("[notify]\nurl = {{ env = \"URL\" }}\n{notify}\n");
    sandbox.write("trailkeep.toml", &line);
    archive(&sandbox, 1, "2026-10-02T12:00:00.000Z", "ann");
    save_beside(&sandbox, FAILURES);
    (sandbox, inbox)
}

/// Where there is a config file, queries lie beside it.
fn save_beside(sandbox: &Sandbox, sql: &str) {
    sandbox.write("queries/a-failures.sql", sql);
}

#[test]
fn hooks_are_told_once_and_again_where_they_did_not_hear() {
    let (sandbox, inbox) = with_hook("");
    assert_eq!(told(&sandbox, &inbox, 1), ["alarm 1 1"]);
    assert_eq!(told(&sandbox, &inbox, 0), [""; 0]);
    inbox.answers(404);
    archive(&sandbox, 2, "2026-10-02T13:00:00.000Z", "bob");
    let output = sandbox.run("check a-failures --new");
    output.exits(1);
    assert_snapshot!(output.stderr, @"warning: check a-failures is not told by url: 127.0.0.1:PORT answered 404 (a notice): nothing at post /; the next run tries again");
    inbox.take();
    inbox.answers(200);
    // It was on the screen, but the hook has not heard of it; what it knows is not repeated.
    assert_eq!(told(&sandbox, &inbox, 0), ["alarm 1 1"]);
    assert_eq!(told(&sandbox, &inbox, 0), [""; 0]);
    sandbox.run("check a-failures").exits(1);
    assert_eq!(
        inbox.take().len(),
        0,
        "who does not ask for what is new tells nobody"
    );
    save_beside(&sandbox, &FAILURES.replace("actor", "acter"));
    assert_eq!(told(&sandbox, &inbox, 2), ["error 0 0"]);
    assert_eq!(told(&sandbox, &inbox, 2), [""; 0]);
}

#[test]
fn the_notice_says_what_was_found_and_how_to_see_it() {
    let (sandbox, inbox) = with_hook("");
    sandbox.run("check a-failures --new").exits(1);
    let letter = inbox.take().remove(0);
    let mut notice: Value = serde_json::from_str(&letter.body).unwrap();
    assert_snapshot!(notice["message"].take().as_str().unwrap(), @"check a-failures (high): Who failed to sign in: 1 row; expected no rows; `trailkeep query a-failures` shows them");
    assert_eq!(notice["details"]["offending"][0]["actor"], "ann");
    assert_eq!(notice["details"]["severity"], "high");
    let archive = fs::canonicalize(sandbox.path("trailkeep.db")).unwrap();
    assert_eq!(notice["archive"], archive.to_str().unwrap());
}

#[test]
fn the_config_may_leave_checks_out() {
    let (sandbox, inbox) = with_hook("on = [\"gap\", \"failure\"]");
    assert_eq!(told(&sandbox, &inbox, 1), [""; 0]);
    let (sandbox, inbox) = with_hook("on = [\"check\"]");
    assert_eq!(told(&sandbox, &inbox, 1), ["alarm 1 1"]);
}
