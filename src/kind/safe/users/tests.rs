//! The walk against a list that counts, links and ends in every way we can think of.

use serde_json::json;

use super::*;
use crate::feed::{Body, Target};

fn answer(status: u16, body: &Value) -> Response {
    Response {
        status,
        content_type: "application/json".to_owned(),
        body: Body::Memory(body.to_string().into_bytes()),
    }
}

fn page_of(request: &Request) -> (u64, u64) {
    let Target::Tenant(target) = &request.target else {
        panic!("{request:?}")
    };
    let (path, query) = target.split_once('?').unwrap();
    assert_eq!(path, PATH);
    let number = |key: &str| {
        let part = query
            .split('&')
            .find_map(|part| part.strip_prefix(key))
            .unwrap();
        part.parse().unwrap()
    };
    (number("page="), number("pagelen="))
}

/// A vendor with `total` users that gives `len` of them a page.
fn list(request: &Request, total: u64, len: u64) -> Value {
    let (page, _) = page_of(request);
    let from = (page - 1) * len;
    let values: Vec<Value> = (from..total.min(from + len))
        .map(|n| json!({"uuid": format!("u{n}"), "emailId": format!("u{n}@x.example")}))
        .collect();
    let next = format!(
        "https://elsewhere.example{PATH}?page={}&pagelen={len}",
        page + 1
    );
    let more = from + len < total;
    json!({"size": total, "page": page, "pagelen": len, "previous": null,
        "next": if more { json!(next) } else { Value::Null }, "values": values})
}

/// Changes an answer.
type Twist = fn(&mut Value);

/// Walks a vendor, changing each answer by `twist`: the end of the walk and how many requests.
fn walk(total: u64, len: u64, twist: Twist) -> (Progress, usize) {
    let mut walk = Walk::new();
    for requests in 1..200 {
        let mut body = list(&walk.request(), total, len);
        twist(&mut body);
        match walk.read(answer(200, &body)).unwrap() {
            Progress::More => {}
            end => return (end, requests),
        }
    }
    panic!("the walk does not end")
}

fn set_next(body: &mut Value, page: u64) {
    body["next"] = json!(format!("?page={page}&pagelen=100"));
}

/// Links to a next page, whatever there is.
fn endless(body: &mut Value) {
    set_next(body, body["page"].as_u64().unwrap() + 1);
}

/// Links to the second page, always.
fn looping(body: &mut Value) {
    set_next(body, 2);
}

fn without_size(body: &mut Value) {
    body["size"] = Value::Null;
}

/// Takes `size` for that of the page.
fn own_size(body: &mut Value) {
    body["size"] = json!(body["values"].as_array().unwrap().len());
}

fn as_texts(body: &mut Value) {
    for key in ["size", "page", "pagelen"] {
        body[key] = json!(body[key].to_string());
    }
}

#[test]
fn every_walk_ends_with_everyone() {
    let fine: Twist = |_| ();
    let endless_without_size: Twist = |body| (endless(body), without_size(body)).0;
    let looping_without_size: Twist = |body| (looping(body), without_size(body)).0;
    for (name, total, len, twist, requests) in [
        ("none", 0, 100, fine, 1),
        ("one page", 7, 100, fine, 1),
        ("three pages", 250, 100, fine, 3),
        ("smaller pages than asked for", 120, 50, fine, 3),
        ("as documented: linked, yet complete", 1, 100, looping, 1),
        ("links that never end", 200, 100, endless, 2),
        ("nor is there a size", 200, 100, endless_without_size, 3),
        ("links that repeat", 150, 100, looping_without_size, 2),
        ("no size", 250, 100, without_size, 3),
        ("size is the page's own", 250, 100, own_size, 3),
        ("numbers as texts", 250, 100, as_texts, 3),
    ] {
        let (end, asked) = walk(total, len, twist);
        let Progress::Whole(users, None) = end else {
            panic!("{name}: {end:?}")
        };
        assert_eq!((users.len() as u64, asked), (total, requests), "{name}");
    }
}

#[test]
fn a_list_that_is_not_whole_is_not_used() {
    let stuck = |body: &mut Value| {
        *body = json!({"size": 500, "values": [{"uuid": "u1"}],
            "next": format!("?page={}&pagelen=100", body["page"].as_u64().unwrap() + 1)});
    };
    let astray = |body: &mut Value| body["next"] = json!("https://evil.example/collect?page=2");
    let ending = |body: &mut Value| body["next"] = Value::Null;
    let emptied = |body: &mut Value| body["values"] = json!([]);
    for (twist, why) in [
        (stuck as Twist, "repeat"),
        (astray, "leads elsewhere"),
        (ending, "ends after 100 of 500 users"),
        (emptied, "ends after 0 of 500 users"),
    ] {
        let (end, _) = walk(500, 100, twist);
        let Progress::Unavailable(says) = end else {
            panic!("{end:?}")
        };
        assert!(says.contains(why), "{says}");
    }
}

#[test]
fn a_list_without_end_is_given_up() {
    let mut walk = Walk::new();
    for page in 1.. {
        let body =
            json!({"next": format!("?page={}", page + 1), "values": [{"uuid": page.to_string()}]});
        match walk.read(answer(200, &body)).unwrap() {
            Progress::More => assert!(page < PAGES_MAX),
            Progress::Unavailable(says) => {
                assert_eq!(page, PAGES_MAX);
                return assert!(says.contains("more than 10000 pages"), "{says}");
            }
            end @ Progress::Whole(..) => panic!("{end:?}"),
        }
    }
}

#[test]
fn a_refusal_says_so_and_another_answer_is_an_error() {
    let body = json!({"Message": "not authorized with an explicit deny"});
    let refused = Walk::new().read(answer(403, &body)).unwrap();
    let says = "the user list is refused: 403 not authorized with an explicit deny";
    assert_eq!(refused, Progress::Unavailable(says.to_owned()));
    let error = Walk::new()
        .read(answer(200, &json!({"success": true})))
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("page 1 of users has no `values`"),
        "{error}"
    );
}

#[test]
fn a_user_is_read_with_all_that_is_documented() {
    let value = json!({"peopleId": 1, "emailId": "john.doe@domain.com", "firstName": "John",
        "lastName": "Doe", "uuid": "12345678-1234-1234-1234-123456789012",
        "updatedAt": "2022-01-13T05:03:50.428Z", "lastLoginTime": "2022-01-13T05:03:50.428Z",
        "role": "Admin", "authenticationType": "Native"});
    let read = user(&value).unwrap();
    assert_eq!(read.user_id, "12345678-1234-1234-1234-123456789012");
    assert_eq!(read.email.as_deref(), Some("john.doe@domain.com"));
    assert_eq!(read.first_name.as_deref(), Some("John"));
    assert_eq!(read.last_name.as_deref(), Some("Doe"));
    assert_eq!(read.role.as_deref(), Some("Admin"));
    assert_eq!(read.authentication.as_deref(), Some("Native"));
    assert_eq!(
        read.last_login,
        Some(Timestamp::from_millis(1_642_050_230_428))
    );
}

#[test]
fn a_user_without_uuid_goes_by_e_mail_and_one_without_either_is_remarked_on() {
    let body = json!({"values": [{"uuid": null, "emailId": "a@x.example"}, {"firstName": "B"}]});
    let Progress::Whole(users, Some(remark)) = Walk::new().read(answer(200, &body)).unwrap() else {
        panic!("not whole")
    };
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].user_id, "a@x.example");
    assert!(remark.starts_with("1 users have neither"), "{remark}");
}
