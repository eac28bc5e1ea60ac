//! A crontab line: an hourly `sync` that is silent unless something is wrong.

use super::setup::Setup;
use super::{UnitFile, Units, shell};

pub(super) fn units(setup: &Setup) -> Units {
    Units {
        files: vec![UnitFile {
            path: "trailkeep.crontab".to_owned(),
            text: crontab(setup),
        }],
        steps: vec![
            "to install: `crontab -e`, and put the line there; it runs as you".to_owned(),
            "errors go where cron mails to: MAILTO=you@example.com above the line".to_owned(),
        ],
        warnings: setup.warnings_of_variables("cron"),
    }
}

fn crontab(setup: &Setup) -> String {
    let mut words = vec![setup.program.as_str(), "--quiet"];
    words.extend(setup.arguments("sync"));
    // Everything after a % would be the command's input.
    let command = shell::line(words).replace('%', r"\%");
    let minute = minute(setup);
    format!(
        "# trailkeep: every hour, silent but for errors. cron sets no secret in the environment and\n\
         # little PATH: let the config file refer to secrets by {{ file = … }}, or by {{ command = … }}\n\
         # with the program's whole path.\n\
         {minute} * * * * {command}\n"
    )
}

/// The minute of the hour: the same whenever it is asked for, another for other archives and
/// tenants, so that not all the world asks a vendor at the full hour. The hash is FNV-1a.
fn minute(setup: &Setup) -> u64 {
    let texts = std::iter::once(&setup.archive).chain(&setup.tenants);
    let bytes = texts.flat_map(|text| text.bytes().chain([0]));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash % 60
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn setup(program: &str, archive: &str) -> Setup {
        Setup {
            program: program.to_owned(),
            config: "/etc/trailkeep/trailkeep.toml".to_owned(),
            archive: archive.to_owned(),
            ..Setup::default()
        }
    }

    #[test]
    fn a_percent_sign_is_no_newline_to_cron() {
        let text = crontab(&setup("/opt/100% %/trailkeep", "/a.db"));
        assert!(
            text.contains(r" '/opt/100\% \%/trailkeep' --quiet "),
            "{text}"
        );
    }

    #[test]
    fn an_archive_has_its_minute_and_the_minutes_are_spread() {
        let minute_of = |archive: &str, tenant: &str| {
            let mut setup = setup("/trailkeep", archive);
            setup.tenants.insert(tenant.to_owned());
            minute(&setup)
        };
        let archive = "/var/lib/trailkeep/trailkeep.db";
        let tenant = "https://acme.sendsafely.com";
        assert_eq!(minute_of(archive, tenant), minute_of(archive, tenant));
        let many = |of: &dyn Fn(u32) -> u64| (0..600).map(of).collect::<BTreeSet<u64>>();
        let by_archive = many(&|n| minute_of(&format!("/srv/{n}/trailkeep.db"), tenant));
        let by_tenant = many(&|n| minute_of(archive, &format!("https://t{n}.sendsafely.com")));
        for minutes in [by_archive, by_tenant] {
            assert!(minutes.len() > 55, "{minutes:?}");
            assert!(minutes.iter().all(|minute| *minute < 60));
        }
    }
}
