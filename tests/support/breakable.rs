//! A proxy on loopback between a client and a server, which breaks as it is told. It knows no
//! protocol, only that client and server speak by turns: what the server says until the client
//! speaks again is an answer.

mod connection;
#[cfg(test)]
mod tests;

use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, mpsc as replies};
use std::time::Duration;

use tokio::runtime;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

/// The proxy, for as long as this is held.
pub(crate) struct Breakable {
    /// Its root, without a slash at the end: asked in place of the server's.
    pub(crate) url: String,
    book: Arc<Book>,
    orders: mpsc::UnboundedSender<Order>,
}

/// What goes wrong with an answer. One that is no longer than the bytes named comes whole.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Fault {
    /// The connection is closed after so many bytes.
    Cut(usize),
    /// The connection is reset after so many bytes, and some of those may be lost too.
    Reset(usize),
    /// Nothing goes through for so long after so many bytes.
    Stall(usize, Duration),
    /// So many bytes a second go through.
    Throttle(usize),
}

/// Which answers a fault is for, of those to requests that match.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    Always,
    /// Counted from 1.
    Nth(usize),
    /// The first so many.
    First(usize),
    /// The k-th, the 2k-th and so on.
    Every(usize),
}

/// A fault, and the answers it is for.
#[derive(Debug, Clone)]
pub(crate) struct Rule {
    fault: Fault,
    when: When,
    /// What the head of a request holds.
    asked: String,
    matched: usize,
}

/// What the proxy is to do, and what it has seen.
#[derive(Debug, Default)]
struct Book {
    rules: Mutex<Vec<Rule>>,
    asked: Mutex<Vec<String>>,
    struck: Mutex<usize>,
}

/// Whether to take connections from now on; answered when it is so.
type Order = (bool, replies::Sender<()>);

impl Breakable {
    /// A proxy to this server, which is whole until it is told otherwise.
    pub(crate) fn before(server_url: &str) -> Breakable {
        let server = server_url.trim_start_matches("http://").parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let book = Arc::new(Book::default());
        let (orders, taken) = mpsc::unbounded_channel();
        let serving = serve(listener, server, book.clone(), taken);
        // A thread of its own, so that it goes on while a test waits for a process.
        std::thread::spawn(move || {
            let runtime = runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(serving);
        });
        Breakable { url, book, orders }
    }

    /// How it breaks from now on. The first rule that fits an answer decides. Counts begin anew;
    /// connections that are open follow with their next answer.
    pub(crate) fn breaks(&self, rules: impl IntoIterator<Item = Rule>) {
        *self.book.rules.lock().unwrap() = rules.into_iter().collect();
    }

    /// Closes all connections and refuses new ones, or takes them again.
    pub(crate) fn refuses(&self, refuses: bool) {
        let (reply, replied) = replies::channel();
        self.orders.send((!refuses, reply)).unwrap();
        replied.recv().unwrap();
    }

    /// How many answers have met a fault so far.
    pub(crate) fn struck(&self) -> usize {
        *self.book.struck.lock().unwrap()
    }

    /// The first lines of the requests since the last call.
    pub(crate) fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut *self.book.asked.lock().unwrap())
    }
}

impl Fault {
    pub(crate) fn when(self, when: When) -> Rule {
        Rule {
            fault: self,
            when,
            asked: String::new(),
            matched: 0,
        }
    }
}

impl Rule {
    /// Only for answers to requests with this text in their head: in the path, or in a header.
    pub(crate) fn asked(self, text: impl Into<String>) -> Rule {
        Rule {
            asked: text.into(),
            ..self
        }
    }

    /// Whether it is for the answer to this request, which counts if it matches.
    fn fits(&mut self, head: &str) -> bool {
        if !head.contains(&self.asked) {
            return false;
        }
        self.matched += 1;
        match self.when {
            When::Always => true,
            When::Nth(n) => self.matched == n,
            When::First(n) => self.matched <= n,
            When::Every(k) => self.matched.is_multiple_of(k),
        }
    }
}

impl Book {
    /// Takes down a request, and says what is to go wrong with its answer.
    fn fault(&self, head: &str) -> Option<Fault> {
        let line = head.lines().next().unwrap_or_default();
        self.asked.lock().unwrap().push(line.to_owned());
        let mut rules = self.rules.lock().unwrap();
        // Each rule counts, whichever decides.
        let fitting: Vec<Fault> = rules
            .iter_mut()
            .filter_map(|rule| rule.fits(head).then_some(rule.fault))
            .collect();
        fitting.first().copied()
    }

    fn strike(&self) {
        *self.struck.lock().unwrap() += 1;
    }
}

async fn serve(
    listener: TcpListener,
    server: SocketAddr,
    book: Arc<Book>,
    mut orders: mpsc::UnboundedReceiver<Order>,
) {
    let address = listener.local_addr().unwrap();
    listener.set_nonblocking(true).unwrap();
    let mut listener = Some(tokio::net::TcpListener::from_std(listener).unwrap());
    let mut connections = JoinSet::new();
    loop {
        let accepted = async {
            match &listener {
                Some(listener) => listener.accept().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            order = orders.recv() => {
                let Some((accepts, reply)) = order else { return };
                listener = None;
                connections.shutdown().await;
                if accepts {
                    listener = Some(tokio::net::TcpListener::bind(address).await.unwrap());
                }
                reply.send(()).unwrap();
            }
            client = accepted => {
                let (client, _) = client.unwrap();
                connections.spawn(connection::pass(client, server, book.clone()));
            }
        }
    }
}
