//! The commented config file that `trailkeep init` writes. It is made from the kinds' own
//! settings, so a setting that comes or goes is in it or out of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use url::Url;

use super::status;
use crate::kind::{Kind, Setting, SettingKind, Settings};
use crate::secret::Secret;

const HEAD: &str = r#"# trailkeep: what to pull, and where to keep it.
#
# No secret stands in this file; each is a reference that is followed when it is needed:
#   { env = "NAME" }                the value of an environment variable, or in a systemd
#                                   service the credential of that name
#   { file = "safe-password" }      the text of a file that nobody else may read (chmod 600)
#   { command = ["pass", "safe"] }  what a program prints, run without a shell
#
# Relative paths are relative to this file. Remove the sources that you do not have; then
# `trailkeep sources` lists those you do.

# The archive: one SQLite file.
archive = "trailkeep.db"

# Your own saved queries, which go before the built-in ones of the same name.
# queries = "queries"
"#;

const NOTIFY: &str = r#"# Whom to tell when a feed is not well, and when it is well again: once each, as JSON.
# `trailkeep config --test-notify` tries them.
# [notify]
# A program that reads it on standard input; run without a shell
# command = ["/usr/local/bin/page-me", "--urgent"]
# Where to post it
# url = { env = "TRAILKEEP_NOTIFY_URL" }
# What to ask for after every good run, so that silence is noticed
# ping = { env = "TRAILKEEP_PING_URL" }
# What to tell of; the default is all of it
# on = ["failure", "gap", "loss", "lost", "stale", "recovery"]
"#;

/// The file's text: a source of each of these kinds.
pub fn config_file(kinds: &[&Kind]) -> String {
    let sources = kinds.iter().map(|kind| source(kind));
    [HEAD.to_owned(), status()]
        .into_iter()
        .chain(sources)
        .chain([NOTIFY.to_owned()])
        .collect::<Vec<_>>()
        .join("\n")
}

/// How a setting is written in the config file: `page_size = 100`.
pub fn example(setting: &Setting) -> String {
    match setting.value {
        SettingKind::Secret(variable) => format!("{} = {{ env = \"{variable}\" }}", setting.key),
        SettingKind::Number(..) | SettingKind::Flag => {
            format!("{} = {}", setting.key, default_text(setting))
        }
        SettingKind::Text(example) => format!("{} = \"{example}\"", setting.key),
        _ => format!("{} = \"{}\"", setting.key, default_text(setting)),
    }
}

/// The default of a setting as text; empty for a secret or text, which have none.
pub fn default_text(setting: &Setting) -> String {
    match setting.value {
        SettingKind::Secret(_) | SettingKind::Text(_) => String::new(),
        SettingKind::Flag => "false".to_owned(),
        SettingKind::Choice(words) => words.first().copied().unwrap_or_default().to_owned(),
        SettingKind::Duration(text) => text.to_owned(),
        SettingKind::Number(_, _, default) => default.to_string(),
    }
}

/// The table `[status]`, all of it as a comment.
fn status() -> String {
    let settings = status::SETTINGS.iter();
    let lines = settings.map(|setting| format!("# {}\n# {}\n", setting.about, example(setting)));
    let table = "# When `trailkeep status` warns.\n# [status]\n";
    std::iter::once(table.to_owned()).chain(lines).collect()
}

/// The table of a source: the secrets that suffice are set, all else stands as a comment.
fn source(kind: &Kind) -> String {
    let mut text = format!("# {}: {}.\n", kind.title, kind.about);
    let needed = needed_secrets(kind);
    let mut line = |line: &str| writeln!(text, "{line}").expect("writing to a String cannot fail");
    line(&format!("[source.{}]", kind.name));
    line(&format!("kind = \"{}\"", kind.name));
    line(&format!("url = \"{}\"", kind.url_example));
    for setting in kind.access.settings {
        line(&format!("# {}", setting.about));
        let mark = if needed.contains(setting.key) {
            ""
        } else {
            "# "
        };
        line(&format!("{mark}{}", example(setting)));
    }
    text + &feeds(kind)
}

/// The tables of feeds with an access of their own, all of it as comments.
fn feeds(kind: &Kind) -> String {
    let mut text = String::new();
    for feed in kind.feeds {
        let Some(access) = &feed.access else { continue };
        text += &format!("# {}: {}.\n", feed.name, feed.about);
        text += &format!("# [source.{}.{}]\n", kind.name, feed.name);
        for setting in access.settings {
            text += &format!("# # {}\n# {}\n", setting.about, example(setting));
        }
    }
    text
}

/// The keys of the first secrets, in the kind's order, with which it can prove who asks.
fn needed_secrets(kind: &Kind) -> BTreeSet<&'static str> {
    let mut needed = BTreeSet::new();
    let Ok(url) = Url::parse(kind.url_example) else {
        return needed;
    };
    let mut settings = Settings::defaults(&kind.access, kind.name, Some(url));
    for setting in kind.access.settings {
        let is_secret = matches!(setting.value, SettingKind::Secret(_));
        if is_secret && (kind.access.credentials)(&settings).is_err() {
            settings
                .secrets
                .insert(setting.key.to_owned(), Secret::new("example"));
            needed.insert(setting.key);
        }
    }
    needed
}
