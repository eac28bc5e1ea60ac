//! SAFE (safeone.ai): audit reports and the user list.

mod answer;
pub mod cloudtrail;
pub mod cloudwatch;
pub mod export;
mod reports;
mod sign_in;
mod users;

use crate::feed::{Body, Feed, FeedError, Response, Start};
use crate::kind::{Access, Check, Kind, Setting, SettingKind, Settings, SettingsError, file};
use crate::record::timestamp::DayOrder;

use export::{Export, ExportOptions};

/// The kind `safe`.
pub const KIND: Kind = Kind {
    name: "safe",
    title: "SAFE",
    about: "audit reports and users of a SAFE tenant",
    url_example: "https://us.safeone.ai",
    feeds: &[
        reports::REPORTS,
        cloudwatch::CLOUDWATCH,
        cloudtrail::CLOUDTRAIL,
    ],
    access: Access {
        settings: SETTINGS,
        root: |settings| settings.url().cloned(),
        credentials: sign_in::credentials,
        check: Check {
            request: |_, _| Ok(sign_in::check_request()),
            read: check,
        },
    },
    import,
};

const SETTINGS: &[Setting] = &[
    Setting {
        key: "username",
        about: "API username, from Settings > API Credentials",
        value: SettingKind::Secret("SAFE_API_USERNAME"),
    },
    Setting {
        key: "password",
        about: "API password, shown once when the credential is made",
        value: SettingKind::Secret("SAFE_API_PASSWORD"),
    },
    Setting {
        key: "token",
        about: "an access token, instead of username and password",
        value: SettingKind::Secret("SAFE_API_TOKEN"),
    },
    Setting {
        key: "api",
        about: "which of SAFE's two APIs is asked for reports",
        value: SettingKind::Choice(reports::APIS),
    },
    Setting {
        key: "day_order",
        about: "which comes first in dates like 3/4/2026",
        value: SettingKind::Choice(&["auto", "day-first", "month-first"]),
    },
    Setting {
        key: "overlap",
        about: "for how long an event may come late: so much is read again at each sync",
        value: SettingKind::Duration("24h"),
    },
    Setting {
        key: "every",
        about: "how often `watch` asks; 24h or more",
        value: SettingKind::Duration("24h"),
    },
    Setting {
        key: "report_wait",
        about: "how long to wait for a report to be made",
        value: SettingKind::Duration("45min"),
    },
    Setting {
        key: "report_grace",
        about: "how long after the order `report not found` means `not ready`",
        value: SettingKind::Duration("15min"),
    },
    // SAFE caps at 1200 a minute (documented, by a transcription); half of it leaves room for
    // the tenant's other tools.
    Setting {
        key: "requests_per_minute",
        about: "most requests a minute",
        value: SettingKind::Number(1, 1_200, 600),
    },
];

/// Says which of the two APIs reports will be asked of, where that is not the usual one.
fn check(settings: &Settings, answer: Response) -> Result<String, FeedError> {
    let who = sign_in::check(answer)?;
    Ok(match settings.choice("api") {
        "audit-logs-export" => format!("{who}; reports come by audit-logs/export"),
        _ => who,
    })
}

fn import(settings: &Settings, start: &Start, body: Body) -> Box<dyn Feed> {
    let options = options(settings, start);
    file::feed(start, body, |body| {
        pages(body, options.map_err(|error| unreadable(&error))?)
    })
}

fn pages(body: Body, options: ExportOptions) -> Result<file::Pages, FeedError> {
    let mut export = Export::open(body, options)?;
    Ok(Box::new(move || export.next_page()))
}

fn options(settings: &Settings, start: &Start) -> Result<ExportOptions, SettingsError> {
    Ok(ExportOptions {
        day_order: day_order(settings)?,
        identity_names: start.identity_names.clone(),
        period: None,
    })
}

fn unreadable(error: &SettingsError) -> FeedError {
    FeedError::Unreadable {
        why: error.to_string(),
        hint: None,
    }
}

fn day_order(settings: &Settings) -> Result<DayOrder, SettingsError> {
    match settings.choice("day_order") {
        "auto" => Ok(DayOrder::Auto),
        "day-first" => Ok(DayOrder::DayFirst),
        "month-first" => Ok(DayOrder::MonthFirst),
        other => Err(SettingsError {
            name: settings.table.clone(),
            key: "day_order",
            why: format!("is `{other}`, not auto, day-first or month-first"),
        }),
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::event::{Page, Timestamp};
    use crate::feed::Step;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn imported(settings: &Settings, csv: &str) -> Result<Vec<Page>, FeedError> {
        let start = Start::of(&settings.table, NOW);
        let body = Body::Memory(csv.as_bytes().to_vec());
        let mut feed = (KIND.import)(settings, &start, body);
        let mut pages = Vec::new();
        while let Step::Keep(page) = feed.next(NOW)? {
            pages.push(*page);
        }
        Ok(pages)
    }

    #[test]
    fn an_import_keeps_every_record_in_the_order_of_days_that_was_set() {
        let csv =
            "Timestamp,User ID,Action\n3/4/2026 10:00:00,u1,Login\n5/6/2026 10:00:00,u2,Logout\n";
        let url = Url::parse("https://us.safeone.ai").unwrap();
        let mut settings = Settings::defaults(&KIND.access, "safe-us", Some(url));
        for (order, first) in [
            ("day-first", "2026-04-03T10:00:00.000Z"),
            ("month-first", "2026-03-04T10:00:00.000Z"),
        ] {
            settings.choices.insert("day_order".into(), order.into());
            let pages = imported(&settings, csv).unwrap();
            assert_eq!((pages.len(), pages[0].events.len()), (1, 2));
            assert_eq!(pages[0].events[0].time.value.to_string(), first);
            assert!(pages[0].covers.is_none() && pages[0].checkpoints.is_empty());
        }
        settings.choices.insert("day_order".into(), "year".into());
        let error = imported(&settings, csv).unwrap_err().to_string();
        assert!(error.contains("day_order is `year`"), "{error}");
    }
}
