//! A query as tokens, and where the clauses of its `select`s stand.

use std::ops::Range;

use sqlparser::tokenizer::Token;

use crate::query::place::tokens;

/// The tokens of a query.
#[derive(Clone)]
pub(crate) struct Text<'s> {
    pub(crate) sql: &'s str,
    pub(crate) tokens: Vec<(Token, Range<usize>)>,
    /// The unquoted words in lower case; empty for all else.
    words: Vec<String>,
    /// For each parenthesis that opens, which one closes it.
    closing: Vec<usize>,
}

/// One `select` and where its clauses stand, in tokens.
pub(crate) struct Core {
    /// What is selected.
    pub(crate) projection: Range<usize>,
    pub(crate) from: Range<usize>,
    pub(crate) condition: Option<Range<usize>>,
    pub(crate) group: Option<Range<usize>>,
    pub(crate) having: Option<Range<usize>>,
    pub(crate) order: Option<Range<usize>>,
    pub(crate) is_distinct: bool,
    /// It is part of a `union` or the like, whose order and limit are not its own.
    pub(crate) is_compound: bool,
}

/// What joins `select`s; `all` may follow it.
const COMPOUND: &[&str] = &["union", "except", "intersect", "all"];

/// The tokenizer takes `:name` and `@name` for a sign and a word.
fn with_placeholders(tokens: Vec<(Token, Range<usize>)>) -> Vec<(Token, Range<usize>)> {
    let mut found: Vec<(Token, Range<usize>)> = Vec::with_capacity(tokens.len());
    for (token, bytes) in tokens {
        match (&token, found.last_mut()) {
            (Token::Word(word), Some((sign @ (Token::Colon | Token::AtSign), before)))
                if before.end == bytes.start =>
            {
                *sign = Token::Placeholder(format!("{sign}{word}"));
                before.end = bytes.end;
            }
            _ => found.push((token, bytes)),
        }
    }
    found
}

impl<'s> Text<'s> {
    /// None where parentheses do not match.
    pub(crate) fn read(sql: &'s str) -> Option<Text<'s>> {
        let tokens = with_placeholders(tokens(sql));
        let word = |(token, _): &(Token, Range<usize>)| match token {
            Token::Word(word) if word.quote_style.is_none() => word.value.to_ascii_lowercase(),
            _ => String::new(),
        };
        let words = tokens.iter().map(word).collect();
        let mut closing = vec![0; tokens.len()];
        let mut open = Vec::new();
        for (at, (token, _)) in tokens.iter().enumerate() {
            match token {
                Token::LParen => open.push(at),
                Token::RParen => closing[open.pop()?] = at,
                _ => {}
            }
        }
        open.is_empty().then_some(Text {
            sql,
            tokens,
            words,
            closing,
        })
    }

    pub(crate) fn token(&self, at: usize) -> &Token {
        self.tokens.get(at).map_or(&Token::EOF, |(token, _)| token)
    }

    /// The unquoted word there, in lower case.
    pub(crate) fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }

    /// The name there, quoted or not.
    pub(crate) fn name(&self, at: usize) -> Option<&str> {
        match self.token(at) {
            Token::Word(word) => Some(&word.value),
            _ => None,
        }
    }

    /// The token after the parenthesis that closes the one there.
    pub(crate) fn after(&self, opening: usize) -> usize {
        self.closing.get(opening).map_or(opening, |at| *at) + 1
    }

    /// Whether a query within the query begins with the parenthesis there.
    pub(crate) fn opens_query(&self, at: usize) -> bool {
        matches!(self.token(at), Token::LParen)
            && ["select", "with", "values"].contains(&self.word(at + 1))
    }

    pub(crate) fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        match (
            self.tokens.get(tokens.start),
            self.tokens.get(tokens.end.wrapping_sub(1)),
        ) {
            (Some((_, first)), Some((_, last))) if tokens.start < tokens.end => {
                first.start..last.end
            }
            _ => 0..0,
        }
    }

    pub(crate) fn slice(&self, tokens: &Range<usize>) -> &'s str {
        self.sql.get(self.bytes(tokens)).unwrap_or_default()
    }

    /// Every `select` of the query, whichever it stands in.
    pub(crate) fn cores(&self) -> Vec<Core> {
        (0..self.tokens.len())
            .filter(|at| self.word(*at) == "select")
            .filter_map(|at| self.core(at))
            .collect()
    }

    /// Whatever is selected, by whichever `select`.
    pub(crate) fn selected(&self) -> Vec<Range<usize>> {
        let selects = (0..self.tokens.len()).filter(|at| self.word(*at) == "select");
        let projection = |select: usize| {
            let (clauses, end) = self.clauses(select)?;
            let end = clauses.first().map_or(end, |(_, at)| *at);
            Some(self.list(&(self.first_selected(select)..end)))
        };
        selects.filter_map(projection).flatten().collect()
    }

    fn first_selected(&self, select: usize) -> usize {
        let follows = ["distinct", "all"].contains(&self.word(select + 1));
        select + 1 + usize::from(follows)
    }

    fn core(&self, select: usize) -> Option<Core> {
        let (clauses, end) = self.clauses(select)?;
        let clause = |name: &str, skipped: usize| {
            let place = clauses.iter().position(|(clause, _)| *clause == name)?;
            let end = clauses.get(place + 1).map_or(end, |(_, next)| *next);
            Some(clauses[place].1 + skipped..end)
        };
        let from = clause("from", 1)?;
        let before = select.checked_sub(1).map_or("", |at| self.word(at));
        Some(Core {
            projection: self.first_selected(select)..from.start - 1,
            condition: clause("where", 1),
            group: clause("group", 2),
            having: clause("having", 1),
            order: clause("order", 2),
            from,
            is_distinct: self.word(select + 1) == "distinct",
            is_compound: [before, self.word(end)]
                .iter()
                .any(|word| COMPOUND.contains(word)),
        })
    }

    /// The words that begin the clauses of a `select`, and where it ends; none where it has a clause
    /// that is not known here.
    fn clauses(&self, select: usize) -> Option<(Vec<(&str, usize)>, usize)> {
        let mut clauses = Vec::new();
        let mut at = select + 1;
        while at < self.tokens.len() {
            match (self.token(at), self.word(at)) {
                (Token::RParen | Token::SemiColon, _) => break,
                (_, word) if COMPOUND.contains(&word) && word != "all" => break,
                (_, "window") => return None,
                (_, "from") if self.word(at - 1) == "distinct" => {}
                (_, clause @ ("from" | "where" | "group" | "having" | "order" | "limit")) => {
                    clauses.push((clause, at));
                }
                (Token::LParen, _) => at = self.after(at) - 1,
                _ => {}
            }
            at += 1;
        }
        Some((clauses, at))
    }

    /// What stands between the commas of a list.
    pub(crate) fn list(&self, tokens: &Range<usize>) -> Vec<Range<usize>> {
        let mut items = Vec::new();
        let (mut start, mut at) = (tokens.start, tokens.start);
        while at < tokens.end {
            match self.token(at) {
                Token::LParen => at = self.after(at) - 1,
                Token::Comma => {
                    items.push(start..at);
                    start = at + 1;
                }
                _ => {}
            }
            at += 1;
        }
        items.push(start..tokens.end);
        items
    }
}
