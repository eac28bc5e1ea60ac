//! JSON objects, written on one line whatever they hold.

use std::borrow::Cow;

/// An object in the making. What is not known is left out, and so is an object with nothing in it.
#[derive(Debug, Default)]
pub(super) struct Object {
    members: String,
}

impl Object {
    pub(super) fn new() -> Object {
        Object::default()
    }

    pub(super) fn text(self, name: &str, value: Option<&str>) -> Object {
        match value {
            Some(text) => self.member(name, &quoted(text)),
            None => self,
        }
    }

    pub(super) fn number(self, name: &str, value: Option<i64>) -> Object {
        match value {
            Some(number) => self.member(name, &number.to_string()),
            None => self,
        }
    }

    pub(super) fn object(self, name: &str, value: Object) -> Object {
        if value.is_empty() {
            return self;
        }
        self.member(name, &value.finish())
    }

    pub(super) fn texts<T: AsRef<str>>(self, name: &str, values: &[T]) -> Object {
        if values.is_empty() {
            return self;
        }
        let texts: Vec<String> = values.iter().map(|text| quoted(text.as_ref())).collect();
        self.member(name, &format!("[{}]", texts.join(",")))
    }

    /// JSON that somebody else wrote, each value as it stands there; as a text where it is none.
    pub(super) fn json(self, name: &str, value: Option<&str>) -> Object {
        match value {
            Some(json) => self.member(name, &one_line(json)),
            None => self,
        }
    }

    /// The same where a reader expects the member to be there, whether it is known or not.
    pub(super) fn text_or_null(self, name: &str, value: Option<&str>) -> Object {
        match value {
            Some(_) => self.text(name, value),
            None => self.member(name, "null"),
        }
    }

    pub(super) fn number_or_null(self, name: &str, value: Option<i64>) -> Object {
        match value {
            Some(_) => self.number(name, value),
            None => self.member(name, "null"),
        }
    }

    /// The same members and these.
    pub(super) fn and(mut self, Object { members }: Object) -> Object {
        if !self.is_empty() && !members.is_empty() {
            self.members.push(',');
        }
        self.members.push_str(&members);
        self
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Its text.
    pub(super) fn finish(self) -> String {
        format!("{{{}}}", self.members)
    }

    fn member(mut self, name: &str, json: &str) -> Object {
        if !self.is_empty() {
            self.members.push(',');
        }
        self.members.push_str(&quoted(name));
        self.members.push(':');
        self.members.push_str(json);
        self
    }
}

/// A JSON string. Line ends that are none to JSON are written as escapes, for there are readers
/// that end a line at them.
fn quoted(text: &str) -> String {
    escape_line_ends(&serde_json::Value::from(text).to_string()).into_owned()
}

/// The same JSON on one line: between values a line end is only space, and within a string JSON
/// allows none but those few.
fn one_line(json: &str) -> Cow<'_, str> {
    if serde_json::from_str::<&serde_json::value::RawValue>(json).is_err() {
        return quoted(json).into();
    }
    match json.contains(['\n', '\r']) {
        true => escape_line_ends(&json.replace(['\n', '\r'], " "))
            .into_owned()
            .into(),
        false => escape_line_ends(json),
    }
}

fn escape_line_ends(json: &str) -> Cow<'_, str> {
    const LINE_ENDS: [char; 3] = ['\u{85}', '\u{2028}', '\u{2029}'];
    if !json.contains(LINE_ENDS) {
        return json.into();
    }
    let escaped = json.chars().map(|c| match c {
        c if LINE_ENDS.contains(&c) => format!("\\u{:04x}", u32::from(c)),
        c => c.to_string(),
    });
    escaped.collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_left_out() {
        let object = Object::new()
            .text("a", None)
            .number("b", None)
            .object("c", Object::new().text("d", None))
            .texts("e", &[""; 0])
            .json("f", None)
            .text("g", Some("x"));
        assert_eq!(object.finish(), r#"{"g":"x"}"#);
        let nulls = Object::new()
            .text_or_null("a", None)
            .number_or_null("b", None);
        assert_eq!(nulls.finish(), r#"{"a":null,"b":null}"#);
    }

    #[test]
    fn json_of_others_keeps_its_values_and_loses_its_line_ends() {
        for (json, line) in [
            (
                "{\n \"a\" :\r\n 1.10,\"b\":123456789012345678901234567890}",
                "{  \"a\" :   1.10,\"b\":123456789012345678901234567890}",
            ),
            (r#"{"a":1,"a":2}"#, r#"{"a":1,"a":2}"#),
            ("{\"a\":\"\u{2028}\"}", r#"{"a":"\u2028"}"#),
            ("{a:1}\n", r#""{a:1}\n""#),
            ("", r#""""#),
        ] {
            let object = Object::new().json("d", Some(json)).finish();
            assert_eq!(object, format!("{{\"d\":{line}}}"));
        }
    }

    #[test]
    fn two_objects_become_one() {
        let one = |name: &str| Object::new().number(name, Some(1));
        assert_eq!(one("a").and(one("b")).finish(), r#"{"a":1,"b":1}"#);
        assert_eq!(Object::new().and(one("b")).finish(), r#"{"b":1}"#);
        assert_eq!(one("a").and(Object::new()).finish(), r#"{"a":1}"#);
    }
}
