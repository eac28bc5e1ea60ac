//! Every period is half-open: what happened when it begins is in it, what happened when it ends is
//! not. So it makes no difference when either moment comes a millisecond earlier, in which nothing
//! happened.

use std::fs;

use trailkeep::archive::reader::Reader;
use trailkeep::event::Timestamp;
use trailkeep::query::saved::{self, Saved};

use super::case::Case;
use super::{archive, path, people, rows};

/// What these answer depends on the day of the moment, or shows the moment itself.
const OF_DAYS: &[&str] = &[
    "bursts",
    "silent-days",
    "gaps-in-period",
    "coverage-of-period",
];

#[test]
fn what_happens_when_a_period_begins_is_in_it() {
    hold_for_all("since");
}

#[test]
fn what_happens_when_a_period_ends_is_not_in_it() {
    hold_for_all("until");
}

fn hold_for_all(bound: &str) {
    let people = people();
    let saved = saved::list(None).unwrap();
    let bounded = |one: &&Saved| {
        let mut parameters = one.query.as_ref().unwrap().parameters.iter();
        parameters.any(|known| known.name == bound) && !OF_DAYS.contains(&one.name.as_str())
    };
    for one in saved.iter().filter(bounded) {
        let case = Case::read(&fs::read_to_string(path(one)).unwrap());
        let archive = archive::of(Some(people.path()), &case.runs);
        let reader = Reader::open(&archive.path().join("archive.db")).unwrap();
        hold(one, &reader, &case, bound);
    }
}

fn hold(saved: &Saved, reader: &Reader, case: &Case, bound: &str) {
    let query = saved.query.as_ref().unwrap();
    let given = &case.expected[0].given;
    for moment in moments(case) {
        let answer = |moment: Timestamp| {
            let mut given = given.clone();
            given.retain(|(name, _)| !["since", "until"].contains(&name.as_str()));
            given.push(("since".to_owned(), "2020-01-01".to_owned()));
            given.push((bound.to_owned(), moment.to_string()));
            given.retain(|(name, _)| query.parameters.iter().any(|known| known.name == *name));
            rows(query, reader, &given, &[])
        };
        let before = moment.plus_millis(-1);
        assert_eq!(
            answer(moment),
            answer(before),
            "{}: {bound} {moment}",
            saved.name
        );
    }
}

/// When something happened: an event, an object's change, or a run of a feed.
fn moments(case: &Case) -> Vec<Timestamp> {
    let of_lists = Timestamp::from_millis(1_770_681_600_000);
    let runs = case.runs.iter().flat_map(|run| {
        let events = run.events.iter().map(|event| event.time);
        let objects = run.objects.iter().map(|object| object.modified);
        events.chain(objects).chain([run.at])
    });
    let mut moments: Vec<Timestamp> = runs.chain([of_lists]).collect();
    moments.sort_unstable();
    moments.dedup();
    // Some are enough, from the first on, for every one is asked for twice.
    let step = moments.len().div_ceil(12);
    moments.into_iter().step_by(step).collect()
}
