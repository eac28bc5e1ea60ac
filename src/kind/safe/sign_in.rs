//! Signing in to SAFE, and the check that it suffices.

use std::time::Duration;

use serde_json::{Map, Value};

use super::answer::{self, VENDOR};
use crate::feed::{Credentials, FeedError, Request, Response, SignIn, SignInWay, Token};
use crate::kind::{Settings, SettingsError};
use crate::secret::Secret;
use crate::time;

/// Life of a token unless the answer says otherwise: "for the next hour" (documented).
const TOKEN_LASTS: Duration = Duration::from_secs(3_600);

/// The ways to sign in. The first is in two clients that SAFE published and in its API page; the
/// second in a script of 2025 by SAFE.
const WAYS: &[SignInWay] = &[
    SignInWay::Basic("/api/v3/auth"),
    SignInWay::Json("/api/v3/authenticate"),
];

/// The token if the user gave one, else username and password.
pub(super) fn credentials(settings: &Settings) -> Result<Credentials, SettingsError> {
    if let Ok(token) = settings.secret("token") {
        return Ok(Credentials::Token(token.clone()));
    }
    let username = settings.secret("username")?.clone();
    let password = settings.secret("password")?.clone();
    Ok(Credentials::SignIn(SignIn {
        username,
        password,
        ways: WAYS,
        read: token,
    }))
}

/// The smallest request that needs the right to see users.
pub(super) fn check_request() -> Request {
    let request = Request::get("/api/v3/users?page=1&pagelen=1", "one user");
    Request {
        statuses: &[403],
        ..request
    }
}

/// Says how many users are seen.
pub(super) fn check(answer: Response) -> Result<String, FeedError> {
    let status = answer.status;
    let body = answer.body.bytes()?;
    if status == 403 {
        return Err(FeedError::Refused {
            vendor: VENDOR,
            says: answer::says(&body),
        });
    }
    let object = answer::object(&body, "one user")?;
    let Some(values) = object.get("values").and_then(Value::as_array) else {
        return Err(answer::not_understood(
            "one user",
            "it has no `values`",
            &body,
        ));
    };
    Ok(match answer::whole(object.get("size")) {
        Some(1) => "signed in, 1 user on the list".to_owned(),
        Some(size) => format!("signed in, {size} users on the list"),
        None if values.is_empty() => "signed in, no users on the list".to_owned(),
        None => "signed in, the user list is readable".to_owned(),
    })
}

fn token(body: &[u8]) -> Option<Token> {
    let root: Map<String, Value> = serde_json::from_slice(body).ok()?;
    let data = root.get("data").and_then(Value::as_object);
    let part = |object: &Map<String, Value>| {
        let token = Secret::new(answer::text(object.get("accessToken"))?);
        Some(Token {
            token,
            lasts: lasts(object.get("expiresIn")),
        })
    };
    part(&root).or_else(|| data.and_then(part))
}

/// The unit of `expiresIn` is not documented, nor whether it is a number: whatever makes up a
/// minute to a day is believed, in seconds before milliseconds.
fn lasts(expires_in: Option<&Value>) -> Duration {
    let worded = || {
        time::parse_duration(answer::text(expires_in)?)
            .ok()
            .map(|d| d.as_secs())
    };
    match answer::whole(expires_in).or_else(worded) {
        Some(seconds @ 60..=86_400) => Duration::from_secs(seconds),
        Some(millis @ 86_401..=86_400_000) => Duration::from_millis(millis),
        _ => TOKEN_LASTS,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::feed::Body;
    use crate::kind::safe::KIND;

    fn settings(secrets: &[&str]) -> Settings {
        let url = Url::parse("https://us.safeone.ai").unwrap();
        let mut settings = Settings::defaults(&KIND.access, "safe-us", Some(url));
        let secret = |key: &&str| ((*key).to_owned(), Secret::new(format!("the {key}")));
        settings.secrets = secrets.iter().map(secret).collect();
        settings
    }

    #[test]
    fn a_token_is_preferred_to_a_password() {
        let given = credentials(&settings(&["token", "username", "password"]));
        assert!(matches!(given, Ok(Credentials::Token(token)) if token.expose() == "the token"));
        let Ok(Credentials::SignIn(sign_in)) = credentials(&settings(&["username", "password"]))
        else {
            panic!("no sign-in")
        };
        assert_eq!(sign_in.username.expose(), "the username");
        assert_eq!(sign_in.password.expose(), "the password");
        assert_eq!(sign_in.ways[0], SignInWay::Basic("/api/v3/auth"));
    }

    #[test]
    fn what_is_missing_is_named() {
        for (secrets, key) in [(&[] as &[&str], "username"), (&["username"], "password")] {
            let error = credentials(&settings(secrets)).err().map(|e| e.to_string());
            assert_eq!(
                error.as_deref(),
                Some(&*format!("source.safe-us: {key} is not set"))
            );
        }
    }

    #[test]
    fn every_form_of_token_is_read() {
        for (body, seconds) in [
            (r#"{"accessToken":"abc"}"#, 3_600),
            (
                r#"{"accessToken":"abc","status":"success","expiresIn":"1800"}"#,
                1_800,
            ),
            (r#"{"accessToken":"abc","expiresIn":7200}"#, 7_200),
            (r#"{"accessToken":"abc","expiresIn":1800000}"#, 1_800),
            (r#"{"accessToken":"abc","expiresIn":"2h"}"#, 7_200),
            (r#"{"accessToken":"abc","expiresIn":1}"#, 3_600),
            (r#"{"accessToken":"abc","expiresIn":1790000000}"#, 3_600),
            (r#"{"accessToken":"abc","expiresIn":null}"#, 3_600),
            (
                r#"{"success":true,"data":{"accessToken":"abc","expiresIn":900}}"#,
                900,
            ),
        ] {
            let token = token(body.as_bytes()).expect(body);
            assert_eq!(token.token.expose(), "abc");
            assert_eq!(token.lasts, Duration::from_secs(seconds), "{body}");
        }
    }

    #[test]
    fn an_answer_without_a_token_has_none() {
        for body in [
            "",
            "<html>",
            "{}",
            r#"{"accessToken":""}"#,
            r#"{"accessToken":7}"#,
            "[]",
        ] {
            assert!(token(body.as_bytes()).is_none(), "{body}");
        }
    }

    #[test]
    fn the_check_counts_users_or_says_why_not() {
        let answer = |status, body: &str| Response {
            status,
            content_type: "application/json".to_owned(),
            body: Body::Memory(body.as_bytes().to_vec()),
        };
        let seen = check(answer(200, r#"{"size":"42","values":[{}]}"#)).unwrap();
        assert_eq!(seen, "signed in, 42 users on the list");
        let refused = check(answer(403, r#"{"Message":"explicit deny"}"#)).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "SAFE refuses the credentials: explicit deny"
        );
        let page = check(answer(200, "<!doctype html>")).unwrap_err();
        assert!(matches!(page, FeedError::NotUnderstood { .. }), "{page}");
        let other = check(answer(200, r#"{"message":"hello"}"#)).unwrap_err();
        assert!(other.to_string().contains("no `values`"), "{other}");
    }
}
