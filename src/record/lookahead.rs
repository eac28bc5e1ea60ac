//! A buffered reader that can look far ahead before anything is consumed.

use std::io::{self, BufRead, ErrorKind, Read};

const CHUNK: usize = 64 << 10;

/// Bytes from a reader, with as much lookahead as is asked for.
pub struct Lookahead {
    reader: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    at: usize,
    ended: bool,
    offset: u64,
}

impl Lookahead {
    /// Reads from there.
    pub fn new(reader: Box<dyn Read + Send>) -> Lookahead {
        Lookahead {
            reader,
            buffer: Vec::new(),
            at: 0,
            ended: false,
            offset: 0,
        }
    }

    /// The bytes to come: `least` or more, fewer only where the end is nearer.
    ///
    /// # Errors
    /// The reader's.
    pub fn look(&mut self, least: usize) -> io::Result<&[u8]> {
        while !self.ended && self.buffer.len() - self.at < least {
            self.read_more()?;
        }
        Ok(self.ahead())
    }

    /// Whether the bytes to come are all in the buffer.
    pub fn ended(&self) -> bool {
        self.ended
    }

    /// How many bytes were consumed.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    fn ahead(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    fn read_more(&mut self) -> io::Result<()> {
        self.buffer.drain(..self.at);
        self.at = 0;
        let filled = self.buffer.len();
        self.buffer.resize(filled + CHUNK, 0);
        let got = loop {
            match self
                .reader
                .read(self.buffer.get_mut(filled..).unwrap_or_default())
            {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                result => break result,
            }
        };
        self.buffer
            .truncate(filled + got.as_ref().map_or(0, |got| *got));
        self.ended = got? == 0;
        Ok(())
    }
}

impl Read for Lookahead {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut ahead = self.fill_buf()?;
        let count = ahead.read(into)?;
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Lookahead {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.look(1)
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.buffer.len() - self.at);
        self.at += count;
        self.offset += count as u64;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_ahead_consumes_nothing() {
        let bytes: Vec<u8> = (0..u8::MAX).cycle().take(3 * CHUNK + 7).collect();
        let mut ahead = Lookahead::new(Box::new(io::Cursor::new(bytes.clone())));
        assert_eq!(ahead.look(2 * CHUNK).unwrap()[..9], bytes[..9]);
        ahead.consume(5);
        assert_eq!(ahead.look(usize::MAX).unwrap(), &bytes[5..]);
        assert!(ahead.ended());
        let mut rest = Vec::new();
        ahead.read_to_end(&mut rest).unwrap();
        assert_eq!(
            (rest.as_slice(), ahead.offset()),
            (&bytes[5..], bytes.len() as u64)
        );
    }
}
