//! What a vendor says about an error, fit to be shown: short, plain, and without secrets.

use serde_json::Value;

use crate::fetch::code;
use crate::secret::Secret;

/// The vendor's words in the body of an error answer. Wherever one of `secrets` is quoted in
/// them, it is left out.
///
/// SAFE alone has four forms of errors (its documentation): `message`, `Message` and `error` are
/// looked for; AWS names a code besides. Of XML, as S3 and CloudFront answer, only code and message are shown, for the
/// rest may hold what was signed.
pub(super) fn read(body: &[u8], secrets: &[Secret]) -> String {
    let text = String::from_utf8_lossy(body);
    let words = in_json(body)
        .or_else(|| in_xml(&text))
        .unwrap_or_else(|| without_tags(&text));
    quote(&words, secrets)
}

/// Anybody's words, fit to be shown: on one line, not too long, without `secrets`.
pub(super) fn quote(words: &str, secrets: &[Secret]) -> String {
    let words = shorten(&plain(&without_secrets(words.to_owned(), secrets)));
    if words.is_empty() {
        "(nothing)".to_owned()
    } else {
        words
    }
}

/// Most characters that are shown.
const CHARS_MAX: usize = 200;
/// A shorter secret would be found in the middle of words.
const SECRET_CHARS_MIN: usize = 4;

fn in_json(body: &[u8]) -> Option<String> {
    let answer: Value = serde_json::from_slice(body).ok()?;
    match (code::name(body), words(&answer)) {
        (Some(code), Some(words)) => Some(format!("{code}: {words}")),
        (code, words) => words.or(code),
    }
}

fn words(answer: &Value) -> Option<String> {
    let members = ["message", "Message", "error"];
    members.iter().find_map(|name| match answer.get(name)? {
        Value::String(words) if !words.trim().is_empty() => Some(words.clone()),
        Value::Object(error) => error.get("message")?.as_str().map(str::to_owned),
        _ => None,
    })
}

fn in_xml(text: &str) -> Option<String> {
    let message = element(text, "Message")?;
    Some(match element(text, "Code") {
        Some(code) => format!("{code}: {message}"),
        None => message.to_owned(),
    })
}

/// What the first element of that name holds.
pub(super) fn element<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    Some(content)
}

fn without_tags(text: &str) -> String {
    let mut words = String::new();
    let mut in_tag = false;
    for c in text.chars() {
        match c {
            '<' => {
                in_tag = true;
                words.push(' ');
            }
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            _ => words.push(c),
        }
    }
    words
}

fn without_secrets(mut words: String, secrets: &[Secret]) -> String {
    for secret in secrets {
        let secret = secret.expose();
        if secret.chars().count() >= SECRET_CHARS_MIN {
            words = words.replace(secret, "(secret)");
        }
    }
    words
}

/// One line, and nothing that a terminal would obey.
fn plain(words: &str) -> String {
    let spaced = words.replace(|c: char| c.is_control(), " ");
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn shorten(words: &str) -> String {
    match words.char_indices().nth(CHARS_MAX) {
        Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
        None => words.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_words_are_found_in_every_known_form() {
        for (body, says) in [
            (
                r#"{"status":"error","message":"invalid authorization header!"}"#,
                "invalid authorization header!",
            ),
            (r#"{"message":"Unauthorized"}"#, "Unauthorized"),
            (
                r#"{"Message":"User is not authorized with an explicit deny"}"#,
                "User is not authorized with an explicit deny",
            ),
            (
                r#"{"__type":"com.amazonaws.logs#AccessDeniedException","Message":"no"}"#,
                "AccessDeniedException: no",
            ),
            (r#"{"__type":"ThrottlingException"}"#, "ThrottlingException"),
            (r#"{"error":"no","x":1}"#, "no"),
            (r#"{"error":{"message":"deep"}}"#, "deep"),
            (r#"{"message":"","error":"second"}"#, "second"),
            (
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code>\
                 <Message>Request has expired</Message><HostId>h</HostId></Error>",
                "AccessDenied: Request has expired",
            ),
            (
                "<html><h1>502 Bad\n Gateway</h1>\r\n<p>nginx</p></html>",
                "502 Bad Gateway nginx",
            ),
            ("a > b", "a > b"),
            ("\u{1b}[31mred\u{7}", "[31mred"),
            (r#"{"code":7}"#, r#"{"code":7}"#),
            ("", "(nothing)"),
            ("<unclosed", "(nothing)"),
        ] {
            assert_eq!(read(body.as_bytes(), &[]), says, "{body}");
        }
    }

    #[test]
    fn a_long_answer_is_shortened_between_characters() {
        let says = read("ä".repeat(300).as_bytes(), &[]);
        assert_eq!(says, format!("{}…", "ä".repeat(200)));
    }

    #[test]
    fn a_secret_that_is_quoted_is_left_out_even_where_the_text_is_cut() {
        let body = format!("{}s3cret-token", "x".repeat(195));
        let says = read(body.as_bytes(), &[Secret::new("s3cret-token")]);
        assert!(!says.contains("s3c"), "{says}");
        let says = read(b"token abc is bad", &[Secret::new("abc")]);
        assert_eq!(says, "token abc is bad");
    }
}
