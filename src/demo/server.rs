//! The vendors on loopback, each on a port of its own.

mod connection;
mod credentials;
mod objects;

#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::io;
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::Response;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::event::Timestamp;

use super::aws::{self, Aws, AwsOptions};
use super::faults::{Fault, Faults, Schedule, too_many};
use super::http::{Answer, Call, Requested};
use super::safe::{self, Safe, SafeOptions};
use super::sendsafely::{self, SendSafely, SendSafelyOptions};
use super::world::World;
use connection::{Door, Hangup};

pub(super) use credentials::CREDENTIALS;
pub use credentials::Credentials;

/// The simulated vendors, serving until they are stopped or dropped.
pub struct Vendors {
    shared: Arc<Shared>,
    urls: [String; 3],
    stop: watch::Sender<bool>,
    servers: Vec<JoinHandle<()>>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Vendor {
    /// SAFE.
    Safe,
    /// SendSafely.
    SendSafely,
    /// AWS, where both leave logs: S3 and CloudWatch Logs.
    Aws,
}

/// How the vendors behave where their documents leave it open.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// SAFE.
    pub safe: SafeOptions,
    /// SendSafely.
    pub sendsafely: SendSafelyOptions,
    /// AWS.
    pub aws: AwsOptions,
    /// Above this rate SAFE and SendSafely answer 429; no limit, if none. AWS has limits of its
    /// own.
    pub limit: Option<Limit>,
}

/// How many requests a vendor takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Most requests within any 60 seconds of the vendors' clock.
    pub per_minute: usize,
    /// The seconds that its 429 names in `Retry-After`.
    pub retry_after: Option<u32>,
}

type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

struct Shared {
    world: Mutex<World>,
    clock: Mutex<Clock>,
    safe: Mutex<Safe>,
    sendsafely: SendSafely,
    aws: Mutex<Aws>,
    limit: Option<Limit>,
    requests: Mutex<Vec<Requested>>,
    desks: [Mutex<Desk>; 3],
}

/// What is kept for each vendor of the requests so far.
#[derive(Default)]
struct Desk {
    faults: Schedule,
    recent: VecDeque<Timestamp>,
}

impl Vendors {
    /// Serves this world on three ports of 127.0.0.1, within the tokio runtime of the caller. The
    /// vendors' clock stands at the end of the world until it is set otherwise.
    ///
    /// # Errors
    /// No port can be had.
    ///
    /// # Panics
    /// Outside of a tokio runtime.
    pub fn start(world: World, options: Options) -> io::Result<Vendors> {
        let bind = || TcpListener::bind("127.0.0.1:0");
        let sockets = [bind()?, bind()?, bind()?];
        let [safe, sendsafely, aws] = &sockets;
        let urls = [url(safe)?, url(sendsafely)?, url(aws)?];
        let shared = Arc::new(Shared::new(world, options, urls[0].clone()));
        let (stop, stopped) = watch::channel(false);
        let mut servers = Vec::new();
        let vendors = [Vendor::Safe, Vendor::SendSafely, Vendor::Aws];
        for (vendor, socket) in vendors.into_iter().zip(sockets) {
            let site = Site {
                vendor,
                shared: shared.clone(),
            };
            servers.push(tokio::spawn(serve(
                Door::open(socket)?,
                site,
                stopped.clone(),
            )));
        }
        Ok(Vendors {
            shared,
            urls,
            stop,
            servers,
        })
    }

    /// The root of SAFE: `http://127.0.0.1:port`.
    pub fn safe_url(&self) -> &str {
        &self.urls[0]
    }

    /// The root of SendSafely: `http://127.0.0.1:port`.
    pub fn sendsafely_url(&self) -> &str {
        &self.urls[1]
    }

    /// The root of S3 and of CloudWatch Logs: `http://127.0.0.1:port`. Buckets are the first
    /// part of the path.
    pub fn aws_url(&self) -> &str {
        &self.urls[2]
    }

    /// What they let in.
    pub fn credentials(&self) -> Credentials {
        CREDENTIALS
    }

    /// Every request so far, in the order in which they were answered.
    pub fn requests(&self) -> Vec<Requested> {
        lock(&self.shared.requests).clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        lock(&self.shared.requests).clear();
    }

    /// Lets requests go wrong from now on. The schedule begins anew.
    pub fn set_faults(&self, faults: &Faults) {
        for desk in &self.shared.desks {
            lock(desk).faults = Schedule::new(faults.clone());
        }
    }

    /// Stops the vendors' clock at this moment.
    pub fn set_now(&self, now: Timestamp) {
        self.set_clock(move || now);
    }

    /// Lets the vendors' clock go as this one does.
    pub fn set_clock(&self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) {
        *lock(&self.shared.clock) = Arc::new(clock);
    }

    /// The vendors' time.
    pub fn now(&self) -> Timestamp {
        self.shared.now()
    }

    /// The world. No request is answered while it is held.
    pub fn world(&self) -> MutexGuard<'_, World> {
        lock(&self.shared.world)
    }

    /// Stops serving, once the requests under way are answered.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        for server in std::mem::take(&mut self.servers) {
            // A server that ended already has stopped as well.
            let _ = server.await;
        }
    }
}

impl Drop for Vendors {
    fn drop(&mut self) {
        self.stop.send_replace(true);
        self.servers.iter().for_each(JoinHandle::abort);
    }
}

impl Shared {
    fn new(world: World, options: Options, safe_url: String) -> Shared {
        let now = world.until();
        let safe = Safe::new(
            options.safe,
            CREDENTIALS.username,
            CREDENTIALS.password,
            safe_url,
        );
        Shared {
            clock: Mutex::new(Arc::new(move || now)),
            safe: Mutex::new(safe),
            sendsafely: SendSafely::new(
                options.sendsafely,
                CREDENTIALS.api_key,
                CREDENTIALS.api_secret,
            ),
            aws: Mutex::new(Aws::new(options.aws)),
            limit: options.limit,
            world: Mutex::new(world),
            requests: Mutex::default(),
            desks: Default::default(),
        }
    }

    fn now(&self) -> Timestamp {
        let clock = lock(&self.clock).clone();
        clock()
    }
}

/// One vendor's place.
#[derive(Clone)]
struct Site {
    vendor: Vendor,
    shared: Arc<Shared>,
}

async fn serve(door: Door, site: Site, mut stopped: watch::Receiver<bool>) {
    let service = Router::new().fallback(answer).with_state(site);
    let service = service.into_make_service_with_connect_info::<Hangup>();
    let stop = async move {
        // An error means that the vendors were dropped.
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    // Serving never ends in an error: the listener takes care of its own.
    let _ = axum::serve(door, service)
        .with_graceful_shutdown(stop)
        .await;
}

async fn answer(
    State(site): State<Site>,
    ConnectInfo(hangup): ConnectInfo<Hangup>,
    request: Request,
) -> Response {
    let Some(call) = read(request).await else {
        hangup.now();
        return Response::new(Body::empty());
    };
    let fault = site.fault(&call);
    if let Some(Fault::Stall(duration)) = fault {
        tokio::time::sleep(duration).await;
    }
    let answer = site.answer(&call, fault);
    site.note(&call, &answer, fault);
    if fault == Some(Fault::Drop) {
        hangup.now();
    }
    connection::response(answer, site.shared.now(), fault)
}

/// The request with its body; none where the client breaks off, or sends more than a client has
/// reason to.
async fn read(request: Request) -> Option<Call> {
    const BODY_BYTES_MAX: usize = 1 << 20;
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, BODY_BYTES_MAX).await.ok()?;
    Some(Call {
        method: parts.method.as_str().to_owned(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or("").to_owned(),
        headers: parts.headers,
        body,
    })
}

impl Site {
    fn fault(&self, call: &Call) -> Option<Fault> {
        let purpose = self.purpose(call);
        lock(self.desk()).faults.next(purpose)
    }

    fn answer(&self, call: &Call, fault: Option<Fault>) -> Answer {
        let now = self.shared.now();
        if let Some(answer) = fault.and_then(|fault| fault.instead(self.purpose(call))) {
            return answer;
        }
        if let Some(answer) = self.too_many(now) {
            return answer;
        }
        let world = lock(&self.shared.world);
        match self.vendor {
            Vendor::SendSafely => self.shared.sendsafely.answer(call, &world, now),
            Vendor::Aws => lock(&self.shared.aws).answer(call, &world, now),
            Vendor::Safe => {
                let mut safe = lock(&self.shared.safe);
                if fault == Some(Fault::ExpiredLink) {
                    safe.expire(call, now);
                }
                safe.answer(call, &world, now)
            }
        }
    }

    /// What a request above the limit is answered.
    fn too_many(&self, now: Timestamp) -> Option<Answer> {
        let limit = self.shared.limit.filter(|_| self.vendor != Vendor::Aws)?;
        let mut desk = lock(self.desk());
        desk.recent.retain(|at| now.millis() - at.millis() < 60_000);
        if desk.recent.len() >= limit.per_minute {
            return Some(too_many(limit.retry_after, None));
        }
        desk.recent.push_back(now);
        None
    }

    fn note(&self, call: &Call, answer: &Answer, fault: Option<Fault>) {
        let requested = Requested {
            vendor: self.vendor,
            at: self.shared.now(),
            method: call.method.clone(),
            path: call.path.clone(),
            purpose: self.purpose(call),
            status: if fault == Some(Fault::Drop) {
                0
            } else {
                answer.status
            },
            fault,
        };
        lock(&self.shared.requests).push(requested);
    }

    fn purpose(&self, call: &Call) -> super::Purpose {
        match self.vendor {
            Vendor::Safe => safe::purpose(call),
            Vendor::SendSafely => sendsafely::purpose(call),
            Vendor::Aws => aws::purpose(call),
        }
    }

    fn desk(&self) -> &Mutex<Desk> {
        let [safe, sendsafely, aws] = &self.shared.desks;
        match self.vendor {
            Vendor::Safe => safe,
            Vendor::SendSafely => sendsafely,
            Vendor::Aws => aws,
        }
    }
}

fn url(socket: &TcpListener) -> io::Result<String> {
    Ok(format!("http://{}", socket.local_addr()?))
}

/// Nothing here is left half done by a panic, so a poisoned lock is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
