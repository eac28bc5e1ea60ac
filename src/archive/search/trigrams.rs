//! Trigrams: three characters that follow each other, by which texts are found.
//!
//! FTS5 could find them itself. But it would be given every one as often as it is there, most of
//! them many times in a part; to leave that out first takes a quarter of the time.

use std::collections::BTreeSet;

/// The trigrams of some texts, each once.
pub(crate) struct Trigrams {
    /// Those of ASCII alone, a bit each: three characters of 7 bits. Most are, and so they need
    /// neither be hashed nor sorted.
    ascii: Vec<u64>,
    /// Three characters of 21 bits.
    others: BTreeSet<u64>,
}

/// Bits of a character.
const BITS: u32 = 21;
const MASK: u64 = (1 << (3 * BITS)) - 1;

/// The same of ASCII.
const ASCII_BITS: u32 = 7;
const ASCII_MASK: u64 = (1 << ASCII_BITS) - 1;
const ASCII: u64 = ASCII_MASK << (2 * BITS) | ASCII_MASK << BITS | ASCII_MASK;
const ASCII_WORDS: usize = 1 << (3 * ASCII_BITS - u64::BITS.ilog2());

/// A text letter by letter in the small letters of Unicode's tables: `É` is `é`, and what has no
/// other case is itself.
pub(crate) fn folded(text: &str) -> impl Iterator<Item = char> {
    text.chars().flat_map(char::to_lowercase)
}

impl Default for Trigrams {
    fn default() -> Trigrams {
        Trigrams {
            ascii: vec![0; ASCII_WORDS],
            others: BTreeSet::new(),
        }
    }
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
                self.insert(code);
            }
        }
    }

    fn insert(&mut self, code: u64) {
        if code & !ASCII == 0 {
            let [first, second, third] = letters(code);
            let number = (first << ASCII_BITS | second) << ASCII_BITS | third;
            let word = usize::try_from(number / 64).unwrap_or(usize::MAX);
            self.ascii[word] |= 1 << (number % 64);
        } else {
            self.others.insert(code);
        }
    }

    pub(crate) fn clear(&mut self) {
        self.ascii.fill(0);
        self.others.clear();
    }

    /// In words that FTS5's simplest tokenizer leaves alone: their bytes in hexadecimal digits,
    /// `696e76` for `inv`. In their order, so that the same texts make the same index.
    pub(crate) fn tokens(&self) -> String {
        self.joined(" ", usize::MAX)
    }

    /// The same as an expression of FTS5 for texts that have them all. More than some would hardly
    /// leave out more. Of none it is one that nothing matches.
    pub(crate) fn all(&self) -> String {
        const TRIGRAMS_MAX: usize = 48;
        match self.joined(" AND ", TRIGRAMS_MAX) {
            none if none.is_empty() => "\"\"".to_owned(),
            some => some,
        }
    }

    fn joined(&self, separator: &str, most: usize) -> String {
        let mut tokens = String::new();
        for code in self.codes().take(most) {
            if !tokens.is_empty() {
                tokens.push_str(separator);
            }
            push_token(code, &mut tokens);
        }
        tokens
    }

    fn codes(&self) -> impl Iterator<Item = u64> {
        let words = (0..).step_by(64).zip(&self.ascii);
        let ascii = words
            .filter(|(_, word)| **word > 0)
            .flat_map(|(first, word)| {
                let bits = (0..64).filter(move |bit| word >> bit & 1 == 1);
                bits.map(move |bit| code_of_ascii(first + bit))
            });
        ascii.chain(self.others.iter().copied())
    }
}

fn code_of_ascii(number: u64) -> u64 {
    let letter = |place: u32| number >> (place * ASCII_BITS) & ASCII_MASK;
    letter(2) << (2 * BITS) | letter(1) << BITS | letter(0)
}

fn letters(code: u64) -> [u64; 3] {
    [2, 1, 0].map(|place| (code >> (place * BITS)) & ((1 << BITS) - 1))
}

fn push_token(code: u64, tokens: &mut String) {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    for letter in letters(code) {
        let letter = u32::try_from(letter).ok().and_then(char::from_u32);
        let letter = letter.unwrap_or(char::REPLACEMENT_CHARACTER);
        for byte in letter.encode_utf8(&mut [0; 4]).bytes() {
            tokens.push(DIGITS[usize::from(byte >> 4)]);
            tokens.push(DIGITS[usize::from(byte & 0xf)]);
        }
    }
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
            ("éab\u{7f}", "61627f c3a96162"),
            ("ab", ""),
        ] {
            assert_eq!(of(text).tokens(), tokens, "{text}");
        }
        assert_eq!(of("invo").all(), "696e76 AND 6e766f");
        assert_eq!(of("in").all(), "\"\"");
    }
}
