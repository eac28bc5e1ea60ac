//! `docs/feeds.md`: its tables list the settings that there are.

use std::collections::BTreeMap;

use trailkeep::kind::{KINDS, Setting, SettingKind};

use super::pages::page;

#[test]
fn every_setting_of_every_feed_is_listed_with_its_default() {
    let page = page("docs/feeds.md").text;
    let shared = table(&page, "| every feed of AWS |");
    for (header, settings) in feeds() {
        let mut listed = table(&page, &header);
        if settings.iter().any(|setting| setting.key == "role_arn") {
            listed.extend(shared.clone());
        }
        for setting in settings {
            let default = listed.remove(setting.key);
            let default = default.unwrap_or_else(|| panic!("{header} {}", setting.key));
            assert_eq!(default, default_of(setting), "{header} {}", setting.key);
        }
        assert!(listed.is_empty(), "{header}: there is no {listed:?}");
    }
}

#[test]
fn the_readme_names_every_feed_in_its_table() {
    let readme = page("README.md").text;
    for kind in KINDS {
        for feed in kind.feeds {
            let row = format!("| {} `{}` |", kind.title, feed.name);
            assert!(readme.contains(&row), "{row}");
        }
    }
}

/// The headers of their tables, and the settings that there are.
fn feeds() -> Vec<(String, &'static [Setting])> {
    let mut feeds = Vec::new();
    for kind in KINDS {
        let source = match kind.name {
            "safe" => "safe-us",
            _ => "acme",
        };
        feeds.push((format!("`[source.{source}]`"), kind.access.settings));
        let own = kind.feeds.iter();
        let own = own.filter_map(|feed| Some((feed.name, feed.access.as_ref()?.settings)));
        feeds.extend(own.map(|(name, settings)| (format!("`[source.{source}.{name}]`"), settings)));
    }
    feeds
}

/// Keys and defaults of the table with this in its header.
fn table(page: &str, header: &str) -> BTreeMap<String, String> {
    let is_header = |line: &&str| line.starts_with('|') && line.contains(header);
    let lines = page.lines().skip_while(|line| !is_header(line)).skip(2);
    let rows: Vec<&str> = lines.take_while(|line| line.starts_with('|')).collect();
    assert!(!rows.is_empty(), "{header} has no table");
    let keys = rows.into_iter().flat_map(|row| {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (keys, default) = (cells.next().unwrap(), cells.next().unwrap());
        let default = default.trim_matches('`').to_owned();
        let keys = keys.split('`').skip(1).step_by(2);
        keys.map(move |key| (key.to_owned(), default.clone()))
    });
    keys.collect()
}

fn default_of(setting: &Setting) -> String {
    match setting.value {
        SettingKind::Secret(_) | SettingKind::Text(_) => String::new(),
        SettingKind::Choice(words) => words[0].to_owned(),
        SettingKind::Duration(length) => length.to_owned(),
        SettingKind::Number(_, _, number) => number.to_string(),
        SettingKind::Flag => "false".to_owned(),
    }
}
