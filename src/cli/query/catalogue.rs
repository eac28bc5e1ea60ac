//! The list of saved queries.

use std::borrow::Cow;

use super::answer::Answer;
use crate::cli::failure::{Exit, Failure};
use crate::query::saved::Saved;
use crate::query::{Column, Parameter, Value};

/// Writes the saved queries: name, description, parameters with their defaults.
///
/// # Errors
/// They cannot be written.
pub(super) fn list(saved: &[Saved], answer: &Answer<'_>) -> Result<Exit, Failure> {
    let columns = ["name", "description", "parameters"].map(|name| Column {
        name: name.to_owned(),
    });
    let rows: Vec<_> = saved.iter().map(row).collect();
    answer.write("Saved queries", &columns, &rows)?;
    answer
        .screen
        .note("run one: trailkeep query NAME -p since=7d");
    Ok(Exit::Ok)
}

fn row(saved: &Saved) -> Vec<Value<'_>> {
    let (about, parameters) = match &saved.query {
        Ok(query) => {
            let parameters: Vec<String> = query.parameters.iter().map(usage).collect();
            (query.about.clone(), parameters.join(" "))
        }
        Err(error) => (format!("(cannot be used: {error})"), String::new()),
    };
    [saved.name.clone(), about, parameters]
        .map(|text| Value::Text(Cow::Owned(text)))
        .into()
}

/// `since=30d`; `actor=` where it may be left out, `id=?` where it must be given.
fn usage(parameter: &Parameter) -> String {
    let name = &parameter.name;
    match parameter.default.as_deref() {
        None => format!("{name}=?"),
        Some("null") => format!("{name}="),
        Some(default) if default.contains(char::is_whitespace) => format!("{name}='{default}'"),
        Some(default) => format!("{name}={default}"),
    }
}
