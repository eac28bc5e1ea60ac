//! Reads a workbook's cells, whoever saved it.

use std::collections::HashMap;
use std::io::{self, BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use zip::ZipArchive;
use zip::read::ZipFile;

/// A workbook.
pub(in crate::report) struct Workbook<'f> {
    zip: ZipArchive<Cursor<&'f [u8]>>,
    /// Names of sheets and of their files.
    sheets: Vec<(String, String)>,
    /// Texts that cells point to.
    texts: Vec<String>,
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::report) struct Found {
    /// Counted from 1.
    pub(in crate::report) row: u32,
    /// `C`
    pub(in crate::report) column: String,
    /// What it holds; of a formula the formula, whatever it came to.
    pub(in crate::report) text: String,
    /// What that is.
    pub(in crate::report) kind: Kind,
}

/// What a cell holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Kind {
    /// A text, an error or a truth.
    Text,
    /// A number.
    Number,
    /// Something that is computed.
    Formula,
}

/// The cells of a sheet, row by row.
pub(in crate::report) struct Cells<'w, 'f> {
    xml: Reader<BufReader<ZipFile<'w, Cursor<&'f [u8]>>>>,
    texts: &'w [String],
    buffer: Vec<u8>,
    row: u32,
}

impl<'f> Workbook<'f> {
    /// Opens a workbook.
    pub(in crate::report) fn open(file: &'f [u8]) -> io::Result<Workbook<'f>> {
        let mut zip = ZipArchive::new(Cursor::new(file)).map_err(io::Error::other)?;
        let targets = targets(&part(&mut zip, "xl/_rels/workbook.xml.rels")?)?;
        let sheets = sheets(&part(&mut zip, "xl/workbook.xml")?, &targets)?;
        let texts = match part(&mut zip, "xl/sharedStrings.xml") {
            Ok(xml) => texts(&xml)?,
            // A workbook without shared texts has no such part.
            Err(_) => Vec::new(),
        };
        Ok(Workbook { zip, sheets, texts })
    }

    /// The names of its sheets.
    pub(in crate::report) fn names(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    /// The cells of a sheet by its place.
    pub(in crate::report) fn cells(&mut self, sheet: usize) -> io::Result<Cells<'_, 'f>> {
        let (_, path) = self
            .sheets
            .get(sheet)
            .ok_or_else(|| io::Error::other("there is no such sheet"))?;
        let file = self.zip.by_name(path).map_err(io::Error::other)?;
        Ok(Cells {
            xml: Reader::from_reader(BufReader::new(file)),
            texts: &self.texts,
            buffer: Vec::new(),
            row: 0,
        })
    }
}

impl Cells<'_, '_> {
    /// The next cell that holds something.
    pub(in crate::report) fn next(&mut self) -> io::Result<Option<Found>> {
        loop {
            self.buffer.clear();
            match self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(io::Error::other)?
            {
                Event::Start(start) if start.local_name().as_ref() == "row" => {
                    let row = attribute(&start, "r").and_then(|row| row.parse().ok());
                    self.row = row.unwrap_or(self.row + 1);
                }
                Event::Start(start) if start.local_name().as_ref() == "c" => {
                    let kind = attribute(&start, "t").unwrap_or_default();
                    let place = attribute(&start, "r").unwrap_or_default();
                    let column = place
                        .trim_end_matches(|c: char| c.is_ascii_digit())
                        .to_owned();
                    let (text, formula) = self.content()?;
                    let found = self.found(&kind, text, formula);
                    if let Some((text, kind)) = found.filter(|found| !found.0.is_empty()) {
                        let row = self.row;
                        return Ok(Some(Found {
                            row,
                            column,
                            text,
                            kind,
                        }));
                    }
                }
                Event::Eof => return Ok(None),
                _ => {}
            }
        }
    }

    fn found(&self, kind: &str, text: String, formula: Option<String>) -> Option<(String, Kind)> {
        match (formula, kind) {
            (None, "inlineStr") => Some((unescaped(&text), Kind::Text)),
            (Some(formula), _) => Some((format!("={formula}"), Kind::Formula)),
            (None, "s") => {
                let text = self.texts.get(text.parse::<usize>().ok()?)?;
                Some((text.clone(), Kind::Text))
            }
            (None, "" | "n") => Some((text, Kind::Number)),
            (None, _) => Some((text, Kind::Text)),
        }
    }

    /// What stands in a cell, up to its end; and its formula, if it has one.
    fn content(&mut self) -> io::Result<(String, Option<String>)> {
        let (mut text, mut formula) = (String::new(), None);
        let mut in_formula = false;
        loop {
            self.buffer.clear();
            let event = self
                .xml
                .read_event_into(&mut self.buffer)
                .map_err(io::Error::other)?;
            let piece = match event {
                Event::Start(start) if start.local_name().as_ref() == "f" => {
                    in_formula = true;
                    formula.get_or_insert_default();
                    continue;
                }
                Event::Empty(empty) if empty.local_name().as_ref() == "f" => {
                    formula.get_or_insert_default();
                    continue;
                }
                Event::End(end) => match end.local_name().as_ref() {
                    "c" => return Ok((text, formula)),
                    "f" => {
                        in_formula = false;
                        continue;
                    }
                    _ => continue,
                },
                Event::Text(text) => text.xml10_content().into_owned(),
                Event::CData(text) => text.xml10_content().into_owned(),
                Event::GeneralRef(entity) => character(&entity)?,
                Event::Eof => return Err(io::Error::other("it is cut short")),
                _ => continue,
            };
            match formula.as_mut() {
                Some(formula) if in_formula => formula.push_str(&piece),
                _ => text.push_str(&piece),
            }
        }
    }
}

/// More bytes than this has no part that is read whole.
const PART_MAX: u64 = 1 << 30;

fn part(zip: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> io::Result<String> {
    let mut xml = String::new();
    let part = zip.by_name(path).map_err(io::Error::other)?;
    part.take(PART_MAX).read_to_string(&mut xml)?;
    Ok(xml)
}

/// Files by the ids under which the workbook knows them.
fn targets(xml: &str) -> io::Result<HashMap<String, String>> {
    let mut targets = HashMap::new();
    elements(xml, "Relationship", |start| {
        if let (Some(id), Some(target)) = (attribute(start, "Id"), attribute(start, "Target")) {
            let path = match target.strip_prefix('/') {
                Some(path) => path.to_owned(),
                None => format!("xl/{target}"),
            };
            targets.insert(id, path);
        }
    })?;
    Ok(targets)
}

fn sheets(xml: &str, targets: &HashMap<String, String>) -> io::Result<Vec<(String, String)>> {
    let mut sheets = Vec::new();
    elements(xml, "sheet", |start| {
        let path = attribute(start, "r:id").and_then(|id| targets.get(&id));
        if let (Some(name), Some(path)) = (attribute(start, "name"), path) {
            sheets.push((name, path.clone()));
        }
    })?;
    Ok(sheets)
}

fn elements(xml: &str, name: &str, mut each: impl FnMut(&BytesStart<'_>)) -> io::Result<()> {
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event().map_err(io::Error::other)? {
            Event::Start(start) | Event::Empty(start) if start.local_name().as_ref() == name => {
                each(&start);
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

/// Texts that cells share; those of a rich text are put together.
fn texts(xml: &str) -> io::Result<Vec<String>> {
    let mut reader = Reader::from_str(xml);
    let mut texts: Vec<String> = Vec::new();
    let mut in_text = false;
    loop {
        let piece = match reader.read_event().map_err(io::Error::other)? {
            Event::Start(start) => {
                match start.local_name().as_ref() {
                    "si" => texts.push(String::new()),
                    "t" => in_text = true,
                    _ => {}
                }
                continue;
            }
            Event::Empty(empty) if empty.local_name().as_ref() == "si" => {
                texts.push(String::new());
                continue;
            }
            Event::End(end) if end.local_name().as_ref() == "t" => {
                in_text = false;
                continue;
            }
            Event::Text(text) => text.xml10_content().into_owned(),
            Event::CData(text) => text.xml10_content().into_owned(),
            Event::GeneralRef(entity) => character(&entity)?,
            Event::Eof => return Ok(texts.iter().map(|text| unescaped(text)).collect()),
            _ => continue,
        };
        if let (true, Some(text)) = (in_text, texts.last_mut()) {
            text.push_str(&piece);
        }
    }
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = start.try_get_attribute(name).ok()??;
    Some(
        attribute
            .normalized_value(quick_xml::XmlVersion::Implicit1_0)
            .ok()?
            .into_owned(),
    )
}

/// What an entity stands for.
fn character(entity: &BytesRef<'_>) -> io::Result<String> {
    if let Some(character) = entity.resolve_char_ref().map_err(io::Error::other)? {
        return Ok(character.to_string());
    }
    let name = entity.xml10_content();
    let known = quick_xml::escape::resolve_predefined_entity(&name);
    known
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other("it holds an unknown entity"))
}

/// Excel writes what XML has no place for as `_x0007_`, and what only looks so as `_x005F_x0007_`.
fn unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        let (before, after) = rest.split_at(at);
        unescaped.push_str(before);
        let code = after.get(2..6).filter(|_| after.get(6..7) == Some("_"));
        let c = code
            .and_then(|code| u32::from_str_radix(code, 16).ok())
            .and_then(char::from_u32);
        let length = if c.is_some() { 7 } else { 1 };
        unescaped.push(c.unwrap_or('_'));
        rest = after.get(length..).unwrap_or_default();
    }
    unescaped + rest
}
