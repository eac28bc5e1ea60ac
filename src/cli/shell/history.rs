//! What was typed before: where it is kept, and what is not kept at all.

use std::path::{Path, PathBuf};

use crate::config::Environment;

/// Entries that are kept.
pub(super) const ENTRIES_MAX: usize = 10_000;

/// The file: `$XDG_STATE_HOME/trailkeep/history`, else in `~/.local/state`; none without a home.
pub(super) fn file(environment: &Environment) -> Option<PathBuf> {
    let absolute = |name| {
        let folder = Path::new(environment.variable(name)?);
        folder.is_absolute().then(|| folder.to_owned())
    };
    let home = || absolute("HOME").or_else(|| absolute("USERPROFILE"));
    let state = absolute("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")));
    Some(state?.join("trailkeep").join("history"))
}

/// What must not be kept of what is typed: the values of the environment's secrets, and what looks
/// like one wherever it is from.
#[derive(Default)]
pub(super) struct Secrets(Vec<String>);

impl Secrets {
    /// Those of the environment.
    pub(super) fn of(environment: &Environment) -> Secrets {
        let variables = environment.variables.iter();
        let secret = variables.filter(|(name, _)| {
            let name = name.to_string_lossy().to_uppercase();
            NAMES.iter().any(|part| name.contains(part))
        });
        let values = secret.map(|(_, value)| value.to_string_lossy().into_owned());
        // Shorter ones are found in any text.
        Secrets(values.filter(|value| value.len() >= LENGTH_MIN).collect())
    }

    /// Whether a text has one of them in it.
    pub(super) fn are_in(&self, text: &str) -> bool {
        let mut values = self.0.iter().map(String::as_str);
        values.any(|value| text.contains(value)) || MARKS.iter().any(|mark| text.contains(mark))
    }
}

/// What variables with secrets have in their names.
const NAMES: &[&str] = &[
    "SECRET",
    "PASSWORD",
    "PASSWD",
    "TOKEN",
    "API_KEY",
    "ACCESS_KEY",
];
const LENGTH_MIN: usize = 6;

/// Pre-signed URLs, headers with a token, private keys.
const MARKS: &[&str] = &[
    "X-Amz-Signature=",
    "X-Amz-Security-Token=",
    "Authorization:",
    "Bearer ",
    "PRIVATE KEY-----",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(variables: &[(&str, &str)]) -> Environment {
        let variables = variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Environment {
            variables: variables.collect(),
            config_folder: None,
        }
    }

    #[test]
    fn history_lies_where_states_do() {
        for (variables, expected) in [
            (
                &[("XDG_STATE_HOME", "/s"), ("HOME", "/h")][..],
                Some("/s/trailkeep/history"),
            ),
            (
                &[("XDG_STATE_HOME", "s"), ("HOME", "/h")],
                Some("/h/.local/state/trailkeep/history"),
            ),
            (&[("HOME", "/h")], Some("/h/.local/state/trailkeep/history")),
            (&[("XDG_STATE_HOME", "")], None),
        ] {
            let found = file(&environment(variables));
            assert_eq!(found, expected.map(PathBuf::from), "{variables:?}");
        }
    }

    #[test]
    fn no_secret_is_kept() {
        let secrets = Secrets::of(&environment(&[
            ("SAFE_API_PASSWORD", "hunter22"),
            ("MY_TOKEN", "abc"),
            ("EDITOR", "editor-of-mine"),
        ]));
        for (text, found) in [
            ("select * from events", false),
            (".params set x hunter22", true),
            ("select 'editor-of-mine', 'abc'", false),
            ("select 'https://b.s3/x?X-Amz-Signature=00'", true),
            ("select 'Authorization: Basic Og=='", true),
        ] {
            assert_eq!(secrets.are_in(text), found, "{text}");
        }
    }
}
