//! Requests, until they are answered or given up. Nothing else in trailkeep talks to a network.

mod answers;
mod auth;
mod aws;
mod call;
pub mod clock;
pub mod code;
pub mod error;
pub mod hook;
#[cfg(test)]
mod liar;
pub mod limit;
mod message;
mod received;
pub mod retry;
mod sender;
pub mod skew;
#[cfg(test)]
mod tests;
pub mod width;
pub mod wire;

use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::feed::{Body, Credentials, Request, Response};
pub use answers::Answers;
use clock::Clock;
pub use error::FetchError;
use limit::Limits;
use received::Received;
use sender::Sender;
use wire::{Transport, WireResponse};

/// Sends the requests of one feed: with the source's credentials, no faster than allowed, and
/// again where it may help.
pub struct Fetch {
    sender: Arc<Sender>,
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
    /// So many bytes of an answer's body have come. Not told of requests side by side.
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
        let sender = Sender::new(
            transport,
            clock,
            limits,
            base,
            credentials,
            requests_per_minute,
        );
        Fetch {
            sender: Arc::new(sender),
            received: Received::default(),
        }
    }

    /// The same, heard by `listener`; of several, by the first that is given.
    #[must_use]
    pub fn heard_by(self, listener: Listener) -> Fetch {
        self.sender.be_heard_by(listener);
        self
    }

    /// The answer to a request, whole.
    ///
    /// # Errors
    /// It was refused, given up, or cannot be asked at all.
    pub async fn send(&mut self, request: &Request) -> Result<Response, FetchError> {
        let answer = self.sender.ask(request, false).await?;
        self.hand_out(answer).await
    }

    /// Sends requests side by side, as many at once as the vendor bears ([`width`]), and hands
    /// their answers out in the order of the requests: see [`Answers::next`].
    pub fn send_all(&mut self, requests: Vec<Request>) -> Answers<'_> {
        Answers::new(self, requests)
    }

    /// How many bytes the bodies of all answers handed out so far had, and the SHA-256 of them,
    /// one after another.
    pub fn received(&self) -> (u64, [u8; 32]) {
        self.received.so_far()
    }

    async fn hand_out(&mut self, answer: WireResponse) -> Result<Response, FetchError> {
        Ok(Response {
            status: answer.status,
            content_type: answer.content_type,
            body: self.received.take(answer.body).await?,
        })
    }
}

/// The body of an answer that is held in memory.
fn memory(body: &Body) -> &[u8] {
    match body {
        Body::Memory(bytes) => bytes,
        Body::Disk(_) | Body::Stream(_) => b"",
    }
}
