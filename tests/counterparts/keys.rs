//! Where the keys for AWS come from: a role that is taken on, and AWS's standard chain.

use std::time::Duration;

use trailkeep::fetch::clock::{Clock, SystemClock};

use crate::laws::run;
use crate::support::aws::Client;
use crate::support::breakable::{Breakable, Fault, Rule, When};
use crate::support::counterparts::{keys, moto, seaweedfs};

use super::customer::{Customer, KEYS, entries, ids, ndjson};

const ROLE: &str = "arn:aws:iam::123456789012:role/audit-reader";

/// Strikes answers to requests with this text, without harm: so they are counted.
fn counts(text: &str) -> Rule {
    let harmless = Fault::Stall(0, Duration::ZERO);
    harmless.when(When::Always).asked(text)
}

#[test]
#[ignore = "needs moto: tests/run"]
fn a_role_is_taken_on_with_its_external_id_and_asks_with_the_keys_it_lends() {
    run(async {
        let moto = moto().await;
        let client = moto.client();
        client.create_bucket("lent").await;
        let entries = entries(20);
        client
            .put("lent", "2026/11/20/a.json", ndjson(&entries))
            .await;
        let (bucket, sts) = (Breakable::before(&moto.url), Breakable::before(&moto.url));
        let settings = format!(
            "role_arn = \"{ROLE}\"\nexternal_id = \"acme-42\"\nrole_endpoint = \"{}\"\n{KEYS}",
            sts.url
        );
        let customer = Customer::of_bucket("s3", &bucket.url, "lent", &settings);
        // moto lends keys that begin so.
        bucket.breaks([counts("Credential=ASIA")]);
        sts.breaks([counts("ExternalId=acme-42")]);
        assert_eq!(customer.pulls(), [20, 20]);
        customer.has(&ids(&entries));
        assert_eq!((bucket.take_asked().len(), bucket.struck()), (2, 2));
        assert_eq!((sts.take_asked().len(), sts.struck()), (1, 1));
    });
}

/// moto keeps accounts apart: only who has taken on the role sees its account's log groups.
#[test]
#[ignore = "needs moto: tests/run"]
fn a_role_of_another_account_reads_that_accounts_log_group() {
    run(async {
        const OTHERS: &str = "arn:aws:iam::111122223333:role/safe-audit-reader";
        let moto = moto().await;
        let lent = moto.client().assume_role(OTHERS).await;
        let owner = Client::new(&moto.url, lent);
        owner.create_group("/safe/theirs", &["s"]).await;
        let events = [(SystemClock.now().plus_millis(-60_000), "{}".to_owned())];
        owner.put_events("/safe/theirs", "s", &events).await;
        let url = &moto.url;
        let place = format!(
            "log_group = \"/safe/theirs\"\nregion = \"eu-central-1\"\nendpoint = \"{url}\"\n\
             look_back = \"2d\"\n{KEYS}"
        );
        let role = format!("role_arn = \"{OTHERS}\"\nrole_endpoint = \"{url}\"\n");
        let with_role = Customer::new("safe", "cloudwatch", &(place.clone() + &role));
        assert_eq!(with_role.pulls(), [1, 1]);
        let without = Customer::new("safe", "cloudwatch", &place);
        without.syncs().exits(3);
    });
}

/// A customer of a bucket of SeaweedFS, whose config file names no keys, with these entries.
async fn of_chain(bucket: &str, settings: &str) -> (Customer, Vec<String>) {
    let seaweedfs = seaweedfs().await;
    let client = seaweedfs.client();
    client.create_bucket(bucket).await;
    let entries = entries(20);
    let object = ndjson(&entries);
    client.put(bucket, "2026/11/20/a.json", object).await;
    let customer = Customer::of_bucket("s3", &seaweedfs.url, bucket, settings);
    (customer, entries)
}

fn profile(header: &str) -> String {
    let keys = keys();
    format!(
        "[{header}]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
        keys.id, keys.secret
    )
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn keys_in_the_environment_are_found() {
    run(async {
        let (mut customer, entries) = of_chain("chain-environment", "").await;
        customer.sandbox.set("AWS_ACCESS_KEY_ID", &keys().id);
        customer
            .sandbox
            .set("AWS_SECRET_ACCESS_KEY", &keys().secret);
        assert_eq!(customer.pulls(), [20, 20]);
        customer.has(&ids(&entries));
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn profiles_are_found_where_aws_keeps_them_and_where_variables_say() {
    run(async {
        let wrong =
            "[default]\naws_access_key_id = AKIASOMEBODYELSE0000\naws_secret_access_key = x\n";
        let of_home = "home/.aws/credentials";
        let config = ("AWS_CONFIG_FILE", "elsewhere/config");
        let shared = ("AWS_SHARED_CREDENTIALS_FILE", "elsewhere/shared");
        for (at, (settings, variable, file, text)) in [
            ("", None, of_home, profile("default")),
            (
                "profile = \"audit\"\n",
                None,
                of_home,
                wrong.to_owned() + &profile("audit"),
            ),
            (
                "profile = \"audit\"\n",
                Some(config),
                config.1,
                profile("profile audit"),
            ),
            (
                "profile = \"audit\"\n",
                Some(shared),
                shared.1,
                profile("audit"),
            ),
        ]
        .into_iter()
        .enumerate()
        {
            let (mut customer, _) = of_chain(&format!("chain-profile-{at}"), settings).await;
            customer.sandbox.write(file, &text);
            if let Some((name, path)) = variable {
                let path = customer.sandbox.path(path);
                customer.sandbox.set(name, path.to_str().unwrap());
            }
            assert_eq!(customer.pulls(), [20, 20], "{at}");
        }
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn a_process_of_the_profile_gives_keys() {
    run(async {
        let (customer, _) = of_chain("chain-process", "profile = \"audit\"\n").await;
        let keys = keys();
        let given = serde_json::json!({
            "Version": 1, "AccessKeyId": keys.id, "SecretAccessKey": keys.secret,
        });
        customer.sandbox.write("keys.json", &given.to_string());
        let process = format!(
            "[profile audit]\ncredential_process = /bin/cat {}\n",
            customer.sandbox.path("keys.json").display()
        );
        customer.sandbox.write("home/.aws/config", &process);
        assert_eq!(customer.pulls(), [20, 20]);
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn who_has_no_keys_is_told_where_they_were_looked_for() {
    run(async {
        let (customer, _) = of_chain("chain-nothing", "profile = \"audit\"\n").await;
        for arguments in ["sources --test", "sync"] {
            let output = customer.sandbox.run(arguments);
            output.exits(4);
            let said = &output.stderr;
            assert!(said.contains("none in profile `audit`"), "{output}");
        }
    });
}
