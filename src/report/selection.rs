//! Which queries a report asks, and with which parameters.

use crate::event::Period;
use crate::query::explain::nearest;
use crate::query::saved::{self, Saved};
use crate::query::{Parameter, ParameterKind, Query};
use crate::report::evidence::LeftOut;
use crate::report::{Order, ReportError};

/// The names under which a query takes the beginning of a period, and its end.
pub(super) const FROM: [&str; 2] = ["since", "from"];
pub(super) const TO: [&str; 2] = ["until", "to"];

/// The name under which a query takes the moment as of which it is asked: a period's end.
const AT: &str = "at";

/// What a report asks.
pub(super) struct Selection<'a> {
    /// Each query with its name and the parameters it is given.
    pub(super) queries: Vec<Chosen<'a>>,
    /// Queries of a tag that cannot be asked.
    pub(super) left_out: Vec<LeftOut>,
}

/// A query that is asked.
pub(super) struct Chosen<'a> {
    pub(super) name: &'a str,
    pub(super) query: &'a Query,
    pub(super) given: Vec<(String, String)>,
}

impl<'a> Selection<'a> {
    /// The queries that are meant by names and tags, in their order, each once.
    ///
    /// # Errors
    /// A name is neither, a query of that name cannot be asked, or nothing takes a parameter.
    pub(super) fn of(order: &Order<'a>) -> Result<Selection<'a>, ReportError> {
        let mut selection = Selection {
            queries: Vec::new(),
            left_out: Vec::new(),
        };
        for name in order.named {
            if let Some(saved) = order.saved.iter().find(|saved| saved.name == *name) {
                let left_out = selection.add(saved, order)?;
                left_out.map_or(Ok(()), |one| Err(missing(one, order)))?;
            } else {
                selection.add_tag(name, order)?;
            }
        }
        selection.must_take(order)?;
        Ok(selection)
    }

    fn add_tag(&mut self, tag: &str, order: &Order<'a>) -> Result<(), ReportError> {
        let mut found = false;
        for saved in order.saved.iter().filter(|saved| saved.is_tagged(tag)) {
            found = true;
            let left_out = self.add(saved, order)?;
            self.left_out.extend(left_out);
        }
        if found {
            Ok(())
        } else {
            Err(unknown(tag, order))
        }
    }

    /// Adds a query; or gives the parameter that it cannot be asked without.
    fn add(&mut self, saved: &'a Saved, order: &Order<'a>) -> Result<Option<LeftOut>, ReportError> {
        let query = saved.query.as_ref().map_err(|error| ReportError::Header {
            name: saved.name.clone(),
            what: error.to_string(),
        })?;
        if self.queries.iter().any(|chosen| chosen.name == saved.name) {
            return Ok(None);
        }
        let given = given(query, order);
        let is_given = |name: &str| given.iter().any(|(one, _)| one == name);
        let mut needed = query.parameters.iter().filter(|one| one.default.is_none());
        if let Some(parameter) = needed.find(|one| !is_given(&one.name)) {
            return Ok(Some(LeftOut {
                query: saved.name.clone(),
                parameter: parameter.name.clone(),
            }));
        }
        let name = saved.name.as_str();
        self.queries.push(Chosen { name, query, given });
        Ok(None)
    }

    /// Whoever gives a parameter means one that there is.
    fn must_take(&self, order: &Order<'_>) -> Result<(), ReportError> {
        let left_out = self.left_out.iter().map(|one| one.parameter.clone());
        let taken = self.queries.iter().flat_map(|one| one.query.names());
        let names: Vec<String> = taken.chain(left_out).collect();
        match order.given.iter().find(|(name, _)| !names.contains(name)) {
            None => Ok(()),
            Some((name, _)) => Err(ReportError::NoParameter {
                name: name.clone(),
                nearest: nearest(name, names.iter().map(String::as_str)),
            }),
        }
    }
}

/// The bounds of the period as a query takes them, and then what the user gave it.
fn given(query: &Query, order: &Order<'_>) -> Vec<(String, String)> {
    let Period { from, to } = order.period;
    let of_time = |names: &[&str], moment: String| {
        let times = query
            .parameters
            .iter()
            .filter(|one| one.kind == ParameterKind::Time && names.contains(&one.name.as_str()));
        times
            .map(|one| (one.name.clone(), moment.clone()))
            .collect::<Vec<_>>()
    };
    let mut given = of_time(&FROM, from.to_string());
    given.extend(of_time(&TO, to.to_string()));
    let as_of = query.parameters.iter().filter(|one| is_as_of(one));
    given.extend(as_of.map(|one| (one.name.clone(), to.to_string())));
    let names = query.names();
    let own = order.given.iter().filter(|(name, _)| names.contains(name));
    given.extend(own.cloned());
    given
}

/// Whether it is the moment as of which a query is asked. Where a query can do without one (`null`),
/// it means another moment by it, such as the time of an event that it looks for.
pub(super) fn is_as_of(parameter: &Parameter) -> bool {
    let can_do_without = parameter.default.as_deref() == Some("null");
    parameter.kind == ParameterKind::Time && parameter.name == AT && !can_do_without
}

fn missing(left_out: LeftOut, order: &Order<'_>) -> ReportError {
    let saved = order.saved.iter().find(|one| one.name == left_out.query);
    let query = saved.and_then(|saved| saved.query.as_ref().ok());
    let parameters = query.map(|query| query.parameters.iter());
    let about = parameters
        .and_then(|mut all| all.find(|one| one.name == left_out.parameter))
        .map(|parameter| parameter.about.clone());
    ReportError::Missing {
        query: left_out.query,
        parameter: left_out.parameter,
        about: about.unwrap_or_default(),
    }
}

fn unknown(name: &str, order: &Order<'_>) -> ReportError {
    ReportError::Unknown {
        name: name.to_owned(),
        nearest: saved::alike(name, order.saved),
    }
}
