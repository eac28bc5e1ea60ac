//! Proves to a vendor who asks: tokens given, tokens signed in for and renewed, signatures.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use crate::event::Timestamp;
use crate::feed::{
    Aws, AwsKeys, Basic, BodyLimit, Credentials, Request, SignIn, SignInWay, Signed, SignedRequest,
    Token,
};
use crate::fetch::aws::{self, Lent};
use crate::fetch::wire::TransportError;
use crate::secret::Secret;

/// The credentials of a source, and the token that was got with them.
pub(super) struct Auth {
    credentials: Credentials,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    held: Option<Held>,
    refused: Option<Refusal>,
}

/// What the vendor said when it refused to sign in. Asking again with the same password would
/// only lock the account.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) says: String,
}

struct Held {
    proof: Proof,
    renew_at: Timestamp,
    ticket: Ticket,
}

enum Proof {
    Token(Secret),
    Keys(AwsKeys),
}

/// What is to be got before a request can go out.
pub(super) enum Due {
    /// A token.
    SignIn(SignIn),
    /// Keys to AWS.
    Keys(Box<Aws>),
}

/// Tells one token, or one pair of keys, that was held from another, so that of many requests that are refused with the
/// same one only the first has it renewed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// A header of a request.
pub(super) type Header = (&'static str, Secret);

impl Auth {
    pub(super) fn new(credentials: Credentials) -> Auth {
        Auth {
            credentials,
            state: Mutex::default(),
        }
    }

    /// What is due at `now`: nothing is held, or it is about to run out.
    pub(super) fn due(&self, now: Timestamp) -> Option<Due> {
        let due = match &self.credentials {
            Credentials::SignIn(sign_in) => Due::SignIn(sign_in.clone()),
            Credentials::Aws(aws) => Due::Keys(aws.clone()),
            Credentials::Token(_) | Credentials::Signed(_) | Credentials::Basic(_) => return None,
        };
        let state = self.state();
        let holds = state.held.as_ref().is_some_and(|held| now < held.renew_at);
        (!holds).then_some(due)
    }

    /// Takes a token that was given at `now` into use.
    pub(super) fn hold(&self, token: Token, now: Timestamp) {
        let lasts = token.lasts.min(LIFE_MAX);
        self.take(Proof::Token(token.token), used_until(now, lasts));
    }

    /// Takes keys that were lent at `now` into use.
    pub(super) fn borrow_keys(&self, lent: Lent, now: Timestamp) {
        let renew_at = lent
            .ends
            .map_or(NEVER, |end| used_until(now, end.since(now)));
        self.take(Proof::Keys(lent.keys), renew_at);
    }

    fn take(&self, proof: Proof, renew_at: Timestamp) {
        let mut state = self.state();
        let before = state.held.as_ref().map_or(0, |held| held.ticket.0);
        state.held = Some(Held {
            proof,
            renew_at,
            ticket: Ticket(before.wrapping_add(1)),
        });
    }

    /// What is held now, if anything.
    pub(super) fn ticket(&self) -> Option<Ticket> {
        self.state().held.as_ref().map(|held| held.ticket)
    }

    /// Has that token renewed, for the vendor no longer takes it; unless it has been already.
    pub(super) fn forget(&self, ticket: Option<Ticket>) {
        let mut state = self.state();
        if let Some(held) = state
            .held
            .as_mut()
            .filter(|held| Some(held.ticket) == ticket)
        {
            held.renew_at = LONG_AGO;
        }
    }

    /// Remembers that signing in was refused, and is not to be tried again.
    pub(super) fn refuse(&self, refusal: Refusal) {
        self.state().refused = Some(refusal);
    }

    /// Whether signing in was refused before.
    pub(super) fn refused(&self) -> Option<Refusal> {
        self.state().refused.clone()
    }

    /// The state, even if a task died holding it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there is another token to be had, where one is refused.
    pub(super) fn is_renewable(&self) -> bool {
        match &self.credentials {
            Credentials::SignIn(_) => true,
            Credentials::Aws(aws) => aws.keys.is_none() || aws.role.is_some(),
            Credentials::Token(_) | Credentials::Signed(_) | Credentials::Basic(_) => false,
        }
    }

    /// Whether answers are stored objects, which must come just as they lie there.
    pub(super) fn is_for_objects(&self) -> bool {
        matches!(&self.credentials, Credentials::Aws(aws) if aws.service == "s3")
    }

    /// The headers that prove who asks, made for one attempt at `url` at the moment `now`.
    ///
    /// # Errors
    /// They would hold characters that no header can.
    pub(super) fn headers(
        &self,
        request: &Request,
        url: &Url,
        now: Timestamp,
    ) -> Result<Vec<Header>, TransportError> {
        let state = self.state();
        let held = state.held.as_ref().map(|held| &held.proof);
        Ok(match (&self.credentials, held) {
            (Credentials::Token(token), _) => vec![bearer(token)],
            (Credentials::SignIn(_), Some(Proof::Token(token))) => vec![bearer(token)],
            (Credentials::Signed(signed), _) => signature(
                signed,
                url,
                request.body.as_deref().unwrap_or_default(),
                now,
            ),
            (Credentials::Basic(pair), _) => vec![basic(&pair.username, &pair.password)],
            (Credentials::Aws(aws), Some(Proof::Keys(keys))) => {
                aws::sign(aws, keys, request, url, now)?
            }
            (Credentials::SignIn(_) | Credentials::Aws(_), _) => Vec::new(),
        })
    }

    /// Everything that must not show in what a vendor's answer is quoted with.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets = match &self.credentials {
            Credentials::Token(token) => vec![token.clone()],
            Credentials::SignIn(sign_in) => {
                let SignIn {
                    username, password, ..
                } = sign_in;
                vec![
                    password.clone(),
                    encoded(username, password),
                    username.clone(),
                ]
            }
            Credentials::Basic(Basic { username, password }) => {
                vec![
                    password.clone(),
                    encoded(username, password),
                    username.clone(),
                ]
            }
            Credentials::Signed(signed) => vec![signed.secret.clone(), signed.key.clone()],
            Credentials::Aws(aws) => aws.keys.iter().flat_map(key_secrets).collect(),
        };
        match self.state().held.as_ref().map(|held| &held.proof) {
            Some(Proof::Token(token)) => secrets.push(token.clone()),
            Some(Proof::Keys(keys)) => secrets.extend(key_secrets(keys)),
            None => {}
        }
        secrets
    }
}

/// SAFE's tokens last an hour (its documentation, as quoted by others); one that claims to last
/// longer is not believed, for the unit it is stated in is not documented.
const LIFE_MAX: Duration = Duration::from_secs(3_600);
/// A token is renewed that long before it runs out, and so are keys.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
const NEVER: Timestamp = Timestamp::from_millis(i64::MAX);
const LONG_AGO: Timestamp = Timestamp::from_millis(i64::MIN);
/// Most bytes of an answer to signing in.
const TOKEN_BYTES_MAX: u64 = 1 << 20;

/// Until when that is used which lasts so long from `now` on. What lasts no more than minutes is
/// used for half of them.
fn used_until(now: Timestamp, lasts: Duration) -> Timestamp {
    now.after(lasts - RENEW_BEFORE.min(lasts / 2))
}

/// What of keys to AWS must not show.
pub(super) fn key_secrets(keys: &AwsKeys) -> Vec<Secret> {
    let two = [&keys.secret_access_key, &keys.access_key_id];
    two.into_iter()
        .chain(&keys.session_token)
        .cloned()
        .collect()
}

/// The request to sign in that way, and the header that goes with it.
pub(super) fn request(sign_in: &SignIn, way: SignInWay) -> (Request, Option<Header>) {
    let (path, body, header) = match way {
        SignInWay::Basic(path) => {
            let header = basic(&sign_in.username, &sign_in.password);
            (path, None, Some(header))
        }
        SignInWay::Json(path) => {
            let (username, password) = (sign_in.username.expose(), sign_in.password.expose());
            let body = json!({ "username": username, "password": password });
            (path, Some(body.to_string()), None)
        }
    };
    let request = Request {
        statuses: &[404, 405],
        body_limit: BodyLimit::Memory(TOKEN_BYTES_MAX),
        body,
        ..Request::post(path, String::new(), "sign-in")
    };
    (request, header)
}

const AUTHORIZATION: &str = "authorization";

fn bearer(token: &Secret) -> Header {
    let value = format!("Bearer {}", token.expose());
    (AUTHORIZATION, Secret::new(value))
}

fn basic(username: &Secret, password: &Secret) -> Header {
    let value = format!("Basic {}", encoded(username, password).expose());
    (AUTHORIZATION, Secret::new(value))
}

fn encoded(username: &Secret, password: &Secret) -> Secret {
    let pair = format!("{}:{}", username.expose(), password.expose());
    Secret::new(STANDARD.encode(pair))
}

fn signature(signed: &Signed, url: &Url, body: &str, now: Timestamp) -> Vec<Header> {
    let headers = (signed.headers)(&SignedRequest {
        key: signed.key.expose(),
        secret: signed.secret.expose(),
        path: url.path(),
        body,
        now,
    });
    let hide = |(name, value)| (name, Secret::new(value));
    headers.into_iter().map(hide).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn sign_in() -> SignIn {
        SignIn {
            username: Secret::new("ann"),
            password: Secret::new("pa\"ss:word"),
            ways: &[],
            read: |_| None,
        }
    }

    #[test]
    fn a_token_is_renewed_some_minutes_before_its_end_and_within_the_hour() {
        for (lasts_minutes, used_minutes) in [(60, 55), (30, 25), (8, 4), (0, 0), (100_000, 55)] {
            let auth = Auth::new(Credentials::SignIn(sign_in()));
            let token = Token {
                token: Secret::new("t"),
                lasts: Duration::from_secs(lasts_minutes * 60),
            };
            auth.hold(token, NOW);
            let end = NOW.plus_millis(used_minutes * 60_000);
            let due = |now| auth.due(now).is_some();
            assert!(due(end), "{lasts_minutes} minutes");
            assert!(
                used_minutes == 0 || !due(end.plus_millis(-1)),
                "{lasts_minutes} minutes"
            );
        }
    }

    #[test]
    fn each_way_of_signing_in_sends_username_and_password_its_own_way() {
        let (request_basic, header) = request(&sign_in(), SignInWay::Basic("/auth"));
        assert_eq!(request_basic.body, None);
        let (name, value) = header.expect("Basic has a header");
        assert_eq!(name, "authorization");
        assert_eq!(value.expose(), "Basic YW5uOnBhInNzOndvcmQ=");

        let (request_json, header) = request(&sign_in(), SignInWay::Json("/authenticate"));
        assert!(header.is_none());
        let body = request_json.body.expect("Json has a body");
        assert_eq!(body, r#"{"username":"ann","password":"pa\"ss:word"}"#);
    }

    #[test]
    fn the_path_is_signed_as_it_is_sent_without_the_query() {
        let signed = Signed {
            key: Secret::new("k"),
            secret: Secret::new("s"),
            headers: |request| vec![("x-signed", format!("{}|{}", request.path, request.body))],
        };
        let auth = Auth::new(Credentials::Signed(signed));
        let url = Url::parse("https://h/api/v2.0/päth/?page=1").expect("a URL");
        let request = Request::post("", "{}".to_owned(), "log");
        let headers = auth.headers(&request, &url, NOW).expect("headers");
        let value = headers[0].1.expose();
        assert_eq!(value, "/api/v2.0/p%C3%A4th/|{}");
    }
}
