//! The events that queries are measured over: as many people, addresses, packages and names of files
//! as a large company has in two years.

use std::io::{self, Write};

use fastrand::Rng;

use crate::{DAY, NOW};

/// How long the log is.
pub(crate) const DAYS: i64 = 730;
/// Who appears in it, the busiest first: the one of rank n does 1/n of what the first does.
pub(crate) const PEOPLE: usize = 5_000;
const ADDRESSES: usize = 23_000;
const SHARED: usize = 20;

/// How an hour compares with the others of its day; a day at the weekend has a quarter.
const HOURS: [u64; 24] = [
    4, 4, 4, 4, 4, 4, 20, 60, 120, 120, 120, 120, 75, 120, 120, 120, 120, 60, 60, 20, 20, 20, 8, 8,
];

/// What happens, and how often of a thousand times. The rest is told apart by a number, as many
/// rare actions are.
const ACTIONS: [(&str, &str, u32); 16] = [
    ("PACKAGE_EVENT", "PACKAGE_FILE_DOWNLOAD", 300),
    ("PACKAGE_EVENT", "PACKAGE_FILE_UPLOAD", 120),
    ("PACKAGE_EVENT", "PACKAGE_VIEW", 140),
    ("PACKAGE_EVENT", "FINALIZE_PACKAGE", 60),
    ("PACKAGE_EVENT", "RECIPIENT_ADD", 50),
    ("PACKAGE_EVENT", "PACKAGE_MESSAGE", 30),
    ("WORKSPACE_EVENT", "WORKSPACE_FILE_DOWNLOAD", 60),
    ("WORKSPACE_EVENT", "WORKSPACE_FILE_UPLOAD", 30),
    ("USER_EVENT", "LOGIN", 120),
    ("USER_EVENT", "LOGIN_FAILED", 20),
    ("USER_EVENT", "LOGOUT", 30),
    ("USER_EVENT", "PASSWORD_RESET", 4),
    ("USER_EVENT", "API_KEY_CREATE", 2),
    ("ADMIN_EVENT", "USER_ROLE_CHANGE", 2),
    ("ADMIN_EVENT", "INTEGRATION_UPDATE", 1),
    ("ADMIN_EVENT", "USER_CREATE", 1),
];
const RARE_ACTIONS: u32 = 24;

const TOPICS: [&str; 50] = [
    "invoice",
    "contract",
    "offer",
    "budget",
    "forecast",
    "audit",
    "minutes",
    "agenda",
    "roadmap",
    "design",
    "drawing",
    "photo",
    "scan",
    "letter",
    "policy",
    "manual",
    "report",
    "summary",
    "payroll",
    "roster",
    "survey",
    "proposal",
    "brief",
    "memo",
    "statement",
    "receipt",
    "order",
    "delivery",
    "claim",
    "permit",
    "license",
    "patent",
    "study",
    "sample",
    "testplan",
    "release",
    "backup",
    "export",
    "import",
    "ledger",
    "balance",
    "tax",
    "customs",
    "merger",
    "diligence",
    "valuation",
    "cap-table",
    "term-sheet",
    "nda",
    "dossier",
];
const ENDINGS: [&str; 8] = ["pdf", "docx", "xlsx", "pptx", "zip", "png", "csv", "dwg"];

/// Writes that many events of SendSafely's audit log, in order of time: the same at every run. The
/// last `fresh` of them happen after [`NOW`], and go to the second writer.
pub(crate) fn write(
    events: usize,
    fresh: usize,
    out: &mut dyn Write,
    after: &mut dyn Write,
) -> io::Result<()> {
    let mut story = Story::new(events);
    let weights: u64 = (0..DAYS * 24).map(weight).sum();
    let mut weight_so_far = 0;
    let mut written = 0;
    for hour in 0..DAYS * 24 {
        weight_so_far += weight(hour);
        let due = u128::from(weight_so_far) * events as u128 / u128::from(weights);
        let count = usize::try_from(due).unwrap_or(events) - written;
        story.write_hour(hour, count, out)?;
        written += count;
    }
    // Two weeks' worth of hours at the most: what a busy archive would bring in.
    let each = fresh.div_ceil(100).max(1);
    let mut left = fresh;
    for hour in DAYS * 24..DAYS * 24 + 100 {
        story.write_hour(hour, each.min(left), after)?;
        left -= each.min(left);
    }
    Ok(())
}

/// The email address of the person of that rank.
pub(crate) fn email(rank: usize) -> String {
    format!("person{rank:04}@example.com")
}

fn weight(hour: i64) -> u64 {
    let start = NOW.millis() - DAYS * DAY + hour * DAY / 24;
    let hour = start.rem_euclid(DAY) * 24 / DAY;
    let by_hour = HOURS[usize::try_from(hour).unwrap_or_default()];
    // Day 0 of 1970 was a Thursday.
    let weekday = (start.div_euclid(DAY) + 3).rem_euclid(7);
    if weekday >= 5 { by_hour / 4 } else { by_hour }
}

struct Package {
    id: String,
    class: &'static str,
    owner: usize,
    files: Vec<(String, u64)>,
}

struct Story {
    rng: Rng,
    /// Up to which share of all that happens each person has a part in it.
    shares: Vec<f64>,
    /// The packages that are at work, in no order.
    packages: Vec<Package>,
    /// One event in so many about packages begins a new one.
    new_every: u32,
    line: String,
}

/// Packages that are at work at any time.
const AT_WORK: usize = 3_000;

impl Story {
    fn new(events: usize) -> Story {
        let mut total = 0.0;
        let shares = (1..=PEOPLE).map(|rank| {
            total += 1.0 / f64::from(u32::try_from(rank).unwrap_or(u32::MAX));
            total
        });
        let mut story = Story {
            rng: Rng::with_seed(events as u64),
            shares: shares.collect(),
            packages: Vec::new(),
            new_every: 13,
            line: String::new(),
        };
        for _ in 0..AT_WORK.min(events / 100 + 1) {
            let package = story.new_package();
            story.packages.push(package);
        }
        story
    }

    fn write_hour(&mut self, hour: i64, count: usize, out: &mut dyn Write) -> io::Result<()> {
        let start = NOW.millis() - DAYS * DAY + hour * DAY / 24;
        let mut moments: Vec<i64> = (0..count)
            .map(|_| self.rng.i64(start..start + DAY / 24))
            .collect();
        moments.sort_unstable();
        for millis in moments {
            self.event(millis);
            out.write_all(self.line.as_bytes())?;
        }
        Ok(())
    }

    fn event(&mut self, millis: i64) {
        let (class, action) = self.action();
        let who = self.person();
        let ip = self.address(who);
        let id = uuid(self.rng.u128(..));
        let time = trailkeep::event::Timestamp::from_millis(millis);
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        line.push_str(&format!(
            r#"{{"eventId":"{id}","timestamp":"{time}","eventType":"{class}","action":"{action}","ipAddress":"{ip}","authenticatedUser":"{}","impersonatedUser":"#,
            email(who)
        ));
        match self.rng.u32(..500) {
            0 => line.push_str(&format!(r#""{}""#, email(self.person()))),
            _ => line.push_str("null"),
        }
        line.push_str(r#","LogDetails":{"#);
        if class == "PACKAGE_EVENT" || class == "WORKSPACE_EVENT" {
            self.details(class, action, &mut line);
        }
        line.push_str("}}\n");
        self.line = line;
    }

    fn details(&mut self, class: &str, action: &str, line: &mut String) {
        let at = self.rng.usize(..self.packages.len());
        if class == "PACKAGE_EVENT" && self.rng.u32(..self.new_every) == 0 {
            self.packages[at] = self.new_package();
        }
        let package = &self.packages[at];
        line.push_str(&format!(
            r#""packageId":"{}","packageType":"{}","packageOwner":"{}""#,
            package.id,
            package.class,
            email(package.owner)
        ));
        if action.contains("FILE") {
            let (name, size) = &package.files[self.rng.usize(..package.files.len())];
            line.push_str(&format!(r#","fileName":"{name}","fileSize":{size}"#));
        }
    }

    fn new_package(&mut self) -> Package {
        let id = self.rng.u64(..) & 0xffff_ffff_ffff;
        let topic = TOPICS[self.rng.usize(..TOPICS.len())];
        let files = (0..self.rng.usize(1..4)).map(|_| {
            let number = self.rng.u32(..2_000_000);
            let ending = ENDINGS[self.rng.usize(..ENDINGS.len())];
            let size = 1_u64 << self.rng.u32(10..30);
            (
                format!("{topic}-{number}.{ending}"),
                size + self.rng.u64(..size),
            )
        });
        let files = files.collect();
        let class = if self.rng.u32(..10) == 0 {
            "WORKSPACE"
        } else {
            "PACKAGE"
        };
        Package {
            id: format!("{id:012X}"),
            class,
            owner: self.person(),
            files,
        }
    }

    fn action(&mut self) -> (&'static str, &'static str) {
        let mut drawn = self.rng.u32(..1_000);
        for (class, action, often) in ACTIONS {
            if drawn < often {
                return (class, action);
            }
            drawn -= often;
        }
        let rare: &'static [&'static str] = &RARE;
        let number = self.rng.u32(..RARE_ACTIONS) as usize;
        ("ADMIN_EVENT", rare[number])
    }

    fn person(&mut self) -> usize {
        let drawn = self.rng.f64() * self.shares.last().copied().unwrap_or_default();
        self.shares.partition_point(|share| *share < drawn)
    }

    /// Each person has one address of their own, some others, and now and then a way out that all
    /// share.
    fn address(&mut self, who: usize) -> String {
        let number = match self.rng.u32(..10) {
            0 => self.rng.usize(..SHARED) * ADDRESSES / SHARED,
            1 | 2 => (who * 7 + self.rng.usize(..6) * 1_009) % ADDRESSES,
            _ => who * 4 % ADDRESSES,
        };
        format!(
            "10.{}.{}.{}",
            number / 2_500,
            number / 50 % 50,
            number % 50 + 1
        )
    }
}

const RARE: [&str; RARE_ACTIONS as usize] = [
    "POLICY_UPDATE",
    "BRANDING_UPDATE",
    "DOMAIN_ADD",
    "DOMAIN_REMOVE",
    "SSO_UPDATE",
    "MFA_RESET",
    "MFA_ENABLE",
    "MFA_DISABLE",
    "GROUP_CREATE",
    "GROUP_UPDATE",
    "GROUP_DELETE",
    "USER_SUSPEND",
    "USER_UNSUSPEND",
    "USER_DELETE",
    "LICENSE_ASSIGN",
    "LICENSE_REVOKE",
    "DROPZONE_CREATE",
    "DROPZONE_UPDATE",
    "DROPZONE_DELETE",
    "WEBHOOK_CREATE",
    "WEBHOOK_DELETE",
    "REPORT_EXPORT",
    "RETENTION_UPDATE",
    "TOKEN_REVOKE",
];

/// A UUID of version 4 out of random bits.
fn uuid(bits: u128) -> String {
    let bits = bits & !(0xf << 76 | 0x3 << 62) | 0x4 << 76 | 0x2 << 62;
    let hex = format!("{bits:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
