//! Bounded memory: a file four times as large is imported in hardly more.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::time::Duration;

use trailkeep::demo::{Plan, write_csv, write_ndjson};

use crate::support::rig::START;
use crate::support::sandbox::Sandbox;

/// So much may the larger file need in addition: SQLite's cache and the texts that are remembered
/// are bounded, and fill with it and not with the smaller one. Its events alone, held at once,
/// would take more.
const MORE_KIB_MAX: u64 = 128 << 10;

/// Writes the events of a plan to a file.
type Writer = fn(Plan, &mut dyn Write) -> std::io::Result<()>;

#[test]
fn a_file_four_times_as_large_is_imported_in_hardly_more_memory() {
    let files: [(&str, Writer, usize); 2] = [
        ("safe", write_csv, 60_000),
        ("sendsafely", write_ndjson, 60_000),
    ];
    for (kind, write, events) in files {
        let small = peak_kib(kind, write, events);
        let large = peak_kib(kind, write, events * 4);
        assert!(
            large < small + MORE_KIB_MAX,
            "{kind}: {small} KiB, and {large} KiB for a file four times as large"
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
