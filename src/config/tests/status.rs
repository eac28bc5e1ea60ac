//! The table `[status]`.

use std::time::Duration;

use insta::assert_snapshot;

use super::{VENDOR, mistakes, read};
use crate::config::{Effective, Status, template};

const HOUR: u64 = 3_600;

fn status(text: &str) -> Status {
    read(text).unwrap().status
}

fn shown(value: &Effective<Duration>) -> (u64, String) {
    (value.value.as_secs() / HOUR, value.origin.to_string())
}

#[test]
fn what_is_not_said_has_its_default() {
    let default = || "default".to_owned();
    let line = || "trailkeep.toml:2".to_owned();
    for (text, stale, loss) in [
        ("", (26, default()), (14 * 24, default())),
        ("[status]\n", (26, default()), (14 * 24, default())),
        (
            "[status]\nstale = \"3h\"",
            (3, line()),
            (14 * 24, default()),
        ),
        (
            "[status]\nloss = \"3w\"",
            (26, default()),
            (21 * 24, line()),
        ),
    ] {
        let status = status(text);
        assert_eq!(
            (shown(&status.stale), shown(&status.loss)),
            (stale, loss),
            "{text}"
        );
    }
}

#[test]
fn a_mistake_says_line_and_key() {
    assert_snapshot!(mistakes(&[
        "[status]\nstael = \"3h\"\n",
        "[status]\ncolour = \"red\"\n",
        "[status]\nstale = \"5m\"\n",
        "[status]\nloss = 14\n",
        "status = \"26h\"\n",
        "[statsu]\n",
    ]), @r#"
    trailkeep.toml:2:1: status.stael: unknown key
      hint: did you mean `stale`?
    trailkeep.toml:2:1: status.colour: unknown key
      hint: known keys: stale, loss
    trailkeep.toml:2:9: status.stale: `5m` is ambiguous: write `min` for minutes or `mo` for months
      hint: the default is "26h"
    trailkeep.toml:2:8: status.loss: is a whole number
      hint: it must be text in quotes
    trailkeep.toml:1:10: status: is text
      hint: it must be a table
    trailkeep.toml:1:2: statsu: unknown key
      hint: did you mean `status`?
    "#);
}

#[test]
fn the_file_that_init_writes_says_every_key_as_a_comment() {
    let written = template::config_file(&[&VENDOR]);
    let from = written.find("# When `trailkeep status`").unwrap();
    let to = written.find("[source.").unwrap();
    assert_snapshot!(written[from..to], @r#"
    # When `trailkeep status` warns.
    # [status]
    # a feed is stale when its next run is overdue by this
    # stale = "26h"
    # a loss is near when the vendor forgets something that is missing within this
    # loss = "14d"

    # Vendor: what a vendor keeps.
    "#);
    let spoken = written[from..to]
        .replace("# [", "[")
        .replace("# stale =", "stale =");
    let spoken = spoken.replace("# loss =", "loss =");
    let (told, silent) = (status(&spoken), status(""));
    assert_eq!(told.stale.value, silent.stale.value);
    assert_eq!(told.loss.value, silent.loss.value);
    assert_ne!(told.loss.origin, silent.loss.origin);
}
