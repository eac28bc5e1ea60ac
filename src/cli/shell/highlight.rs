//! SQL in colours, as it is typed.

use std::borrow::Cow;

use sqlparser::tokenizer::{Token, Whitespace};

use super::completion::is_keyword;
use crate::query::place::scan;

const KEYWORD: &str = "1;34";
const TEXT: &str = "32";
const NUMBER: &str = "36";
const PARAMETER: &str = "35";
const REMARK: &str = "2";

/// The text with colours, and no character more or less that shows. What is left open at its end,
/// a quotation or a comment, is coloured as what it would be.
pub(super) fn highlighted(text: &str) -> Cow<'_, str> {
    if text.trim_start().starts_with('.') {
        return Cow::Borrowed(text);
    }
    let scan = scan(text);
    let mut coloured = String::with_capacity(text.len() * 2);
    let mut told = 0;
    let mut after_colon = false;
    for (token, bytes) in scan.tokens {
        let (start, end) = (bytes.start, bytes.end);
        let word = text.get(bytes).unwrap_or_default();
        coloured.push_str(text.get(told..start).unwrap_or_default());
        match colour(&token, after_colon) {
            Some(colour) => paint(&mut coloured, colour, word),
            None => coloured.push_str(word),
        }
        after_colon = token == Token::Colon;
        told = end;
    }
    let rest = text.get(told..).unwrap_or_default();
    if !rest.is_empty() {
        let is_remark = rest.trim_start().starts_with("/*");
        paint(&mut coloured, if is_remark { REMARK } else { TEXT }, rest);
    }
    Cow::Owned(coloured)
}

fn colour(token: &Token, after_colon: bool) -> Option<&'static str> {
    match token {
        Token::Word(_) if after_colon => Some(PARAMETER),
        Token::Word(word) if word.quote_style.is_none() && is_keyword(&word.value) => Some(KEYWORD),
        Token::Number(..) => Some(NUMBER),
        Token::SingleQuotedString(_) | Token::HexStringLiteral(_) => Some(TEXT),
        Token::Placeholder(_) | Token::Colon => Some(PARAMETER),
        Token::Whitespace(
            Whitespace::SingleLineComment { .. } | Whitespace::MultiLineComment(_),
        ) => Some(REMARK),
        _ => None,
    }
}

/// Colours end with their line: what follows it may be a prompt or another's.
fn paint(coloured: &mut String, colour: &str, text: &str) {
    let lines: Vec<String> = text
        .split('\n')
        .map(|line| match line {
            "" => String::new(),
            line => format!("\x1b[{colour}m{line}\x1b[0m"),
        })
        .collect();
    coloured.push_str(&lines.join("\n"));
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<34 select>` for what is coloured.
    fn marked(text: &str) -> String {
        let mut marked = highlighted(text).replace("\x1b[0m", ">");
        for colour in [KEYWORD, TEXT, NUMBER, PARAMETER, REMARK] {
            let name = match colour {
                KEYWORD => "keyword",
                TEXT => "text",
                NUMBER => "number",
                PARAMETER => "parameter",
                _ => "remark",
            };
            marked = marked.replace(&format!("\x1b[{colour}m"), &format!("<{name} "));
        }
        marked
    }

    #[test]
    fn words_numbers_texts_and_remarks_have_their_colours() {
        for (text, expected) in [
            ("", ""),
            ("select time", "<keyword select> time"),
            (
                "Select 'from' -- where",
                "<keyword Select> <text 'from'> <remark -- where>",
            ),
            (
                "where a > :since",
                "<keyword where> a > <parameter :><parameter since>",
            ),
            ("1.5 + \"select\"", "<number 1.5> + \"select\""),
            ("select 'open ended", "<keyword select> <text 'open ended>"),
            ("select /* open", "<keyword select> <remark /* open>"),
            ("/* a\nb */ é", "<remark /* a>\n<remark b */> é"),
            (".mode select", ".mode select"),
        ] {
            assert_eq!(marked(text), expected, "{text:?}");
        }
    }

    #[test]
    fn nothing_that_shows_is_added_or_taken() {
        for text in [
            "select é, '東京',\r\n\tx from [a b] where y glob '*' -- end",
            "select 'it''s' || x'00ff' ; ; \"",
            "\u{1f469}\u{200d}\u{1f467} select ` unfinished",
            "$$ @a #b ?1 \\ \u{0}",
        ] {
            let mut shown = String::new();
            let mut rest = highlighted(text).into_owned();
            while let Some((before, after)) = rest.split_once("\x1b[") {
                shown.push_str(before);
                rest = after.split_once('m').unwrap().1.to_owned();
            }
            assert_eq!(shown + &rest, text);
        }
    }
}
