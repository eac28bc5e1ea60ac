//! Which saved queries are run as checks.

use serde_json::Map;

use crate::archive::checks::Asked;
use crate::cli::failure::Failure;
use crate::query::saved::{self, Saved};
use crate::query::{Expect, Query, QueryError, Severity};

/// The checks that were chosen, by name.
pub(super) struct Choice {
    pub(super) checks: Vec<Chosen>,
}

/// A saved query that is to be run as a check.
pub(super) struct Chosen {
    asked: Asked,
    /// The file it stands in, as messages name it.
    pub(super) file: String,
    /// What was given for the parameters that it declares.
    pub(super) given: Vec<(String, String)>,
    /// The query and what it expects, or what is wrong with its header: that may be the very line
    /// that makes it a check, so it is not passed over.
    pub(super) query: Result<(Query, Expect), QueryError>,
}

impl Choice {
    /// Chooses by names and tags, or takes every check there is; then those that are severe enough.
    ///
    /// # Errors
    /// A name is known to nobody or is that of a query which expects nothing, nothing is left to
    /// check, or no check has a parameter that is given.
    pub(super) fn of(
        saved: Vec<Saved>,
        named: &[String],
        floor: Option<Severity>,
        given: &[(String, String)],
    ) -> Result<Choice, Failure> {
        named
            .iter()
            .try_for_each(|name| must_be_known(name, &saved))?;
        let is_named = |one: &Saved| {
            let is_it = |name: &String| one.name == *name || one.is_tagged(name);
            named.is_empty() || named.iter().any(is_it)
        };
        let chosen = saved.into_iter().filter(is_named);
        let mut checks: Vec<Chosen> = chosen.filter_map(|one| Chosen::of(one, given)).collect();
        checks.retain(|check| check.is_severe(floor));
        if checks.is_empty() {
            return Err(nothing(floor));
        }
        must_be_declared(&checks, given)?;
        Ok(Choice { checks })
    }
}

/// What is asked for by name is never passed over in silence.
fn must_be_known(name: &String, saved: &[Saved]) -> Result<(), Failure> {
    if let Some(one) = saved.iter().find(|one| one.name == *name) {
        return match &one.query {
            Ok(query) if query.expect.is_none() => Err(expects_nothing(name)),
            _ => Ok(()),
        };
    }
    let tagged: Vec<&Saved> = saved.iter().filter(|one| one.is_tagged(name)).collect();
    if tagged.iter().any(|one| expects_something(one)) {
        return Ok(());
    }
    if !tagged.is_empty() {
        let problem = format!("no query with the tag `{name}` says what to expect");
        return Err(Failure::usage(problem).hinted(HOW_TO_EXPECT));
    }
    let checks = saved.iter().filter(|one| expects_something(one));
    let failure = Failure::usage(format!("there is no check or tag `{name}`"));
    Err(match saved::alike(name, checks).as_slice() {
        [] => failure.hinted("`trailkeep check` without a name runs all there are"),
        names => failure.hinted(format!("did you mean `{}`?", names.join("` or `"))),
    })
}

const HOW_TO_EXPECT: &str = "a check has a line `-- expect: no rows`, `-- expect: at most 5 rows` \
    or `-- expect: at least 1 row` in its header";

fn expects_nothing(name: &str) -> Failure {
    let problem = format!("`{name}` does not say what to expect");
    Failure::usage(problem).hinted(HOW_TO_EXPECT)
}

fn expects_something(saved: &Saved) -> bool {
    saved
        .query
        .as_ref()
        .is_ok_and(|query| query.expect.is_some())
}

/// To whoever asks for a check, that nothing is checked is no good news.
fn nothing(floor: Option<Severity>) -> Failure {
    match floor {
        Some(floor) => Failure::usage(format!(
            "none of these checks is of severity {floor} or more"
        ))
        .hinted("a check has its severity from a line `-- severity: high` in its header"),
        None => Failure::usage("no saved query says what to expect").hinted(HOW_TO_EXPECT),
    }
}

fn must_be_declared(checks: &[Chosen], given: &[(String, String)]) -> Result<(), Failure> {
    let queries = checks.iter().filter_map(|check| check.query.as_ref().ok());
    let declared = queries.flat_map(|(query, _)| &query.parameters);
    let mut declared: Vec<&str> = declared.map(|one| one.name.as_str()).collect();
    declared.sort_unstable();
    declared.dedup();
    let is_unknown = |name: &&String| !declared.contains(&name.as_str());
    let Some(name) = given.iter().map(|(name, _)| name).find(is_unknown) else {
        return Ok(());
    };
    let failure = Failure::usage(format!("none of these checks has a parameter `{name}`"));
    Err(if declared.is_empty() {
        failure
    } else {
        failure.hinted(format!("their parameters: {}", declared.join(", ")))
    })
}

impl Chosen {
    /// None if it is no check.
    fn of(saved: Saved, given: &[(String, String)]) -> Option<Chosen> {
        let query = match saved.query {
            Ok(query) => Ok((query.expect?, query)),
            Err(error) => Err(error),
        };
        let query = query.map(|(expect, query)| (query, expect));
        let given = query.as_ref().map(|(query, _)| own(query, given));
        let given = given.unwrap_or_default();
        let file = saved.path.as_ref().map(|path| path.display().to_string());
        Some(Chosen {
            file: file.unwrap_or_else(|| format!("{}.sql", saved.name)),
            asked: Asked {
                parameters: as_json(&given),
                name: saved.name,
            },
            given,
            query,
        })
    }

    /// What it is known by on record.
    pub(super) fn asked(&self) -> &Asked {
        &self.asked
    }

    /// A check without a severity is less severe than any; of one that cannot be read nobody knows.
    fn is_severe(&self, floor: Option<Severity>) -> bool {
        let severity = self.query.as_ref().map(|(query, _)| query.severity);
        severity.map_or(true, |severity| severity >= floor)
    }
}

/// What is given of the parameters that a query declares, each once, in order of names.
fn own(query: &Query, given: &[(String, String)]) -> Vec<(String, String)> {
    let mut names: Vec<&String> = query.parameters.iter().map(|one| &one.name).collect();
    names.sort_unstable();
    let last = |name: &String| given.iter().rev().find(|(one, _)| one == name).cloned();
    names.into_iter().filter_map(last).collect()
}

fn as_json(given: &[(String, String)]) -> String {
    let pairs = given.iter().cloned();
    let object: Map<_, _> = pairs.map(|(name, value)| (name, value.into())).collect();
    serde_json::Value::Object(object).to_string()
}

#[cfg(test)]
mod tests;
