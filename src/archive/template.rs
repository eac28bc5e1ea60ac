//! Keeps a record's bytes as its form with places for what the columns hold.
//!
//! JSON of one feed has few forms: the same members in the same order, other values. Where every
//! value stands in a column as it was written, the form is all that has to be kept to give the
//! record back byte for byte. A form is bytes in which [`MARK`] and a letter stand for a value.

use chrono::{Datelike, Timelike};

use crate::archive::identity::columns;
use crate::event::{Event, Identity, Page, Span, Text, Timestamp};

/// Stands before the letter of a place. No JSON has it, and a record that does is kept whole.
const MARK: u8 = 0x01;
/// Places for details are `d` and their number; more than this many are left as they stand.
const DETAILS_MAX: usize = 100;
/// Forms in which vendors write times: between date and time, whether milliseconds follow, and
/// what ends it. The place is `t` and the number of the form.
const TIME_FORMS: [(u8, bool, &str); 6] = [
    (b'T', true, "Z"),
    (b'T', false, "Z"),
    (b'T', false, "+0000"),
    (b'T', true, "+0000"),
    (b'T', false, "+00:00"),
    (b' ', false, ""),
];

/// The values of an event by the letters of their places.
pub(super) trait Values {
    /// The text of a column: `i`d, `e`vent type, `a`ction, actor `u`, on `b`ehalf of, i`p`,
    /// tar`g`et, pac`k`age, its t`y`pe, its o`w`ner, `f`ile name; p`o`rt and `s`ize as digits.
    fn column(&self, letter: u8, out: &mut Vec<u8>);
    /// When it happened.
    fn time(&self) -> Timestamp;
    /// The JSON of the n-th detail.
    fn detail(&self, n: usize, out: &mut Vec<u8>);
}

/// The form of an event's record, if it has one that gives the same bytes back.
pub(super) fn form_of(page: &Page, event: &Event, finder: &mut Finder) -> bool {
    let raw = page.slice(event.raw);
    finder.form.clear();
    if memchr::memchr(MARK, raw).is_some() {
        return false;
    }
    finder.find_places(page, event);
    finder.write_form(raw, event.raw);
    fill(&finder.form, &InPage { page, event }, &mut finder.filled).is_some()
        && finder.filled == raw
}

/// Gives a record back: its form, filled in. `None` if the form is damaged.
pub(super) fn fill(form: &[u8], values: &impl Values, out: &mut Vec<u8>) -> Option<()> {
    out.clear();
    let mut rest = form;
    while let Some(at) = memchr::memchr(MARK, rest) {
        out.extend_from_slice(&rest[..at]);
        let letter = *rest.get(at + 1)?;
        let mut used = at + 2;
        match letter {
            b't' | b'd' => {
                let n = usize::from(rest.get(used)?.checked_sub(b' ')?);
                used += 1;
                if letter == b'd' {
                    values.detail(n, out);
                } else {
                    write_time(values.time(), *TIME_FORMS.get(n)?, out);
                }
            }
            _ => values.column(letter, out),
        }
        rest = &rest[used..];
    }
    out.extend_from_slice(rest);
    Some(())
}

/// Buffers for finding forms, used again for each event.
#[derive(Default)]
pub(super) struct Finder {
    places: Vec<(Span, [u8; 2])>,
    filled: Vec<u8>,
    time_form: usize,
    /// The form that was found.
    pub(super) form: Vec<u8>,
}

impl Finder {
    /// Where in the record a column's text stands just as the column has it.
    fn find_places(&mut self, page: &Page, event: &Event) {
        self.places.clear();
        let texts = TEXT_LETTERS.iter().zip(columns(event));
        for (letter, text) in texts {
            if let Some(Text::In(span)) = text {
                self.places.push((*span, [*letter, 0]));
            }
        }
        if let Identity::Vendor(Text::In(span)) = &event.identity {
            self.places.push((*span, [b'i', 0]));
        }
        for (letter, number) in [(b'o', event.port), (b's', event.file_size)] {
            if let Some(span) = number.and_then(|number| number.at) {
                self.places.push((span, [letter, 0]));
            }
        }
        for (n, detail) in event.details.iter().enumerate().take(DETAILS_MAX) {
            if let Text::In(span) = detail.json {
                self.places.push((span, [b'd', place_number(n)]));
            }
        }
        if let Some(span) = event.time.at {
            let n = self.time_form_of(event.time.value, page.slice(span));
            self.places
                .extend(n.map(|n| (span, [b't', place_number(n)])));
        }
        self.places.sort_unstable_by_key(|(span, _)| span.start);
    }

    /// The record with marks in its places. A place that overlaps the one before it, such as a
    /// package that is the target too, is passed over.
    fn write_form(&mut self, raw: &[u8], whole: Span) {
        let mut done = 0;
        for (span, place) in &self.places {
            let Some(start) = (span.start as usize).checked_sub(whole.start as usize) else {
                continue;
            };
            if start < done || span.end > whole.end {
                continue;
            }
            self.form.extend_from_slice(&raw[done..start]);
            self.form.push(MARK);
            self.form.push(place[0]);
            self.form.extend((place[1] != 0).then_some(place[1]));
            done = start + span.len();
        }
        self.form.extend_from_slice(&raw[done..]);
    }

    /// The form of a time; the one that fitted last is tried first.
    fn time_form_of(&mut self, time: Timestamp, written: &[u8]) -> Option<usize> {
        let fits = |n: &usize| {
            let mut text = Vec::with_capacity(32);
            write_time(time, TIME_FORMS[*n], &mut text);
            text == written
        };
        let found = std::iter::once(self.time_form)
            .chain(0..TIME_FORMS.len())
            .find(fits)?;
        self.time_form = found;
        Some(found)
    }
}

/// How many columns hold words.
pub(super) const TEXT_COUNT: usize = 10;

/// Which of them is the class of the event, what was done, by whom, as whom, and from where.
pub(super) const EVENT_TYPE: usize = 0;
pub(super) const ACTION: usize = 1;
pub(super) const ACTOR: usize = 2;
pub(super) const ON_BEHALF_OF: usize = 3;
pub(super) const IP: usize = 4;

/// Which of them is the package, and which the name of a file in it.
pub(super) const PACKAGE: usize = 6;
pub(super) const PACKAGE_TYPE: usize = 7;
pub(super) const PACKAGE_OWNER: usize = 8;
pub(super) const FILE_NAME: usize = 9;

/// Letters of the columns of [`columns`], in their order.
pub(super) const TEXT_LETTERS: [u8; TEXT_COUNT] = *b"eaubpgkywf";

/// Places are numbered in printable characters; [`DETAILS_MAX`] of them fit a byte.
fn place_number(n: usize) -> u8 {
    u8::try_from(n)
        .unwrap_or(u8::MAX - b' ')
        .saturating_add(b' ')
}

fn write_time(time: Timestamp, form: (u8, bool, &str), out: &mut Vec<u8>) {
    let moment = time.datetime();
    let (between, with_millis, end) = form;
    digits(out, moment.year().unsigned_abs(), 4);
    out.push(b'-');
    digits(out, moment.month(), 2);
    out.push(b'-');
    digits(out, moment.day(), 2);
    out.push(between);
    digits(out, moment.hour(), 2);
    out.push(b':');
    digits(out, moment.minute(), 2);
    out.push(b':');
    digits(out, moment.second(), 2);
    if with_millis {
        out.push(b'.');
        digits(out, moment.timestamp_subsec_millis(), 3);
    }
    out.extend_from_slice(end.as_bytes());
}

/// The last `width` digits of a number. Written by hand because every event passes here.
fn digits(out: &mut Vec<u8>, number: u32, width: u32) {
    for place in (0..width).rev() {
        let digit = number / 10_u32.pow(place) % 10;
        out.push(b'0' + u8::try_from(digit).unwrap_or(0));
    }
}

/// An event that is still in its page.
struct InPage<'a> {
    page: &'a Page,
    event: &'a Event,
}

impl Values for InPage<'_> {
    fn column(&self, letter: u8, out: &mut Vec<u8>) {
        use std::io::Write;
        let number = match letter {
            b'o' => self.event.port,
            b's' => self.event.file_size,
            _ => None,
        };
        if let Some(number) = number {
            let _ = write!(out, "{}", number.value);
            return;
        }
        if let (b'i', Identity::Vendor(id)) = (letter, &self.event.identity) {
            out.extend_from_slice(self.page.text(id).as_bytes());
            return;
        }
        let column = TEXT_LETTERS.iter().position(|known| *known == letter);
        let text = column.and_then(|n| columns(self.event)[n].as_ref());
        out.extend_from_slice(text.map_or("", |text| self.page.text(text)).as_bytes());
    }

    fn time(&self) -> Timestamp {
        self.event.time.value
    }

    fn detail(&self, n: usize, out: &mut Vec<u8>) {
        let detail = self.event.details.get(n);
        out.extend(
            detail
                .map_or("", |detail| self.page.text(&detail.json))
                .as_bytes(),
        );
    }
}
