//! A server of another make, as a process that ends with the tests however they end.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::PATIENCE;

/// A process with a folder of its own, both gone when this is dropped or its owner dies.
pub(super) struct Server {
    supervisor: Child,
    folder: PathBuf,
}

/// What to run.
pub(super) struct Program<'a> {
    pub(super) path: &'a Path,
    /// Split at spaces.
    pub(super) arguments: &'a str,
    /// Names and texts, for the folder it runs in.
    pub(super) files: &'a [(&'a str, &'a str)],
    /// What it leaves elsewhere when it ends, split at spaces.
    pub(super) litter: &'a str,
}

impl Server {
    pub(super) fn start(program: &Program<'_>) -> Server {
        let folder = tempfile::tempdir().unwrap().keep();
        for (name, text) in program.files {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let supervisor = Command::new("/bin/sh")
            .args(["-c", SUPERVISE])
            .args([&folder, program.path])
            .args(program.arguments.split_whitespace())
            .env_clear()
            .env("HOME", &folder)
            .env("TMPDIR", &folder)
            .env("PATH", "/usr/bin:/bin")
            .env("LITTER", program.litter)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Ctrl-C is for the tests, and ends the server by their end.
            .process_group(0)
            .spawn()
            .unwrap();
        Server { supervisor, folder }
    }

    /// Waits until it is of use; gives what it has said, if it takes too long.
    pub(super) async fn wait_until(&self, is_ready: impl AsyncFn() -> bool) -> Result<(), String> {
        let began = Instant::now();
        while !is_ready().await {
            if began.elapsed() > PATIENCE {
                return Err(self.log());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// What it has said.
    fn log(&self) -> String {
        std::fs::read_to_string(self.folder.join("log")).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // This closes its standard input, for which it waits.
        self.supervisor.wait().ok();
    }
}

/// Runs a program in the folder `$0` until standard input ends, as it does with whoever holds its
/// other end. There is nothing worth keeping, so that the end can be short.
const SUPERVISE: &str = r#"
    cd "$0" || exit
    "$@" >log 2>&1 &
    read -r _
    kill -9 $!
    wait
    rm -rf "$0" $LITTER
"#;

/// Ports of loopback that nobody listens on. They lie below those that systems give to whoever
/// asks for any, so that nobody is given one before the server has it.
pub(super) fn free_ports<const N: usize>() -> [u16; N] {
    let mut held: Vec<TcpListener> = Vec::new();
    while held.len() < N {
        let port = fastrand::u16(10_000..32_000);
        held.extend(TcpListener::bind(("127.0.0.1", port)));
    }
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let ports: Vec<u16> = held.iter().map(port).collect();
    ports.try_into().expect("there are N")
}

#[test]
fn a_server_and_its_folder_end_with_their_owner() {
    let elsewhere = tempfile::tempdir().unwrap();
    let litter = ["one", "another"].map(|name| elsewhere.path().join(name));
    let server = Server::start(&Program {
        path: Path::new("/bin/sh"),
        arguments: "script",
        files: &[("script", "touch $LITTER; echo $$; sleep 600")],
        litter: &litter
            .each_ref()
            .map(|path| path.to_str().unwrap())
            .join(" "),
    });
    let began = Instant::now();
    while !server.log().ends_with('\n') {
        assert!(began.elapsed() < PATIENCE);
    }
    let (id, folder) = (server.log(), server.folder.clone());
    let lives = || {
        let mut command = Command::new("/bin/sh");
        let command = command.args(["-c", &format!("kill -0 {id}")]);
        command.output().unwrap().status.success()
    };
    assert!(lives() && litter.iter().all(|path| path.exists()));
    drop(server);
    assert!(!lives() && !litter.iter().any(|path| path.exists()));
    assert!(!folder.exists());
}

#[test]
fn free_ports_are_free_and_differ() {
    let mut ports: [u16; 8] = free_ports();
    for port in ports {
        TcpListener::bind(("127.0.0.1", port)).unwrap();
    }
    ports.sort_unstable();
    assert!(ports.windows(2).all(|pair| pair[0] != pair[1]), "{ports:?}");
}
