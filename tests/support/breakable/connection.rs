//! One connection through the proxy.

use std::io;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::{Book, Fault};

/// Passes bytes both ways until either side ends or a fault does.
pub(super) async fn pass(client: TcpStream, server: SocketAddr, book: Arc<Book>) {
    // Whatever ends it, both sides see the end of the connection.
    if let Ok(server) = TcpStream::connect(server).await {
        let mut connection = Connection {
            client,
            server,
            book,
            fault: None,
            turn: Turn::Server,
            passed: 0,
        };
        connection.run().await.ok();
    }
}

struct Connection {
    client: TcpStream,
    server: TcpStream,
    book: Arc<Book>,
    /// What is to go wrong with the answer of this turn.
    fault: Option<Fault>,
    turn: Turn,
    /// Bytes of the answer that went through.
    passed: usize,
}

/// Who spoke last.
#[derive(PartialEq)]
enum Turn {
    Client,
    Server,
}

impl Connection {
    async fn run(&mut self) -> io::Result<()> {
        let (mut asked, mut said) = (vec![0; PIECE], vec![0; PIECE]);
        loop {
            tokio::select! {
                length = self.client.read(&mut asked) => match length? {
                    0 => return Ok(()),
                    length => self.ask(&asked[..length]).await?,
                },
                length = self.server.read(&mut said) => match length? {
                    0 => return Ok(()),
                    length => if self.answer(&said[..length]).await?.is_break() {
                        return Ok(());
                    },
                },
            }
        }
    }

    async fn ask(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.turn == Turn::Server {
            self.turn = Turn::Client;
            self.passed = 0;
            self.fault = self.book.fault(&String::from_utf8_lossy(bytes));
        }
        self.server.write_all(bytes).await
    }

    async fn answer(&mut self, bytes: &[u8]) -> io::Result<ControlFlow<()>> {
        self.turn = Turn::Server;
        let until = match self.fault {
            None => bytes.len(),
            Some(Fault::Throttle(_)) => 0,
            Some(Fault::Cut(after) | Fault::Reset(after) | Fault::Stall(after, _)) => {
                bytes.len().min(after.saturating_sub(self.passed))
            }
        };
        let (before, rest) = bytes.split_at(until);
        self.client.write_all(before).await?;
        let is_first = self.passed == 0;
        self.passed += bytes.len();
        match self.fault {
            Some(fault) if !rest.is_empty() => self.strike(fault, rest, is_first).await,
            _ => Ok(ControlFlow::Continue(())),
        }
    }

    /// Lets the fault happen before the rest goes through, if it does.
    async fn strike(
        &mut self,
        fault: Fault,
        rest: &[u8],
        is_first: bool,
    ) -> io::Result<ControlFlow<()>> {
        match fault {
            Fault::Cut(_) => {
                self.book.strike();
                self.client.shutdown().await?;
                return Ok(ControlFlow::Break(()));
            }
            Fault::Reset(_) => {
                self.book.strike();
                self.client.set_zero_linger()?;
                return Ok(ControlFlow::Break(()));
            }
            Fault::Stall(_, duration) => {
                self.book.strike();
                self.fault = None;
                sleep(duration).await;
                self.client.write_all(rest).await?;
            }
            Fault::Throttle(rate) => {
                if is_first {
                    self.book.strike();
                }
                self.trickle(rest, rate).await?;
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    async fn trickle(&mut self, bytes: &[u8], rate: usize) -> io::Result<()> {
        // Twenty pieces a second.
        for piece in bytes.chunks((rate / 20).max(1)) {
            self.client.write_all(piece).await?;
            let millis = piece.len() * 1000 / rate;
            sleep(Duration::from_millis(millis as u64)).await;
        }
        Ok(())
    }
}

const PIECE: usize = 16 << 10;
