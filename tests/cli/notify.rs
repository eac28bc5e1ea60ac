//! `[notify]`: who is told what, how often, and what comes of hooks that do not work.

use std::fs;

use insta::assert_snapshot;
use rusqlite::Connection;
use serde_json::Value;
use trailkeep::demo::{Fault, Faults, Purpose};

use crate::support::inbox::Inbox;
use crate::support::sandbox::{Output, Sandbox};
use crate::support::vendors::Simulated;

/// A part of every URL that nothing may show.
const MARKER: &str = "hunter2-marker";

/// Both vendors, and what is said there of `[notify]`; `URL` and `PING` lead to the inbox.
fn ready(notify: &str) -> (Sandbox, Simulated, Inbox) {
    let (mut sandbox, vendors, inbox) = (Sandbox::new(), Simulated::with(60), Inbox::open());
    vendors.configure(&mut sandbox);
    sandbox.set("URL", &format!("{}/notify/{MARKER}", inbox.url));
    sandbox.set("PING", &format!("{}/ping/{MARKER}", inbox.url));
    let config = fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    sandbox.write("trailkeep.toml", &format!("{config}\n[notify]\n{notify}\n"));
    (sandbox, vendors, inbox)
}

const BOTH: &str = "url = { env = \"URL\" }\nping = { env = \"PING\" }";

/// The audit log cannot be had, and another attempt is of no use.
fn down() -> Faults {
    Faults {
        rate: 1.0,
        kinds: vec![Fault::Status(501)],
        purposes: vec![Purpose::AuditLog],
        in_a_row: u32::MAX,
        ..Faults::default()
    }
}

/// Runs, and says what came of it: the exit code, what was posted, and how often it was pinged.
fn run(sandbox: &Sandbox, inbox: &Inbox, arguments: &str) -> (Output, String) {
    let output = sandbox.run(arguments);
    assert!(!output.to_string().contains(MARKER), "{output}");
    let archive = fs::read(sandbox.path("trailkeep.db")).unwrap_or_default();
    assert!(!String::from_utf8_lossy(&archive).contains(MARKER));
    let words = inbox.take().into_iter().map(|letter| {
        if letter.to == format!("get /ping/{MARKER}") {
            return "ping".to_owned();
        }
        assert_eq!(letter.to, format!("post /notify/{MARKER}"));
        word(&serde_json::from_str(&letter.body).unwrap())
    });
    let words = words.collect::<Vec<_>>().join(" ");
    (output, words)
}

/// `acme/api:failure`, or `acme/api:-failure` when it is over.
fn word(notice: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    assert_eq!(notice["text"], notice["message"]);
    let of = format!("{}/{}", text(&notice["source"]), text(&notice["feed"]));
    match notice["details"]["recovered"].as_str() {
        Some(what) => format!("{of}:-{what}"),
        None => format!("{of}:{}", text(&notice["event"])),
    }
}

#[track_caller]
fn tells(sandbox: &Sandbox, inbox: &Inbox, arguments: &str, exit: i32, told: &str) {
    let (output, words) = run(sandbox, inbox, arguments);
    output.exits(exit);
    assert_eq!(words, told, "{output}");
    assert_eq!(warnings(&output), "", "{output}");
}

fn change(sandbox: &Sandbox, sql: &str) {
    let archive = Connection::open(sandbox.path("trailkeep.db")).unwrap();
    assert!(archive.execute(sql, []).unwrap() > 0, "{sql}");
}

#[test]
fn a_failure_is_told_once_and_its_end_once_and_only_good_runs_ping() {
    let (sandbox, vendors, inbox) = ready(BOTH);
    vendors.set_faults(&down());
    tells(&sandbox, &inbox, "sync", 3, "acme/api:failure");
    tells(&sandbox, &inbox, "sync", 3, "");
    tells(&sandbox, &inbox, "sync", 3, "");
    // One source that is well is no good run while another fails.
    tells(&sandbox, &inbox, "sync safe-us --force", 0, "");
    vendors.set_faults(&Faults::default());
    tells(&sandbox, &inbox, "sync", 0, "acme/api:-failure ping");
    // Nothing is due, so nothing was shown to work.
    tells(&sandbox, &inbox, "sync", 0, "");
    tells(&sandbox, &inbox, "sync --force", 0, "ping");
}

#[test]
fn what_comes_near_is_told_even_where_nothing_is_due() {
    let (sandbox, _vendors, inbox) = ready(BOTH);
    tells(&sandbox, &inbox, "sync", 0, "ping");
    let look_back = "update feed set look_back = look_back";
    change(
        &sandbox,
        &format!("{look_back} - 80 * 86400000 where feed = 'api'"),
    );
    tells(&sandbox, &inbox, "sync", 0, "acme/api:loss");
    tells(&sandbox, &inbox, "sync", 0, "");
    change(
        &sandbox,
        &format!("{look_back} + 80 * 86400000 where feed = 'api'"),
    );
    tells(&sandbox, &inbox, "sync", 0, "acme/api:-loss");
    change(
        &sandbox,
        "update stretch set state = 'lost' where feed = 'api' and state = 'complete'",
    );
    tells(&sandbox, &inbox, "sync", 0, "acme/api:lost");
    tells(&sandbox, &inbox, "sync", 0, "");
}

#[cfg(unix)]
#[test]
fn a_command_reads_the_notice_on_its_standard_input() {
    let (sandbox, vendors, _inbox) = ready("command = [\"hooks/page\", \"two words\"]");
    script(
        &sandbox,
        "hooks/page",
        "printf '%s ' \"$1\" >> told; cat >> told; echo >> told; echo out",
    );
    vendors.set_faults(&down());
    for _ in 0..2 {
        let output = sandbox.run("sync");
        output.exits(3);
        assert!(!output.stdout.contains("out\n"), "{output}");
    }
    let told = fs::read_to_string(sandbox.path("told")).unwrap();
    let notice = told.strip_prefix("two words ").unwrap();
    let notice: Value = serde_json::from_str(notice).unwrap();
    assert_eq!(word(&notice), "acme/api:failure");
    let archive = sandbox.path("trailkeep.db").canonicalize().unwrap();
    assert_eq!(notice["archive"], archive.to_str().unwrap());
    assert_eq!(notice["version"], env!("CARGO_PKG_VERSION"));
    let error = notice["details"]["error"].as_str().unwrap();
    assert!(error.contains("answered 501"), "{notice}");
    assert!(
        notice["message"].as_str().unwrap().contains(error),
        "{notice}"
    );
}

#[cfg(unix)]
#[test]
fn a_hook_that_fails_is_a_warning_and_is_tried_again_and_stops_no_other() {
    let notify = format!("command = [\"./page\"]\n{BOTH}");
    let (sandbox, vendors, inbox) = ready(&notify);
    script(
        &sandbox,
        "page",
        "echo called >> called; echo no route >&2; exit 7",
    );
    vendors.set_faults(&down());
    let warning = "warning: failure of acme/api is not told by command: ./page ended with exit \
        status: 7: no route; the next run tries again";
    for told in ["acme/api:failure", ""] {
        let (output, words) = run(&sandbox, &inbox, "sync -q");
        output.exits(3);
        assert_eq!(words, told);
        assert!(output.stderr.contains(warning), "{output}");
    }
    script(&sandbox, "page", "echo called >> called");
    tells(&sandbox, &inbox, "sync", 3, "");
    tells(&sandbox, &inbox, "sync", 3, "");
    let called = fs::read_to_string(sandbox.path("called")).unwrap();
    assert_eq!(called, "called\n".repeat(3));
}

#[test]
fn a_url_that_takes_nothing_is_a_warning_that_does_not_show_it() {
    let (sandbox, vendors, inbox) = ready(BOTH);
    inbox.answers(404);
    vendors.set_faults(&down());
    let (output, words) = run(&sandbox, &inbox, "sync -v acme");
    output.exits(3);
    assert_eq!(words, "acme/api:failure");
    assert_snapshot!(warnings(&output), @"warning: failure of acme/api is not told by url: 127.0.0.1:PORT answered 404 (a notice): nothing at post (secret); the next run tries again");
    inbox.answers(200);
    tells(&sandbox, &inbox, "sync acme", 3, "acme/api:failure");
    vendors.set_faults(&Faults::default());
    inbox.answers(404);
    let (output, _) = run(&sandbox, &inbox, "sync -v acme");
    output.exits(0);
    assert_snapshot!(warnings(&output), @"
    warning: recovery of acme/api is not told by url: 127.0.0.1:PORT answered 404 (a notice): nothing at post (secret); the next run tries again
    warning: no ping: 127.0.0.1:PORT answered 404 (a ping): nothing at get (secret)
    ");
}

#[test]
fn a_secret_that_cannot_be_had_is_told_of_a_source_and_warned_of_for_a_hook() {
    let (mut sandbox, _vendors, inbox) = ready(BOTH);
    let password = "SAFE_PASSWORD";
    sandbox.set(password, "");
    tells(
        &sandbox,
        &inbox,
        "sync safe-us",
        2,
        "safe-us/reports:failure",
    );
    tells(&sandbox, &inbox, "sync", 2, "");
    // The other source says nothing of this one.
    tells(&sandbox, &inbox, "sync acme --force", 0, "ping");
    sandbox.set("URL", &format!("http://a.example/{MARKER}"));
    let (output, words) = run(&sandbox, &inbox, "sync acme --force");
    output.exits(0);
    assert_eq!(words, "ping");
    assert_snapshot!(warnings(&output), @"warning: nobody is told there: trailkeep.toml:16:7: notify.url: env URL is not encrypted (it begins with https://; http:// is for this machine only)");
}

#[test]
fn only_what_was_asked_for_is_told() {
    let (sandbox, vendors, inbox) = ready(&format!("{BOTH}\non = [\"lost\", \"stale\"]"));
    vendors.set_faults(&down());
    tells(&sandbox, &inbox, "sync", 3, "acme/api:stale");
    vendors.set_faults(&Faults::default());
    tells(&sandbox, &inbox, "sync", 0, "ping");
}

#[test]
fn config_shows_who_is_told_and_no_secret() {
    let command = "command = [\"/bin/page-me\", \"--token=hunter2-marker\"]";
    let (sandbox, _vendors, inbox) = ready(&format!("{command}\n{BOTH}\non = [\"lost\"]"));
    let (output, _) = run(&sandbox, &inbox, "config");
    let shown = output.single_spaced();
    let shown: Vec<&str> = shown
        .lines()
        .filter(|line| line.starts_with("notify"))
        .collect();
    assert_snapshot!(shown.join("\n"), @"
    notify.command /bin/page-me trailkeep.toml:16
    notify.url (set, from env URL) trailkeep.toml:17
    notify.ping (set, from env PING) trailkeep.toml:18
    notify.on lost trailkeep.toml:19
    ");
}

#[cfg(unix)]
#[test]
fn who_is_told_can_be_tried() {
    let (mut sandbox, _vendors, inbox) = ready(&format!("command = [\"./page\"]\n{BOTH}"));
    script(&sandbox, "page", "cat > told");
    let (output, words) = run(&sandbox, &inbox, "config --test-notify");
    output.exits(0);
    assert_eq!(words, "/:test ping");
    let told: Value = serde_json::from_slice(&fs::read(sandbox.path("told")).unwrap()).unwrap();
    assert_eq!(word(&told), "/:test");
    script(&sandbox, "page", "exit 9");
    inbox.answers(404);
    sandbox.set("PING", "");
    let (output, _) = run(&sandbox, &inbox, "config --test-notify");
    assert_snapshot!(output, @"
    NOTIFY   TEST
    command  failed
    url      failed
    ------- stderr -------
    error: command: ./page ended with exit status: 9: (nothing)
    error: url: 127.0.0.1:PORT answered 404 (a notice): nothing at post (secret)
    error: trailkeep.toml:18:8: notify.ping: env PING is empty
      hint: a secret has at least one character
    [exit status: 3]
    ");
    assert_snapshot!(Sandbox::new().run("config --test-notify"), @"
    ------- stderr -------
    error: nobody is named to be told
      hint: add a [notify] table; `trailkeep init` shows one
    [exit status: 2]
    ");
}

fn warnings(output: &Output) -> String {
    let lines = output.stderr.lines();
    lines
        .filter(|line| line.starts_with("warning") && !line.contains("asked before its time"))
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(unix)]
fn script(sandbox: &Sandbox, file: &str, line: &str) {
    use std::os::unix::fs::PermissionsExt;
    sandbox.write(file, &format!("#!/bin/sh\n{line}\n"));
    let mode = fs::Permissions::from_mode(0o700);
    fs::set_permissions(sandbox.path(file), mode).unwrap();
}
