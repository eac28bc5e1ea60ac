//! The shell's own commands: a line each in [`COMMANDS`].

use super::console::{Console, Flow};
use super::entry::Call;
use super::listing;
use crate::cli::coverage;
use crate::cli::failure::Failure;
use crate::cli::query::look::Look;
use crate::format::{self, FORMATS};
use crate::query::explain::nearest;
use crate::time::{parse_duration, write_duration};

/// A command of the shell.
pub(super) struct Command {
    /// What it is called, without its dot.
    pub(super) name: &'static str,
    /// What may follow it.
    pub(super) takes: &'static str,
    /// What it does, in a line.
    pub(super) about: &'static str,
    /// What completes its first word.
    pub(super) completes: Completes,
    run: fn(&mut Console<'_>, &str) -> Result<Flow, Failure>,
}

/// The words that a command may be followed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Completes {
    Nothing,
    View,
    SavedQuery,
    Format,
    Word(&'static [&'static str]),
}

/// Every command there is, in the order in which help lists them.
pub(super) const COMMANDS: &[Command] = &[
    Command {
        name: "tables",
        takes: "",
        about: "the views there are, with their columns",
        completes: Completes::Nothing,
        run: |console, _| going_on(listing::views(console)),
    },
    Command {
        name: "schema",
        takes: "[VIEW]",
        about: "the columns of a view, each with an example",
        completes: Completes::View,
        run: |console, view| going_on(listing::schema(console, view)),
    },
    Command {
        name: "queries",
        takes: "[NAME]",
        about: "the saved queries, those with a tag, or the text of one",
        completes: Completes::SavedQuery,
        run: |console, name| going_on(listing::queries(console, name)),
    },
    Command {
        name: "run",
        takes: "NAME [PARAMETER=VALUE]…",
        about: "runs a saved query; its name alone does the same",
        completes: Completes::SavedQuery,
        run: run_saved,
    },
    Command {
        name: "explain",
        takes: "SQL | NAME [PARAMETER=VALUE]…",
        about: "how a query is answered, and what serves it",
        completes: Completes::SavedQuery,
        run: |console, text| going_on(console.explain(text)),
    },
    Command {
        name: "params",
        takes: "[set NAME VALUE | clear [NAME]]",
        about: "values for parameters, for every query that has them",
        completes: Completes::Word(&["set", "clear"]),
        run: params,
    },
    Command {
        name: "mode",
        takes: "[FORMAT [LOOK]…]",
        about: "how rows are written: json, csv safe, table wide ago, …",
        completes: Completes::Format,
        run: mode,
    },
    Command {
        name: "limit",
        takes: "[N | off]",
        about: "how many rows of an answer are written at most",
        completes: Completes::Word(&["off"]),
        run: limit,
    },
    Command {
        name: "timeout",
        takes: "[D]",
        about: "how long a query may work: 90s, 10min",
        completes: Completes::Nothing,
        run: timeout,
    },
    Command {
        name: "coverage",
        takes: "[on | off | auto]",
        about: "which time is complete; or whether answers end with it",
        completes: Completes::Word(&["on", "off", "auto"]),
        run: show_coverage,
    },
    Command {
        name: "help",
        takes: "",
        about: "this list",
        completes: Completes::Nothing,
        run: |console, _| going_on(listing::commands(console)),
    },
    Command {
        name: "quit",
        takes: "",
        about: "ends the shell, as Ctrl-D does",
        completes: Completes::Nothing,
        run: |_, _| Ok(Flow::Over),
    },
];

/// Runs the command of that name.
///
/// # Errors
/// There is none, or it cannot do what it is asked for.
pub(super) fn run(console: &mut Console<'_>, name: &str, rest: &str) -> Result<Flow, Failure> {
    let name = if name == "exit" { "quit" } else { name };
    let found = COMMANDS.iter().find(|command| command.name == name);
    let command = found.ok_or_else(|| unknown(name))?;
    if command.takes.is_empty() && !rest.is_empty() {
        return Err(misused(command));
    }
    (command.run)(console, rest)
}

fn unknown(name: &str) -> Failure {
    let known = nearest(name, COMMANDS.iter().map(|command| command.name));
    let hint = match known.first() {
        Some(known) => format!("did you mean `.{known}`?"),
        None => "`.help` lists the commands".to_owned(),
    };
    Failure::usage(format!("there is no command `.{name}`")).hinted(hint)
}

fn misused(command: &Command) -> Failure {
    let usage = format!(".{} {}", command.name, command.takes);
    Failure::usage(format!("it is written `{}`", usage.trim_end()))
}

/// The command of that name is written otherwise.
fn miswritten(name: &str) -> Failure {
    let found = COMMANDS.iter().find(|command| command.name == name);
    found.map_or_else(|| unknown(name), misused)
}

fn going_on(done: Result<(), Failure>) -> Result<Flow, Failure> {
    done.map(|()| Flow::On)
}

fn run_saved(console: &mut Console<'_>, rest: &str) -> Result<Flow, Failure> {
    let call = Call::read(rest).ok_or_else(|| miswritten("run"))?;
    going_on(console.call(&call))
}

fn params(console: &mut Console<'_>, rest: &str) -> Result<Flow, Failure> {
    let (verb, rest) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let set = &mut console.settings.parameters;
    match (verb, rest.trim()) {
        ("", _) => return going_on(listing::parameters(console)),
        ("set", pair) => {
            let pair = pair.split_once(|c: char| c.is_whitespace() || c == '=');
            let (name, value) = pair.ok_or_else(|| miswritten("params"))?;
            let name = name.trim_start_matches(':').to_owned();
            set.retain(|(known, _)| *known != name);
            set.push((name, unquoted(value.trim()).to_owned()));
        }
        ("clear", "") => set.clear(),
        ("clear", name) => {
            let before = set.len();
            set.retain(|(known, _)| known != name.trim_start_matches(':'));
            if set.len() == before {
                return Err(Failure::usage(format!("no value is set for `{name}`")));
            }
        }
        _ => return Err(miswritten("params")),
    }
    Ok(Flow::On)
}

/// The value itself, where quotes stand around it as they would in SQL or in another shell.
fn unquoted(value: &str) -> &str {
    let within = |quote| value.strip_prefix(quote)?.strip_suffix(quote);
    within('\'').or_else(|| within('"')).unwrap_or(value)
}

fn mode(console: &mut Console<'_>, name: &str) -> Result<Flow, Failure> {
    if name.is_empty() {
        return going_on(listing::formats(console));
    }
    let (name, words) = name.split_once(char::is_whitespace).unwrap_or((name, ""));
    let format = format::find(name).ok_or_else(|| {
        let names: Vec<&str> = FORMATS.iter().map(|format| format.name).collect();
        let names = names.join(", ");
        Failure::usage(format!("there is no format `{name}`")).hinted(format!("formats: {names}"))
    })?;
    let mut look = Look {
        no_pager: console.settings.look.no_pager,
        ..Look::default()
    };
    for word in words.split_whitespace() {
        look.take(word).ok_or_else(|| miswritten("mode"))?;
    }
    look.suits(format)?;
    (console.settings.format, console.settings.look) = (format, look);
    Ok(Flow::On)
}

fn limit(console: &mut Console<'_>, rest: &str) -> Result<Flow, Failure> {
    console.settings.limit = match rest {
        "" => {
            let limit = console.settings.limit.map(|limit| limit.to_string());
            let limit = limit.unwrap_or_else(|| "off".to_owned());
            return going_on(listing::setting(console, &limit));
        }
        "off" => None,
        number => Some(number.parse().map_err(|_| miswritten("limit"))?),
    };
    Ok(Flow::On)
}

fn timeout(console: &mut Console<'_>, rest: &str) -> Result<Flow, Failure> {
    if rest.is_empty() {
        let timeout = write_duration(console.settings.timeout);
        return going_on(listing::setting(console, &timeout));
    }
    console.settings.timeout = parse_duration(rest)?;
    Ok(Flow::On)
}

fn show_coverage(console: &mut Console<'_>, rest: &str) -> Result<Flow, Failure> {
    console.settings.coverage = match rest {
        "" => return coverage::show_all(console.session, console.config).map(|_| Flow::On),
        "on" => Some(true),
        "off" => Some(false),
        "auto" => None,
        _ => return Err(miswritten("coverage")),
    };
    Ok(Flow::On)
}
