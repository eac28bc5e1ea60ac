//! Worlds, vendors' ways and misfortunes, drawn at random.

use std::fmt;
use std::time::Duration;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use trailkeep::demo::{
    Actor, AwsOptions, Blemishes, DetailsForm, Encoding, EntryForm, ExportOptions, Faults,
    IpColumns, Layout, Limit, LogForm, LogsOptions, ObjectFormat, Options, Order, Pending, Plan,
    Quoting, SafeOptions, SendSafelyOptions, SignInForm, Table, TimeForm, TrailOptions,
};

use crate::support::rig::{Rig, START};

/// A world, and what becomes of the syncs that watch it.
#[derive(Clone)]
pub(super) struct Scenario {
    plan: Plan,
    options: Options,
    pub(super) steps: Vec<Step>,
}

/// A stretch of time, and a sync at its end.
#[derive(Debug, Clone)]
pub(super) struct Step {
    pub(super) after: Duration,
    pub(super) events: usize,
    pub(super) faults: Faults,
    pub(super) force: bool,
}

/// More of everything than one would expect of a vendor.
pub(super) const BLEMISHES: Blemishes = Blemishes {
    late: 0.2,
    repeats: 0.08,
    garbage: 0.02,
};

/// On one line, however it is asked for: a failure prints it whole.
impl fmt::Debug for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (plan, options, steps) = (&self.plan, &self.options, &self.steps);
        write!(f, "{plan:?} {options:?} {steps:?}")
    }
}

impl Scenario {
    pub(super) fn rig(&self) -> Rig {
        Rig::new(self.plan, BLEMISHES, self.options.clone())
    }
}

pub(super) fn scenarios() -> impl Strategy<Value = Scenario> {
    let step = (0_u64..100 * 3_600, 0_usize..80, faults(), any::<bool>());
    let step = step.prop_map(|(seconds, events, faults, force)| Step {
        after: Duration::from_secs(seconds),
        events,
        faults,
        force,
    });
    (plans(50..600), options(), vec(step, 1..5)).prop_map(|(plan, options, steps)| Scenario {
        plan,
        options,
        steps,
    })
}

/// Worlds short enough that nothing falls out of a vendor's window while they are watched.
pub(super) fn plans(events: std::ops::Range<usize>) -> impl Strategy<Value = Plan> {
    (any::<u64>(), events, 1_u32..60).prop_map(|(seed, events, days)| Plan {
        seed,
        events,
        days,
        now: START,
    })
}

/// From none to so many in a row that syncs fail.
pub(super) fn faults() -> impl Strategy<Value = Faults> {
    (any::<u64>(), 0.0..0.7, 1_u32..12).prop_map(|(seed, rate, in_a_row)| Faults {
        in_a_row,
        ..Faults::of_all_kinds(seed, rate)
    })
}

pub(super) fn options() -> impl Strategy<Value = Options> {
    let limit = Limit {
        per_minute: 60,
        retry_after: Some(30),
    };
    (safe(), sendsafely(), aws(), option::of(Just(limit))).prop_map(
        |(safe, sendsafely, aws, limit)| Options {
            safe,
            sendsafely,
            aws,
            limit,
        },
    )
}

fn aws() -> impl Strategy<Value = AwsOptions> {
    let per_second = select(vec![None, Some(20)]);
    (per_second, exports(), trails(), log_groups()).prop_map(
        |(s3_per_second, export, trail, logs)| AwsOptions {
            s3_per_second,
            export,
            trail,
            logs,
            ..AwsOptions::default()
        },
    )
}

fn exports() -> impl Strategy<Value = ExportOptions> {
    let layouts = [
        Layout::DateFolders,
        Layout::DatePartitions,
        Layout::DateInName,
        Layout::Random,
    ];
    // Objects of one event each would be hundreds of requests.
    let formats = [
        ObjectFormat::Ndjson,
        ObjectFormat::Array,
        ObjectFormat::Concatenated,
    ];
    let prefix = select(vec!["audit/", "", "a b+c/"]);
    let hours = select(vec![6, 24]).prop_map(|hours| Duration::from_secs(hours * 3_600));
    let form = (select(layouts.to_vec()), select(formats.to_vec()));
    (prefix, form, any::<[bool; 2]>(), hours).prop_map(
        |(prefix, (layout, format), [gzip, labelled], every)| ExportOptions {
            prefix,
            layout,
            format,
            gzip,
            labelled,
            every,
            ..ExportOptions::default()
        },
    )
}

fn trails() -> impl Strategy<Value = TrailOptions> {
    let prefix = select(vec!["", "logs/"]);
    let organisation = select(vec![None, Some("o-abc123")]);
    (prefix, organisation).prop_map(|(prefix, organisation)| TrailOptions {
        prefix,
        organisation,
    })
}

fn log_groups() -> impl Strategy<Value = LogsOptions> {
    let forms = [
        LogForm::Envelope,
        LogForm::PythonEnvelope,
        LogForm::Lambda,
        LogForm::Nested,
        LogForm::Masked,
        LogForm::Cef,
        LogForm::Mixed,
    ];
    let pages = (7_usize..200, select(vec![None, Some(2), Some(3)]));
    (select(forms.to_vec()), 0.0..0.3, pages).prop_map(
        |(form, noise, (page_events, empty_every))| LogsOptions {
            form,
            noise,
            page_events,
            empty_every,
            ..LogsOptions::default()
        },
    )
}

fn safe() -> impl Strategy<Value = SafeOptions> {
    let sign_in = select(vec![SignInForm::Basic, SignInForm::Json, SignInForm::Both]);
    let pending = select(vec![Pending::NotFound, Pending::NoUrl, Pending::Accepted]);
    let lasts = select(vec![60, 3_600]).prop_map(Duration::from_secs);
    (sign_in, lasts, pending, 0_u32..4, tables()).prop_map(
        |(sign_in, token_lasts, pending, pending_polls, table)| SafeOptions {
            sign_in,
            token_lasts,
            pending,
            pending_polls,
            table,
            ..SafeOptions::default()
        },
    )
}

fn tables() -> impl Strategy<Value = Table> {
    let times = [
        TimeForm::Iso,
        TimeForm::Space,
        TimeForm::Offset,
        TimeForm::Millis,
    ];
    let encodings = [Encoding::Utf8, Encoding::Utf8Marked, Encoding::Utf16];
    let form = (
        select(vec![IpColumns::One, IpColumns::Two]),
        select(vec![Actor::Both, Actor::UserId, Actor::Username]),
        select(times.to_vec()),
        select(vec![Quoting::Needed, Quoting::All]),
        select(encodings.to_vec()),
    );
    let tenant_from = option::weighted(0.3, 0_i64..240 * 3_600_000);
    (form, any::<[bool; 3]>(), tenant_from).prop_map(|(form, [crlf, gzip, newest_first], from)| {
        let (ip, actor, times, quoting, encoding) = form;
        Table {
            ip,
            actor,
            times,
            quoting,
            encoding,
            crlf,
            gzip,
            newest_first,
            tenant_from: from.map(|millis| START.plus_millis(millis)),
        }
    })
}

fn sendsafely() -> impl Strategy<Value = SendSafelyOptions> {
    let details = (
        select(vec!["LogDetails", "logDetails"]),
        select(vec![DetailsForm::Object, DetailsForm::Text]),
    );
    (
        select(vec![Order::NewestFirst, Order::OldestFirst]),
        select(vec!["auditLogs", "auditLogEntries", "entries"]),
        details,
        any::<[bool; 2]>(),
        option::of(100_usize..200),
    )
        .prop_map(
            |(order, list_name, (details_name, details), [bounds, text], row_cap)| {
                SendSafelyOptions {
                    order,
                    bounds_excluded: bounds,
                    list_name,
                    entry: EntryForm {
                        details_name,
                        details,
                    },
                    pagination_as_text: text,
                    row_cap,
                    ..SendSafelyOptions::default()
                }
            },
        )
}
