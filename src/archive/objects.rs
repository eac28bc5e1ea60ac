//! The objects of buckets that have been read: what tells new ones from those that are archived.

use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::archive::identity::first_64;
use crate::archive::words::Words;
use crate::archive::{Archive, ArchiveError, Batch};
use crate::event::Object;

impl Archive {
    /// Those of the objects that the batch's feed has not archived yet, in their order.
    ///
    /// # Errors
    /// SQLite fails.
    pub fn unseen(&self, batch: &Batch, objects: Vec<Object>) -> Result<Vec<Object>, ArchiveError> {
        self.read(|db| {
            let mut unseen = Vec::new();
            for object in objects {
                if let Place::Free(_) = place(db, batch, &object)? {
                    unseen.push(object);
                }
            }
            Ok(unseen)
        })
    }
}

/// Keeps an object; one that is kept already stays with the page that was first.
pub(super) fn keep(
    db: &Connection,
    words: &mut Words,
    batch: &Batch,
    object: &Object,
    page: i64,
) -> rusqlite::Result<()> {
    let Place::Free(hash) = place(db, batch, object)? else {
        return Ok(());
    };
    let (folder, name) = split(object);
    let folder = words.of_text(db, &folder)?;
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    db.prepare_cached("insert into object values (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?
        .execute(params![
            hash,
            folder,
            name,
            object.etag,
            size,
            object.modified.millis(),
            page
        ])
        .map(drop)
}

/// Where an object is in the table, or goes.
enum Place {
    Taken,
    Free(i64),
}

/// Two objects that share 64 bits of their hash are told apart by what they are; the later one
/// moves to the next free number.
fn place(db: &Connection, batch: &Batch, object: &Object) -> rusqlite::Result<Place> {
    let mut find = db.prepare_cached(
        "select w.text, o.name, o.etag, o.size, p.source, p.feed
         from object o join word w on w.id = o.folder join page p on p.id = o.page
         where o.hash = ?1",
    )?;
    let (folder, name) = split(object);
    let size = i64::try_from(object.size).unwrap_or(i64::MAX);
    let mut hash = hash_of(batch, object);
    loop {
        let is_it = find.query_row([hash], |row| {
            Ok(row.get_ref(0)?.as_str()? == folder
                && row.get_ref(1)?.as_str()? == name
                && row.get_ref(2)?.as_str()? == object.etag
                && row.get::<_, i64>(3)? == size
                && row.get::<_, i64>(4)? == batch.source
                && row.get_ref(5)?.as_str()? == batch.feed)
        });
        match is_it.optional()? {
            Some(true) => return Ok(Place::Taken),
            Some(false) => hash = hash.wrapping_add(1),
            None => return Ok(Place::Free(hash)),
        }
    }
}

/// Objects of a folder share its name, which is kept once: `s3://bucket/a/b/` and `c.json`.
fn split(object: &Object) -> (String, &str) {
    let (folder, name) = match object.key.rfind('/') {
        Some(slash) => object.key.split_at(slash + 1),
        None => ("", object.key.as_str()),
    };
    (format!("s3://{}/{folder}", object.bucket), name)
}

fn hash_of(batch: &Batch, object: &Object) -> i64 {
    let mut digest = Sha256::new();
    digest.update(batch.source.to_be_bytes());
    for text in [&batch.feed, &object.bucket, &object.key, &object.etag] {
        digest.update((text.len() as u64).to_be_bytes());
        digest.update(text);
    }
    digest.update(object.size.to_be_bytes());
    first_64(&digest.finalize())
}
