//! Proves to a vendor who asks: tokens given, tokens signed in for and renewed, signatures.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use url::Url;

use crate::event::Timestamp;
use crate::feed::{
    Basic, BodyLimit, Credentials, Request, SignIn, SignInWay, Signed, SignedRequest, Token,
};
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
    token: Secret,
    renew_at: Timestamp,
    ticket: Ticket,
}

/// Tells one token that was held from another, so that of many requests that are refused with the
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

    /// How to sign in, if that is due at `now`: no token is held, or it is about to run out.
    pub(super) fn due(&self, now: Timestamp) -> Option<SignIn> {
        let Credentials::SignIn(sign_in) = &self.credentials else {
            return None;
        };
        let state = self.state();
        let holds = state.held.as_ref().is_some_and(|held| now < held.renew_at);
        (!holds).then(|| sign_in.clone())
    }

    /// Takes a token that was given at `now` into use.
    pub(super) fn hold(&self, token: Token, now: Timestamp) {
        let lasts = token.lasts.min(LIFE_MAX);
        // A token that lasts no more than minutes is used for half of them.
        let used = lasts - RENEW_BEFORE.min(lasts / 2);
        let mut state = self.state();
        let before = state.held.as_ref().map_or(0, |held| held.ticket.0);
        state.held = Some(Held {
            token: token.token,
            renew_at: now.after(used),
            ticket: Ticket(before + 1),
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
        matches!(self.credentials, Credentials::SignIn(_))
    }

    /// The headers that prove who asks, made for one attempt at the moment `now`.
    pub(super) fn headers(&self, url: &Url, body: &str, now: Timestamp) -> Vec<Header> {
        match &self.credentials {
            Credentials::Token(token) => vec![bearer(token)],
            Credentials::SignIn(_) => {
                let state = self.state();
                let held = state.held.iter();
                held.map(|held| bearer(&held.token)).collect()
            }
            Credentials::Signed(signed) => signature(signed, url, body, now),
            Credentials::Basic(pair) => vec![basic(&pair.username, &pair.password)],
        }
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
        };
        secrets.extend(self.state().held.iter().map(|held| held.token.clone()));
        secrets
    }
}

/// SAFE's tokens last an hour (its documentation, as quoted by others); one that claims to last
/// longer is not believed, for the unit it is stated in is not documented.
const LIFE_MAX: Duration = Duration::from_secs(3_600);
/// A token is renewed that long before it runs out.
const RENEW_BEFORE: Duration = Duration::from_secs(5 * 60);
const LONG_AGO: Timestamp = Timestamp::from_millis(i64::MIN);
/// Most bytes of an answer to signing in.
const TOKEN_BYTES_MAX: u64 = 1 << 20;

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
        let headers = auth.headers(&url, "{}", NOW);
        let value = headers[0].1.expose();
        assert_eq!(value, "/api/v2.0/p%C3%A4th/|{}");
    }
}
