//! CloudWatch Logs: FilterLogEvents over one log group (documented in the API reference).

mod line;
mod request;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::world::World;
use crate::event::Timestamp;

use super::signature::{Refusal, Signed};
use super::{Aws, Rate};
use request::{Place, Wanted};

pub use line::LogForm;

/// How the simulated CloudWatch Logs behave.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogsOptions {
    /// The form of SAFE's records, of which nothing is published but that they are JSON.
    pub form: LogForm,
    /// Share of records (0 to 1) that a line follows which is none; see
    /// [`World::cloudwatch_visible`](super::super::World::cloudwatch_visible).
    pub noise: f64,
    /// Above so many requests a second it throttles: 5, by the documents. No limit, if none.
    pub per_second: Option<usize>,
    /// Most events on a page, whatever the request says: pages may be partial (documented).
    pub page_events: usize,
    /// One page in so many (2 or more) is empty, though there is more (documented). None is so,
    /// if none.
    pub empty_every: Option<u32>,
    /// How long a token lasts: 24 hours, by the documents.
    pub token_lasts: Duration,
}

impl Default for LogsOptions {
    fn default() -> LogsOptions {
        LogsOptions {
            form: LogForm::Envelope,
            noise: 0.0,
            per_second: Some(5),
            page_events: request::EVENTS_MAX,
            empty_every: Some(3),
            token_lasts: Duration::from_secs(24 * 3600),
        }
    }
}

/// The service at work.
#[derive(Debug)]
pub(super) struct Logs {
    rng: Rng,
    rate: Rate,
    pages: u32,
    tokens: HashMap<String, Token>,
}

/// Where a walk goes on.
#[derive(Debug, Clone)]
struct Token {
    wanted: Wanted,
    after: Option<Place>,
    dies: Timestamp,
}

impl Logs {
    pub(super) fn new() -> Logs {
        Logs {
            rng: Rng::with_seed(0x1095),
            rate: Rate::default(),
            pages: 0,
            tokens: HashMap::new(),
        }
    }
}

impl Aws {
    /// Answers one request.
    pub(super) fn filter_log_events(
        &mut self,
        call: &Call,
        world: &World,
        now: Timestamp,
    ) -> Answer {
        let page = self
            .logs_admit(call, now)
            .and_then(|()| self.log_page(call, world, now));
        page.unwrap_or_else(|refusal| *refusal)
    }

    fn logs_admit(&mut self, call: &Call, now: Timestamp) -> Result<(), Box<Answer>> {
        let signed = Signed::read(call).map_err(Refusal::json)?;
        if signed.region != self.options.region || signed.service != "logs" {
            let message = "Credential should be scoped to a valid region and to service logs.";
            return Err(refused("InvalidSignatureException", message));
        }
        signed
            .verify(call, self.key(), now)
            .map_err(Refusal::json)?;
        if call.header("x-amz-target") != Some("Logs_20140328.FilterLogEvents") {
            return Err(refused("UnknownOperationException", ""));
        }
        if call.header("content-type") != Some("application/x-amz-json-1.1") {
            return Err(refused("SerializationException", "unexpected content type"));
        }
        if self.may_not("logs:FilterLogEvents") {
            let message = "User is not authorized to perform: logs:FilterLogEvents";
            return Err(refused("AccessDeniedException", message));
        }
        let most = self.options.logs.per_second;
        if most.is_some_and(|most| !self.logs.rate.admits(now, most)) {
            return Err(Box::new(throttled()));
        }
        Ok(())
    }

    fn log_page(
        &mut self,
        call: &Call,
        world: &World,
        now: Timestamp,
    ) -> Result<Answer, Box<Answer>> {
        let (wanted, token) = Wanted::read(call).map_err(|why| invalid(&why))?;
        if !wanted.names_group(self.options.region) {
            let message = "The specified log group does not exist.";
            return Err(refused("ResourceNotFoundException", message));
        }
        let (options, logs) = (self.options.logs, &mut self.logs);
        let after = match token {
            Some(token) => logs.place(&token, &wanted, now)?,
            None => None,
        };
        logs.pages += 1;
        let every = options.empty_every.map(|every| every.max(2));
        if every.is_some_and(|every| logs.pages.is_multiple_of(every)) {
            let next = logs.token(wanted, after, now.after(options.token_lasts));
            return Ok(answer(&[], Some(next)));
        }
        let (events, after) = wanted.page(world, now, &options, after);
        let dies = now.after(options.token_lasts);
        let next = after.map(|after| logs.token(wanted, Some(after), dies));
        Ok(answer(&events, next))
    }
}

impl Logs {
    /// The place of a token, which is good for the request it was given for alone.
    fn place(
        &self,
        token: &str,
        wanted: &Wanted,
        now: Timestamp,
    ) -> Result<Option<Place>, Box<Answer>> {
        let found = self.tokens.get(token);
        let alive = found.filter(|token| now < token.dies && token.wanted.same_walk(wanted));
        match alive {
            Some(token) => Ok(token.after.clone()),
            None => Err(invalid("The specified nextToken is invalid.")),
        }
    }

    fn token(&mut self, wanted: Wanted, after: Option<Place>, dies: Timestamp) -> String {
        let name = format!("Bxkq6kVGFtq2y_{:032x}", self.rng.u128(..));
        let token = Token {
            wanted,
            after,
            dies,
        };
        self.tokens.insert(name.clone(), token);
        name
    }
}

fn answer(events: &[Value], next: Option<String>) -> Answer {
    let mut body = json!({"events": events, "searchedLogStreams": []});
    if let Some(next) = next {
        body["nextToken"] = json!(next);
    }
    Answer::new(200, "application/x-amz-json-1.1", body.to_string())
}

/// What the service answers above its rate.
pub(in crate::demo) fn throttled() -> Answer {
    *refused("ThrottlingException", "Rate exceeded")
}

/// What the service answers when it is at fault.
pub(in crate::demo) fn failure(status: u16) -> Answer {
    let code = if status == 503 {
        "ServiceUnavailableException"
    } else {
        "InternalFailure"
    };
    Answer {
        status,
        ..*refused(code, "the service is at fault")
    }
}

fn invalid(message: &str) -> Box<Answer> {
    refused("InvalidParameterException", message)
}

/// Errors come with 400, whatever they are.
fn refused(code: &str, message: &str) -> Box<Answer> {
    let body = json!({"__type": code, "message": message});
    Box::new(Answer::new(
        400,
        "application/x-amz-json-1.1",
        body.to_string(),
    ))
}

impl Refusal {
    /// The refusal in the words of services that speak JSON.
    fn json(self) -> Box<Answer> {
        let (code, message) = match self {
            Refusal::Unsigned => (
                "MissingAuthenticationTokenException",
                "Missing Authentication Token",
            ),
            Refusal::Malformed(why) => ("IncompleteSignatureException", why),
            Refusal::UnknownKey | Refusal::InvalidToken => (
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ),
            Refusal::ExpiredToken => (
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ),
            Refusal::Skewed => (
                "InvalidSignatureException",
                "Signature expired or not yet current",
            ),
            Refusal::OtherBody | Refusal::Mismatch => (
                "InvalidSignatureException",
                "The request signature we calculated does not match the signature you provided.",
            ),
        };
        refused(code, message)
    }
}
