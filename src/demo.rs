//! Both vendors, simulated on loopback: strict, faithful where the facts are known, and able to
//! misbehave. They share no code with the clients they test.
//!
//! A [`World`] is what happened: people, and the events they left in both vendors' logs. A
//! [`Vendors`] serves it over HTTP the way SAFE and SendSafely do, and no more leniently: what
//! their documents do not allow is refused. [`Faults`] make any answer go wrong on a schedule.

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
