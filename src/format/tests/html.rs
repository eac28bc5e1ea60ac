//! Tests of HTML.

use super::*;

/// Reads a page back: null is none.
pub(super) fn read(written: &str) -> Vec<Vec<Option<String>>> {
    let cell = |cell: &str| {
        let (open, text) = cell.split_once('>').unwrap();
        let text = text.replace("&lt;", "<").replace("&gt;", ">");
        let text = text.replace("&quot;", "\"").replace("&#39;", "'");
        (!open.contains("class=\"null\"")).then(|| text.replace("&amp;", "&"))
    };
    let table = written.split_once("<table>").unwrap().1;
    let table = table.split_once("</table>").unwrap().0;
    let rows = table.split("</tr>").filter(|row| row.contains("<tr>"));
    let cells = |row: &str| {
        let cells = row.split("<tr>").nth(1).unwrap().split("</td>");
        let cells = cells.flat_map(|cells| cells.split("</th>"));
        cells.filter(|cell| !cell.is_empty()).map(cell).collect()
    };
    rows.map(cells).collect()
}

#[test]
fn html_escapes_every_text_and_tells_null_from_empty() {
    let layout = Layout {
        title: "Who's <b>\"in\"</b> & out",
        ..Layout::default()
    };
    let rows = [vec![
        Value::Null,
        text(""),
        text("<script>a()</script>\n\u{202e}\"x\""),
        Value::Real(0.5),
    ]];
    let page = written(
        find("html").unwrap(),
        layout,
        &["a", "<i>", "c", "d"],
        &rows,
    );
    let title = "Who&#39;s &lt;b&gt;&quot;in&quot;&lt;/b&gt; &amp; out";
    assert!(page.contains(&format!("<title>{title}</title>")), "{page}");
    let body = page.split_once("<body>\n").unwrap().1;
    assert_eq!(
        body,
        format!(
            "<h1>{title}</h1>\n<table>\n<thead>\n<tr><th scope=\"col\">a</th>\
             <th scope=\"col\">&lt;i&gt;</th><th scope=\"col\">c</th><th scope=\"col\">d</th></tr>\n\
             </thead>\n<tbody>\n<tr><td class=\"null\">null</td><td></td>\
             <td>&lt;script&gt;a()&lt;/script&gt;\n\u{fffd}&quot;x&quot;</td>\
             <td class=\"number\">0.5</td></tr>\n</tbody>\n</table>\n<p>1 row</p>\n</body>\n</html>\n"
        )
    );
}

#[test]
fn a_page_of_html_needs_nothing_else_and_runs_nothing() {
    let rows = [vec![text("<script src=x>"), text("https://x")]];
    let page = written(find("html").unwrap(), Layout::default(), &["a"], &rows);
    let head = page.split_once("<body>").unwrap().0;
    for outside in ["http:", "https:", "src=", "href", "url(", "@import"] {
        assert!(!head.contains(outside), "{outside}");
    }
    assert!(!page.contains("<script"), "{page}");
    for inside in [
        "default-src 'none'",
        "charset=\"utf-8\"",
        "prefers-color-scheme: dark",
        "table-header-group",
    ] {
        assert!(head.contains(inside), "{inside}");
    }
}

#[test]
fn a_page_of_html_without_a_title_or_rows_is_still_one() {
    let page = written(find("html").unwrap(), Layout::default(), &["a"], &[]);
    assert!(page.contains("<title>trailkeep</title>") && !page.contains("<h1>"));
    assert!(page.ends_with("<tbody>\n</tbody>\n</table>\n<p>0 rows</p>\n</body>\n</html>\n"));
}
