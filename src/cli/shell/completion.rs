//! What may stand where the cursor is: pure, from the text before it and the words there are.

use sqlparser::tokenizer::Token;

use super::command::{COMMANDS, Completes};
use super::entry::OPENINGS;
use crate::cli::query::look::LOOKS;
use crate::format::FORMATS;
use crate::query::place::scan;
use crate::query::vocabulary::{SEARCH, Vocabulary};

/// All that can be completed.
#[derive(Default)]
pub(super) struct Words {
    /// Views, columns and functions.
    pub(super) vocabulary: Vocabulary,
    /// The names of the saved queries, each with those of its parameters.
    pub(super) saved: Vec<(String, Vec<String>)>,
}

/// Whether SQL has this word for itself.
pub(super) fn is_keyword(word: &str) -> bool {
    let mut keywords = KEYWORDS.iter().chain(OPENINGS);
    keywords.any(|keyword| keyword.eq_ignore_ascii_case(word))
}

impl Words {
    /// Where the word under the cursor begins, and what it may become, the likeliest first.
    pub(super) fn complete(&self, text: &str, at: usize) -> (usize, Vec<String>) {
        let before = text.get(..at).unwrap_or(text);
        let (start, mut candidates) = if before.trim_start().starts_with('.') {
            self.of_command(before)
        } else {
            self.of_sql(before, text)
        };
        let word = before.get(start..).unwrap_or_default().to_lowercase();
        candidates.retain(|candidate| candidate.to_lowercase().starts_with(&word));
        let mut seen = std::collections::HashSet::new();
        candidates.retain(|candidate| seen.insert(candidate.clone()));
        (start, candidates)
    }

    /// A command's name, or the first word that follows it.
    fn of_command(&self, before: &str) -> (usize, Vec<String>) {
        let line = before.trim_start();
        let indent = before.len() - line.len();
        let Some((name, rest)) = line.split_once(char::is_whitespace) else {
            let names = COMMANDS.iter().map(|command| format!(".{}", command.name));
            return (indent, names.collect());
        };
        let word = rest.rsplit(char::is_whitespace).next().unwrap_or(rest);
        let start = before.len() - word.len();
        let found = COMMANDS
            .iter()
            .find(|command| Some(command.name) == name.strip_prefix('.'));
        let is_first = word.len() == rest.trim_start().len();
        let completes = found.map_or(Completes::Nothing, |command| command.completes);
        let candidates = match (completes, is_first) {
            (Completes::View, true) => self.views(),
            (Completes::SavedQuery, true) => self.names(),
            (Completes::Format, false) => owned(LOOKS.iter().copied()),
            (Completes::Format, true) => owned(FORMATS.iter().map(|format| format.name)),
            (Completes::Word(words), true) => owned(words.iter().copied()),
            // `.params set NAME`
            (Completes::Word(_), false) if name == ".params" => self.parameters(),
            (Completes::SavedQuery, false) => return self.of_rest(before, start, rest),
            _ => Vec::new(),
        };
        (start, candidates)
    }

    /// What follows the name of a saved query; or more of a query that was begun in its place.
    fn of_rest(&self, before: &str, start: usize, rest: &str) -> (usize, Vec<String>) {
        if let Some(values) = self.values(rest) {
            return (start, values);
        }
        let begun = before.len() - rest.len();
        let (start, candidates) = self.of_sql(rest, rest);
        (begun + start, candidates)
    }

    /// `since=`, for what follows the name of a saved query.
    fn values(&self, call: &str) -> Option<Vec<String>> {
        let called = call.split_whitespace().next()?;
        let (_, names) = self.saved.iter().find(|(name, _)| name == called)?;
        Some(names.iter().map(|name| format!("{name}=")).collect())
    }

    fn names(&self) -> Vec<String> {
        owned(self.saved.iter().map(|(name, _)| name.as_str()))
    }

    /// Those of all saved queries.
    fn parameters(&self) -> Vec<String> {
        let names = self.saved.iter().flat_map(|(_, names)| names);
        let mut names = owned(names.map(String::as_str));
        names.sort_unstable();
        names
    }

    fn of_sql(&self, before: &str, text: &str) -> (usize, Vec<String>) {
        let first = word_start(before, |c| !c.is_whitespace());
        if before
            .get(..first)
            .is_none_or(|text| text.trim().is_empty())
        {
            return self.opening(before);
        }
        if let Some(values) = self.values(before) {
            return (first, values);
        }
        let start = word_start(before, |c| c.is_alphanumeric() || c == '_');
        let scanned = scan(before.get(..start).unwrap_or_default());
        if !scanned.whole {
            return (start, Vec::new());
        }
        let tokens = scanned.tokens.into_iter().map(|(token, _)| token);
        let tokens: Vec<Token> = tokens
            .filter(|token| !matches!(token, Token::Whitespace(_)))
            .collect();
        let word = before.get(start..).unwrap_or_default();
        let candidates = match tokens.as_slice() {
            [] => return self.opening(before),
            [.., Token::SemiColon] => cased(OPENINGS, word),
            [.., Token::Word(relation), Token::Period] => {
                self.columns_of(&Relations::of(text, &self.vocabulary), &relation.value)
            }
            [.., Token::Colon] => self.parameters(),
            tokens if takes_a_relation(tokens) => self.relations(text),
            _ => self.expression(&without(text, start, word), word),
        };
        (start, candidates)
    }

    /// The first word of all: SQL's, or a saved query's name, which may have hyphens in it.
    fn opening(&self, before: &str) -> (usize, Vec<String>) {
        let start = word_start(before, |c| !c.is_whitespace());
        let word = before.get(start..).unwrap_or_default();
        let mut candidates = cased(OPENINGS, word);
        candidates.extend(self.names());
        (start, candidates)
    }

    fn views(&self) -> Vec<String> {
        owned(self.vocabulary.views.iter().map(|view| view.name.as_str()))
    }

    /// What may be read from: views, and what `with` names.
    fn relations(&self, text: &str) -> Vec<String> {
        let mut relations = Relations::of(text, &self.vocabulary).named_here;
        relations.extend(self.views());
        relations.push(format!("{SEARCH}("));
        relations
    }

    /// Columns of what is read from, their relations' names, functions and SQL's own words.
    fn expression(&self, text: &str, word: &str) -> Vec<String> {
        let relations = Relations::of(text, &self.vocabulary);
        let mut candidates = self.columns_of_all(&relations);
        // Before anything is typed there is more than anybody wants to read.
        if !word.is_empty() {
            candidates.extend(relations.aliases.into_iter().map(|(alias, _)| alias));
            let functions = self.vocabulary.functions.iter();
            candidates.extend(functions.map(|function| format!("{function}(")));
            candidates.extend(cased(KEYWORDS, word));
        }
        candidates
    }

    fn columns_of(&self, relations: &Relations, name: &str) -> Vec<String> {
        let alias = |(alias, _): &&(String, String)| alias.eq_ignore_ascii_case(name);
        let meant = relations.aliases.iter().find(alias);
        let view = meant.map_or(name, |(_, view)| view);
        let columns = self.vocabulary.view(view).map(|view| view.columns.clone());
        columns.unwrap_or_default()
    }

    /// Of the views that are named; of every view while none is.
    fn columns_of_all(&self, relations: &Relations) -> Vec<String> {
        let views = self.vocabulary.views.iter();
        let named = views.filter(|view| {
            let mut aliases = relations.aliases.iter();
            relations.aliases.is_empty() || aliases.any(|(_, named)| *named == view.name)
        });
        named
            .flat_map(|view| view.columns.iter().cloned())
            .collect()
    }
}

/// What a statement reads from, as far as its words tell without being parsed: it is seldom whole.
#[derive(Default)]
struct Relations {
    /// A view's name there, and the view.
    aliases: Vec<(String, String)>,
    /// Names that `with` gives.
    named_here: Vec<String>,
}

impl Relations {
    fn of(text: &str, vocabulary: &Vocabulary) -> Relations {
        let tokens = scan(text).tokens.into_iter().map(|(token, _)| token);
        let tokens: Vec<Token> = tokens
            .filter(|token| !matches!(token, Token::Whitespace(_)))
            .collect();
        let word = |index: usize| match tokens.get(index) {
            Some(Token::Word(word)) => Some(word.value.as_str()),
            _ => None,
        };
        let mut relations = Relations::default();
        for index in 0..tokens.len() {
            let Some(name) = word(index) else { continue };
            let is = |at: usize, keyword: &str| {
                word(at).is_some_and(|word| word.eq_ignore_ascii_case(keyword))
            };
            if is(index + 1, "as") && tokens.get(index + 2) == Some(&Token::LParen) {
                relations.named_here.push(name.to_owned());
            }
            let follows = index.checked_sub(1).and_then(|before| tokens.get(before));
            if let Some(view) = vocabulary.view(name)
                && follows != Some(&Token::Period)
            {
                let at = if is(index + 1, "as") {
                    index + 2
                } else {
                    index + 1
                };
                let alias = word(at).filter(|word| !is_keyword(word));
                let alias = alias.unwrap_or(name).to_owned();
                relations.aliases.push((alias, view.name.clone()));
            }
        }
        relations
    }
}

/// The statement without the word that is being written: it is no name yet.
fn without(text: &str, start: usize, word: &str) -> String {
    let mut text = text.to_owned();
    text.replace_range(start..start + word.len(), "");
    text
}

/// Whether what comes next is read from: after `from` and `join`, and after a comma among what
/// follows them.
fn takes_a_relation(tokens: &[Token]) -> bool {
    let clause = |token: &Token| match token {
        Token::Word(word) => CLAUSES
            .iter()
            .find(|clause| clause.eq_ignore_ascii_case(&word.value)),
        _ => None,
    };
    match tokens {
        [.., Token::Comma] => {
            let last = tokens.iter().rev().find_map(clause);
            last.is_some_and(|clause| *clause == "from")
        }
        [.., last] => clause(last).is_some_and(|clause| ["from", "join"].contains(clause)),
        [] => false,
    }
}

/// Where the word that ends a text begins.
fn word_start(text: &str, is_part: impl Fn(char) -> bool) -> usize {
    let word = text.chars().rev().take_while(|c| is_part(*c));
    text.len() - word.map(char::len_utf8).sum::<usize>()
}

/// Keywords in the case in which the word is begun.
fn cased(keywords: &[&str], word: &str) -> Vec<String> {
    let is_upper = word.chars().any(char::is_uppercase) && !word.chars().any(char::is_lowercase);
    let keywords = keywords.iter().map(|keyword| match is_upper {
        true => keyword.to_uppercase(),
        false => (*keyword).to_owned(),
    });
    keywords.collect()
}

fn owned<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    words.map(str::to_owned).collect()
}

/// The words that begin a part of a statement.
const CLAUSES: &[&str] = &[
    "select", "from", "join", "on", "where", "group", "having", "order", "limit", "window",
];

#[rustfmt::skip]
const KEYWORDS: &[&str] = &[
    "all", "and", "as", "asc", "between", "by", "case", "cast", "collate", "cross", "desc",
    "distinct", "else", "end", "escape", "except", "exists", "filter", "from", "full", "glob",
    "group", "having", "in", "inner", "intersect", "is", "join", "left", "like", "limit",
    "materialized", "not", "null", "nulls", "offset", "on", "or", "order", "outer", "over",
    "partition", "range", "recursive", "right", "rows", "then", "union", "using", "when",
    "where", "window",
];

#[cfg(test)]
mod tests;
