//! How a text is written in a unit file: systemd.syntax(7), systemd.service(5) "Command lines".

/// One word of a list of paths, or the program of a command line: `%` begins a specifier, and
/// within double quotes a backslash takes the next character as it is. Texts hold no newline.
pub(super) fn word(text: &str) -> String {
    let text = text.replace('%', "%%");
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./%@+=,$".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text;
    }
    let text = text.replace('\\', r"\\").replace('"', r#"\""#);
    format!("\"{text}\"")
}

/// One word of a command line after the program: there `$` begins a variable.
pub(super) fn argument(text: &str) -> String {
    word(&text.replace('$', "$$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_to_systemd() {
        for (text, written) in [
            ("/usr/bin/trailkeep", "/usr/bin/trailkeep"),
            ("", r#""""#),
            ("/a b", r#""/a b""#),
            ("/100%/n%n", "/100%%/n%%n"),
            ("/100% n", r#""/100%% n""#),
            (r#"/a"b"#, r#""/a\"b""#),
            (r"/a\b", r#""/a\\b""#),
            ("/a'b", r#""/a'b""#),
            ("/a:b", r#""/a:b""#),
            ("/a;b#c", r#""/a;b#c""#),
            ("/ä", r#""/ä""#),
            ("/a$b", "/a$b"),
        ] {
            assert_eq!(word(text), written);
        }
    }

    #[test]
    fn an_argument_names_no_variable() {
        for (text, written) in [
            ("/a$HOME", "/a$$HOME"),
            ("/a b$", r#""/a b$$""#),
            ("/%$", "/%%$$"),
        ] {
            assert_eq!(argument(text), written);
        }
    }
}
