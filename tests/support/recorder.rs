//! Hears everything that goes over the wire: what a client sent, and what a vendor answered.

use std::io::{Read, Seek};
use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use trailkeep::feed::Body;
use trailkeep::fetch::wire::http::Http;
use trailkeep::fetch::wire::{Transport, TransportError, WireRequest, WireResponse};
use url::Url;

/// The real transport, overheard.
#[derive(Default)]
pub(crate) struct Recorder {
    http: Http,
    heard: Mutex<Vec<Exchange>>,
}

/// A request, and the answer if there was a whole one.
#[derive(Clone)]
pub(crate) struct Exchange {
    pub(crate) url: Url,
    /// Values of the headers, secret as they are.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The request's body.
    pub(crate) said: String,
    /// Status and body.
    pub(crate) answer: Option<(u16, Arc<[u8]>)>,
}

impl Recorder {
    /// Everything since the last call.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }

    async fn exchange(&self, request: WireRequest) -> Result<WireResponse, TransportError> {
        let headers = request.headers.iter();
        let mut exchange = Exchange {
            url: request.url.clone(),
            headers: headers
                .map(|(name, value)| (*name, value.expose().to_owned()))
                .collect(),
            said: request.body.clone().unwrap_or_default(),
            answer: None,
        };
        let mut result = self.http.send(request).await;
        if let Ok(answer) = &mut result {
            exchange.answer = Some((answer.status, copy(&mut answer.body).into()));
        }
        self.heard.lock().unwrap().push(exchange);
        result
    }
}

impl Transport for Recorder {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>> {
        Box::pin(self.exchange(request))
    }
}

fn copy(body: &mut Body) -> Vec<u8> {
    match body {
        Body::Memory(bytes) => bytes.clone(),
        Body::Disk(file) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            file.rewind().unwrap();
            bytes
        }
        Body::Stream(_) => unreachable!("no transport answers with a user's file"),
    }
}
