//! `search('…')` where a table stands: the keys of the events that a text is found in.
//!
//! SQLite has no functions that give rows but those that are written in C. So the call is replaced
//! by the query it stands for: which stretches of events hold all trigrams of the text, says the
//! index; which of their events hold the text itself, their own texts.

use std::borrow::Cow;
use std::ops::Range;

use rusqlite::Error;
use sqlparser::keywords::Keyword;
use sqlparser::tokenizer::Token;

use crate::archive::reader::{Reader, SEARCHED_TEXT};
use crate::query::QueryError;
use crate::query::place::{Place, tokens};
use crate::query::vocabulary::SEARCH;

/// A query in which every `search(…)` is the query it stands for.
pub(crate) struct Expanded<'s> {
    pub(crate) sql: Cow<'s, str>,
    /// Bytes of the query as it was written, and how many stand for them now.
    replaced: Vec<(Range<usize>, usize)>,
}

impl<'s> Expanded<'s> {
    /// The query to be run in the place of this one, which may be the same.
    ///
    /// # Errors
    /// It searches, and the archive has no index.
    pub(crate) fn of(sql: &'s str, reader: &Reader) -> Result<Expanded<'s>, QueryError> {
        let calls = calls(sql);
        if let [first, ..] = calls.as_slice()
            && !reader.has_search()
        {
            let place = Place::of(sql, &first.name);
            return Err(QueryError::wrong(OFF, Some(place)));
        }
        let mut expanded = Expanded {
            sql: Cow::Borrowed(sql),
            replaced: Vec::new(),
        };
        for call in calls.iter().rev() {
            let Some(searched) = sql.get(call.argument.clone()) else {
                continue;
            };
            let rows = call.rows(searched);
            expanded.replaced.insert(0, (call.all(), rows.len()));
            expanded.sql.to_mut().replace_range(call.all(), &rows);
        }
        Ok(expanded)
    }

    /// The error with the place that it is about in the query as it was written.
    pub(crate) fn told(&self, error: Error) -> Error {
        match error {
            Error::SqlInputError {
                error,
                msg,
                sql,
                offset,
            } => Error::SqlInputError {
                error,
                msg,
                sql,
                offset: usize::try_from(offset).map_or(offset, |at| self.written(at)),
            },
            other => other,
        }
    }

    /// Where a byte of the expanded query was written.
    fn written(&self, at: usize) -> i32 {
        let mut gained = 0;
        for (written, length) in &self.replaced {
            let start = written.start + gained;
            if at < start {
                break;
            }
            if at < start + length {
                return i32::try_from(written.start).unwrap_or(-1);
            }
            gained = (gained + length).saturating_sub(written.len());
        }
        i32::try_from(at.saturating_sub(gained)).unwrap_or(-1)
    }
}

const OFF: &str = "search() has no index in this archive; with `search = true` in the config file \
    the next sync or import builds it";

/// A call of `search` after `from` or `join`.
struct Call {
    name: Range<usize>,
    argument: Range<usize>,
    end: usize,
    is_named: bool,
}

impl Call {
    fn all(&self) -> Range<usize> {
        self.name.start..self.end
    }

    /// The query that it stands for, under a name.
    fn rows(&self, searched: &str) -> String {
        let name = if self.is_named { "" } else { " as search" };
        format!(
            "(select e.key as key from main.search_text t \
             cross join main.search_part p on p.id = t.rowid \
             cross join main.event e on e.page = p.page and e.key between p.first_key and p.last_key \
             where t.search_text match search_trigrams({searched}) \
             and search_found({searched}, {SEARCHED_TEXT}) \
             union all select e.key from main.search_state s \
             cross join main.event e on e.page between s.page and s.until \
             and (e.page > s.page or e.key > s.key) \
             where search_found({searched}, {SEARCHED_TEXT})){name}"
        )
    }
}

fn calls(sql: &str) -> Vec<Call> {
    // Most have none, and need not be read word by word.
    if !sql.to_ascii_lowercase().contains(SEARCH) {
        return Vec::new();
    }
    let tokens = tokens(sql);
    let call = |at: usize| {
        let stands = at > 0 && is_keyword(&tokens[at - 1].0, &[Keyword::FROM, Keyword::JOIN]);
        let is_search = matches!(&tokens[at].0, Token::Word(word)
            if word.quote_style.is_none() && word.value.eq_ignore_ascii_case(SEARCH));
        let open = tokens
            .get(at + 1)
            .filter(|(token, _)| *token == Token::LParen)?;
        let close = at + 1 + matching(&tokens[at + 1..])?;
        let (_, end) = &tokens[close];
        (stands && is_search).then(|| Call {
            name: tokens[at].1.clone(),
            argument: open.1.end..end.start,
            end: end.end,
            is_named: tokens
                .get(close + 1)
                .is_some_and(|(token, _)| is_name(token)),
        })
    };
    (0..tokens.len()).filter_map(call).collect()
}

/// The place of the parenthesis that closes the first one.
fn matching(tokens: &[(Token, Range<usize>)]) -> Option<usize> {
    let mut depth = 0_usize;
    tokens.iter().position(|(token, _)| {
        match token {
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    })
}

/// Whether a table is named by this, rather than the query going on.
fn is_name(token: &Token) -> bool {
    use Keyword::{
        CROSS, EXCEPT, FULL, GROUP, HAVING, INNER, INTERSECT, JOIN, LEFT, LIMIT, NATURAL, ON,
        ORDER, RIGHT, UNION, USING, WHERE, WINDOW,
    };
    let goes_on = [
        CROSS, EXCEPT, FULL, GROUP, HAVING, INNER, INTERSECT, JOIN, LEFT, LIMIT, NATURAL, ON,
        ORDER, RIGHT, UNION, USING, WHERE, WINDOW,
    ];
    matches!(token, Token::Word(_)) && !is_keyword(token, &goes_on)
}

fn is_keyword(token: &Token, keywords: &[Keyword]) -> bool {
    matches!(token, Token::Word(word) if keywords.contains(&word.keyword))
}

#[cfg(test)]
mod tests;
