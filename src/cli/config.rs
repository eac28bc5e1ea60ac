//! `trailkeep config`: every effective value and where it comes from, and whether `[notify]` works.

use std::time::Duration;

use clap::Args;

use super::Session;
use super::failure::{Exit, Failure};
use super::jobs;
use super::notify::Hooks;
use crate::config::{
    Config, Effective, Environment, Notify, Origin, Reference, SecretOrigin, Section, Source,
};
use crate::kind::{Setting, SettingKind};
use crate::time::write_duration;

/// Show every effective setting and where it comes from; secrets are never shown
#[derive(Args)]
pub(super) struct ShowConfig {
    /// Try the hooks: each is told of a test, and the ping goes out
    #[arg(long)]
    test_notify: bool,
}

impl ShowConfig {
    pub(super) fn run(&self, session: &Session) -> Result<Exit, Failure> {
        let config = session.config()?;
        if self.test_notify {
            return test_notify(session, &config);
        }
        let mut rows = vec![["KEY", "VALUE", "FROM"].map(str::to_owned)];
        rows.extend(general(&config));
        for source in &config.sources {
            rows.extend(of_source(source, &session.environment));
        }
        rows.extend(of_notify(&config.notify, &session.environment));
        session.screen.table(&rows)?;
        Ok(Exit::Ok)
    }
}

/// Tells each that there is something to tell, and says which of them heard it.
fn test_notify(session: &Session, config: &Config) -> Result<Exit, Failure> {
    let (hooks, mistakes) = Hooks::new(config, &session.environment);
    let tried = jobs::runtime()?.block_on(hooks.test());
    if tried.is_empty() && mistakes.is_empty() {
        let hint = "add a [notify] table; `trailkeep init` shows one";
        return Err(Failure::usage("nobody is named to be told").hinted(hint));
    }
    let word = |is_ok: bool| if is_ok { "ok" } else { "failed" }.to_owned();
    let mut rows = vec![["NOTIFY", "TEST"].map(str::to_owned)];
    rows.extend(
        tried
            .iter()
            .map(|(name, heard)| [(*name).to_owned(), word(heard.is_ok())]),
    );
    session.screen.table(&rows)?;
    let failures = tried
        .into_iter()
        .filter_map(|(name, heard)| Some(heard.err()?.of(name)))
        .chain(mistakes.into_iter().map(Failure::from));
    let exits = failures.map(|failure| session.screen.failure(&failure));
    Ok(exits.fold(Exit::Ok, Exit::or_graver))
}

fn general(config: &Config) -> Vec<[String; 3]> {
    let path = |key: &str, path: &Effective<std::path::PathBuf>| {
        [
            key.to_owned(),
            path.value.display().to_string(),
            path.origin.to_string(),
        ]
    };
    let file = match &config.file {
        Some(file) => path("config", file),
        None => ["config", "(none)", "default"].map(str::to_owned),
    };
    let length = |key: &str, length: &Effective<Duration>| {
        [
            key.to_owned(),
            write_duration(length.value),
            length.origin.to_string(),
        ]
    };
    vec![
        file,
        path("archive", &config.archive),
        path("queries", &config.queries),
        [
            "search".to_owned(),
            config.search.value.to_string(),
            config.search.origin.to_string(),
        ],
        length("status.stale", &config.status.stale),
        length("status.loss", &config.status.loss),
    ]
}

fn of_source(source: &Source, environment: &Environment) -> Vec<[String; 3]> {
    let row = |key: &str, value: String, origin: Origin| {
        [
            format!("source.{}.{key}", source.name),
            value,
            origin.to_string(),
        ]
    };
    let kind = Origin::File(source.kind_place.clone());
    let mut rows = vec![row("kind", source.kind.name.to_owned(), kind)];
    if let (Some(url), Some(place)) = (source.url(), &source.url_place) {
        let url = url.origin().ascii_serialization();
        rows.push(row("url", url, Origin::File(place.clone())));
    }
    for section in source.sections() {
        for setting in section.access.settings {
            let (value, origin) = effective(section, setting, environment);
            rows.push([section.key(setting.key), value, origin.to_string()]);
        }
    }
    rows
}

/// Whom to tell; of a command the program alone, for its arguments may say too much. No rows where
/// nobody is told.
fn of_notify(notify: &Notify, environment: &Environment) -> Vec<[String; 3]> {
    let row = |key: &str, value: String, from: String| [format!("notify.{key}"), value, from];
    let mut rows = Vec::new();
    if let Some(Effective { value, origin }) = &notify.command {
        let program = value.first().map_or("", String::as_str);
        rows.push(row("command", program.to_owned(), origin.to_string()));
    }
    for (key, reference) in [("url", &notify.url), ("ping", &notify.ping)] {
        if let Some(reference) = reference {
            let from = Origin::File(reference.place.clone()).to_string();
            rows.push(row(key, describe(reference, environment), from));
        }
    }
    if !rows.is_empty() {
        let words: Vec<&str> = notify.on.value.iter().map(|one| one.name()).collect();
        rows.push(row("on", words.join(", "), notify.on.origin.to_string()));
    }
    rows
}

fn effective(section: &Section, setting: &Setting, environment: &Environment) -> (String, Origin) {
    match (setting.value, section.references.get(setting.key)) {
        (SettingKind::Secret(_), Some(reference)) => (
            describe(reference, environment),
            Origin::File(reference.place.clone()),
        ),
        (SettingKind::Secret(_), None) => ("(not set)".to_owned(), Origin::Default),
        (_, _) => {
            let (value, origin) = section.effective(setting);
            let value = if value.is_empty() {
                "(not set)".to_owned()
            } else {
                value
            };
            (value, origin)
        }
    }
}

/// Whether a secret can be had, and from where. A command is not run for this: it may ask the
/// user something, or cost.
fn describe(reference: &Reference, environment: &Environment) -> String {
    let reference = reference.found(environment);
    let from = &reference.origin;
    if matches!(from, SecretOrigin::Command(_)) {
        return format!("(from {from}, not run)");
    }
    match reference.resolve(environment) {
        Ok(_) => format!("(set, from {from})"),
        Err(error) => format!(
            "(not set, {})",
            error.problem.trim_end_matches(" is not set")
        ),
    }
}
