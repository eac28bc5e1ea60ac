//! Words as a shell reads them.

/// A word that a shell takes as it is.
pub(in crate::cli) fn word(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=@%+,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// These words, each as it is.
pub(in crate::cli) fn line<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    let words: Vec<String> = words.into_iter().map(word).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_one_word_to_the_shell() {
        for (text, written) in [
            ("/usr/bin/trailkeep", "/usr/bin/trailkeep"),
            ("", "''"),
            ("/a b", "'/a b'"),
            ("/a'b", r"'/a'\''b'"),
            ("/$HOME/`id`", "'/$HOME/`id`'"),
            ("/~;&|<>*?[]{}()!#\"\\", "'/~;&|<>*?[]{}()!#\"\\'"),
            ("/ä", "'/ä'"),
        ] {
            assert_eq!(word(text), written);
        }
        assert_eq!(line(["ls", "-l", "a b"]), "ls -l 'a b'");
    }
}
