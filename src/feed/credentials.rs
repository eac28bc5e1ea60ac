//! How requests prove who asks: what a kind says, and fetch does.

use std::time::Duration;

use crate::event::Timestamp;
use crate::secret::Secret;

/// How requests to a source prove who asks. Built by a kind, applied when a request is sent.
#[derive(Clone)]
pub enum Credentials {
    /// `Authorization: Bearer` with a token the user gave.
    Token(Secret),
    /// Sign in with username and password, then `Authorization: Bearer` with what came back.
    SignIn(SignIn),
    /// Sign each request anew at every attempt.
    Signed(Signed),
    /// `Authorization: Basic` with every request.
    Basic(Basic),
    /// Sign each request as AWS wants it (Signature Version 4).
    Aws(Box<Aws>),
}

/// Username and password that go with every request.
#[derive(Clone)]
pub struct Basic {
    /// Who.
    pub username: Secret,
    /// With what.
    pub password: Secret,
}

/// How requests to AWS, or to a store that speaks its language, are signed. AWS signs the path with
/// all but letters, digits and `-._~/` percent-encoded: for `s3`, a request's path must be so.
#[derive(Clone)]
pub struct Aws {
    /// The service a signature is for: `s3`, `logs`.
    pub service: &'static str,
    /// The region a signature is for.
    pub region: String,
    /// The keys the user gave; where there are none, AWS's standard chain finds them: environment,
    /// profiles, SSO, web identity, container and instance roles.
    pub keys: Option<AwsKeys>,
    /// Which profile of the shared config files the chain goes by, instead of the default.
    pub profile: Option<String>,
    /// The role that is taken on with what the keys or the chain give.
    pub role: Option<AwsRole>,
}

/// Keys to AWS.
#[derive(Clone)]
pub struct AwsKeys {
    /// Names the key.
    pub access_key_id: Secret,
    /// Makes the signature.
    pub secret_access_key: Secret,
    /// Goes with keys that do not last.
    pub session_token: Option<Secret>,
}

/// A role to take on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsRole {
    /// Its name: `arn:aws:iam::123456789012:role/audit-reader`.
    pub arn: String,
    /// What its owner agreed on with those who take it on, against confused deputies.
    pub external_id: Option<String>,
    /// Where the role is asked for; by default AWS's own address for the region.
    pub endpoint: Option<String>,
}

/// Signing in for a token.
#[derive(Clone)]
pub struct SignIn {
    /// Who.
    pub username: Secret,
    /// With what.
    pub password: Secret,
    /// The ways to sign in, first the preferred; the next is tried where the vendor answers that
    /// one does not exist (404, 405, or something that is no JSON).
    pub ways: &'static [SignInWay],
    /// Reads the token out of a successful answer's body.
    pub read: fn(&[u8]) -> Option<Token>,
}

/// One way to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInWay {
    /// `POST` to this path with `Authorization: Basic` and no body.
    Basic(&'static str),
    /// `POST` to this path with a JSON body of `username` and `password`.
    Json(&'static str),
}

/// A token and how long it lasts.
#[derive(Debug, Clone)]
pub struct Token {
    /// The bearer token.
    pub token: Secret,
    /// Its life from the moment it was given.
    pub lasts: Duration,
}

/// Signing each request.
#[derive(Clone)]
pub struct Signed {
    /// Names the key.
    pub key: Secret,
    /// Makes the signature.
    pub secret: Secret,
    /// The headers that sign a request: (name, value) pairs.
    pub headers: fn(&SignedRequest<'_>) -> Vec<(&'static str, String)>,
}

/// What a signature is made of.
pub struct SignedRequest<'a> {
    /// Names the key.
    pub key: &'a str,
    /// Makes the signature.
    pub secret: &'a str,
    /// The path from the host's root, without the query.
    pub path: &'a str,
    /// The body exactly as sent; empty where there is none.
    pub body: &'a str,
    /// The moment of this attempt.
    pub now: Timestamp,
}
