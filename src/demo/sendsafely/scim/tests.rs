//! Tests of the simulated SCIM directory, without a network.

use axum::http::HeaderMap;
use bytes::Bytes;

use super::*;
use crate::demo::world::Plan;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000); // 2026-09-21T14:13:20Z

fn world() -> World {
    World::new(Plan {
        seed: 1,
        events: 20_000,
        days: 30,
        now: NOW,
    })
}

fn call(line: &str, credentials: &str) -> Call {
    let (method, target) = line.split_once(' ').unwrap();
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = HeaderMap::new();
    if !credentials.is_empty() {
        let header = format!("Basic {}", BASE64_STANDARD.encode(credentials));
        headers.insert("authorization", header.parse().unwrap());
    }
    Call {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
        body: Bytes::new(),
    }
}

fn ask(world: &World, line: &str, options: ScimOptions) -> (u16, Value) {
    let credentials = format!(
        "{}:{}",
        CREDENTIALS.scim_username, CREDENTIALS.scim_password
    );
    let answer = answer(&call(line, &credentials), world, NOW, &options);
    assert_eq!(answer.content_type, "application/scim+json");
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

/// Everybody in the directory, by way of `startIndex`.
fn walk(world: &World, count: usize, options: ScimOptions) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let start = all.len() + 1;
        let line = format!("GET /scim/v2/Users?startIndex={start}&count={count}");
        let (status, page) = ask(world, &line, options);
        let people = page["Resources"].as_array().unwrap();
        assert_eq!((status, &page["startIndex"]), (200, &json!(start)));
        assert_eq!(page["itemsPerPage"], people.len());
        assert!(people.len() <= count.min(options.page_max));
        all.extend(people.clone());
        if page["totalResults"] == all.len() {
            return all;
        }
    }
}

#[test]
fn everybody_is_listed_once_in_pages_of_any_size() {
    let world = world();
    let there = |person: &&Person| person.left_at.is_none_or(|left| NOW < left);
    let staff: Vec<&Person> = world.cast().staff.iter().filter(there).collect();
    for (count, page_max) in [(100, 100), (100, 7), (3, 100), (1_000, 1_000)] {
        let options = ScimOptions {
            page_max,
            ..ScimOptions::default()
        };
        let people = walk(&world, count, options);
        assert_eq!(people.len(), staff.len());
        for (told, person) in people.iter().zip(&staff) {
            assert_eq!(told["userName"], *person.portal_email);
            assert_eq!(told["emails"][0]["value"], *person.portal_email);
            assert_eq!(told["name"]["familyName"], person.last_name);
            assert_eq!(told[EXTENSION]["isAdmin"], person.role == "Admin");
            assert_eq!((&told["active"], told.get("roles")), (&json!(true), None));
        }
    }
}

#[test]
fn people_who_leave_vanish_or_stay_inactive() {
    let world = world();
    let staff = &world.cast().staff;
    let gone = staff
        .iter()
        .filter(|p| p.left_at.is_some_and(|left| left <= NOW))
        .count();
    let inactive = ScimOptions {
        leavers: Leavers::Inactive,
        roles: true,
        ..ScimOptions::default()
    };
    let people = walk(&world, 50, inactive);
    assert_eq!(people.len(), staff.len());
    assert_eq!(
        people.iter().filter(|one| one["active"] == false).count(),
        gone
    );
    assert!(gone > 1 && people[0]["roles"][0]["value"] == "Admin");
    let vanished = walk(&world, 50, ScimOptions::default());
    assert_eq!(vanished.len(), staff.len() - gone);
    let ids: Vec<&Value> = people
        .iter()
        .filter(|p| p["active"] == true)
        .map(|p| &p["id"])
        .collect();
    assert_eq!(
        vanished.iter().map(|p| &p["id"]).collect::<Vec<_>>(),
        ids,
        "ids stay"
    );
}

#[test]
fn parameters_are_read_as_the_standard_says() {
    let world = world();
    let of = |query: &str| {
        ask(
            &world,
            &format!("GET /scim/v2/Users{query}"),
            ScimOptions::default(),
        )
    };
    let total = of("").1["totalResults"].clone();
    for (query, start, items) in [
        ("?startIndex=0&count=2", 1, 2),
        ("?startIndex=-5&count=2", 1, 2),
        ("?count=0", 1, 0),
        ("?count=-1", 1, 0),
        ("?startIndex=100000", 100_000, 0),
    ] {
        let (status, page) = of(query);
        assert_eq!((status, &page["totalResults"]), (200, &total), "{query}");
        assert_eq!(page["startIndex"], start, "{query}");
        assert_eq!(page["itemsPerPage"], items, "{query}");
    }
    for (query, kind) in [
        ("?count=x", "invalidValue"),
        ("?page=1", "invalidValue"),
        ("?filter=active%20eq%20true", "invalidFilter"),
    ] {
        let (status, error) = of(query);
        assert_eq!((status, &error["scimType"]), (400, &json!(kind)), "{query}");
    }
}

#[test]
fn only_the_directorys_own_credentials_are_let_in() {
    let world = world();
    let api = format!("{}:{}", CREDENTIALS.api_key, CREDENTIALS.api_secret);
    for credentials in ["", "exampleScimUsername:wrong", &api] {
        let call = call("GET /scim/v2/Users", credentials);
        let answer = answer(&call, &world, NOW, &ScimOptions::default());
        let challenge = ("www-authenticate", "Basic realm=\"SCIM\"".to_owned());
        assert_eq!((answer.status, answer.headers), (401, vec![challenge]));
        let error: Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(error["status"], "401");
    }
    for (line, status) in [
        ("GET /scim/v2/Users/", 404),
        ("GET /scim/v2/Groups", 404),
        ("POST /scim/v2/Users", 405),
    ] {
        assert_eq!(
            ask(&world, line, ScimOptions::default()).0,
            status,
            "{line}"
        );
    }
}
