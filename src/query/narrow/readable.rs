//! SQLite's SQL in words that the parser knows, for it knows most of them but not all.

use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan};

use crate::query::text::Text;

/// The query in words that the parser knows, each where it was: it is read here, never run. The
/// words that stand for `is` must be such as imply nothing. All is in one line, whose columns are the
/// bytes of the query.
pub(super) fn readable(text: &Text<'_>) -> Vec<TokenWithSpan> {
    let mut readable = Vec::with_capacity(text.tokens.len());
    for (at, (token, bytes)) in text.tokens.iter().enumerate() {
        let column = |byte: usize| Location::new(1, byte as u64);
        let span = Span::new(column(bytes.start), column(bytes.end));
        let mut push = |token| readable.push(TokenWithSpan { token, span });
        match text.word(at) {
            "glob" => push(Token::make_keyword("LIKE")),
            "isnull" => {
                push(Token::Neq);
                push(Token::make_keyword("NULL"));
            }
            "is" if is_comparison(text, at) => push(Token::Neq),
            word if is_idle(text, at, word) => {}
            _ => push(token.clone()),
        }
    }
    readable
}

/// Whether the query says the same without the word, as far as it matters here.
fn is_idle(text: &Text<'_>, at: usize, word: &str) -> bool {
    let before = at.checked_sub(1).map_or("", |before| text.word(before));
    match (before, word) {
        ("is", "not") => is_comparison(text, at - 1),
        ("as", "not") | ("as" | "not", "materialized") => true,
        _ => false,
    }
}

/// Whether an `is` compares with a value: to other databases it is but for null and its like.
fn is_comparison(text: &Text<'_>, is: usize) -> bool {
    let is_negated = text.word(is + 1) == "not";
    let value = text.word(is + 1 + usize::from(is_negated));
    !["null", "true", "false", "unknown", "distinct"].contains(&value)
}
