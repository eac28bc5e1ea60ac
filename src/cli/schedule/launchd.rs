//! A property list for launchd, macOS's service manager: an hourly `sync` of the user's own.
//!
//! The keys are those of launchd.plist(5).

use super::setup::Setup;
use super::{UnitFile, Units};
use crate::cli::Session;

/// The job's name, and its file's.
const LABEL: &str = "trailkeep.sync";

pub(super) fn units(setup: &Setup, log: &str) -> Units {
    let path = format!("~/Library/LaunchAgents/{LABEL}.plist");
    Units {
        steps: vec![
            format!("to install: put it in {path}, then"),
            format!("  launchctl bootstrap gui/$UID {path}"),
            format!("to see how it went: launchctl print gui/$UID/{LABEL}, and {log}"),
            format!("to remove it: launchctl bootout gui/$UID/{LABEL}"),
        ],
        files: vec![UnitFile {
            path,
            text: property_list(setup, log),
        }],
        warnings: setup.warnings_of_variables("launchd"),
    }
}

/// Where errors go: with the user's other logs, else beside the archive. launchd knows no `~`.
pub(super) fn log(setup: &Setup, session: &Session) -> String {
    let home = session.environment.variable("HOME");
    let home = home.and_then(|home| home.to_str());
    match home.filter(|home| home.starts_with('/') && !home.contains(char::is_control)) {
        Some(home) => format!("{}/Library/Logs/trailkeep.log", home.trim_end_matches('/')),
        None => format!("{}/trailkeep.log", setup.folder().trim_end_matches('/')),
    }
}

/// An `Umask` is decimal: 63 is 077. What runs while the machine sleeps runs when it wakes.
fn property_list(setup: &Setup, log: &str) -> String {
    let mut words = vec![setup.program.as_str(), "--quiet"];
    words.extend(setup.arguments("sync"));
    let words = words
        .into_iter()
        .map(|word| format!("    {}\n", string(word)));
    let words: String = words.collect();
    let log = string(log);
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  <string>{LABEL}</string>
  <key>ProgramArguments</key>
  <array>
{words}  </array>
  <key>StartInterval</key>
  <integer>3600</integer>
  <key>RunAtLoad</key>
  <true/>
  <key>ProcessType</key>
  <string>Background</string>
  <key>ExitTimeOut</key>
  <integer>30</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>StandardErrorPath</key>
  {log}
</dict>
</plist>
"#
    )
}

fn string(text: &str) -> String {
    let text = text.replace('&', "&amp;");
    let text = text.replace('<', "&lt;").replace('>', "&gt;");
    format!("<string>{text}</string>")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup() {
        for (text, written) in [
            ("/usr/bin", "<string>/usr/bin</string>"),
            ("a & b", "<string>a &amp; b</string>"),
            ("&lt;", "<string>&amp;lt;</string>"),
            ("</string>", "<string>&lt;/string&gt;</string>"),
            ("]]>\"'", "<string>]]&gt;\"'</string>"),
        ] {
            assert_eq!(string(text), written);
        }
    }
}
