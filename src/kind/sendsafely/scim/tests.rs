//! The feed against a directory that answers in every form that SCIM allows, and in some it does
//! not.

use serde_json::{Value, json};
use url::Url;

use super::*;
use crate::event::User;
use crate::feed::{Body, Method, Target};
use crate::secret::Secret;

const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// A page of the directory as it is asked for: its number, its first place, and its answer.
type Answer<'a> = &'a dyn Fn(usize, usize) -> Value;

fn response(body: &str) -> Response {
    Response {
        status: 200,
        content_type: "application/scim+json".to_owned(),
        body: Body::Memory(body.as_bytes().to_vec()),
    }
}

/// A pass over a directory that answers so: the pages kept, how it ended, what was asked.
fn pass(answer: Answer<'_>) -> (Vec<Page>, Result<(), FeedError>, Vec<String>) {
    let (mut feed, mut pages, mut asked) = (Scim::new(), Vec::new(), Vec::new());
    let ended = loop {
        match feed.next(NOW) {
            Ok(Step::Ask(request)) => {
                assert_eq!(request.method, Method::Get);
                let Target::Tenant(path) = request.target else {
                    panic!("{:?}", request.target)
                };
                let start = path.strip_prefix("/scim/v2/Users?startIndex=").unwrap();
                let start = start.strip_suffix("&count=100").unwrap().parse().unwrap();
                let body = answer(asked.len(), start).to_string();
                asked.push(path);
                assert!(asked.len() < 100, "the pass does not end");
                if let Err(error) = feed.read(response(&body), NOW) {
                    assert!(
                        feed.next(NOW).is_err(),
                        "a feed that failed is not finished"
                    );
                    break Err(error);
                }
            }
            Ok(Step::Keep(page)) => pages.push(*page),
            Ok(Step::Done) => break Ok(()),
            other => panic!("{other:?}"),
        }
    };
    (pages, ended, asked)
}

/// Users `u1`, `u2` …, of which the page has those from `start` on, `len` of them.
fn listing(start: usize, len: usize, total: usize) -> Value {
    let end = (start + len).min(total + 1);
    let members: Vec<Value> = (start..end)
        .map(|n| json!({"id": format!("u{n}")}))
        .collect();
    json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "itemsPerPage": members.len(), "startIndex": start,
        "Resources": members,
    })
}

fn ids(page: &Page) -> Vec<&str> {
    let users = page.users.as_ref().expect("a list");
    users.iter().map(|user| user.user_id.as_str()).collect()
}

fn whole(answer: Answer<'_>) -> (Page, Vec<String>) {
    let (mut pages, ended, asked) = pass(answer);
    ended.unwrap();
    assert_eq!(pages.len(), 1);
    (pages.remove(0), asked)
}

fn failure(answer: Answer<'_>) -> String {
    let (pages, ended, _) = pass(answer);
    assert!(pages.is_empty(), "{pages:?}");
    let error = ended.unwrap_err();
    match &error {
        FeedError::NotUnderstood { evidence, .. } => format!("{error}: {evidence}"),
        _ => error.to_string(),
    }
}

#[test]
fn a_directory_is_read_to_its_end_however_long_its_pages_are() {
    for (len, total, asked) in [
        (100, 3, vec![1]),
        (100, 100, vec![1]),
        (2, 5, vec![1, 3, 5]),
        (1, 2, vec![1, 2]),
        // More than was asked for.
        (250, 250, vec![1]),
    ] {
        let (page, paths) = whole(&|_, start| listing(start, len, total));
        assert_eq!(ids(&page).len(), total);
        assert!(page.checkpoints.is_empty() && page.covers.is_none());
        assert!(page.notices.is_empty(), "{:?}", page.notices);
        let path = |start| format!("/scim/v2/Users?startIndex={start}&count=100");
        assert_eq!(paths, asked.into_iter().map(path).collect::<Vec<_>>());
    }
}

#[test]
fn numbers_may_be_texts_and_names_in_any_case() {
    let (page, asked) = whole(&|_, start| {
        let Value::Array(members) = listing(start, 2, 3)["Resources"].take() else {
            panic!("no members")
        };
        json!({"TotalResults": "3", "startindex": format!(" {start} "), "resources": members})
    });
    assert_eq!((ids(&page), asked.len()), (vec!["u1", "u2", "u3"], 2));
    let (page, _) =
        whole(&|_, _| json!({"totalResults": 1, "startIndex": null, "Resources": [{"ID": 7}]}));
    assert_eq!(ids(&page), ["7"]);
}

#[test]
fn an_empty_directory_is_one_and_is_remarked_on() {
    for empty in [
        json!({"totalResults": 0}),
        json!({"totalResults": 0, "Resources": [], "startIndex": 0}),
        json!({"totalResults": "0", "Resources": null}),
    ] {
        let (page, _) = whole(&|_, _| empty.clone());
        assert_eq!(page.users, Some(Vec::new()));
        assert_eq!(page.notices, ["the user list is empty"]);
    }
}

#[test]
fn a_list_that_is_not_whole_is_no_list() {
    let short = |_, start| {
        let end = if start < 5 { 2 } else { 0 };
        listing(start, end, 7)
    };
    let repeating = |_, start: usize| {
        let mut page = listing(1, 2, 7);
        page["startIndex"] = start.into();
        page
    };
    let growing = |number: usize, start| listing(start, 2, 7 + number);
    let cases: [(Answer<'_>, &str); 5] = [
        (&short, "it ends after 4 of 7 users"),
        (&repeating, "its pages repeat themselves"),
        (
            &growing,
            "9 users became 10 while it was read, and it was read twice",
        ),
        (
            &|_, _| listing(1, 2, 7),
            "it was asked for users from 3 on, and gave them from 1",
        ),
        (
            &|_, start| listing(start + 1, 2, 7),
            "it was asked for users from 1 on, and gave them from 2",
        ),
    ];
    for (answer, why) in cases {
        let says = failure(answer);
        assert_eq!(
            says,
            format!("the user list is incomplete and not used: {why}")
        );
    }
}

#[test]
fn a_directory_that_changes_is_read_once_more() {
    // One user more after the first page: the second reading has them all.
    let (page, asked) = whole(&|number, start| listing(start, 2, if number == 0 { 3 } else { 4 }));
    assert_eq!(ids(&page), ["u1", "u2", "u3", "u4"]);
    assert_eq!(asked.len(), 4, "{asked:?}");
    // At the very end of the first reading.
    let (page, asked) = whole(&|number, start| listing(start, 2, if number < 1 { 4 } else { 3 }));
    assert_eq!((ids(&page).len(), asked.len()), (3, 4));
}

/// Two pages of these users, of which the directory says there are so many.
fn two_pages(first: &[&str], second: &[&str], total: usize) -> impl Fn(usize, usize) -> Value {
    let page = |ids: &[&str]| json!(ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>());
    let pages = [page(first), page(second)];
    move |_, start| json!({"totalResults": total, "Resources": pages[usize::from(start > 1)]})
}

#[test]
fn who_comes_twice_is_kept_once_and_never_hides_that_another_is_missing() {
    let (page, asked) = whole(&two_pages(&["a", "b"], &["b", "c"], 3));
    assert_eq!((ids(&page), asked.len()), (vec!["a", "b", "c"], 2));
    assert_eq!(page.notices, ["the user list has 1 users twice"]);

    // Four were promised, and three came: the second reading says the same.
    let (page, asked) = whole(&two_pages(&["a", "b"], &["b", "c"], 4));
    assert_eq!((ids(&page), asked.len()), (vec!["a", "b", "c"], 4));

    // The pages had shifted: the second reading has who was missed.
    let shifted = two_pages(&["a", "b"], &["b", "c"], 4);
    let sound = two_pages(&["a", "b"], &["c", "d"], 4);
    let (page, _) = whole(&|number, start| {
        if number < 2 {
            shifted(0, start)
        } else {
            sound(0, start)
        }
    });
    assert_eq!(ids(&page), ["a", "b", "c", "d"]);
    assert!(page.notices.is_empty());

    // They go on shifting.
    let other = two_pages(&["a", "b"], &["b", "d"], 4);
    let says = failure(&|number, start| {
        if number < 2 {
            shifted(0, start)
        } else {
            other(0, start)
        }
    });
    assert!(
        says.ends_with("1 of 4 users came twice, and it was read twice"),
        "{says}"
    );
}

#[test]
fn a_member_without_an_id_is_left_out_and_told_of() {
    let (page, _) = whole(
        &|_, _| json!({"totalResults": 3, "Resources": [{"id": "u1"}, {"userName": "x"}, {"id": ""}]}),
    );
    assert_eq!(ids(&page), ["u1"]);
    let notice =
        "2 on the user list have no `id` and are left out, the first: {\"userName\":\"x\"}";
    assert_eq!(page.notices, [notice]);
    let says = failure(&|_, _| json!({"totalResults": 1, "Resources": [{"userName": "x"}]}));
    assert!(
        says.contains("nobody on the list has an `id`: {\"userName\":\"x\"}"),
        "{says}"
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn what_is_no_list_is_refused_with_its_words() {
    for (answer, says) in [
        (json!("x"), "no JSON object"),
        (
            json!({"Resources": []}),
            "it has no `totalResults`: {\"Resources\":[]}",
        ),
        (
            json!({"totalResults": "many"}),
            "its `totalResults` is no whole number",
        ),
        (
            json!({"totalResults": -1}),
            "its `totalResults` is no whole number",
        ),
        (
            json!({"totalResults": 1, "startIndex": true}),
            "its `startIndex` is no whole number",
        ),
        (
            json!({"totalResults": 1, "Resources": {}}),
            "its `Resources` are no list",
        ),
        (
            json!({"response": "FAIL", "message": "not enabled"}),
            "it has no `totalResults`: {\"response\":\"FAIL\",\"message\":\"not enabled\"}",
        ),
        (
            error(&json!({"status": "401", "detail": "bad password"})),
            "SendSafely refuses the credentials: 401: bad password",
        ),
        (
            error(&json!({"status": 400, "scimType": "invalidValue", "detail": "count"})),
            "SendSafely answered 400: invalidValue: count",
        ),
        (
            error(&json!({})),
            "SendSafely answered an error: no reason given",
        ),
    ] {
        let said = failure(&|_, _| answer.clone());
        assert!(said.contains(says), "{said}");
    }
}

/// As the vendor says that something is wrong.
fn error(members: &Value) -> Value {
    let mut error = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"]});
    let members = members.as_object().unwrap().clone();
    error.as_object_mut().unwrap().extend(members);
    error
}

#[test]
fn a_web_page_is_no_directory() {
    let mut feed = Scim::new();
    feed.next(NOW).unwrap();
    let error = feed
        .read(response("<html>Sign in</html>"), NOW)
        .unwrap_err();
    assert!(
        matches!(error, FeedError::NotUnderstood { evidence, .. } if evidence.contains("Sign in"))
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn a_member_becomes_a_user_with_all_that_is_known_of_it() {
    let extension = "urn:ietf:params:scim:schemas:extension:SendSafely:2.0:User";
    let name = json!({"givenName": "Ada", "familyName": "Byron", "formatted": "A. B."});
    let emails =
        json!([{"value": "a@home", "primary": false}, {"value": "a@work", "primary": "true"}]);
    let plain = User {
        user_id: "u1".to_owned(),
        ..User::default()
    };
    let some = |text: &str| Some(text.to_owned());
    for (members, expected) in [
        (json!({}), plain.clone()),
        (
            json!({"name": name, "emails": emails, "active": true, extension: {"isAdmin": true}}),
            User {
                email: some("a@work"),
                first_name: some("Ada"),
                last_name: some("Byron"),
                role: some("Admin"),
                active: Some(true),
                ..plain.clone()
            },
        ),
        (
            json!({"emails": [{"value": ""}, {"value": "b@x"}], "active": "False", extension: {"isadmin": "false"}}),
            User {
                email: some("b@x"),
                role: some("User"),
                active: Some(false),
                ..plain.clone()
            },
        ),
        (
            json!({"userName": "c@x"}),
            User {
                email: some("c@x"),
                ..plain.clone()
            },
        ),
        (json!({"userName": "carol"}), plain.clone()),
        (
            json!({"emails": "d@x", "displayName": "Dora"}),
            User {
                email: some("d@x"),
                ..plain.clone()
            },
        ),
        (
            json!({"roles": [{"value": "A"}, {"display": "B", "primary": true}], extension: {"isAdmin": false}}),
            User {
                role: some("B"),
                ..plain.clone()
            },
        ),
        (
            json!({"roles": ["Auditor"]}),
            User {
                role: some("Auditor"),
                ..plain.clone()
            },
        ),
        (json!({"roles": [], "active": "perhaps"}), plain.clone()),
    ] {
        let mut member = json!({"id": "u1"});
        let members = members.as_object().unwrap().clone();
        member.as_object_mut().unwrap().extend(members);
        let (page, _) = whole(&|_, _| json!({"totalResults": 1, "Resources": [member]}));
        assert_eq!(page.users.unwrap(), [expected], "{member}");
    }
}

#[test]
fn a_check_says_how_many_users_there_are() {
    let access = SCIM.access.as_ref().unwrap();
    let settings = Settings::defaults(access, "acme.scim", None);
    let request = (access.check.request)(&settings, NOW).unwrap();
    assert_eq!(
        format!("{:?}", request.target),
        "/scim/v2/Users?startIndex=1&count=1"
    );
    let said = |body: &str| {
        (access.check.read)(&settings, response(body)).map_err(|error| error.to_string())
    };
    let one = r#"{"totalResults":37,"Resources":[{"id":"u1"}]}"#;
    assert_eq!(said(one).unwrap(), "SCIM directory, 37 users");
    assert_eq!(
        said(r#"{"totalResults":1}"#).unwrap(),
        "SCIM directory, 1 user"
    );
    assert!(said("{}").unwrap_err().contains("it has no `totalResults`"));
}

#[test]
fn it_goes_by_the_sources_url_and_credentials_of_its_own() {
    let access = SCIM.access.as_ref().unwrap();
    let url = Url::parse("https://acme.sendsafely.com").unwrap();
    let mut settings = Settings::defaults(access, "acme.scim", Some(url.clone()));
    assert_eq!((access.root)(&settings).unwrap(), url);
    assert_eq!(
        (access.credentials)(&settings).err().unwrap().key,
        "username"
    );
    for key in ["username", "password"] {
        settings
            .secrets
            .insert(key.to_owned(), Secret::new(format!("the {key}")));
    }
    let Ok(Credentials::Basic(pair)) = (access.credentials)(&settings) else {
        panic!("not basic")
    };
    assert_eq!(pair.username.expose(), "the username");
    assert_eq!(pair.password.expose(), "the password");
}
