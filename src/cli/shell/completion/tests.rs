use super::*;
use crate::query::vocabulary::View;

fn words() -> Words {
    let texts = |texts: &[&str]| owned(texts.iter().copied());
    let view = |name: &str, columns: &[&str]| View {
        name: name.to_owned(),
        columns: texts(columns),
    };
    Words {
        vocabulary: Vocabulary {
            views: vec![
                view("activity", &["time", "actor", "actor_name"]),
                view("daily", &["day", "events"]),
                view("events", &["time", "actor", "action"]),
            ],
            functions: texts(&["abs", "count", "date"]),
        },
        saved: vec![
            ("event".to_owned(), Vec::new()),
            ("failed-logins".to_owned(), texts(&["since", "minimum"])),
            ("failed-uploads".to_owned(), texts(&["since"])),
        ],
    }
}

/// What the word at `|` may become.
fn completed(text: &str) -> String {
    let at = text.find('|').unwrap();
    let text = text.replace('|', "");
    let (start, candidates) = words().complete(&text, at);
    format!("{}: {}", &text[start..at], candidates.join(" "))
}

#[test]
fn what_fits_is_offered_where_it_fits() {
    for (text, expected) in [
        ("se|", "se: select"),
        ("SE|", "SE: SELECT"),
        ("fa|", "fa: failed-logins failed-uploads"),
        ("failed-l|", "failed-l: failed-logins"),
        ("select 1; se|", "se: select"),
        ("select * from e|", "e: events"),
        ("select * from |", ": activity daily events search("),
        ("select * from s|", "s: search("),
        ("select * from events wher|", "wher: where"),
        ("select * from events e ord|", "ord: order"),
        ("failed-logins si|", "si: since="),
        ("failed-logins since=7d |", ": since= minimum="),
        ("failed-uploads |", ": since="),
        ("select * FROM events join d|", "d: daily"),
        ("select * from events, d|", "d: daily"),
        ("select time, d|", "d: day date( desc distinct"),
        ("with mine as (select 1) select * from m|", "m: mine"),
        ("select actor| from daily", "actor: "),
        ("select a| from daily", "a: abs( all and as asc"),
        ("select A| from daily", "A: abs( ALL AND AS ASC"),
        ("select | from daily", ": day events"),
        ("select act| from events", "act: actor action"),
        ("select e.| from events e", ": time actor action"),
        ("select e.act| from events as e", "act: actor action"),
        ("select E.act| from events e where 1", "act: actor action"),
        ("select daily.| from daily", ": day events"),
        ("select x.| from daily", ": "),
        ("select * from events where time > :s|", "s: since"),
        ("select 'se|", "se: "),
        (
            "select * from events ev where e|",
            "e: ev else end escape except exists",
        ),
    ] {
        assert_eq!(completed(text), expected, "{text}");
    }
}

#[test]
fn commands_and_what_follows_them_are_completed() {
    for (text, expected) in [
        (".q|", ".q: .queries .quit"),
        (".schema e|", "e: events"),
        (".run failed|", "failed: failed-logins failed-uploads"),
        (".run failed-logins s|", "s: since="),
        (".explain select * from eve|", "eve: events"),
        (".mode c|", "c: csv"),
        (".mode table v|", "v: vertical"),
        (".params s|", "s: set"),
        (".params set m|", "m: minimum"),
        (".coverage o|", "o: on off"),
        (".run event i|", "i: "),
        (".nonsense x|", "x: "),
    ] {
        assert_eq!(completed(text), expected, "{text}");
    }
}

#[test]
fn a_cursor_within_characters_or_quotes_harms_nothing() {
    for text in ["|é", "é|", "select \"|", "select * from [|", "|"] {
        completed(text);
    }
    assert_eq!(words().complete("é", 1).0, 0);
}
