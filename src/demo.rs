//! Both vendors, simulated on loopback: strict, faithful where the facts are known, and able to
//! misbehave. They share no code with the clients they test.
//!
//! A [`World`] is what happened: people, and the events they left in both vendors' logs. A
//! [`Vendors`] serves it over HTTP the way SAFE and SendSafely do, and no more leniently: what
//! their documents do not allow is refused. [`Faults`] make any answer go wrong on a schedule.
//!
//! The vendors' clock stands until it is set: [`Vendors::set_now`] moves it, and
//! [`Vendors::set_clock`] lets it go with the client's. The truth to compare an archive with is
//! [`World::safe_visible`] and [`World::sendsafely_visible`]; among them are rows without a time
//! (`garbage`), which belong in quarantine. An event is visible at the latest
//! [`LATE_MAX_MILLIS`] after it happened.

mod faults;
mod http;
mod safe;
mod sendsafely;
mod server;
mod world;

pub use faults::{Fault, Faults};
pub use http::{Purpose, Requested};
pub use safe::table::{Actor, Encoding, IpColumns, Quoting, Table, TimeForm};
pub use safe::{Pending, SafeOptions, SignInForm};
pub use sendsafely::entry::{DetailsForm, EntryForm};
pub use sendsafely::{Order, SendSafelyOptions};
pub use server::{Credentials, Limit, Options, Vendor, Vendors};
pub use world::activity::SafeEvent;
pub use world::people::{Cast, Outsider, Person};
pub use world::transfers::{SendSafelyEvent, Value};
pub use world::{Blemishes, LATE_MAX_MILLIS, Plan, World, write_csv, write_ndjson};
