//! The way through the keys of buckets that exist as a rule only.

use super::*;
use crate::event::Timestamp;
use crate::kind::bucket::listing::KEYS_MAX;

/// A bucket of so many keys a day for so many days, up to the last of 2026.
struct Million {
    days: u64,
    daily: u64,
    folders: &'static [&'static str],
}

const LAST: NaiveDate = NaiveDate::from_ymd_opt(2026, 12, 31).expect("a day");

impl Million {
    /// The keys after one, in order, made up as they are asked for.
    fn after<'a>(&'a self, after: &'a str) -> impl Iterator<Item = String> + 'a {
        let first = LAST - chrono::Days::new(self.days - 1);
        let folders = self.folders.iter();
        let days = folders.flat_map(move |folder| {
            let days = first.iter_days().take(usize::try_from(self.days).unwrap());
            days.map(move |day| format!("{folder}{}", day.format("%Y/%m/%d/")))
        });
        // A day whose last key is not after it has none.
        let days = days.filter(move |day| format!("{day}~").as_str() > after);
        let keys = days.flat_map(|day| (0..self.daily).map(move |n| format!("{day}{n:06}.gz")));
        keys.filter(move |key| key.as_str() > after)
    }

    fn list(&self, from: &From) -> Listing {
        let after = match from {
            From::Start => "",
            From::After(key) | From::Token(key) => key,
        };
        let mut keys = self.after(after);
        let objects: Vec<Listed> = keys.by_ref().take(KEYS_MAX).map(listed).collect();
        let truncated = keys.next().is_some();
        let token = objects.last().map(|last| last.object.key.clone());
        Listing {
            bucket: String::new(),
            token: token.filter(|_| truncated),
            truncated,
            objects,
        }
    }
}

fn listed(key: String) -> Listed {
    Listed {
        frozen: false,
        object: Object {
            bucket: "acme".to_owned(),
            etag: String::new(),
            size: 1,
            modified: Timestamp::from_millis(0),
            key,
        },
    }
}

/// How many requests it took, and what was found.
fn scanned(
    bucket: &Million,
    oldest: &[(&str, NaiveDate)],
    wants: impl Fn(&str) -> Wanted,
) -> (u64, Vec<String>) {
    let oldest = oldest.iter().map(|(name, day)| ((*name).to_owned(), *day));
    let mut scan = Scan::new(oldest.collect(), true);
    let mut found = Vec::new();
    while let Some(from) = scan.from() {
        let listing = bucket.list(from);
        let new = scan.take(listing, &wants).unwrap();
        found.extend(new.into_iter().map(|one| one.object.key));
    }
    (scan.listings, found)
}

fn day_before(days: u64) -> NaiveDate {
    LAST - chrono::Days::new(days)
}

#[test]
fn a_million_objects_cost_a_few_requests() {
    let bucket = Million {
        days: 5_000,
        daily: 200,
        folders: &["logs/"],
    };
    let known = [("logs/YYYY/MM/DD", day_before(3))];
    let (requests, found) = scanned(&bucket, &known, |_| Wanted::Read);
    assert_eq!((requests, found.len()), (2, 800));
    assert_eq!(found[0], "logs/2026/12/28/000000.gz");
    let smaller = Million { days: 50, ..bucket };
    let (requests, found) = scanned(&smaller, &[], |_| Wanted::Read);
    assert_eq!((requests, found.len()), (10, 10_000));
}

#[test]
fn a_folder_that_is_not_wanted_is_leapt_over_and_so_are_those_of_many_regions() {
    let bucket = Million {
        days: 1_000,
        daily: 125,
        folders: &[
            "AWSLogs/1/CloudTrail-Digest/r/",
            "AWSLogs/1/CloudTrail/eu/",
            "AWSLogs/1/CloudTrail/us/",
            "AWSLogs/2/CloudTrail/eu/",
        ],
    };
    let wants = |key: &str| match key.find("-Digest/") {
        Some(at) => Wanted::PassAll(at + "-Digest/".len()),
        None => Wanted::Read,
    };
    let known = ["1/CloudTrail/eu", "1/CloudTrail/us", "2/CloudTrail/eu"]
        .map(|part| (format!("AWSLogs/{part}/YYYY/MM/DD"), day_before(3)));
    let known = known.each_ref().map(|(name, day)| (name.as_str(), *day));
    let (requests, found) = scanned(&bucket, &known, wants);
    assert_eq!((requests, found.len()), (5, 1_500));
    // A part that is new is listed whole, among others that are not.
    let (requests, found) = scanned(&bucket, &known[..2], wants);
    assert_eq!((requests, found.len()), (4 + 125, 126_000));
}

#[test]
fn where_a_list_goes_on_must_be_told() {
    let take = |scan: &mut Scan, keys: &[&str], token: Option<&str>| {
        let listing = Listing {
            bucket: String::new(),
            objects: keys.iter().map(|key| listed((*key).to_owned())).collect(),
            truncated: true,
            token: token.map(str::to_owned),
        };
        let taken = scan.take(listing, |_| Wanted::Read);
        taken
            .map(|found| found.len())
            .map_err(|error| error.to_string())
    };
    let mut scan = Scan::new(BTreeMap::new(), true);
    assert_eq!(take(&mut scan, &["a", "b"], Some("t")), Ok(2));
    assert_eq!(scan.from(), Some(&From::Token("t".to_owned())));
    assert_eq!(take(&mut scan, &["c"], None), Ok(1));
    assert_eq!(scan.from(), Some(&From::After("c".to_owned())));
    assert_eq!(take(&mut scan, &[], Some("u")), Ok(0));
    let error = take(&mut scan, &["d"], Some("u")).unwrap_err();
    assert!(error.contains("it goes on, but not to where"), "{error}");
    let error = take(&mut scan, &["c"], Some("v")).unwrap_err();
    assert!(error.contains("a second time"), "{error}");
    // From the first key that is out of order on, nothing is leapt over, and all comes again.
    let mut scan = Scan::new(BTreeMap::new(), true);
    assert_eq!(take(&mut scan, &["b", "a"], Some("t")), Ok(0));
    assert_eq!((scan.from(), scan.ordered), (Some(&From::Start), false));
    assert_eq!(take(&mut scan, &["b", "a"], Some("t")), Ok(2));
    assert!(take(&mut scan, &["c"], None).is_err());
}
