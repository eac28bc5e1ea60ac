//! Requests to AWS: whose keys they are made with, and their signatures (Signature Version 4).
//! Both are left to AWS's own libraries, behind the feature `aws`.
//!
//! AWS's standard chain reads the environment (`AWS_…`) and the shared config files by itself:
//! this is the one place besides the command line that does.

#[cfg(not(feature = "aws"))]
mod absent;
#[cfg(feature = "aws")]
mod chain;
#[cfg(feature = "aws")]
mod sign;

#[cfg(not(feature = "aws"))]
pub(super) use absent::{keys, sign};
#[cfg(feature = "aws")]
pub(super) use chain::keys;
#[cfg(feature = "aws")]
pub(super) use sign::sign;

use crate::event::Timestamp;
use crate::feed::AwsKeys;

/// Keys, and when they run out.
pub(super) struct Lent {
    pub(super) keys: AwsKeys,
    /// Never, where there is none.
    pub(super) ends: Option<Timestamp>,
}
