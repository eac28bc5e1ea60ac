//! SendSafely: the audit log of a portal.

pub mod listing;

use crate::feed::{Body, Credentials, Feed, FeedError, Request, Response, Start};
use crate::kind::{Check, Kind, Settings, SettingsError};

/// The kind `sendsafely`.
pub const KIND: Kind = Kind {
    name: "sendsafely",
    title: "SendSafely",
    about: "the audit log of a SendSafely portal",
    settings: &[],
    url_example: "https://acme.sendsafely.com",
    feeds: &[],
    credentials,
    check: Check {
        request: || Request::get("/api/v2.0/user/", "user"),
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
