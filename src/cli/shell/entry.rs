//! What the user has typed: where it ends, and what it is.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use crate::query::place::scan;

/// One thing that the user wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    /// `.mode csv`: a command of the shell, without its dot, and what follows it.
    Command(String, String),
    /// `failed-logins since=7d`: a saved query by its name.
    Call(Call),
    /// A statement, with blanks in the place of all that stood before it, so that its lines and
    /// columns are those of the text.
    Sql(String),
}

/// A saved query, and values for its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Call {
    pub(super) name: String,
    pub(super) values: Vec<(String, String)>,
}

/// Whether a text can be done as it stands: a command, a saved query, or SQL that ends with `;`.
/// What stands in quotes or comments ends nothing.
pub(super) fn is_whole(text: &str) -> bool {
    if text.trim().is_empty() || command(text).is_some() || Call::read(text).is_some() {
        return true;
    }
    let scan = scan(text);
    let mut tokens = scan.tokens.iter().rev().map(|(token, _)| token);
    let last = tokens.find(|token| !matches!(token, Token::Whitespace(_)));
    scan.whole && last == Some(&Token::SemiColon)
}

/// What a text asks for, in its order. `before` is what stood before it in its file, of which only
/// the lines count.
pub(super) fn entries(before: &str, text: &str) -> Vec<Entry> {
    if let Some((name, rest)) = command(text) {
        return vec![Entry::Command(name.to_owned(), rest.to_owned())];
    }
    if let Some(call) = Call::read(text) {
        return vec![Entry::Call(call)];
    }
    let indent = "\n".repeat(before.matches('\n').count());
    let statements = statements(text).into_iter();
    let sql = statements.filter_map(|bytes| {
        let blank = blanked(text.get(..bytes.start)?);
        Some(Entry::Sql(format!("{indent}{blank}{}", text.get(bytes)?)))
    });
    sql.collect()
}

/// A command's name and what follows it.
fn command(text: &str) -> Option<(&str, &str)> {
    let text = text.trim();
    let command = match text {
        // What whoever knows another shell types first.
        "help" | "quit" | "exit" => text,
        _ => text.strip_prefix('.')?.trim_end_matches(';'),
    };
    let (name, rest) = command
        .split_once(char::is_whitespace)
        .unwrap_or((command, ""));
    Some((name, rest.trim()))
}

impl Call {
    /// `NAME`, or `NAME a=1 b='two words'`; none where it is anything else. No SQL but its first
    /// word is a single word.
    pub(super) fn read(text: &str) -> Option<Call> {
        let text = text.trim().trim_end_matches(';').trim_end();
        let mut words = words(text)?.into_iter();
        let name = words.next().filter(|name| is_name(name))?;
        let pair = |word: String| {
            let (name, value) = word.split_once('=')?;
            let name = name.trim_start_matches(':');
            is_name(name).then(|| (name.to_owned(), value.to_owned()))
        };
        let values = words.map(pair).collect::<Option<Vec<_>>>()?;
        Some(Call { name, values })
    }
}

/// The words that SQL may begin with, each of which may be all of its first line.
pub(super) const OPENINGS: &[&str] = &["select", "with", "values", "explain", "pragma"];

fn is_name(word: &str) -> bool {
    let fits = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    let begins = word.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let is_opening = OPENINGS
        .iter()
        .any(|opening| opening.eq_ignore_ascii_case(word));
    begins && word.chars().all(fits) && !is_opening
}

/// The words of a line, quotes taken off; none where one is left open.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => word.get_or_insert_default().push(c),
            None if c == '\'' || c == '"' => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            None if c.is_whitespace() => words.extend(word.take()),
            None => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    quote.is_none().then_some(words)
}

/// The bytes of each statement with its `;`, and of what is left after the last; not of what holds
/// nothing but space and comments.
fn statements(text: &str) -> Vec<Range<usize>> {
    let scan = scan(text);
    let mut statements = Vec::new();
    let (mut start, mut says) = (0, !scan.whole);
    for (token, bytes) in scan.tokens {
        match token {
            Token::Whitespace(_) => {}
            Token::SemiColon => {
                if says {
                    statements.push(start..bytes.end);
                }
                (start, says) = (bytes.end, !scan.whole);
            }
            _ => says = true,
        }
    }
    if says {
        statements.push(start..text.len());
    }
    statements
}

fn blanked(text: &str) -> String {
    text.chars()
        .map(|c| if c == '\n' { '\n' } else { ' ' })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_goes_on_until_a_semicolon_that_is_one() {
        for (text, whole) in [
            ("", true),
            (" \n", true),
            ("select", false),
            ("with", false),
            ("select 1", false),
            ("select 1;", true),
            ("select 1; -- really", true),
            ("select ';'", false),
            ("select ';", false),
            ("select 1; 'select", false),
            ("select 1; /* select", false),
            ("select 1 -- no;", false),
            ("select 1 /* ; */", false),
            ("select \";\"", false),
            ("select ';';", true),
            ("select 1;\nselect 2", false),
            (
                "-- What I ask\n-- param since time = 7d\nselect :since",
                false,
            ),
            (".tables", true),
            ("  .mode csv", true),
            (".5 + 1", true),
            ("failed-logins", true),
            ("failed-logins since=7d", true),
            ("failed-logins who='Ann Lee'", true),
            ("failed-logins who='Ann", false),
            ("failed-logins since", false),
            ("quit", true),
        ] {
            assert_eq!(is_whole(text), whole, "{text:?}");
        }
    }

    #[test]
    fn a_text_is_what_it_looks_like() {
        let command = |name: &str, rest: &str| Entry::Command(name.into(), rest.into());
        let call = |name: &str, values: &[(&str, &str)]| {
            let values = values
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            Entry::Call(Call {
                name: name.into(),
                values: values.collect(),
            })
        };
        let sql = |text: &str| Entry::Sql(text.into());
        for (text, expected) in [
            (".mode  csv ", vec![command("mode", "csv")]),
            (".quit;", vec![command("quit", "")]),
            ("exit", vec![command("exit", "")]),
            ("event id=7", vec![call("event", &[("id", "7")])]),
            (
                "timeline :who='Ann Lee' since=7d;",
                vec![call("timeline", &[("who", "Ann Lee"), ("since", "7d")])],
            ),
            ("-- only a remark", vec![]),
            (";;", vec![]),
            ("select 1", vec![sql("select 1")]),
            (
                "select 1;\n select 2;",
                vec![sql("select 1;"), sql("         \n select 2;")],
            ),
            ("select ';", vec![sql("select ';")]),
        ] {
            assert_eq!(entries("", text), expected, "{text:?}");
        }
    }

    #[test]
    fn a_statement_stands_where_it_stood() {
        let text = "select 1; select acter";
        let found = entries("a\nb\n", text);
        let Entry::Sql(second) = &found[1] else {
            panic!("{found:?}");
        };
        assert_eq!(second.lines().count(), 3);
        let line = second.lines().last().unwrap();
        assert_eq!(line.find("acter"), text.find("acter"));
    }
}
