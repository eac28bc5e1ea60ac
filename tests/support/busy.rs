//! An archive that a writer has open, in the midst of a transaction, at a path that has to be
//! quoted.

use std::fs;

use rusqlite::Connection;
use trailkeep::archive::Archive;

use super::sandbox::Sandbox;

const EVENTS: &str = r#"
{"eventId":"0bc1d2e3-0000-4000-8000-000000000001","timestamp":"2026-10-01T12:00:00.000Z","eventType":"USER_EVENT","action":"LOGIN","authenticatedUser":"ann@example.com","ipAddress":"192.0.2.1"}
{"eventId":"0bc1d2e3-0000-4000-8000-000000000002","timestamp":"2026-10-01T12:30:00.000Z","eventType":"PACKAGE_EVENT","action":"PACKAGE_FILE_DOWNLOAD","authenticatedUser":"Anonymous Recipient","ipAddress":"198.51.100.7","LogDetails":{"packageId":"P1","fileName":"plan.pdf","fileSize":2048}}
{"eventId":"0bc1d2e3-0000-4000-8000-000000000003","timestamp":"2026-10-02T08:15:00.500Z","eventType":"USER_EVENT","action":"LOGIN_FAILED","authenticatedUser":"ann@example.com","ipAddress":"203.0.113.9"}
"#;

/// A feed that was last read whole long ago: there is a gap.
const FEED: &str = "
    insert into feed values (1, 'api', 7776000000, 'free', 172800000, 300000, 'audit');
    insert into stretch values (1, 'api', unixepoch('now', '-30 days') * 1000,
        unixepoch('now', '-20 days') * 1000, 'complete', unixepoch() * 1000, 1, 1);
";

/// An archive of three events in use.
pub(crate) struct Busy {
    sandbox: Sandbox,
    /// Has deleted everything, and not committed it.
    _writer: Connection,
    _archive: Archive,
}

impl Busy {
    pub(crate) fn new() -> Busy {
        let mut sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("it's here")).unwrap();
        let path = sandbox.path("it's here/audit log.db");
        sandbox.set("TRAILKEEP_ARCHIVE", path.to_str().unwrap());
        sandbox.write("log.ndjson", EVENTS);
        let import = "import log.ndjson --source acme --kind sendsafely";
        sandbox.run(import).exits(0);
        let archive = Archive::open(&path, "tests").unwrap();
        let writer = Connection::open(&path).unwrap();
        writer.execute_batch(FEED).unwrap();
        let delete = "begin immediate; delete from event; delete from feed";
        writer.execute_batch(delete).unwrap();
        Busy {
            sandbox,
            _writer: writer,
            _archive: archive,
        }
    }

    /// The archive's path as processes are given it.
    pub(crate) fn path(&self) -> String {
        let path = self.sandbox.path("it's here/audit log.db");
        let whole = fs::canonicalize(path).unwrap();
        whole.to_str().unwrap().replace(&self.folder(), "$DIR")
    }

    /// What `trailkeep connect` prints, the sandbox's folder written `$DIR`.
    pub(crate) fn connect(&self, tool: &str) -> String {
        let output = self.sandbox.run(&format!("connect {tool}"));
        output.exits(0);
        output.stdout
    }

    /// What a shell makes of these lines with this on standard input, errors included.
    pub(crate) fn shell(&self, printed: &str, input: &str) -> String {
        self.sandbox.write("input", input);
        let printed = printed.replace("$DIR", &self.folder());
        let output = self.sandbox.shell(&format!("{{\n{printed}\n}} <input"));
        output.stdout + &output.stderr
    }

    /// More programs for [`Busy::shell`]: those of this folder.
    pub(crate) fn find_programs_in(&mut self, folder: &str) {
        let path = format!("{folder}:/usr/local/bin:/usr/bin:/bin");
        self.sandbox.set("PATH", &path);
    }

    /// The gaps by our own query, a line each as SQLite's shell writes them.
    pub(crate) fn gaps(&self) -> String {
        let sql = "select source || '|' || feed || '|' || state as line from gaps";
        let output = self.sandbox.run_with(&["query", sql, "-o", "csv"]);
        output.exits(0);
        let gaps: Vec<&str> = output.stdout.lines().skip(1).collect();
        assert!(!gaps.is_empty());
        gaps.join("\n") + "\n"
    }

    fn folder(&self) -> String {
        self.sandbox
            .path("")
            .to_str()
            .unwrap()
            .trim_end_matches('/')
            .to_owned()
    }
}
