//! A record of SAFE's activity as a line of its log group. What it looks like is published
//! nowhere, so every plausible form can be had; the envelopes are those of SAFE's own loggers.

use serde_json::{Value, json};

use crate::demo::world::activity::SafeEvent;
use crate::demo::world::log_events::LogEvent;
use crate::event::Timestamp;

/// The form of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogForm {
    /// The envelope of SAFE's logger for Node: JSON, the record under `metadata`.
    Envelope,
    /// The envelope of SAFE's logger for Python: a time with a comma and without a zone.
    PythonEnvelope,
    /// The first envelope behind what AWS Lambda writes before a line: time, request, level.
    Lambda,
    /// JSON with a string that holds the first envelope.
    Nested,
    /// The first envelope, in which the logger has masked names and addresses of people.
    Masked,
    /// The Common Event Format of SAFE 3.1.
    Cef,
    /// Now this, now that.
    Mixed,
}

impl LogForm {
    /// The line of an event.
    pub(super) fn line(self, event: &LogEvent<'_>) -> String {
        let drawn = event.event_id.bytes().map(usize::from).sum::<usize>();
        let Some(row) = event.row else {
            return noise(drawn, event.time);
        };
        match self {
            LogForm::Envelope => envelope(row, false).to_string(),
            LogForm::PythonEnvelope => python(row).to_string(),
            LogForm::Lambda => {
                let request = "8f5a1c0e-3b52-4b0e-9d1a-6f0f2f9f8a11";
                format!(
                    "{}\t{request}\tINFO\t{}\n",
                    event.time,
                    envelope(row, false)
                )
            }
            LogForm::Nested => {
                let text = format!("{}\n", envelope(row, false));
                json!({"log": text, "stream": "stdout"}).to_string()
            }
            LogForm::Masked => envelope(row, true).to_string(),
            LogForm::Cef => cef(row),
            LogForm::Mixed => FORMS
                .get(drawn % FORMS.len())
                .unwrap_or(&FORMS[0])
                .line(event),
        }
    }
}

/// The forms that a mix is made of.
const FORMS: [LogForm; 6] = [
    LogForm::Envelope,
    LogForm::PythonEnvelope,
    LogForm::Lambda,
    LogForm::Nested,
    LogForm::Masked,
    LogForm::Cef,
];

fn envelope(row: &SafeEvent, masked: bool) -> Value {
    let name = if masked {
        mask(&row.username)
    } else {
        row.username.to_string()
    };
    let mut envelope = json!({
        "level": "info",
        "message": &*row.activity,
        "metadata": {
            "action": &*row.activity,
            "module": row.module,
            "sourceIp": &*row.ip,
            "sourcePort": row.port,
            "tenantId": "northwind",
            "userEmail": name,
            "userId": &*row.user_id,
        },
        "service": "safe-api",
    });
    if !row.garbage {
        envelope["timestamp"] = json!(row.time.to_string());
    }
    envelope["type"] = json!("audit");
    envelope
}

fn python(row: &SafeEvent) -> Value {
    let mut envelope = json!({});
    if !row.garbage {
        let time = row.time.datetime().format("%Y-%m-%d %H:%M:%S,%3f");
        envelope["timestamp"] = json!(time.to_string());
    }
    let rest = json!({
        "level": "INFO",
        "message": &*row.activity,
        "tenantId": "northwind",
        "requestId": "r1",
        "service": "safe-api",
        "type": "audit",
        "metadata": {
            "user_id": &*row.user_id,
            "username": &*row.username,
            "source_ip": &*row.ip,
            "source_port": row.port,
            "action": &*row.activity,
        },
    });
    for (name, value) in rest.as_object().into_iter().flatten() {
        envelope[name] = value.clone();
    }
    envelope
}

/// What the loggers leave of a name: the first two letters of each word, and the last one where
/// it has more than four (in official code).
fn mask(name: &str) -> String {
    let words = name.split_inclusive(|c: char| !c.is_alphanumeric());
    let masked = words.map(|word| {
        let letters = word.chars().filter(|c| c.is_alphanumeric()).count();
        let kept = |n: usize| n < 2 || n >= letters || (letters > 4 && n + 1 == letters);
        let letter = |(n, c): (usize, char)| if kept(n) { c } else { '*' };
        word.chars().enumerate().map(letter).collect::<String>()
    });
    masked.collect()
}

/// Prefix, seven fields and an extension (documented); the extension's keys are CEF's own, for
/// SAFE's are unknown.
fn cef(row: &SafeEvent) -> String {
    let header = row.activity.replace('\\', "\\\\").replace('|', "\\|");
    let activity = row.activity.replace('\\', "\\\\").replace('=', "\\=");
    let time = row.time.datetime().format("%b %d %Y %H:%M:%S");
    let rt = if row.garbage {
        String::new()
    } else {
        format!("rt={} ", row.time.millis())
    };
    let prefix = if row.garbage {
        String::new()
    } else {
        format!("{time} ")
    };
    let SafeEvent {
        ip,
        port,
        user_id,
        username,
        module,
        ..
    } = row;
    format!(
        "{prefix}safe-app-1 CEF:0|SAFE Security|SAFE|3.1|{module}|{header}|3|{rt}src={ip} spt={port} \
         suid={user_id} suser={username} act={activity}"
    )
}

/// A line that the application writes for other reasons.
fn noise(drawn: usize, time: Timestamp) -> String {
    let request = "RequestId: 8f5a1c0e-3b52-4b0e-9d1a-6f0f2f9f8a11";
    match drawn % 5 {
        0 => format!("START {request} Version: $LATEST\n"),
        1 => format!("REPORT {request}\tDuration: 12.04 ms\tBilled Duration: 13 ms\n"),
        2 => "    at Object.<anonymous> (/var/task/index.js:14:11)".to_owned(),
        3 => format!("{time} WARN {{not json"),
        _ => "[1,2,3]".to_owned(),
    }
}
