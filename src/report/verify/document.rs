//! Compares a report's file with the same report written anew.

use std::io::{self, Cursor};
use std::ops::Range;

use memchr::memmem::find;
use sha2::{Digest, Sha256};

use crate::report::Report;
use crate::report::answer::{Answer, hex};
use crate::report::evidence::{Evidence, FORM};
use crate::report::form::{Form, Part};

/// Where the file is not as it was made. Answers that are not `comparable` are not what they were,
/// and there is nothing to compare their rows with but the SHA-256 of the whole.
pub(super) fn flaws(
    file: &[u8],
    form: &Form,
    evidence: &Evidence,
    answers: Vec<Answer>,
    comparable: &[bool],
) -> io::Result<Vec<String>> {
    let mut flaws = Vec::new();
    let Some((json, from)) = (form.evidence)(file) else {
        return Ok(flaws);
    };
    let before = file.get(..from).unwrap_or_default();
    let sha256 = hex(&Sha256::digest(before));
    if evidence
        .document_sha256
        .as_ref()
        .is_some_and(|then| *then != sha256)
    {
        flaws.push("the file was edited after it was made: its SHA-256 is another one".to_owned());
    }
    if evidence.form != FORM {
        return Ok(flaws);
    }
    if json != evidence.json() {
        flaws.push("the evidence for programs is not as it was written".to_owned());
    }
    let mut report = Report {
        evidence: evidence.clone(),
        answers,
    };
    let mut anew = Cursor::new(Vec::new());
    let parts = (form.write)(&mut report, &mut anew)?;
    let differing = (form.differing)(file, anew.get_ref(), &parts, comparable);
    flaws.extend(differing);
    Ok(flaws)
}

/// Where one text differs from the same written anew, part by part.
pub(in crate::report) fn differing(
    file: &[u8],
    anew: &[u8],
    parts: &[Part],
    comparable: &[bool],
    evidence: fn(&[u8]) -> Option<(String, usize)>,
) -> Vec<String> {
    let (Some((then, at)), Some((now, anew_at))) = (evidence(file), evidence(anew)) else {
        return Vec::new();
    };
    let (body, anew_body) = (slice(file, 0..at), slice(anew, 0..anew_at));
    let mut flaws = differing_parts(body, anew_body, parts, comparable);
    let end = slice(file, at + then.len()..file.len());
    if end != slice(anew, anew_at + now.len()..anew.len()) {
        flaws.push("the end of the file is not as it was made".to_owned());
    }
    flaws
}

fn differing_parts(file: &[u8], anew: &[u8], parts: &[Part], comparable: &[bool]) -> Vec<String> {
    let mut flaws = Vec::new();
    let mut at = 0;
    for (number, part) in parts.iter().enumerate() {
        let next = parts.get(number + 1).map(|part| index(part.from));
        let expected = slice(anew, index(part.from)..next.unwrap_or(anew.len()));
        let found = slice(file, at..file.len());
        if found.starts_with(expected) {
            at += expected.len();
            continue;
        }
        let is_known = |answer| comparable.get(answer) == Some(&true);
        if part.answer.is_none_or(is_known) {
            let line = line_of_difference(file, at, expected);
            let name = &part.name;
            flaws.push(format!("{name} is not as it was made, from line {line} on"));
        }
        let beginning = next.map(|next| slice(anew, next..(next + BEGINNING).min(anew.len())));
        let resumed = beginning.and_then(|beginning| find(found, beginning));
        at += resumed.unwrap_or(found.len());
    }
    flaws
}

/// The first line, counted from 1, in which what stands in a file at a place is not as expected.
fn line_of_difference(file: &[u8], at: usize, expected: &[u8]) -> usize {
    let found = slice(file, at..file.len());
    let pairs = expected.iter().zip(found);
    let same = pairs.take_while(|(one, other)| one == other).count();
    let before = slice(file, 0..at + same).iter();
    1 + before.filter(|byte| **byte == b'\n').count()
}

/// So many bytes tell where a part begins: they have its number or its title in them.
const BEGINNING: usize = 24;

fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
