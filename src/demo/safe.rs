//! SAFE, simulated: tokens, users and audit reports. Whatever its documents do not allow is
//! refused.

pub(super) mod exports;
mod reports;
pub(super) mod table;
mod users;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fastrand::Rng;
use serde_json::{Value, json};

use crate::event::Timestamp;

use super::http::{Answer, Call, Purpose};
use super::world::World;
use exports::ExportForm;
use reports::{Link, Report};
use table::Table;

/// How the simulated SAFE behaves where its documents leave it open.
#[derive(Debug, Clone)]
pub struct SafeOptions {
    /// Which ways of signing in there are.
    pub sign_in: SignInForm,
    /// How long a token lasts: an hour, by the documents.
    pub token_lasts: Duration,
    /// How a report answers that is not ready.
    pub pending: Pending,
    /// To how many polls it answers so.
    pub pending_polls: u32,
    /// How long a link lasts: five minutes, by the documents.
    pub link_lasts: Duration,
    /// The form of the file.
    pub table: Table,
    /// Whether there are reports.
    pub reports: Reports,
    /// The form of the second way to the same file.
    pub export: ExportForm,
}

/// The ways of signing in; the first is in SAFE's published code, the second in a script of an
/// employee.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInForm {
    /// `POST /api/v3/auth` with `Authorization: Basic`.
    Basic,
    /// `POST /api/v3/authenticate` with JSON.
    Json,
    /// Either.
    Both,
}

/// How a report answers that is not ready: unknown, so every plausible form can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pending {
    /// 400 and `Report not found`, as for a report that never was.
    NotFound,
    /// 200 without a link.
    NoUrl,
    /// 202, as when it was asked for.
    Accepted,
}

/// Whether `/api/v3/reports` is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reports {
    /// As documented.
    There,
    /// It is answered with 404.
    NotFound,
    /// It is answered with the web application, and 200, whatever the method.
    Application,
    /// It is answered as every unknown path is.
    Unknown,
}

impl Default for SafeOptions {
    fn default() -> SafeOptions {
        SafeOptions {
            sign_in: SignInForm::Basic,
            token_lasts: Duration::from_secs(3600),
            pending: Pending::NotFound,
            pending_polls: 1,
            link_lasts: Duration::from_secs(300),
            table: Table::default(),
            reports: Reports::There,
            export: ExportForm::default(),
        }
    }
}

/// The vendor at work.
#[derive(Debug)]
pub(super) struct Safe {
    options: SafeOptions,
    username: String,
    password: String,
    /// The root of its own URLs.
    base: String,
    rng: Rng,
    tokens: HashMap<String, Timestamp>,
    reports: HashMap<String, Report>,
    links: HashMap<String, Link>,
}

/// What a request is for.
pub(super) fn purpose(call: &Call) -> Purpose {
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/api/v3/auth" | "/api/v3/authenticate") => Purpose::SignIn,
        ("GET", "/api/v3/users") => Purpose::Users,
        ("POST", "/api/v3/reports") => Purpose::ReportAsk,
        ("GET", path) if path.starts_with("/api/v3/reports/") => Purpose::ReportPoll,
        ("POST", exports::PATH) => Purpose::ExportAsk,
        ("GET", path) if exports::id(path).is_some() => Purpose::ExportPoll,
        (_, path) if path.starts_with(reports::DOWNLOADS) => Purpose::Download,
        _ => Purpose::Unknown,
    }
}

impl Safe {
    pub(super) fn new(options: SafeOptions, username: &str, password: &str, base: String) -> Safe {
        Safe {
            options,
            username: username.to_owned(),
            password: password.to_owned(),
            base,
            // Tokens and the like need to differ from one another, and no more.
            rng: Rng::with_seed(0x5afe),
            tokens: HashMap::new(),
            reports: HashMap::new(),
            links: HashMap::new(),
        }
    }

    /// Answers one request.
    pub(super) fn answer(&mut self, call: &Call, world: &World, now: Timestamp) -> Answer {
        let purpose = purpose(call);
        if [Purpose::ReportAsk, Purpose::ReportPoll].contains(&purpose)
            && let Some(answer) = self.options.reports.missing(call)
        {
            return answer;
        }
        match purpose {
            Purpose::SignIn => self.sign_in(call, now),
            Purpose::Download => self.download(call, world, now),
            Purpose::Users => match self.refusal(call, now, INVALID_HEADER) {
                Some(refusal) => refusal,
                None => users::page(call, world, now, &self.base),
            },
            Purpose::ReportAsk => match self.refusal(call, now, UNAUTHORIZED) {
                Some(refusal) => refusal,
                None => self.ask(call, now),
            },
            Purpose::ReportPoll => match self.refusal(call, now, UNAUTHORIZED) {
                Some(refusal) => refusal,
                None => self.poll(call, now),
            },
            Purpose::ExportAsk => match self.refusal(call, now, UNAUTHORIZED) {
                Some(refusal) => refusal,
                None => self.ask_export(call, now),
            },
            Purpose::ExportPoll => match self.refusal(call, now, UNAUTHORIZED) {
                Some(refusal) => refusal,
                None => self.poll_export(call, world, now),
            },
            _ => unknown(call),
        }
    }

    fn sign_in(&mut self, call: &Call, now: Timestamp) -> Answer {
        let form = if call.path.ends_with("/auth") {
            SignInForm::Basic
        } else {
            SignInForm::Json
        };
        if self.options.sign_in != form && self.options.sign_in != SignInForm::Both {
            return unknown(call);
        }
        let given = if form == SignInForm::Basic {
            basic(call)
        } else {
            credentials(call)
        };
        let Some((username, password)) = given else {
            return bad_request("invalid request");
        };
        if username != self.username || password != self.password {
            return Answer::json(401, &json!({"message": UNAUTHORIZED.1}));
        }
        let token = self.token(now);
        if form == SignInForm::Json {
            return Answer::json(200, &json!({"accessToken": token}));
        }
        let seconds = self.options.token_lasts.as_secs().to_string();
        Answer::json(
            200,
            &json!({"accessToken": token, "status": "success", "expiresIn": seconds}),
        )
    }

    fn token(&mut self, now: Timestamp) -> String {
        let token = format!("eyJ{:032x}{:032x}", self.rng.u128(..), self.rng.u128(..));
        self.tokens
            .insert(token.clone(), now.after(self.options.token_lasts));
        token
    }

    /// Why the request may not pass, if it may not. The documents show three forms: a wrong
    /// header, an unknown token, and no header at all.
    fn refusal(&self, call: &Call, now: Timestamp, form: (&str, &str)) -> Option<Answer> {
        let Some(header) = call.header("authorization") else {
            let says = "User is not authorized to access this resource with an explicit deny";
            return Some(Answer::json(403, &json!({"Message": says})));
        };
        let token = header
            .strip_prefix("Bearer ")
            .and_then(|token| self.tokens.get(token));
        if token.is_some_and(|expires| now < *expires) {
            return None;
        }
        Some(match form {
            ("", message) => Answer::json(401, &json!({"message": message})),
            (status, message) => Answer::json(401, &json!({"status": status, "message": message})),
        })
    }
}

impl Reports {
    /// What is answered in the place of a report.
    fn missing(self, call: &Call) -> Option<Answer> {
        match self {
            Reports::There => None,
            Reports::NotFound => Some(Answer::json(404, &json!({"message": "Not Found"}))),
            Reports::Application => Some(Answer::html(200, "SAFE")),
            Reports::Unknown => Some(unknown(call)),
        }
    }
}

/// Status and message of a refusal, as the users' page and the reports' page document them.
const INVALID_HEADER: (&str, &str) = ("error", "invalid authorization header!");
const UNAUTHORIZED: (&str, &str) = ("", "Unauthorized");

/// What the edge answers for a path that is not SAFE's: the web application, with 200, to a GET.
fn unknown(call: &Call) -> Answer {
    if call.method == "GET" {
        return Answer::html(200, "SAFE");
    }
    Answer::xml(
        405,
        "MethodNotAllowed",
        "The specified method is not allowed against this resource.",
    )
}

fn bad_request(message: &str) -> Answer {
    Answer::json(400, &json!({"success": false, "message": message}))
}

/// Username and password of the header, if the request is otherwise empty, as it has to be.
fn basic(call: &Call) -> Option<(String, String)> {
    let code = call.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(code).ok()?).ok()?;
    let (username, password) = text.split_once(':')?;
    let empty = call.body.is_empty() && call.query.is_empty();
    empty.then(|| (username.to_owned(), password.to_owned()))
}

/// Username and password of a JSON body that holds nothing else.
fn credentials(call: &Call) -> Option<(String, String)> {
    let body: Value = serde_json::from_slice(&call.body)
        .ok()
        .filter(|_| call.is_json())?;
    let body = body.as_object().filter(|body| body.len() == 2)?;
    let member = |name| body.get(name).and_then(Value::as_str).map(str::to_owned);
    member("username").zip(member("password"))
}
