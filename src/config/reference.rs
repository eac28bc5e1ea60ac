//! References to secrets: an environment variable, a file or a command that yields the value.
//! The config file holds none itself, and a value is read only when a command needs it.
//!
//! A variable that is not set may stand as a credential of the service manager: a file of its name
//! in the folder that `CREDENTIALS_DIRECTORY` names. So a config file that works in a shell works
//! in a unit with `LoadCredential=` as it is. Documented in systemd.exec(5), "Credentials".

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Environment;
use super::document::{Table, Value};
use super::error::{ConfigError, Place};
use crate::secret::Secret;

/// Most bytes of a secret: the longest tokens in use have a few thousand.
const SECRET_BYTES_MAX: u64 = 64 << 10;

/// The variable that names the folder of the service's credentials; set by systemd.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";

/// How references are written, for hints.
const FORMS: &str = r#"write { env = "…" }, { file = "…" } or { command = ["…"] }"#;

/// Where a secret is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reference {
    /// What yields it.
    pub origin: SecretOrigin,
    /// The full key it is the value of.
    pub key: String,
    /// Where the reference is written.
    pub place: Place,
}

/// What yields a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretOrigin {
    /// The environment variable of this name.
    Variable(String),
    /// The file of this credential, in place of a variable that is not set.
    Credential(PathBuf),
    /// The text of this file, without the newline at its end.
    File(PathBuf),
    /// What this program, run with these arguments and no shell, writes to its standard output,
    /// without the newline at its end.
    Command(Vec<String>),
}

impl Reference {
    /// Reads a reference; a relative file is relative to `base`.
    pub(super) fn read(value: &Value<'_>, base: &Path) -> Result<Reference, ConfigError> {
        let table = value.table().map_err(|_| {
            let problem = "a secret is referred to and never written here itself";
            value.mistake(problem).hinted(FORMS)
        })?;
        let origin = read_origin(&table, base)?;
        Ok(Reference {
            origin,
            key: value.key().to_owned(),
            place: value.place(),
        })
    }

    /// The secret itself.
    ///
    /// # Errors
    /// There is none, it is empty, or it lies open to others.
    pub fn resolve(&self, environment: &Environment) -> Result<Secret, ConfigError> {
        self.found(environment).read_text(environment)
    }

    /// The same reference, leading to the credential where one stands in for a variable.
    pub fn found(&self, environment: &Environment) -> Reference {
        let origin = match &self.origin {
            SecretOrigin::Variable(name) => credential(name, environment),
            _ => None,
        };
        Reference {
            origin: origin.unwrap_or_else(|| self.origin.clone()),
            ..self.clone()
        }
    }

    fn read_text(&self, environment: &Environment) -> Result<Secret, ConfigError> {
        let text = match &self.origin {
            SecretOrigin::Variable(name) => self.read_variable(name, environment)?,
            SecretOrigin::Credential(path) => self.read_file(path, CREDENTIAL_OPEN)?,
            SecretOrigin::File(path) => self.read_file(path, FILE_OPEN)?,
            SecretOrigin::Command(words) => self.read_command(words)?,
        };
        let secret = text.strip_suffix('\n').unwrap_or(&text);
        let secret = secret.strip_suffix('\r').unwrap_or(secret);
        if secret.is_empty() {
            return Err(self
                .mistake("is empty")
                .hinted("a secret has at least one character"));
        }
        Ok(Secret::new(secret))
    }

    fn read_variable(&self, name: &str, environment: &Environment) -> Result<String, ConfigError> {
        let value = environment.variable(name).ok_or_else(|| {
            let hint = if environment.variable(CREDENTIALS_VARIABLE).is_some() {
                format!("the unit needs LoadCredential={name}:FILE, FILE being where it is")
            } else {
                format!("set it: export {name}='…'")
            };
            self.mistake("is not set").hinted(hint)
        })?;
        let text = value.to_str().ok_or_else(|| self.no_text())?;
        Ok(text.to_owned())
    }

    fn read_file(&self, path: &Path, open: u32) -> Result<String, ConfigError> {
        let file = File::open(path).map_err(|error| self.unreadable(error))?;
        if is_open_to_others(&file, open).map_err(|error| self.unreadable(error))? {
            let hint = format!("chmod 600 {}", path.display());
            return Err(self.mistake("may be read by others").hinted(hint));
        }
        self.text_of(file)
    }

    fn read_command(&self, words: &[String]) -> Result<String, ConfigError> {
        let (program, arguments) = words
            .split_first()
            .ok_or_else(|| self.mistake("is empty"))?;
        let mut child = Command::new(program)
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_run(error))?;
        let text = child.stdout.take().map(|stdout| self.text_of(stdout));
        if matches!(text, Some(Err(_))) {
            // It has more to say than was read, and would wait for a reader for ever; that it
            // cannot be killed can only mean that it has ended.
            child.kill().ok();
        }
        let status = child.wait().map_err(|error| self.not_run(error))?;
        let text = text.unwrap_or(Ok(String::new()))?;
        if !status.success() {
            let hint = "run it by hand to see why";
            return Err(self.mistake(format!("ended with {status}")).hinted(hint));
        }
        Ok(text)
    }

    fn text_of(&self, reader: impl Read) -> Result<String, ConfigError> {
        let mut bytes = Vec::new();
        let mut reader = reader.take(SECRET_BYTES_MAX + 1);
        reader
            .read_to_end(&mut bytes)
            .map_err(|error| self.unreadable(error))?;
        if reader.limit() == 0 {
            return Err(self
                .mistake("is longer than 64 KiB")
                .hinted("is it a secret?"));
        }
        String::from_utf8(bytes).map_err(|_| self.no_text())
    }

    fn unreadable(&self, error: io::Error) -> ConfigError {
        let hint = "it must be a file that you may read";
        self.mistake("cannot be read").caused_by(error).hinted(hint)
    }

    fn not_run(&self, error: io::Error) -> ConfigError {
        let hint = "is it installed? it is run as written, without a shell";
        self.mistake("cannot be run").caused_by(error).hinted(hint)
    }

    fn no_text(&self) -> ConfigError {
        self.mistake("is no UTF-8 text")
            .hinted("a secret is text; encode it if it is not")
    }

    /// A mistake about what the reference leads to, which is named and never shown.
    fn mistake(&self, problem: impl fmt::Display) -> ConfigError {
        ConfigError::at(
            self.place.clone(),
            &self.key,
            format!("{} {problem}", self.origin),
        )
    }
}

fn read_origin(table: &Table<'_>, base: &Path) -> Result<SecretOrigin, ConfigError> {
    table.refuse_unknown(&["env", "file", "command"])?;
    let values = table.values();
    let [value] = values.as_slice() else {
        return Err(table.mistake("a reference names one place").hinted(FORMS));
    };
    match value.own_name() {
        "env" => Ok(SecretOrigin::Variable(
            not_empty(value, value.text()?)?.to_owned(),
        )),
        "file" => Ok(SecretOrigin::File(
            base.join(not_empty(value, value.text()?)?),
        )),
        _ => {
            let mut words = value.texts()?;
            match words.first_mut() {
                Some(program) if !program.is_empty() => *program = located(program, base),
                _ => return Err(value.mistake("names no program").hinted(FORMS)),
            }
            Ok(SecretOrigin::Command(words))
        }
    }
}

fn not_empty<'a>(value: &Value<'_>, text: &'a str) -> Result<&'a str, ConfigError> {
    if text.is_empty() {
        Err(value.mistake("is empty").hinted(FORMS))
    } else {
        Ok(text)
    }
}

/// A program that is named by a relative path is found from the config file, as files are; a bare
/// name is looked for in `PATH`.
pub(super) fn located(program: &str, base: &Path) -> String {
    if program.contains('/') {
        base.join(program).to_string_lossy().into_owned()
    } else {
        program.to_owned()
    }
}

/// The credential that stands in for a variable which is not set. That it cannot be looked at
/// means that there is one.
fn credential(name: &str, environment: &Environment) -> Option<SecretOrigin> {
    let folder = environment.variable(CREDENTIALS_VARIABLE)?;
    if environment.variable(name).is_some() || folder.is_empty() || !is_credential_name(name) {
        return None;
    }
    let path = Path::new(folder).join(name);
    let is_there = path.try_exists().unwrap_or(true);
    is_there.then_some(SecretOrigin::Credential(path))
}

/// Whether a credential may be called so: by letters, digits, `_`, `-` and `.`, which is less than
/// systemd allows and leads out of no folder.
pub fn is_credential_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.len() <= 255 && name.chars().all(fits)
}

/// The bits of a mode by which a secret's file lies open.
const FILE_OPEN: u32 = 0o077;

/// The same of a credential. systemd makes it 0400 and lets the service's user read it by an access
/// list, whose mask stands where the group's bits are: 0440.
const CREDENTIAL_OPEN: u32 = 0o037;

#[cfg(unix)]
fn is_open_to_others(file: &File, open: u32) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    Ok(file.metadata()?.mode() & open != 0)
}

/// Elsewhere than on Unix access is no matter of a file's mode.
#[cfg(not(unix))]
fn is_open_to_others(_file: &File, _open: u32) -> io::Result<bool> {
    Ok(false)
}

/// `env SAFE_API_PASSWORD`, `credential SAFE_API_PASSWORD`, `file /run/secrets/safe`, `command pass`: of a command the program
/// alone, for its arguments may say too much.
impl fmt::Display for SecretOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretOrigin::Variable(name) => write!(f, "env {name}"),
            SecretOrigin::Credential(path) => {
                let name = path.file_name().unwrap_or_default();
                write!(f, "credential {}", name.display())
            }
            SecretOrigin::File(path) => write!(f, "file {}", path.display()),
            SecretOrigin::Command(words) => {
                write!(f, "command {}", words.first().map_or("", String::as_str))
            }
        }
    }
}
