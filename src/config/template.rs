//! The commented config file that `trailkeep init` writes. It is made from the kinds' own
//! settings, so a setting that comes or goes is in it or out of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use url::Url;

use super::status;
use crate::event::Timestamp;
use crate::kind::{Access, Kind, Setting, SettingKind, Settings};
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
# `trailkeep sources` lists those you do. A source may have more feeds, each in a table of its own:
# take the first `# ` from its lines.

# The archive: one SQLite file.
archive = "trailkeep.db"

# Your own saved queries, which go before the built-in ones of the same name.
# queries = "queries"

# Keep an index for search('invoice 2026'), over file names and details: about a tenth of the
# archive's size.
# search = true
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
# on = ["failure", "gap", "loss", "lost", "stale", "recovery", "check"]
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
        // Text with quotes in it stands in the other ones.
        SettingKind::Text(example) if example.contains('"') => {
            format!("{} = '{example}'", setting.key)
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

/// The table of a source: what suffices is set, all else stands as a comment.
fn source(kind: &Kind) -> String {
    let mut text = format!("# {}: {}.\n", kind.title, kind.about);
    let needed = needed(&kind.access, kind);
    let mut line = |line: &str| writeln!(text, "{line}").expect("writing to a String cannot fail");
    line(&format!("[source.{}]", kind.name));
    line(&format!("kind = \"{}\"", kind.name));
    line(&format!("url = \"{}\"", kind.url_example));
    for setting in kind.access.settings {
        line(&format!("# {}", setting.about));
        line(&marked(setting, &needed));
    }
    text + &feeds(kind)
}

/// The tables of feeds with an access of their own, all of it as comments: without the first
/// mark of each line they suffice.
fn feeds(kind: &Kind) -> String {
    let mut text = String::new();
    for feed in kind.feeds {
        let Some(access) = &feed.access else { continue };
        let needed = needed(access, kind);
        text += &format!("\n# {}, feed {}: {}.\n", kind.title, feed.name, feed.about);
        text += &format!("# [source.{}.{}]\n", kind.name, feed.name);
        for setting in access.settings {
            let line = marked(setting, &needed);
            text += &format!("# {line:<44}  # {}\n", setting.about);
        }
    }
    text
}

/// A setting that need not be there stands as a comment.
fn marked(setting: &Setting, needed: &BTreeSet<&str>) -> String {
    let mark = if needed.contains(setting.key) {
        ""
    } else {
        "# "
    };
    format!("{mark}{}", example(setting))
}

/// The keys of the first settings, in their order, with which a vendor can be asked.
fn needed(access: &Access, kind: &Kind) -> BTreeSet<&'static str> {
    let mut needed = BTreeSet::new();
    let Ok(url) = Url::parse(kind.url_example) else {
        return needed;
    };
    let mut settings = Settings::defaults(access, kind.name, Some(url));
    while let Some(setting) = missing(access, &settings) {
        let key = setting.key.to_owned();
        let is_new = match setting.value {
            SettingKind::Secret(_) => {
                let secret = Secret::new("example");
                settings.secrets.insert(key, secret).is_none()
            }
            SettingKind::Text(example) => settings.texts.insert(key, example.to_owned()).is_none(),
            _ => false,
        };
        if !is_new {
            break;
        }
        needed.insert(setting.key);
    }
    needed
}

/// The setting for want of which the vendor cannot be asked.
fn missing<'a>(access: &'a Access, settings: &Settings) -> Option<&'a Setting> {
    let asked = (access.root)(settings).map(drop);
    let asked = asked.and_then(|()| (access.credentials)(settings).map(drop));
    let asked =
        asked.and_then(|()| (access.check.request)(settings, Timestamp::from_millis(0)).map(drop));
    let key = asked.err()?.key;
    access.settings.iter().find(|setting| setting.key == key)
}
