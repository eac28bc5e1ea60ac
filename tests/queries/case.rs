//! A file that says what happened and which rows a query must find then.
//!
//! ```text
//! run acme/api 03-20T09:00 covers=03-01T00:00..03-19T00:00   # a run of a feed, and what it brought:
//! user p-ann ann@own.example 'Ann Ash' Admin authentication=SSO
//! 03-18T09:00 | ann@own.example | LOGIN | type=USER_EVENT ip=192.0.2.1 id=e1
//! reject 3 'no timestamp' '{"action":"LOGIN"}'
//! object audit/1.gz etag=abc size=12 modified=03-18T09:00
//!
//! ? since=7d            the parameters, and below them the columns that are looked at, and the rows
//! time | actor
//! 03-18T09:00 | ann@own.example
//! ```
//!
//! A time without a year is of 2026; in the rows it stands in the same short form. What is no
//! column of an event is a detail. Words with blanks in them stand in single quotes.

use trailkeep::event::{Object, Reject, Span, Timestamp, User};
use trailkeep::time::parse_moment;

/// What happened, and what must be found.
#[derive(Default)]
pub(super) struct Case {
    pub(super) runs: Vec<Run>,
    pub(super) expected: Vec<Expected>,
}

/// A run of a feed.
pub(super) struct Run {
    pub(super) source: String,
    pub(super) feed: String,
    pub(super) at: Timestamp,
    /// `covers`, `lost` and `failed`.
    pub(super) words: Vec<(String, String)>,
    pub(super) users: Vec<User>,
    pub(super) events: Vec<Happened>,
    pub(super) rejects: Vec<(Reject, String)>,
    pub(super) objects: Vec<Object>,
}

/// One event.
pub(super) struct Happened {
    pub(super) line: String,
    pub(super) time: Timestamp,
    pub(super) actor: String,
    pub(super) action: String,
    pub(super) words: Vec<(String, String)>,
}

/// The rows that a query must find when it is given this.
#[derive(Default)]
pub(super) struct Expected {
    pub(super) given: Vec<(String, String)>,
    pub(super) columns: Vec<String>,
    pub(super) rows: Vec<String>,
}

impl Case {
    /// Reads a case.
    pub(super) fn read(text: &str) -> Case {
        let mut case = Case::default();
        for line in text.lines().map(str::trim) {
            if !line.is_empty() && !line.starts_with('#') {
                case.take(line);
            }
        }
        case
    }

    fn take(&mut self, line: &str) {
        if let Some(given) = line.strip_prefix('?') {
            let given = words(given).iter().map(|word| pair(word)).collect();
            self.expected.push(Expected {
                given,
                ..Expected::default()
            });
        } else if let Some(expected) = self.expected.last_mut() {
            expected.take(line);
        } else if let Some(run) = line.strip_prefix("run ") {
            self.runs.push(Run::read(&words(run)));
        } else {
            let run = self.runs.last_mut().expect("an event is of a run");
            run.take(line);
        }
    }
}

impl Expected {
    fn take(&mut self, line: &str) {
        let cells: Vec<String> = line.split('|').map(|cell| cell.trim().to_owned()).collect();
        if self.columns.is_empty() {
            self.columns = cells;
        } else {
            self.rows.push(cells.join(" | "));
        }
    }
}

impl Run {
    fn read(words: &[String]) -> Run {
        let [feed, at, rest @ ..] = words else {
            panic!("a run has a feed and a time: {words:?}");
        };
        let (source, feed) = feed.split_once('/').expect("SOURCE/FEED");
        Run {
            source: source.to_owned(),
            feed: feed.to_owned(),
            at: moment(at),
            words: rest.iter().map(|word| pair(word)).collect(),
            users: Vec::new(),
            events: Vec::new(),
            rejects: Vec::new(),
            objects: Vec::new(),
        }
    }

    fn take(&mut self, line: &str) {
        if let Some(user) = line.strip_prefix("user ") {
            self.users.push(user_of(&words(user)));
        } else if let Some(reject) = line.strip_prefix("reject ") {
            self.rejects.push(reject_of(&words(reject)));
        } else if let Some(object) = line.strip_prefix("object ") {
            self.objects.push(object_of(&words(object)));
        } else {
            self.events.push(Happened::read(line));
        }
    }

    /// What the run says under this name.
    pub(super) fn word(&self, name: &str) -> Option<&str> {
        value(&self.words, name)
    }
}

impl Happened {
    fn read(line: &str) -> Happened {
        let parts: Vec<&str> = line.splitn(4, '|').map(str::trim).collect();
        let [time, actor, action, rest] = parts[..] else {
            panic!("an event has a time, an actor, an action and the rest: {line}");
        };
        Happened {
            line: line.to_owned(),
            time: moment(time),
            actor: actor.to_owned(),
            action: action.to_owned(),
            words: words(rest).iter().map(|word| pair(word)).collect(),
        }
    }
}

fn user_of(words: &[String]) -> User {
    let [id, email, name, role, rest @ ..] = words else {
        panic!("a user has an id, an address, a name and a role: {words:?}");
    };
    let (first, last) = name.split_once(' ').expect("a first and a last name");
    let rest: Vec<(String, String)> = rest.iter().map(|word| pair(word)).collect();
    User {
        user_id: id.clone(),
        email: Some(email.clone()),
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        role: Some(role.clone()),
        authentication: value(&rest, "authentication").map(str::to_owned),
        active: value(&rest, "active").map(|active| active == "yes"),
        last_login: value(&rest, "last_login").map(moment),
    }
}

fn reject_of(words: &[String]) -> (Reject, String) {
    let [line, reason, record] = words else {
        panic!("a line, a reason and a record: {words:?}");
    };
    let reject = Reject {
        raw: Span::new(0, 0),
        reason: reason.clone(),
        line: line.parse().unwrap(),
    };
    (reject, record.clone())
}

fn object_of(words: &[String]) -> Object {
    let [key, rest @ ..] = words else {
        panic!("an object has a key");
    };
    let rest: Vec<(String, String)> = rest.iter().map(|word| pair(word)).collect();
    let of = |name| value(&rest, name).unwrap_or_else(|| panic!("{key} has no {name}"));
    Object {
        bucket: "logs".to_owned(),
        key: key.clone(),
        etag: of("etag").to_owned(),
        size: of("size").parse().unwrap(),
        modified: moment(of("modified")),
    }
}

/// The value under a name.
pub(super) fn value<'a>(words: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let found = words.iter().find(|(word, _)| word == name);
    found.map(|(_, value)| value.as_str())
}

/// A moment, of 2026 where it names no year.
pub(super) fn moment(text: &str) -> Timestamp {
    let year = if text.find('-') == Some(2) {
        "2026-"
    } else {
        ""
    };
    let seconds = if text.matches(':').count() == 1 {
        ":00"
    } else {
        ""
    };
    let full = format!("{year}{text}{seconds}Z");
    parse_moment(&full, super::NOW).unwrap_or_else(|error| panic!("{full}: {error}"))
}

/// A time in the form in which it stands in a case; any other text as it is.
pub(super) fn brief(text: &str) -> String {
    let is_time = text.len() == 24 && text.ends_with('Z') && text.get(10..11) == Some("T");
    if !is_time {
        return text.to_owned();
    }
    let text = text.trim_end_matches('Z');
    let text = text.strip_suffix(".000").unwrap_or(text);
    let text = text.strip_suffix(":00").unwrap_or(text);
    text.strip_prefix("2026-").unwrap_or(text).to_owned()
}

fn pair(word: &str) -> (String, String) {
    let (name, value) = word
        .split_once('=')
        .unwrap_or_else(|| panic!("{word} has no ="));
    (name.to_owned(), value.to_owned())
}

/// The words of a line; one with blanks in it stands in single quotes, or has them behind its `=`.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut is_quoted = false;
    for c in line.chars() {
        match c {
            '\'' => is_quoted = !is_quoted,
            c if c.is_whitespace() && !is_quoted => words.push(String::new()),
            c => words.last_mut().expect("there is always one").push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
