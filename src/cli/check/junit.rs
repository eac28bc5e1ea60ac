//! A round of checks as CI systems read test results: the elements and attributes that Jenkins, GitLab
//! and their kin have in common (inferred from their documentation; JUnit itself documents none).

use std::io;
use std::time::Duration;

use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::form::{more, shown};
use super::round::{Checked, Round, SCREEN};
use crate::check::Outcome;
use crate::format::visible;

type Xml = Writer<Vec<u8>>;

/// The round as a test suite: an alarm is a failure, and a check without an answer is an error.
///
/// # Errors
/// None, for text takes all that is written to it.
pub(super) fn text(round: &Round) -> io::Result<String> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let counts = counts(round);
    let counts = counts.iter().map(|(name, count)| (*name, count.as_str()));
    let suites = xml
        .create_element("testsuites")
        .with_attribute(("name", "trailkeep"));
    suites
        .with_attributes(counts.clone())
        .write_inner_content(|xml| {
            let ran_at = round
                .ran_at
                .datetime()
                .format("%Y-%m-%dT%H:%M:%S")
                .to_string();
            let suite = xml.create_element("testsuite");
            let suite = suite.with_attributes([("name", "checks"), ("timestamp", &*ran_at)]);
            suite.with_attributes(counts).write_inner_content(|xml| {
                properties(xml, round)?;
                round.checks.iter().try_for_each(|check| case(xml, check))
            })?;
            Ok(())
        })?;
    let mut text = String::from_utf8_lossy(&xml.into_inner()).into_owned();
    text.push('\n');
    Ok(text)
}

fn counts(round: &Round) -> [(&'static str, String); 5] {
    [
        ("tests", round.checks.len().to_string()),
        ("failures", round.count(Outcome::Alarm).to_string()),
        ("errors", round.count(Outcome::Error).to_string()),
        ("skipped", "0".to_owned()),
        ("time", seconds(round.took())),
    ]
}

fn properties(xml: &mut Xml, round: &Round) -> io::Result<()> {
    let archive = sound(&round.archive);
    let pairs = [
        ("archive", &*archive),
        ("version", env!("CARGO_PKG_VERSION")),
    ];
    xml.create_element("properties")
        .write_inner_content(|xml| {
            for (name, value) in pairs {
                let property = xml.create_element("property");
                property
                    .with_attributes([("name", name), ("value", value)])
                    .write_empty()?;
            }
            Ok(())
        })?;
    Ok(())
}

fn case(xml: &mut Xml, check: &Checked) -> io::Result<()> {
    let (name, took) = (sound(&check.asked.name), seconds(check.took));
    let attributes = [
        ("classname", "trailkeep.check"),
        ("name", &*name),
        ("time", &*took),
    ];
    let case = xml.create_element("testcase").with_attributes(attributes);
    case.write_inner_content(|xml| {
        match check.outcome(SCREEN) {
            Outcome::Alarm => complaint(xml, "failure", check)?,
            Outcome::Error => complaint(xml, "error", check)?,
            Outcome::Pass | Outcome::Known => {}
        }
        let said = [check.said(SCREEN)]
            .into_iter()
            .chain(check.flaws().iter().cloned());
        let said = sound(&said.collect::<Vec<_>>().join("\n"));
        let out = xml.create_element("system-out");
        out.write_text_content(BytesText::new(&said))?;
        Ok(())
    })?;
    Ok(())
}

/// What is wrong, and the rows that show it.
fn complaint(xml: &mut Xml, element: &'static str, check: &Checked) -> io::Result<()> {
    let severity = check
        .query
        .severity
        .map_or(element, crate::query::Severity::name);
    let said = sound(check.said(SCREEN).lines().next().unwrap_or_default());
    let mut text = match &check.answer {
        Ok(_) => vec![check.query.about.clone()],
        Err(failure) => vec![failure.to_string()],
    };
    text.extend(check.explained());
    text.extend(shown(check, "table", None)?);
    text.extend(more(check));
    let text = sound(&text.join("\n"));
    let element = xml.create_element(element);
    let element = element.with_attributes([("message", &*said), ("type", severity)]);
    element.write_text_content(BytesText::new(&text))?;
    Ok(())
}

fn seconds(took: Duration) -> String {
    format!("{:.3}", took.as_secs_f64())
}

/// XML has no room for most control characters, however they are written, nor for two that are none.
fn sound(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(visible).collect();
    lines
        .join("\n")
        .replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
