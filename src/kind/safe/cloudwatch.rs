//! SAFE's application audit log in a customer's own account, as CloudWatch keeps it ("How to use
//! SAFE's audit APIs", bring your own account).

pub mod message;
