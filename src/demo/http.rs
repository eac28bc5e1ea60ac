//! One request and its answer, as the vendors see them.

use axum::http::HeaderMap;
use bytes::Bytes;
use url::form_urlencoded;

use crate::event::Timestamp;

use super::faults::Fault;
use super::server::Vendor;

/// A request that was made of a vendor: to hold the client's manners against.
#[derive(Debug, Clone, PartialEq)]
pub struct Requested {
    /// Of whom.
    pub vendor: Vendor,
    /// When, by the vendors' clock.
    pub at: Timestamp,
    /// `GET`, `POST`.
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// What it was for.
    pub purpose: Purpose,
    /// The status of the answer; 0 where the connection was dropped instead.
    pub status: u16,
    /// What went wrong with it on purpose.
    pub fault: Option<Fault>,
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// SAFE: a token.
    SignIn,
    /// SAFE: a page of the user list.
    Users,
    /// SAFE: ask for a report.
    ReportAsk,
    /// SAFE: see whether a report is ready.
    ReportPoll,
    /// SAFE: ask for an export of audit logs.
    ExportAsk,
    /// SAFE: see whether an export is ready, and perhaps have it.
    ExportPoll,
    /// SAFE: download a report.
    Download,
    /// SendSafely: a page of the audit log.
    AuditLog,
    /// SendSafely: who the key belongs to.
    User,
    /// SendSafely: whether the key works.
    VerifyCredentials,
    /// SendSafely: a page of the SCIM directory.
    Directory,
    /// S3: a page of a bucket's list.
    ListObjects,
    /// S3: one object, or a part of it.
    ReadObject,
    /// CloudWatch Logs: a page of a log group.
    LogEvents,
    /// Nothing the vendor knows.
    Unknown,
}

/// A request, read whole.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) content_type: &'static str,
    pub(super) retry_after: Option<u32>,
    /// More headers, by their names in lower case.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Bytes,
}

impl Call {
    /// The value of a header that is given exactly once.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.headers.get_all(name).iter();
        let value = values.next()?;
        if values.next().is_some() {
            None
        } else {
            value.to_str().ok()
        }
    }

    /// The parameters of the query, decoded.
    pub(super) fn parameters(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.query.as_bytes())
            .into_owned()
            .collect()
    }

    /// Whether the body says it is JSON.
    pub(super) fn is_json(&self) -> bool {
        let essence = self
            .header("content-type")
            .and_then(|value| value.split(';').next());
        essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
    }
}

impl Answer {
    /// JSON.
    pub(super) fn json(status: u16, body: &serde_json::Value) -> Answer {
        Answer::new(status, "application/json", body.to_string())
    }

    /// An error of the storage behind pre-signed links, in its form of XML.
    pub(super) fn xml(status: u16, code: &str, message: &str) -> Answer {
        let body = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message></Error>"
        );
        Answer::new(status, "application/xml", body)
    }

    /// A page for people.
    pub(super) fn html(status: u16, title: &str) -> Answer {
        let body = format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body>{title}</body></html>\n"
        );
        Answer::new(status, "text/html", body)
    }

    pub(super) fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Answer {
        Answer {
            status,
            content_type,
            retry_after: None,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// The same with one header more.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Answer {
        self.headers.push((name, value.into()));
        self
    }
}
