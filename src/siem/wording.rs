//! The words of an action, whichever way a vendor writes it: `PACKAGE_FILE_DOWNLOAD`,
//! `ConsoleLogin`, `Role of 'ada' changed from 'Viewer' to 'Admin'`.

/// An action taken apart. What stands in quotes is a name that somebody chose and says nothing of
/// what was done.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Wording {
    /// Its words in small letters, without what is quoted.
    pub(super) words: Vec<String>,
    /// What is quoted, each with the word before it.
    pub(super) names: Vec<(String, String)>,
}

impl Wording {
    pub(super) fn of(action: &str) -> Wording {
        let mut wording = Wording::default();
        let mut rest = action;
        while let Some((before, name, after)) = quotation(rest) {
            wording.add_words(before);
            let last = wording.words.last().cloned().unwrap_or_default();
            wording.names.push((last, name.to_owned()));
            rest = after;
        }
        wording.add_words(rest);
        wording
    }

    /// The first name that stands after one of these words.
    pub(super) fn name_after(&self, words: &[&str]) -> Option<&str> {
        let found = self
            .names
            .iter()
            .find(|(word, _)| words.contains(&word.as_str()));
        found.map(|(_, name)| name.as_str())
    }

    fn add_words(&mut self, text: &str) {
        let parts = text.split(|c: char| !c.is_alphanumeric());
        for part in parts.filter(|part| !part.is_empty()) {
            let words = humps(part).into_iter().map(str::to_lowercase);
            self.words.extend(words);
        }
    }
}

/// The first text in quotes, and what stands before and after it. A quote opens where a word could
/// begin and closes where one could end, so that an apostrophe does neither.
fn quotation(text: &str) -> Option<(&str, &str, &str)> {
    let is_border = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    for (open, quote) in text.match_indices(['\'', '"']) {
        let (before, rest) = (&text[..open], &text[open + quote.len()..]);
        if !is_border(before.chars().next_back()) {
            continue;
        }
        let ends = rest.match_indices(quote).map(|(end, _)| end);
        let mut ends = ends.filter(|end| is_border(rest[end + quote.len()..].chars().next()));
        if let Some(end) = ends.next() {
            return Some((before, &rest[..end], &rest[end + quote.len()..]));
        }
    }
    None
}

/// `ConsoleLogin` as two words, `DeactivateMFADevice` as three; `LOGIN` as one.
fn humps(word: &str) -> Vec<&str> {
    let chars: Vec<(usize, char)> = word.char_indices().collect();
    let mut words = Vec::new();
    let mut start = 0;
    for (n, (at, here)) in chars.iter().enumerate().skip(1) {
        let after_small = chars[n - 1].1.is_lowercase();
        let before_small = chars.get(n + 1).is_some_and(|(_, c)| c.is_lowercase());
        let after_capital = chars[n - 1].1.is_uppercase();
        if here.is_uppercase() && (after_small || after_capital && before_small) {
            words.push(&word[start..*at]);
            start = *at;
        }
    }
    words.push(&word[start..]);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_is_taken_apart_however_it_is_written() {
        for (action, words) in [
            (
                "PACKAGE_FILE_DOWNLOAD",
                &["package", "file", "download"][..],
            ),
            ("ConsoleLogin", &["console", "login"]),
            ("DeactivateMFADevice", &["deactivate", "mfa", "device"]),
            ("AssumeRoleWithSAML", &["assume", "role", "with", "saml"]),
            ("User logged-in", &["user", "logged", "in"]),
            ("USER_2FA_DISABLED", &["user", "2fa", "disabled"]),
            ("Group 'Login failed' deleted", &["group", "deleted"]),
            ("Ada's role changed", &["ada", "s", "role", "changed"]),
            ("Group 'O'Brien & Sons' updated", &["group", "updated"]),
            (
                "Owner's group 'x' \"y\" updated",
                &["owner", "s", "group", "updated"],
            ),
            ("Ünïcode Änderung", &["ünïcode", "änderung"]),
            ("'", &[]),
            ("'never closed", &["never", "closed"]),
            ("", &[]),
        ] {
            assert_eq!(Wording::of(action).words, words, "{action}");
        }
    }

    #[test]
    fn names_are_known_by_the_word_before_them() {
        let wording = Wording::of("Role of 'ada' changed from 'Viewer' to 'Admin'");
        assert_eq!(wording.name_after(&["of", "user"]), Some("ada"));
        assert_eq!(wording.name_after(&["to"]), Some("Admin"));
        assert_eq!(wording.name_after(&["by"]), None);
    }
}
