//! The real binary, killed at any moment: what it had kept is kept, what it had not comes with
//! the next run, and nothing in between.

use std::fmt::Write;
use std::time::Duration;

use proptest::collection::vec;
use proptest::prelude::*;
use trailkeep::demo::{Blemishes, Fault, Faults, Options, Plan, SafeOptions};
use trailkeep::fetch::clock::{Clock, SystemClock};
use trailkeep::kind::SettingKind;

use crate::laws::kept::nothing_is_lost;
use crate::laws::{cases, claims, run};
use crate::support::rig::Rig;
use crate::support::sandbox::Sandbox;
use crate::support::simulated::{Simulated, simulated};

proptest! {
    #![proptest_config(cases(4))]

    #[test]
    fn a_run_that_is_killed_leaves_nothing_half_done(
        seed in any::<u64>(),
        moments in vec(0_u64..900, 2..6),
    ) {
        run(kill(seed, &moments));
    }
}

async fn kill(seed: u64, moments: &[u64]) {
    let rig = rig(seed);
    let sandbox = sandbox(&rig);
    // Slow enough that there is something to be killed in the midst of.
    rig.vendors.set_faults(&Faults {
        kinds: vec![Fault::Stall(Duration::from_millis(15))],
        in_a_row: u32::MAX,
        ..Faults::of_all_kinds(seed, 1.0)
    });
    for moment in moments {
        let mut child = sandbox.command("sync --force --quiet").spawn().unwrap();
        tokio::time::sleep(Duration::from_millis(*moment)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        if rig.path().exists() {
            whole(&rig);
        }
    }
    let output = tokio::task::block_in_place(|| sandbox.run("sync --force"));
    output.exits(0);
    whole(&rig);
    for of in simulated() {
        nothing_is_lost(&rig, of);
    }
}

/// A world that ended so long ago that all of it is visible, and vendors with the machine's clock.
fn rig(seed: u64) -> Rig {
    let now = SystemClock.now().plus_millis(-25 * 3_600_000);
    let plan = Plan {
        seed,
        events: 4_000,
        days: 60,
        now,
    };
    let safe = SafeOptions {
        pending_polls: 0,
        ..SafeOptions::default()
    };
    let options = Options {
        safe,
        ..Options::default()
    };
    let rig = Rig::new(plan, Blemishes::default(), options);
    rig.vendors.set_clock(|| SystemClock.now());
    rig
}

/// SQLite finds no fault with the archive, which claims nothing that it does not have. One that
/// was killed before its schema was written holds nothing to be looked at.
fn whole(rig: &Rig) {
    let db = rig.archive();
    let ask = |sql: &str| db.query_row(sql, [], |row| row.get::<_, String>(0));
    assert_eq!(ask("pragma integrity_check").unwrap(), "ok");
    let has_schema = ask("select name from sqlite_schema where name = 'identity'").is_ok();
    if has_schema {
        claims::hold(rig);
    }
}

/// A folder with a config of every kind, and the archive where the rig looks for it.
fn sandbox(rig: &Rig) -> Sandbox {
    let mut sandbox = Sandbox::new();
    let mut config = format!("archive = {:?}\n", rig.path());
    for of in simulated() {
        config.push_str(&source(rig, of, &mut sandbox));
    }
    sandbox.write("trailkeep.toml", &config);
    sandbox
}

fn source(rig: &Rig, of: &Simulated, sandbox: &mut Sandbox) -> String {
    let (name, kind) = (of.source, of.kind.name);
    let mut table = format!("[source.{name}]\nkind = {kind:?}\n");
    if of.feed().access.is_some() {
        writeln!(table, "[source.{name}.{}]", of.name).unwrap();
    } else {
        writeln!(table, "url = {:?}", (of.url)(&rig.vendors)).unwrap();
    }
    for (key, text) in (of.settings)(&rig.vendors) {
        writeln!(table, "{key} = {text}").unwrap();
    }
    for (key, secret) in (of.secrets)(rig.vendors.credentials()) {
        let variable = format!("{name}_{key}").to_uppercase().replace('-', "_");
        sandbox.set(&variable, secret);
        writeln!(table, "{key} = {{ env = {variable:?} }}").unwrap();
    }
    // As fast as it goes: waits are real here.
    let rate = of.access().settings.iter().find_map(|setting| {
        let is_it = setting.key == "requests_per_minute";
        match setting.value {
            SettingKind::Number(_, most, _) if is_it => Some(most),
            _ => None,
        }
    });
    writeln!(table, "requests_per_minute = {}", rate.unwrap()).unwrap();
    table
}
