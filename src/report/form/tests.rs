use super::*;
use crate::event::Timestamp;
use crate::report::answer::Digests;
use crate::report::evidence::Span;

fn asked(rows: u64) -> Asked {
    let parameters = serde_json::json!({
        "since": "2026-11-20T12:00:00.000Z", "who": "Ann O'Hara", "minimum": 5, "source": null
    });
    Asked {
        name: "x".to_owned(),
        about: String::new(),
        span: Span {
            from: Some(Timestamp::from_millis(1_795_176_000_000)),
            to: None,
        },
        parameters: parameters.as_object().unwrap().clone(),
        chart: None,
        columns: Vec::new(),
        answer: Digests {
            rows,
            ..Digests::default()
        },
        sql_sha256: String::new(),
        sql: String::new(),
    }
}

#[test]
fn what_is_not_shown_is_told_with_what_gives_it() {
    assert!(more(&asked(ROWS_MAX)).is_none());
    let more = more(&asked(ROWS_MAX + 2)).unwrap();
    assert!(more.told.starts_with("2 more rows"), "{}", more.told);
    assert_eq!(
        more.command,
        "trailkeep query x -p since=2026-11-20T12:00:00.000Z -p 'who=Ann O'\\''Hara' -p minimum=5 --to x.csv"
    );
}

#[test]
fn a_time_that_is_told_is_no_parameter_more() {
    let text = |pair: (&str, &str)| (pair.0.to_owned(), pair.1.to_owned());
    let mut asked = asked(1);
    let others = [("who", "Ann O'Hara"), ("minimum", "5"), ("source", "null")].map(text);
    assert_eq!(parameters(&asked), others);
    asked.span.from = None;
    assert_eq!(parameters(&asked).len(), 4);
}

#[test]
fn a_moment_is_told_from_what_only_begins_so() {
    assert!(is_time("2026-11-20T12:00:00.000Z"));
    for text in [
        "2026-11-20",
        "2026-11-20T12:00:00.000",
        "2026-11-20T12:00:00.000Zé",
        "x",
        "",
    ] {
        assert!(!is_time(text), "{text}");
    }
}

#[test]
fn the_last_block_is_the_evidence() {
    let file = "a<pre>b</pre>c<pre>d</pre>e";
    assert_eq!(
        between(file.as_bytes(), "<pre>", "</pre>"),
        Some(("d".to_owned(), 19))
    );
    assert_eq!(between(b"a<pre>b", "<pre>", "</pre>"), None);
}
