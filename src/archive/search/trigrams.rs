//! Trigrams: three characters that follow each other, by which texts are found.
//!
//! FTS5 could find them itself. But it would be given every one as often as it is there, most of
//! them many times in a part; to leave that out first takes a quarter of the time.

use std::collections::HashSet;

use foldhash::fast::RandomState;

/// The trigrams of some texts, each once.
#[derive(Default)]
pub(crate) struct Trigrams {
    /// Three characters of 21 bits.
    codes: HashSet<u64, RandomState>,
}

/// Bits of a character.
const BITS: u32 = 21;

const MASK: u64 = (1 << (3 * BITS)) - 1;

/// A text letter by letter in the small letters of Unicode's tables: `É` is `é`, and what has no
/// other case is itself.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

impl Trigrams {
    /// Adds those of a text, folded. Those with a double quote in them are left out: to whoever
    /// searches it is a mark.
    pub(crate) fn add(&mut self, text: &str) {
        let (mut code, mut length) = (0, 0);
        for letter in folded(text) {
            if letter == '"' {
                length = 0;
                continue;
            }
            code = (code << BITS | u64::from(u32::from(letter))) & MASK;
            length += 1;
            if length >= 3 {
                self.codes.insert(code);
            }
        }
    }

    pub(crate) fn clear(&mut self) {
        self.codes.clear();
    }

    /// In words that FTS5's simplest tokenizer leaves alone: their bytes in hexadecimal digits,
    /// `696e76` for `inv`. In their order, so that the same texts make the same index.
    pub(crate) fn tokens(&self) -> String {
        self.in_order().collect::<Vec<_>>().join(" ")
    }

    /// The same as an expression of FTS5 for texts that have them all. More than some would hardly
    /// leave out more. Of none it is one that nothing matches.
    pub(crate) fn all(&self) -> String {
        const TRIGRAMS_MAX: usize = 48;
        if self.codes.is_empty() {
            return "\"\"".to_owned();
        }
        let some: Vec<String> = self.in_order().take(TRIGRAMS_MAX).collect();
        some.join(" AND ")
    }

    fn in_order(&self) -> impl Iterator<Item = String> {
        let mut codes: Vec<u64> = self.codes.iter().copied().collect();
        codes.sort_unstable();
        codes.into_iter().map(token)
    }
}

fn token(code: u64) -> String {
    let mut token = String::with_capacity(6);
    for place in [2, 1, 0] {
        let bits = (code >> (place * BITS)) & ((1 << BITS) - 1);
        let letter = u32::try_from(bits).ok().and_then(char::from_u32);
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            token.push_str(&format!("{byte:02x}"));
        }
    }
    token
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Trigrams {
        let mut trigrams = Trigrams::default();
        trigrams.add(text);
        trigrams
    }

    #[test]
    fn a_trigram_is_the_bytes_of_three_letters_in_small() {
        for (text, tokens) in [
            ("Inv", "696e76"),
            ("inVOI", "696e76 6e766f 766f69"),
            ("aaaa", "616161"),
            ("ÉTé", "c3a974c3a9"),
            ("a\"bc", ""),
            ("日本語", "e697a5e69cace8aa9e"),
            ("\0\0\0", "000000"),
            ("ab", ""),
        ] {
            assert_eq!(of(text).tokens(), tokens, "{text}");
        }
        assert_eq!(of("invo").all(), "696e76 AND 6e766f");
        assert_eq!(of("in").all(), "\"\"");
    }
}
