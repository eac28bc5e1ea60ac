//! What makes two rows the same.

use super::*;

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn identity_leaves_out_what_may_change() {
    let export = |header: &str, row: &str, names: Option<&str>| {
        let identity_names = names.map(|names| names.split(' ').map(str::to_owned).collect());
        let options = ExportOptions {
            identity_names,
            ..ExportOptions::default()
        };
        pages_with(
            format!("Timestamp,User ID,{header}\n2026-01-13,{ID},{row}\n"),
            options,
        )
        .unwrap()
        .remove(0)
    };
    let first = export("Username,Action,Risk", "ann,Edit,R1", None);
    assert_eq!(first.identity_names, Some(vec!["Risk".to_owned()]));
    let same = [
        export("Username,Action,Risk", "ann b,Edit,R1", Some("Risk")),
        export("Action,Risk,Browser", "Edit,R1,Firefox", Some("Risk")),
        export("Risk,Action", "R1,Edit", Some("Risk")),
    ];
    for page in &same {
        assert_eq!(hashes(page), hashes(&first));
        assert_eq!(page.identity_names, None);
    }
    assert_eq!(
        same[1].notices[0],
        "the export has new columns: `Browser`; they are kept as details"
    );
    for (action, risk) in [("Edit", "R2"), ("Delete", "R1"), ("EditR", "1")] {
        assert_ne!(
            hashes(&export(
                "Action,Risk",
                &format!("{action},{risk}"),
                Some("Risk")
            )),
            hashes(&first)
        );
    }
    let gone = export("Action", "Edit", Some("Risk"));
    assert!(
        gone.notices[0].starts_with("the export lacks columns it had before: `Risk`"),
        "{:?}",
        gone.notices
    );
}

#[test]
fn an_id_counts_only_if_all_rows_have_one_of_their_own() {
    for (ids, trusted) in [
        (["a", "b"], true),
        (["a", "a"], false),
        (["a", ""], false),
        (["a", "N/A"], false),
    ] {
        let page = only(&format!(
            "Timestamp,Action,Event ID\n2026-01-13,X,{}\n2026-01-13,X,{}\n",
            ids[0], ids[1]
        ));
        let vendor = |event: &Event| matches!(event.identity, Identity::Vendor(_));
        let vendors: Vec<bool> = page.events.iter().map(vendor).collect();
        assert_eq!(vendors, [trusted; 2], "{ids:?}");
    }
}

#[test]
fn equal_rows_are_kept_apart_by_nothing() {
    let page = only(&format!(
        "Timestamp,User ID,Action\n{0}{0}",
        format!("2026-01-13,{ID},Login\n")
    ));
    assert_eq!(hashes(&page)[0], hashes(&page)[1]);
    assert_eq!(page.window, Window::Opens);
}

#[test]
fn the_order_of_columns_does_not_count() {
    let one = only("Timestamp,User,Risk,Zone\n2026-01-13,ann,R1,Z1\n");
    let other = only("Zone,Risk,User,Timestamp\nZ1,R1,ann,2026-01-13\n");
    let mixed = only("Zone,Risk,User,Timestamp\nR1,Z1,ann,2026-01-13\n");
    assert_eq!(hashes(&one), hashes(&other));
    assert_ne!(hashes(&one), hashes(&mixed));
}
