//! Every feed at once: those with an access of their own beside the two that go by their source's.

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use super::sync::filters;
use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

const ALL: [&str; 4] = [
    "safe-us.cloudwatch",
    "safe-us.cloudtrail",
    "acme.s3",
    "acme.scim",
];

const MARKER: &str = "hunter2-marker";

/// What differs from run to run; keys of objects, too.
macro_rules! assert_output {
    ($output:expr, @$expected:literal) => {{
        let mut filters = filters();
        filters.insert(0, (r"audit/\S+", "KEY"));
        with_settings!({filters => filters}, { assert_snapshot!($output, @$expected) })
    }};
}

fn ready() -> (Sandbox, Simulated) {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(200);
    vendors.configure_with(&mut sandbox, &ALL);
    (sandbox, vendors)
}

/// The same after two syncs: `acme/api` came first, for which of two that run side by side brings
/// an event is chance.
fn synced() -> (Sandbox, Simulated) {
    let (sandbox, vendors) = ready();
    sandbox.run("sync -q acme/api").exits(0);
    sandbox.run("sync -q").exits(0);
    (sandbox, vendors)
}

/// The rows of an answer, their cells with commas between.
fn rows(sandbox: &Sandbox, sql: &str) -> Vec<String> {
    let answer = sandbox.run_with(&["query", sql, "-o", "csv"]);
    answer.exits(0);
    answer.stdout.lines().skip(1).map(str::to_owned).collect()
}

#[test]
fn every_way_in_has_a_row_and_a_test() {
    let (sandbox, _vendors) = ready();
    assert_snapshot!(sandbox.run("sources").single_spaced(), @"
    NAME KIND URL FEEDS
    safe-us safe http://127.0.0.1:PORT reports, cloudwatch, cloudtrail
    acme sendsafely http://127.0.0.1:PORT api, s3, scim
    ");
    let tested = sandbox.run("sources --test");
    tested.exits(0);
    assert_output!(tested.single_spaced(), @"
    NAME TEST ANSWER
    safe-us ok signed in, 21 users on the list
    safe-us/cloudwatch ok log group /safe/audit, readable
    safe-us/cloudtrail ok bucket acme-trail, readable; first of its objects: AWSLogs/
    acme ok maria.lindqvist@northwind.example, an administrator
    acme/s3 ok bucket acme-audit, readable; first of its objects: KEY
    acme/scim ok SCIM directory, 21 users
    ");
}

#[test]
fn a_wrong_key_and_a_bucket_that_is_not_there_are_told_apart() {
    let (mut sandbox, vendors) = ready();
    sandbox.set("AUDIT_SECRET", MARKER);
    for command in ["sources --test", "sync acme/s3"] {
        let refused = sandbox.run(command);
        refused.exits(4);
        assert!(!refused.to_string().contains(MARKER), "{refused}");
    }
    assert_output!(sandbox.run("sources --test"), @"
    NAME                TEST    ANSWER
    safe-us             ok      signed in, 21 users on the list
    safe-us/cloudwatch  failed
    safe-us/cloudtrail  failed
    acme                ok      maria.lindqvist@northwind.example, an administrator
    acme/s3             failed
    acme/scim           ok      SCIM directory, 21 users
    ------- stderr -------
    error: safe-us/cloudwatch: 127.0.0.1:PORT refuses the credentials (400, log group /safe/audit): InvalidSignatureException: The request signature we calculated does not match the signature you provided.
      hint: are they those of this tenant, still valid, and of an administrator or a role that may read it?
    error: safe-us/cloudtrail: S3 refuses the credentials: SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.
      hint: are they those of this tenant, still valid, and of an administrator or a role that may read it?
    error: acme/s3: S3 refuses the credentials: SignatureDoesNotMatch: The request signature we calculated does not match the signature you provided. Check your key and signing method.
      hint: are they those of this tenant, still valid, and of an administrator or a role that may read it?
    [exit status: 4]
    ");
    vendors.configure_with(&mut sandbox, &["acme.s3"]);
    let config = std::fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    let config = config.replace("acme-audit", "acme-audti");
    sandbox.write("trailkeep.toml", &config);
    assert_output!(sandbox.run("sources --test"), @"
    NAME     TEST    ANSWER
    safe-us  ok      signed in, 21 users on the list
    acme     ok      maria.lindqvist@northwind.example, an administrator
    acme/s3  failed
    ------- stderr -------
    error: acme/s3: there is no such bucket (NoSuchBucket: The specified bucket does not exist)
      hint: check `bucket`, and `region` or `endpoint`
    [exit status: 3]
    ");
}

/// Of each feed, how many events it added; those with any that came, marked.
fn added(sandbox: &Sandbox) -> Vec<String> {
    let synced = sandbox.run("sync --force -o json");
    synced.exits(0);
    let feeds: Vec<Value> = serde_json::from_str(&synced.stdout).unwrap();
    let line = |feed: &Value| {
        let count = |key: &str| feed[key].as_u64().unwrap();
        let (received, added) = (count("received"), count("added"));
        assert_eq!(received, added + count("duplicate"), "{feed}");
        let came = if received > 0 { "*" } else { "" };
        format!("{} {added}{came}", feed["feed"].as_str().unwrap())
    };
    feeds.iter().map(line).collect()
}

#[test]
fn a_second_sync_adds_nothing() {
    let (sandbox, vendors) = ready();
    sandbox.run("sync -q acme/api").exits(0);
    let trail = vendors.world().cloudtrail_visible(vendors.now()).len();
    assert_eq!(
        added(&sandbox),
        [
            "reports 80*",
            "cloudwatch 80*",
            &format!("cloudtrail {trail}*"),
            "api 0*",
            "s3 0*",
            "scim 0",
        ]
    );
    // What is young is read again; what lies in a bucket is not.
    assert_eq!(
        added(&sandbox),
        [
            "reports 0*",
            "cloudwatch 0*",
            "cloudtrail 0",
            "api 0*",
            "s3 0",
            "scim 0",
        ]
    );
}

#[test]
fn a_feed_can_be_named_and_one_that_is_not_there_is() {
    let (mut sandbox, vendors) = ready();
    let output = sandbox.run("sync acme/s3");
    output.exits(0);
    let names: Vec<&str> = output
        .stdout
        .lines()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(names, ["FEED", "acme/s3"]);
    assert_snapshot!(sandbox.run("sync acme/nope"), @"
    ------- stderr -------
    error: source `acme` has no feed `nope`
      hint: its feeds: api, s3, scim
    [exit status: 2]
    ");
    vendors.configure(&mut sandbox);
    assert_snapshot!(sandbox.run("sync acme/s3"), @"
    ------- stderr -------
    error: feed `s3` of source `acme` is not configured
      hint: add a [source.acme.s3] table to the config file
    [exit status: 2]
    ");
}

#[test]
fn an_event_that_came_twice_is_one_with_both_feeds_on_record() {
    let (sandbox, _vendors) = synced();
    let sql = "select feed, count(*) > 60, count(*) = count(distinct event_id) from sightings
        where source = 'acme' group by 1 order by 1";
    assert_eq!(rows(&sandbox, sql), ["api,1,1", "s3,1,1"]);
    let sql = "select feed, count(*) from events where source = 'acme' group by 1";
    assert_eq!(rows(&sandbox, sql), ["api,120"]);
    // Each object is on record with what it was when it was read.
    let sql = "select feed, min(object glob 's3://acme-*'), min(size > 0 and etag <> ''),
        max(modified < archived_at) from objects group by 1 order by 1";
    assert_eq!(rows(&sandbox, sql), ["cloudtrail,1,1,1", "s3,1,1,1"]);
}

#[test]
fn a_directory_names_sendsafelys_actors() {
    let (sandbox, _vendors) = synced();
    let sql = "select count(*) > 9, count(actor_name) = count(*), min(actor_known) from activity
        where source = 'acme'
            and lower(actor) in (select lower(email) from users where source = 'acme')";
    assert_eq!(rows(&sandbox, sql), ["1,1,1"]);
}

#[test]
fn what_lies_in_a_bucket_is_covered_from_its_first_event_and_never_lost() {
    let (sandbox, _vendors) = synced();
    let coverage = sandbox.run("coverage -o json acme/s3 safe-us/cloudtrail");
    coverage.exits(0);
    let coverage: Vec<Value> = serde_json::from_str(&coverage.stdout).unwrap();
    for feed in &coverage {
        let name = feed["feed"].as_str().unwrap();
        let sql = format!("select min(time) from sightings where feed = '{name}'");
        let first = rows(&sandbox, &sql);
        assert_eq!(feed["from"], first[0], "{feed}");
    }
    let status = sandbox.run("status");
    status.exits(0);
    let ends: Vec<String> = status
        .stdout
        .lines()
        .filter_map(|line| Some((line.split(' ').next()?, line.rsplit("  ").next()?)))
        .filter(|(name, _)| name.contains('/'))
        .map(|(name, left)| format!("{name} {left}"))
        .collect();
    assert_snapshot!(ends.join("\n"), @"
    safe-us/reports 363 days
    safe-us/cloudwatch 5 days
    safe-us/cloudtrail -
    acme/api 87 days
    acme/s3 -
    acme/scim -
    ");
}

#[test]
fn a_dry_run_says_of_a_bucket_that_it_reads_what_has_come() {
    let (sandbox, _vendors) = ready();
    assert_output!(sandbox.run("sync --dry-run").single_spaced(), @"
    FEED WHY FROM TO ASKS FOR
    safe-us/reports new MOMENT MOMENT the last 365 days
    safe-us/cloudwatch new MOMENT MOMENT
    safe-us/cloudtrail new all there is
    acme/api new MOMENT MOMENT
    acme/s3 new all there is
    acme/scim users the whole list
    ");
    sandbox.run("sync -q acme/s3").exits(0);
    assert_output!(sandbox.run("sync --dry-run acme/s3").single_spaced(), @"
    FEED WHY FROM TO
    acme/s3 not due until MOMENT
    ");
    assert_output!(sandbox.run("sync --dry-run --since 2d acme/s3").single_spaced(), @"
    FEED WHY FROM TO ASKS FOR
    acme/s3 new what has come since MOMENT
    acme/s3 since what has come since MOMENT, again
    ");
    assert_output!(sandbox.run("sync --dry-run --since 2d acme/s3 -o json"), @r#"
    [
      {
        "source": "acme",
        "feed": "s3",
        "not_due_until": null,
        "come": {
          "since": "MOMENT",
          "again_since": "MOMENT"
        },
        "reads": [],
        "last_days": null,
        "lost": []
      }
    ]
    "#);
}

#[test]
fn a_service_is_told_where_aws_finds_no_keys() {
    let (sandbox, _vendors) = ready();
    let warned = |sandbox: &Sandbox| {
        let output = sandbox.run("schedule systemd");
        output.exits(0);
        let lines = output.stderr.lines().filter(|line| line.contains("AWS"));
        lines.collect::<Vec<_>>().join("\n")
    };
    assert_eq!(warned(&sandbox), "");
    let config = std::fs::read_to_string(sandbox.path("trailkeep.toml")).unwrap();
    let lines = config.lines().filter(|line| !line.contains("AUDIT_"));
    sandbox.write("trailkeep.toml", &lines.collect::<Vec<_>>().join("\n"));
    assert_snapshot!(warned(&sandbox), @"warning: acme/s3, safe-us/cloudtrail, safe-us/cloudwatch: AWS's usual chain finds the role of this machine in the service, but no variable of a shell and no ~/.aws but /var/lib/trailkeep/.aws; else set access_key_id and secret_access_key");
}
