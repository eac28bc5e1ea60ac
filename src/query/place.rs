//! Where in a piece of SQL something stands.

use std::ops::Range;

use sqlparser::dialect::SQLiteDialect;
use sqlparser::tokenizer::{Location, Token, Tokenizer};

/// A word of a query, with the line it stands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The line, counted from 1.
    pub line: usize,
    /// The word's first character in the line, counted from 1.
    pub column: usize,
    /// How many characters the word has; at least 1.
    pub length: usize,
    /// The whole line.
    pub text: String,
}

impl Place {
    /// The line, and beneath it a caret for every character of the word. Of a long line only what
    /// stands around the word.
    pub fn marked(&self) -> String {
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        let skipped = match self.column - 1 {
            _ if self.text.chars().count() <= WIDTH_MAX => 0,
            before => before.saturating_sub(WIDTH_MAX / 2),
        };
        let line: String = self.text.chars().skip(skipped).map(shown).collect();
        let (cut, indent) = if skipped > 0 { ("…", 1) } else { ("", 0) };
        let text: String = line.chars().take(WIDTH_MAX).collect();
        let more = if text.len() < line.len() { "…" } else { "" };
        let before = self.column - 1 - skipped;
        let carets = self.length.min(WIDTH_MAX.saturating_sub(before)).max(1);
        format!(
            "{cut}{text}{more}\n{}{}",
            " ".repeat(before + indent),
            "^".repeat(carets)
        )
    }

    /// The place of these bytes; the end of the text for what lies behind it.
    pub(crate) fn of(sql: &str, bytes: &Range<usize>) -> Place {
        let start = (0..=bytes.start.min(sql.len()))
            .rev()
            .find(|&at| sql.is_char_boundary(at));
        let (before, after) = sql.split_at(start.unwrap_or_default());
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let line_end = after.find('\n').map_or(sql.len(), |at| before.len() + at);
        let text = sql
            .get(line_start..line_end)
            .unwrap_or_default()
            .trim_end_matches('\r');
        let column = before.get(line_start..).unwrap_or_default().chars().count();
        let word = after.get(..bytes.len()).unwrap_or_default();
        let length = word.lines().next().unwrap_or_default().chars().count();
        Place {
            line: before.matches('\n').count() + 1,
            column: column + 1,
            length: length.max(1),
            text: text.to_owned(),
        }
    }
}

/// Most characters of a line that are shown.
const WIDTH_MAX: usize = 76;

/// The tokens of a query but for space and comments, and the bytes they stand in; none where they
/// cannot be told.
pub(crate) fn tokens(sql: &str) -> Vec<(Token, Range<usize>)> {
    let scan = scan(sql);
    if !scan.whole {
        return Vec::new();
    }
    let told = scan.tokens.into_iter();
    told.filter(|(token, _)| !matches!(token, Token::Whitespace(_)))
        .collect()
}

/// The tokens of a text that may not be finished.
pub(crate) struct Scan {
    /// Every token that can be told, space and comments among them, and the bytes it stands in.
    pub(crate) tokens: Vec<(Token, Range<usize>)>,
    /// Whether they are the whole text: not where a quotation or a comment is left open.
    pub(crate) whole: bool,
}

/// Reads as many tokens as there are.
pub(crate) fn scan(sql: &str) -> Scan {
    let mut found = Vec::new();
    let mut tokenizer = Tokenizer::new(&SQLiteDialect {}, sql).with_unescape(false);
    let read = tokenizer.tokenize_with_location_into_buf(&mut found);
    let mut cursor = Cursor::new(sql);
    let placed = found.into_iter().map(|token| {
        let start = cursor.move_to(token.span.start);
        (token.token, start..cursor.move_to(token.span.end))
    });
    Scan {
        tokens: placed.filter(|(token, _)| *token != Token::EOF).collect(),
        whole: read.is_ok(),
    }
}

/// Goes through a text once, counting lines and characters from 1 as sqlparser does.
struct Cursor<'s> {
    rest: std::str::Chars<'s>,
    at: usize,
    line: u64,
    column: u64,
}

impl Cursor<'_> {
    fn new(sql: &str) -> Cursor<'_> {
        Cursor {
            rest: sql.chars(),
            at: 0,
            line: 1,
            column: 1,
        }
    }

    /// The byte at that location, which must not lie before the last one asked for.
    fn move_to(&mut self, location: Location) -> usize {
        while (self.line, self.column) < (location.line, location.column) {
            let Some(c) = self.rest.next() else {
                break;
            };
            self.at += c.len_utf8();
            self.column += 1;
            if c == '\n' {
                self.line += 1;
                self.column = 1;
            }
        }
        self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_know_their_bytes() {
        let sql = "select 'é', -- note\r\n\tacter  \"a\"\"b\"\nfrom [events];";
        let words: Vec<&str> = tokens(sql)
            .into_iter()
            .map(|(_, bytes)| &sql[bytes])
            .collect();
        assert_eq!(
            words,
            [
                "select",
                "'é'",
                ",",
                "acter",
                "\"a\"\"b\"",
                "from",
                "[events]",
                ";"
            ]
        );
        assert!(tokens("select 'abc").is_empty());
    }

    #[test]
    fn a_place_points_at_its_word() {
        let sql = "select é,\n\tacter\nfrom events";
        let at = sql.find("acter").unwrap();
        let place = Place::of(sql, &(at..at + 5));
        assert_eq!((place.line, place.column, place.length), (2, 2, 5));
        assert_eq!(place.marked(), " acter\n ^^^^^");
        let end = Place::of("select (", &(8..8));
        assert_eq!(end.marked(), "select (\n        ^");
        assert_eq!(Place::of("", &(5..9)).marked(), "\n^");
        let long = format!("{}acter{}", "1, ".repeat(40), ", 1".repeat(40));
        let marked = Place::of(&long, &(120..125)).marked();
        let (text, carets) = marked.split_once('\n').unwrap();
        assert_eq!(text.chars().count(), WIDTH_MAX + 2, "{marked}");
        let word = text.chars().skip(carets.find('^').unwrap());
        assert_eq!(word.take(5).collect::<String>(), "acter", "{marked}");
        assert_eq!(Place::of("é", &(1..2)).column, 1, "inside a character");
    }
}
