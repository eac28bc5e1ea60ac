//! One request on the wire, again and again, until it is answered or given up. Requests of one
//! feed may be sent side by side: what they share is here.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use url::Url;

use crate::event::Timestamp;
use crate::feed::{BodyLimit, Credentials, Request, SignIn, Token};
use crate::fetch::auth::{self, Auth, Due, Header, Refusal, Ticket};
use crate::fetch::aws;
use crate::fetch::call::{Call, Proof};
use crate::fetch::clock::Clock;
use crate::fetch::code::Code;
use crate::fetch::limit::Limits;
use crate::fetch::retry::{Answer, Decision, Outcome, decide};
use crate::fetch::skew::Skew;
use crate::fetch::width::{Round, Width};
use crate::fetch::wire::{
    self, Transport, TransportError, WireRequest, WireResponse, check_secure, host_of,
};
use crate::fetch::{FetchError, Listener, Progress, memory, message};
use crate::secret::Secret;

/// Sends requests of one feed.
pub(super) struct Sender {
    pub(super) requests_per_minute: u32,
    pub(super) auth: Auth,
    transport: Arc<dyn Transport>,
    clock: Arc<dyn Clock>,
    limits: Arc<Limits>,
    base: Url,
    /// Held by whoever signs in: one does for all.
    signing_in: tokio::sync::Mutex<()>,
    width: Mutex<Width>,
    listener: OnceLock<Listener>,
}

impl Sender {
    pub(super) fn new(
        transport: Arc<dyn Transport>,
        clock: Arc<dyn Clock>,
        limits: Arc<Limits>,
        base: Url,
        credentials: Credentials,
        requests_per_minute: u32,
    ) -> Sender {
        Sender {
            requests_per_minute,
            auth: Auth::new(credentials),
            transport,
            clock,
            limits,
            base,
            signing_in: tokio::sync::Mutex::default(),
            width: Mutex::default(),
            listener: OnceLock::new(),
        }
    }

    /// Tells `listener` how requests are getting on, unless another is told already.
    pub(super) fn be_heard_by(&self, listener: Listener) {
        self.listener.get_or_init(|| listener);
    }

    /// How many requests may be under way at once.
    pub(super) fn width(&self) -> usize {
        self.pace().now()
    }

    /// The answer to a request that goes out alone, or `beside` others.
    pub(super) async fn ask(
        &self,
        request: &Request,
        beside: bool,
    ) -> Result<WireResponse, FetchError> {
        let mut call = Call {
            beside,
            ..Call::of(request, &self.base)?
        };
        loop {
            if call.proof == Proof::Source {
                call.ticket = self.sign_in().await?;
            }
            if let Some(answer) = self.attempt(&mut call).await? {
                return Ok(answer);
            }
        }
    }

    /// Gets a token, or keys, if they are due. Says which one is held then.
    async fn sign_in(&self) -> Result<Option<Ticket>, FetchError> {
        let _alone = self.signing_in.lock().await;
        let now = self.clock.now();
        match self.auth.due(now) {
            Some(Due::SignIn(sign_in)) => self.auth.hold(self.token(&sign_in).await?, now),
            Some(Due::Keys(aws)) => self.auth.borrow_keys(aws::keys(&aws, now).await?, now),
            None => {}
        }
        Ok(self.auth.ticket())
    }

    /// The token that signing in brings, unless that was refused before.
    async fn token(&self, sign_in: &SignIn) -> Result<Token, FetchError> {
        if let Some(Refusal { status, says }) = self.auth.refused() {
            return Err(FetchError::Refused {
                host: host_of(&self.base),
                purpose: "sign-in".to_owned(),
                status,
                says,
            });
        }
        self.ask_token(sign_in).await.inspect_err(|error| {
            if let FetchError::Refused { status, says, .. } = error {
                let (status, says) = (*status, says.clone());
                self.auth.refuse(Refusal { status, says });
            }
        })
    }

    /// Tries one way of signing in after another.
    async fn ask_token(&self, sign_in: &SignIn) -> Result<Token, FetchError> {
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
    async fn attempt(&self, call: &mut Call<'_>) -> Result<Option<WireResponse>, FetchError> {
        call.attempt += 1;
        self.tell(|| Progress::Asking {
            purpose: call.purpose(),
            attempt: call.attempt,
        });
        let (sent, round) = (self.clock.now(), self.pace().round());
        let result = self.follow(call).await;
        self.compare_clocks(call, sent, &result)?;
        let outcome = self.outcome(call, &result);
        self.keep_pace(call, round, &outcome);
        let repeatable = call.request.repeatable;
        let decision = decide(call.attempt, repeatable, &outcome, fastrand::f64());
        let last = match result {
            Ok(answer) if decision == Decision::Take => return Ok(Some(answer)),
            Ok(answer) => self.refusal(call, &answer),
            Err(error) => call.broken(error),
        };
        self.make_ready(call, decision, last).await?;
        Ok(None)
    }

    /// Does what comes before the next attempt, if there is to be one.
    async fn make_ready(
        &self,
        call: &mut Call<'_>,
        decision: Decision,
        last: FetchError,
    ) -> Result<(), FetchError> {
        match decision {
            Decision::Wait(wait) => {
                self.tell(|| Progress::Retrying {
                    purpose: call.purpose(),
                    attempt: call.attempt,
                    wait,
                    why: last.to_string(),
                });
                self.clock.sleep(wait).await;
                Ok(())
            }
            Decision::Renew => {
                self.auth.forget(call.ticket);
                call.renewed = true;
                Ok(())
            }
            Decision::GiveUp(reason) => Err(call.given_up(reason, last)),
            Decision::Take => Err(last),
        }
    }

    /// Learns from an answer how many requests the vendor bears at once. What goes out alone
    /// proves nothing of that, but that it was throttled.
    fn keep_pace(&self, call: &Call<'_>, round: Round, outcome: &Outcome<'_>) {
        let mut pace = self.pace();
        match outcome {
            outcome if outcome.is_throttled() => pace.throttled(round),
            Outcome::Answer(_) if call.beside => pace.calm(),
            Outcome::Answer(_) | Outcome::Broken(_) => {}
        }
    }

    /// The width, even if a task died holding it.
    fn pace(&self) -> MutexGuard<'_, Width> {
        self.width.lock().unwrap_or_else(PoisonError::into_inner)
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
                code: code_of(answer),
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
            headers: self.headers(call, url)?,
            body: request.body.clone(),
            statuses: request.statuses,
            body_limit: request.body_limit,
            gzip: in_memory && call.proof != Proof::Url && !self.auth.is_for_objects(),
            listener: self.listener.get().filter(|_| !call.beside).cloned(),
        };
        self.transport.send(wire).await
    }

    /// The headers of one attempt, as of now.
    ///
    /// # Errors
    /// They hold characters that no header can.
    fn headers(&self, call: &Call<'_>, url: &Url) -> Result<Vec<Header>, TransportError> {
        let mut headers = match &call.proof {
            Proof::Url => return Ok(Vec::new()),
            Proof::Source => self.auth.headers(call.request, url, self.clock.now())?,
            Proof::SignIn(header) => header.iter().cloned().collect(),
        };
        headers.push(("accept", Secret::new("application/json, */*;q=0.5")));
        let wanted = call.request.headers.iter();
        headers.extend(wanted.map(|(name, value)| (*name, Secret::new(value.clone()))));
        Ok(headers)
    }

    /// What an answer that is none to this request means.
    fn refusal(&self, call: &Call<'_>, answer: &WireResponse) -> FetchError {
        let mut secrets = self.auth.secrets();
        secrets.extend(call.secrets());
        let says = message::read(memory(&answer.body), &secrets);
        call.unanswered(answer.status, code_of(answer), says)
    }

    fn tell(&self, progress: impl FnOnce() -> Progress) {
        if let Some(listener) = self.listener.get() {
            listener(progress());
        }
    }
}

/// Most redirects that are followed.
const REDIRECTS_MAX: usize = 5;

/// What the code of an error answer says.
fn code_of(answer: &WireResponse) -> Option<Code> {
    let is_error = answer.status >= 400;
    is_error.then(|| Code::of(memory(&answer.body))).flatten()
}
