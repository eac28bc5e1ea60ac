//! Who is there: the staff of one made-up company, and the outsiders it exchanges files with.

use std::sync::Arc;

use fastrand::Rng;

use crate::event::{Period, Timestamp};

/// Everybody who can appear in a log.
#[derive(Debug)]
pub struct Cast {
    /// People with an account at both vendors. The first is an administrator who stays.
    pub staff: Vec<Person>,
    /// People outside who send or receive files without an account at SAFE.
    pub outsiders: Vec<Outsider>,
}

/// One member of staff.
#[derive(Debug, Clone)]
pub struct Person {
    /// SAFE's uuid of the user.
    pub user_id: Arc<str>,
    /// E-mail address, in lower case, as SAFE writes it.
    pub email: Arc<str>,
    /// The same address as SendSafely writes it: some people signed up with capital letters.
    pub portal_email: Arc<str>,
    /// Given name.
    pub first_name: &'static str,
    /// Family name.
    pub last_name: &'static str,
    /// SAFE's role. `Admin` is documented; the others are made up.
    pub role: &'static str,
    /// `Native` or `SSO`, as SAFE documents.
    pub authentication: &'static str,
    /// The addresses the person works from.
    pub addresses: Vec<Arc<str>>,
    /// From when on the person is on no user list and does nothing more, but for what the story of
    /// the leaver tells.
    pub left_at: Option<Timestamp>,
}

/// Somebody outside the company.
#[derive(Debug, Clone)]
pub struct Outsider {
    /// E-mail address, or the literal SendSafely writes where it knows none.
    pub email: Arc<str>,
    /// The address files are fetched from.
    pub address: Arc<str>,
}

/// The domain of the made-up company.
pub(super) const DOMAIN: &str = "northwind.example";

/// The leaver of the story is this member of staff, where there are so many.
pub(super) const LEAVER: usize = 7;

/// This member of staff leaves shortly after the world begins to be watched.
const NEXT_TO_LEAVE: usize = 11;

const HOUR: i64 = 3_600_000;

impl Cast {
    /// So many members of staff, and three outsiders for each.
    pub(super) fn new(rng: &mut Rng, size: usize, period: Period) -> Cast {
        let size = size.max(1);
        let staff = (0..size).map(|n| person(rng, n, period)).collect();
        let outsiders = (0..size * 3).map(|n| outsider(rng, n)).collect();
        Cast { staff, outsiders }
    }

    /// A member of staff who is still there at that time; some are far busier than others.
    pub(super) fn someone(&self, rng: &mut Rng, at: Timestamp) -> &Person {
        self.drawn(rng, |person| person.is_there(at))
    }

    /// The same, but for this one.
    pub(super) fn someone_but(&self, rng: &mut Rng, at: Timestamp, who: &Person) -> &Person {
        self.drawn(rng, |person| {
            person.is_there(at) && person.user_id != who.user_id
        })
    }

    fn drawn(&self, rng: &mut Rng, is_meant: impl Fn(&Person) -> bool) -> &Person {
        let share = rng.f64() * rng.f64();
        let index = scaled(share, self.staff.len());
        let (before, from) = self.staff.split_at(index);
        from.iter()
            .chain(before)
            .find(|person| is_meant(person))
            .unwrap_or(self.first())
    }

    /// An administrator.
    pub(super) fn admin(&self, rng: &mut Rng, at: Timestamp) -> &Person {
        let there = |person: &&Person| person.role == "Admin" && person.is_there(at);
        let admins: Vec<&Person> = self.staff.iter().filter(there).collect();
        rng.choice(admins).unwrap_or(self.first())
    }

    /// Somebody outside, the first few far more often.
    pub(super) fn outsider(&self, rng: &mut Rng) -> &Outsider {
        let index = scaled(rng.f64() * rng.f64(), self.outsiders.len());
        self.outsiders
            .get(index)
            .expect("a cast has three outsiders for each member of staff")
    }

    /// Somebody outside who has an account of the portal, for which it takes an address.
    pub(super) fn guest(&self, rng: &mut Rng) -> &Outsider {
        let guests = self.outsiders.iter().filter(|one| one.email.contains('@'));
        let guests: Vec<&Outsider> = guests.collect();
        rng.choice(guests)
            .expect("a cast has outsiders with addresses")
    }

    /// Who leaves within a period, the first to leave first; but for the one of the story, which
    /// tells all of it.
    pub(super) fn leaving(&self, period: Period) -> Vec<&Person> {
        let leaves = |person: &Person| person.is_there(period.from) && !person.is_there(period.to);
        let staff = self.staff.iter().enumerate();
        let leaving = staff.filter(|(n, person)| *n != LEAVER && leaves(person));
        let mut leaving: Vec<&Person> = leaving.map(|(_, person)| person).collect();
        leaving.sort_by_key(|person| person.left_at);
        leaving
    }

    /// The one who leaves in the story.
    pub(super) fn leaver(&self) -> &Person {
        self.staff.get(LEAVER).unwrap_or(self.first())
    }

    fn first(&self) -> &Person {
        self.staff
            .first()
            .expect("a cast has at least one member of staff")
    }
}

impl Person {
    /// Whether the person has not left by then.
    pub(in crate::demo) fn is_there(&self, at: Timestamp) -> bool {
        self.left_at.is_none_or(|left| at < left)
    }

    /// The address that many people share.
    pub(super) fn office(&self) -> Arc<str> {
        self.addresses.first().cloned().unwrap_or_default()
    }

    /// The person's own address.
    pub(super) fn home(&self) -> Arc<str> {
        self.addresses.last().cloned().unwrap_or_default()
    }
}

/// A random UUID of version 4, reproducible with the generator.
pub(in crate::demo) fn uuid(rng: &mut Rng) -> u128 {
    let bits = rng.u128(..);
    (bits & !(0xf << 76) & !(0b11 << 62)) | (0x4 << 76) | (0b10 << 62)
}

/// A UUID in its usual form.
pub(in crate::demo) fn hyphenated(uuid: u128) -> String {
    let hex = format!("{uuid:032x}");
    let parts = [0..8, 8..12, 12..16, 16..20, 20..32].map(|range| hex.get(range).unwrap_or(""));
    parts.join("-")
}

fn person(rng: &mut Rng, n: usize, period: Period) -> Person {
    let first_name = pick(FIRST_NAMES, n * 7 + n / FIRST_NAMES.len());
    let last_name = pick(LAST_NAMES, n * 11 + n / LAST_NAMES.len());
    let number = if n < FIRST_NAMES.len() {
        String::new()
    } else {
        n.to_string()
    };
    let email = format!(
        "{}.{}{number}@{DOMAIN}",
        ascii(first_name),
        ascii(last_name)
    );
    Person {
        user_id: hyphenated(uuid(rng)).into(),
        portal_email: portal_form(&email, n).into(),
        email: email.into(),
        first_name,
        last_name,
        role: role(n),
        authentication: if n % 9 == 4 { "Native" } else { "SSO" },
        addresses: addresses(rng, n),
        left_at: left_at(rng, n, period),
    }
}

fn role(n: usize) -> &'static str {
    if n.is_multiple_of(12) {
        return "Admin";
    }
    pick(&["Analyst", "Risk Owner", "Viewer", "Auditor"], n)
}

fn left_at(rng: &mut Rng, n: usize, period: Period) -> Option<Timestamp> {
    let span = period.to.millis() - period.from.millis();
    match n {
        LEAVER => Some(super::story::departure(period)),
        NEXT_TO_LEAVE => Some(period.to.plus_millis(12 * HOUR)),
        n if n % 13 == 5 => Some(period.from.plus_millis(rng.i64(0..=span.max(0)))),
        _ => None,
    }
}

/// Everybody has the office and a home; one in six has IPv6 at home.
fn addresses(rng: &mut Rng, n: usize) -> Vec<Arc<str>> {
    let office = format!("198.51.100.{}", 10 + n % 4);
    let home = if n % 6 == 3 {
        format!("2001:db8:{:x}::{:x}", rng.u16(1..), rng.u16(1..))
    } else {
        format!("203.0.113.{}", rng.u8(70..250))
    };
    vec![office.as_str().into(), office.into(), home.into()]
}

/// One in ten signed up at the portal with capital letters.
fn portal_form(email: &str, n: usize) -> String {
    if n % 10 != 2 {
        return email.to_owned();
    }
    let (name, domain) = email.split_once('@').unwrap_or((email, DOMAIN));
    let capital = |word: &str| {
        let first = word.chars().next().unwrap_or_default();
        first.to_uppercase().to_string() + word.get(first.len_utf8()..).unwrap_or("")
    };
    let words: Vec<String> = name.split('.').map(capital).collect();
    format!("{}@{domain}", words.join("."))
}

fn outsider(rng: &mut Rng, n: usize) -> Outsider {
    let address = format!("192.0.2.{}", rng.u8(1..=254)).into();
    let email = match n % 16 {
        // Both literals are documented: not every actor has an address.
        3 => "Anonymous Recipient".into(),
        11 => "Unverified Sender".into(),
        _ => {
            let first = ascii(pick(FIRST_NAMES, n * 5 + 3));
            let last = ascii(pick(LAST_NAMES, n * 3 + n / 40));
            format!("{first}.{last}@{}", pick(PARTNERS, n)).into()
        }
    };
    Outsider { email, address }
}

fn ascii(name: &str) -> String {
    let plain = |c: char| match c {
        'ü' => 'u',
        'é' | 'è' => 'e',
        'ø' | 'ö' => 'o',
        'ł' => 'l',
        'ñ' => 'n',
        c => c.to_ascii_lowercase(),
    };
    name.chars()
        .map(plain)
        .filter(char::is_ascii_alphabetic)
        .collect()
}

/// The entry at `n`, counted round and round.
pub(super) fn pick<'a>(list: &[&'a str], n: usize) -> &'a str {
    list.get(n % list.len().max(1)).copied().unwrap_or("")
}

/// The index that lies so far (0 to 1) along a list.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a share below 1 of a short list is a small index"
)]
pub(super) fn scaled(share: f64, len: usize) -> usize {
    ((share * len as f64) as usize).min(len.saturating_sub(1))
}

const FIRST_NAMES: &[&str] = &[
    "Maria", "Jonas", "Aisha", "Wei", "Priya", "Lukas", "Fatima", "Diego", "Hannah", "Kofi",
    "Elena", "Tom", "Yuki", "Omar", "Ingrid", "Rafael", "Nadia", "Sven", "Chloé", "Arjun", "Marta",
    "Liam", "Zanele", "Pavel", "Amara", "Björn", "Camille", "Dmitri", "Esther", "Farid", "Grace",
    "Hugo", "Ivana", "Jamal", "Katrin", "Leila", "Mateo", "Noor", "Oksana", "Pedro", "Ruth",
];

const LAST_NAMES: &[&str] = &[
    "Lindqvist",
    "Okafor",
    "Nakamura",
    "O'Brien",
    "García",
    "Schneider",
    "Rossi",
    "Haddad",
    "Novák",
    "Mensah",
    "Petrov",
    "Dubois",
    "Andersen",
    "Chen",
    "Kowalski",
    "Silva",
    "Murphy",
    "Weber",
    "Iyer",
    "Sato",
    "Müller",
    "van Dijk",
    "Castillo",
    "Ndlovu",
    "Fischer",
    "Moreau",
    "Jensen",
    "Kaya",
    "Levy",
    "Bauer",
    "Hughes",
    "Costa",
    "Bergström",
    "Popescu",
    "Ali",
    "Horvat",
    "Keller",
];

const PARTNERS: &[&str] = &[
    "auditpartners.example",
    "contoso.example",
    "fabrikam.example",
    "litware.example",
    "harborlaw.example",
    "bluepeak-bank.example",
    "medisys.example",
];
