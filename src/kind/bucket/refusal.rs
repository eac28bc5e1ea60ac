//! What S3 says when it does not do what it was asked to.

use super::VENDOR;
use super::xml::elements;
use crate::feed::FeedError;

/// An `<Error>` of S3 (AWS, "REST error responses").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Refusal {
    /// `AccessDenied`.
    pub(super) code: String,
    message: String,
    /// The region in which the bucket is, where S3 tells it.
    region: Option<String>,
}

impl Refusal {
    /// Reads the body of an answer; none where it is no refusal.
    pub(super) fn read(body: &str) -> Option<Refusal> {
        let mut refusal = Refusal::default();
        let read = elements(body, |path, text| {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            match path.as_slice() {
                ["Error", "Code"] => text.clone_into(&mut refusal.code),
                ["Error", "Message"] => text.clone_into(&mut refusal.message),
                ["Error", "Region"] => refusal.region = Some(text.to_owned()),
                ["Error", "Endpoint"] if refusal.region.is_none() => {
                    refusal.region = region_of(text);
                }
                _ => {}
            }
        });
        (read.is_ok() && !refusal.code.is_empty()).then_some(refusal)
    }

    /// In S3's own words.
    pub(super) fn says(&self) -> String {
        format!("{}: {}", self.code, self.message)
    }

    fn error(self) -> FeedError {
        if let Some(region) = &self.region {
            return FeedError::Unreadable {
                why: format!("the bucket is in {region} ({})", self.code),
                hint: Some(format!("write region = \"{region}\"")),
            };
        }
        match self.code.as_str() {
            "NoSuchBucket" => FeedError::Unreadable {
                why: format!("there is no such bucket ({})", self.says()),
                hint: Some("check `bucket`, and `region` or `endpoint`".to_owned()),
            },
            "AccessDenied" | "AllAccessDisabled" | "AccountProblem" => refused(format!(
                "{}; they need s3:ListBucket on the bucket and s3:GetObject on its objects",
                self.says()
            )),
            "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "ExpiredToken"
            | "InvalidToken"
            | "InvalidSecurity"
            | "TokenRefreshRequired"
            | "AuthorizationHeaderMalformed" => refused(self.says()),
            _ => FeedError::Vendor {
                vendor: VENDOR,
                what: self.code,
                says: self.message,
            },
        }
    }
}

/// What an answer that is no listing says.
pub(super) fn error(status: u16, body: &str, asked: &str) -> FeedError {
    match Refusal::read(body) {
        Some(refusal) => refusal.error(),
        None if matches!(status, 401 | 403) => refused(format!("HTTP {status}")),
        None => FeedError::NotUnderstood {
            vendor: VENDOR,
            asked: asked.to_owned(),
            why: format!("it is HTTP {status} without an error of S3"),
            evidence: beginning(body),
        },
    }
}

/// How a text begins, as evidence.
pub(super) fn beginning(text: &str) -> String {
    const SHOWN: usize = 300;
    text.chars().take(SHOWN).collect()
}

fn refused(says: String) -> FeedError {
    FeedError::Refused {
        vendor: VENDOR,
        says,
    }
}

/// The region in `acme.s3.eu-west-1.amazonaws.com` or `acme.s3-eu-west-1.amazonaws.com`.
fn region_of(endpoint: &str) -> Option<String> {
    let host = endpoint.trim_end_matches(".cn");
    let host = host.strip_suffix(".amazonaws.com")?;
    let last = host.rsplit('.').next()?;
    let region = last.strip_prefix("s3-").unwrap_or(last);
    (region != "s3").then(|| region.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(status: u16, body: &str) -> String {
        let error = error(status, body, "list of acme");
        match &error {
            FeedError::Unreadable {
                hint: Some(hint), ..
            } => format!("{error}; {hint}"),
            _ => error.to_string(),
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "one table")]
    fn a_refusal_says_what_to_do() {
        for (status, code, more, told_is) in [
            (
                301,
                "PermanentRedirect",
                "<Endpoint>acme.s3.eu-west-1.amazonaws.com</Endpoint>",
                "write region = \"eu-west-1\"",
            ),
            (
                301,
                "PermanentRedirect",
                "<Endpoint>acme.s3-eu-west-1.amazonaws.com</Endpoint>",
                "the bucket is in eu-west-1",
            ),
            (
                301,
                "PermanentRedirect",
                "<Endpoint>s3.amazonaws.com</Endpoint>",
                "S3 answered PermanentRedirect: m",
            ),
            (
                400,
                "AuthorizationHeaderMalformed",
                "<Region>eu-west-1</Region>",
                "write region = \"eu-west-1\"",
            ),
            (
                403,
                "AccessDenied",
                "",
                "S3 refuses the credentials: AccessDenied: m; they need s3:ListBucket",
            ),
            (
                403,
                "SignatureDoesNotMatch",
                "",
                "S3 refuses the credentials: SignatureDoesNotMatch: m",
            ),
            (404, "NoSuchBucket", "", "check `bucket`"),
            (400, "InvalidArgument", "", "S3 answered InvalidArgument: m"),
        ] {
            let body = format!(
                "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>m</Message>{more}</Error>"
            );
            let told = told(status, &body);
            assert!(told.contains(told_is), "{told}");
        }
        assert!(told(403, "").contains("S3 refuses the credentials: HTTP 403"));
        let odd = error(404, "<html>lost</html>", "list of acme");
        let FeedError::NotUnderstood { evidence, .. } = odd else {
            panic!("{odd}")
        };
        assert_eq!(evidence, "<html>lost</html>");
    }
}
