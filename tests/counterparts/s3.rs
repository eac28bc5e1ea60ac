//! SendSafely's export in a bucket of SeaweedFS, which checks signatures.

use crate::laws::run;
use crate::support::breakable::Breakable;
use crate::support::counterparts::seaweedfs;

use super::customer::{Customer, KEYS, entries, gzip, ids, ndjson};

/// Of one day each, in the forms that an export may have.
fn objects(entries: &[String]) -> Vec<(String, Vec<u8>)> {
    let parts: Vec<&[String]> = entries.chunks(entries.len().div_ceil(5)).collect();
    let key = |day: u32, name: &str| format!("audit/2026/11/{day:02}/{name}");
    vec![
        (key(17, "lines.json"), ndjson(parts[0])),
        (key(18, "lines.json.gz"), gzip(&ndjson(parts[1]))),
        (
            key(19, "array.json"),
            format!("[{}]", parts[2].join(",")).into_bytes(),
        ),
        (
            key(20, "array ä+b.gz"),
            gzip(format!("[{}]", parts[3].join(", ")).as_bytes()),
        ),
        (key(21, "in-a-row"), parts[4].concat().into_bytes()),
    ]
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn an_export_in_every_form_is_archived_and_then_only_what_is_new() {
    run(async {
        let seaweedfs = seaweedfs().await;
        let client = seaweedfs.client();
        client.create_bucket("every-form").await;
        let entries = entries(230);
        let (first, later) = entries.split_at(200);
        client.put_all("every-form", objects(first)).await;
        let proxy = Breakable::before(&seaweedfs.url);
        let customer = Customer::of_bucket("s3", &proxy.url, "every-form", KEYS);
        assert_eq!(
            customer.tests(),
            "bucket every-form, readable; first of its objects: audit/2026/11/17/lines.json"
        );
        assert_eq!(customer.pulls(), [200, 200]);
        customer.has(&ids(first));
        // A list for the test and one for the sync, and five objects.
        assert_eq!(proxy.take_asked().len(), 7);

        assert_eq!(customer.pulls(), [0, 0]);
        assert_eq!(proxy.take_asked().len(), 1);

        // One more on the last day, one that came late, and one that says what others have said.
        let (one, other) = later.split_at(20);
        for (key, entries) in [
            ("audit/2026/11/21/more.json", one),
            ("audit/2026/11/20/late.json", other),
            ("audit/2026/11/22/again.json", &first[..50]),
        ] {
            client.put("every-form", key, ndjson(entries)).await;
        }
        assert_eq!(customer.pulls(), [80, 30]);
        customer.has(&ids(&entries));
        assert_eq!(proxy.take_asked().len(), 4);
        let objects = customer.asks("select object, size > 0, etag <> '' from objects order by 1");
        assert_eq!(objects.len(), 8);
        assert_eq!(
            objects[0],
            "s3://every-form/audit/2026/11/17/lines.json,1,1"
        );
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn a_prefix_and_what_is_to_be_ignored_bound_what_is_read() {
    run(async {
        let seaweedfs = seaweedfs().await;
        let client = seaweedfs.client();
        client.create_bucket("shared").await;
        let entries = entries(40);
        for (key, bytes) in [
            ("logs/2026/11/20/a.json", ndjson(&entries[..20])),
            ("logs/2026/11/21/b.json", ndjson(&entries[20..])),
            ("logs/2026/11/21/manifest.csv", b"name,size\nb,1\n".to_vec()),
            ("logs/2026/11/21/empty.json", Vec::new()),
            ("other/a.png", b"\x89PNG".to_vec()),
        ] {
            client.put("shared", key, bytes).await;
        }
        let settings = format!("prefix = \"logs/\"\nignore = \"manifest\"\n{KEYS}");
        let customer = Customer::of_bucket("s3", &seaweedfs.url, "shared", &settings);
        assert_eq!(customer.pulls(), [40, 40]);
        customer.has(&ids(&entries));

        // What is no log is told of, and all else is archived.
        let settings = format!("prefix = \"logs/\"\n{KEYS}");
        let customer = Customer::of_bucket("s3", &seaweedfs.url, "shared", &settings);
        let output = customer.sandbox.run("sync");
        output.exits(3);
        let said = &output.stderr;
        assert!(said.contains("logs/2026/11/21/manifest.csv"), "{output}");
        assert!(said.contains("set `ignore`"), "{output}");
        customer.has(&ids(&entries));
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn keys_that_are_refused_are_told_in_the_stores_words_and_not_shown() {
    run(async {
        let seaweedfs = seaweedfs().await;
        seaweedfs.client().create_bucket("guarded").await;
        let mut customer = Customer::of_bucket("s3", &seaweedfs.url, "guarded", KEYS);
        for (id, code) in [
            ("AKIATRAILKEEPTESTS00", "SignatureDoesNotMatch"),
            ("AKIASOMEBODYELSE0000", "InvalidAccessKeyId"),
        ] {
            customer.sandbox.set("KEY_ID", id);
            customer.sandbox.set("KEY_SECRET", "hunter2-marker");
            for arguments in ["sources --test", "sync --force"] {
                let output = customer.sandbox.run(arguments);
                output.exits(4);
                let said = &output.stderr;
                assert!(said.contains(code), "{output}");
                assert!(said.contains("error: acme"), "{output}");
                assert!(!output.to_string().contains("hunter2-marker"), "{output}");
            }
        }
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn a_bucket_that_is_not_there_is_told() {
    run(async {
        let seaweedfs = seaweedfs().await;
        let customer = Customer::of_bucket("s3", &seaweedfs.url, "no-such-bucket", KEYS);
        for arguments in ["sources --test", "sync"] {
            let output = customer.sandbox.run(arguments);
            output.exits(3);
            let said = &output.stderr;
            assert!(said.contains("there is no such bucket"), "{output}");
            assert!(said.contains("check `bucket`"), "{output}");
        }
    });
}
