//! Signature Version 4.

use std::time::SystemTime;

use aws_sigv4::http_request::{
    PayloadChecksumKind, PercentEncodingMode, SignableBody, SignableRequest, SigningParams,
    SigningSettings, UriPathNormalizationMode,
};
use aws_sigv4::sign::v4;
use url::Url;

use crate::event::Timestamp;
use crate::feed::{Aws, AwsKeys, Method, Request};
use crate::fetch::auth::Header;
use crate::fetch::aws::chain::{credentials, system_time};
use crate::fetch::wire::TransportError;
use crate::secret::Secret;

/// The headers that sign one attempt at a request to `url` at the moment `now`. The request's own
/// headers are signed with it.
///
/// # Errors
/// The keys, or a header, hold characters that no header can.
pub(crate) fn sign(
    aws: &Aws,
    keys: &AwsKeys,
    request: &Request,
    url: &Url,
    now: Timestamp,
) -> Result<Vec<Header>, TransportError> {
    signature(aws, keys, request, url, system_time(now))
        .ok_or(TransportError::Header("authorization"))
}

fn signature(
    aws: &Aws,
    keys: &AwsKeys,
    request: &Request,
    url: &Url,
    time: SystemTime,
) -> Option<Vec<Header>> {
    let identity = credentials(keys).into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(&aws.region)
        .name(aws.service)
        .time(time)
        .settings(settings(aws.service));
    let params = SigningParams::from(params.build().ok()?);
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let headers = request.headers.iter();
    let headers = headers.map(|(name, value)| (*name, value.as_str()));
    let body = request.body.as_deref().unwrap_or_default();
    let body = SignableBody::Bytes(body.as_bytes());
    let request = SignableRequest::new(method, url.as_str(), headers, body).ok()?;
    let signed = aws_sigv4::http_request::sign(request, &params).ok()?;
    let (headers, _) = signed.into_parts().0.into_parts();
    let headers = headers.into_iter();
    Some(
        headers
            .map(|one| (one.name(), Secret::new(one.value())))
            .collect(),
    )
}

/// S3 signs paths as they are sent and wants the body's hash in a header; other services sign
/// them encoded once more (AWS's documentation of Signature Version 4).
fn settings(service: &str) -> SigningSettings {
    let mut settings = SigningSettings::default();
    if service == "s3" {
        settings.percent_encoding_mode = PercentEncodingMode::Single;
        settings.uri_path_normalization_mode = UriPathNormalizationMode::Disabled;
        settings.payload_checksum_kind = PayloadChecksumKind::XAmzSha256;
    }
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2013-05-24T00:00:00Z
    const NOW: Timestamp = Timestamp::from_millis(1_369_353_600_000);

    fn keys(session_token: Option<&str>) -> AwsKeys {
        AwsKeys {
            access_key_id: Secret::new("AKIAIOSFODNN7EXAMPLE"),
            secret_access_key: Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
            session_token: session_token.map(Secret::new),
        }
    }

    fn aws(service: &'static str) -> Aws {
        Aws {
            service,
            region: "us-east-1".to_owned(),
            keys: None,
            profile: None,
            role: None,
        }
    }

    fn signed(
        aws: &Aws,
        keys: &AwsKeys,
        request: &Request,
        url: &str,
    ) -> Vec<(&'static str, String)> {
        let url = Url::parse(url).unwrap();
        let headers = sign(aws, keys, request, &url, NOW).unwrap();
        let show = |(name, value): (&'static str, Secret)| (name, value.expose().to_owned());
        headers.into_iter().map(show).collect()
    }

    fn value<'a>(headers: &'a [(&'static str, String)], name: &str) -> Option<&'a str> {
        let header = headers.iter().find(|(other, _)| *other == name)?;
        Some(&header.1)
    }

    /// The examples of AWS's own page on signing requests to S3.
    #[test]
    fn requests_to_s3_are_signed_as_in_the_vendors_examples() {
        let range = Request {
            headers: vec![("range", "bytes=0-9".to_owned())],
            ..Request::get("", "object")
        };
        let list = Request::get("", "list");
        for (request, path, names, signature) in [
            (
                &range,
                "test.txt",
                "host;range;x-amz-content-sha256;x-amz-date",
                "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
            ),
            (
                &list,
                "?max-keys=2&prefix=J",
                "host;x-amz-content-sha256;x-amz-date",
                "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
            ),
            (
                &list,
                "?lifecycle",
                "host;x-amz-content-sha256;x-amz-date",
                "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
            ),
        ] {
            let url = format!("https://examplebucket.s3.amazonaws.com/{path}");
            let headers = signed(&aws("s3"), &keys(None), request, &url);
            let expected = format!(
                "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, \
                 SignedHeaders={names}, Signature={signature}"
            );
            assert_eq!(value(&headers, "authorization"), Some(expected.as_str()));
            assert_eq!(value(&headers, "x-amz-date"), Some("20130524T000000Z"));
            assert_eq!(
                value(&headers, "x-amz-content-sha256"),
                Some("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
            );
        }
    }

    #[test]
    fn another_service_signs_its_headers_the_body_and_the_token() {
        let call = |body: &str| Request {
            headers: vec![
                ("x-amz-target", "Logs_20140328.FilterLogEvents".to_owned()),
                ("content-type", "application/x-amz-json-1.1".to_owned()),
            ],
            ..Request::post("/", body.to_owned(), "events")
        };
        let url = "https://logs.us-east-1.amazonaws.com/";
        let headers = signed(&aws("logs"), &keys(Some("a-token")), &call("{}"), url);
        let proof = value(&headers, "authorization").unwrap();
        assert!(proof.contains("/us-east-1/logs/aws4_request"), "{proof}");
        let names = "content-type;host;x-amz-date;x-amz-security-token;x-amz-target";
        assert!(
            proof.contains(&format!("SignedHeaders={names},")),
            "{proof}"
        );
        assert_eq!(value(&headers, "x-amz-security-token"), Some("a-token"));
        let other = signed(&aws("logs"), &keys(Some("a-token")), &call("[]"), url);
        assert_ne!(value(&other, "authorization"), Some(proof));
    }

    #[test]
    fn a_path_to_an_object_is_signed_as_it_is_sent() {
        let request = Request::get("", "object");
        let sign = |service, path: &str| {
            let url = format!("https://store.example/{path}");
            signed(&aws(service), &keys(None), &request, &url)
        };
        assert_ne!(sign("s3", "a//b"), sign("s3", "a/b"));
        assert_eq!(
            value(&sign("logs", "a//b"), "authorization"),
            value(&sign("logs", "a/b"), "authorization")
        );
    }

    #[test]
    fn keys_that_no_header_can_hold_are_an_error_that_does_not_show_them() {
        let keys = AwsKeys {
            session_token: Some(Secret::new("hunter2\n")),
            ..keys(None)
        };
        let url = Url::parse("https://store.example/").unwrap();
        let error = sign(&aws("s3"), &keys, &Request::get("", "object"), &url, NOW).unwrap_err();
        assert!(matches!(error, TransportError::Header("authorization")));
    }
}
