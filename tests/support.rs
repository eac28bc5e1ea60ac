//! What the tests stand on.

pub(crate) mod sandbox;
pub(crate) mod vendors;
