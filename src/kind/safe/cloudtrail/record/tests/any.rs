//! What is true of any records.

use super::*;
use proptest::prelude::*;

/// Any JSON, not deep.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((any_name(), inner), 0..5)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn any_name() -> impl Strategy<Value = String> {
    let known = [
        "eventID",
        "eventTime",
        "eventName",
        "eventType",
        "userIdentity",
        "sourceIPAddress",
        "arn",
        "resources",
        "ARN",
        "onBehalfOf",
        "userId",
        "eventSource",
    ];
    prop_oneof![
        proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        any::<String>(),
    ]
}

proptest! {
    #[test]
    fn every_record_comes_out_as_it_went_in_and_none_is_lost(
        given in proptest::collection::vec((any_json(), any::<bool>()), 0..8),
        split in 0..9_usize,
    ) {
        let own = |(n, (value, is_real)): (usize, &(Value, bool))| match value {
            Value::Object(_) if *is_real => record(n, value),
            other => other.clone(),
        };
        let records: Vec<Value> = given.iter().enumerate().map(own).collect();
        let (first, second) = records.split_at(split.min(records.len()));
        let files = [file(first), gzip(&file(second))];
        // A first record that says so makes the file one of insights.
        let mut page = Batch::default();
        let mut read = Vec::new();
        for (bytes, records) in files.iter().zip([first, second]) {
            if let Content::Log(mut file) = open(Body::Memory(bytes.clone())).unwrap() {
                prop_assert!(!file.fill(&mut page).unwrap());
                read.extend_from_slice(records);
            }
        }
        let page = super::page(page);
        prop_assert_eq!(page.received(), read.len());
        let mut spans: Vec<Span> = page.events.iter().map(|event| event.raw).collect();
        spans.extend(page.rejects.iter().map(|reject| reject.raw));
        spans.sort_by_key(|span| span.start);
        for (span, record) in spans.iter().zip(&read) {
            prop_assert_eq!(&serde_json::from_slice::<Value>(page.slice(*span)).unwrap(), record);
        }
        for event in &page.events {
            let raw: Value = serde_json::from_slice(page.slice(event.raw)).unwrap();
            for (name, value) in details(&page, event).as_object().unwrap() {
                prop_assert_eq!(value, &raw[name]);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\":,a1\\\\ ]{0,40}", cut in 0..400_usize) {
        let whole = file(&[record(1, &json!({}))]);
        for bytes in [
            format!("{{\"Records\":[{text}]}}").into_bytes(),
            format!("{{\"Records\":[{{\"eventID\":\"1\",{text}}}]}}").into_bytes(),
            [&whole[..cut.min(whole.len())], text.as_bytes()].concat(),
        ] {
            if let Ok(Content::Log(mut file)) = open(Body::Memory(bytes)) {
                let mut batch = Batch::default();
                let _more = file.fill(&mut batch);
                let _page = page(batch);
            }
        }
    }
}
