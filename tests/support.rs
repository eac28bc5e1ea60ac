//! What the tests stand on.

pub(crate) mod aws;
pub(crate) mod breakable;
pub(crate) mod busy;
pub(crate) mod counterparts;
pub(crate) mod exposition;
pub(crate) mod inbox;
pub(crate) mod ledger;
pub(crate) mod recorder;
pub(crate) mod rig;
pub(crate) mod sandbox;
pub(crate) mod simulated;
#[cfg(target_os = "linux")]
pub(crate) mod terminal;
pub(crate) mod vendors;
