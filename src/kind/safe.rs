//! SAFE (safeone.ai): audit reports and the user list.

pub mod export;

use crate::feed::{Body, Credentials, Feed, FeedError, Request, Response, Start};
use crate::kind::{Check, Kind, Settings, SettingsError};

/// The kind `safe`.
pub const KIND: Kind = Kind {
    name: "safe",
    title: "SAFE",
    about: "audit reports and users of a SAFE tenant",
    settings: &[],
    url_example: "https://us.safeone.ai",
    feeds: &[],
    credentials,
    check: Check {
        request: || Request::get("/api/v3/users?page=1&pagelen=1", "users"),
        read: check,
    },
    import,
    requests_per_minute: 600,
};

fn credentials(settings: &Settings) -> Result<Credentials, SettingsError> {
    settings
        .secret("token")
        .map(|token| Credentials::Token(token.clone()))
}

fn check(_answer: Response) -> Result<String, FeedError> {
    unimplemented!()
}

fn import(_settings: &Settings, _start: &Start, _body: Body) -> Box<dyn Feed> {
    unimplemented!()
}
