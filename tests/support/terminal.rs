//! A terminal of our own, with the real binary at it: what is typed, and what is then to be seen.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};

/// A terminal, and the process that runs at it.
pub(crate) struct Terminal {
    keys: File,
    shown: Receiver<Vec<u8>>,
    /// All that was shown and not looked at yet, without what only moves or colours.
    text: String,
    child: Child,
}

/// Nothing that is waited for takes so long, even where all processors are busy.
const PATIENCE: Duration = Duration::from_secs(30);

impl Terminal {
    /// Runs a command at a terminal of so many columns and lines, which is its own: keys reach it
    /// as signals do.
    pub(crate) fn run(command: &Command, columns: u16, lines: u16) -> Terminal {
        let size = Winsize {
            ws_row: lines,
            ws_col: columns,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pty = openpty(&size, None).expect("the system has pseudo terminals");
        let end = || pty.slave.try_clone().expect("there are file descriptors");
        let mut at_terminal = Command::new("setsid");
        at_terminal
            .args(["--ctty", "--wait"])
            .arg(command.get_program())
            .args(command.get_args())
            .env_clear()
            .envs(
                command
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("TERM", "xterm")
            .env_remove("COLUMNS")
            .stdin(end())
            .stdout(end())
            .stderr(end());
        if let Some(folder) = command.get_current_dir() {
            at_terminal.current_dir(folder);
        }
        let child = at_terminal.spawn().expect("util-linux is there");
        let keys = File::from(pty.master);
        let shown = follow(keys.try_clone().expect("there are file descriptors"));
        Terminal {
            keys,
            shown,
            text: String::new(),
            child,
        }
    }

    /// Types this; `\r` is the return key, `\x03` Ctrl-C.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
    }

    /// Waits until this is shown, and gives all that was up to its end.
    #[track_caller]
    pub(crate) fn shows(&mut self, text: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(at) = self.text.find(text) {
                let rest = self.text.split_off(at + text.len());
                return std::mem::replace(&mut self.text, rest);
            }
            let left = PATIENCE.saturating_sub(begun.elapsed());
            let shown = self.shown.recv_timeout(left);
            assert!(
                shown.is_ok(),
                "no `{text}` in what is shown:\n{}",
                self.text
            );
            self.see(&shown.unwrap_or_default());
        }
    }

    fn see(&mut self, bytes: &[u8]) {
        self.text += &plain(&String::from_utf8_lossy(bytes));
    }

    /// Waits for its end, and gives what was shown since.
    #[track_caller]
    pub(crate) fn ends(mut self, status: i32) -> String {
        loop {
            let shown = self.shown.recv_timeout(PATIENCE);
            let goes_on = shown == Err(RecvTimeoutError::Timeout);
            assert!(!goes_on, "it goes on:\n{}", self.text);
            let Ok(bytes) = shown else { break };
            self.see(&bytes);
        }
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(status), "{}", self.text);
        std::mem::take(&mut self.text)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // It has ended, unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What is shown, piece by piece; it ends when nobody has the terminal any longer.
fn follow(mut screen: File) -> Receiver<Vec<u8>> {
    let (tell, shown) = channel();
    thread::spawn(move || {
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = screen.read(&mut bytes) {
            if tell.send(bytes[..count].to_vec()).is_err() {
                break;
            }
        }
    });
    shown
}

/// The text without control sequences, each line ending with `\n` alone.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\x1b' => {
                if chars.next() == Some('[') {
                    let _ = chars.find(char::is_ascii_alphabetic);
                }
            }
            '\r' => {}
            c => plain.push(c),
        }
    }
    plain
}
