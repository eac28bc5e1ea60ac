//! Every class of mistake in a config file, and what a right one means.

mod feeds;
mod notify;
mod secrets;
mod status;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use insta::assert_snapshot;

use super::document::Document;
use super::*;
use crate::feed::Credentials;
use crate::kind::{Access, FeedKind, Setting, SettingKind, safe};

/// A vendor with a setting of every sort.
static VENDOR: Kind = Kind {
    name: "vendor",
    title: "Vendor",
    about: "what a vendor keeps",
    access: Access {
        settings: &[
            Setting {
                key: "token",
                about: "Token of an auditor",
                value: SettingKind::Secret("VENDOR_TOKEN"),
            },
            Setting {
                key: "spare",
                about: "Another token",
                value: SettingKind::Secret("VENDOR_SPARE"),
            },
            Setting {
                key: "dates",
                about: "Order of dates",
                value: SettingKind::Choice(&["auto", "day-first"]),
            },
            Setting {
                key: "lateness",
                about: "How late events come",
                value: SettingKind::Duration("48h"),
            },
            Setting {
                key: "page_size",
                about: "Records a page",
                value: SettingKind::Number(1, 100, 25),
            },
        ],
        credentials: |settings| settings.secret("token").cloned().map(Credentials::Token),
        ..safe::KIND.access
    },
    feeds: &[
        FeedKind {
            name: "api",
            about: "the API",
            interval: Duration::ZERO,
            events: None,
            access: None,
            open: |_, _| unreachable!("no feed is opened here"),
        },
        BUCKET,
    ],
    ..safe::KIND
};

/// A feed with an access of its own.
const BUCKET: FeedKind = FeedKind {
    name: "bucket",
    about: "what lies in a bucket",
    interval: Duration::ZERO,
    events: None,
    access: Some(Access {
        settings: &[
            Setting {
                key: "name",
                about: "The bucket",
                value: SettingKind::Text("audit"),
            },
            Setting {
                key: "whole",
                about: "All of it",
                value: SettingKind::Flag,
            },
            Setting {
                key: "key",
                about: "Opens it",
                value: SettingKind::Secret("BUCKET_KEY"),
            },
        ],
        root: |settings| {
            settings.text("name")?;
            Ok(url::Url::parse("https://bucket.example").unwrap())
        },
        credentials: |settings| settings.secret("key").cloned().map(Credentials::Token),
        ..safe::KIND.access
    }),
    open: |_, _| unreachable!("no feed is opened here"),
};

const SOURCE: &str = "[source.one]\nkind = \"vendor\"\nurl = \"https://one.example\"\n";

fn read(text: &str) -> Result<Config, ConfigError> {
    read_in(Path::new(""), text)
}

fn read_in(folder: &Path, text: &str) -> Result<Config, ConfigError> {
    let document = Document {
        file: folder.join("trailkeep.toml"),
        text: text.to_owned(),
    };
    Config::read(&document, &[&VENDOR], &Environment::default())
}

fn environment(variables: &[(&str, &str)]) -> Environment {
    let variables = variables
        .iter()
        .map(|(name, value)| (OsString::from(name), value.into()));
    Environment {
        variables: variables.collect(),
        config_folder: None,
    }
}

/// The mistakes of these texts, one after another, each with its hint.
fn mistakes(texts: &[&str]) -> String {
    let mistakes = texts.iter().map(|text| match read(text) {
        Ok(_) => panic!("no mistake is seen in:\n{text}"),
        Err(error) => in_words(&error),
    });
    mistakes.collect::<Vec<_>>().join("\n")
}

fn in_words(error: &ConfigError) -> String {
    let hint = error.hint.as_deref().expect("every mistake has a hint");
    assert!(
        !error.to_string().contains('\n'),
        "{error} is more than a line"
    );
    format!("{error}\n  hint: {hint}")
}

/// A source with this line added, which is line 4.
fn with(line: &str) -> String {
    format!("{SOURCE}{line}\n")
}

fn mistakes_in_line(lines: &[&str]) -> String {
    let texts: Vec<String> = lines.iter().map(|line| with(line)).collect();
    mistakes(&texts.iter().map(String::as_str).collect::<Vec<_>>())
}

#[test]
fn what_is_no_toml_is_placed_and_never_quoted() {
    assert_snapshot!(mistakes(&[
        "archive = hunter2\n",
        "[source.one\n",
        "archive = \"a\"\narchive = \"b\"\n",
        "[source.one]\n[source.one]\n",
    ]), @r#"
    trailkeep.toml:1:11: no TOML: string values must be quoted, expected literal string
      hint: values are written `key = "text"`, tables `[source.name]`
    trailkeep.toml:1:12: no TOML: unclosed table, expected `]`
      hint: values are written `key = "text"`, tables `[source.name]`
    trailkeep.toml:2:1: archive: is given twice
      hint: keep one of the two
    trailkeep.toml:2:9: one: is given twice
      hint: keep one of the two
    "#);
}

#[test]
fn a_key_nobody_knows_is_refused_with_the_nearest() {
    assert_snapshot!(mistakes(&["archiv = \"a\"\n", "colour = 1\n"]), @"
    trailkeep.toml:1:1: archiv: unknown key
      hint: did you mean `archive`?
    trailkeep.toml:1:1: colour: unknown key
      hint: known keys: archive, queries, search, status, source, notify
    ");
    assert_snapshot!(mistakes_in_line(&[
        "tokn = { env = \"A\" }",
        "[source.one.s3]\nbucket = \"b\"",
        "[source.one.api]\nbucket = \"b\"",
        "token = { evn = \"A\" }",
    ]), @"
    trailkeep.toml:4:1: source.one.tokn: unknown key
      hint: did you mean `token`?
    trailkeep.toml:4:13: source.one.s3: unknown key
      hint: known keys: kind, url, token, spare, dates, lateness, page_size, api, bucket
    trailkeep.toml:5:1: source.one.api.bucket: unknown key
      hint: no keys are known here
    trailkeep.toml:4:11: source.one.token.evn: unknown key
      hint: did you mean `env`?
    ");
}

#[test]
fn a_value_of_another_type_is_refused() {
    assert_snapshot!(mistakes(&["archive = 1\n", "source = []\n", "source.one = \"x\"\n"]), @"
    trailkeep.toml:1:11: archive: is a whole number
      hint: it must be text in quotes
    trailkeep.toml:1:10: source: is a list
      hint: it must be a table
    trailkeep.toml:1:14: source.one: is text
      hint: it must be a table
    ");
    assert_snapshot!(mistakes_in_line(&[
        "token = 12",
        "token = { command = \"pass safe\" }",
        "lateness = 48",
        "page_size = \"25\"",
        "page_size = 2.5",
        "api = true",
    ]), @r#"
    trailkeep.toml:4:9: source.one.token: a secret is referred to and never written here itself
      hint: write { env = "…" }, { file = "…" } or { command = ["…"] }
    trailkeep.toml:4:21: source.one.token.command: is text
      hint: it must be a list of texts in quotes: ["one", "two"]
    trailkeep.toml:4:12: source.one.lateness: is a whole number
      hint: it must be text in quotes
    trailkeep.toml:4:13: source.one.page_size: is text
      hint: it must be a whole number
    trailkeep.toml:4:13: source.one.page_size: is a number with a fraction
      hint: it must be a whole number
    trailkeep.toml:4:7: source.one.api: is true or false
      hint: it must be a table
    "#);
}

#[test]
fn a_value_out_of_bounds_is_refused() {
    assert_snapshot!(mistakes(&["archive = \"\"\n"]), @"
    trailkeep.toml:1:11: archive: is empty
      hint: name a path, or leave the key out
    ");
    assert_snapshot!(mistakes_in_line(&[
        "dates = \"day-frist\"",
        "lateness = \"5m\"",
        "lateness = \"soon\"",
        "page_size = 0",
        "page_size = 99999999999999999999",
    ]), @r#"
    trailkeep.toml:4:9: source.one.dates: unknown word `day-frist`
      hint: did you mean `day-first`?
    trailkeep.toml:4:12: source.one.lateness: `5m` is ambiguous: write `min` for minutes or `mo` for months
      hint: the default is "48h"
    trailkeep.toml:4:12: source.one.lateness: `soon` is no length of time: write 90s, 10min, 48h, 7d or 2w
      hint: the default is "48h"
    trailkeep.toml:4:13: source.one.page_size: 0 is out of range
      hint: it must be from 1 to 100
    trailkeep.toml:4:13: source.one.page_size: is too large a number
      hint: it has at most 18 digits
    "#);
}

#[test]
fn a_source_has_a_plain_name_a_known_kind_and_a_url() {
    assert_snapshot!(mistakes(&[
        "[source.One]\n",
        "[source.\"a.env\"]\n",
        "[source.one]\n",
        "[source.one]\nkidn = \"vendor\"\n",
        "[source.one]\nkind = \"vendro\"\n",
        "[source.one]\nkind = \"github\"\n",
        "[source.one]\nkind = \"vendor\"\n",
    ]), @r#"
    trailkeep.toml:1:9: source.One: is no name for a source
      hint: use small letters, digits and hyphens: [source.safe-us]
    trailkeep.toml:1:9: source.a.env: is no name for a source
      hint: use small letters, digits and hyphens: [source.safe-us]
    trailkeep.toml:1:9: source.one: `kind` is missing
      hint: write kind = "safe"
    trailkeep.toml:1:9: source.one: `kind` is missing
      hint: did you mean it by `kidn`? write kind = "safe"
    trailkeep.toml:2:8: source.one.kind: unknown kind `vendro`
      hint: did you mean `vendor`?
    trailkeep.toml:2:8: source.one.kind: unknown kind `github`
      hint: known kinds: vendor
    trailkeep.toml:1:9: source.one: `url` is missing
      hint: write url = "https://us.safeone.ai"
    "#);
}

fn url(url: &str) -> String {
    format!("[source.one]\nkind = \"vendor\"\nurl = \"{url}\"\n")
}

#[test]
fn a_url_is_a_host_that_is_spoken_to_in_secret() {
    let wrong = [
        "one.example",
        "http://one.example",
        "http://127.0.0.1.example",
        "http://192.0.2.7",
        "http://[2001:db8::7]",
        "ftp://one.example",
        "https://ann:hunter2@one.example",
        "https://one.example/api",
        "https://one.example/?key=hunter2",
    ]
    .map(url);
    let words = mistakes(&wrong.each_ref().map(String::as_str));
    assert!(!words.contains("hunter2"), "{words}");
    assert_snapshot!(words, @"
    trailkeep.toml:3:7: source.one.url: is no URL: relative URL without a base
      hint: write it like https://us.example.com
    trailkeep.toml:3:7: source.one.url: is not encrypted; http:// is for this machine only
      hint: write https://
    trailkeep.toml:3:7: source.one.url: is not encrypted; http:// is for this machine only
      hint: write https://
    trailkeep.toml:3:7: source.one.url: is not encrypted; http:// is for this machine only
      hint: write https://
    trailkeep.toml:3:7: source.one.url: is not encrypted; http:// is for this machine only
      hint: write https://
    trailkeep.toml:3:7: source.one.url: is neither https:// nor http://
      hint: write https://
    trailkeep.toml:3:7: source.one.url: holds a user name or password
      hint: leave it out of the URL
    trailkeep.toml:3:7: source.one.url: says more than the host
      hint: write https://one.example
    trailkeep.toml:3:7: source.one.url: says more than the host
      hint: write https://one.example
    ");
}

#[test]
fn a_url_may_have_a_port_and_lead_to_this_machine() {
    for right in [
        "https://one.example",
        "https://one.example:8443/",
        "http://127.0.0.1:8080",
        "http://[::1]:8080",
        "http://localhost",
    ] {
        assert!(read(&url(right)).is_ok(), "{right}");
    }
}

#[test]
fn what_is_not_written_has_its_default() {
    let config = read(&with("lateness = \"3d\"")).unwrap();
    let source = config.source("one").unwrap();
    assert_eq!(
        source.own.settings.duration("lateness"),
        Duration::from_secs(3 * 86_400)
    );
    assert_eq!(source.own.settings.number("page_size"), 25);
    assert_eq!(source.own.settings.choice("dates"), "auto");
    let origins = VENDOR.access.settings.iter().skip(2).map(|setting| {
        let (value, origin) = source.own.effective(setting);
        format!("{} {value} {origin}", setting.key)
    });
    assert_snapshot!(origins.collect::<Vec<_>>().join("\n"), @"
    dates auto default
    lateness 3d trailkeep.toml:4
    page_size 25 default
    ");
}

#[test]
fn a_number_is_written_as_toml_has_it() {
    for (text, number) in [("1_0", 10), ("0x10", 16), ("+7", 7)] {
        let config = read(&with(&format!("page_size = {text}"))).unwrap();
        let settings = &config.source("one").unwrap().own.settings;
        assert_eq!(settings.number("page_size"), number, "{text}");
    }
}

#[test]
fn paths_are_relative_to_the_config_file() {
    let config = read_in(Path::new("/etc/trailkeep"), "queries = \"sql\"\n").unwrap();
    assert_eq!(
        config.archive.value,
        PathBuf::from("/etc/trailkeep/trailkeep.db")
    );
    assert_eq!(config.queries.value, PathBuf::from("/etc/trailkeep/sql"));
    let config = read_in(Path::new("/etc"), "archive = \"/var/lib/trails.db\"\n").unwrap();
    assert_eq!(config.archive.value, PathBuf::from("/var/lib/trails.db"));
    assert_eq!(config.archive.origin.to_string(), "/etc/trailkeep.toml:1");
}

#[test]
fn a_flag_goes_before_a_variable_and_a_variable_before_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("other.toml");
    fs::write(&file, "archive = \"file.db\"\n").unwrap();
    let path = file.to_str().unwrap();
    let by_variable = [(CONFIG_VARIABLE, path), (ARCHIVE_VARIABLE, "variable.db")];
    let by_flag = Overrides {
        config: Some(file.clone()),
        archive: Some("flag.db".into()),
    };
    let archive = |overrides: &Overrides, variables: &[(&str, &str)]| {
        let config = Config::load(overrides, &environment(variables)).unwrap();
        let origin = config.file.unwrap().origin;
        (origin, config.archive.value)
    };
    let nothing = Overrides::default();
    let named = Origin::Variable(CONFIG_VARIABLE);
    let flag = Origin::Flag("--config");
    assert_eq!(archive(&by_flag, &by_variable), (flag, "flag.db".into()));
    assert_eq!(
        archive(&nothing, &by_variable),
        (named.clone(), "variable.db".into())
    );
    let with_empty = [(CONFIG_VARIABLE, path), (ARCHIVE_VARIABLE, "")];
    assert_eq!(
        archive(&nothing, &with_empty),
        (named, folder.path().join("file.db"))
    );
}

#[test]
fn a_source_nobody_configured_is_refused_with_the_nearest() {
    let config = read(SOURCE).unwrap();
    let refusal = |name| config.source(name).map(|_| ()).unwrap_err();
    assert_snapshot!(in_words(&refusal("onw")), @"
    there is no source `onw`
      hint: did you mean `one`?
    ");
    assert_snapshot!(in_words(&refusal("another")), @"
    there is no source `another`
      hint: known sources: one
    ");
}

#[test]
fn the_config_file_that_init_writes_says_every_setting() {
    let text = template::config_file(&[&VENDOR]);
    let written = text
        .split_once("[source.")
        .map(|(_, source)| format!("[source.{source}"));
    assert_snapshot!(written.unwrap(), @r#"
    [source.vendor]
    kind = "vendor"
    url = "https://us.safeone.ai"
    # Token of an auditor
    token = { env = "VENDOR_TOKEN" }
    # Another token
    # spare = { env = "VENDOR_SPARE" }
    # Order of dates
    # dates = "auto"
    # How late events come
    # lateness = "48h"
    # Records a page
    # page_size = 25

    # Vendor, feed bucket: what lies in a bucket.
    # [source.vendor.bucket]
    # name = "audit"                                # The bucket
    # # whole = false                               # All of it
    # key = { env = "BUCKET_KEY" }                  # Opens it

    # Whom to tell when a feed is not well, and when it is well again: once each, as JSON.
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
    "#);
}

#[test]
fn the_config_file_that_init_writes_suffices_with_its_secrets() {
    let config = read(&template::config_file(&[&VENDOR])).unwrap();
    let source = config.source("vendor").unwrap();
    assert!(
        source
            .own
            .resolve(&environment(&[("VENDOR_TOKEN", "hunter2")]))
            .is_ok()
    );
}
