//! Readers of CEF and syslog, as their documents have them, and what the texts become that neither
//! has a way to write.

use std::collections::BTreeMap;

/// A line of CEF, taken apart.
pub(super) struct Cef {
    pub(super) header: Vec<String>,
    pub(super) extension: BTreeMap<String, String>,
}

/// A line of syslog, taken apart.
pub(super) struct Syslog {
    /// Priority and version, time, host, program, process, name of the message.
    pub(super) header: Vec<String>,
    pub(super) id: String,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) message: String,
}

impl Cef {
    pub(super) fn read(line: &str) -> Cef {
        let mut header = vec![String::new()];
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => header.last_mut().unwrap().push(chars.next().unwrap()),
                '|' if header.len() == 7 => break,
                '|' => header.push(String::new()),
                c => header.last_mut().unwrap().push(c),
            }
        }
        assert_eq!(header[0], "CEF:0");
        let extension = pairs(chars.as_str());
        Cef { header, extension }
    }
}

/// Each `=` that no backslash stands before ends a key, which begins after the space before it.
fn pairs(text: &str) -> BTreeMap<String, String> {
    let mut equals = Vec::new();
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        if c == '=' && !escaped {
            equals.push(at);
        }
        escaped = c == '\\' && !escaped;
    }
    let key_start = |equal: usize| text[..equal].rfind(' ').map_or(0, |space| space + 1);
    let mut pairs = BTreeMap::new();
    for (n, equal) in equals.iter().enumerate() {
        let key = &text[key_start(*equal)..*equal];
        let end = equals
            .get(n + 1)
            .map_or(text.len(), |next| key_start(*next) - 1);
        let value = unescaped(&text[equal + 1..end]);
        let before = pairs.insert(key.to_owned(), value);
        assert_eq!(before, None, "{key} stands twice in {text}");
    }
    pairs
}

fn unescaped(text: &str) -> String {
    let mut value = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next().unwrap() {
                'n' => value.push('\n'),
                'r' => value.push('\r'),
                other => value.push(other),
            },
            c => value.push(c),
        }
    }
    value
}

/// What a text is to a reader of CEF: it knows two line ends, and no other control character.
pub(super) fn in_cef(text: &str) -> String {
    let read = |c: char| match c {
        '\n' | '\r' | '\t' => c,
        '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}' => '\n',
        c if c.is_control() => '\u{fffd}',
        c => c,
    };
    text.chars().map(read).collect()
}

impl Syslog {
    pub(super) fn read(line: &str) -> Syslog {
        let mut parts = line.splitn(7, ' ');
        let header: Vec<String> = parts.by_ref().take(6).map(str::to_owned).collect();
        let mut chars = parts.next().unwrap().chars();
        assert_eq!(chars.next(), Some('['));
        let id: String = chars.by_ref().take_while(|c| *c != ' ').collect();
        let mut parameters = BTreeMap::new();
        loop {
            let name: String = chars.by_ref().take_while(|c| *c != '=').collect();
            assert_eq!(chars.next(), Some('"'));
            let mut value = String::new();
            loop {
                match chars.next().unwrap() {
                    '"' => break,
                    ']' => panic!("a bracket ends the data: {line}"),
                    '\\' => value.push(chars.next().unwrap()),
                    c => value.push(c),
                }
            }
            assert!(parameters.insert(name, value).is_none(), "{line}");
            match chars.next().unwrap() {
                ' ' => {}
                ']' => break,
                c => panic!("{c} after a value: {line}"),
            }
        }
        assert_eq!(chars.next(), Some(' '));
        Syslog {
            header,
            id,
            parameters,
            message: chars.as_str().to_owned(),
        }
    }
}

/// What a text is in structured data.
pub(super) fn in_syslog(text: &str) -> String {
    let written = |c: char| match c {
        '\u{2028}' | '\u{2029}' => format!("#{:03o}", u32::from(c)),
        c if c.is_control() => format!("#{:03o}", u32::from(c)),
        c => c.to_string(),
    };
    text.chars().map(written).collect()
}
