//! How SendSafely requests are signed.
//!
//! Documented ("SendSafely REST API") and the same in all official SDKs: HMAC-SHA-256 over key,
//! path, time and body, one after another, as lower-case hex. The query is not signed.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::event::Timestamp;
use crate::feed::SignedRequest;

/// The headers that sign a request.
pub(super) fn headers(request: &SignedRequest<'_>) -> Vec<(&'static str, String)> {
    let timestamp = timestamp(request.now);
    let signature = sign(request, &timestamp);
    vec![
        ("ss-api-key", request.key.to_owned()),
        ("ss-request-timestamp", timestamp),
        ("ss-request-signature", signature),
    ]
}

fn sign(request: &SignedRequest<'_>, timestamp: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(request.secret.as_bytes())
        .expect("HMAC takes keys of any length");
    for part in [request.key, request.path, timestamp, request.body] {
        mac.update(part.as_bytes());
    }
    mac.finalize()
        .into_bytes()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// UTC in whole seconds, its zone written `+0000` and no other way.
fn timestamp(now: Timestamp) -> String {
    now.datetime().format("%Y-%m-%dT%H:%M:%S+0000").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    // 2024-06-01T12:34:56.789Z
    const NOW: Timestamp = Timestamp::from_millis(1_717_245_296_789);

    fn signed(path: &str, body: &str) -> Vec<(&'static str, String)> {
        headers(&SignedRequest {
            key: "exampleApiKey0123456789",
            secret: "exampleApiSecret-ABCDEFGHIJKLMNOP",
            path,
            body,
            now: NOW,
        })
    }

    /// The expected signatures were made with the official Python and Node SDKs.
    #[test]
    fn signatures_are_those_of_the_official_sdks() {
        let window = r#"{"eventType":"","ipAddress":"","authenticatedUser":"","impersonatedUser":"","packageOwner":"","minTimestamp":"2024-05-01 00:00:00","maxTimestamp":"2024-06-01 00:00:00","pageSize":100,"rowIndex":0}"#;
        let logs = "/api/v2.0/enterprise/audit-logs/";
        for (path, body, expected) in [
            (
                "/api/v2.0/user/",
                "",
                "d11587c07dd8926250998ae23140b729321aa9a5aa796745a5c3de1c92374bb8",
            ),
            (
                logs,
                window,
                "e0306c75d94995f4e23d8da078ab6d95a76c0d4c64a68f9c531fae6bc3681855",
            ),
            (
                logs,
                "{}",
                "dfe3f1c24e68811128e4efc54181ca02949710a64ece1df735a339bf8298e242",
            ),
        ] {
            let headers = signed(path, body);
            assert_eq!(
                headers[2],
                ("ss-request-signature", expected.to_owned()),
                "{path} {body}"
            );
        }
    }

    #[test]
    fn the_signed_time_is_the_time_that_is_sent() {
        let headers = signed("/", "");
        assert_eq!(
            headers[0],
            ("ss-api-key", "exampleApiKey0123456789".to_owned())
        );
        assert_eq!(
            headers[1],
            (
                "ss-request-timestamp",
                "2024-06-01T12:34:56+0000".to_owned()
            )
        );
    }
}
