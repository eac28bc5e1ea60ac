//! Where a JSON value ends, told without understanding it.

/// Follows a value through pieces of text as they come in.
#[derive(Debug, Default)]
pub(super) struct Frame {
    depth: u32,
    in_string: bool,
    escaped: bool,
    begun: bool,
}

impl Frame {
    /// A frame that begins inside of an object.
    pub(super) fn inside() -> Frame {
        Frame {
            depth: 1,
            begun: true,
            ..Frame::default()
        }
    }

    /// The index after the value's last byte, if it ends in this piece. A value that is neither
    /// object, array nor string ends before what cannot belong to it.
    pub(super) fn advance(&mut self, piece: &[u8]) -> Option<usize> {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.in_string {
                at = self.string_end(piece, at)?;
                if self.depth == 0 {
                    return Some(at);
                }
                continue;
            }
            let bare = self.depth == 0 && self.begun;
            if bare
                && matches!(
                    byte,
                    b',' | b']' | b'}' | b'{' | b'[' | b'"' | b' ' | b'\n' | b'\r' | b'\t'
                )
            {
                return Some(at);
            }
            at += 1;
            if self.take(byte) {
                return Some(at);
            }
        }
        None
    }

    /// Takes one byte outside of strings; true where it closes the value.
    fn take(&mut self, byte: u8) -> bool {
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth = self.depth.saturating_add(1),
            b'}' | b']' => {
                self.depth = self.depth.saturating_sub(1);
                return self.depth == 0;
            }
            _ => self.begun = true,
        }
        false
    }

    /// The index after the closing quote.
    fn string_end(&mut self, piece: &[u8], mut at: usize) -> Option<usize> {
        if std::mem::take(&mut self.escaped) {
            at += 1;
        }
        loop {
            let rest = piece.get(at..)?;
            let found = at + memchr::memchr2(b'"', b'\\', rest)?;
            if piece.get(found) == Some(&b'"') {
                self.in_string = false;
                return Some(found + 1);
            }
            at = found + 2;
            if at > piece.len() {
                self.escaped = true;
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_ends_where_it_ends_however_it_is_cut() {
        for (text, value) in [
            (r#"{"a":"}\"]","b":[{}]} ,"#, r#"{"a":"}\"]","b":[{}]}"#),
            (r#"[1,[2]]]"#, r#"[1,[2]]"#),
            (r#""a\\","#, r#""a\\""#),
            ("12.5e3,", "12.5e3"),
            ("true]", "true"),
            ("null\n", "null"),
        ] {
            for cut in 0..text.len() {
                let (first, second) = text.as_bytes().split_at(cut);
                let mut frame = Frame::default();
                let end = frame
                    .advance(first)
                    .or_else(|| Some(cut + frame.advance(second)?));
                assert_eq!(end, Some(value.len()), "{text} cut at {cut}");
            }
        }
        assert_eq!(Frame::default().advance(br#"{"a":[1"#), None);
    }
}
