//! The other API: the same pass by other paths, and when it takes the place of the first.

use super::*;

const NEVER: fn(&[Page]) -> bool = |_| false;

/// A feed that is told to ask the export API.
fn export(start: &Start, open: OpenExport) -> Reports {
    let mut settings = settings();
    let api = Api::AuditLogsExport.name().to_owned();
    settings.choices.insert("api".to_owned(), api);
    Reports::new(&settings, start, open).unwrap()
}

fn exported(vendor: &mut Vendor, start: &Start) -> Vec<Page> {
    let (pages, end) = drive_feed(vendor, export(start, lines), NEVER);
    end.unwrap();
    pages
}

#[test]
fn an_export_is_ordered_noted_and_read_like_a_report() {
    for rows in [None, Some("one\ntwo\nthree")] {
        let mut vendor = Vendor {
            rows,
            ..Vendor::new()
        };
        let pages = exported(&mut vendor, &start(NOW, None));
        assert_eq!(
            vendor.asked[..3],
            [
                r#"Post /api/v3/audit-logs/export {"days":365}"#,
                "Get /api/v3/users?page=1&pagelen=100",
                "Get /api/v3/audit-logs/export/e-0",
            ]
        );
        assert_eq!(vendor.links, usize::from(rows.is_none()));
        assert_eq!(content(&pages), ["one", "two", "three"]);
        let (last, before) = pages.split_last().unwrap();
        assert!(before.iter().all(|page| page.covers.is_none()));
        let from = NOW.plus_millis(1_000 - 365 * DAY);
        let period = Period { from, to: NOW };
        assert_eq!(last.covers, Some(Claim { period, as_of: NOW }));
        let noted = format!(r#"{{"v":1,"last_complete":{}}}"#, NOW.millis());
        assert_eq!(last.checkpoints[0].json, noted);
        assert!(vendor.notices.is_empty(), "{:?}", vendor.notices);
    }
}

#[test]
fn rows_that_came_cut_short_are_asked_for_again_and_never_ordered_again() {
    let mut vendor = Vendor {
        rows: Some("one\nCUT"),
        ..Vendor::new()
    };
    let (pages, end) = drive_feed(&mut vendor, export(&start(NOW, None), lines), NEVER);
    assert!(matches!(end, Err(FeedError::Damaged { .. })), "{end:?}");
    assert!(pages.iter().all(|page| page.covers.is_none()));
    assert_eq!(vendor.orders(), 1);
    // The next pass goes on with the same export.
    vendor.rows = Some("one\ntwo");
    let next = start(vendor.now, archived(&pages).as_ref());
    assert_eq!(content(&exported(&mut vendor, &next)), ["one", "two"]);
    assert_eq!(vendor.orders(), 1);
}

#[test]
fn an_order_is_asked_for_where_it_was_made_whatever_the_setting_says_now() {
    let noted = |p: &[Page]| p.len() == 2;
    let mut vendor = Vendor::new();
    let (pages, _) = drive(&mut vendor, &start(NOW, None), noted);
    let next = start(vendor.now, archived(&pages).as_ref());
    assert_eq!(content(&exported(&mut vendor, &next)).len(), 3);
    assert!(
        vendor
            .asked
            .iter()
            .any(|asked| asked == "Get /api/v3/reports/r-0")
    );
    assert_eq!(vendor.orders(), 1);

    let mut vendor = Vendor::new();
    let (pages, _) = drive_feed(&mut vendor, export(&start(NOW, None), lines), noted);
    let json = archived(&pages).unwrap().json;
    assert!(json.contains(r#""api":"audit-logs-export""#), "{json}");
    assert_eq!(content(&go_on(&mut vendor, &pages)).len(), 3);
    assert!(
        vendor
            .asked
            .iter()
            .any(|asked| asked == "Get /api/v3/audit-logs/export/e-0")
    );
    assert_eq!(vendor.orders(), 1);
}

#[test]
fn where_there_are_no_reports_the_export_is_asked_in_the_same_pass() {
    for (answer, sign) in [
        ((404, r#"{"message":"Not Found"}"#), "404"),
        ((405, "<Error><Code>MethodNotAllowed</Code></Error>"), "405"),
        ((200, "<!doctype html><title>SAFE</title>"), "a web page"),
    ] {
        let mut vendor = Vendor {
            no_reports: Some(answer),
            ..Vendor::new()
        };
        let pages = whole(&mut vendor, &start(NOW, None));
        assert_eq!((vendor.orders(), content(&pages).len()), (1, 3));
        let notice = format!(
            "SAFE has no /api/v3/reports here, for it answers {sign}: /api/v3/audit-logs/export \
             is asked instead; write api = \"audit-logs-export\" in [source.safe-us] to begin there"
        );
        assert_eq!(vendor.notices, [notice]);
        assert!(pages.last().unwrap().covers.is_some());
        // It is noted that an order goes out before each does.
        let posts = vendor
            .asked
            .iter()
            .filter(|asked| asked.starts_with("Post"));
        let notes = pages.iter().filter(|page| {
            let checkpoint = page.checkpoints.first();
            checkpoint.is_some_and(|one| one.json.contains("ordering_at"))
        });
        assert_eq!((posts.count(), notes.count()), (2, 2));
    }
}

#[test]
fn a_report_that_is_not_found_is_no_sign_that_there_are_no_reports() {
    let mut vendor = Vendor {
        fates: vec![Fate::Lost],
        unready: (404, "{}"),
        ..Vendor::new()
    };
    let (_, end) = drive(&mut vendor, &start(NOW, None), NEVER);
    assert!(end.unwrap_err().to_string().contains("twice"));
    assert!(vendor.asked.iter().all(|asked| !asked.contains("export")));
}

#[test]
fn an_order_at_the_other_api_is_in_doubt_as_well() {
    let page = || Response {
        status: 404,
        content_type: String::new(),
        body: Body::Memory(Vec::new()),
    };
    let mut feed = feed(&start(NOW, None));
    assert!(matches!(feed.next(NOW), Ok(Step::Keep(_))));
    assert!(matches!(feed.next(NOW), Ok(Step::Ask(order)) if order.statuses == [404, 405]));
    feed.read(page(), NOW).unwrap();
    let Ok(Step::Keep(note)) = feed.next(NOW) else {
        panic!("the second order is not noted")
    };
    assert!(note.checkpoints[0].json.contains("ordering_at"));
    let Ok(Step::Ask(order)) = feed.next(NOW) else {
        panic!("nothing is ordered")
    };
    assert!(!order.repeatable && order.statuses.is_empty());
    let page = feed.given_up(false, NOW).unwrap();
    assert_eq!(page.checkpoints[0].json, r#"{"v":1}"#);
}

#[test]
fn rows_of_every_form_are_read_to_events() {
    let csv =
        "Timestamp,User ID,Action\n2026-09-20T00:00:00Z,u1,Login\n2026-09-20T00:00:01Z,u1,Logout\n";
    let row = |second, action| {
        format!(
            r#"{{"Timestamp":"2026-09-20T00:00:0{second}Z","User ID":"u1","Action":"{action}"}}"#
        )
    };
    let (one, two) = (row(0, "Login"), row(1, "Logout"));
    for body in [
        csv.to_owned(),
        format!("[{one},{two}]"),
        format!("{one}\n{two}\n"),
        format!(r#"{{"success":true,"data":[{one},{two}]}}"#),
        format!(r#"{{"values":[{one},{two}]}}"#),
        format!(r#"{{"records":[{one},{two}]}}"#),
        format!(r#"{{"auditLogs":[{one},{two}],"size":2}}"#),
    ] {
        let mut vendor = Vendor {
            rows: Some(body.clone().leak()),
            ..Vendor::new()
        };
        let feed = export(&start(NOW, None), crate::kind::safe::pages);
        let (pages, end) = drive_feed(&mut vendor, feed, NEVER);
        end.unwrap();
        let events: usize = pages.iter().map(|page| page.events.len()).sum();
        assert_eq!(events, 2, "{body}");
        assert!(pages.last().unwrap().covers.is_some(), "{body}");
    }
}

#[test]
fn a_word_that_names_neither_api_is_a_mistake() {
    let mut settings = settings();
    settings.choices.insert("api".to_owned(), "v4".to_owned());
    let error = Api::of(&settings).unwrap_err().to_string();
    assert!(
        error.contains("api is `v4`, not reports or audit-logs-export"),
        "{error}"
    );
}
