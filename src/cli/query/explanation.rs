//! What `--explain` says: the SQL, what its parameters are, how SQLite goes about it, and what
//! serves it.

use std::io::{self, Write};

use serde_json::json;

use super::question::Question;
use crate::archive::reader::Reader;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::format::{FormatKind, visible};
use crate::query::plan::Plan;
use crate::query::{Options, Value};

/// Explains a query, as text or as one JSON object.
///
/// # Errors
/// Something is wrong with the query, or standard output cannot be written.
pub(in crate::cli) fn write(
    screen: &Screen,
    format: &FormatKind,
    question: &Question,
    reader: &Reader,
    options: Options<'_>,
) -> Result<(), Failure> {
    let explained = Explained::of(question, reader, options)?;
    let mut out = screen.data();
    match format.name {
        "table" => explained.write_text(&mut out)?,
        "json" => explained.write_json(&mut out)?,
        other => {
            let problem = format!("what explains a query is no `{other}`");
            return Err(Failure::usage(problem).hinted("formats: table, json"));
        }
    }
    Ok(out.flush()?)
}

/// A terminal would make room for it as it likes.
pub(in crate::cli) const TAB: &str = "    ";

struct Explained<'q> {
    sql: &'q str,
    values: Vec<(String, Value<'static>)>,
    plan: Plan,
}

impl<'q> Explained<'q> {
    fn of(
        question: &'q Question,
        reader: &Reader,
        options: Options<'_>,
    ) -> Result<Explained<'q>, Failure> {
        let query = &question.query;
        let failed = |error| Failure::of_query(error, question.file.as_deref()).declared(query);
        Ok(Explained {
            sql: query.sql.trim(),
            values: query.values(reader, options).map_err(failed)?,
            plan: query.plan(reader, options).map_err(failed)?,
        })
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        for line in self.sql.lines() {
            writeln!(out, "{}", visible(&line.trim_end().replace('\t', TAB)))?;
        }
        for (index, (name, value)) in self.values.iter().enumerate() {
            let begin = if index == 0 { "\nwith" } else { "    " };
            writeln!(out, "{begin} :{name} = {}", visible(&literal(value)))?;
        }
        if !self.plan.steps.is_empty() {
            writeln!(out, "\nhow it is answered")?;
        }
        for step in &self.plan.steps {
            let indent = "  ".repeat(step.depth + 1);
            writeln!(out, "{indent}{}", visible(&step.does))?;
        }
        writeln!(out, "\n{}", self.plan.served.about())
    }

    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let values = self.values.iter();
        let values = values.map(|(name, value)| (name.clone(), json_value(value)));
        let steps = self.plan.steps.iter();
        let steps = steps.map(|step| json!({"depth": step.depth, "does": step.does}));
        let rows = self.plan.rows.iter();
        let rows =
            rows.map(|row| json!({"id": row.id, "parent": row.parent, "detail": row.detail}));
        let object = json!({
            "sql": self.sql,
            "parameters": values.collect::<serde_json::Map<_, _>>(),
            "steps": steps.collect::<Vec<_>>(),
            "served_by": self.plan.served.name(),
            "plan": rows.collect::<Vec<_>>(),
        });
        serde_json::to_writer_pretty(&mut *out, &object)?;
        out.write_all(b"\n")
    }
}

/// A value as SQL writes it.
fn literal(value: &Value<'_>) -> String {
    match value {
        Value::Integer(number) => number.to_string(),
        Value::Real(number) => number.to_string(),
        Value::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Value::Null | Value::Blob(_) => "null".to_owned(),
    }
}

fn json_value(value: &Value<'_>) -> serde_json::Value {
    match value {
        Value::Integer(number) => json!(number),
        Value::Real(number) => json!(number),
        Value::Text(text) => json!(text),
        Value::Null | Value::Blob(_) => json!(null),
    }
}
