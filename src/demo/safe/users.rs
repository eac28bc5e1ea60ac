//! The user list, a page at a time.

use serde_json::{Value, json};

use crate::demo::http::{Answer, Call};
use crate::demo::world::World;
use crate::demo::world::people::Person;
use crate::event::Timestamp;

use super::bad_request;

/// Answers for one page. People who have left are on no page.
pub(super) fn page(call: &Call, world: &World, now: Timestamp, base: &str) -> Answer {
    let wanted = match Wanted::read(call) {
        Ok(wanted) => wanted,
        Err(why) => return bad_request(&why),
    };
    let there = |(_, person): &(usize, &Person)| person.is_there(now);
    let found = |(_, person): &(usize, &Person)| person.email.contains(&wanted.search);
    let everybody = world.cast().staff.iter().enumerate();
    let people: Vec<(usize, &Person)> = everybody.filter(there).filter(found).collect();
    let pages = people.len().div_ceil(wanted.length);
    let on_page = people
        .iter()
        .skip((wanted.page - 1).saturating_mul(wanted.length))
        .take(wanted.length);
    let values: Vec<Value> = on_page
        .map(|(n, person)| user(*n, person, world, now))
        .collect();
    let link = |page: usize| format!("{base}/api/v3/users?page={page}&pagelen={}", wanted.length);
    let body = json!({
        "size": people.len(),
        "page": wanted.page,
        "pagelen": wanted.length,
        "previous": (wanted.page > 1).then(|| link(wanted.page - 1)),
        "next": (wanted.page < pages).then(|| link(wanted.page + 1)),
        "values": values,
    });
    Answer::json(200, &body)
}

struct Wanted {
    page: usize,
    length: usize,
    search: String,
}

impl Wanted {
    /// The default length is documented; the largest is the one that SAFE's examples use.
    fn read(call: &Call) -> Result<Wanted, String> {
        let mut wanted = Wanted {
            page: 1,
            length: 10,
            search: String::new(),
        };
        for (name, value) in call.parameters() {
            let number = value.parse().ok().filter(|number| *number >= 1);
            match (name.as_str(), number) {
                ("page", Some(number)) => wanted.page = number,
                ("pagelen", Some(number)) if number <= 100 => wanted.length = number,
                ("searchKey", _) => wanted.search = value,
                _ => return Err(format!("invalid parameter {name}={value}")),
            }
        }
        Ok(wanted)
    }
}

fn user(n: usize, person: &Person, world: &World, now: Timestamp) -> Value {
    let last_login = world.last_login(&person.user_id, now);
    json!({
        "peopleId": n + 1,
        "emailId": &*person.email,
        "firstName": person.first_name,
        "lastName": person.last_name,
        "uuid": &*person.user_id,
        "updatedAt": "2026-01-13T05:03:50.428Z",
        "lastLoginTime": last_login.map(|time| time.to_string()),
        "role": person.role,
        "authenticationType": person.authentication,
    })
}
