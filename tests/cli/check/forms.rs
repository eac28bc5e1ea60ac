//! The forms of `check`: Markdown, HTML, JUnit.

use insta::{assert_snapshot, with_settings};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::{archive, assert_output, read, save};

#[test]
fn forms_are_told_by_the_ending_of_a_file() {
    let sandbox = archive();
    assert_snapshot!(sandbox.run("check c-few d-some --to checks.md"), @"
    ------- stderr -------
    2 checks: 2 pass to checks.md
    ");
    assert_snapshot!(sandbox.run("check c-few --to checks.doc"), @"
    ------- stderr -------
    error: no form is known by the ending `.doc`
      hint: name one with -o: table, json, markdown, html, junit
    [exit status: 2]
    ");
}

#[test]
fn an_issue_has_a_table_of_checks_and_a_section_for_each_that_is_not_well() {
    let sandbox = archive();
    sandbox.run("check mine --to checks.md").exits(2);
    let page = read(&sandbox, "checks.md");
    assert_output!(page, @r"
    # 4 checks: 1 error, 1 alarm, 2 pass, MOMENT

    | check | severity | outcome | found |
    | --- | --- | --- | --- |
    | a-failures | high | alarm | 3 rows; expected no rows |
    | b-broken |  | error | $DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter |
    | c-few | low | pass | 3 rows; expected at most 5 rows |
    | d-some | critical | pass | 3 rows; expected at least 1 row |

    ## a-failures: alarm

    Who failed to sign in

    | time | actor |
    | --- | --- |
    | MOMENT | ann@example.com |
    | MOMENT | bob &lt;b&amp;b@example.com> |
    | MOMENT | ann@example.com |

    ## b-broken: error

    hint: did you mean \`actor\`?
    ");
}

#[test]
fn a_page_has_the_same() {
    let sandbox = archive();
    sandbox.run("check mine --to checks.html").exits(2);
    let page = read(&sandbox, "checks.html");
    let body = page.split_once("<body>\n").unwrap().1;
    assert_output!(body, @r#"
    <h1>4 checks: 1 error, 1 alarm, 2 pass, MOMENT</h1>
    <table>
    <thead>
    <tr><th scope="col">check</th><th scope="col">severity</th><th scope="col">outcome</th><th scope="col">found</th></tr>
    </thead>
    <tbody>
    <tr><td>a-failures</td><td>high</td><td>alarm</td><td>3 rows; expected no rows</td></tr>
    <tr><td>b-broken</td><td></td><td>error</td><td>$DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter</td></tr>
    <tr><td>c-few</td><td>low</td><td>pass</td><td>3 rows; expected at most 5 rows</td></tr>
    <tr><td>d-some</td><td>critical</td><td>pass</td><td>3 rows; expected at least 1 row</td></tr>
    </tbody>
    </table>
    <section>
    <h2>a-failures: alarm</h2>
    <p>Who failed to sign in</p>
    <table>
    <thead>
    <tr><th scope="col">time</th><th scope="col">actor</th></tr>
    </thead>
    <tbody>
    <tr><td>MOMENT</td><td>ann@example.com</td></tr>
    <tr><td>MOMENT</td><td>bob &lt;b&amp;b@example.com&gt;</td></tr>
    <tr><td>MOMENT</td><td>ann@example.com</td></tr>
    </tbody>
    </table>
    </section>
    <section>
    <h2>b-broken: error</h2>
    <p>hint: did you mean `actor`?</p>
    </section>
    <footer><p>archive trailkeep.db · trailkeep 0.1.0 · checked MOMENT</p></footer>
    </body>
    </html>
    "#);
}

/// The checks and one whose rows hold what XML has no room for, as JUnit has them.
fn hostile() -> String {
    let sandbox = archive();
    save(
        &sandbox,
        "g-hostile",
        "-- Text that \"is\" <no> XML & more\u{7}\n-- tags: mine\n-- expect: no rows\n\
         select ']]><x>' || char(27, 0xfffe, 10, 0x1f600) as \"<column>\"",
    );
    sandbox.run("check mine --to checks.xml").exits(2);
    read(&sandbox, "checks.xml")
}

#[test]
#[expect(clippy::too_many_lines, reason = "most are of the file")]
fn junit_has_a_test_case_for_each_check() {
    assert_output!(hostile(), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="trailkeep" tests="5" failures="2" errors="1" skipped="0" time="SECONDS">
      <testsuite name="checks" timestamp="MOMENT" tests="5" failures="2" errors="1" skipped="0" time="SECONDS">
        <properties>
          <property name="archive" value="trailkeep.db"/>
          <property name="version" value="0.1.0"/>
        </properties>
        <testcase classname="trailkeep.check" name="a-failures" time="SECONDS">
          <failure message="3 rows; expected no rows" type="high">Who failed to sign in
    time                      actor
    ────────────────────────  ─────────────────────
    MOMENT  ann@example.com
    MOMENT  bob &lt;b&amp;b@example.com&gt;
    MOMENT  ann@example.com
    </failure>
          <system-out>3 rows; expected no rows</system-out>
        </testcase>
        <testcase classname="trailkeep.check" name="b-broken" time="SECONDS">
          <error message="$DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter" type="error">$DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter
      select acter from events
             ^^^^^
    hint: did you mean `actor`?</error>
          <system-out>$DIR/xdg/trailkeep/queries/b-broken.sql:4:8: no such column: acter</system-out>
        </testcase>
        <testcase classname="trailkeep.check" name="c-few" time="SECONDS">
          <system-out>3 rows; expected at most 5 rows</system-out>
        </testcase>
        <testcase classname="trailkeep.check" name="d-some" time="SECONDS">
          <system-out>3 rows; expected at least 1 row</system-out>
        </testcase>
        <testcase classname="trailkeep.check" name="g-hostile" time="SECONDS">
          <failure message="1 row; expected no rows" type="failure">Text that &quot;is&quot; &lt;no&gt; XML &amp; more␇
    &lt;column&gt;
    ───────────
    ]]&gt;&lt;x&gt;␛�␊😀
    </failure>
          <system-out>1 row; expected no rows</system-out>
        </testcase>
      </testsuite>
    </testsuites>
    "#);
}

#[test]
fn junit_is_well_formed_whatever_the_rows_hold() {
    let xml = hostile();
    let forbidden = |c: char| (c < ' ' && c != '\n') || c == '\u{fffe}';
    assert!(!xml.contains(forbidden), "{xml}");
    let mut reader = Reader::from_str(&xml);
    let mut failures = 0;
    loop {
        match reader.read_event().unwrap() {
            Event::Start(element) => {
                for attribute in element.attributes() {
                    attribute.unwrap();
                }
                failures += usize::from(element.name().as_ref() == "failure");
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(failures, 2);
}
