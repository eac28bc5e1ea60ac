//! SAFE's log group in moto.

use serde_json::json;
use trailkeep::event::Timestamp;
use trailkeep::fetch::clock::{Clock, SystemClock};

use crate::laws::run;
use crate::support::breakable::{Breakable, Fault, When};
use crate::support::counterparts::moto;

use super::customer::{Customer, KEYS};

/// More than a page takes.
const MANY: i64 = 12_000;

/// A record of SAFE's, so many seconds ago.
fn message(now: Timestamp, seconds: i64) -> (Timestamp, String) {
    let time = now.plus_millis(-seconds * 1_000);
    let text = json!({
        "timestamp": time.to_string(),
        "level": "info",
        "type": "audit",
        "message": "User logged in",
        "metadata": {"action": "login", "userId": "u-1", "sourceIp": "198.51.100.7"},
    });
    (time, text.to_string())
}

fn customer(endpoint: &str, group: &str) -> Customer {
    let settings = format!(
        "log_group = \"{group}\"\nendpoint = \"{endpoint}\"\nregion = \"eu-central-1\"\n\
         look_back = \"2d\"\n{KEYS}"
    );
    Customer::new("safe", "cloudwatch", &settings)
}

#[test]
#[ignore = "needs moto: tests/run"]
fn a_log_group_is_archived_page_by_page_and_late_events_are_found() {
    run(async {
        let moto = moto().await;
        let client = moto.client();
        client.create_group("/safe/many", &["a", "b"]).await;
        let now = SystemClock.now();
        // All within one slice, for they are of the last 20 minutes or the 20 before.
        let events: Vec<_> = (0..MANY / 2)
            .rev()
            .map(|n| message(now, 60 + n / 10))
            .collect();
        for stream in ["a", "b"] {
            client.put_events("/safe/many", stream, &events).await;
        }
        let proxy = Breakable::before(&moto.url);
        let customer = customer(&proxy.url, "/safe/many");
        assert_eq!(customer.tests(), "log group /safe/many, readable");
        proxy.take_asked();
        assert_eq!(customer.pulls(), [12_000, 12_000]);
        let pages = proxy.take_asked().len();
        assert!((2..=3).contains(&pages), "{pages}");

        let [_, added] = customer.pulls();
        assert_eq!(added, 0);
        client
            .put_events("/safe/many", "a", &[message(now, 3 * 3_600)])
            .await;
        let [_, added] = customer.pulls();
        assert_eq!(added, 1);
        let sql = "select count(*), count(distinct event_id), min(action), min(actor), min(ip) from events";
        assert_eq!(customer.asks(sql), ["12001,12001,login,u-1,198.51.100.7"]);
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn a_log_group_that_breaks_off_is_read_whole_all_the_same() {
    run(async {
        let moto = moto().await;
        let client = moto.client();
        client.create_group("/safe/broken", &["a"]).await;
        let now = SystemClock.now();
        let events: Vec<_> = (0..500).rev().map(|n| message(now, 60 + n)).collect();
        client.put_events("/safe/broken", "a", &events).await;
        let proxy = Breakable::before(&moto.url);
        for fault in [Fault::Cut(10_000), Fault::Reset(10_000)] {
            let customer = customer(&proxy.url, "/safe/broken");
            let struck = proxy.struck();
            proxy.breaks([fault.when(When::First(2)).asked("FilterLogEvents")]);
            assert_eq!(customer.pulls(), [500, 500], "{fault:?}");
            assert!(proxy.struck() > struck, "{fault:?}");
        }
    });
}

#[test]
#[ignore = "needs moto: tests/run"]
fn a_log_group_that_is_not_there_is_told_in_the_services_words() {
    run(async {
        let customer = customer(&moto().await.url, "/safe/nowhere");
        for arguments in ["sources --test", "sync"] {
            let output = customer.sandbox.run(arguments);
            output.exits(3);
            let said = &output.stderr;
            assert!(said.contains("ResourceNotFoundException"), "{output}");
        }
    });
}
