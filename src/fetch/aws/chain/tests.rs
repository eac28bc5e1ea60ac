//! What AWS's standard chain finds. It reads the environment of its process, so each finding is
//! made by this test once more in a process of its own.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::*;

/// In whose environment a finding is to be made, and by which profile.
const PROFILE: &str = "TRAILKEEP_TEST_PROFILE";

const CONFIG: &str = "[default]
[profile audit]
aws_access_key_id = AKIAAUDIT
aws_secret_access_key = audit-secret
[profile lent]
credential_process = printf '{\"Version\":1,\"AccessKeyId\":\"ASIALENT\",\
\"SecretAccessKey\":\"s\",\"SessionToken\":\"t\",\"Expiration\":\"2026-09-21T15:13:20Z\"}'
[profile broken]
credential_process = false
";

const THIS: &str =
    "fetch::aws::chain::tests::the_standard_chain_finds_keys_where_aws_says_they_are";

#[test]
fn the_standard_chain_finds_keys_where_aws_says_they_are() {
    #[expect(
        clippy::disallowed_methods,
        reason = "says that this is the process to look in"
    )]
    if let Some(profile) = std::env::var_os(PROFILE) {
        return print_finding(profile.to_str().filter(|profile| !profile.is_empty()));
    }
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("config"), CONFIG).unwrap();
    let own = [
        ("AWS_ACCESS_KEY_ID", "AKIAOWN"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
    ];
    let audit = [("AWS_PROFILE", "audit")];
    for (profile, environment, expected) in [
        ("", &own[..], "AKIAOWN, ends never"),
        ("", &audit, "AKIAAUDIT, ends never"),
        // What is named goes before what happens to be there.
        ("audit", &own, "AKIAAUDIT, ends never"),
        ("lent", &[], "ASIALENT, ends 2026-09-21T15:13:20.000Z"),
        (
            "",
            &[],
            "no AWS credentials: none in the environment, none in profile `default` of the shared \
             config files, and no web identity, container or instance role",
        ),
        (
            "broken",
            &[],
            "no AWS credentials: Error retrieving credentials: external process exited",
        ),
        ("absent", &own, "none in profile `absent` of"),
    ] {
        let output = elsewhere(folder.path(), profile, environment);
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        assert!(said.contains(expected), "`{profile}`: {said}");
        assert!(!said.contains("audit-secret"), "{said}");
    }
}

fn elsewhere(folder: &Path, profile: &str, environment: &[(&str, &str)]) -> Output {
    let binary = std::env::current_exe().unwrap();
    Command::new(binary)
        .args(["--exact", THIS, "--nocapture"])
        .env_clear()
        .env(PROFILE, profile)
        .env("PATH", "/usr/bin:/bin")
        .env("AWS_CONFIG_FILE", folder.join("config"))
        .env("AWS_SHARED_CREDENTIALS_FILE", folder.join("none"))
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .envs(environment.iter().copied())
        .output()
        .unwrap()
}

fn print_finding(profile: Option<&str>) {
    let aws = Aws {
        service: "s3",
        region: "eu-west-1".to_owned(),
        keys: None,
        profile: profile.map(str::to_owned),
        role: None,
    };
    let now = Timestamp::from_millis(1_790_000_000_000);
    let runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = { runtime }.enable_all().build().unwrap();
    match runtime.block_on(keys(&aws, now)) {
        Ok(lent) => {
            let ends = lent.ends.map_or("never".to_owned(), |end| end.to_string());
            println!("{}, ends {ends}", lent.keys.access_key_id.expose());
        }
        Err(error) => println!("{error}"),
    }
}
