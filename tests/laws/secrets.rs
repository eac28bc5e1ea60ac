//! Secrets stay where they belong: in no archive, no outcome, no progress, and with no other
//! host.

use std::collections::BTreeSet;
use std::error::Error;
use std::fs;

use proptest::prelude::*;
use serde_json::Value;
use trailkeep::archive::record;
use trailkeep::sync::{Outcome, Wishes};

use super::scenario::{Scenario, scenarios};
use super::{cases, run};
use crate::support::recorder::Exchange;
use crate::support::rig::Rig;
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(6))]

    #[test]
    fn no_secret_leaves_its_place(scenario in scenarios()) {
        run(look_for_secrets(&scenario));
    }
}

async fn look_for_secrets(scenario: &Scenario) {
    let rig = scenario.rig();
    let mut said = String::new();
    for step in &scenario.steps {
        rig.live(step.after, step.events);
        rig.vendors.set_faults(&step.faults);
        let force = step.force;
        for outcome in rig.sync(Wishes { since: None, force }).await {
            said.push_str(&words(&outcome));
        }
    }
    said.push_str(&rig.said());
    let exchanges = rig.wire.take();
    let kept = kept(&rig);
    for of in simulated() {
        let secrets = secrets(&rig, of, &exchanges);
        assert!(secrets.len() >= 2, "{} has no secrets", of.source);
        for secret in &secrets {
            assert!(!said.contains(secret), "{secret} is said in {said}");
            let bytes = secret.as_bytes();
            for (name, file) in &kept {
                let found = memchr::memmem::find(file, bytes);
                assert_eq!(found, None, "{secret} is in {name}");
            }
        }
        stay_at_home(&rig, of, &secrets, &exchanges);
    }
}

/// Everything that an outcome says, down to the causes of its error.
fn words(outcome: &Outcome) -> String {
    let mut words = format!("{outcome:?}");
    let mut error = outcome
        .ending
        .as_ref()
        .err()
        .map(|error| error as &dyn Error);
    while let Some(cause) = error {
        words.push_str(&format!("{cause} {cause:?}"));
        error = cause.source();
    }
    words
}

/// The bytes of everything beside and in the archive, and the records that are compressed in it.
fn kept(rig: &Rig) -> Vec<(String, Vec<u8>)> {
    let folder = rig.path().parent().unwrap().to_owned();
    let files = fs::read_dir(folder).unwrap().map(|file| {
        let path = file.unwrap().path();
        (path.display().to_string(), fs::read(&path).unwrap())
    });
    let mut kept: Vec<_> = files.collect();
    let db = rig.archive();
    let mut find = db.prepare("select key from event").unwrap();
    let keys = find.query_map([], |row| row.get::<_, i64>(0)).unwrap();
    let records = keys.map(|key| record::read(&db, key.unwrap()).unwrap().unwrap());
    kept.push(("the records".to_owned(), records.flatten().collect()));
    kept
}

/// The secrets of this kind's source: those it was given, and those that came of them.
fn secrets(rig: &Rig, of: &Simulated, exchanges: &[Exchange]) -> BTreeSet<String> {
    let given = (of.secrets)(rig.vendors.credentials()).into_iter();
    // A username is needed in no secret way.
    let given = given.filter(|(key, _)| *key != "username");
    let mut secrets: BTreeSet<String> = given.map(|(_, secret)| secret.to_owned()).collect();
    for exchange in exchanges.iter().filter(|to| is_of(rig, of, to)) {
        let proofs = exchange.headers.iter().filter(|(name, _)| is_proof(name));
        secrets.extend(proofs.map(|(_, value)| bare(value)));
        let signatures = exchange.url.query_pairs();
        let signatures = signatures.filter(|(name, _)| name == "X-Amz-Signature");
        secrets.extend(signatures.map(|(_, value)| value.into_owned()));
        secrets.extend(token(exchange));
    }
    secrets
}

/// Nobody else was sent one of these secrets, and a link that is a secret in itself came with no
/// other proof.
fn stay_at_home(rig: &Rig, of: &Simulated, secrets: &BTreeSet<String>, exchanges: &[Exchange]) {
    for exchange in exchanges {
        let sent = format!("{} {:?} {}", exchange.url, exchange.headers, exchange.said);
        let proven = exchange.headers.iter().any(|(name, _)| is_proof(name));
        if exchange.url.query().is_some_and(|q| q.contains("X-Amz-")) {
            assert!(!proven, "a pre-signed URL was sent {:?}", exchange.headers);
        }
        if !is_of(rig, of, exchange) {
            let leaked: Vec<_> = secrets
                .iter()
                .filter(|secret| sent.contains(*secret))
                .collect();
            assert!(leaked.is_empty(), "{leaked:?} went to {}", exchange.url);
        }
    }
}

fn is_of(rig: &Rig, of: &Simulated, exchange: &Exchange) -> bool {
    exchange.url.as_str().starts_with((of.url)(&rig.vendors))
}

fn is_proof(header: &str) -> bool {
    let plain = ["accept", "ss-request-timestamp"];
    !plain.contains(&header.to_ascii_lowercase().as_str())
}

/// What a header proves with, without the name of the way.
fn bare(value: &str) -> String {
    let words = ["Basic ", "Bearer "];
    let rest = words.iter().find_map(|word| value.strip_prefix(word));
    rest.unwrap_or(value).to_owned()
}

fn token(exchange: &Exchange) -> Option<String> {
    let (_, body) = exchange.answer.as_ref()?;
    let answer: Value = serde_json::from_slice(body).ok()?;
    Some(answer.get("accessToken")?.as_str()?.to_owned())
}
