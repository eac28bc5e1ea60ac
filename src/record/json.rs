//! JSON records, one by one, with their exact text: an array, one object a line, one object,
//! several in a row, or an object that holds the list of them.

mod frame;
mod layout;
mod list;

use std::io::BufRead;
use std::ops::Range;

use crate::event::{Event, Page, Reject, Span};
use crate::record::lookahead::Lookahead;
use crate::record::{PAGE_BYTES_MAX, PAGE_RECORDS_MAX, RECORD_BYTES_MAX, RecordError};
use frame::Frame;
use layout::Layout;
pub use list::Listed;

/// Records of a JSON file, being read.
pub struct Records {
    source: Lookahead,
    layout: Layout,
    in_array: bool,
    envelope: Option<Box<str>>,
    line: u64,
}

/// A page of records, which need not be valid. Those of several files may go into one.
#[derive(Debug, Default)]
pub struct Batch {
    /// The bytes, as received.
    pub bytes: Vec<u8>,
    /// Where each record lies, and the line it begins in, counted from 1.
    pub records: Vec<(Span, u64)>,
}

impl Records {
    /// Looks at the beginning of a file and tells how its records lie in it.
    ///
    /// # Errors
    /// It is no JSON, cut short, or holds several lists.
    pub fn open(mut source: Lookahead) -> Result<Records, RecordError> {
        let head = source.look(layout::HEAD_BYTES)?;
        let whole = head.len() < layout::HEAD_BYTES;
        let (layout, envelope) = layout::of(head, whole)?;
        let mut records = Records {
            source,
            layout,
            in_array: false,
            envelope,
            line: 1,
        };
        if let Layout::Envelope { list } = records.layout {
            records.skip(list)?;
        }
        Ok(records)
    }

    /// The object around the list of records, where there is one and it is small.
    pub fn envelope(&self) -> Option<&str> {
        self.envelope.as_deref()
    }

    /// The next page; none after the last.
    ///
    /// # Errors
    /// The file is cut short, damaged, or cannot be read.
    pub fn next_batch(&mut self) -> Result<Option<Batch>, RecordError> {
        let mut batch = Batch::default();
        while self.fill(&mut batch)? && batch.records.is_empty() {
            batch.bytes.clear();
        }
        Ok((!batch.records.is_empty()).then_some(batch))
    }

    /// Adds records to a page until it takes no more, or until the file ends: then false.
    ///
    /// # Errors
    /// As for [`Records::next_batch`]. The page is then as it was before.
    pub fn fill(&mut self, batch: &mut Batch) -> Result<bool, RecordError> {
        let (bytes, records) = (batch.bytes.len(), batch.records.len());
        self.read_some(batch).inspect_err(|_| {
            batch.bytes.truncate(bytes);
            batch.records.truncate(records);
        })
    }

    fn read_some(&mut self, batch: &mut Batch) -> Result<bool, RecordError> {
        if self.layout == Layout::Lines {
            return self.read_lines(batch);
        }
        while !batch.is_full() {
            if !self.read_value(batch)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Lines up to the end of a page, or of the file: then false. Bytes are copied as they come,
    /// however many lines they are, and given back where the page ends among them.
    fn read_lines(&mut self, batch: &mut Batch) -> Result<bool, RecordError> {
        let mut start = batch.bytes.len();
        loop {
            let ahead = self.source.fill_buf()?;
            let (from, count) = (batch.bytes.len(), ahead.len());
            batch.bytes.extend_from_slice(ahead);
            for at in memchr::memchr_iter(b'\n', ahead) {
                let end = from + at + 1;
                batch.keep_line(start..end, self.line);
                self.line += 1;
                start = end;
                if batch.is_full_at(end) {
                    batch.bytes.truncate(end);
                    self.source.consume(at + 1);
                    return Ok(true);
                }
            }
            self.source.consume(count);
            if count == 0 {
                batch.keep_line(start..from, self.line);
                return Ok(false);
            }
            if batch.bytes.len() - start > RECORD_BYTES_MAX {
                return Err(RecordError::Endless { line: self.line });
            }
        }
    }

    /// One value; false at the end of the file.
    fn read_value(&mut self, batch: &mut Batch) -> Result<bool, RecordError> {
        loop {
            match self.next_byte()? {
                None if self.in_array => return Err(self.cut()),
                None => return Ok(false),
                Some(b'[') if !self.in_array => {
                    self.skip(1)?;
                    self.in_array = true;
                }
                Some(b']') if self.in_array => {
                    self.skip(1)?;
                    self.in_array = false;
                    match &self.layout {
                        Layout::Envelope { .. } => self.read_envelope_end()?,
                        Layout::Member(name) => self.pass_rest(&name.clone())?,
                        Layout::Lines | Layout::Values => continue,
                    }
                    return Ok(false);
                }
                Some(byte) if self.in_array || byte == b'{' => return self.keep_value(batch),
                Some(byte) => {
                    return Err(self.fault(&format!(
                        "`{}` stands outside of any record",
                        char::from(byte).escape_default()
                    )));
                }
            }
        }
    }

    /// The next byte that is neither white space nor a comma; it is not consumed.
    fn next_byte(&mut self) -> Result<Option<u8>, RecordError> {
        loop {
            let ahead = self.source.fill_buf()?;
            let blank = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
            let count = ahead.iter().take_while(blank).count();
            let next = ahead.get(count).copied();
            let ended = ahead.is_empty();
            self.skip(count)?;
            if next.is_some() || ended {
                return Ok(next);
            }
        }
    }

    fn keep_value(&mut self, batch: &mut Batch) -> Result<bool, RecordError> {
        let (start, line) = (batch.bytes.len(), self.line);
        self.pass_value(|piece| {
            batch.bytes.extend_from_slice(piece);
            if batch.bytes.len() - start > RECORD_BYTES_MAX {
                return Err(RecordError::Endless { line });
            }
            Ok(())
        })?;
        batch
            .records
            .push((Span::new(start, batch.bytes.len()), line));
        Ok(true)
    }

    /// Consumes a value, showing it piece by piece.
    fn pass_value(
        &mut self,
        mut each: impl FnMut(&[u8]) -> Result<(), RecordError>,
    ) -> Result<(), RecordError> {
        let mut frame = Frame::default();
        loop {
            let ahead = self.source.fill_buf()?;
            if ahead.is_empty() {
                return Err(self.cut());
            }
            let end = frame.advance(ahead);
            let count = end.unwrap_or(ahead.len());
            each(ahead.get(..count).unwrap_or_default())?;
            self.skip(count)?;
            if end.is_some() {
                return Ok(());
            }
        }
    }

    /// What follows the list within its object: it must end, and hold no second list.
    fn read_envelope_end(&mut self) -> Result<(), RecordError> {
        let offset = self.source.offset();
        let rest = self.source.look(layout::HEAD_BYTES)?.to_vec();
        let Some(end) = Frame::inside().advance(&rest) else {
            return Err(self.cut());
        };
        let tail = String::from_utf8_lossy(rest.get(..end).unwrap_or_default());
        let object = format!("{{\"\":0{tail}");
        let lists = layout::lists(&object).map_err(|error| layout::damage(&error, offset))?;
        if !lists.is_empty() {
            return Err(RecordError::Lists(format!(
                "the first, and {}",
                lists.join(", ")
            )));
        }
        self.skip(end)?;
        self.expect_end()
    }

    /// Nothing may follow the object that holds the records.
    fn expect_end(&mut self) -> Result<(), RecordError> {
        match self.next_byte()? {
            None => Ok(()),
            Some(_) => Err(self.fault("something follows the object that holds the records")),
        }
    }

    fn skip(&mut self, count: usize) -> Result<(), RecordError> {
        let skipped = self.source.look(count)?.get(..count).unwrap_or_default();
        self.line += memchr::memchr_iter(b'\n', skipped).count() as u64;
        self.source.consume(count);
        Ok(())
    }

    /// What is wrong with the next byte.
    fn fault(&self, why: &str) -> RecordError {
        RecordError::Json {
            offset: self.source.offset(),
            why: why.to_owned(),
        }
    }

    fn cut(&mut self) -> RecordError {
        let ahead = self.source.look(0).map_or(0, <[u8]>::len);
        RecordError::JsonCut {
            offset: self.source.offset() + ahead as u64,
        }
    }
}

impl Batch {
    /// A page of what `read` understands of the records and what it does not. It is given all the
    /// bytes, a record's text in them, and where that lies; what it says is why not.
    pub fn read(self, read: impl Fn(&[u8], &str, Span) -> Result<Event, String>) -> Page {
        let Batch { bytes, records } = self;
        let mut page = Page::default();
        page.events.reserve(records.len());
        for (raw, line) in records {
            let record = bytes.get(raw.range()).unwrap_or_default();
            let event = str::from_utf8(record)
                .map_err(|_| "no UTF-8".to_owned())
                .and_then(|text| read(&bytes, text, raw));
            match event {
                Ok(event) => page.events.push(event),
                Err(reason) => page.rejects.push(Reject { raw, reason, line }),
            }
        }
        page.bytes = bytes;
        page
    }

    /// Whether it takes no further record.
    pub fn is_full(&self) -> bool {
        self.is_full_at(self.bytes.len())
    }

    /// Whether a page that ends there takes no further record.
    fn is_full_at(&self, end: usize) -> bool {
        self.records.len() >= PAGE_RECORDS_MAX || end >= PAGE_BYTES_MAX
    }

    /// Takes a line for a record, unless it is blank.
    fn keep_line(&mut self, line: Range<usize>, number: u64) {
        let text = self.bytes.get(line).unwrap_or_default();
        let record = text.trim_ascii();
        if let Some(span) = Span::of(&self.bytes, record).filter(|_| !record.is_empty()) {
            self.records.push((span, number));
        }
    }
}

#[cfg(test)]
mod tests;
