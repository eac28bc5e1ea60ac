//! What a million SendSafely events cost, next to `sqlite3`'s own `.import` in the same run.
//!
//! `cargo bench --bench million` prints the table that `docs/figures.md` quotes. Whole processes are timed,
//! by turns, so that a change in the machine's speed meets both; the ratio is the median of the
//! rounds.

#![expect(clippy::print_stdout, reason = "what a benchmark finds is printed")]

mod cost;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use trailkeep::demo::{Plan, write_ndjson};
use trailkeep::event::Timestamp;
use trailkeep::query::saved;

use self::cost::{Cost, Outcome, cost, line, median, ratio};

const EVENTS: usize = 1_000_000;
const ROUNDS: usize = 3;
const DAYS: u32 = 365;
/// 2026-11-20, so that the data is the same at every run.
const NOW: Timestamp = Timestamp::from_millis(1_795_132_800_000);

fn main() -> Outcome<()> {
    // `cargo test --benches` runs benchmarks too, with this argument; there is nothing to test.
    if std::env::args().any(|argument| argument == "--test") {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let bench = Bench {
        folder: folder.path().to_owned(),
    };
    bench.write_data()?;
    bench.imports()?;
    bench.queries()?;
    bench.export()
}

struct Bench {
    folder: PathBuf,
}

impl Bench {
    /// The events as NDJSON for us, and the same rows as CSV for `sqlite3`.
    fn write_data(&self) -> Outcome<()> {
        let plan = Plan {
            seed: 1,
            events: EVENTS,
            days: DAYS,
            now: NOW,
        };
        write_ndjson(
            plan,
            &mut BufWriter::new(File::create(self.path("events.ndjson"))?),
        )?;
        let mut csv = csv::Writer::from_path(self.path("events.csv"))?;
        for line in BufReader::new(File::open(self.path("events.ndjson"))?).lines() {
            csv.write_record(columns(&serde_json::from_str(&line?)?))?;
        }
        csv.flush()?;
        let bytes = std::fs::metadata(self.path("events.ndjson"))?.len();
        println!(
            "{EVENTS} events, {} bytes each as NDJSON",
            bytes / EVENTS as u64
        );
        Ok(())
    }

    fn imports(&self) -> Outcome<()> {
        let (mut ours, mut again, mut theirs) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            self.remove("archive.db");
            ours.push(cost(self.import().stdout(Stdio::null()))?);
            again.push(cost(self.import().stdout(Stdio::null()))?);
            self.remove("peer.db");
            theirs.push(cost(&mut self.peer())?);
        }
        show("trailkeep import", median(&ours));
        show("trailkeep import, again", median(&again));
        show("sqlite3 .import, unique id", median(&theirs));
        println!("import / sqlite3: {:.2} of its time", ratio(&ours, &theirs));
        println!(
            "import / import again: {:.2} times as long",
            ratio(&ours, &again)
        );
        let archive = std::fs::metadata(self.path("archive.db"))?.len();
        let peer = std::fs::metadata(self.path("peer.db"))?.len();
        println!(
            "archive: {:.1} bytes an event, raw records included",
            per_event(archive)
        );
        println!(
            "sqlite3's table: {:.1} bytes an event, without them",
            per_event(peer)
        );
        Ok(())
    }

    fn queries(&self) -> Outcome<()> {
        let examples = self.examples()?;
        for saved in saved::list(None)? {
            let query = saved.query?;
            let mut command = self.trailkeep(&["query", &saved.name, "--limit", "1000"]);
            for (name, value) in &examples {
                if query
                    .parameters
                    .iter()
                    .any(|parameter| parameter.name == *name)
                {
                    command.args(["-p", &format!("{name}={value}")]);
                }
            }
            let rounds: Vec<Cost> = (0..ROUNDS)
                .map(|_| cost(command.stdout(Stdio::null())))
                .collect::<Result<_, _>>()?;
            show(&format!("query {}", saved.name), median(&rounds));
        }
        Ok(())
    }

    /// Values for parameters that have no default, out of the data.
    fn examples(&self) -> Outcome<Vec<(&'static str, String)>> {
        let mut lines = BufReader::new(File::open(self.path("events.ndjson"))?).lines();
        let event = loop {
            let line = lines.next().ok_or("no event has a file")??;
            let event: Value = serde_json::from_str(&line)?;
            if event["LogDetails"]["fileName"].is_string() {
                break event;
            }
        };
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(vec![
            ("since", NOW.plus_millis(-30 * 86_400_000).to_string()),
            ("known", NOW.plus_millis(-45 * 86_400_000).to_string()),
            ("id", text(&event["eventId"])),
            ("package", text(&event["LogDetails"]["packageId"])),
            ("file", text(&event["LogDetails"]["fileName"])),
            ("who", text(&event["authenticatedUser"])),
            ("ip", text(&event["ipAddress"])),
            ("domain", "contoso.example".to_owned()),
        ])
    }

    /// Everything to CSV: what streams holds no more memory for a million rows than for one.
    fn export(&self) -> Outcome<()> {
        let sql = "select time, actor, action, ip, target from events";
        let mut command = self.trailkeep(&["query", sql, "-o", "csv", "--timeout", "10min"]);
        show(
            "query, all rows to csv",
            cost(command.stdout(Stdio::null()))?,
        );
        Ok(())
    }

    fn import(&self) -> Command {
        let mut command = self.trailkeep(&["import", "--source", "acme", "--kind", "sendsafely"]);
        command.arg(self.path("events.ndjson"));
        command
    }

    fn trailkeep(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trailkeep"));
        command
            .env_clear()
            .current_dir(&self.folder)
            .arg("--archive");
        command
            .arg(self.path("archive.db"))
            .args(arguments)
            .stderr(Stdio::null());
        command
    }

    fn peer(&self) -> Command {
        let mut command = Command::new("sqlite3");
        command
            .arg(self.path("peer.db"))
            .arg(PEER_TABLE)
            .arg(".mode csv");
        command.arg(format!(
            ".import {} event",
            self.path("events.csv").display()
        ));
        command
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn remove(&self, name: &str) {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            let path = self.path(&format!("{name}{suffix}"));
            if path.exists() {
                std::fs::remove_file(path).expect("the folder is ours");
            }
        }
    }
}

const PEER_TABLE: &str = "create table event (event_id text unique, time text, event_type text,
    action text, ip text, actor text, on_behalf_of text, package_owner text, package_id text,
    package_type text, file_name text, file_size text)";

fn columns(event: &Value) -> Vec<String> {
    let details = &event["LogDetails"];
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let top = [
        "eventId",
        "timestamp",
        "eventType",
        "action",
        "ipAddress",
        "authenticatedUser",
    ];
    let inner = [
        "packageOwner",
        "packageId",
        "packageType",
        "fileName",
        "fileSize",
    ];
    let mut columns: Vec<String> = top.iter().map(|name| text(&event[*name])).collect();
    columns.push(text(&event["impersonatedUser"]));
    columns.extend(inner.iter().map(|name| text(&details[*name])));
    columns
}

fn show(what: &str, cost: Cost) {
    println!("{}", line(what, cost));
}

#[expect(
    clippy::cast_precision_loss,
    reason = "bytes of a file are far below 2^52"
)]
fn per_event(bytes: u64) -> f64 {
    bytes as f64 / EVENTS as f64
}
