//! `trailkeep report`: answers to several queries over a period, as a document.

mod verify;

use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use self::verify::Verify;
use super::Session;
use super::failure::{Exit, Failure};
use super::query::destination::Destination;
use super::query::{length, pair};
use crate::archive::reader::Reader;
use crate::event::{Period, Timestamp};
use crate::fetch::clock::{Clock, SystemClock};
use crate::query::saved;
use crate::report::{self, FORMS, Form, Order, Report};
use crate::time::parse_moment;

/// Write the answers to saved queries as a document for an auditor, or check one
///
/// Each query is asked about the period: it fills its parameters `since` or `from`, and `until` or
/// `to`; its end fills `at`, the moment as of which a query is asked. The document says how much of
/// the period is complete, names actors whom no list of users knows, and ends with the evidence:
/// which archive, query texts, parameters, batches, and the SHA-256 of each answer.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct MakeReport {
    /// Saved queries, and tags: all queries that have them
    #[arg(value_name = "NAME|TAG", required = true)]
    named: Vec<String>,
    /// Beginning of the period: 2026-09-01, or 30d back from now
    #[arg(long, value_name = "TIME", default_value = "30d")]
    from: String,
    /// End of the period, which is not part of it any more [default: now]
    #[arg(long, value_name = "TIME")]
    to: Option<String>,
    /// Title [default: what is asked]
    #[arg(long, value_name = "TEXT")]
    title: Option<String>,
    /// A value for a parameter, for each query that has it: -p source=acme
    #[arg(short, long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    parameters: Vec<(String, String)>,
    /// What to write [default: by the ending of --to-file, else html]
    #[arg(short = 'o', long = "output", value_name = "FORM", value_parser = forms())]
    form: Option<String>,
    /// Write to a file, which is there whole or not at all
    #[arg(long, value_name = "FILE")]
    to_file: Option<PathBuf>,
    /// How long each query may work: 90s, 10min
    #[arg(long, value_name = "D", default_value = "60s", value_parser = length)]
    timeout: Duration,
    #[command(subcommand)]
    other: Option<Other>,
}

#[derive(Subcommand)]
enum Other {
    Verify(Verify),
}

impl MakeReport {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        if let Some(Other::Verify(verify)) = &self.other {
            return verify.run(session);
        }
        let form = self.form()?;
        if form.is_binary() && self.to_file.is_none() && session.screen.data_on_terminal() {
            return Err(
                Failure::usage(format!("{} is not for a terminal", form.name))
                    .hinted("name a file: --to-file report.xlsx"),
            );
        }
        let config = session.config()?;
        let saved = saved::list(Some(&config.queries.value))?;
        let now = SystemClock.now();
        let reader = Reader::open(&config.archive.value)?;
        let order = Order {
            named: &self.named,
            saved: &saved,
            title: self.title.as_deref(),
            period: self.period(now)?,
            given: &self.parameters,
            now,
            timeout: Some(self.timeout),
        };
        let mut report = report::make(&reader, &order)?;
        self.deliver(form, &mut report, session)?;
        self.tell(&report, session);
        Ok(Exit::Ok)
    }

    fn period(&self, now: Timestamp) -> Result<Period, Failure> {
        let from = parse_moment(&self.from, now)?;
        let to = self.to.as_deref().map(|text| parse_moment(text, now));
        Ok(Period {
            from,
            to: to.transpose()?.unwrap_or(now),
        })
    }

    fn form(&self) -> Result<&'static Form, Failure> {
        let named = self.form.as_deref().and_then(report::find);
        named.map_or_else(|| by_ending(self.to_file.as_deref()), Ok)
    }

    /// To standard output, or to a file that is there whole or not at all.
    fn deliver(&self, form: &Form, report: &mut Report, session: &Session) -> Result<(), Failure> {
        // Opened first: that it cannot be written is known before anything is made.
        let destination = self.to_file.as_deref().map(Destination::new).transpose()?;
        let mut file = tempfile::tempfile()?;
        form.write(report, &mut file)?;
        file.seek(SeekFrom::Start(0))?;
        match destination {
            Some(mut destination) => {
                io::copy(&mut file, &mut destination)?;
                destination.keep()?;
            }
            None => {
                let mut data = session.screen.data();
                io::copy(&mut file, &mut data)?;
                io::Write::flush(&mut data)?;
            }
        }
        Ok(())
    }

    fn tell(&self, report: &Report, session: &Session) {
        let queries = report.evidence.queries.len();
        if let Some(path) = &self.to_file {
            let told = format!("{queries} answers to {}", path.display());
            session.screen.note(told);
        }
        for one in &report.evidence.left_out {
            let (query, parameter) = (&one.query, &one.parameter);
            session.screen.note(format_args!(
                "{query} is left out: it needs -p {parameter}=…"
            ));
        }
    }
}

/// The form that a file's ending asks for; the default for no file.
fn by_ending(path: Option<&Path>) -> Result<&'static Form, Failure> {
    let ending = path.and_then(Path::extension).unwrap_or_default();
    let ending = ending.to_string_lossy().to_lowercase();
    let mut forms = FORMS.iter();
    let found = match ending.as_str() {
        "" => forms.next(),
        "htm" => report::find("html"),
        _ => forms.find(|form| form.ending == ending || form.name == ending),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = FORMS.iter().map(|form| form.name).collect();
        Failure::usage(format!("no report is known by the ending `.{ending}`"))
            .hinted(format!("name one with -o: {}", names.join(", ")))
    })
}

fn forms() -> PossibleValuesParser {
    let values = FORMS
        .iter()
        .map(|form| clap::builder::PossibleValue::new(form.name).help(form.about));
    PossibleValuesParser::new(values)
}
