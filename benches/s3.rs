//! What it costs to have a bucket's audit log in the archive, next to the peers that copy buckets
//! and an import of what they copied, in the same run.
//!
//! `cargo bench --bench s3` installs the peers and prints the table; `-- small more` only what there is
//! to say of those buckets. SeaweedFS serves the bucket over
//! loopback, and shares the machine with whoever asks it. Whole processes are timed, by turns, so
//! that a change in the machine's speed meets all; each ratio is the median of the rounds.

#![expect(clippy::print_stdout, reason = "what a benchmark finds is printed")]

mod cost;
#[path = "../tests/support"]
#[expect(
    dead_code,
    clippy::unwrap_used,
    reason = "the tests use all of it, and fail where they cannot go on"
)]
mod support {
    pub(crate) mod aws;
    pub(crate) mod counterparts;
}

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use flate2::Compression;
use flate2::write::GzEncoder;
use trailkeep::demo::{Plan, write_ndjson};
use trailkeep::event::Timestamp;

use self::cost::{Cost, Outcome, cost, line, median, ratio};
use self::support::aws::{Client, REGION};
use self::support::counterparts::{SeaweedFs, keys};

const ROUNDS: usize = 3;
const DAYS: u32 = 90;
/// 2026-11-20, so that the data is the same at every run.
const NOW: Timestamp = Timestamp::from_millis(1_795_132_800_000);

/// A bucket, every other object of which is compressed.
struct Bucket {
    name: &'static str,
    objects: usize,
    /// Of NDJSON before compression, about.
    object_bytes: usize,
}

const BUCKETS: [Bucket; 4] = [
    Bucket {
        name: "small",
        objects: 5_000,
        object_bytes: 1_000,
    },
    Bucket {
        name: "large",
        objects: 10,
        object_bytes: 10_000_000,
    },
    // Whether it takes more memory where there is more to read.
    Bucket {
        name: "more",
        objects: 40,
        object_bytes: 10_000_000,
    },
    Bucket {
        name: "most",
        objects: 80,
        object_bytes: 10_000_000,
    },
];

/// Of an entry as NDJSON, about.
const EVENT_BYTES: usize = 410;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().collect();
    // `cargo test --benches` runs benchmarks too, with this argument; there is nothing to test.
    if arguments.iter().any(|argument| argument == "--test") {
        return Ok(());
    }
    let runtime = tokio::runtime::Runtime::new()?;
    if let [_, flag, url] = &arguments[..]
        && flag == FILL
    {
        return runtime.block_on(fill(&Client::new(url, keys())));
    }
    set_up()?;
    let seaweedfs = runtime.block_on(SeaweedFs::start())?;
    // The peak of a process counts from that of who starts it, so that this one stays small.
    let mut filling = Command::new(std::env::current_exe()?);
    cost(filling.args([FILL, &seaweedfs.url]))?;
    let named = |bucket: &Bucket| arguments.iter().any(|one| one == bucket.name);
    let all = !BUCKETS.iter().any(named);
    for bucket in BUCKETS.into_iter().filter(|bucket| all || named(bucket)) {
        let folder = tempfile::tempdir()?;
        let bench = Bench {
            folder: folder.path().to_owned(),
            endpoint: seaweedfs.url.clone(),
            bucket,
        };
        bench.run()?;
    }
    Ok(())
}

/// Told this and a server's root, the benchmark fills the buckets there and ends.
const FILL: &str = "--fill";

/// Installs the server and the peers.
fn set_up() -> Outcome<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(root.join("tests/set-up"));
    let status = command
        .arg("benches/peers.txt")
        .current_dir(root)
        .status()?;
    if !status.success() {
        return Err(format!("tests/set-up: {status}").into());
    }
    Ok(())
}

async fn fill(client: &Client) -> Outcome<()> {
    for bucket in BUCKETS {
        client.create_bucket(bucket.name).await;
        client.put_all(bucket.name, bucket.contents()?).await;
    }
    Ok(())
}

impl Bucket {
    const fn events_each(&self) -> usize {
        self.object_bytes / EVENT_BYTES
    }

    const fn events(&self) -> usize {
        self.objects * self.events_each()
    }

    /// Its objects, by their keys.
    fn contents(&self) -> Outcome<Vec<(String, Vec<u8>)>> {
        let plan = Plan {
            seed: 1,
            events: self.events(),
            days: DAYS,
            now: NOW,
        };
        let mut text = Vec::new();
        write_ndjson(plan, &mut text)?;
        let lines: Vec<&[u8]> = text.split_inclusive(|byte| *byte == b'\n').collect();
        let objects = lines.chunks(self.events_each()).enumerate();
        objects.map(|(at, lines)| self.object(at, lines)).collect()
    }

    fn object(&self, at: usize, lines: &[&[u8]]) -> Outcome<(String, Vec<u8>)> {
        let text = lines.concat();
        let day = at * 28 / self.objects + 1;
        let key = format!("audit/2026/11/{day:02}/{at:06}.json");
        if at.is_multiple_of(2) {
            return Ok((key, text));
        }
        let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
        gzip.write_all(&text)?;
        Ok((key + ".gz", gzip.finish()?))
    }
}

/// What each took, round by round.
#[derive(Default)]
struct Rounds {
    sync: Vec<Cost>,
    again: Vec<Cost>,
    s5cmd: Vec<Cost>,
    aws: Vec<Cost>,
    import: Vec<Cost>,
}

struct Bench {
    folder: PathBuf,
    endpoint: String,
    bucket: Bucket,
}

impl Bench {
    fn run(&self) -> Outcome<()> {
        println!(
            "\n{} objects of {} bytes, half of them then compressed: {} events",
            self.bucket.objects,
            self.bucket.object_bytes,
            self.bucket.events()
        );
        self.write_config()?;
        let mut rounds = Rounds::default();
        for _ in 0..ROUNDS {
            self.round(&mut rounds)?;
        }
        self.show("trailkeep sync", &rounds.sync);
        let again = line("trailkeep sync, nothing new", median(&rounds.again));
        println!("{again}");
        self.show("aws s3 sync", &rounds.aws);
        self.show("s5cmd sync", &rounds.s5cmd);
        self.show("trailkeep import of the copy", &rounds.import);
        let both: Vec<Cost> = rounds
            .aws
            .iter()
            .zip(&rounds.import)
            .map(|(one, other)| after(*one, *other))
            .collect();
        let aws = ratio(&rounds.sync, &both);
        println!("sync / aws s3 sync and import: {aws:.2} of its time");
        let s5cmd = ratio(&rounds.sync, &rounds.s5cmd);
        println!("sync / s5cmd sync: {s5cmd:.2} times as long");
        Ok(())
    }

    fn round(&self, rounds: &mut Rounds) -> Outcome<()> {
        self.clear()?;
        rounds.sync.push(cost(&mut self.sync())?);
        self.check_events()?;
        rounds.again.push(cost(&mut self.sync())?);
        self.clear()?;
        rounds.s5cmd.push(cost(&mut self.s5cmd())?);
        self.clear()?;
        rounds.aws.push(cost(&mut self.aws())?);
        rounds.import.push(cost(&mut self.import()?)?);
        self.check_events()
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "objects and events are far fewer than 2^52"
    )]
    fn show(&self, what: &str, costs: &[Cost]) {
        let cost = median(costs);
        let a_second = |count: usize| count as f64 / cost.wall.as_secs_f64();
        let (objects, events) = (
            a_second(self.bucket.objects),
            a_second(self.bucket.events()),
        );
        let line = line(what, cost);
        println!("{line}, {objects:6.0} objects/s, {events:7.0} events/s");
    }

    fn write_config(&self) -> Outcome<()> {
        let (endpoint, bucket) = (&self.endpoint, self.bucket.name);
        let config = format!(
            r#"
                archive = "archive.db"
                [source.acme]
                kind = "sendsafely"
                url = "https://acme.sendsafely.com"
                [source.acme.s3]
                bucket = "{bucket}"
                region = "{REGION}"
                endpoint = "{endpoint}"
                path_style = true
            "#
        );
        Ok(fs::write(self.folder.join("trailkeep.toml"), config)?)
    }

    /// Leaves no archive and no copy.
    fn clear(&self) -> Outcome<()> {
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                fs::remove_dir_all(entry.path())?;
            } else if entry.file_name() != "trailkeep.toml" {
                fs::remove_file(entry.path())?;
            }
        }
        Ok(())
    }

    fn sync(&self) -> Command {
        self.trailkeep(&["sync", "acme/s3", "--force", "--quiet"])
    }

    fn import(&self) -> Outcome<Command> {
        let mut command = self.trailkeep(&["import", "--source", "acme", "--quiet"]);
        command.args(files(&self.folder.join("copy"))?);
        Ok(command)
    }

    /// The archive has each event once.
    fn check_events(&self) -> Outcome<()> {
        let sql = "select count(*) from events";
        let mut command = self.trailkeep(&["query", sql, "-o", "csv", "--no-coverage"]);
        let output = command.stdout(Stdio::piped()).output()?;
        let said = String::from_utf8(output.stdout)?;
        let counted = said.lines().last().unwrap_or_default();
        if counted != self.bucket.events().to_string() {
            return Err(format!("{counted} of {} events", self.bucket.events()).into());
        }
        Ok(())
    }

    fn trailkeep(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(Path::new(env!("CARGO_BIN_EXE_trailkeep")));
        command.args(arguments);
        command
    }

    fn aws(&self) -> Command {
        let mut command = self.bare(&peer("python"));
        let from = format!("s3://{}", self.bucket.name);
        command.args(["-m", "awscli", "s3", "sync", &from, "copy"]);
        command.args(["--only-show-errors", "--endpoint-url", &self.endpoint]);
        command
    }

    fn s5cmd(&self) -> Command {
        let mut command = self.bare(&peer("s5cmd"));
        command.args(["--endpoint-url", &self.endpoint, "--log", "error", "sync"]);
        command.args([&format!("s3://{}/*", self.bucket.name), "copy/"]);
        command
    }

    fn bare(&self, program: &Path) -> Command {
        let keys = keys();
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("HOME", &self.folder)
            .env("AWS_ACCESS_KEY_ID", keys.id)
            .env("AWS_SECRET_ACCESS_KEY", keys.secret)
            .env("AWS_DEFAULT_REGION", REGION)
            .current_dir(&self.folder)
            .stdout(Stdio::null());
        command
    }
}

fn peer(program: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/counterparts/bin");
    folder.join(program)
}

/// What one process and then another took.
fn after(one: Cost, other: Cost) -> Cost {
    Cost {
        wall: one.wall + other.wall,
        cpu: one.cpu + other.cpu,
        peak_mib: one.peak_mib.max(other.peak_mib),
    }
}

/// All files below a folder, in order.
fn files(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let (mut folders, mut files) = (vec![folder.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    Ok(files)
}
