//! SendSafely's export in a bucket of SeaweedFS, behind a proxy that breaks.

use std::time::Duration;

use crate::laws::run;
use crate::support::breakable::{Breakable, Fault, When};
use crate::support::counterparts::seaweedfs;

use super::customer::{Customer, KEYS, entries, ids, ndjson};

const PER_OBJECT: usize = 100;

/// A bucket with an object for each hundred entries, each some 40 kB long.
async fn filled(bucket: &str, entries: &[String]) -> Breakable {
    let seaweedfs = seaweedfs().await;
    let client = seaweedfs.client();
    client.create_bucket(bucket).await;
    let objects = entries.chunks(PER_OBJECT).enumerate();
    let objects = objects.map(|(at, part)| (format!("2026/11/20/part-{at}"), ndjson(part)));
    client.put_all(bucket, objects).await;
    Breakable::before(&seaweedfs.url)
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn what_breaks_now_and_then_is_asked_for_again_within_the_sync() {
    run(async {
        let entries = entries(2_000);
        let proxy = filled("now-and-then", &entries).await;
        let customer = Customer::of_bucket("s3", &proxy.url, "now-and-then", KEYS);
        let faults = [
            Fault::Cut(20_000),
            Fault::Reset(20_000),
            Fault::Stall(20_000, Duration::from_secs(1)),
            Fault::Throttle(200_000),
            Fault::Cut(0),
            Fault::Reset(100),
        ];
        // Of twenty objects every third breaks, each in another way.
        let rules = faults.iter().zip(1..);
        let rules = rules.map(|(fault, nth)| fault.when(When::Nth(3 * nth)).asked("/part-"));
        proxy.breaks(rules);
        assert_eq!(customer.pulls(), [2_000, 2_000]);
        assert_eq!(proxy.struck(), faults.len());
        // A list, the objects, and once more those four that did not come whole.
        assert_eq!(proxy.take_asked().len(), 1 + 20 + 4);
        customer.has(&ids(&entries));
        assert_eq!(customer.pulls(), [0, 0]);
    });
}

#[test]
#[ignore = "needs SeaweedFS: tests/run"]
fn what_never_comes_fails_the_sync_and_the_next_one_brings_the_rest_once() {
    run(async {
        let entries = entries(2_000);
        let proxy = filled("never", &entries).await;
        let customer = Customer::of_bucket("s3", &proxy.url, "never", KEYS);
        proxy.breaks([Fault::Cut(20_000).when(When::Always).asked("/part-7")]);
        let output = customer.syncs();
        output.exits(3);
        assert!(output.stderr.contains("2026/11/20/part-7"), "{output}");
        let kept = customer.asks("select count(*), count(distinct event_id) from events");
        proxy.breaks([]);
        let [received, added] = customer.pulls();
        assert!(received >= 100 && added >= 100, "{kept:?} and {added}");
        customer.has(&ids(&entries));
        assert_eq!(customer.pulls(), [0, 0]);
    });
}
