//! A simulated SAFE: strict about questions, and free in how it answers.

use std::collections::BTreeMap;
use std::io::Read;

use serde_json::{Value, json};

use super::NOW;
use crate::event::{Page, Timestamp};
use crate::feed::{Body, BodyLimit, FeedError, Method, Request, Response, Target};
use crate::kind::file;
use crate::kind::safe::export::ExportOptions;
use crate::record::RecordError;
use crate::secret::Secret;

/// A report's fate.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Fate {
    /// It is ready so many seconds after the order.
    Ready(i64),
    Failed,
    Lost,
}

/// How "not ready" looks.
pub(super) type Unready = (u16, &'static str);

pub(super) const DOCUMENTED: Unready = (
    400,
    r#"{"success":false,"message":"Report not found for report id:r"}"#,
);

pub(super) struct Vendor {
    pub(super) now: Timestamp,
    /// The fates of the reports in order of their orders; the last is that of all others.
    pub(super) fates: Vec<Fate>,
    pub(super) unready: Unready,
    pub(super) reports: BTreeMap<String, (Timestamp, Fate)>,
    pub(super) users: Unready,
    /// How it answers an order of a report where it has no such API.
    pub(super) no_reports: Option<(u16, &'static str)>,
    /// What an export is answered with in the place of a link.
    pub(super) rows: Option<&'static str>,
    /// What downloads give, one after another; the last for all others.
    pub(super) downloads: Vec<(u16, &'static str)>,
    pub(super) links: usize,
    pub(super) asked: Vec<String>,
    pub(super) notices: Vec<String>,
}

impl Vendor {
    pub(super) fn new() -> Vendor {
        let users = (
            200,
            r#"{"size":1,"next":null,"values":[{"uuid":"u1","emailId":"a@x"}]}"#,
        );
        Vendor {
            now: NOW,
            fates: vec![Fate::Ready(20)],
            unready: DOCUMENTED,
            reports: BTreeMap::new(),
            users,
            no_reports: None,
            rows: None,
            downloads: vec![(200, "one\ntwo\nthree")],
            links: 0,
            asked: Vec::new(),
            notices: Vec::new(),
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Response {
        let (status, text) = match &request.target {
            Target::PreSigned(link) => self.download(request, link),
            Target::Tenant(path) => self.tenant(request, path),
        };
        let fine = (200..300).contains(&status) || request.statuses.contains(&status);
        assert!(fine, "the feed does not read {status}: {request:?}");
        let body = Body::Memory(text.into_bytes());
        Response {
            status,
            content_type: "application/json".to_owned(),
            body,
        }
    }

    fn tenant(&mut self, request: &Request, path: &str) -> (u16, String) {
        let body = request.body.clone().unwrap_or_default();
        self.asked.push(
            format!("{:?} {path} {body}", request.method)
                .trim_end()
                .to_owned(),
        );
        match (request.method, path.strip_prefix("/api/v3/").expect(path)) {
            (Method::Post, "reports") => match self.no_reports {
                Some((status, says)) => (status, says.to_owned()),
                None => self.order(&body),
            },
            (Method::Post, "audit-logs/export") => self.order_export(&body),
            (Method::Get, "users?page=1&pagelen=100") => (self.users.0, self.users.1.to_owned()),
            (Method::Get, path) => self.state(request, path),
            other => panic!("{other:?}"),
        }
    }

    fn order(&mut self, body: &str) -> (u16, String) {
        let body: Value = serde_json::from_str(body).unwrap();
        let days = body["reportMeta"]["days"].as_i64().unwrap();
        assert!((1..=365).contains(&days));
        let meta = json!({"days": days});
        assert_eq!(
            body,
            json!({"type": "AUDIT_LOGS", "format": "csv", "reportMeta": meta})
        );
        let uuid = self.taken("r");
        (
            202,
            json!({"success": true, "data": {"uuid": uuid}}).to_string(),
        )
    }

    fn order_export(&mut self, body: &str) -> (u16, String) {
        let body: Value = serde_json::from_str(body).unwrap();
        let days = body["days"].as_i64().unwrap();
        assert!((1..=365).contains(&days));
        assert_eq!(body, json!({"days": days}));
        (200, json!({ "uuid": self.taken("e") }).to_string())
    }

    /// Takes an order: the id begins with a letter for the API it came by.
    fn taken(&mut self, letter: &str) -> String {
        let number = self.reports.len();
        let uuid = format!("{letter}-{number}");
        let fate = *self.fates.get(number).or(self.fates.last()).unwrap();
        self.reports.insert(uuid.clone(), (self.now, fate));
        uuid
    }

    /// Each API knows its own reports only.
    fn state(&mut self, request: &Request, path: &str) -> (u16, String) {
        let (folder, uuid) = path.rsplit_once('/').expect(path);
        let is_export = uuid.starts_with("e-");
        let expected = if is_export {
            "audit-logs/export"
        } else {
            "reports"
        };
        assert_eq!(folder, expected, "{uuid}");
        let on_disk = matches!(request.body_limit, BodyLimit::Disk(_));
        assert_eq!(on_disk, is_export);
        match self.reports[uuid] {
            (_, Fate::Failed) => (200, r#"{"success":false,"message":"it failed"}"#.to_owned()),
            (at, Fate::Ready(after)) if self.now >= at.plus_millis(after * 1_000) => {
                if let Some(rows) = self.rows.filter(|_| is_export) {
                    return (200, rows.to_owned());
                }
                self.links += 1;
                let link = format!("https://bucket.example/{uuid}?link={}", self.links);
                (
                    200,
                    json!({"success": true, "data": {"preSignedUrl": link}}).to_string(),
                )
            }
            _ => (self.unready.0, self.unready.1.to_owned()),
        }
    }

    fn download(&mut self, request: &Request, link: &Secret) -> (u16, String) {
        let number = link
            .expose()
            .rsplit_once("link=")
            .unwrap()
            .1
            .parse::<usize>()
            .unwrap();
        assert_eq!(number, self.links, "an old link is used");
        assert!(matches!(request.body_limit, BodyLimit::Disk(_)));
        self.asked.push("download".to_owned());
        let (status, text) = self
            .downloads
            .get(number - 1)
            .or(self.downloads.last())
            .unwrap();
        (*status, (*text).to_owned())
    }

    pub(super) fn orders(&self) -> usize {
        self.reports.len()
    }
}

/// Reads a page from every line; `CUT` is where an export was cut short, `ODD` one that came
/// whole and is no audit log.
pub(super) fn lines(body: Body, _options: ExportOptions) -> Result<file::Pages, FeedError> {
    let mut text = String::new();
    body.reader()?.read_to_string(&mut text)?;
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut lines = lines.into_iter();
    Ok(Box::new(move || match lines.next() {
        Some(line) if line == "CUT" => Err(RecordError::GzipCut.into()),
        Some(line) if line == "ODD" => Err(RecordError::NoTime(line).into()),
        line => Ok(line.map(|line| Page {
            bytes: line.into_bytes(),
            ..Page::default()
        })),
    }))
}
