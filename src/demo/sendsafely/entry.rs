//! An entry of SendSafely's audit log as JSON. No real answer is published, so every plausible
//! form can be had.

use crate::demo::world::transfers::{SendSafelyEvent, Value};

/// The form of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryForm {
    /// The name of the details: `LogDetails` in the documents' prose, perhaps `logDetails` in
    /// JSON.
    pub details_name: &'static str,
    /// What the details are.
    pub details: DetailsForm,
}

/// What the details of an entry are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DetailsForm {
    /// A JSON object.
    Object,
    /// A string that holds a JSON object.
    Text,
}

impl Default for EntryForm {
    fn default() -> EntryForm {
        EntryForm {
            details_name: "LogDetails",
            details: DetailsForm::Object,
        }
    }
}

impl EntryForm {
    /// Appends one entry as a JSON object. Written by hand: a walk over a large log renders so
    /// many entries that a serializer is felt in tests.
    pub(in crate::demo) fn write(&self, event: &SendSafelyEvent, out: &mut Vec<u8>) {
        member(out, "{", "eventId", &event.id());
        if !event.garbage {
            member(out, ",", "timestamp", &event.time.to_string());
        }
        member(out, ",", "eventType", event.event_type);
        member(out, ",", "action", event.action);
        member(out, ",", "ipAddress", &event.ip);
        member(out, ",", "authenticatedUser", &event.authenticated_user);
        match &event.impersonated_user {
            Some(user) => member(out, ",", "impersonatedUser", user),
            None => out.extend_from_slice(b",\"impersonatedUser\":null"),
        }
        self.write_details(event, out);
        out.push(b'}');
    }

    fn write_details(&self, event: &SendSafelyEvent, out: &mut Vec<u8>) {
        out.push(b',');
        string(out, self.details_name);
        out.push(b':');
        match self.details {
            DetailsForm::Object => details(out, &event.details),
            DetailsForm::Text => {
                let mut object = Vec::new();
                details(&mut object, &event.details);
                string(out, &String::from_utf8_lossy(&object));
            }
        }
    }
}

fn details(out: &mut Vec<u8>, details: &[(&'static str, Value)]) {
    out.push(b'{');
    for (n, (name, value)) in details.iter().enumerate() {
        let before = if n == 0 { "" } else { "," };
        match value {
            Value::Text(text) => member(out, before, name, text),
            Value::Number(number) => {
                out.extend_from_slice(format!("{before}\"{name}\":{number}").as_bytes());
            }
        }
    }
    out.push(b'}');
}

fn member(out: &mut Vec<u8>, before: &str, name: &str, text: &str) {
    out.extend_from_slice(before.as_bytes());
    string(out, name);
    out.push(b':');
    string(out, text);
}

/// A JSON string: as it is where nothing needs an escape, which is nearly always.
fn string(out: &mut Vec<u8>, text: &str) {
    let plain = |byte: &u8| *byte >= b' ' && *byte != b'"' && *byte != b'\\';
    if text.as_bytes().iter().all(plain) {
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        let text = serde_json::Value::from(text).to_string();
        out.extend_from_slice(text.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Timestamp;

    fn event() -> SendSafelyEvent {
        SendSafelyEvent {
            event_id: 0x0123_4567_89ab_4def_8123_4567_89ab_cdef,
            time: Timestamp::from_millis(1_642_050_230_428),
            visible_at: Timestamp::from_millis(1_642_050_230_428),
            event_type: "PACKAGE_EVENT",
            action: "PACKAGE_FILE_DOWNLOAD",
            ip: "192.0.2.1".into(),
            authenticated_user: "Anonymous Recipient".into(),
            impersonated_user: None,
            details: vec![
                ("fileName", Value::Text("a \"b\".pdf".into())),
                ("fileSize", Value::Number(7)),
            ],
            garbage: false,
        }
    }

    fn written(form: EntryForm, event: &SendSafelyEvent) -> String {
        let mut out = Vec::new();
        form.write(event, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_forms_of_an_entry() {
        let head = "{\"eventId\":\"01234567-89ab-4def-8123-456789abcdef\",\
                    \"timestamp\":\"2022-01-13T05:03:50.428Z\",\"eventType\":\"PACKAGE_EVENT\",\
                    \"action\":\"PACKAGE_FILE_DOWNLOAD\",\"ipAddress\":\"192.0.2.1\",\
                    \"authenticatedUser\":\"Anonymous Recipient\",\"impersonatedUser\":null,";
        let object = written(EntryForm::default(), &event());
        assert_eq!(
            object,
            format!(r#"{head}"LogDetails":{{"fileName":"a \"b\".pdf","fileSize":7}}}}"#)
        );
        let form = EntryForm {
            details_name: "logDetails",
            details: DetailsForm::Text,
        };
        let text = written(form, &event());
        let details = r#""{\"fileName\":\"a \\\"b\\\".pdf\",\"fileSize\":7}""#;
        assert_eq!(text, format!(r#"{head}"logDetails":{details}}}"#));
        let garbage = written(
            EntryForm::default(),
            &SendSafelyEvent {
                garbage: true,
                ..event()
            },
        );
        assert!(!garbage.contains("timestamp"));
    }
}
