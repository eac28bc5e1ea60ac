//! Connections that can break off: before an answer, or in the middle of one.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use axum::extract::connect_info::Connected;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use crate::demo::faults::Fault;
use crate::demo::http::Answer;
use crate::event::Timestamp;

/// A listener whose connections can be broken off.
pub(super) struct Door(TcpListener);

/// One connection.
pub(super) struct Connection {
    stream: TcpStream,
    hangup: Hangup,
}

/// Breaks off the connection it belongs to.
#[derive(Debug, Clone, Default)]
pub(super) struct Hangup(Arc<AtomicBool>);

impl Door {
    pub(super) fn open(socket: std::net::TcpListener) -> io::Result<Door> {
        socket.set_nonblocking(true)?;
        Ok(Door(TcpListener::from_std(socket)?))
    }
}

impl Hangup {
    /// Nothing more is sent.
    pub(super) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    fn check(&self) -> io::Result<()> {
        if self.0.load(Ordering::Relaxed) {
            Err(io::ErrorKind::ConnectionAborted.into())
        } else {
            Ok(())
        }
    }
}

/// The answer as it goes out: its length announced, its body in pieces, and not all of it where
/// the fault is a cut.
pub(super) fn response(answer: Answer, now: Timestamp, fault: Option<Fault>) -> Response {
    let length = answer.body.len();
    let body = match fault.and_then(|fault| fault.cut(&answer.body)) {
        Some(sent) => broken(answer.body.slice(..sent)),
        None => Body::from_stream(stream::iter(pieces(answer.body).map(Ok::<_, io::Error>))),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(answer.content_type),
    );
    let date = now.datetime().format("%a, %d %b %Y %H:%M:%S GMT");
    if let Ok(date) = HeaderValue::from_str(&date.to_string()) {
        headers.insert(header::DATE, date);
    }
    headers.insert(header::CONTENT_LENGTH, length.into());
    for (name, value) in answer.headers {
        // A value that is no header's would be the simulator's own mistake: it stays out.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    if let Some(seconds) = answer.retry_after {
        headers.insert(header::RETRY_AFTER, seconds.into());
    }
    response
}

/// The bytes, and then the end of the connection.
fn broken(bytes: Bytes) -> Body {
    let end = stream::once(async {
        // A pause lets the bytes before it be sent: what waits to be sent at an error is lost.
        tokio::time::sleep(Duration::from_millis(5)).await;
        Err(io::Error::from(io::ErrorKind::ConnectionAborted))
    });
    Body::from_stream(stream::iter(pieces(bytes).map(Ok)).chain(end))
}

fn pieces(mut bytes: Bytes) -> impl Iterator<Item = Bytes> + Send {
    const PIECE: usize = 64 << 10;
    std::iter::from_fn(move || {
        let piece = bytes.split_to(bytes.len().min(PIECE));
        (!piece.is_empty()).then_some(piece)
    })
}

impl Listener for Door {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        loop {
            if let Ok((stream, address)) = self.0.accept().await {
                // Small answers need not wait for more; that they might is no harm.
                let _ = stream.set_nodelay(true);
                return (
                    Connection {
                        stream,
                        hangup: Hangup::default(),
                    },
                    address,
                );
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl Connected<IncomingStream<'_, Door>> for Hangup {
    fn connect_info(stream: IncomingStream<'_, Door>) -> Hangup {
        stream.io().hangup.clone()
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        if let Err(error) = self.hangup.check() {
            return Poll::Ready(Err(error));
        }
        Pin::new(&mut self.stream).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
