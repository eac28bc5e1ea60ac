//! The folder of a demo: its config, its secrets, its archive.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::cli::Session;
use crate::cli::failure::Failure;
use crate::cli::init::create;
use crate::config::{ARCHIVE_VARIABLE, FILE_NAME, Overrides};
use crate::demo::{EXPORT_BUCKET, TRAIL_BUCKET, Vendors};

/// How the config of a demo begins: by this an earlier one is known, and nothing else is replaced.
const MARK: &str = "# trailkeep demo";

const ARCHIVE: &str = "trailkeep.db";
const SECRETS: [&str; 8] = [
    "safe-username",
    "safe-password",
    "sendsafely-api-key",
    "sendsafely-api-secret",
    "scim-username",
    "scim-password",
    "aws-access-key-id",
    "aws-secret-access-key",
];

/// A folder that holds nothing but a demo.
pub(super) struct Folder(PathBuf);

impl Folder {
    /// Makes the folder, or clears the earlier demo out of it.
    ///
    /// # Errors
    /// There is something else in it, or it cannot be made.
    pub(super) fn prepare(path: &Path) -> Result<Folder, Failure> {
        let folder = Folder(path.to_owned());
        if folder.is_free()? {
            fs::create_dir_all(path).map_err(|error| unwritable(path, &error))?;
        } else if folder.is_demo() {
            folder.clear()?;
        } else {
            let name = path.display();
            return Err(Failure::usage(format!("{name} is there already"))
                .hinted("name another folder: trailkeep demo DIR"));
        }
        Ok(folder)
    }

    /// Writes config and secrets, and says where the config is.
    ///
    /// # Errors
    /// They cannot be written.
    pub(super) fn write(&self, vendors: &Vendors) -> Result<PathBuf, Failure> {
        let let_in = vendors.credentials();
        let secrets = [
            let_in.username,
            let_in.password,
            let_in.api_key,
            let_in.api_secret,
            let_in.scim_username,
            let_in.scim_password,
            let_in.access_key_id,
            let_in.secret_access_key,
        ];
        for (name, secret) in SECRETS.into_iter().zip(secrets) {
            self.put(name, secret)?;
        }
        self.put(FILE_NAME, &config(vendors))?;
        Ok(self.config())
    }

    /// Flags in place of what the user's own environment says.
    pub(super) fn overrides(&self) -> Overrides {
        Overrides {
            config: Some(self.config()),
            archive: Some(self.0.join(ARCHIVE)),
        }
    }

    /// Says which commands to try, with the flags that they need here.
    pub(super) fn say_what_is_next(&self, session: &Session, serving: bool) {
        let mut trailkeep = format!("trailkeep --config {}", quoted(&self.config()));
        let variable = session.environment.variable(ARCHIVE_VARIABLE);
        if variable.is_some_and(|value| !value.is_empty()) {
            let archive = quoted(&self.0.join(ARCHIVE));
            trailkeep.push_str(&format!(" --archive {archive}"));
        }
        let note = |text: String| session.screen.note(text);
        note("\nnext:".to_owned());
        for command in ["sources", "status", "query", "query failed-logins"] {
            note(format!("  {trailkeep} {command}"));
        }
        note(format!(
            "  {trailkeep} query \"select source, feed, count(*) from sightings group by 1, 2\""
        ));
        if serving {
            note(format!("  {trailkeep} sync --force"));
            note(
                "\nthe vendors are up, and something happens there all the time; Ctrl-C ends them"
                    .to_owned(),
            );
        } else {
            note("\nthe vendors are gone now; `trailkeep demo --serve` keeps them up for `sync` to ask".to_owned());
        }
    }

    fn config(&self) -> PathBuf {
        self.0.join(FILE_NAME)
    }

    /// Whether there is nothing yet.
    fn is_free(&self) -> Result<bool, Failure> {
        match fs::read_dir(&self.0) {
            Ok(mut entries) => Ok(entries.next().is_none()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(true),
            Err(error) => Err(unwritable(&self.0, &error)),
        }
    }

    fn is_demo(&self) -> bool {
        fs::read_to_string(self.config()).is_ok_and(|text| text.starts_with(MARK))
    }

    /// Removes what an earlier demo wrote, and nothing of the user's. The config goes last: until
    /// then the folder is known as a demo.
    fn clear(&self) -> Result<(), Failure> {
        let archive = ["", "-wal", "-shm", ".lock"].map(|end| format!("{ARCHIVE}{end}"));
        let secrets = SECRETS.map(str::to_owned);
        let last = std::iter::once(FILE_NAME.to_owned());
        for name in archive.into_iter().chain(secrets).chain(last) {
            let path = self.0.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(unwritable(&path, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn put(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.0.join(name);
        let written = create(&path).and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| unwritable(&path, &error))
    }
}

/// As many requests a minute as may be: these vendors are nobody's.
fn config(vendors: &Vendors) -> String {
    let [
        username,
        password,
        api_key,
        api_secret,
        scim_username,
        scim_password,
        _,
        _,
    ] = SECRETS;
    let (safe, sendsafely) = (vendors.safe_url(), vendors.sendsafely_url());
    let [trail, exported] = [TRAIL_BUCKET, EXPORT_BUCKET].map(|name| bucket(name, vendors));
    format!(
        r#"{MARK}: made by `trailkeep demo`, which replaces it when it is run here again.
archive = "{ARCHIVE}"

[source.safe-us]
kind = "safe"
url = "{safe}"
username = {{ file = "{username}" }}
password = {{ file = "{password}" }}
requests_per_minute = 1200

# Of one account and region; without `prefix` all there are.
[source.safe-us.cloudtrail]
prefix = "AWSLogs/111122223333/CloudTrail/us-east-1/"
{trail}
[source.acme]
kind = "sendsafely"
url = "{sendsafely}"
api_key = {{ file = "{api_key}" }}
api_secret = {{ file = "{api_secret}" }}
requests_per_minute = 6000

[source.acme.s3]
{exported}
[source.acme.scim]
username = {{ file = "{scim_username}" }}
password = {{ file = "{scim_password}" }}
"#
    )
}

fn bucket(name: &str, vendors: &Vendors) -> String {
    let [.., key, secret] = SECRETS;
    let endpoint = vendors.aws_url();
    format!(
        r#"bucket = "{name}"
region = "eu-central-1"
access_key_id = {{ file = "{key}" }}
secret_access_key = {{ file = "{secret}" }}
endpoint = "{endpoint}"
path_style = true
requests_per_minute = 300000
"#
    )
}

fn unwritable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::usage(format!("{} cannot be written: {error}", path.display()))
        .hinted("may you write there?")
}

/// As a shell takes it.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:".contains(c);
    if text.chars().all(is_plain) {
        text
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_demo_is_replaced_and_of_it_only_its_own_files() {
        let outside = tempfile::tempdir().unwrap();
        let path = outside.path().join("demo");
        Folder::prepare(&path).unwrap();
        fs::write(path.join(FILE_NAME), format!("{MARK}\n")).unwrap();
        fs::write(path.join(ARCHIVE), "old").unwrap();
        fs::write(path.join("own.sql"), "select 1").unwrap();
        Folder::prepare(&path).unwrap();
        assert!(!path.join(ARCHIVE).exists() && !path.join(FILE_NAME).exists());
        assert!(path.join("own.sql").exists());
        let Err(failure) = Folder::prepare(&path) else {
            panic!("what is no demo was taken")
        };
        assert!(failure.to_string().ends_with("is there already"));
    }

    #[test]
    fn a_path_is_one_word_to_the_shell() {
        for (path, word) in [
            (
                "trailkeep-demo/trailkeep.toml",
                "trailkeep-demo/trailkeep.toml",
            ),
            ("my demo/t.toml", "'my demo/t.toml'"),
            ("it's/t.toml", r"'it'\''s/t.toml'"),
        ] {
            assert_eq!(quoted(Path::new(path)), word);
        }
    }
}
