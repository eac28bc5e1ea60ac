//! SQLite's SQL in words that the parser knows, for it knows most of them but not all.

use sqlparser::tokenizer::Token;

use crate::query::place::tokens;

/// The query in words that the parser knows, each where it was: it is read here, never run. The
/// words that stand for `is` must be such as imply nothing.
pub(super) fn readable(sql: &str) -> String {
    let mut readable = sql.to_owned();
    let tokens = tokens(sql);
    let word = |index: usize| match tokens.get(index) {
        Some((Token::Word(word), _)) if word.quote_style.is_none() => {
            word.value.to_ascii_lowercase()
        }
        _ => String::new(),
    };
    for (index, (token, bytes)) in tokens.iter().enumerate() {
        let before = index.checked_sub(1).map(word).unwrap_or_default();
        let blank = " ".repeat(bytes.len());
        match (token, word(index).as_str()) {
            (_, "glob") => readable.replace_range(bytes.clone(), "like"),
            (_, "isnull") => readable.replace_range(bytes.clone(), "<>null"),
            (_, "is") if is_comparison(&word, index) => {
                readable.replace_range(bytes.clone(), "<>");
            }
            (_, "not") if before == "is" && is_comparison(&word, index - 1) => {
                readable.replace_range(bytes.clone(), &blank);
            }
            (_, "materialized") if before == "as" || before == "not" => {
                readable.replace_range(bytes.clone(), &blank);
            }
            (_, "not") if before == "as" => readable.replace_range(bytes.clone(), &blank),
            _ => {}
        }
    }
    readable
}

/// Whether an `is` compares with a value: to other databases it is but for null and its like.
fn is_comparison(word: &impl Fn(usize) -> String, is: usize) -> bool {
    let next = word(is + 1);
    let next = if next == "not" { word(is + 2) } else { next };
    !["null", "true", "false", "unknown", "distinct"].contains(&next.as_str())
}
