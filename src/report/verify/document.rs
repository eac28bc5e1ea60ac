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
    let mut flaws = Vec::new();
    let (Some((then, file_json)), Some((now, anew_json))) = (evidence(file), evidence(anew)) else {
        return flaws;
    };
    let end = (
        file.get(file_json + then.len()..),
        anew.get(anew_json + now.len()..),
    );
    let (file, anew) = (file.get(..file_json), anew.get(..anew_json));
    let (file, anew) = (file.unwrap_or_default(), anew.unwrap_or_default());
    let mut at = 0;
    for (number, part) in parts.iter().enumerate() {
        let next = parts.get(number + 1).map(|part| index(part.from));
        let expected = slice(anew, index(part.from)..next.unwrap_or(anew.len()));
        let is_known = part
            .answer
            .is_none_or(|answer| comparable.get(answer) == Some(&true));
        let found = slice(file, at..file.len());
        if found.starts_with(expected) {
            at += expected.len();
            continue;
        }
        if is_known {
            let same = expected
                .iter()
                .zip(found)
                .take_while(|(one, other)| one == other)
                .count();
            let line = 1 + slice(file, 0..at + same)
                .iter()
                .filter(|byte| **byte == b'\n')
                .count();
            flaws.push(format!(
                "{} is not as it was made, from line {line} on",
                part.name
            ));
        }
        let beginning = next.map(|next| slice(anew, next..(next + BEGINNING).min(anew.len())));
        let resumed = beginning.and_then(|beginning| find(found, beginning));
        at += resumed.unwrap_or(found.len());
    }
    if end.0 != end.1 {
        flaws.push("the end of the file is not as it was made".to_owned());
    }
    flaws
}

/// So many bytes tell where a part begins: they have its number or its title in them.
const BEGINNING: usize = 24;

fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

fn index(at: u64) -> usize {
    usize::try_from(at).unwrap_or(usize::MAX)
}
