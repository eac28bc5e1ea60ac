//! A feed that brings users only: SendSafely's directory, by SCIM, from a server that knows SCIM's
//! paging and one password.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use serde_json::{Value, json};

use crate::support::sandbox::Sandbox;

const PASSWORD: &str = "hunter2-marker";

/// `auditor` and that password.
const AUTHORIZATION: &str = "authorization: basic YXVkaXRvcjpodW50ZXIyLW1hcmtlcg==";

/// A sandbox with a portal of which nothing is pulled but its users.
fn portal() -> Sandbox {
    let mut sandbox = Sandbox::new();
    let config = format!(
        "[source.acme]\nkind = \"sendsafely\"\nurl = \"{}\"\n[source.acme.scim]\n\
         username = {{ env = \"SCIM_USERNAME\" }}\npassword = {{ env = \"SCIM_PASSWORD\" }}\n",
        directory()
    );
    sandbox.write("trailkeep.toml", &config);
    sandbox.set("SCIM_USERNAME", "auditor");
    sandbox.set("SCIM_PASSWORD", PASSWORD);
    sandbox
}

/// The root of a server that gives two users a page, for as long as the tests run.
fn directory() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(&stream.unwrap());
        }
    });
    url
}

fn answer(mut stream: &TcpStream) {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let proof = |line: &String| line.to_lowercase() == AUTHORIZATION.to_lowercase();
    let (status, body) = if head.iter().any(proof) {
        (200, page(&head[0]))
    } else {
        let schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
        let error = json!({"schemas": schemas, "detail": "bad credentials", "status": "401"});
        (401, error)
    };
    let body = body.to_string();
    write!(
        stream,
        "HTTP/1.1 {status} Status\r\nconnection: close\r\ncontent-type: application/scim+json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
}

fn page(request: &str) -> Value {
    let path = request
        .strip_prefix("GET /scim/v2/Users?startIndex=")
        .expect(request);
    let start: usize = path.split('&').next().unwrap().parse().unwrap();
    let user = |id: &str, given: &str, family: &str, is_admin: bool, active: bool| {
        json!({
            "id": id,
            "userName": format!("{}@acme.example", given.to_lowercase()),
            "name": {"givenName": given, "familyName": family},
            "active": active,
            "urn:ietf:params:scim:schemas:extension:SendSafely:2.0:User": {"isAdmin": is_admin},
        })
    };
    let all = [
        user("u1", "Ada", "Byron", true, true),
        user("u2", "Ben", "Cole", false, true),
        user("u3", "Cy", "Dunn", false, false),
    ];
    let members: Vec<&Value> = all.iter().skip(start - 1).take(2).collect();
    json!({"totalResults": 3, "startIndex": start, "itemsPerPage": members.len(), "Resources": members})
}

/// The same, its users pulled.
fn synced() -> Sandbox {
    let sandbox = portal();
    sandbox.run("sync -q").exits(0);
    sandbox
}

/// The lines of an answer in CSV, without its header.
fn asked(sandbox: &Sandbox, sql: &str) -> Vec<String> {
    let answer = sandbox.run_with(&["query", sql, "-o", "csv"]);
    answer.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn a_sync_says_how_many_users_came() {
    let sandbox = portal();
    let plan = sandbox.run("sync --dry-run").single_spaced();
    assert!(plan.contains("acme/scim users the whole list"), "{plan}");
    let synced = sandbox.run("sync");
    synced.exits(0);
    let table = synced.single_spaced();
    let header = "FEED RECEIVED ADDED DUPLICATE QUARANTINED USERS BYTES";
    assert!(table.starts_with(header), "{table}");
    assert!(table.contains("acme/scim 0 0 0 0 3 "), "{table}");
    let sql = "select user_id, email, role, active, present from users order by 1";
    let users = [
        "u1,ada@acme.example,Admin,1,1",
        "u2,ben@acme.example,User,1,1",
        "u3,cy@acme.example,User,0,1",
    ];
    assert_eq!(asked(&sandbox, sql), users);
}

#[test]
fn a_directory_names_who_acts_without_another_vendor() {
    let sandbox = synced();
    let people = ["Ada@acme.example", "ben@acme.example", "x@y.example"];
    let events = people.iter().enumerate().map(|(n, who)| {
        let time = format!("2026-09-01T00:00:0{n}Z");
        let event = json!({
            "eventId": format!("e{n}"), "timestamp": time, "eventType": "USER_EVENT",
            "action": "LOGIN", "authenticatedUser": who,
        });
        format!("{event}\n")
    });
    sandbox.write("events.ndjson", &events.collect::<String>());
    sandbox.run("import events.ndjson --source acme").exits(0);
    let sql = "select actor, actor_name, actor_role, actor_known from activity order by time";
    let resolved = [
        "Ada@acme.example,Ada Byron,Admin,1",
        "ben@acme.example,Ben Cole,User,1",
        "x@y.example,,,0",
    ];
    assert_eq!(asked(&sandbox, sql), resolved);
}

#[test]
fn nothing_is_wrong_with_it_that_is_not() {
    let sandbox = synced();
    let status = sandbox.run("status --check");
    status.exits(0);
    let line = "OK - 1 feed, 0 events | ";
    assert!(status.stdout.starts_with(line), "{status}");
    let json: Value = serde_json::from_str(&sandbox.run("status -o json").stdout).unwrap();
    let feed = &json["feeds"][0];
    assert_eq!(feed["role"], "watched");
    assert_eq!(
        (&feed["lag_seconds"], &feed["findings"]),
        (&Value::Null, &json!([]))
    );
    assert!(feed["next"].is_string(), "{feed}");
    let metrics = sandbox.run("status --prometheus").stdout;
    let has = |metric: &str| metrics.contains(&format!("{metric}{{source=\"acme\",feed=\"scim\""));
    assert!(has("trailkeep_last_success_timestamp_seconds"), "{metrics}");
    for metric in ["gap", "lost", "late"] {
        assert!(!has(&format!("trailkeep_{metric}_seconds")), "{metrics}");
    }
}

#[test]
fn it_has_no_coverage_and_is_read_whole_when_it_is_due() {
    let sandbox = synced();
    let again = sandbox.run("sync");
    assert!(again.stderr.contains("acme/scim: not due until"), "{again}");
    let plan = sandbox.run("sync --dry-run --force -o json");
    let plan: Value = serde_json::from_str(&plan.stdout).unwrap();
    assert_eq!(
        (&plan[0]["users"], &plan[0]["reads"]),
        (&json!(true), &json!([]))
    );
    let all = sandbox.run("coverage");
    all.exits(0);
    assert!(!all.to_string().contains("scim"), "{all}");
    let named = sandbox.run("coverage acme/scim");
    named.exits(0);
    let why = "acme/scim brings users and no events";
    assert!(named.stderr.contains(why), "{named}");
    sandbox.run("coverage --gaps").exits(0);
}

#[test]
fn its_credentials_are_tested_and_refused_with_the_vendors_words() {
    let mut sandbox = portal();
    let tested = sandbox.run("sources --test");
    tested.exits(0);
    assert!(
        tested
            .single_spaced()
            .contains("acme/scim ok SCIM directory, 3 users"),
        "{tested}"
    );
    sandbox.set("SCIM_PASSWORD", "another-marker");
    for command in ["sources --test", "sync"] {
        let refused = sandbox.run(command);
        refused.exits(4);
        let said = refused.to_string();
        assert!(said.contains("bad credentials"), "{said}");
        assert!(!said.contains("another-marker"), "{said}");
    }
    let stale = sandbox.run("status --check");
    stale.exits(1);
    assert!(
        stale
            .stdout
            .contains("acme/scim: 1 failure, never succeeded"),
        "{stale}"
    );
}
