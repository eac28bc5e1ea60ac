//! Which feeds of a source are pulled, and by which settings.

use super::*;

const BUCKET: &str = "[source.one]\nkind = \"vendor\"\n[source.one.bucket]\nname = \"a\"\n";

fn pulled(text: &str) -> String {
    let config = read(text).unwrap();
    let feeds = config.source("one").unwrap().feeds.iter();
    feeds
        .map(|feed| feed.kind.name)
        .collect::<Vec<_>>()
        .join(", ")
}

#[test]
fn a_feed_of_its_own_is_pulled_where_its_table_is() {
    let token = "token = { env = \"T\" }\n";
    for (text, feeds) in [
        (SOURCE.to_owned(), "api"),
        (with("[source.one.api]"), "api"),
        // Without a secret of the source nobody means to ask the vendor itself.
        (BUCKET.to_owned(), "bucket"),
        (with("[source.one.bucket]"), "bucket"),
        (
            format!("{SOURCE}{token}[source.one.bucket]\n"),
            "api, bucket",
        ),
    ] {
        assert_eq!(pulled(&text), feeds, "{text}");
    }
}

#[test]
fn its_settings_are_those_of_its_table() {
    let text = format!("{BUCKET}whole = true\nkey = {{ env = \"K\" }}\n");
    let config = read(&text).unwrap();
    let source = config.source("one").unwrap();
    let section = &source.feed("bucket").unwrap().section;
    assert!(source.feed("api").is_none() && source.url().is_none());
    assert_eq!(section.settings.text("name"), Ok("a"));
    assert!(section.settings.flag("whole") && !section.settings.flag("name"));
    let resolved = section.resolve(&environment(&[("K", "hunter2")])).unwrap();
    assert_eq!(resolved.secret("key").unwrap().expose(), "hunter2");
    assert_snapshot!(in_words(&section.resolve(&environment(&[])).unwrap_err()), @"
    trailkeep.toml:6:7: source.one.bucket.key: env K is not set
      hint: set it: export K='…'
    ");
    let keys = section.access.settings.iter();
    let keys = keys.map(|setting| {
        let (value, origin) = section.effective(setting);
        format!("{} {value} {origin}", section.key(setting.key))
    });
    assert_snapshot!(keys.collect::<Vec<_>>().join("\n"), @"
    source.one.bucket.name a trailkeep.toml:4
    source.one.bucket.whole true trailkeep.toml:5
    source.one.bucket.key  default
    ");
}

#[test]
fn what_is_missing_is_named_with_its_table() {
    let config = read(&with("[source.one.bucket]")).unwrap();
    let section = &config.source("one").unwrap().feeds[0].section;
    assert_snapshot!(in_words(&section.resolve(&environment(&[])).unwrap_err()), @r#"
    trailkeep.toml:4:13: source.one.bucket.name: is not set
      hint: write name = "audit"
    "#);
    assert_eq!(config.source("one").unwrap().sections().len(), 1);
}

#[test]
fn mistakes_in_a_feeds_table_say_where_they_are() {
    let texts = [
        "nmae = \"a\"",
        "name = \" \"",
        "name = \"a\\u0007\"",
        "whole = \"yes\"",
        "name = 3",
    ];
    let texts = texts.map(|line| format!("{SOURCE}[source.one.bucket]\n{line}\n"));
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    assert_snapshot!(mistakes(&texts), @"
    trailkeep.toml:5:1: source.one.bucket.nmae: unknown key
      hint: did you mean `name`?
    trailkeep.toml:5:8: source.one.bucket.name: is empty
      hint: leave the key out
    trailkeep.toml:5:8: source.one.bucket.name: holds a control character
      hint: it is one line of plain text
    trailkeep.toml:5:9: source.one.bucket.whole: is text
      hint: it must be true or false, without quotes
    trailkeep.toml:5:8: source.one.bucket.name: is a whole number
      hint: it must be text in quotes
    ");
    assert_snapshot!(mistakes(&[&with("[source.one.api]\nname = \"a\"")]), @"
    trailkeep.toml:5:1: source.one.api.name: unknown key
      hint: no keys are known here
    ");
    // With a secret of the source its URL is needed.
    let no_url = "[source.one]\nkind = \"vendor\"\ntoken = { env = \"T\" }\n[source.one.bucket]\n";
    assert_snapshot!(mistakes(&[no_url]), @r#"
    trailkeep.toml:1:9: source.one: `url` is missing
      hint: write url = "https://us.safeone.ai"
    "#);
}
