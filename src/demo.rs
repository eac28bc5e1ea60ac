//! The vendors, simulated on loopback: strict, faithful where the facts are known, and able to
//! misbehave. They share no code with the clients they test.
//!
//! A [`World`] is what happened: people, and the events they left in both vendors' logs and in
//! the infrastructure's. A [`Vendors`] serves it over HTTP the way SAFE, SendSafely and AWS do,
//! and no more leniently: what their documents do not allow is refused. AWS is there for what the
//! two leave in it: SendSafely's export and CloudTrail's files in S3, SAFE's activity in
//! CloudWatch Logs. [`Faults`] make any answer go wrong on a schedule.
//!
//! The vendors' clock stands until it is set: [`Vendors::set_now`] moves it, and
//! [`Vendors::set_clock`] lets it go with the client's. The truth to compare an archive with is
//! [`World::safe_visible`] and [`World::sendsafely_visible`], and for what lies in AWS
//! [`World::export_visible`], [`World::cloudtrail_visible`] and [`World::cloudwatch_visible`];
//! among them are rows without a time (`garbage`), which belong in quarantine. An event is visible
//! at the latest [`LATE_MAX_MILLIS`] after it happened; an export holds it after
//! [`EXPORT_LATE_MAX_MILLIS`] and the length of its stretches more, CloudTrail's files after
//! [`TRAIL_LATE_MAX_MILLIS`].

mod aws;
mod faults;
mod http;
mod safe;
mod sendsafely;
mod server;
mod world;

pub use aws::export::{EXPORT_LATE_MAX_MILLIS, ExportOptions, Layout, ObjectFormat};
pub use aws::logs::{LogForm, LogsOptions};
pub use aws::trail::TrailOptions;
pub use aws::{AwsOptions, EXPORT_BUCKET, LOG_GROUP, TRAIL_BUCKET};
pub use faults::{Fault, Faults};
pub use http::{Purpose, Requested};
pub use safe::exports::{AskedForm, ExportForm, ReadyForm};
pub use safe::table::{Actor, Encoding, IpColumns, Quoting, Table, TimeForm};
pub use safe::{Pending, Reports, SafeOptions, SignInForm};
pub use sendsafely::entry::{DetailsForm, EntryForm};
pub use sendsafely::scim::{Leavers, ScimOptions};
pub use sendsafely::{Order, SendSafelyOptions};
pub use server::{Credentials, Limit, Options, Vendor, Vendors};
pub use world::activity::SafeEvent;
pub use world::log_events::LogEvent;
pub use world::people::{Cast, Outsider, Person};
pub use world::trail::{TRAIL_LATE_MAX_MILLIS, TrailEvent};
pub use world::transfers::{SendSafelyEvent, Value};
pub use world::{Blemishes, LATE_MAX_MILLIS, Plan, World, write_csv, write_ndjson};
