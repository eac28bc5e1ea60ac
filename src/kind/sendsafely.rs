//! SendSafely: the audit log of a portal, and its users.

mod api;
pub mod listing;
mod s3;
mod scim;
mod signature;

use serde_json::{Map, Value};

use crate::feed::{Body, Credentials, Feed, FeedError, Request, Response, Signed, Start};
use crate::kind::{Access, Check, Kind, Setting, SettingKind, Settings, SettingsError, file};

/// The kind `sendsafely`.
pub const KIND: Kind = Kind {
    name: "sendsafely",
    title: "SendSafely",
    about: "the audit log of a SendSafely portal",
    url_example: "https://acme.sendsafely.com",
    feeds: &[api::API, s3::S3, scim::SCIM],
    access: Access {
        settings: SETTINGS,
        root: |settings| settings.url().cloned(),
        credentials,
        check: Check {
            request: |_, _| Ok(Request::get("/api/v2.0/user/", "user")),
            read: |_, answer| check(answer),
        },
    },
    import,
};

/// The vendor's name in error texts.
const VENDOR: &str = "SendSafely";

const SETTINGS: &[Setting] = &[
    Setting {
        key: "api_key",
        about: "API key of an administrator, from Edit Profile > API Keys",
        value: SettingKind::Secret("SENDSAFELY_API_KEY"),
    },
    Setting {
        key: "api_secret",
        about: "the key's secret, shown once when the key is made",
        value: SettingKind::Secret("SENDSAFELY_API_SECRET"),
    },
    Setting {
        key: "overlap",
        about: "for how long an event may come late: so much is read again at each sync; 14h or more",
        value: SettingKind::Duration("48h"),
    },
    Setting {
        key: "every",
        about: "how often `watch` asks; 5min or more",
        value: SettingKind::Duration("15min"),
    },
    Setting {
        key: "slice",
        about: "the longest stretch of time that is asked for at once",
        value: SettingKind::Duration("7d"),
    },
    // No limit is documented.
    Setting {
        key: "requests_per_minute",
        about: "most requests a minute",
        value: SettingKind::Number(1, 6_000, 120),
    },
];

fn credentials(settings: &Settings) -> Result<Credentials, SettingsError> {
    let key = settings.secret("api_key")?.clone();
    let secret = settings.secret("api_secret")?.clone();
    Ok(Credentials::Signed(Signed {
        key,
        secret,
        headers: signature::headers,
    }))
}

fn import(_settings: &Settings, start: &Start, body: Body) -> Box<dyn Feed> {
    file::feed(start, body, |body| {
        let mut export = listing::Export::open(body)?;
        Ok(Box::new(move || export.next_page()))
    })
}

/// The audit log is for administrators only (documented), and an official sample looks at
/// `adminUser` before it asks for more.
fn check(answer: Response) -> Result<String, FeedError> {
    let body = answer.body.bytes()?;
    let json = listing::successful(&body, &answer.content_type, "the question who asks")?;
    let user: Map<String, Value> = serde_json::from_str(json).unwrap_or_default();
    let text = |key: &str| user.get(key).and_then(Value::as_str).map(str::trim);
    let email = text("email").unwrap_or("a user without e-mail");
    match user.get("adminUser").and_then(truth) {
        Some(true) => Ok(format!("{email}, an administrator")),
        Some(false) => {
            let says = format!("{email} is no administrator, and only they may read the audit log");
            Err(FeedError::Refused {
                vendor: VENDOR,
                says,
            })
        }
        None => Ok(format!(
            "{email}; whether an administrator, the portal does not say"
        )),
    }
}

/// A truth value, or a text that is one: SendSafely writes both.
fn truth(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) => text.trim().to_lowercase().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::event::Timestamp;
    use crate::feed::Step;
    use crate::secret::Secret;

    fn checked(body: &str) -> Result<String, String> {
        let body = Body::Memory(body.as_bytes().to_vec());
        let answer = Response {
            status: 200,
            content_type: "text/html".to_owned(),
            body,
        };
        check(answer).map_err(|error| error.to_string())
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn only_an_administrator_passes_the_check() {
        for (body, passes, says) in [
            (
                r#"{"response":"SUCCESS","email":"a@x","adminUser":true}"#,
                true,
                "a@x, an admin",
            ),
            (
                r#"{"response":"success","email":"a@x","adminUser":"true"}"#,
                true,
                "a@x, an admin",
            ),
            (
                r#"{"response":"SUCCESS","email":"a@x"}"#,
                true,
                "does not say",
            ),
            (
                r#"{"response":"SUCCESS","email":"a@x","adminUser":false}"#,
                false,
                "no administrator",
            ),
            (
                r#"{"response":"AUTHENTICATION_FAILED","message":"bad key"}"#,
                false,
                "SendSafely refuses the credentials: AUTHENTICATION_FAILED: bad key",
            ),
            (
                r#"{"response":"DENIED"}"#,
                false,
                "SendSafely refuses the credentials: DENIED",
            ),
            (
                r#"{"response":"FAIL","message":"later"}"#,
                false,
                "SendSafely answered FAIL: later",
            ),
            (
                "<html>",
                false,
                "is the url that of your SendSafely portal?",
            ),
        ] {
            let (passed, said) = match checked(body) {
                Ok(said) => (true, said),
                Err(said) => (false, said),
            };
            assert_eq!(passed, passes, "{body}: {said}");
            assert!(said.contains(says), "{body}: {said}");
        }
    }

    #[test]
    fn key_and_secret_are_both_needed() {
        let url = Url::parse("https://acme.sendsafely.com").unwrap();
        let mut settings = Settings::defaults(&KIND.access, "acme", Some(url));
        let missing = |settings: &Settings| credentials(settings).err().map(|error| error.key);
        assert_eq!(missing(&settings), Some("api_key"));
        settings
            .secrets
            .insert("api_key".to_owned(), Secret::new("k"));
        assert_eq!(missing(&settings), Some("api_secret"));
        settings
            .secrets
            .insert("api_secret".to_owned(), Secret::new("s"));
        let Ok(Credentials::Signed(signed)) = credentials(&settings) else {
            panic!("not signed")
        };
        assert_eq!((signed.key.expose(), signed.secret.expose()), ("k", "s"));
    }

    #[test]
    fn an_import_keeps_every_record_of_a_file() {
        let url = Url::parse("https://acme.sendsafely.com").unwrap();
        let now = Timestamp::from_millis(1_790_000_000_000);
        let start = Start::of("acme", now);
        let lines = [1, 2, 3]
            .map(|id| format!(r#"{{"eventId":"e{id}","timestamp":"2026-09-01T00:00:0{id}Z"}}"#));
        let body = Body::Memory(lines.join("\n").into_bytes());
        let settings = Settings::defaults(&KIND.access, "acme", Some(url));
        let mut feed = (KIND.import)(&settings, &start, body);
        let Ok(Step::Keep(page)) = feed.next(now) else {
            panic!("no page")
        };
        assert_eq!(page.events.len(), 3);
        assert!(page.covers.is_none() && page.checkpoints.is_empty());
        assert!(matches!(feed.next(now), Ok(Step::Done)));
    }
}
