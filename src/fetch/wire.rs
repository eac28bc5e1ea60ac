//! What goes over the wire and what comes back: one request, sent once.

pub mod http;
#[cfg(test)]
mod tests;

use std::fmt;
use std::io;
use std::time::Duration;

use futures_util::future::BoxFuture;
use url::Url;

use crate::feed::{Body, BodyLimit, Method};
use crate::fetch::Listener;
use crate::secret::{self, Secret};
use crate::time::describe;

/// Sends a request once, and follows no redirect.
pub trait Transport: Send + Sync {
    /// The answer to one request. Where its status is accepted its body is whole, within the
    /// limit, and at its start; else the body is the beginning of what the vendor says.
    ///
    /// # Errors
    /// No answer came, or not all of it.
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>>;
}

/// A request, complete with everything that proves who asks.
pub struct WireRequest {
    /// `GET` or `POST`.
    pub method: Method,
    /// Where to; may be pre-signed, hence secret.
    pub url: Url,
    /// All headers but those that follow from the body.
    pub headers: Vec<(&'static str, Secret)>,
    /// The body, if any.
    pub body: Option<String>,
    /// See [`crate::feed::Request::statuses`].
    pub statuses: &'static [u16],
    /// Where the body of an accepted answer goes and how large it may be, once decoded.
    pub body_limit: BodyLimit,
    /// Whether the vendor may compress the answer. If not, it is kept just as it comes, though
    /// it may say that it is compressed: so a stored `.gz` stays what it is.
    pub gzip: bool,
    /// Hears how many bytes have come.
    pub listener: Option<Listener>,
}

/// An answer.
#[derive(Debug)]
pub struct WireResponse {
    /// HTTP status.
    pub status: u16,
    /// `Content-Type`, in lower case, without parameters; empty where there is none.
    pub content_type: String,
    /// `Retry-After`, as it came.
    pub retry_after: Option<String>,
    /// `Date`, as it came; none where the answer is from a cache, whose date is an old one.
    pub date: Option<String>,
    /// `Location`, as it came; may be secret.
    pub location: Option<Secret>,
    /// The body: see [`Transport::send`].
    pub body: Body,
}

impl WireRequest {
    /// Whether an answer of that status is an answer to this request: 2xx, or one that the feed
    /// reads itself. 206 is none, for nobody asked for a part.
    pub fn accepts(&self, status: u16) -> bool {
        accepts(self.statuses, status)
    }
}

/// See [`WireRequest::accepts`].
pub(super) fn accepts(statuses: &[u16], status: u16) -> bool {
    ((200..300).contains(&status) && status != 206) || statuses.contains(&status)
}

/// Nothing but where to: URL, headers and body may all hold secrets.
impl fmt::Debug for WireRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = host_of(&self.url);
        write!(f, "WireRequest({:?} to {host})", self.method)
    }
}

/// Whether secrets may be sent there: over TLS, or without leaving the machine.
///
/// # Errors
/// They may not; the error names the host.
pub fn check_secure(url: &Url) -> Result<(), TransportError> {
    if secret::may_go_to(url) {
        Ok(())
    } else {
        Err(TransportError::Insecure { host: host_of(url) })
    }
}

/// The host's name, and the port where it is not the scheme's own.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or("(no host)");
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Why there is no whole answer.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// There is no such host, or it does not answer.
    #[error("no connection: {0}")]
    Connect(String),
    /// The host does not prove who it is.
    #[error("the certificate is not accepted: {0}")]
    Certificate(String),
    /// TLS cannot be set up on this machine.
    #[error("TLS cannot be set up: {0}")]
    Tls(String),
    /// Nothing came for that long.
    #[error("nothing came for {}", describe(*.0))]
    Silent(Duration),
    /// It took longer than it may as a whole.
    #[error("it took longer than {}", describe(*.0))]
    Slow(Duration),
    /// The answer broke off, or differs from what was announced.
    #[error("the answer is cut short: {0}")]
    Cut(String),
    /// The connection broke, or what came is no HTTP.
    #[error("the connection broke: {0}")]
    Broken(String),
    /// The answer is encoded in a way that was not asked for.
    #[error("the answer comes in an unknown encoding")]
    Encoding,
    /// The answer is too large.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge {
        /// Most bytes it may have.
        limit: u64,
    },
    /// The answer cannot be written to a temporary file.
    #[error("the answer cannot be written to a temporary file: {0}")]
    Storage(io::Error),
    /// A header would hold what no header can, such as a token with a line break in it.
    #[error("the header `{0}` would hold characters that HTTP does not allow")]
    Header(&'static str),
    /// Secrets would cross the network in the clear.
    #[error("{host} is not asked over http, for secrets would be readable on the way")]
    Insecure {
        /// The host.
        host: String,
    },
    /// The answer leads to another host, or is a redirect of a request that cannot be repeated
    /// there.
    #[error("the answer redirects to {host}")]
    Redirected {
        /// That host.
        host: String,
    },
    /// The answer leads from place to place.
    #[error("the answer redirects more than {0} times")]
    Redirects(usize),
}

impl TransportError {
    /// Whether the next attempt may do better.
    pub fn is_retryable(&self) -> bool {
        matches!(
            self,
            TransportError::Connect(_)
                | TransportError::Silent(_)
                | TransportError::Slow(_)
                | TransportError::Cut(_)
                | TransportError::Broken(_)
        )
    }

    /// Whether it is certain that the vendor never got the request.
    pub fn is_unsent(&self) -> bool {
        matches!(
            self,
            TransportError::Connect(_)
                | TransportError::Certificate(_)
                | TransportError::Tls(_)
                | TransportError::Header(_)
                | TransportError::Insecure { .. }
        )
    }
}
