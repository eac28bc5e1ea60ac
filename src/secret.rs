//! A value that cannot be printed.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

/// A password, token, key or pre-signed URL. It has no `Display`, its `Debug` says nothing, and
/// its memory is wiped when it goes.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// Takes a value out of sight.
    pub fn new(value: impl Into<String>) -> Secret {
        Secret(SecretString::from(value.into()))
    }

    /// The value, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Secret) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for Secret {}

/// Whether a secret may be sent there: over TLS, or in the clear without leaving this machine.
pub fn may_go_to(url: &Url) -> bool {
    match url.scheme() {
        "https" => true,
        "http" => is_loopback(url),
        _ => false,
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_says_nothing_when_printed() {
        assert_eq!(format!("{:?}", Secret::new("hunter2")), "(secret)");
    }

    #[test]
    fn a_secret_goes_over_tls_or_stays_on_the_machine() {
        for (url, may) in [
            ("https://us.example", true),
            ("http://localhost:8080/x", true),
            ("http://127.0.0.2", true),
            ("http://[::1]:9", true),
            ("http://us.example", false),
            ("http://localhost.example", false),
            ("http://10.0.0.1", false),
            ("ftp://localhost", false),
        ] {
            assert_eq!(may_go_to(&Url::parse(url).unwrap()), may, "{url}");
        }
    }
}
