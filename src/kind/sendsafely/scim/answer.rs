//! A page of the directory, or what SCIM says in its place (RFC 7644, 3.4.2 and 3.12).

use serde_json::{Map, Value};

use crate::feed::{FeedError, Response};
use crate::kind::sendsafely::VENDOR;

/// How much of an answer is shown as evidence.
const EVIDENCE_CHARS: usize = 300;

/// A page of the directory.
pub(super) struct Listing {
    /// How many users there are in all: the one member that every listing must have.
    pub(super) total: u64,
    /// The place of the first user of this page, where it says so.
    pub(super) start: Option<u64>,
    /// The users of this page.
    pub(super) members: Vec<Value>,
}

/// Reads a page. Content types are not looked at: `application/scim+json` is as good as
/// `application/json`, and what is neither is no JSON.
///
/// # Errors
/// It is something else; an error of SCIM's, whatever its HTTP status, in the vendor's words.
pub(super) fn read(answer: Response, asked: &str) -> Result<Listing, FeedError> {
    let body = answer.body.bytes()?;
    let not_understood = |why: String| FeedError::NotUnderstood {
        vendor: VENDOR,
        asked: asked.to_owned(),
        why,
        evidence: beginning(&String::from_utf8_lossy(&body)),
    };
    let mut object: Map<String, Value> = serde_json::from_slice(&body)
        .map_err(|error| not_understood(format!("no JSON object ({error})")))?;
    refusal(&object)?;
    let total = whole(&object, "totalResults").map_err(not_understood)?;
    let total = total.ok_or_else(|| not_understood("it has no `totalResults`".to_owned()))?;
    let start = whole(&object, "startIndex").map_err(not_understood)?;
    let members = match attribute(&object, "Resources") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(_)) => list(&mut object),
        Some(_) => return Err(not_understood("its `Resources` are no list".to_owned())),
    };
    Ok(Listing {
        total,
        start,
        members,
    })
}

/// The attribute of that name, in any letter case: "attribute names are case insensitive"
/// (RFC 7643, 2.1).
pub(super) fn attribute<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    let is_it = |(key, _): &(&String, &'a Value)| key.eq_ignore_ascii_case(name);
    object
        .get(name)
        .or_else(|| object.iter().find(is_it).map(|(_, value)| value))
}

/// The text of a value, if it is a text that says something, or a number.
pub(super) fn text(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// How something begins.
pub(super) fn beginning(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().take(EVIDENCE_CHARS).collect()
}

/// Takes the list out of the answer: a page is not held twice.
fn list(object: &mut Map<String, Value>) -> Vec<Value> {
    let lists = object.iter_mut();
    let list = lists.filter(|(key, _)| key.eq_ignore_ascii_case("Resources"));
    match list.map(|(_, value)| value.take()).next() {
        Some(Value::Array(members)) => members,
        _ => Vec::new(),
    }
}

/// A number, or a text that is one; an error says what stands there instead.
fn whole(object: &Map<String, Value>, name: &str) -> Result<Option<u64>, String> {
    match attribute(object, name) {
        None | Some(Value::Null) => Ok(None),
        value => match text(value).and_then(|text| text.parse().ok()) {
            Some(number) => Ok(Some(number)),
            None => Err(format!("its `{name}` is no whole number")),
        },
    }
}

/// An error has a schema of its own, and says in `detail` what is wrong. It comes with an HTTP
/// status of its own (RFC 7644, 3.12); but this vendor's other errors ride on 200.
fn refusal(object: &Map<String, Value>) -> Result<(), FeedError> {
    let schemas = attribute(object, "schemas").and_then(Value::as_array);
    let is_error = |schema: &Value| schema.as_str().is_some_and(|urn| urn.ends_with(":Error"));
    if !schemas.is_some_and(|schemas| schemas.iter().any(is_error)) {
        return Ok(());
    }
    let word = |name: &str| text(attribute(object, name));
    let status = word("status").unwrap_or_else(|| "an error".to_owned());
    let says = [word("scimType"), word("detail")];
    let says: Vec<String> = says.into_iter().flatten().collect();
    let says = match says.as_slice() {
        [] => "no reason given".to_owned(),
        words => words.join(": "),
    };
    Err(match status.as_str() {
        "401" | "403" => FeedError::Refused {
            vendor: VENDOR,
            says: format!("{status}: {says}"),
        },
        _ => FeedError::Vendor {
            vendor: VENDOR,
            what: status,
            says,
        },
    })
}
