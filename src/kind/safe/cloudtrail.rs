//! What AWS CloudTrail records of the infrastructure in a customer's own account, as files in a
//! bucket ("How to use SAFE's audit APIs", bring your own account).

pub mod record;
