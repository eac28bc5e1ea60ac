//! SAFE's two APIs for the audit log. The way of a pass is the same with both; all that differs is
//! here: the paths, the order, and the form of answers.

use serde::{Deserialize, Serialize};

use super::reply::{self, Reply};
use super::{REPORT_BYTES_MAX, status};
use crate::feed::{BodyLimit, FeedError, Request, Response};
use crate::kind::{Settings, SettingsError};

/// Which of them is asked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Api {
    /// `/api/v3/reports`, which is documented with its answers.
    #[default]
    Reports,
    /// `/api/v3/audit-logs/export`, of which the documentation says no more than that it takes a
    /// number of days and gives a UUID, for which it gives the data.
    AuditLogsExport,
}

/// The words for them in the config file, the default first.
pub(in crate::kind::safe) const NAMES: &[&str] = &["reports", "audit-logs-export"];

impl Api {
    /// The one that the settings name.
    pub(super) fn of(settings: &Settings) -> Result<Api, SettingsError> {
        let both = [Api::Reports, Api::AuditLogsExport];
        let word = settings.choice("api");
        let named = both.into_iter().find(|api| api.name() == word);
        named.ok_or_else(|| {
            settings.wrong("api", format!("is `{word}`, not {}", NAMES.join(" or ")))
        })
    }

    /// Its word in the config file.
    pub(super) fn name(self) -> &'static str {
        match self {
            Api::Reports => "reports",
            Api::AuditLogsExport => "audit-logs-export",
        }
    }

    /// Where reports are ordered, and asked for by their ids beneath it.
    pub(super) fn path(self) -> &'static str {
        match self {
            Api::Reports => "/api/v3/reports",
            Api::AuditLogsExport => "/api/v3/audit-logs/export",
        }
    }

    /// The one that is asked where this one does not exist.
    pub(super) fn instead(self) -> Option<Api> {
        match self {
            Api::Reports => Some(Api::AuditLogsExport),
            Api::AuditLogsExport => None,
        }
    }

    /// Whether it is the one that every order was made at before there was a choice.
    #[expect(
        clippy::trivially_copy_pass_by_ref,
        reason = "serde hands out a reference"
    )]
    pub(super) fn is_default(&self) -> bool {
        *self == Api::default()
    }

    /// Orders a report of so many days that end now. Each order queues another report, and there
    /// is no list of them to look one up in (nothing of the kind is documented), so that it is not
    /// sent again once SAFE may have taken it.
    pub(super) fn order(self, days: i64) -> Request {
        let body = match self {
            // Documented.
            Api::Reports => {
                format!(r#"{{"type":"AUDIT_LOGS","format":"csv","reportMeta":{{"days":{days}}}}}"#)
            }
            // "Takes the number of days as a payload" (documented); the key is inferred.
            Api::AuditLogsExport => format!(r#"{{"days":{days}}}"#),
        };
        let missing: &[u16] = if self.instead().is_some() {
            &[404, 405]
        } else {
            &[]
        };
        Request {
            repeatable: false,
            statuses: missing,
            ..Request::post(self.path(), body, format!("report of {days} days"))
        }
    }

    /// Asks how a report stands (documented of both).
    pub(super) fn question(self, id: &str) -> Request {
        let request = Request::get(format!("{}/{id}", self.path()), "report");
        Request {
            statuses: &[400, 404],
            body_limit: match self {
                Api::Reports => request.body_limit,
                // It may be the data.
                Api::AuditLogsExport => BodyLimit::Disk(REPORT_BYTES_MAX),
            },
            ..request
        }
    }

    /// Reads the answer to that question.
    pub(super) fn read(self, answer: Response) -> Result<Reply, FeedError> {
        match self {
            Api::Reports => status::read(answer).map(Reply::Status),
            Api::AuditLogsExport => reply::read(answer),
        }
    }
}
