//! Records as received: each is kept by its form and columns, or in a compressed block, and
//! given back byte for byte.

use rusqlite::{Connection, OptionalExtension, Row as SqlRow};

use crate::archive::template::{self, TEXT_LETTERS, Values};
use crate::event::Timestamp;

/// An event's `block` is the block's row, shifted by this, and the record's place in it.
pub(super) const BLOCK_SHIFT: u32 = 10;

/// Enough for text that recurs within a thousand records; higher levels cost more than they save.
const ZSTD_LEVEL: i32 = 3;

/// Most bytes that a block or record may unpack to: far above what is ever written.
const UNPACKED_MAX: usize = 1 << 30;

/// The record of an event as it was received, byte for byte (CSV without its line end).
/// `None` if there is no such event.
///
/// # Errors
/// SQLite fails, or what is kept does not unpack (`InvalidQuery` of a damaged archive).
pub fn read(db: &Connection, key: i64) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut find = db.prepare_cached(
        "select e.*, t.form from event e left join template t on t.id = e.template
         where e.key = ?1",
    )?;
    find.query_row([key], |row| from_row(db, row)).optional()
}

fn from_row(db: &Connection, row: &SqlRow<'_>) -> rusqlite::Result<Vec<u8>> {
    if let Some(form) = row.get::<_, Option<Vec<u8>>>("form")? {
        let stored = Stored::load(db, row)?;
        let mut out = Vec::new();
        template::fill(&form, &stored, &mut out).ok_or(rusqlite::Error::InvalidQuery)?;
        return Ok(out);
    }
    let place: i64 = row.get("block")?;
    let mut find = db.prepare_cached("select records from block where id = ?1")?;
    let block: Vec<u8> = find.query_row([place >> BLOCK_SHIFT], |row| row.get(0))?;
    let place = usize::try_from(place & ((1 << BLOCK_SHIFT) - 1)).unwrap_or_default();
    let records = unpack(&block).ok_or(rusqlite::Error::InvalidQuery)?;
    nth(&records, place)
        .map(<[u8]>::to_vec)
        .ok_or(rusqlite::Error::InvalidQuery)
}

/// Records packed together: their number, their lengths, and their bytes.
pub(super) fn pack(records: &[&[u8]]) -> std::io::Result<Vec<u8>> {
    let length = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let mut bytes = length(records.len()).to_vec();
    bytes.extend(records.iter().flat_map(|record| length(record.len())));
    for record in records {
        bytes.extend_from_slice(record);
    }
    compress(&bytes)
}

/// Compresses one record or many.
pub(super) fn compress(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::bulk::compress(bytes, ZSTD_LEVEL)
}

fn unpack(block: &[u8]) -> Option<Vec<u8>> {
    let size = zstd::zstd_safe::get_frame_content_size(block).ok()??;
    let size = usize::try_from(size)
        .ok()
        .filter(|size| *size <= UNPACKED_MAX)?;
    zstd::bulk::decompress(block, size).ok()
}

fn nth(records: &[u8], n: usize) -> Option<&[u8]> {
    let number = |at: usize| {
        let bytes = records.get(at * 4..at * 4 + 4)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let count = number(0)?;
    let before: usize = (1..=n).map(number).sum::<Option<usize>>()?;
    let start = (count + 1) * 4 + before;
    records
        .get(start..start + number(n + 1)?)
        .filter(|_| n < count)
}

/// The columns of an event that is in the archive.
struct Stored {
    time: Timestamp,
    id: String,
    texts: [String; 10],
    port: Option<i64>,
    file_size: Option<i64>,
    details: Vec<Box<serde_json::value::RawValue>>,
}

impl Stored {
    fn load(db: &Connection, row: &SqlRow<'_>) -> rusqlite::Result<Stored> {
        let mut word = db.prepare_cached("select text from word where id = ?1")?;
        let mut texts = <[String; 10]>::default();
        for (text, column) in texts.iter_mut().zip(TEXT_COLUMNS) {
            let id: i64 = row.get(column)?;
            *text = word
                .query_row([id], |row| row.get::<_, Option<String>>(0))?
                .unwrap_or_default();
        }
        let details: Option<String> = row.get("details")?;
        Ok(Stored {
            time: Timestamp::from_millis(row.get::<_, i64>("key")? >> super::ingest::KEY_SHIFT),
            id: super::vendor_id::read(row.get_ref("id")?).unwrap_or_default(),
            texts,
            port: row.get("port")?,
            file_size: row.get("file_size")?,
            details: details.as_deref().map(values).unwrap_or_default(),
        })
    }
}

/// Columns of table `event` that hold words, in the order of [`super::identity::columns`].
pub(super) const TEXT_COLUMNS: [&str; 10] = [
    "event_type",
    "action",
    "actor",
    "on_behalf_of",
    "ip",
    "target",
    "package",
    "package_type",
    "package_owner",
    "file_name",
];

/// The values of a JSON object as they are written, in their order, repeated names included.
fn values(object: &str) -> Vec<Box<serde_json::value::RawValue>> {
    struct Members(Vec<Box<serde_json::value::RawValue>>);
    impl<'de> serde::Deserialize<'de> for Members {
        fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Members, D::Error> {
            struct Visitor;
            impl<'de> serde::de::Visitor<'de> for Visitor {
                type Value = Members;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("an object")
                }
                fn visit_map<A: serde::de::MapAccess<'de>>(
                    self,
                    mut map: A,
                ) -> Result<Members, A::Error> {
                    let mut values = Vec::new();
                    while let Some((_, value)) = map.next_entry::<serde::de::IgnoredAny, _>()? {
                        values.push(value);
                    }
                    Ok(Members(values))
                }
            }
            from.deserialize_map(Visitor)
        }
    }
    serde_json::from_str::<Members>(object)
        .map(|members| members.0)
        .unwrap_or_default()
}

impl Values for Stored {
    fn column(&self, letter: u8, out: &mut Vec<u8>) {
        let text = match letter {
            b'o' => self.port.map(|port| port.to_string()).unwrap_or_default(),
            b's' => self
                .file_size
                .map(|size| size.to_string())
                .unwrap_or_default(),
            b'i' => self.id.clone(),
            _ => {
                let column = TEXT_LETTERS.iter().position(|known| *known == letter);
                column.map(|n| self.texts[n].clone()).unwrap_or_default()
            }
        };
        out.extend_from_slice(text.as_bytes());
    }

    fn time(&self) -> Timestamp {
        self.time
    }

    fn detail(&self, n: usize, out: &mut Vec<u8>) {
        out.extend(
            self.details
                .get(n)
                .map_or("", |value| value.get())
                .as_bytes(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_record_of_a_block_comes_back() {
        let records: [&[u8]; 4] = [b"one", b"", b"three\nlines", b"4"];
        let block = pack(&records).unwrap();
        let unpacked = unpack(&block).unwrap();
        for (n, record) in records.iter().enumerate() {
            assert_eq!(nth(&unpacked, n), Some(*record));
        }
        assert_eq!(nth(&unpacked, 4), None);
        assert_eq!(unpack(b"no zstd"), None);
    }

    #[test]
    fn values_are_given_as_written() {
        let values = values(r#"{"a": 1.50, "b":"\u00e9", "a":null}"#);
        let texts: Vec<&str> = values.iter().map(|value| value.get()).collect();
        assert_eq!(texts, ["1.50", r#""\u00e9""#, "null"]);
    }
}
