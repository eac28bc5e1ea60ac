//! An answer of the API around its records: success or failure, and the pagination.

use std::borrow::Cow;

use crate::feed::FeedError;
use crate::kind::sendsafely::VENDOR;
use crate::record::member::{self, members};

/// An answer that reports success.
pub(super) struct Answer<'a> {
    /// The exact text of each record.
    pub(super) entries: Vec<&'a str>,
    pub(super) rows_returned: Option<u64>,
    pub(super) next_row: Option<u64>,
    pub(super) rows_capped: bool,
}

impl<'a> Answer<'a> {
    /// Reads an answer. Failures ride on status 200 (inferred from all official clients).
    pub(super) fn read(
        text: &'a str,
        content_type: &str,
        asked: &str,
    ) -> Result<Answer<'a>, FeedError> {
        let not_understood = |why: &str| not_understood(asked, why, text.as_bytes());
        let members = successful(text, content_type, asked)?;
        let mut answer = Answer {
            entries: Vec::new(),
            rows_returned: None,
            next_row: None,
            rows_capped: false,
        };
        answer.read_pagination(members.pagination.unwrap_or("{}"));
        match members.lists.as_slice() {
            [(_, list)] => answer
                .read_entries(list)
                .map_err(|fault| not_understood(&fault))?,
            [] if answer.rows_returned.unwrap_or(0) == 0 => {}
            [] => {
                return Err(not_understood(
                    "it returned rows, but holds no list of objects",
                ));
            }
            several => {
                let names: Vec<&str> = several.iter().map(|(name, _)| name.as_ref()).collect();
                return Err(not_understood(&format!(
                    "it holds several lists: {}",
                    names.join(", ")
                )));
            }
        }
        Ok(answer)
    }

    fn read_entries(&mut self, list: &'a str) -> Result<(), String> {
        member::elements(list, |entry| self.entries.push(entry))
            .map_err(|error| member::fault(&error))
    }

    fn read_pagination(&mut self, pagination: &str) {
        // A pagination that is no object says nothing.
        let _unread = members(pagination, |name, raw| {
            let text = member::text(raw).unwrap_or_default();
            match &*name {
                "rowsReturned" => self.rows_returned = text.trim().parse().ok(),
                "nextRowIndex" => self.next_row = text.trim().parse().ok(),
                "rowsCapped" => self.rows_capped = text.trim().eq_ignore_ascii_case("true"),
                _ => {}
            }
        });
    }
}

/// The members of an answer that reports success.
pub(super) fn successful<'a>(
    text: &'a str,
    content_type: &str,
    asked: &str,
) -> Result<Members<'a>, FeedError> {
    let members = Members::read(text).map_err(|fault| {
        let json = content_type.contains("json");
        let hint = "it is no JSON; is the url that of your SendSafely portal?";
        not_understood(asked, if json { &fault } else { hint }, text.as_bytes())
    })?;
    members.refusal(asked, text)?;
    Ok(members)
}

/// Whether a saved answer reports a failure.
pub(super) fn refusal(text: &str, asked: &str) -> Result<(), FeedError> {
    match Members::read(text) {
        Ok(members) if members.response.is_some() => members.refusal(asked, text),
        _ => Ok(()),
    }
}

/// An error that shows how the answer begins.
pub(super) fn not_understood(asked: &str, why: &str, answer: &[u8]) -> FeedError {
    let beginning =
        String::from_utf8_lossy(answer.get(..answer.len().min(300)).unwrap_or_default());
    FeedError::NotUnderstood {
        vendor: VENDOR,
        asked: asked.to_owned(),
        why: why.to_owned(),
        evidence: beginning.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// The members of an answer that matter, whatever their order.
#[derive(Default)]
pub(super) struct Members<'a> {
    response: Option<Cow<'a, str>>,
    message: Option<Cow<'a, str>>,
    pagination: Option<&'a str>,
    lists: Vec<(Cow<'a, str>, &'a str)>,
}

impl<'a> Members<'a> {
    fn read(text: &'a str) -> Result<Members<'a>, String> {
        let mut found = Members::default();
        members(text, |name, raw| match &*name {
            "response" => found.response = member::text(raw),
            "message" => found.message = member::text(raw),
            "pagination" => found.pagination = Some(raw),
            _ if is_list(raw) => found.lists.push((name, raw)),
            _ => {}
        })
        .map_err(|error| member::fault(&error))?;
        Ok(found)
    }

    /// Success in any letter case, as in the official Node client; else what failed.
    fn refusal(&self, asked: &str, text: &str) -> Result<(), FeedError> {
        let Some(response) = self.response.as_deref() else {
            return Err(not_understood(
                asked,
                "it has no `response`",
                text.as_bytes(),
            ));
        };
        if response.eq_ignore_ascii_case("SUCCESS") {
            return Ok(());
        }
        let message = self.message.as_deref().unwrap_or("no message");
        Err(
            if REFUSALS
                .iter()
                .any(|word| response.eq_ignore_ascii_case(word))
            {
                FeedError::Refused {
                    vendor: VENDOR,
                    says: format!("{response}: {message}"),
                }
            } else {
                FeedError::Vendor {
                    vendor: VENDOR,
                    what: response.to_owned(),
                    says: message.to_owned(),
                }
            },
        )
    }
}

/// Values of `response` that are about who asks (enums of the official Java and .NET clients).
const REFUSALS: [&str; 5] = [
    "AUTHENTICATION_FAILED",
    "AUTH_FORBIDDEN",
    "DENIED",
    "INVALID_TOKEN",
    "TOKEN_EXPIRED",
];

/// A list of objects.
fn is_list(raw: &str) -> bool {
    raw.strip_prefix('[')
        .is_some_and(|rest| rest.trim_ascii_start().starts_with('{'))
}
