//! What the codes say that AWS, and stores that speak its language, put into error answers.

use serde_json::Value;

use crate::fetch::message::element;

/// What the code of an error answer says, where it says more than the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// Ask less often.
    Throttled,
    /// The keys that signed it have run out.
    Expired,
    /// The keys are not known, or may not do that.
    Refused,
    /// Nothing is wrong with the keys, though the status is 403.
    Unavailable,
}

impl Code {
    /// The code in the body of an error answer, as JSON (`__type`) or XML.
    pub fn of(body: &[u8]) -> Option<Code> {
        Code::named(&name(body)?)
    }

    /// What the code of this name says. The names of throttling are those that AWS's official
    /// libraries know, the others are from S3's and CloudWatch Logs' documentation and AWS's list
    /// of common errors.
    pub fn named(name: &str) -> Option<Code> {
        Some(match name {
            "BandwidthLimitExceeded"
            | "EC2ThrottledException"
            | "PriorRequestNotComplete"
            | "ProvisionedThroughputExceededException"
            | "RequestLimitExceeded"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "SlowDown"
            | "ThrottledException"
            | "Throttling"
            | "ThrottlingException"
            | "TooManyRequestsException" => Code::Throttled,
            "ExpiredToken"
            | "ExpiredTokenException"
            | "RequestExpired"
            | "TokenRefreshRequired" => Code::Expired,
            "AccessDenied"
            | "AccessDeniedException"
            | "AllAccessDisabled"
            | "AuthFailure"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "InvalidAccessKeyId"
            | "InvalidClientTokenId"
            | "InvalidSecurity"
            | "InvalidSignatureException"
            | "InvalidToken"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "NotSignedUp"
            | "OptInRequired"
            | "SignatureDoesNotMatch"
            | "UnauthorizedOperation"
            | "UnrecognizedClientException" => Code::Refused,
            "InvalidObjectState" => Code::Unavailable,
            _ => return None,
        })
    }
}

/// The code's name, without the name of the service that may stand before it
/// (`com.amazonaws.logs#ThrottlingException`) or the address that may come after.
pub(super) fn name(body: &[u8]) -> Option<String> {
    let name = match serde_json::from_slice::<Value>(body) {
        Ok(answer) => answer.get("__type")?.as_str()?.to_owned(),
        Err(_) => element(&String::from_utf8_lossy(body), "Code")?.to_owned(),
    };
    let name = name.split(':').next().unwrap_or_default();
    let name = name.rsplit('#').next().unwrap_or_default().trim();
    (!name.is_empty()).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_every_form_it_comes_in() {
        for (body, expected) in [
            (r#"{"__type":"ThrottlingException"}"#, Some(Code::Throttled)),
            (
                r#"{"__type":"com.amazonaws.logs#ThrottlingException","message":"x"}"#,
                Some(Code::Throttled),
            ),
            (
                r#"{"__type":"a.b#ExpiredTokenException:http://x.example/#"}"#,
                Some(Code::Expired),
            ),
            (
                r#"{"__type":"ExpiredTokenException:http://x.example/"}"#,
                Some(Code::Expired),
            ),
            (r#"{"__type":"ResourceNotFoundException"}"#, None),
            (r#"{"message":"SlowDown"}"#, None),
            (r#"{"__type":7}"#, None),
            (
                "<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code></Error>",
                Some(Code::Throttled),
            ),
            (
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code></Error>\
                 </ErrorResponse>",
                Some(Code::Refused),
            ),
            (
                "<Error><Code>InvalidObjectState</Code></Error>",
                Some(Code::Unavailable),
            ),
            ("<Error><Code></Code></Error>", None),
            ("<html>SlowDown</html>", None),
            ("", None),
        ] {
            assert_eq!(Code::of(body.as_bytes()), expected, "{body}");
        }
    }
}
