//! What is true of any message.

use super::*;
use proptest::prelude::*;

fn any_record() -> impl Strategy<Value = Value> {
    let names = [
        "timestamp",
        "userId",
        "userName",
        "action",
        "type",
        "eventType",
        "message",
        "log",
        "metadata",
        "user",
        "ip",
        "port",
        "target",
        "logStreamName",
        "uuid",
    ];
    let name = prop_oneof![
        proptest::sample::select(names.to_vec()).prop_map(str::to_owned),
        any::<String>()
    ];
    let leaf = prop_oneof![
        any::<Option<i64>>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        Just(json!("203.0.113.9:443")),
        Just(json!("2026-11-21T23:02:28Z")),
        Just(json!("{\"action\":\"inner\",\"userId\":\"u-1\"}")),
    ];
    leaf.prop_recursive(3, 24, 5, move |inner| {
        let members = proptest::collection::vec((name.clone(), inner), 0..6);
        members.prop_map(|members| Value::Object(members.into_iter().collect()))
    })
}

proptest! {
    #[test]
    fn any_message_survives(texts in proptest::collection::vec(any::<String>(), 0..6)) {
        let answer = answer_of(&texts.iter().map(|text| element(text)).collect::<Vec<_>>());
        prop_assert_eq!(answer.page.events.len(), texts.len());
        for (event, text) in answer.page.events.iter().zip(&texts) {
            let raw: Value = serde_json::from_slice(answer.page.slice(event.raw)).unwrap();
            prop_assert_eq!(&raw, &element(text));
            let details: Value = serde_json::from_str(&answer.page.details_json(event).unwrap()).unwrap();
            if details.get("parse_error").is_some() {
                prop_assert_eq!(&details["message"], text);
            }
        }
    }

    #[test]
    fn every_member_of_a_record_is_a_column_or_a_detail(given in any_record(), prefix in "[a-z :\t]{0,12}") {
        let page = page_of(&format!("{prefix}{given}"));
        let (event, details) = (&page.events[0], details(&page));
        let texts = [&event.event_type, &event.action, &event.actor, &event.ip, &event.target];
        let mut columns: Vec<String> =
            texts.iter().filter_map(|it| Some(page.text(it.as_ref()?).to_owned())).collect();
        columns.extend(event.port.map(|port| port.value.to_string()));
        for (name, value) in given.as_object().into_iter().flatten() {
            let detail = details.get(format!("message.{name}")).or(details.get(name));
            let text = value.as_str().map_or(value.to_string(), |text| text.trim().to_owned());
            // An object that was a text is kept as an object, an address in its usual form.
            let is_inner = detail.is_some_and(|it| it.is_object() && serde_json::from_str(&text).ok().as_ref() == Some(it));
            let is_address = name == "ip" && text.starts_with("203.0.113.9");
            let is_time = name == "timestamp" && timestamp::parse(&text, Default::default()).is_ok();
            let is_column = columns.contains(&text) || is_address || is_time;
            prop_assert!(detail == Some(value) || is_inner || is_column, "{name}: {value} of {given} in {details}");
        }
    }

    #[test]
    fn no_bytes_make_it_panic(text in "[\\[\\]{}\":,a1\\\\ ]{0,40}", message in "\\PC*", cut in 0..300_usize) {
        let whole = json!({"events": [element(&message)]}).to_string();
        let cut = whole.floor_char_boundary(cut);
        for body in [
            format!("{{\"events\":[{text}]}}"),
            format!("{{\"events\":[{{\"eventId\":\"1\",\"timestamp\":1795302150000,\"message\":{text}}}]}}"),
            format!("{}{text}", &whole[..cut]),
            json!({"events": [element(&text), element(&format!("x{{{text}}}"))]}).to_string(),
        ] {
            if let Ok(answer) = read(body.into_bytes(), "log events") {
                let page = answer.page;
                prop_assert!(page.events.iter().all(|event| !page.slice(event.raw).is_empty()));
            }
        }
    }
}
