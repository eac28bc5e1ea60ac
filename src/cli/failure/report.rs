//! Why there is no report, in words: what to do about it.

use super::{Exit, Failure};
use crate::query::QueryError;
use crate::report::ReportError;
use crate::report::verify::VerifyError;

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Failure {
        match error {
            ReportError::Archive(error) => error.into(),
            ReportError::Query { name, source } => of_query(*source, name),
            error => {
                let hint = hint(&error);
                let failure = Failure::new(Exit::Usage, error);
                hint.into_iter().fold(failure, Failure::hinted)
            }
        }
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Failure {
        match error {
            VerifyError::Report(error) => error.into(),
            error @ VerifyError::OtherArchive { .. } => {
                Failure::new(Exit::Usage, error).hinted("name the right one with --archive")
            }
            error => Failure::new(Exit::Usage, error),
        }
    }
}

fn of_query(source: QueryError, name: String) -> Failure {
    let is_archive = matches!(source, QueryError::Archive(_));
    let failure = Failure::of_query(source, (!is_archive).then_some(name.as_str()));
    if is_archive {
        failure.of(name)
    } else {
        failure
    }
}

fn hint(error: &ReportError) -> Option<String> {
    match error {
        ReportError::Unknown { nearest, .. } | ReportError::NoParameter { nearest, .. }
            if !nearest.is_empty() =>
        {
            let names: Vec<String> = nearest.iter().map(|name| format!("`{name}`")).collect();
            Some(format!("did you mean {}?", names.join(", ")))
        }
        ReportError::Unknown { .. } => Some(
            "`trailkeep query` lists the saved queries, and with `-o csv` their tags".to_owned(),
        ),
        ReportError::Missing {
            parameter, about, ..
        } if about.is_empty() => Some(format!("give it: -p {parameter}=…")),
        ReportError::Missing {
            parameter, about, ..
        } => Some(format!("give it: -p {parameter}=… ({about})")),
        ReportError::Empty { parameter, .. } => Some(format!("give it: -p {parameter}=…")),
        _ => None,
    }
}
