//! Runs the real binary in a world of its own: no variable, home or folder of the machine's.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// A folder of its own, and the variables that a process sees in it.
pub(crate) struct Sandbox {
    folder: TempDir,
    variables: BTreeMap<String, String>,
}

/// What a process said and how it ended. As text: standard output, standard error and the exit
/// code, with the sandbox's folder written `$DIR` and ports `PORT`.
#[must_use = "snapshot the output, or look at its exit code"]
pub(crate) struct Output {
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) status: Option<i32>,
}

impl Sandbox {
    pub(crate) fn new() -> Sandbox {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let mut sandbox = Sandbox {
            folder,
            variables: BTreeMap::new(),
        };
        for (name, sub_folder) in [
            ("HOME", "home"),
            ("TMPDIR", "tmp"),
            ("XDG_CONFIG_HOME", "xdg"),
        ] {
            let path = sandbox.path(sub_folder);
            fs::create_dir(&path).expect("the sandbox is new and empty");
            sandbox.set(
                name,
                path.to_str().expect("temporary folders have plain names"),
            );
        }
        sandbox.set("COLUMNS", "100");
        sandbox.set("PATH", "/usr/local/bin:/usr/bin:/bin");
        sandbox
    }

    /// Sets an environment variable for the processes to come.
    pub(crate) fn set(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    /// A path in the sandbox; processes run in its root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.folder.path().join(relative)
    }

    /// Writes a file, and the folders it lies in.
    pub(crate) fn write(&self, relative: &str, text: &str) {
        self.write_bytes(relative, text.as_bytes());
    }

    /// The same with what need not be text.
    pub(crate) fn write_bytes(&self, relative: &str, bytes: &[u8]) {
        let path = self.path(relative);
        fs::create_dir_all(path.parent().unwrap_or(Path::new("/"))).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs `trailkeep` with these arguments, split at spaces.
    pub(crate) fn run(&self, arguments: &str) -> Output {
        self.output(&mut self.command(arguments))
    }

    /// Runs `trailkeep` with these arguments, in which there may be spaces.
    pub(crate) fn run_with(&self, arguments: &[&str]) -> Output {
        self.output(self.command("").args(arguments))
    }

    /// The same with a file of the sandbox on standard input.
    pub(crate) fn run_fed(&self, arguments: &[&str], relative: &str) -> Output {
        let file = fs::File::open(self.path(relative)).unwrap();
        self.output(self.command("").args(arguments).stdin(file))
    }

    /// Runs a line as a shell does, `trailkeep` being the real binary.
    pub(crate) fn shell(&self, line: &str) -> Output {
        let binary = Path::new(env!("CARGO_BIN_EXE_trailkeep"));
        let folder = binary.parent().expect("it lies in a folder");
        let path = format!("{}:{}", folder.display(), self.variables["PATH"]);
        let mut command = self.bare("/bin/sh");
        self.output(command.args(["-c", line]).env("PATH", path))
    }

    fn output(&self, command: &mut Command) -> Output {
        let output = command.output().expect("the binary was built");
        Output {
            stdout: self.filtered(&output.stdout),
            stderr: self.filtered(&output.stderr),
            status: output.status.code(),
        }
    }

    /// The same as a command, for tests that want a hold of the process.
    pub(crate) fn command(&self, arguments: &str) -> Command {
        let mut command = self.bare(env!("CARGO_BIN_EXE_trailkeep"));
        command.args(arguments.split_whitespace());
        command
    }

    fn bare(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env_clear()
            .envs(&self.variables)
            .stdin(Stdio::null());
        command
    }

    fn filtered(&self, bytes: &[u8]) -> String {
        let text = String::from_utf8_lossy(bytes);
        let folder = self
            .folder
            .path()
            .to_str()
            .expect("temporary folders have plain names");
        without_ports(&text.replace(folder, "$DIR"))
    }
}

impl Output {
    /// Standard output with one space between words: a table whose columns are as wide as the
    /// sandbox's folder is long.
    pub(crate) fn single_spaced(&self) -> String {
        let lines = self.stdout.lines().map(|line| line.split_whitespace());
        lines
            .map(|words| words.collect::<Vec<_>>().join(" "))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The exit code was this one.
    #[track_caller]
    pub(crate) fn exits(&self, status: i32) {
        assert_eq!(self.status, Some(status), "{self}");
    }
}

impl fmt::Display for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.stdout)?;
        if !self.stderr.is_empty() {
            write!(f, "------- stderr -------\n{}", self.stderr)?;
        }
        match self.status {
            Some(0) => Ok(()),
            Some(status) => writeln!(f, "[exit status: {status}]"),
            None => writeln!(f, "[ended by a signal]"),
        }
    }
}

/// Loopback ports differ from run to run.
fn without_ports(text: &str) -> String {
    let mut parts = text.split("127.0.0.1:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |filtered, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let port = if rest.len() == part.len() { "" } else { "PORT" };
        format!("{filtered}127.0.0.1:{port}{rest}")
    })
}

#[test]
fn ports_are_filtered_and_nothing_else() {
    let text = "at http://127.0.0.1:8080/ and 127.0.0.1:x, 10:30";
    assert_eq!(
        without_ports(text),
        "at http://127.0.0.1:PORT/ and 127.0.0.1:x, 10:30"
    );
}
