//! Bounded memory: a file ten times as large is imported in hardly more.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use trailkeep::demo::{Plan, write_csv, write_ndjson};

use crate::support::rig::START;
use crate::support::sandbox::Sandbox;

/// So much may a file ten times as large need in addition: SQLite's cache, which is of a fixed
/// size, fills with a large file and not with a small one.
const MORE_KIB_MAX: u64 = 96 << 10;

/// Writes the events of a plan to a file.
type Writer = fn(Plan, &mut dyn Write) -> std::io::Result<()>;

#[test]
#[ignore = "takes a minute; `cargo laws` runs it"]
fn a_file_ten_times_as_large_is_imported_in_hardly_more_memory() {
    let files: [(&str, Writer, usize); 2] = [
        ("safe", write_csv, 20_000),
        ("sendsafely", write_ndjson, 10_000),
    ];
    for (kind, write, events) in files {
        let small = peak_kib(kind, write, events);
        let large = peak_kib(kind, write, events * 10);
        assert!(
            large < small + MORE_KIB_MAX,
            "{kind}: {small} KiB, and {large} KiB for a file ten times as large"
        );
    }
}

/// The most memory that the import of so many events held at once.
fn peak_kib(kind: &str, write: Writer, events: usize) -> u64 {
    let sandbox = Sandbox::new();
    let plan = Plan {
        seed: 1,
        events,
        days: 300,
        now: START,
    };
    let mut file = BufWriter::new(File::create(sandbox.path("file")).unwrap());
    write(plan, &mut file).unwrap();
    file.flush().unwrap();
    sandbox.write("trailkeep.toml", "archive = \"trail.db\"\n");
    let import = format!("import --quiet --source {kind} --kind {kind} file");
    let mut child = sandbox.command(&import).spawn().unwrap();
    let mut peak = 0;
    let status = loop {
        peak = peak.max(high_water_kib(child.id()).unwrap_or(0));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    assert!(status.success(), "{import}: {status}");
    assert!(peak > 0, "the import was seen at work");
    peak
}

/// What the system says was the most memory that a process held.
fn high_water_kib(process: u32) -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("status"));
    let status = status.ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}
