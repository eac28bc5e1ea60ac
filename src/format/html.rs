//! One page of HTML that needs nothing else: to attach, to print, to keep.

use std::io::{self, BufWriter, Write};

use crate::format::{Format, FormatKind, Layout, plain, shown};
use crate::query::{Column, Value};

struct Html<'w> {
    out: BufWriter<Box<dyn Write + 'w>>,
    /// The heading of a page; none for a table that is part of another page.
    title: Option<&'w str>,
    rows: u64,
}

/// A table by itself, to stand between [`page_begin`] and [`PAGE_END`].
pub(crate) const TABLE: FormatKind = FormatKind {
    name: "html table",
    about: "a part of a page",
    remarks: false,
    open: open_table,
};

pub(super) fn open<'w>(out: Box<dyn Write + 'w>, layout: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Html {
        out: BufWriter::new(out),
        title: Some(layout.title),
        rows: 0,
    })
}

fn open_table<'w>(out: Box<dyn Write + 'w>, _: Layout<'w>) -> Box<dyn Format + 'w> {
    Box::new(Html {
        out: BufWriter::new(out),
        title: None,
        rows: 0,
    })
}

/// The beginning of a page, up to its heading.
pub(crate) fn page_begin(title: &str) -> String {
    let heading = escaped(title);
    let title = if heading.is_empty() {
        "trailkeep"
    } else {
        &heading
    };
    let mut page =
        format!("{HEAD}<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n");
    if !heading.is_empty() {
        page += &format!("<h1>{heading}</h1>\n");
    }
    page
}

/// The end of a page.
pub(crate) const PAGE_END: &str = "</body>\n</html>\n";

impl Format for Html<'_> {
    fn begin(&mut self, columns: &[Column]) -> io::Result<()> {
        if let Some(title) = self.title {
            self.out.write_all(page_begin(title).as_bytes())?;
        }
        self.out.write_all(b"<table>\n<thead>\n<tr>")?;
        for column in columns {
            write!(self.out, "<th scope=\"col\">{}</th>", escaped(&column.name))?;
        }
        self.out.write_all(b"</tr>\n</thead>\n<tbody>\n")
    }

    fn row(&mut self, row: &[Value<'_>]) -> io::Result<()> {
        self.rows += 1;
        self.out.write_all(b"<tr>")?;
        for value in row {
            let text = escaped(&plain(value));
            match value {
                // A word, so that null is told from no text however the page is read.
                Value::Null => self.out.write_all(b"<td class=\"null\">null</td>")?,
                Value::Integer(_) | Value::Real(_) => {
                    write!(self.out, "<td class=\"number\">{text}</td>")?;
                }
                Value::Text(_) | Value::Blob(_) => write!(self.out, "<td>{text}</td>")?,
            }
        }
        self.out.write_all(b"</tr>\n")
    }

    fn end(&mut self, remarks: &[String]) -> io::Result<()> {
        let rows = match self.rows {
            1 => "1 row".to_owned(),
            rows => format!("{rows} rows"),
        };
        self.out.write_all(b"</tbody>\n</table>\n")?;
        if self.title.is_none() {
            return self.out.flush();
        }
        writeln!(self.out, "<p>{rows}</p>")?;
        if !remarks.is_empty() {
            let lines: Vec<String> = remarks.iter().map(|remark| escaped(remark)).collect();
            let lines = lines.join("<br>\n");
            writeln!(self.out, "<footer><p>{lines}</p></footer>")?;
        }
        self.out.write_all(PAGE_END.as_bytes())?;
        self.out.flush()
    }
}

/// Nothing in a text ends its element or is obeyed; its lines stay lines.
pub fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' => escaped.push('\n'),
            c => escaped.push(shown(c)),
        }
    }
    escaped
}

/// The policy lets a page load and run nothing, should anything ever slip through.
const HEAD: &str = r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
"#;

/// On paper a word may break anywhere, so that every column is on the page.
const STYLE: &str = "
:root { --text: #1b1f24; --faint: #656d76; --line: #d0d7de; --head: #f3f5f7; --page: #ffffff; }
@media screen and (prefers-color-scheme: dark) {
  :root { --text: #e3e6ea; --faint: #9aa4af; --line: #3a414a; --head: #22272e; --page: #16191d; }
}
body { margin: 1.5rem; background: var(--page); color: var(--text);
  font: 0.875rem/1.45 system-ui, sans-serif; }
h1 { margin: 0 0 1rem; font-size: 1.25rem; font-weight: 600; }
h2 { margin: 1.75rem 0 0.5rem; font-size: 1.05rem; font-weight: 600; }
table { border-collapse: collapse; }
th, td { padding: 0.3rem 0.7rem; border-bottom: 1px solid var(--line); text-align: left;
  vertical-align: top; white-space: pre-wrap; overflow-wrap: break-word; max-width: 40rem; }
th { position: sticky; top: 0; background: var(--head); font-weight: 600; }
td { font-variant-numeric: tabular-nums; unicode-bidi: isolate; }
.number { text-align: right; }
.null { color: var(--faint); font-style: italic; }
p { color: var(--faint); }
@media print {
  @page { size: landscape; margin: 1cm; }
  body { margin: 0; font-size: 7.5pt; }
  table { width: 100%; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  th, td { padding: 0.15rem 0.35rem; max-width: none; overflow-wrap: anywhere; }
  th { position: static; }
}
";
