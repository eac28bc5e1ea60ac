//! The one real transport: HTTP/1.1 and HTTP/2 over TLS, or in the clear on loopback.

use std::error::Error as _;
use std::io::{self, Read, Seek};
use std::sync::OnceLock;
use std::time::Duration;

use flate2::read::MultiGzDecoder;
use futures_util::future::BoxFuture;
use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder, Version};
use tokio::io::AsyncWriteExt;
use url::Url;

use super::{Transport, TransportError, WireRequest, WireResponse, check_secure};
use crate::feed::{Body, BodyLimit, Method};
use crate::fetch::Progress;
use crate::secret::Secret;

/// HTTP by way of reqwest.
#[derive(Debug, Default)]
pub struct Http {
    timeouts: Timeouts,
    /// For `https`: made when first needed, for on a machine without root certificates it cannot
    /// be, and loopback needs none.
    secure: OnceLock<Result<Client, String>>,
    /// For `http` to loopback; knows no proxy.
    loopback: OnceLock<Result<Client, String>>,
}

/// How long to wait for what.
#[derive(Debug, Clone, Copy)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes.
    pub idle: Duration,
    /// For a whole answer that is held in memory.
    pub memory: Duration,
    /// For a whole answer that is streamed to disk: 1 GB at 5 Mbit/s takes 27 minutes.
    pub disk: Duration,
}

impl Default for Timeouts {
    fn default() -> Timeouts {
        Timeouts {
            connect: Duration::from_secs(10),
            idle: Duration::from_secs(60),
            memory: Duration::from_secs(5 * 60),
            disk: Duration::from_secs(30 * 60),
        }
    }
}

impl Http {
    /// A transport with timeouts of its own.
    pub fn new(timeouts: Timeouts) -> Http {
        Http {
            timeouts,
            ..Http::default()
        }
    }

    async fn exchange(&self, request: WireRequest) -> Result<WireResponse, TransportError> {
        let sent = self.build(&request)?.send().await;
        let response = sent.map_err(|error| self.not_sent(&error))?;
        let status = response.status().as_u16();
        let head = response.headers();
        let content_type = text(head, header::CONTENT_TYPE).unwrap_or_default();
        let content_type = content_type.split(';').next().unwrap_or_default();
        Ok(WireResponse {
            status,
            content_type: content_type.trim().to_ascii_lowercase(),
            retry_after: text(head, header::RETRY_AFTER),
            date: text(head, header::DATE).filter(|_| !head.contains_key(header::AGE)),
            location: text(head, header::LOCATION).map(Secret::new),
            body: if request.accepts(status) {
                self.whole(response, &request).await?
            } else {
                beginning(response).await
            },
        })
    }

    fn build(&self, request: &WireRequest) -> Result<RequestBuilder, TransportError> {
        check_secure(&request.url)?;
        let client = self.client(&request.url)?;
        let builder = match request.method {
            Method::Get => client.get(request.url.clone()),
            Method::Post => client.post(request.url.clone()),
        };
        let encoding = if request.gzip { "gzip" } else { "identity" };
        let mut builder = builder.header(header::ACCEPT_ENCODING, encoding);
        let says_type = |(name, _): &(&str, Secret)| *name == "content-type";
        if request.body.is_some() && !request.headers.iter().any(says_type) {
            builder = builder.header(header::CONTENT_TYPE, "application/json");
        }
        for (name, value) in &request.headers {
            let (name, value) = sensitive(name, value)?;
            builder = builder.header(name, value);
        }
        Ok(match &request.body {
            Some(body) => builder.body(body.clone()),
            None => builder,
        })
    }

    fn client(&self, url: &Url) -> Result<&Client, TransportError> {
        let client = if url.scheme() == "https" {
            self.secure
                .get_or_init(|| build(self.builder().https_only(true)))
        } else {
            self.loopback
                .get_or_init(|| build(self.builder().no_proxy().tls_certs_only([])))
        };
        client
            .as_ref()
            .map_err(|why| TransportError::Tls(why.clone()))
    }

    /// Redirects are followed by [`crate::fetch::Fetch`], which knows what may be sent where.
    fn builder(&self) -> ClientBuilder {
        Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(self.timeouts.connect)
            .read_timeout(self.timeouts.idle)
            .user_agent(concat!("trailkeep/", env!("CARGO_PKG_VERSION")))
            .no_gzip()
    }

    /// The whole body of an accepted answer.
    async fn whole(
        &self,
        mut response: reqwest::Response,
        request: &WireRequest,
    ) -> Result<Body, TransportError> {
        let framing = Framing::of(&response)?;
        let decode = request.gzip && is_encoded(&response)?;
        let mut sink = Sink::open(request.body_limit)?;
        let limit = limit_of(request.body_limit);
        let mut received: u64 = 0;
        loop {
            let chunk = response.chunk().await;
            let Some(chunk) = chunk.map_err(|error| self.not_whole(&error, received, &framing))?
            else {
                break;
            };
            received = received.saturating_add(chunk.len() as u64);
            if received > limit {
                return Err(TransportError::TooLarge { limit });
            }
            sink.write(&chunk).await?;
            if let Some(listener) = &request.listener {
                listener(Progress::Bytes(received));
            }
        }
        framing.check(received)?;
        match sink.close().await? {
            Body::Memory(bytes) if decode => gunzip(&bytes, limit).map(Body::Memory),
            body => Ok(body),
        }
    }

    fn not_sent(&self, error: &reqwest::Error) -> TransportError {
        let why = cause(error);
        // A certificate is as bad the next time.
        if why.contains("certificate") {
            TransportError::Certificate(why)
        } else if error.is_connect() {
            TransportError::Connect(why)
        } else if error.is_timeout() {
            TransportError::Silent(self.timeouts.idle)
        } else {
            TransportError::Broken(why)
        }
    }

    fn not_whole(
        &self,
        error: &reqwest::Error,
        received: u64,
        framing: &Framing,
    ) -> TransportError {
        if error.is_timeout() {
            return TransportError::Silent(self.timeouts.idle);
        }
        let of = match framing {
            Framing::Length(length) => format!(" of {length}"),
            Framing::Marked => String::new(),
        };
        TransportError::Cut(format!("{received}{of} bytes came ({})", cause(error)))
    }
}

impl Transport for Http {
    fn send(&self, request: WireRequest) -> BoxFuture<'_, Result<WireResponse, TransportError>> {
        let limit = match request.body_limit {
            BodyLimit::Memory(_) => self.timeouts.memory,
            BodyLimit::Disk(_) => self.timeouts.disk,
        };
        Box::pin(async move {
            let answer = tokio::time::timeout(limit, self.exchange(request)).await;
            answer.unwrap_or(Err(TransportError::Slow(limit)))
        })
    }
}

/// How an answer tells where it ends.
enum Framing {
    /// It names its length.
    Length(u64),
    /// Its end is marked: by a last chunk, by HTTP/2, by TLS.
    Marked,
}

impl Framing {
    /// An answer in the clear that goes on until the connection ends could have been cut
    /// anywhere, and nobody would know.
    fn of(response: &reqwest::Response) -> Result<Framing, TransportError> {
        let head = response.headers();
        if head.contains_key(header::TRANSFER_ENCODING) {
            return Ok(Framing::Marked);
        }
        if let Some(length) = text(head, header::CONTENT_LENGTH).and_then(|n| n.parse().ok()) {
            return Ok(Framing::Length(length));
        }
        let empty = matches!(response.status().as_u16(), 204 | 304);
        let marked = response.version() >= Version::HTTP_2 || response.url().scheme() == "https";
        if empty || marked {
            Ok(Framing::Marked)
        } else {
            Err(TransportError::Cut("nothing says where it ends".to_owned()))
        }
    }

    fn check(&self, received: u64) -> Result<(), TransportError> {
        match self {
            Framing::Length(length) if *length != received => Err(TransportError::Cut(format!(
                "{received} of {length} bytes came"
            ))),
            Framing::Length(_) | Framing::Marked => Ok(()),
        }
    }
}

/// Where a body goes.
enum Sink {
    Memory(Vec<u8>),
    Disk(tokio::fs::File),
}

impl Sink {
    fn open(limit: BodyLimit) -> Result<Sink, TransportError> {
        Ok(match limit {
            BodyLimit::Memory(_) => Sink::Memory(Vec::new()),
            BodyLimit::Disk(_) => {
                let file = tempfile::tempfile().map_err(TransportError::Storage)?;
                Sink::Disk(tokio::fs::File::from_std(file))
            }
        })
    }

    async fn write(&mut self, chunk: &[u8]) -> Result<(), TransportError> {
        match self {
            Sink::Memory(bytes) => bytes.extend_from_slice(chunk),
            Sink::Disk(file) => file
                .write_all(chunk)
                .await
                .map_err(TransportError::Storage)?,
        }
        Ok(())
    }

    async fn close(self) -> Result<Body, TransportError> {
        match self {
            Sink::Memory(bytes) => Ok(Body::Memory(bytes)),
            Sink::Disk(file) => rewound(file).await.map_err(TransportError::Storage),
        }
    }
}

async fn rewound(mut file: tokio::fs::File) -> io::Result<Body> {
    file.flush().await?;
    let mut file = file.into_std().await;
    file.rewind()?;
    Ok(Body::Disk(file))
}

/// What there is of the beginning of an answer that is an error: enough for the vendor's words.
async fn beginning(mut response: reqwest::Response) -> Body {
    let encoded = is_encoded(&response).unwrap_or(false);
    let mut bytes = Vec::new();
    while bytes.len() < ERROR_BYTES_MAX
        && let Ok(Some(chunk)) = response.chunk().await
    {
        bytes.extend_from_slice(&chunk);
    }
    bytes.truncate(ERROR_BYTES_MAX);
    if encoded {
        let mut decoded = Vec::new();
        let reader = MultiGzDecoder::new(bytes.as_slice());
        // What could be decoded before the cut is what there is to read.
        let _cut = reader
            .take(ERROR_BYTES_MAX as u64)
            .read_to_end(&mut decoded);
        bytes = decoded;
    }
    Body::Memory(bytes)
}

/// Most bytes of an error answer that are read.
const ERROR_BYTES_MAX: usize = 64 << 10;

fn is_encoded(response: &reqwest::Response) -> Result<bool, TransportError> {
    let encoding = text(response.headers(), header::CONTENT_ENCODING).unwrap_or_default();
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(false),
        "gzip" | "x-gzip" => Ok(true),
        _ => Err(TransportError::Encoding),
    }
}

fn gunzip(bytes: &[u8], limit: u64) -> Result<Vec<u8>, TransportError> {
    let mut decoded = Vec::new();
    // An answer without a body says that it is compressed, too.
    if bytes.is_empty() {
        return Ok(decoded);
    }
    let mut reader = MultiGzDecoder::new(bytes).take(limit.saturating_add(1));
    let read = reader.read_to_end(&mut decoded);
    read.map_err(|error| TransportError::Cut(format!("it cannot be decompressed: {error}")))?;
    if decoded.len() as u64 > limit {
        return Err(TransportError::TooLarge { limit });
    }
    Ok(decoded)
}

fn limit_of(limit: BodyLimit) -> u64 {
    match limit {
        BodyLimit::Memory(bytes) | BodyLimit::Disk(bytes) => bytes,
    }
}

fn build(builder: ClientBuilder) -> Result<Client, String> {
    builder.build().map_err(|error| cause(&error))
}

fn sensitive(
    name: &'static str,
    value: &Secret,
) -> Result<(HeaderName, HeaderValue), TransportError> {
    let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| TransportError::Header(name))?;
    let value = HeaderValue::from_str(value.expose());
    let mut value = value.map_err(|_| TransportError::Header(name))?;
    value.set_sensitive(true);
    Ok((key, value))
}

fn text(head: &HeaderMap, name: HeaderName) -> Option<String> {
    let value = head.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// The innermost cause in words. What reqwest itself says is left out, for it names the URL.
fn cause(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    cause.map_or_else(|| "no cause is known".to_owned(), ToString::to_string)
}
