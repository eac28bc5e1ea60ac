//! What a process took, and how two that did the same compare.

use std::error::Error;
use std::process::Command;
use std::time::{Duration, Instant};

use wait4::Wait4;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// What a process took.
#[derive(Clone, Copy)]
pub(crate) struct Cost {
    pub(crate) wall: Duration,
    pub(crate) cpu: Duration,
    pub(crate) peak_mib: u64,
}

/// Runs it to its end.
pub(crate) fn cost(command: &mut Command) -> Outcome<Cost> {
    let started = Instant::now();
    let ended = command.spawn()?.wait4()?;
    let wall = started.elapsed();
    if !ended.status.success() {
        return Err(format!("{}: {}", command.get_program().display(), ended.status).into());
    }
    let cpu = ended.rusage.utime + ended.rusage.stime;
    let peak_mib = ended.rusage.maxrss >> 20;
    Ok(Cost {
        wall,
        cpu,
        peak_mib,
    })
}

pub(crate) fn median(costs: &[Cost]) -> Cost {
    let mut sorted = costs.to_vec();
    sorted.sort_by_key(|cost| cost.wall);
    sorted[sorted.len() / 2]
}

/// The median of the rounds' ratios.
pub(crate) fn ratio(ours: &[Cost], theirs: &[Cost]) -> f64 {
    let pairs = ours.iter().zip(theirs);
    let mut ratios: Vec<f64> = pairs
        .map(|(ours, theirs)| ours.wall.as_secs_f64() / theirs.wall.as_secs_f64())
        .collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// A line of the table.
pub(crate) fn line(what: &str, cost: Cost) -> String {
    format!("{}, peak {:4} MiB", times(what, cost), cost.peak_mib)
}

/// The same without the peak.
pub(crate) fn times(what: &str, cost: Cost) -> String {
    let (wall, cpu) = (cost.wall.as_secs_f64(), cost.cpu.as_secs_f64());
    format!("{what:32} {wall:7.3} s, {cpu:7.3} s of processor")
}
