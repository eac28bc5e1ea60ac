//! A vendor's id as the archive keeps it: a UUID in its usual form takes 16 bytes, any other id
//! is kept as text.

use rusqlite::ToSql;
use rusqlite::types::{ToSqlOutput, ValueRef};

/// A vendor's id as a value of column `event.id`.
pub(super) enum VendorId<'a> {
    /// A UUID just as [`dashed`] writes it.
    Uuid([u8; 16]),
    /// Anything else.
    Text(&'a str),
}

impl VendorId<'_> {
    /// How an id is kept.
    pub(super) fn of(id: &str) -> VendorId<'_> {
        uuid(id).map_or(VendorId::Text(id), VendorId::Uuid)
    }

    fn value(&self) -> ValueRef<'_> {
        match self {
            VendorId::Uuid(bytes) => ValueRef::Blob(bytes),
            VendorId::Text(text) => ValueRef::Text(text.as_bytes()),
        }
    }
}

impl ToSql for VendorId<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.value()))
    }
}

/// The id back as the vendor wrote it; `None` where the event has none.
pub(super) fn read(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(dashed(bytes)),
        _ => None,
    }
}

/// The bytes of a UUID, if the text is one just as [`dashed`] writes it: in lower case.
fn uuid(id: &str) -> Option<[u8; 16]> {
    let text: &[u8; 36] = id.as_bytes().try_into().ok()?;
    if [8, 13, 18, 23].iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    for (byte, at) in bytes.iter_mut().zip(DIGITS_AT) {
        *byte = digit(text[at])? << 4 | digit(text[at + 1])?;
    }
    Some(bytes)
}

/// Where the two digits of each byte stand.
const DIGITS_AT: [usize; 16] = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

fn dashed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(36);
    for (n, byte) in bytes.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        for half in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(half), 16).unwrap_or('0'));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_uuid_in_its_usual_form_is_packed_and_every_id_comes_back() {
        for (id, is_packed) in [
            ("1eebc0b2-b019-42b3-8132-c15c5926b21e", true),
            ("1EEBC0B2-b019-42b3-8132-c15c5926b21e", false),
            ("1eebc0b2b019-42b3-8132-c15c5926b21e-", false),
            ("1eebc0b2-b019-42b3-8132-c15c5926b21g", false),
            (
                "31132629274945519779805322857203735586714454643391594505",
                false,
            ),
            ("", false),
        ] {
            let kept = VendorId::of(id);
            assert_eq!(matches!(kept, VendorId::Uuid(_)), is_packed, "{id}");
            assert_eq!(read(kept.value()).as_deref(), Some(id));
        }
    }
}
