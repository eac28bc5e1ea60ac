//! Requests to AWS.

use super::*;
use crate::feed::{Aws, AwsKeys, AwsRole};

fn aws(role: Option<&Liar>) -> Aws {
    Aws {
        service: "s3",
        region: "eu-west-1".to_owned(),
        keys: Some(AwsKeys {
            access_key_id: Secret::new("AKIAMARKER"),
            secret_access_key: Secret::new("MARKER-secret"),
            session_token: None,
        }),
        profile: None,
        role: role.map(|sts| AwsRole {
            arn: "arn:aws:iam::123456789012:role/audit-reader".to_owned(),
            external_id: Some("agreed upon".to_owned()),
            endpoint: Some(sts.url.to_string()),
        }),
    }
}

fn aws_bench(url: &Url, aws: Aws) -> Bench {
    bench(url, Credentials::Aws(Box::new(aws)))
}

#[cfg(not(feature = "aws"))]
#[tokio::test]
async fn a_build_without_aws_says_so() {
    let liar = Liar::answering([json("200 OK", "{}")]).await;
    let mut bench = aws_bench(&liar.url, aws(None));
    let error = bench.get("/bucket/a").await.expect_err("there is no AWS");
    assert!(matches!(error, FetchError::WithoutAws), "{error:?}");
    assert!(liar.heard().is_empty());
    drop(aws(Some(&liar)));
}

#[cfg(feature = "aws")]
mod with_the_libraries {
    use super::*;

    /// START is 2026-09-21T14:13:20Z: the role is lent for an hour.
    fn lent(key: &str, until: &str) -> String {
        let credentials = format!(
            "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult>\
             <Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>MARKER-lent</SecretAccessKey>\
             <SessionToken>MARKER-{key}</SessionToken><Expiration>{until}</Expiration></Credentials>\
             </AssumeRoleResult></AssumeRoleResponse>"
        );
        with("200 OK", "content-type: text/xml\r\n", &credentials)
    }

    fn xml(status: &str, code: &str, message: &str) -> String {
        let body = format!(
            "<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>{message}</Message>\
             <StringToSign>MARKER-signed</StringToSign></Error>"
        );
        with(status, "content-type: application/xml\r\n", &body)
    }

    fn ok() -> String {
        json("200 OK", "[]")
    }

    /// The key that a request was signed with.
    fn signed_with(request: &str) -> &str {
        let proof = header(request, "authorization").expect("a signature");
        let scope = proof
            .strip_prefix("AWS4-HMAC-SHA256 Credential=")
            .expect("of version 4");
        scope.split(',').next().unwrap_or_default()
    }

    #[tokio::test]
    async fn each_attempt_is_signed_at_its_moment_with_the_given_keys() {
        // Signatures tell seconds apart.
        let later = "retry-after: 5\r\n";
        let slow_down = with("400 No", later, "<Error><Code>SlowDown</Code></Error>");
        let throttled = with("400 No", later, r#"{"__type":"ThrottlingException"}"#);
        let on = with("307 On", "location: /bucket/b\r\n", "");
        let liar = Liar::answering([slow_down, throttled, on, ok()]).await;
        let mut bench = aws_bench(&liar.url, aws(None));
        bench.get("/bucket/a").await.expect("an answer");
        let heard = liar.heard();
        assert_eq!(bench.slept_seconds(), [5, 5]);
        assert_eq!(heard.len(), 4);
        for request in &heard {
            assert_eq!(
                signed_with(request),
                "AKIAMARKER/20260921/eu-west-1/s3/aws4_request"
            );
            assert_eq!(header(request, "accept-encoding"), Some("identity"));
        }
        let proofs: std::collections::BTreeSet<_> = heard
            .iter()
            .map(|request| header(request, "authorization"))
            .collect();
        assert_eq!(proofs.len(), 4, "each is signed for itself");
        assert_eq!(header(&heard[0], "x-amz-date"), Some("20260921T141320Z"));
        assert_eq!(header(&heard[1], "x-amz-date"), Some("20260921T141325Z"));
        assert!(bench.fetch.sender.width() < 8);
    }

    #[tokio::test]
    async fn a_role_is_taken_on_with_the_keys_and_what_was_agreed() {
        let sts = Liar::answering([lent("ASIAONE", "2026-09-21T15:13:20Z")]).await;
        let liar = Liar::answering([ok(), ok()]).await;
        let mut bench = aws_bench(&liar.url, aws(Some(&sts)));
        assert!(
            sts.heard().is_empty(),
            "nothing is asked before it is needed"
        );
        bench.get("/bucket/a").await.expect("an answer");
        bench.get("/bucket/b").await.expect("an answer");
        let [asked] = &sts.heard()[..] else {
            panic!("{:?}", sts.heard());
        };
        assert_eq!(
            signed_with(asked),
            "AKIAMARKER/20260921/eu-west-1/sts/aws4_request"
        );
        for part in [
            "Action=AssumeRole",
            "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Faudit-reader",
            "RoleSessionName=trailkeep",
            "ExternalId=agreed%20upon",
        ] {
            assert!(asked.contains(part), "{asked}");
        }
        for request in liar.heard() {
            assert_eq!(
                signed_with(&request),
                "ASIAONE/20260921/eu-west-1/s3/aws4_request"
            );
            assert_eq!(
                header(&request, "x-amz-security-token"),
                Some("MARKER-ASIAONE")
            );
        }
    }

    #[tokio::test]
    async fn keys_that_are_lent_are_renewed_before_they_run_out() {
        let sts = Liar::answering([
            lent("ASIAONE", "2026-09-21T15:13:20Z"),
            lent("ASIATWO", "2026-09-21T16:13:20Z"),
        ])
        .await;
        let liar = Liar::answering([ok(), ok(), ok()]).await;
        let mut bench = aws_bench(&liar.url, aws(Some(&sts)));
        for minutes in [0, 54, 2] {
            bench.clock.advance(Duration::from_secs(minutes * 60));
            bench.get("/bucket/a").await.expect("an answer");
        }
        let heard = liar.heard();
        let keys: Vec<_> = heard
            .iter()
            .map(|request| &signed_with(request)[..7])
            .collect();
        assert_eq!(keys, ["ASIAONE", "ASIAONE", "ASIATWO"]);
    }

    #[tokio::test]
    async fn keys_that_ran_out_early_are_renewed_once() {
        let expired = || {
            xml(
                "400 Bad Request",
                "ExpiredToken",
                "The token has expired: MARKER-ASIATWO",
            )
        };
        let sts = Liar::answering([
            lent("ASIAONE", "2026-09-21T15:13:20Z"),
            lent("ASIATWO", "2026-09-21T15:13:20Z"),
        ])
        .await;
        let liar = Liar::answering([expired(), ok(), expired()]).await;
        let mut bench = aws_bench(&liar.url, aws(Some(&sts)));
        bench.get("/bucket/a").await.expect("an answer");
        assert_eq!(sts.heard().len(), 2);

        let liar = Liar::answering([expired()]).await;
        let mut given = aws_bench(&liar.url, aws(None));
        let error = given
            .get("/bucket/a")
            .await
            .expect_err("there are no others");
        assert!(error.is_refused(), "{error:?}");
        assert_eq!(liar.heard().len(), 1);
    }

    #[tokio::test]
    async fn a_refusal_is_told_in_the_vendors_words_without_secrets() {
        let json_refusal = json(
            "400 Bad Request",
            r#"{"__type":"UnrecognizedClientException","message":"The security token AKIAMARKER is invalid."}"#,
        );
        for (answer, says) in [
            (
                xml("403 Forbidden", "InvalidAccessKeyId", "No AKIAMARKER here"),
                "InvalidAccessKeyId: No (secret) here",
            ),
            (
                json_refusal,
                "UnrecognizedClientException: The security token (secret) is invalid.",
            ),
        ] {
            let liar = Liar::answering([answer]).await;
            let error = aws_bench(&liar.url, aws(None)).get("/bucket/a").await;
            let error = error.expect_err("refused");
            assert!(error.is_refused(), "{error:?}");
            assert!(error.to_string().ends_with(says), "{error}");
            assert!(!format!("{error:?}").contains("MARKER"), "{error:?}");
        }
    }

    #[tokio::test]
    async fn a_role_that_is_not_lent_is_a_refusal_and_nobody_else_is_asked() {
        let body = "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User \
                    AKIAMARKER is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>";
        let sts =
            Liar::answering([with("403 Forbidden", "content-type: text/xml\r\n", body)]).await;
        let liar = Liar::answering([ok()]).await;
        let error = aws_bench(&liar.url, aws(Some(&sts))).get("/bucket/a").await;
        let error = error.expect_err("refused");
        assert!(
            matches!(error, FetchError::Refused { status: 403, .. }),
            "{error:?}"
        );
        assert_eq!(
            error.to_string(),
            "AWS STS refuses the credentials (403, arn:aws:iam::123456789012:role/audit-reader): \
             AccessDenied: User (secret) is not authorized to perform: sts:AssumeRole"
        );
        assert!(liar.heard().is_empty());
    }

    #[tokio::test]
    async fn a_role_is_not_asked_for_in_the_clear() {
        let liar = Liar::answering([ok()]).await;
        let mut aws = aws(Some(&liar));
        if let Some(role) = &mut aws.role {
            role.endpoint = Some("http://192.0.2.1/".to_owned());
        }
        let error = aws_bench(&liar.url, aws).get("/bucket/a").await;
        let error = error.expect_err("not secure");
        assert!(matches!(&error, FetchError::InsecureUrl { host } if host == "192.0.2.1"));
    }

    #[tokio::test]
    async fn a_request_that_comes_too_late_is_a_matter_of_the_clock() {
        let body = "<Error><Code>RequestTimeTooSkewed</Code><Message>too large</Message></Error>";
        let date = "date: Mon, 21 Sep 2026 15:13:20 GMT\r\n";
        let liar = Liar::answering([with("403 Forbidden", date, body)]).await;
        let error = aws_bench(&liar.url, aws(None)).get("/bucket/a").await;
        let error = error.expect_err("an hour late");
        assert!(matches!(error, FetchError::Clock { .. }), "{error:?}");
    }
}
