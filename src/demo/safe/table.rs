//! SAFE's audit report as a file. What it looks like is published nowhere but for the name of
//! one column and a list of what it holds, so every plausible form can be had.

use std::borrow::Cow;
use std::io::Write;

use chrono::SecondsFormat;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;

use crate::demo::world::activity::SafeEvent;
use crate::event::Timestamp;

/// The form of the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Table {
    /// Columns for address and port.
    pub ip: IpColumns,
    /// Columns for who did it.
    pub actor: Actor,
    /// How times are written.
    pub times: TimeForm,
    /// Which cells are quoted.
    pub quoting: Quoting,
    /// How the text becomes bytes.
    pub encoding: Encoding,
    /// Lines end in CR and LF.
    pub crlf: bool,
    /// The file is compressed, without any header that says so.
    pub gzip: bool,
    /// The latest row comes first.
    pub newest_first: bool,
    /// Reports asked for from then on have one column more, `Tenant`.
    pub tenant_from: Option<Timestamp>,
}

/// Whether address and port are one column or two.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum IpColumns {
    /// `Source IP and Port`, in the words of the documents.
    #[default]
    One,
    /// `Source IP` and `Source Port`.
    Two,
}

/// Who did it: the documents name a column `User ID` and list a username.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Actor {
    /// `User ID` and `Username`.
    #[default]
    Both,
    /// `User ID`.
    UserId,
    /// `Username`.
    Username,
}

/// How times are written; every form keeps the millisecond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TimeForm {
    /// `2022-01-13T05:03:50.428Z`, as in SAFE's other answers.
    #[default]
    Iso,
    /// `2022-01-13 05:03:50.428`: no zone.
    Space,
    /// `2022-01-13T07:03:50.428+02:00`.
    Offset,
    /// `1642050230428`.
    Millis,
}

/// Which cells are quoted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quoting {
    /// Those that have to be.
    #[default]
    Needed,
    /// All.
    All,
}

/// How the text becomes bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8.
    #[default]
    Utf8,
    /// UTF-8 behind a byte order mark.
    Utf8Marked,
    /// UTF-16, the low byte first, behind a byte order mark.
    Utf16,
}

impl Table {
    /// The whole file of a report that was asked for at `asked_at`.
    pub(in crate::demo) fn write(&self, rows: &[&SafeEvent], asked_at: Timestamp) -> Vec<u8> {
        let tenant = self.has_tenant(asked_at);
        let mut text = Vec::with_capacity(rows.len() * 128 + 128);
        self.write_header(tenant, &mut text);
        if self.newest_first {
            rows.iter()
                .rev()
                .for_each(|row| self.write_row(row, tenant, &mut text));
        } else {
            rows.iter()
                .for_each(|row| self.write_row(row, tenant, &mut text));
        }
        let bytes = self.encode(text);
        if self.gzip { compress(&bytes) } else { bytes }
    }

    /// The line that names the columns.
    pub(in crate::demo) fn write_header(&self, tenant: bool, out: &mut Vec<u8>) {
        self.write_line(&self.names(tenant), out);
    }

    /// One row.
    pub(in crate::demo) fn write_row(&self, event: &SafeEvent, tenant: bool, out: &mut Vec<u8>) {
        let cells = self.cells(event, tenant);
        let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
        self.write_line(&cells, out);
    }

    /// All rows as JSON objects with the columns' names, in the order of the file.
    pub(in crate::demo) fn json(&self, rows: &[&SafeEvent], asked_at: Timestamp) -> Value {
        let tenant = self.has_tenant(asked_at);
        let names = self.names(tenant);
        let object = |row: &&SafeEvent| {
            let cells = self.cells(row, tenant).into_iter().map(Value::from);
            let names = names.iter().map(|name| (*name).to_owned());
            Value::Object(names.zip(cells).collect())
        };
        if self.newest_first {
            rows.iter().rev().map(object).collect()
        } else {
            rows.iter().map(object).collect()
        }
    }

    fn has_tenant(&self, asked_at: Timestamp) -> bool {
        self.tenant_from.is_some_and(|from| asked_at >= from)
    }

    fn names(&self, tenant: bool) -> Vec<&'static str> {
        let mut names = vec!["Timestamp"];
        match self.ip {
            IpColumns::One => names.push("Source IP and Port"),
            IpColumns::Two => names.extend(["Source IP", "Source Port"]),
        }
        match self.actor {
            Actor::Both => names.extend(["User ID", "Username"]),
            Actor::UserId => names.push("User ID"),
            Actor::Username => names.push("Username"),
        }
        names.extend(["Activity", "Module"]);
        names.extend(tenant.then_some("Tenant"));
        names
    }

    fn cells<'a>(&self, event: &'a SafeEvent, tenant: bool) -> Vec<Cow<'a, str>> {
        let time = (!event.garbage).then(|| self.time(event.time));
        let mut cells: Vec<Cow<'a, str>> = vec![time.unwrap_or_default().into()];
        match self.ip {
            IpColumns::One => cells.push(endpoint(event).into()),
            IpColumns::Two => cells.extend([(*event.ip).into(), event.port.to_string().into()]),
        }
        match self.actor {
            Actor::Both => cells.extend([(*event.user_id).into(), (*event.username).into()]),
            Actor::UserId => cells.push((*event.user_id).into()),
            Actor::Username => cells.push((*event.username).into()),
        }
        cells.extend([(*event.activity).into(), event.module.into()]);
        cells.extend(tenant.then_some("northwind".into()));
        cells
    }

    fn write_line(&self, cells: &[&str], out: &mut Vec<u8>) {
        for (n, cell) in cells.iter().enumerate() {
            if n > 0 {
                out.push(b',');
            }
            let quoted = self.quoting == Quoting::All || cell.contains([',', '"', '\n', '\r']);
            if quoted {
                out.push(b'"');
                out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
                out.push(b'"');
            } else {
                out.extend_from_slice(cell.as_bytes());
            }
        }
        out.extend_from_slice(if self.crlf { b"\r\n" } else { b"\n" });
    }

    fn time(&self, time: Timestamp) -> String {
        match self.times {
            TimeForm::Iso => time.to_string(),
            TimeForm::Space => time.datetime().format("%Y-%m-%d %H:%M:%S%.3f").to_string(),
            TimeForm::Millis => time.millis().to_string(),
            TimeForm::Offset => {
                let east = chrono::FixedOffset::east_opt(7_200);
                let local = east.map(|zone| time.datetime().with_timezone(&zone));
                local.map_or_else(
                    || time.to_string(),
                    |local| local.to_rfc3339_opts(SecondsFormat::Millis, false),
                )
            }
        }
    }

    fn encode(&self, text: Vec<u8>) -> Vec<u8> {
        match self.encoding {
            Encoding::Utf8 => text,
            Encoding::Utf8Marked => [b"\xef\xbb\xbf".as_slice(), &text].concat(),
            Encoding::Utf16 => {
                let text = String::from_utf8_lossy(&text);
                let units = std::iter::once(0xfeff).chain(text.encode_utf16());
                units.flat_map(u16::to_le_bytes).collect()
            }
        }
    }
}

/// Address and port in one: an IPv6 address in brackets.
fn endpoint(event: &SafeEvent) -> String {
    let (ip, port) = (&event.ip, event.port);
    if ip.contains(':') {
        format!("[{ip}]:{port}")
    } else {
        format!("{ip}:{port}")
    }
}

fn compress(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes);
    let finished = written.and_then(|()| encoder.finish());
    finished.expect("writing to memory does not fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> SafeEvent {
        SafeEvent {
            time: Timestamp::from_millis(1_642_050_230_428),
            visible_at: Timestamp::from_millis(1_642_050_230_428),
            ip: "2001:db8::1".into(),
            port: 443,
            user_id: "u-1".into(),
            username: "ann@x.example".into(),
            activity: "Group 'a, \"b\"' updated".into(),
            module: "Groups",
            garbage: false,
        }
    }

    fn file(table: Table) -> String {
        String::from_utf8(table.write(&[&event()], event().time)).unwrap()
    }

    #[test]
    fn the_forms_of_a_row() {
        let activity = "\"Group 'a, \"\"b\"\"' updated\",Groups";
        let one = "Timestamp,Source IP and Port,User ID,Username,Activity,Module\n\
                   2022-01-13T05:03:50.428Z,[2001:db8::1]:443,u-1,ann@x.example,";
        assert_eq!(file(Table::default()), format!("{one}{activity}\n"));
        let two = Table {
            ip: IpColumns::Two,
            actor: Actor::UserId,
            times: TimeForm::Offset,
            crlf: true,
            tenant_from: Some(event().time),
            ..Table::default()
        };
        let head = "Timestamp,Source IP,Source Port,User ID,Activity,Module,Tenant\r\n";
        let row =
            format!("2022-01-13T07:03:50.428+02:00,2001:db8::1,443,u-1,{activity},northwind\r\n");
        assert_eq!(file(two), format!("{head}{row}"));
        let all = Table {
            quoting: Quoting::All,
            times: TimeForm::Millis,
            ..Table::default()
        };
        assert!(file(all).contains("\n\"1642050230428\",\"[2001:db8::1]:443\","));
        let space = Table {
            times: TimeForm::Space,
            encoding: Encoding::Utf8Marked,
            ..Table::default()
        };
        assert!(file(space).starts_with("\u{feff}Timestamp,"));
        assert!(file(space).contains("\n2022-01-13 05:03:50.428,"));
    }

    #[test]
    fn the_extra_column_comes_with_the_first_report_asked_for_since() {
        let table = Table {
            tenant_from: Some(event().time),
            ..Table::default()
        };
        let before = table.write(&[], event().time.plus_millis(-1));
        assert!(!String::from_utf8(before).unwrap().contains("Tenant"));
        assert!(file(table).contains("Tenant"));
    }

    #[test]
    fn wide_and_compressed_files_hold_the_same_text() {
        use std::io::Read;
        let table = Table {
            encoding: Encoding::Utf16,
            gzip: true,
            ..Table::default()
        };
        let bytes = table.write(&[&event()], event().time);
        let mut wide = Vec::new();
        flate2::read::GzDecoder::new(bytes.as_slice())
            .read_to_end(&mut wide)
            .unwrap();
        let units: Vec<u16> = wide
            .chunks(2)
            .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
            .collect();
        let text = String::from_utf16(&units).unwrap();
        assert_eq!(
            text.strip_prefix('\u{feff}'),
            Some(file(Table::default()).as_str())
        );
    }

    #[test]
    fn garbage_has_no_time() {
        let garbage = SafeEvent {
            garbage: true,
            ..event()
        };
        let bytes = Table::default().write(&[&garbage], event().time);
        assert!(
            String::from_utf8(bytes)
                .unwrap()
                .contains("\n,[2001:db8::1]:443,")
        );
    }
}
