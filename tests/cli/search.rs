//! Full-text search as its users meet it: on by default, switched off and on by the config file.

use crate::support::sandbox::Sandbox;

const ASKED: &str = "select e.event_id from search('Plan') join events e using (key) order by 1";

/// A download of a file, as NDJSON.
fn download(number: u32, file: &str) -> String {
    format!(
        "{{\"eventId\":\"id-{number}\",\"timestamp\":\"2026-10-01T12:00:00.000Z\",\
         \"eventType\":\"PACKAGE_EVENT\",\"action\":\"PACKAGE_FILE_DOWNLOAD\",\
         \"authenticatedUser\":\"ann@example.com\",\"LogDetails\":{{\"fileName\":\"{file}\"}}}}\n"
    )
}

fn import(sandbox: &Sandbox, events: &str) {
    sandbox.write("log.ndjson", events);
    let import = "import log.ndjson --source acme --kind sendsafely --quiet";
    sandbox.run(import).exits(0);
}

fn found(sandbox: &Sandbox) -> String {
    let output = sandbox.run_with(&["query", ASKED, "-o", "csv"]);
    output.exits(0);
    output.stdout.lines().skip(1).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_new_archive_can_be_searched() {
    let sandbox = Sandbox::new();
    import(
        &sandbox,
        &(download(1, "plan.pdf") + &download(2, "list.pdf")),
    );
    assert_eq!(found(&sandbox), "id-1");
    import(&sandbox, &download(3, "PLAN 2"));
    assert_eq!(found(&sandbox), "id-1 id-3");
}

#[test]
fn the_index_is_switched_off_and_on_again() {
    let sandbox = Sandbox::new();
    sandbox.write("trailkeep.toml", "search = false\n");
    import(&sandbox, &download(1, "plan.pdf"));
    let refused = sandbox.run_with(&["query", ASKED]);
    refused.exits(2);
    assert!(refused.stderr.contains("`search = true`"), "{refused}");
    assert!(refused.stderr.contains("^^^^^^"), "{refused}");
    sandbox.write("trailkeep.toml", "search = true\n");
    import(&sandbox, &download(2, "a plan"));
    assert_eq!(found(&sandbox), "id-1 id-2");
    sandbox.write("trailkeep.toml", "search = \"no\"\n");
    let mistaken = sandbox.run("status");
    mistaken.exits(2);
    assert!(mistaken.stderr.contains("search"), "{mistaken}");
}
