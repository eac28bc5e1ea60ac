use super::*;

fn evidence() -> Evidence {
    let moment = Timestamp::from_millis(1_795_176_000_123);
    Evidence {
        form: FORM,
        version: "1.2.3".to_owned(),
        title: "a`b<c>&\u{202e}\u{7}é😀".to_owned(),
        made_at: moment,
        archive: Archive {
            id: None,
            schema: 5,
            sources: vec![("acme".to_owned(), "sendsafely".to_owned())],
            last_batch: 0,
            last_page: 0,
            archived_to: None,
        },
        period: Span {
            from: Some(moment),
            to: None,
        },
        named: Vec::new(),
        left_out: Vec::new(),
        coverage: vec![Feed {
            source: "acme".to_owned(),
            feed: "api".to_owned(),
            sections: vec![Stood {
                from: moment,
                to: moment,
                standing: "odd".to_owned(),
            }],
        }],
        batches: Vec::new(),
        queries: Vec::new(),
        document_sha256: None,
    }
}

#[test]
fn it_comes_back_from_json_as_it_was() {
    let evidence = evidence();
    let json = evidence.json();
    assert_eq!(serde_json::from_str::<Evidence>(&json).unwrap(), evidence);
    assert!(
        json.contains(r#""a\u0060b\u003cc\u003e\u0026\u202e\u0007é😀""#),
        "{json}"
    );
    assert!(
        json.contains(r#""made_at": "2026-11-20T12:00:00.123Z""#),
        "{json}"
    );
}

#[test]
fn an_unknown_word_is_the_worst() {
    assert_eq!(
        evidence().coverage[0].sections()[0].standing,
        Standing::Lost
    );
}

#[test]
fn a_time_that_is_none_is_refused() {
    let json = evidence().json().replace("2026-11-20T12:00:00.123Z", "7d");
    assert!(serde_json::from_str::<Evidence>(&json).is_err());
}
