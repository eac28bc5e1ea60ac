//! Why a request was given up.

use std::io;

use crate::event::Timestamp;
use crate::fetch::skew::Skew;
use crate::fetch::wire::TransportError;

/// Why there is no answer to a request. None of it holds a secret, nor any part of a URL but the
/// host.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// The vendor refuses the credentials, or they do not suffice.
    #[error("{host} refuses the credentials ({status}, {purpose}): {says}")]
    Refused {
        /// The vendor's host.
        host: String,
        /// What was asked for.
        purpose: String,
        /// HTTP status: 401 or 403; of AWS, 400 as well.
        status: u16,
        /// The vendor's words.
        says: String,
    },
    /// The vendor answers that it cannot or will not.
    #[error("{host} answered {status} ({purpose}): {says}")]
    Status {
        /// The vendor's host.
        host: String,
        /// What was asked for.
        purpose: String,
        /// HTTP status.
        status: u16,
        /// The vendor's words.
        says: String,
    },
    /// Every attempt failed in a way that may pass.
    #[error("no answer after {attempts} attempts: {last}")]
    GaveUp {
        /// How many attempts.
        attempts: u32,
        /// How the last one failed.
        last: Box<FetchError>,
    },
    /// The vendor wants to be left alone for longer than it is waited for.
    #[error("{host} takes no more requests until {until} ({purpose})")]
    Throttled {
        /// The vendor's host.
        host: String,
        /// What was asked for.
        purpose: String,
        /// When it may be asked again.
        until: Timestamp,
    },
    /// It failed in a way that leaves open whether the vendor took the request, which must not
    /// come twice.
    #[error("{0}; it may have taken the request all the same")]
    Doubtful(Box<FetchError>),
    /// Our clock and the vendor's differ, so that nothing can be said of what is complete.
    #[error("this machine's clock is {skew} that of {host}")]
    Clock {
        /// The vendor's host.
        host: String,
        /// How they differ.
        skew: Skew,
    },
    /// The answer is too large.
    #[error("{host} answered with more than {limit} bytes ({purpose})")]
    BodyTooLarge {
        /// The vendor's host.
        host: String,
        /// What was asked for.
        purpose: String,
        /// Most bytes it may have.
        limit: u64,
    },
    /// The answer leads elsewhere, and is not followed.
    #[error("{from} redirects to {host} ({purpose}), which is not followed")]
    Redirected {
        /// The host that was asked.
        from: String,
        /// What was asked for.
        purpose: String,
        /// The host it leads to.
        host: String,
    },
    /// There is no whole answer, and another attempt would not bring one.
    #[error("{host} could not be asked ({purpose}): {cause}")]
    Transport {
        /// The vendor's host.
        host: String,
        /// What was asked for.
        purpose: String,
        /// What happened.
        cause: TransportError,
    },
    /// Secrets would cross the network in the clear.
    #[error("{host} is not asked over http, for secrets would be readable on the way")]
    InsecureUrl {
        /// The host.
        host: String,
    },
    /// A path of the source's own leads to another host.
    #[error("the path for {purpose} leads to {host}, which is not the source's own host")]
    ForeignUrl {
        /// What was to be asked for.
        purpose: String,
        /// The host.
        host: String,
    },
    /// What should be a URL is none.
    #[error("the URL for {purpose} is none")]
    NoUrl {
        /// What was to be asked for.
        purpose: String,
    },
    /// No way of signing in brings a token.
    #[error("{host} gives no token: {tried}")]
    NoToken {
        /// The vendor's host.
        host: String,
        /// What each way was answered with.
        tried: String,
    },
    /// There are no keys to sign requests to AWS with.
    #[error("no AWS credentials: {why}")]
    NoKeys {
        /// Where they were looked for, or what failed there.
        why: String,
    },
    /// The source is at AWS.
    #[error("this trailkeep was built without AWS")]
    WithoutAws,
    /// What was downloaded cannot be read back.
    #[error("what was downloaded cannot be read back")]
    Io(#[from] io::Error),
}

impl FetchError {
    /// Whether the credentials are refused, or there are none: a run that fails for this ends with
    /// exit code 4.
    pub fn is_refused(&self) -> bool {
        matches!(self, FetchError::Refused { .. } | FetchError::NoKeys { .. })
    }

    /// Whether the vendor may have taken the request all the same.
    pub fn is_doubtful(&self) -> bool {
        matches!(self, FetchError::Doubtful(_))
    }

    /// How many attempts were made, where it was more than one that failed.
    pub fn attempts(&self) -> u32 {
        match self {
            FetchError::GaveUp { attempts, .. } => *attempts,
            _ => 1,
        }
    }
}
