//! CloudTrail's files in a bucket: of SeaweedFS, which checks signatures, and of moto.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::laws::run;
use crate::support::aws::Client;
use crate::support::counterparts::{moto, seaweedfs};

use super::customer::{Customer, KEYS, gzip};

const ACCOUNTS: [&str; 2] = ["111122223333", "444455556666"];

/// What was done in an account at a minute of 20 November, in the documented shape.
fn record(account: &str, minute: u32) -> Value {
    json!({
        "eventVersion": "1.11",
        "userIdentity": {
            "type": "AssumedRole",
            "principalId": "AROAEXAMPLE:maria",
            "arn": format!("arn:aws:sts::{account}:assumed-role/operator/maria"),
            "accountId": account,
        },
        "eventTime": format!("2026-11-20T10:{minute:02}:00Z"),
        "eventSource": "iam.amazonaws.com",
        "eventName": if minute == 0 { "CreateUser" } else { "ListUsers" },
        "awsRegion": "eu-central-1",
        // One address is a name, as it is where AWS itself asked.
        "sourceIPAddress": if minute == 1 { "cloudformation.amazonaws.com" } else { "198.51.100.7" },
        "userAgent": "aws-cli/2",
        "requestParameters": {"userName": "ben"},
        "responseElements": null,
        "eventID": id(account, minute),
        "eventType": "AwsApiCall",
        "recipientAccountId": account,
        "readOnly": minute != 0,
        "managementEvent": true,
    })
}

fn id(account: &str, minute: u32) -> String {
    format!("{minute:08x}-1111-4222-8333-{account}")
}

/// Files of two accounts with five records each, digests beside them.
fn objects() -> Vec<(String, Vec<u8>)> {
    let of_account = |account: &'static str| {
        let key = move |folder: &str, day: u32, name: &str| {
            let tree = format!("org/AWSLogs/o-exampleorg/{account}/{folder}/eu-central-1");
            format!("{tree}/2026/11/{day}/{account}_{folder}_eu-central-1_{name}.json.gz")
        };
        let file = move |minutes: std::ops::Range<u32>| {
            let records: Vec<Value> = minutes.map(|minute| record(account, minute)).collect();
            gzip(json!({"Records": records}).to_string().as_bytes())
        };
        let digest = json!({"digestStartTime": "2026-11-20T10:00:00Z", "logFiles": []});
        let digest = gzip(digest.to_string().as_bytes());
        let log = "CloudTrail";
        vec![
            (key(log, 20, "20261120T1005Z_aAaAaAaAaAaAaAaA"), file(0..3)),
            // Delivered a day late, with one record that was delivered before.
            (key(log, 21, "20261121T0900Z_bBbBbBbBbBbBbBbB"), file(2..5)),
            (
                key("CloudTrail-Digest", 20, "trail_20261120T110000Z"),
                digest,
            ),
        ]
    };
    ACCOUNTS.into_iter().flat_map(of_account).collect()
}

/// What a trail's bucket has to be, with whatever store.
async fn pulled(client: &Client, endpoint: &str, bucket: &str) {
    client.create_bucket(bucket).await;
    client.put_all(bucket, objects()).await;
    let settings = format!("prefix = \"org/AWSLogs/\"\n{KEYS}");
    let customer = Customer::of_bucket("cloudtrail", endpoint, bucket, &settings);
    let tested = customer.tests();
    let expected = format!("bucket {bucket}, readable; first of its objects: org/AWSLogs/");
    assert!(tested.starts_with(&expected), "{tested}");
    assert_eq!(customer.pulls(), [12, 10]);
    let of = |account| (0..5).map(move |minute| id(account, minute));
    let ids: BTreeSet<String> = ACCOUNTS.into_iter().flat_map(of).collect();
    customer.has(&ids);
    let sql = "select time, action, ip, actor from events where feed = 'cloudtrail' and \
               event_id like '%-111122223333' order by time limit 2";
    let arn = "arn:aws:sts::111122223333:assumed-role/operator/maria";
    assert_eq!(
        customer.asks(sql),
        [
            format!("2026-11-20T10:00:00.000Z,CreateUser,198.51.100.7,{arn}"),
            format!("2026-11-20T10:01:00.000Z,ListUsers,cloudformation.amazonaws.com,{arn}"),
        ]
    );
    assert_eq!(customer.asks("select count(*) from objects"), ["4"]);
    assert_eq!(customer.pulls(), [0, 0]);
    let late = gzip(
        json!({"Records": [record(ACCOUNTS[0], 9)]})
            .to_string()
            .as_bytes(),
    );
    let key = "org/AWSLogs/o-exampleorg/111122223333/CloudTrail/eu-central-1/2026/11/21/\
               111122223333_CloudTrail_eu-central-1_20261121T1000Z_cCcCcCcCcCcCcCcC.json.gz";
    client.put(bucket, key, late).await;
    assert_eq!(customer.pulls(), [1, 1]);
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn a_trail_of_two_accounts_is_archived_from_seaweedfs() {
    run(async {
        let seaweedfs = seaweedfs().await;
        pulled(&seaweedfs.client(), &seaweedfs.url, "trail").await;
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn a_trail_of_two_accounts_is_archived_from_moto() {
    run(async {
        let moto = moto().await;
        pulled(&moto.client(), &moto.url, "trail").await;
    });
}
