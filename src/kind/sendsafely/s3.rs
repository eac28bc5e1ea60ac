//! The feed `s3`: the audit log as the portal exports it, by itself, into a bucket of the customer.
//!
//! That there is such an export is documented, and nothing more of it: not where in the bucket it
//! lies, nor how it is named, compressed or divided into objects. So every object is read that has
//! records in one of the forms that exported files have, told by its content; its records are the
//! same as those of the API, with the same ids.

use crate::coverage::Log;
use crate::feed::{Body, FeedError};
use crate::kind::FeedKind;
use crate::kind::bucket::{self, Contents, Fill, Wanted};

use super::listing;

/// The feed `s3`.
pub(super) const S3: FeedKind = FeedKind {
    name: "s3",
    about: "the audit log, by the automated export into your own S3 bucket",
    interval: bucket::INTERVAL,
    events: Some(bucket::events(Log::Audit)),
    access: Some(bucket::ACCESS),
    open: |settings, start| bucket::open(&CONTENTS, settings, start),
};

const CONTENTS: Contents = Contents {
    feed: "s3",
    wants: |_| Wanted::Read,
    open,
    page: listing::page,
};

fn open(body: Body) -> Result<Option<Fill>, FeedError> {
    let records = listing::records(body)?;
    Ok(records.map(|mut records| -> Fill { Box::new(move |batch| Ok(records.fill(batch)?)) }))
}
