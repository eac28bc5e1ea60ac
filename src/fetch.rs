//! One request, until it is answered or given up. Nothing else in trailkeep talks to a network.

mod auth;
mod call;
pub mod clock;
pub mod error;
pub mod hook;
#[cfg(test)]
mod liar;
pub mod limit;
mod message;
mod received;
pub mod retry;
pub mod skew;
#[cfg(test)]
mod tests;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::event::Timestamp;
use crate::feed::{Body, BodyLimit, Credentials, Request, Response, SignIn, Token};
use crate::secret::Secret;
use auth::{Auth, Header, Refusal};
use call::{Call, Proof};
use clock::Clock;
pub use error::FetchError;
use limit::Limits;
use received::Received;
use retry::{Answer, Decision, Outcome, decide};
use skew::Skew;
use wire::{Transport, TransportError, WireRequest, WireResponse, check_secure, host_of};

/// Sends the requests of one feed: with the source's credentials, no faster than allowed, and
/// again where it may help.
pub struct Fetch {
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Arc<Limits>,
    base: Url,
    auth: Auth,
    requests_per_minute: u32,
    listener: Option<Listener>,
    received: Received,
}

/// Hears how a request is getting on.
pub type Listener = Arc<dyn Fn(Progress) + Send + Sync>;

/// How a request is getting on. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A request goes out.
    Asking {
        /// What is asked for.
        purpose: String,
        /// Which attempt it is, from 1.
        attempt: u32,
    },
    /// An attempt failed, and there will be another.
    Retrying {
        /// What is asked for.
        purpose: String,
        /// Which attempt failed, from 1.
        attempt: u32,
        /// How long until the next.
        wait: Duration,
        /// Why it failed.
        why: String,
    },
    /// So many bytes of an answer's body have come.
    Bytes(u64),
}

impl Fetch {
    /// For a source at `base`. Every [`Fetch`] that may ask the same host is given the same
    /// `limits`.
    pub fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        limits: Arc<Limits>,
        base: Url,
        credentials: Credentials,
        requests_per_minute: u32,
    ) -> Fetch {
        Fetch {
            transport,
            clock,
            limits,
            base,
            auth: Auth::new(credentials),
            requests_per_minute,
            listener: None,
            received: Received::default(),
        }
    }

    /// The same, heard by `listener`.
    #[must_use]
    pub fn heard_by(self, listener: Listener) -> Fetch {
        Fetch {
            listener: Some(listener),
            ..self
        }
    }

    /// The answer to a request, whole.
    ///
    /// # Errors
    /// It was refused, given up, or cannot be asked at all.
    pub async fn send(&mut self, request: &Request) -> Result<Response, FetchError> {
        let mut call = Call::of(request, &self.base)?;
        loop {
            if call.proof == Proof::Source {
                self.sign_in().await?;
            }
            if let Some(answer) = self.attempt(&mut call).await? {
                return Ok(Response {
                    status: answer.status,
                    content_type: answer.content_type,
                    body: self.received.take(answer.body).await?,
                });
            }
        }
    }

    /// How many bytes the bodies of all answers handed out so far had, and the SHA-256 of them,
    /// one after another.
    pub fn received(&self) -> (u64, [u8; 32]) {
        self.received.so_far()
    }

    /// Gets a token, if one is due.
    async fn sign_in(&mut self) -> Result<(), FetchError> {
        let now = self.clock.now();
        let Some(sign_in) = self.auth.due(now) else {
            return Ok(());
        };
        if let Some(Refusal { status, says }) = self.auth.refused() {
            return Err(FetchError::Refused {
                host: host_of(&self.base),
                purpose: "sign-in".to_owned(),
                status,
                says,
            });
        }
        let token = self.ask_token(&sign_in).await.inspect_err(|error| {
            if let FetchError::Refused { status, says, .. } = error {
                let (status, says) = (*status, says.clone());
                self.auth.refuse(Refusal { status, says });
            }
        })?;
        self.auth.hold(token, now);
        Ok(())
    }

    /// Tries one way of signing in after another.
    async fn ask_token(&mut self, sign_in: &SignIn) -> Result<Token, FetchError> {
        let mut tried = Vec::new();
        for &way in sign_in.ways {
            let (request, header) = auth::request(sign_in, way);
            let mut call = Call {
                proof: Proof::SignIn(header),
                ..Call::of(&request, &self.base)?
            };
            let answer = loop {
                if let Some(answer) = self.attempt(&mut call).await? {
                    break answer;
                }
            };
            let token = match answer.status {
                404 | 405 => None,
                _ => (sign_in.read)(memory(&answer.body)),
            };
            match token {
                Some(token) => return Ok(token),
                None => tried.push(format!(
                    "{} answered {} ({})",
                    call.url.path(),
                    answer.status,
                    answer.content_type
                )),
            }
        }
        Err(FetchError::NoToken {
            host: host_of(&self.base),
            tried: tried.join(", "),
        })
    }

    /// One attempt: the answer, or nothing where there is to be another, which has then been
    /// waited for.
    async fn attempt(&mut self, call: &mut Call<'_>) -> Result<Option<WireResponse>, FetchError> {
        call.attempt += 1;
        self.tell(|| Progress::Asking {
            purpose: call.purpose(),
            attempt: call.attempt,
        });
        let sent = self.clock.now();
        let result = self.follow(call).await;
        self.compare_clocks(call, sent, &result)?;
        let outcome = self.outcome(call, &result);
        let repeatable = call.request.repeatable;
        let decision = decide(call.attempt, repeatable, &outcome, fastrand::f64());
        let last = match result {
            Ok(answer) if decision == Decision::Take => return Ok(Some(answer)),
            Ok(answer) => self.refusal(call, &answer),
            Err(error) => call.broken(error),
        };
        match decision {
            Decision::Wait(wait) => {
                self.tell(|| Progress::Retrying {
                    purpose: call.purpose(),
                    attempt: call.attempt,
                    wait,
                    why: last.to_string(),
                });
                self.clock.sleep(wait).await;
            }
            Decision::Renew => {
                self.auth.forget();
                call.renewed = true;
            }
            Decision::GiveUp(reason) => return Err(call.given_up(reason, last)),
            Decision::Take => return Err(last),
        }
        Ok(None)
    }

    /// Makes sure that the source's own host does not say that it is another time.
    fn compare_clocks(
        &self,
        call: &Call<'_>,
        sent: Timestamp,
        result: &Result<WireResponse, TransportError>,
    ) -> Result<(), FetchError> {
        let date = result.as_ref().ok().and_then(|answer| answer.date.as_ref());
        let date = date.filter(|_| call.proof != Proof::Url);
        match date.and_then(|date| Skew::of(date, sent, self.clock.now())) {
            Some(skew) => Err(call.mistimed(skew)),
            None => Ok(()),
        }
    }

    fn outcome<'a>(
        &self,
        call: &Call<'_>,
        result: &'a Result<WireResponse, TransportError>,
    ) -> Outcome<'a> {
        match result {
            Ok(answer) => Outcome::Answer(Answer {
                status: answer.status,
                accepted: wire::accepts(call.request.statuses, answer.status),
                retry_after: answer.retry_after.as_deref(),
                body: memory(&answer.body),
                now: self.clock.now(),
                renewable: call.proof == Proof::Source && self.auth.is_renewable() && !call.renewed,
            }),
            Err(error) => Outcome::Broken(error),
        }
    }

    /// Sends a request, and follows where the answer leads to on the same host.
    async fn follow(&self, call: &Call<'_>) -> Result<WireResponse, TransportError> {
        let mut url = call.url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.exchange(call, &url).await?;
            match call.leads_to(&url, &answer)? {
                Some(next) => url = next,
                None => return Ok(answer),
            }
        }
        Err(TransportError::Redirects(REDIRECTS_MAX))
    }

    /// Sends a request once, when it is its turn.
    async fn exchange(&self, call: &Call<'_>, url: &Url) -> Result<WireResponse, TransportError> {
        check_secure(url)?;
        let turn = self
            .limits
            .take(&host_of(url), self.requests_per_minute, self.clock.now());
        if !turn.is_zero() {
            self.clock.sleep(turn).await;
        }
        let request = call.request;
        let in_memory = matches!(request.body_limit, BodyLimit::Memory(_));
        let wire = WireRequest {
            method: request.method,
            url: url.clone(),
            headers: self.headers(call, url),
            body: request.body.clone(),
            statuses: request.statuses,
            body_limit: request.body_limit,
            gzip: in_memory && call.proof != Proof::Url,
            listener: self.listener.clone(),
        };
        self.transport.send(wire).await
    }

    /// The headers of one attempt, as of now.
    fn headers(&self, call: &Call<'_>, url: &Url) -> Vec<Header> {
        let body = call.request.body.as_deref().unwrap_or_default();
        let mut headers = match &call.proof {
            Proof::Url => return Vec::new(),
            Proof::Source => self.auth.headers(url, body, self.clock.now()),
            Proof::SignIn(header) => header.iter().cloned().collect(),
        };
        headers.push(("accept", Secret::new("application/json, */*;q=0.5")));
        let wanted = call.request.headers.iter();
        headers.extend(wanted.map(|(name, value)| (*name, Secret::new(value.clone()))));
        headers
    }

    /// What an answer that is none to this request means.
    fn refusal(&self, call: &Call<'_>, answer: &WireResponse) -> FetchError {
        let mut secrets = self.auth.secrets();
        secrets.extend(call.secrets());
        let says = message::read(memory(&answer.body), &secrets);
        call.unanswered(answer.status, says)
    }

    fn tell(&self, progress: impl FnOnce() -> Progress) {
        if let Some(listener) = &self.listener {
            listener(progress());
        }
    }
}

/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// The body of an answer that is held in memory.
fn memory(body: &Body) -> &[u8] {
    match body {
        Body::Memory(bytes) => bytes,
        Body::Disk(_) | Body::Stream(_) => b"",
    }
}
