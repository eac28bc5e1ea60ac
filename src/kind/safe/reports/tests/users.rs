//! What becomes of a pass whose user list cannot be had.

use super::*;

#[test]
fn a_refused_user_list_is_told_and_the_report_goes_on() {
    let users = (403, r#"{"Message":"explicit deny"}"#);
    let mut vendor = Vendor {
        users,
        ..Vendor::new()
    };
    let pages = whole(&mut vendor, &start(NOW, None));
    assert_eq!(
        vendor.notices,
        ["the user list is refused: 403 explicit deny"]
    );
    assert!(pages.iter().all(|page| page.users.is_none()));
    assert_eq!(content(&pages).len(), 3);
}

#[test]
fn a_user_list_that_is_not_understood_fails_the_pass_after_the_report_is_kept() {
    let mut vendor = Vendor {
        users: (200, "<html>"),
        ..Vendor::new()
    };
    let (pages, end) = drive(&mut vendor, &start(NOW, None), |_| false);
    assert!(
        matches!(end, Err(FeedError::NotUnderstood { .. })),
        "{end:?}"
    );
    assert!(pages.last().unwrap().covers.is_some());

    // The next pass lists the users alone, unless it is a new day or the user insists.
    vendor.users = Vendor::new().users;
    vendor.now = vendor.now.plus_millis(DAY / 2);
    let next = start(vendor.now, archived(&pages).as_ref());
    let again = whole(&mut vendor, &next);
    assert_eq!((vendor.orders(), content(&again).len()), (1, 0));
    assert!(again.iter().any(|page| page.users.is_some()));
    let forced = Start {
        force: true,
        ..next
    };
    assert_eq!(content(&whole(&mut vendor, &forced)).len(), 3);
    vendor.now = NOW.plus_millis(DAY);
    let pages = go_on(&mut vendor, &again);
    assert_eq!((vendor.orders(), content(&pages).len()), (3, 3));
}
