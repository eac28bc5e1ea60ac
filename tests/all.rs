//! All integration tests, in one binary: it is linked once, and support code is shared.

#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on fails, and says where"
)]

mod cli;
mod counterparts;
mod crash;
mod laws;
mod queries;
mod readme;
mod siem;
mod support;
mod tidy;
