//! A vendor's id as the archive keeps it: a UUID in its usual form takes 16 bytes, any other id
//! is kept as text.

use rusqlite::types::{Value, ValueRef};

/// The id as a value of column `event.id`.
pub(super) fn write(id: &str) -> Value {
    match uuid(id) {
        Some(bytes) => Value::Blob(bytes.to_vec()),
        None => Value::Text(id.to_owned()),
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
    let text = id.as_bytes();
    if text.len() != 36 || DASHES.iter().any(|at| text[*at] != b'-') {
        return None;
    }
    let mut bytes = [0; 16];
    let mut digits = text
        .iter()
        .enumerate()
        .filter(|(at, _)| !DASHES.contains(at));
    for byte in &mut bytes {
        *byte = digit(*digits.next()?.1)? << 4 | digit(*digits.next()?.1)?;
    }
    Some(bytes)
}

const DASHES: [usize; 4] = [8, 13, 18, 23];

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
            let kept = write(id);
            assert_eq!(matches!(kept, Value::Blob(_)), is_packed, "{id}");
            assert_eq!(read(ValueRef::from(&kept)).as_deref(), Some(id));
        }
    }
}
