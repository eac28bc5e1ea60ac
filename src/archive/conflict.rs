//! The same id with other content: what came later is kept on record, what was first is left.

use rusqlite::{Connection, params};

use crate::archive::{identity, record, vendor_id};
use crate::event::{Event, Page};

/// Keeps a later event whose id the archive has under `key`. One that came before is kept once.
pub(super) fn record(
    db: &Connection,
    page_row: i64,
    key: i64,
    page: &Page,
    event: &Event,
) -> rusqlite::Result<()> {
    let content = identity::of_statement(page, event, &mut Vec::new());
    let differs = differing(db, key, page, event)?.join(", ");
    let record = record::compress(page.slice(event.raw))
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))?;
    db.prepare_cached(
        "insert into conflict (key, page, content, differs, record) values (?1, ?2, ?3, ?4, ?5)
         on conflict do nothing",
    )?
    .execute(params![key, page_row, content, differs, record])
    .map(drop)
}

/// Names of the columns in which a later event differs from the first.
fn differing(
    db: &Connection,
    key: i64,
    page: &Page,
    event: &Event,
) -> rusqlite::Result<Vec<&'static str>> {
    let mut word = db.prepare_cached("select text from word where id = ?1")?;
    let mut find = db.prepare_cached("select * from event where key = ?1")?;
    find.query_row([key], |row| {
        let mut names = Vec::new();
        if key >> super::ingest::KEY_SHIFT != event.time.value.millis() {
            names.push("time");
        }
        for (column, text) in record::TEXT_COLUMNS.iter().zip(identity::columns(event)) {
            let archived: Option<String> =
                word.query_row([row.get::<_, i64>(*column)?], |row| row.get(0))?;
            if archived.as_deref() != text.as_ref().map(|text| page.text(text)) {
                names.push(*column);
            }
        }
        if row.get::<_, Option<i64>>("port")? != event.port.map(|port| port.value) {
            names.push("port");
        }
        if row.get::<_, Option<i64>>("file_size")? != event.file_size.map(|size| size.value) {
            names.push("file_size");
        }
        if row.get::<_, Option<String>>("details")? != page.details_json(event) {
            names.push("details");
        }
        if vendor_id::read(row.get_ref("id")?).as_deref() != page.vendor_id(event) {
            names.push("event_id");
        }
        Ok(names)
    })
}
