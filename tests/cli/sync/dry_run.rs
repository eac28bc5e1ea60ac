//! `trailkeep sync --dry-run`.

use std::time::Duration;

use insta::{assert_snapshot, with_settings};
use serde_json::Value;

use super::{filters, ready};
use crate::support::ledger::{self, Ledger};
use crate::support::sandbox::Sandbox;

#[test]
fn a_first_run_is_planned_without_an_archive_a_secret_or_a_vendor() {
    let (mut sandbox, vendors) = ready(10);
    sandbox.set("SAFE_PASSWORD", "");
    sandbox.set("ACME_SECRET", "");
    let output = sandbox.run("sync --dry-run");
    output.exits(0);
    assert_output!(output, @"
    FEED             WHY  FROM               TO                 ASKS FOR
    safe-us/reports  new  MOMENT  MOMENT  the last 365 days
    acme/api         new  MOMENT  MOMENT
    ");
    assert!(!sandbox.path("trailkeep.db").exists());
    assert!(vendors.requests().is_empty());
}

#[test]
fn what_is_not_due_says_when_it_is() {
    let (sandbox, vendors) = ready(10);
    sandbox.run("sync -q").exits(0);
    let asked = vendors.requests().len();
    assert_output!(sandbox.run("sync --dry-run"), @"
    FEED             WHY      FROM                     TO
    safe-us/reports  not due  until MOMENT
    acme/api         not due  until MOMENT
    ");
    assert_output!(sandbox.run("sync --dry-run --force safe-us"), @"
    FEED             WHY      FROM               TO                 ASKS FOR
    safe-us/reports  overlap  MOMENT  MOMENT  the last 2 days
    safe-us/reports  new      MOMENT  MOMENT  the last 2 days
    ");
    assert_output!(sandbox.run("sync --dry-run --since 9d acme/api"), @"
    FEED      WHY      FROM               TO
    acme/api  overlap  MOMENT  MOMENT
    acme/api  new      MOMENT  MOMENT
    acme/api  since    MOMENT  MOMENT
    ");
    assert_eq!(vendors.requests().len(), asked);
}

/// A gap, a stretch that nobody read in time, and one that is on record as lost.
fn with_gaps() -> Sandbox {
    let (sandbox, _vendors) = ready(0);
    let ledger = Ledger {
        source: "acme",
        kind: "sendsafely",
        feed: "api",
        every: Duration::ZERO,
        stretches: &[
            (130, 120, "complete"),
            (120, 110, "lost"),
            (110, 100, "complete"),
            (95, 50, "complete"),
            (40, 3, "complete"),
            (3, 0, "open"),
        ],
    };
    ledger.keep(&sandbox);
    sandbox
}

#[test]
fn gaps_and_what_is_found_lost_are_planned() {
    let sandbox = with_gaps();
    assert_output!(sandbox.run("sync --dry-run --force acme"), @"
    FEED      WHY      FROM               TO
    acme/api  gap      MOMENT  MOMENT
    acme/api  overlap  MOMENT  MOMENT
    acme/api  new      MOMENT  MOMENT
    acme/api  lost     MOMENT  MOMENT
    ");
}

#[test]
fn a_plan_can_be_had_as_json() {
    let json = with_gaps().run("sync --dry-run --force acme -o json");
    assert_output!(json, @r#"
    [
      {
        "source": "acme",
        "feed": "api",
        "not_due_until": null,
        "reads": [
          {
            "why": "gap",
            "from": "MOMENT",
            "to": "MOMENT"
          },
          {
            "why": "overlap",
            "from": "MOMENT",
            "to": "MOMENT"
          },
          {
            "why": "new",
            "from": "MOMENT",
            "to": "MOMENT"
          }
        ],
        "last_days": null,
        "lost": [
          {
            "from": "MOMENT",
            "to": "MOMENT"
          }
        ]
      }
    ]
    "#);
}

#[test]
fn a_dry_run_changes_nothing_and_needs_no_lock() {
    let sandbox = with_gaps();
    let recorded = || sandbox.run_with(&["query", RECORDED, "-o", "csv"]).stdout;
    let before = recorded();
    assert_eq!(before.lines().count(), 1 + 1 + 6, "{before}");
    let _archive = ledger::open(&sandbox.path("trailkeep.db"));
    let output = sandbox.run("sync --dry-run --force -o json");
    output.exits(0);
    let feeds: Vec<Value> = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(feeds[1]["lost"].as_array().unwrap().len(), 1);
    assert_eq!(recorded(), before);
}

/// Runs, and what is known of time.
const RECORDED: &str = "select batch, started_at, outcome from batches
    union all select batch, from_time, state from coverage";
