//! `trailkeep sources --test`.

use insta::assert_snapshot;

use crate::support::sandbox::Sandbox;
use crate::support::vendors::Simulated;

const MARKER: &str = "hunter2-marker";

#[test]
fn credentials_that_work_are_told_with_who_asks() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    assert_snapshot!(sandbox.run("sources --test").single_spaced(), @"
    NAME TEST ANSWER
    safe-us ok signed in, 21 users on the list
    acme ok maria.lindqvist@northwind.example, an administrator
    ");
}

#[test]
fn refused_credentials_are_told_from_others_and_exit_with_4() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    sandbox.set("SAFE_PASSWORD", MARKER);
    let output = sandbox.run("sources --test");
    assert!(!output.to_string().contains(MARKER), "{output}");
    assert_snapshot!(output, @"
    NAME     TEST    ANSWER
    safe-us  failed
    acme     ok      maria.lindqvist@northwind.example, an administrator
    ------- stderr -------
    error: safe-us: 127.0.0.1:PORT refuses the credentials (401, sign-in): Unauthorized
      hint: are they those of this tenant, still valid, and of an administrator or a role that may read it?
    [exit status: 4]
    ");
}

#[test]
fn a_secret_that_is_not_there_is_a_mistake_of_the_config() {
    let mut sandbox = Sandbox::new();
    let vendors = Simulated::with(50);
    vendors.configure(&mut sandbox);
    sandbox.set("ACME_KEY", "");
    assert_snapshot!(sandbox.run("sources --test"), @"
    NAME     TEST    ANSWER
    safe-us  ok      signed in, 21 users on the list
    acme     failed
    ------- stderr -------
    error: acme: trailkeep.toml:11:11: source.acme.api_key: env ACME_KEY is empty
      hint: a secret has at least one character
    [exit status: 2]
    ");
}
