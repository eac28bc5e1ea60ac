//! How a notice gets to whom it is for: a command reads it, or it is posted to a URL.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::fetch::clock::SystemClock;
use crate::fetch::{FetchError, hook};
use crate::secret::Secret;
use crate::time::describe;

/// One way of telling.
pub(super) enum Way {
    /// A program and its arguments.
    Command(Vec<String>),
    /// Where to post it.
    Url(Secret),
}

/// Why a notice did not arrive.
#[derive(Debug, thiserror::Error)]
pub(super) enum DeliveryError {
    /// There is no such program, or it may not be run.
    #[error("{program} cannot be run")]
    NotRun {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// It ended otherwise than with 0.
    #[error("{program} ended with {status}: {says}")]
    Failed {
        /// The program.
        program: String,
        /// How it ended.
        status: ExitStatus,
        /// What it said on its standard error.
        says: String,
    },
    /// It did not end in time, and was killed.
    #[error("{program} did not end within {}: {says}", describe(*limit))]
    Slow {
        /// The program.
        program: String,
        /// How long it was waited for.
        limit: Duration,
        /// What it said on its standard error.
        says: String,
    },
    /// It was not answered.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

/// How long a command may take.
const COMMAND_TIME_MAX: Duration = Duration::from_secs(30);

/// How often it is looked whether it has ended.
const POLL: Duration = Duration::from_millis(20);

/// Most bytes that are shown of what a command says.
const SAYS_BYTES_MAX: u64 = 1_000;

impl Way {
    /// In one word, as the archive has it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Way::Command(_) => "command",
            Way::Url(_) => "url",
        }
    }

    /// Hands a notice over: it arrived, as far as whoever takes it says.
    ///
    /// # Errors
    /// It did not.
    pub(super) async fn deliver(&self, json: String) -> Result<(), DeliveryError> {
        match self {
            Way::Command(words) => run(words, &json, COMMAND_TIME_MAX).await,
            Way::Url(url) => {
                let transport = hook::transport();
                let called = hook::call(&transport, &SystemClock, url, Some(json), "a notice");
                Ok(called.await?)
            }
        }
    }
}

/// Says to who counts the days that a run was good.
///
/// # Errors
/// It was not heard.
pub(super) async fn ping(url: &Secret) -> Result<(), FetchError> {
    hook::call(&hook::transport(), &SystemClock, url, None, "a ping").await
}

/// Ends with whoever waits for it.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Both can only fail for what has ended already.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Runs a command, the text on its standard input. Input and complaints are files and no pipes, so
/// that neither one that does not read nor one that leaves children behind holds anything up.
async fn run(words: &[String], text: &str, limit: Duration) -> Result<(), DeliveryError> {
    let (program, arguments) = words
        .split_first()
        .map_or(("", words), |(program, rest)| (program.as_str(), rest));
    let not_run = |source| DeliveryError::NotRun {
        program: program.to_owned(),
        source,
    };
    let mut said = tempfile::tempfile().map_err(not_run)?;
    let child = Command::new(program)
        .args(arguments)
        .stdin(file_of(text).map_err(not_run)?)
        .stdout(Stdio::null())
        .stderr(said.try_clone().map_err(not_run)?)
        .spawn()
        .map_err(not_run)?;
    let mut running = Running(child);
    let ended = tokio::time::timeout(limit, end(&mut running.0)).await;
    let program = program.to_owned();
    match ended {
        Ok(Ok(status)) if status.success() => Ok(()),
        Ok(Ok(status)) => Err(DeliveryError::Failed {
            program,
            status,
            says: read(&mut said),
        }),
        Ok(Err(source)) => Err(DeliveryError::NotRun { program, source }),
        Err(_elapsed) => Err(DeliveryError::Slow {
            program,
            limit,
            says: read(&mut said),
        }),
    }
}

async fn end(child: &mut Child) -> io::Result<ExitStatus> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        tokio::time::sleep(POLL).await;
    }
}

fn file_of(text: &str) -> io::Result<File> {
    let mut file = tempfile::tempfile()?;
    file.write_all(text.as_bytes())?;
    file.rewind()?;
    Ok(file)
}

/// The beginning of what was said, in one line.
fn read(said: &mut File) -> String {
    let mut bytes = Vec::new();
    let read = said
        .rewind()
        .and_then(|()| said.take(SAYS_BYTES_MAX).read_to_end(&mut bytes));
    let text = String::from_utf8_lossy(&bytes);
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if read.is_err() || text.is_empty() {
        "(nothing)".to_owned()
    } else {
        text
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    async fn shell(line: &str, text: &str, limit: Duration) -> Result<(), DeliveryError> {
        run(&["sh", "-c", line].map(str::to_owned), text, limit).await
    }

    #[tokio::test]
    async fn a_command_reads_the_notice_and_says_how_it_went() {
        let limit = Duration::from_secs(30);
        let notice = "{\"event\":\"gap\"}".repeat(20_000);
        let counts = format!("test $(wc -c) -eq {}", notice.len());
        shell(&counts, &notice, limit).await.unwrap();
        // One that does not read it is none the worse for it.
        shell("exit 0", &notice, limit).await.unwrap();
        let error = shell("echo no >&2; echo route >&2; exit 3", "", limit).await;
        let said = error.unwrap_err().to_string();
        assert_eq!(said, "sh ended with exit status: 3: no route");
        let none = run(&["./no-such".to_owned()], "", limit).await;
        assert_eq!(none.unwrap_err().to_string(), "./no-such cannot be run");
    }

    #[tokio::test]
    async fn a_command_that_does_not_end_is_killed() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("process");
        let line = format!(
            "echo still here >&2; echo $$ > {}; exec sleep 60",
            file.display()
        );
        let limit = Duration::from_secs(2);
        let error = shell(&line, "", limit).await.unwrap_err();
        assert_eq!(error.to_string(), "sh did not end within 2 s: still here");
        let process = std::fs::read_to_string(file).unwrap();
        let there = Command::new("kill").args(["-0", process.trim()]).output();
        assert!(!there.unwrap().status.success());
    }
}
