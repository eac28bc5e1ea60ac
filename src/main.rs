//! Exit code in, exit code out.
fn main() {}
