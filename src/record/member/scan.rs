//! The members of a plain JSON object, found in one pass; what is unusual is left to serde_json.

/// Calls `each` with every member's name and the exact text of its value. None where the text is
/// no JSON object, or one with an escape in a name or values nested deeply.
pub(super) fn members<'a>(json: &'a str, each: impl FnMut(&'a str, &'a str)) -> Option<()> {
    let mut scan = Scan { json, at: 0 };
    scan.object(0, each)?;
    scan.skip_blanks();
    (scan.at == json.len()).then_some(())
}

/// Objects and lists deeper than this are left to the parser that does not recurse.
const DEPTH_MAX: u8 = 32;

/// A JSON text, and how far it is read. What gives no answer leaves it anywhere.
struct Scan<'a> {
    json: &'a str,
    at: usize,
}

impl<'a> Scan<'a> {
    fn object(&mut self, depth: u8, mut each: impl FnMut(&'a str, &'a str)) -> Option<()> {
        self.expect(b'{')?;
        if self.take(b'}') {
            return Some(());
        }
        loop {
            let name = self.name()?;
            self.expect(b':')?;
            let value = self.value(depth)?;
            each(name, value);
            if !self.take(b',') {
                return self.expect(b'}');
            }
        }
    }

    fn list(&mut self, depth: u8) -> Option<()> {
        self.expect(b'[')?;
        if self.take(b']') {
            return Some(());
        }
        loop {
            self.value(depth)?;
            if !self.take(b',') {
                return self.expect(b']');
            }
        }
    }

    fn name(&mut self) -> Option<&'a str> {
        self.skip_blanks();
        let start = self.at + 1;
        let plain = self.string()?;
        let name = self.json.get(start..self.at - 1);
        name.filter(|_| plain)
    }

    fn value(&mut self, depth: u8) -> Option<&'a str> {
        if depth == DEPTH_MAX {
            return None;
        }
        self.skip_blanks();
        let start = self.at;
        match self.peek()? {
            b'"' => self.string().map(|_| ())?,
            b'{' => self.object(depth + 1, |_, _| {})?,
            b'[' => self.list(depth + 1)?,
            b't' => self.word(b"true")?,
            b'f' => self.word(b"false")?,
            b'n' => self.word(b"null")?,
            _ => self.number()?,
        }
        self.json.get(start..self.at)
    }

    /// A string; whether it has no escapes.
    fn string(&mut self) -> Option<bool> {
        if self.peek() != Some(b'"') {
            return None;
        }
        self.at += 1;
        let mut plain = true;
        loop {
            self.at += plain_length(self.rest());
            match self.peek()? {
                b'"' => {
                    self.at += 1;
                    return Some(plain);
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
            plain = false;
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += match self.rest() {
            [
                _,
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't',
                ..,
            ] => 2,
            [_, b'u', a, b, c, d, ..] if [a, b, c, d].iter().all(|x| x.is_ascii_hexdigit()) => 6,
            _ => return None,
        };
        Some(())
    }

    fn number(&mut self) -> Option<()> {
        self.at += usize::from(self.peek() == Some(b'-'));
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            self.at += usize::from(matches!(self.peek(), Some(b'+' | b'-')));
            self.digits()?;
        }
        Some(())
    }

    fn digits(&mut self) -> Option<()> {
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit());
        let count = digits.count();
        self.at += count;
        (count > 0).then_some(())
    }

    fn word(&mut self, word: &[u8]) -> Option<()> {
        self.at += word.len();
        self.json
            .as_bytes()
            .get(..self.at)?
            .ends_with(word)
            .then_some(())
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    /// Whether that is next, after blanks; if so, it is behind us.
    fn take(&mut self, byte: u8) -> bool {
        self.skip_blanks();
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn skip_blanks(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    fn peek(&self) -> Option<u8> {
        self.json.as_bytes().get(self.at).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.json.as_bytes().get(self.at..).unwrap_or_default()
    }
}

/// How many bytes come before the first quote, backslash or control character. Eight bytes are
/// looked at together: in each, the highest bit is set if it is one of them.
fn plain_length(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (count, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let found =
            below(word, 0x20) | below(word ^ repeated(b'"'), 1) | below(word ^ repeated(b'\\'), 1);
        if found != 0 {
            // A borrow may mark bytes above the first that is marked rightly, never below it.
            return count * 8 + found.trailing_zeros() as usize / 8;
        }
    }
    let plain = |byte: &&u8| **byte >= 0x20 && **byte != b'"' && **byte != b'\\';
    words.len() * 8 + rest.iter().take_while(plain).count()
}

/// Marks the bytes of a word that are below `limit`.
const fn below(word: u64, limit: u8) -> u64 {
    word.wrapping_sub(repeated(limit)) & !word & repeated(0x80)
}

const fn repeated(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}
