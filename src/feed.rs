//! The seam between vendors and the rest: a feed turns a checkpoint into requests, and responses
//! into pages. It does no I/O, keeps no clock and sees no secret.
//!
//! Whoever drives a feed asks [`Feed::next`] what to do, does it, hands answers to
//! [`Feed::read`], and asks again, until the feed says [`Step::Done`].

mod credentials;

use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::time::Duration;

use crate::event::{Checkpoint, Object, Page, Period, Timestamp};
use crate::secret::Secret;

pub use credentials::{
    Aws, AwsKeys, AwsRole, Basic, Credentials, SignIn, SignInWay, Signed, SignedRequest, Token,
};

/// One pass over one way of pulling a source.
pub trait Feed: Send {
    /// What to do next. `now` is the moment of the call, for windows and grace periods.
    ///
    /// # Errors
    /// The feed cannot go on: what the vendor said, or what was not understood of it.
    fn next(&mut self, now: Timestamp) -> Result<Step, FeedError>;

    /// Takes in the answer to the last [`Step::Ask`]. `now` is the moment it was complete.
    ///
    /// # Errors
    /// As for [`Feed::next`].
    fn read(&mut self, answer: Response, now: Timestamp) -> Result<(), FeedError>;

    /// Hears that the last [`Step::Ask`] was given up, with which the pass ends. The vendor may
    /// have taken the request all the same, or it certainly has not. What is returned is
    /// archived, for the next pass to know.
    fn given_up(&mut self, _may_be_taken: bool, _now: Timestamp) -> Option<Page> {
        None
    }

    /// Hears which objects of the last [`Step::Sift`] are not archived yet, in their order.
    fn sifted(&mut self, _new: Vec<Object>) {}
}

/// What a feed wants done.
#[derive(Debug)]
pub enum Step {
    /// Send this, and hand the answer to [`Feed::read`]. Every page kept so far is in the
    /// archive before the request goes out.
    Ask(Request),
    /// Send these side by side, as many at once as the vendor bears, and hand each answer to
    /// [`Feed::read`], in the order of the requests. Otherwise like [`Step::Ask`].
    AskAll(Vec<Request>),
    /// Say which of these objects are not archived yet: [`Feed::sifted`].
    Sift(Vec<Object>),
    /// Call again after this long.
    Wait(Duration),
    /// Keep this in the archive.
    Keep(Box<Page>),
    /// The pass is over; everything there was has been kept.
    Done,
}

/// What a feed knows when a pass begins.
#[derive(Debug, Clone)]
pub struct Start {
    /// Name of the source, for error texts.
    pub source: String,
    /// The moment the pass begins.
    pub now: Timestamp,
    /// Where the last pass left off; none on the first.
    pub checkpoints: Vec<Checkpoint>,
    /// The stretches that are to be read, oldest first; they do not touch. None for a file.
    pub reads: Vec<Period>,
    /// What the user says that a file covers.
    pub covers: Option<Period>,
    /// The user asks for everything since then, though it may be in the archive already.
    pub since: Option<Timestamp>,
    /// The user asks even if the vendor should not be asked again so soon.
    pub force: bool,
    /// See [`Page::identity_names`]; none before the source's first record without an id.
    pub identity_names: Option<Vec<String>>,
}

/// A request as a plain value. Credentials are added when it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` or `POST`.
    pub method: Method,
    /// Path and query, from the root of the source's own host; or an absolute URL.
    pub target: Target,
    /// The JSON body, exactly as it is sent and signed.
    pub body: Option<String>,
    /// Headers that the vendor wants besides those that prove who asks: (lower-case name, value)
    /// pairs. They are signed where a signature covers headers.
    pub headers: Vec<(&'static str, String)>,
    /// Statuses besides 2xx whose answers the feed reads itself.
    pub statuses: &'static [u16],
    /// Where the body goes and how large it may be.
    pub body_limit: BodyLimit,
    /// Whether it may be sent again once the vendor may have got it. One that is proven not to
    /// have been taken may be in any case.
    pub repeatable: bool,
    /// What it is for, for progress and errors: `report`, `users, page 2`.
    pub purpose: String,
}

/// The HTTP methods that feeds use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Create, or read with a body.
    Post,
}

/// Where a request goes.
#[derive(Clone, PartialEq, Eq)]
pub enum Target {
    /// A path (and query) on the source's own host: sent with the source's credentials.
    Tenant(String),
    /// A pre-signed URL: secret in itself, sent without credentials, never printed.
    PreSigned(Secret),
}

/// Limit and place of a response's body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BodyLimit {
    /// Held in memory, at most so many bytes.
    Memory(u64),
    /// Streamed to a temporary file, at most so many bytes.
    Disk(u64),
}

/// An answer: whole, or it would not be here.
#[derive(Debug)]
pub struct Response {
    /// HTTP status: 2xx, or one of the request's `statuses`.
    pub status: u16,
    /// `Content-Type`, in lower case, without parameters.
    pub content_type: String,
    /// The body.
    pub body: Body,
}

/// The body of a response.
#[derive(Debug)]
pub enum Body {
    /// In memory.
    Memory(Vec<u8>),
    /// In a temporary file that is gone when closed, positioned at its start.
    Disk(File),
    /// From a file or pipe the user gave.
    Stream(Stream),
}

/// A reader with a name for `Debug`.
pub struct Stream(pub Box<dyn Read + Send>);

impl Body {
    /// The bytes, one after another.
    ///
    /// # Errors
    /// The temporary file cannot be rewound.
    pub fn reader(self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Body::Memory(bytes) => Box::new(Cursor::new(bytes)),
            Body::Disk(mut file) => {
                file.rewind()?;
                Box::new(file)
            }
            Body::Stream(stream) => stream.0,
        })
    }

    /// All bytes at once; only for answers that were asked for in memory.
    ///
    /// # Errors
    /// The body lies on disk and cannot be read.
    pub fn bytes(self) -> io::Result<Vec<u8>> {
        if let Body::Memory(bytes) = self {
            return Ok(bytes);
        }
        let mut bytes = Vec::new();
        self.reader()?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

/// Why a feed cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// The vendor refuses the credentials, in its own words.
    #[error("{vendor} refuses the credentials: {says}")]
    Refused {
        /// Which vendor.
        vendor: &'static str,
        /// Its words.
        says: String,
    },
    /// The vendor answers that it failed, in its own words.
    #[error("{vendor} answered {what}: {says}")]
    Vendor {
        /// Which vendor.
        vendor: &'static str,
        /// The code or state it named.
        what: String,
        /// Its words.
        says: String,
    },
    /// An answer was not understood; `evidence` is its beginning, with secrets left out.
    #[error("{vendor}'s answer to {asked} is not understood: {why}")]
    NotUnderstood {
        /// Which vendor.
        vendor: &'static str,
        /// What was asked.
        asked: String,
        /// Why.
        why: String,
        /// How the answer begins.
        evidence: String,
    },
    /// A file or export came damaged or cut short: another download may do better.
    #[error("{why}")]
    Damaged {
        /// Why, naming the place.
        why: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// A file or export came whole and cannot be read: it is of another format or vendor.
    #[error("{why}")]
    Unreadable {
        /// Why, naming the place.
        why: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// What was ordered may be under way, though the vendor never confirmed it: another is not
    /// ordered so soon.
    #[error(
        "{vendor} may have taken an order of {what} that it did not confirm: another is not made before {until}"
    )]
    Doubtful {
        /// Which vendor.
        vendor: &'static str,
        /// What was ordered.
        what: &'static str,
        /// When another may be ordered.
        until: Timestamp,
    },
    /// It took longer than it may.
    #[error("{vendor} did not finish {what} within {minutes} minutes")]
    TimedOut {
        /// Which vendor.
        vendor: &'static str,
        /// What was waited for.
        what: String,
        /// How long it was waited for.
        minutes: u64,
    },
    /// The body could not be read from disk.
    #[error("cannot read what was downloaded")]
    Io(#[from] io::Error),
}

impl Start {
    /// The start of a first pass, with nothing asked for yet.
    pub fn of(source: &str, now: Timestamp) -> Start {
        Start {
            source: source.to_owned(),
            now,
            reads: Vec::new(),
            covers: None,
            checkpoints: Vec::new(),
            since: None,
            force: false,
            identity_names: None,
        }
    }

    /// From when on there is anything to be read.
    pub fn from(&self) -> Timestamp {
        self.reads.first().map_or(self.now, |read| read.from)
    }
}

impl Request {
    /// A `GET` of a path on the source's host, the answer held in memory.
    pub fn get(path: impl Into<String>, purpose: impl Into<String>) -> Request {
        Request {
            method: Method::Get,
            target: Target::Tenant(path.into()),
            body: None,
            headers: Vec::new(),
            statuses: &[],
            body_limit: BodyLimit::Memory(ANSWER_BYTES_MAX),
            repeatable: true,
            purpose: purpose.into(),
        }
    }

    /// A `POST` of a JSON body to a path on the source's host, the answer held in memory.
    pub fn post(path: impl Into<String>, body: String, purpose: impl Into<String>) -> Request {
        Request {
            method: Method::Post,
            body: Some(body),
            ..Request::get(path, purpose)
        }
    }
}

/// Most bytes of an answer that is held in memory: a page of 100 records is far below.
pub const ANSWER_BYTES_MAX: u64 = 64 << 20;

impl std::fmt::Debug for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Target::Tenant(path) => write!(f, "{path}"),
            Target::PreSigned(_) => f.write_str("(pre-signed URL)"),
        }
    }
}

impl std::fmt::Debug for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Stream")
    }
}
