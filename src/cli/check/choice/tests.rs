//! Tests of [`super`].

use super::*;

/// Saved queries of these names, with these headers.
fn saved() -> Vec<Saved> {
    [
        ("broken", "-- expect: some rows"),
        ("downloads", "-- expect: at most 5 rows\n-- severity: low\n-- tags: sharing\n-- param since time = 7d"),
        ("mfa", "-- expect: no rows\n-- severity: high\n-- tags: access soc2-cc6.1\n-- param since time = 7d\n-- param who text = null"),
        ("quarantined", "-- expect: no rows\n-- tags: soc2-cc7.2"),
        ("timeline", "-- tags: investigate\n-- severity: high"),
    ]
    .map(|(name, header)| Saved {
        name: name.to_owned(),
        folder: None,
        path: None,
        query: Query::read(&format!("-- x\n{header}\nselect 1")),
    })
    .into()
}

fn chosen(
    named: &[&str],
    floor: Option<Severity>,
    given: &[(&str, &str)],
) -> Result<Vec<Chosen>, String> {
    let named: Vec<String> = named.iter().map(|name| (*name).to_owned()).collect();
    let given: Vec<(String, String)> = given
        .iter()
        .map(|(name, value)| ((*name).into(), (*value).into()))
        .collect();
    let choice = Choice::of(saved(), &named, floor, &given);
    choice.map(|choice| choice.checks).map_err(|failure| {
        assert_eq!(failure.exit as u8, 2);
        let hints = failure.hints.iter().map(|hint| format!("\n  hint: {hint}"));
        format!("{failure}{}", hints.collect::<String>())
    })
}

fn names(named: &[&str], floor: Option<Severity>) -> Vec<String> {
    let chosen = chosen(named, floor, &[]).unwrap();
    chosen.into_iter().map(|one| one.asked.name).collect()
}

#[test]
fn checks_are_chosen_by_name_by_tag_or_all_and_by_severity() {
    use Severity::{High, Low, Medium};
    // What cannot be read may be a check, so it is not passed over.
    assert_eq!(
        names(&[], None),
        ["broken", "downloads", "mfa", "quarantined"]
    );
    assert_eq!(names(&["mfa"], None), ["mfa"]);
    assert_eq!(
        names(&["soc2-cc7.2", "sharing"], None),
        ["downloads", "quarantined"]
    );
    assert_eq!(names(&["access", "mfa"], None), ["mfa"]);
    assert_eq!(names(&["broken"], None), ["broken"]);
    assert_eq!(names(&[], Some(Low)), ["broken", "downloads", "mfa"]);
    assert_eq!(names(&["access", "sharing"], Some(Medium)), ["mfa"]);
    assert_eq!(names(&["mfa"], Some(High)), ["mfa"]);
}

#[test]
fn what_cannot_be_checked_is_told() {
    for (named, floor, says) in [
        (
            &["timeline"][..],
            None,
            "`timeline` does not say what to expect\n  hint: a check has a line `-- expect: no rows`, \
             `-- expect: at most 5 rows` or `-- expect: at least 1 row` in its header",
        ),
        (
            &["mfa", "investigate"],
            None,
            "no query with the tag `investigate` says what to expect\n  hint: a check has a line \
             `-- expect: no rows`, `-- expect: at most 5 rows` or `-- expect: at least 1 row` in its header",
        ),
        (
            &["soc2-cc6.2"],
            None,
            "there is no check or tag `soc2-cc6.2`\n  hint: did you mean `soc2-cc6.1` or `soc2-cc7.2`?",
        ),
        (
            &["xyzzy"],
            None,
            "there is no check or tag `xyzzy`\n  hint: `trailkeep check` without a name runs all there are",
        ),
        (
            &["sharing"],
            Some(Severity::High),
            "none of these checks is of severity high or more\n  hint: a check has its severity from a \
             line `-- severity: high` in its header",
        ),
    ] {
        let refused = chosen(named, floor, &[]).err().unwrap();
        assert_eq!(refused, says);
    }
}

#[test]
fn each_check_is_given_what_it_declares() {
    let given = [("who", "ann"), ("since", "1d"), ("since", "2d")];
    let chosen = chosen(&["mfa", "sharing", "quarantined"], None, &given).unwrap();
    let parameters: Vec<&str> = chosen
        .iter()
        .map(|one| one.asked.parameters.as_str())
        .collect();
    assert_eq!(
        parameters,
        [r#"{"since":"2d"}"#, r#"{"since":"2d","who":"ann"}"#, "{}"],
        "the last one counts, and their order does not"
    );
    let own = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(chosen[1].given, [own("since", "2d"), own("who", "ann")]);
}

#[test]
fn a_parameter_that_no_check_has_is_refused() {
    let refused = chosen(&["mfa", "sharing"], None, &[("sicne", "1d")])
        .err()
        .unwrap();
    assert_eq!(
        refused,
        "none of these checks has a parameter `sicne`\n  hint: their parameters: since, who"
    );
    let refused = chosen(&["quarantined"], None, &[("since", "1d")])
        .err()
        .unwrap();
    assert_eq!(refused, "none of these checks has a parameter `since`");
}
