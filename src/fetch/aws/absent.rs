//! What stands for AWS's libraries in a build without them.

use url::Url;

use crate::event::Timestamp;
use crate::feed::{Aws, AwsKeys, Request};
use crate::fetch::FetchError;
use crate::fetch::auth::Header;
use crate::fetch::aws::Lent;
use crate::fetch::wire::TransportError;

/// # Errors
/// Always: there is nothing to get keys with.
pub(crate) async fn keys(_aws: &Aws, _now: Timestamp) -> Result<Lent, FetchError> {
    Err(FetchError::WithoutAws)
}

/// No signature: there are no keys to make one with.
pub(crate) fn sign(
    _aws: &Aws,
    _keys: &AwsKeys,
    _request: &Request,
    _url: &Url,
    _now: Timestamp,
) -> Result<Vec<Header>, TransportError> {
    Ok(Vec::new())
}
