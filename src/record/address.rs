//! Network addresses as logs write them: with and without a port, bracketed, mapped, in lists.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv6Addr};

use crate::record::cell;

/// An address and what stood with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address<'a> {
    /// The IP in its usual form, or the text as given where it is none.
    pub ip: Cow<'a, str>,
    /// The port, and how it was written.
    pub port: Option<(i64, &'a str)>,
    /// Whether further addresses followed: proxies on the way, after the client.
    pub list: bool,
}

/// Reads an address; none where the text says that there is none.
pub fn parse(text: &str) -> Option<Address<'_>> {
    let text = cell::value(text);
    if cell::is_empty(text) {
        return None;
    }
    let first = text
        .split(',')
        .map(str::trim)
        .find(|part| !cell::is_empty(part))
        .unwrap_or(text);
    let list = first.len() < text.len();
    let (host, port) = split(first);
    match usual(host) {
        Some(ip) => Some(Address { ip, port, list }),
        None => Some(Address {
            ip: Cow::Borrowed(text),
            port: None,
            list: false,
        }),
    }
}

/// Reads a port: a whole number up to 65,535.
pub fn parse_port(text: &str) -> Option<i64> {
    let digits = text.strip_suffix(".0").unwrap_or(text);
    digits.parse::<u16>().ok().map(i64::from)
}

/// Whether the text is an address and nothing else, with or without a port.
pub fn is_address(text: &str) -> bool {
    let (host, _) = split(cell::value(text));
    usual(host).is_some()
}

fn split(text: &str) -> (&str, Option<(i64, &str)>) {
    if let Some((host, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (host, rest.strip_prefix(':').and_then(port));
    }
    if let Some((host, rest)) = text.split_once(char::is_whitespace) {
        return match port(rest.trim()) {
            Some(port) => (host, Some(port)),
            None => (text, None),
        };
    }
    // What follows the first colon of a bare IPv6 address has colons itself, and is no port.
    match text
        .split_once(':')
        .and_then(|(host, rest)| Some((host, port(rest)?)))
    {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    }
}

fn port(text: &str) -> Option<(i64, &str)> {
    parse_port(text).map(|port| (port, text))
}

fn usual(host: &str) -> Option<Cow<'_, str>> {
    let zoneless = host.split_once('%').map_or(host, |(ip, _)| ip);
    match zoneless.parse::<IpAddr>().ok()? {
        // The parser takes an IPv4 address in no other form than the usual one.
        IpAddr::V4(_) => Some(Cow::Borrowed(zoneless)),
        IpAddr::V6(ip) => Some(usual_v6(ip, zoneless)),
    }
}

fn usual_v6(ip: Ipv6Addr, text: &str) -> Cow<'_, str> {
    let form = ip
        .to_ipv4_mapped()
        .map_or_else(|| ip.to_string(), |v4| v4.to_string());
    if form == text {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(form)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_form_is_read() {
        for (text, ip, port, list) in [
            ("1.2.3.4", "1.2.3.4", None, false),
            ("1.2.3.4:443", "1.2.3.4", Some(443), false),
            ("1.2.3.4 443", "1.2.3.4", Some(443), false),
            ("[2001:db8::1]:443", "2001:db8::1", Some(443), false),
            ("[2001:db8::1]", "2001:db8::1", None, false),
            ("2001:db8::1", "2001:db8::1", None, false),
            ("2001:DB8:0:0::1", "2001:db8::1", None, false),
            ("::1:443", "::1:443", None, false),
            ("fe80::1%eth0", "fe80::1", None, false),
            ("::ffff:1.2.3.4", "1.2.3.4", None, false),
            ("1.2.3.4, 10.0.0.1", "1.2.3.4", None, true),
            ("-, 10.0.0.1", "10.0.0.1", None, true),
            ("1.2.3.4:70000", "1.2.3.4:70000", None, false),
            ("01.2.3.4", "01.2.3.4", None, false),
            ("console", "console", None, false),
            ("build server 7", "build server 7", None, false),
        ] {
            let address = parse(text).unwrap();
            let read = (&*address.ip, address.port.map(|port| port.0), address.list);
            assert_eq!(read, (ip, port, list), "{text}");
        }
        for text in ["", " ", "-", "N/A", "null"] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn an_address_in_its_usual_form_is_not_copied() {
        for text in ["203.0.113.9", "2001:db8::1", "somewhere"] {
            assert!(
                matches!(parse(text).unwrap().ip, Cow::Borrowed(_)),
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _address = parse(&text);
        }
    }
}
