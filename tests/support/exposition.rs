//! A strict reader of Prometheus's text format, version 0.0.4 (documented: Prometheus, Exposition
//! formats): what it takes, every other reader takes.

use std::collections::{BTreeMap, BTreeSet};

/// A sample's name and labels, in their order.
pub(crate) type Series = (String, Labels);

type Labels = Vec<(String, String)>;

/// The samples, or the first line that is wrong.
pub(crate) fn read(text: &str) -> Result<BTreeMap<Series, f64>, String> {
    let text = text.strip_suffix('\n').ok_or("the last line has no end")?;
    let mut samples = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let mut metric = Metric::default();
    for line in text.split('\n') {
        let wrong = |why: &str| format!("{why}: {line}");
        if let Some(help) = line.strip_prefix("# HELP ") {
            let (name, _) = help.split_once(' ').ok_or_else(|| wrong("no help"))?;
            let is_new = is_name(name) && seen.insert(name.to_owned());
            is_new.then_some(()).ok_or_else(|| wrong("no new name"))?;
            metric = Metric::named(name);
        } else if let Some(kind) = line.strip_prefix("# TYPE ") {
            metric.read_kind(kind).map_err(wrong)?;
        } else {
            let (series, value) = metric.read_sample(line).map_err(wrong)?;
            let before = samples.insert(series, value);
            before
                .is_none()
                .then_some(())
                .ok_or_else(|| wrong("twice"))?;
        }
    }
    Ok(samples)
}

/// The metric whose samples are being read: one after another, beneath its help and type.
#[derive(Default)]
struct Metric {
    name: String,
    has_kind: bool,
}

impl Metric {
    fn named(name: &str) -> Metric {
        Metric {
            name: name.to_owned(),
            has_kind: false,
        }
    }

    fn read_kind(&mut self, line: &str) -> Result<(), &'static str> {
        let (name, kind) = line.split_once(' ').ok_or("no type")?;
        if name != self.name || self.has_kind {
            return Err("a type for another metric");
        }
        match kind {
            "counter" if !name.ends_with("_total") => return Err("a counter that is no total"),
            "gauge" if name.ends_with("_total") => return Err("a total that is no counter"),
            "counter" | "gauge" => {}
            _ => return Err("no such type"),
        }
        self.has_kind = true;
        Ok(())
    }

    fn read_sample(&self, line: &str) -> Result<(Series, f64), &'static str> {
        let rest = line.strip_prefix(&self.name).ok_or("another metric")?;
        let is_typed = self.has_kind.then_some(());
        is_typed.ok_or("no type before it")?;
        let (labels, value) = match rest.strip_prefix('{') {
            Some(labels) => read_labels(labels)?,
            None => (Vec::new(), rest),
        };
        let value = value.strip_prefix(' ').ok_or("no space before the value")?;
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        if value.is_empty() || !value.chars().all(digits) {
            return Err("no plain number");
        }
        let value = value.parse().map_err(|_| "no number")?;
        Ok(((self.name.clone(), labels), value))
    }
}

/// The labels up to the brace, and what stands behind it.
fn read_labels(mut text: &str) -> Result<(Labels, &str), &'static str> {
    let mut labels = Labels::new();
    loop {
        let (name, rest) = text.split_once("=\"").ok_or("no label")?;
        if !is_name(name) || name.contains(':') || labels.iter().any(|(one, _)| one == name) {
            return Err("no new label");
        }
        let (value, rest) = read_value(rest)?;
        labels.push((name.to_owned(), value));
        match rest.strip_prefix(',') {
            Some(rest) => text = rest,
            None => return Ok((labels, rest.strip_prefix('}').ok_or("no end of labels")?)),
        }
    }
}

/// The value up to the quote, and what stands behind it.
fn read_value(text: &str) -> Result<(String, &str), &'static str> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Ok((value, &text[at + 1..])),
            '\\' => value.push(match chars.next() {
                Some((_, 'n')) => '\n',
                Some((_, c @ ('\\' | '"'))) => c,
                _ => return Err("no such escape"),
            }),
            c => value.push(c),
        }
    }
    Err("no end of the value")
}

fn is_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    name.chars().all(fits) && !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty()
}

#[test]
fn what_breaks_the_format_is_refused() {
    let head = "# HELP a b\n# TYPE a gauge\n";
    for (lines, samples) in [
        ("a 1\na{b=\"c\"} 2.5\na{b=\"c\\\"\\\\\\n\"} 3\n", Some(3)),
        ("a 1", None),
        ("a 1\na 2\n", None),
        ("a{b=\"c\"} 1\na{b=\"c\"} 1\n", None),
        ("a{b=\"c\",b=\"d\"} 1\n", None),
        ("a{b=\"c\" 1\n", None),
        ("a{b=\"c\\d\"} 1\n", None),
        ("a{b=c} 1\n", None),
        ("a  1\n", None),
        ("a one\n", None),
        ("a\n", None),
        ("b 1\n", None),
        ("\n", None),
        ("# HELP c d\na 1\n", None),
        ("# HELP c d\nc 1\n", None),
        ("# HELP a d\n# TYPE a gauge\n", None),
        ("# HELP c d\n# TYPE c counter\nc 1\n", None),
    ] {
        let read = read(&format!("{head}{lines}"));
        assert_eq!(
            read.as_ref().map(BTreeMap::len).ok(),
            samples,
            "{lines}\n{read:?}"
        );
    }
}
