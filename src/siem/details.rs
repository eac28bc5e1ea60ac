//! Looks into the details of an event.

use std::cell::OnceCell;

use serde_json::Value;

/// The members of a record that have no column, read when they are first asked for.
pub(super) struct Details<'a> {
    json: Option<&'a str>,
    read: OnceCell<Value>,
}

impl<'a> Details<'a> {
    pub(super) fn new(json: Option<&'a str>) -> Details<'a> {
        Details {
            json,
            read: OnceCell::new(),
        }
    }

    /// The text at a path, as in `userIdentity.arn`; numbers as text; none for what is empty.
    pub(super) fn text(&self, path: &str) -> Option<String> {
        let found = match self.at(path)? {
            Value::String(text) => text.clone(),
            Value::Number(number) => number.to_string(),
            _ => return None,
        };
        (!found.is_empty()).then_some(found)
    }

    /// The first of these that is there.
    pub(super) fn first(&self, paths: &[&str]) -> Option<String> {
        paths.iter().find_map(|path| self.text(path))
    }

    /// A text, or each text of a list.
    pub(super) fn texts(&self, path: &str) -> Vec<String> {
        match self.at(path) {
            Some(Value::Array(all)) => {
                let texts = all.iter().filter_map(Value::as_str);
                texts
                    .filter(|text| !text.is_empty())
                    .map(str::to_owned)
                    .collect()
            }
            _ => self.text(path).into_iter().collect(),
        }
    }

    fn at(&self, path: &str) -> Option<&Value> {
        let read = || {
            let value = self.json.and_then(|json| serde_json::from_str(json).ok());
            value.unwrap_or(Value::Null)
        };
        let whole = self.read.get_or_init(read);
        path.split('.')
            .try_fold(whole, |value, name| value.get(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_texts_and_numbers() {
        let json = r#"{"a":{"b":"x"},"n":7,"e":"","l":["p","",5,"q"],"o":{}}"#;
        let details = Details::new(Some(json));
        assert_eq!(details.text("a.b").as_deref(), Some("x"));
        assert_eq!(details.text("n").as_deref(), Some("7"));
        for path in ["a", "a.c", "e", "l", "o", "z.z", ""] {
            assert_eq!(details.text(path), None, "{path}");
        }
        assert_eq!(details.first(&["e", "n", "a.b"]).as_deref(), Some("7"));
        assert_eq!(details.texts("l"), ["p", "q"]);
        assert_eq!(details.texts("a.b"), ["x"]);
        assert_eq!(Details::new(Some("no json")).text("a"), None);
        assert_eq!(Details::new(None).text("a"), None);
    }
}
