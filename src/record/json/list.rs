//! Records in the list of a known name, which an object holds: what stands around the list is
//! passed over, however long it is.

use std::str;

use super::layout::Layout;
use super::{Frame, Records};
use crate::record::lookahead::Lookahead;
use crate::record::{COLUMNS_MAX, RECORD_BYTES_MAX, RecordError, member};

/// A file, seen for the list of a name.
pub enum Listed {
    /// It is an object with that list.
    Records(Records),
    /// It is none. These are the names of its members, if it is an object.
    Without(Vec<String>),
}

impl Records {
    /// Looks for the list called `name` in the object that the file is.
    ///
    /// # Errors
    /// It is cut short or damaged before the list begins.
    pub fn in_list(source: Lookahead, name: &str) -> Result<Listed, RecordError> {
        let mut records = Records {
            source,
            layout: Layout::Member(name.into()),
            in_array: false,
            envelope: None,
            line: 1,
        };
        let mut names = Vec::new();
        if records.next_byte()? != Some(b'{') {
            return Ok(Listed::Without(names));
        }
        records.skip(1)?;
        while let Some(found) = records.next_name()? {
            if found == name && records.next_byte()? == Some(b'[') {
                return Ok(Listed::Records(records));
            }
            records.pass_value(|_| Ok(()))?;
            if names.len() < COLUMNS_MAX {
                names.push(found);
            }
        }
        Ok(Listed::Without(names))
    }

    /// The first record of a list that was just found; none if it has none or one of more than
    /// `most` bytes. Nothing is consumed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn first(&mut self, most: usize) -> Result<Option<&str>, RecordError> {
        let ahead = self.source.look(most)?;
        let list = ahead.strip_prefix(b"[").unwrap_or_default();
        let list = list.trim_ascii_start();
        let end = Frame::default().advance(list);
        let first = end.and_then(|end| str::from_utf8(list.get(..end)?).ok());
        Ok(first.filter(|first| first.starts_with('{')))
    }

    /// Passes over what follows the list in its object, which holds no second of that name.
    pub(super) fn pass_rest(&mut self, list: &str) -> Result<(), RecordError> {
        while let Some(name) = self.next_name()? {
            if name == list {
                return Err(self.fault(&format!("there is a second `{list}`")));
            }
            self.pass_value(|_| Ok(()))?;
        }
        self.expect_end()
    }

    /// The name of the object's next member, up to its value; none at the object's end.
    fn next_name(&mut self) -> Result<Option<String>, RecordError> {
        match self.next_byte()? {
            None => return Err(self.cut()),
            Some(b'}') => {
                self.skip(1)?;
                return Ok(None);
            }
            Some(b'"') => {}
            Some(_) => return Err(self.fault("there is no name of a member")),
        }
        let (mut name, line) = (Vec::new(), self.line);
        self.pass_value(|piece| {
            name.extend_from_slice(piece);
            let is_endless = name.len() > RECORD_BYTES_MAX;
            (!is_endless)
                .then_some(())
                .ok_or(RecordError::Endless { line })
        })?;
        let name = str::from_utf8(&name).ok().and_then(member::string);
        let name = name.ok_or_else(|| self.fault("the name of a member is no text"))?;
        match self.next_byte()? {
            None => Err(self.cut()),
            Some(b':') => {
                self.skip(1)?;
                Ok(Some(name.into_owned()))
            }
            Some(_) => Err(self.fault("a member has no value")),
        }
    }
}
