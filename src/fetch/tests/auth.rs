//! Who is told what to prove who asks.

use super::*;

#[tokio::test]
async fn a_token_goes_to_its_own_host_alone() {
    let other = Liar::answering([json("200 OK", "[]")]).await;
    let location = format!("location: {}MARKER-path?MARKER-query\r\n", other.url);
    let liar = Liar::answering([with("302 Found", &location, "")]).await;
    let mut bench = bench(&liar.url, token());
    let error = bench.get("/users").await.expect_err("it leads elsewhere");
    let FetchError::Redirected { host, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!(
        host,
        &format!("127.0.0.1:{}", other.url.port().expect("a port"))
    );
    assert!(
        !format!("{error} {error:?}").contains("MARKER"),
        "{error:?}"
    );
    assert!(other.heard().is_empty());
    assert_eq!(
        header(&liar.heard()[0], "authorization"),
        Some("Bearer MARKER-token")
    );

    let error = bench
        .get(other.url.as_str())
        .await
        .expect_err("a foreign URL");
    assert!(matches!(error, FetchError::ForeignUrl { .. }), "{error:?}");
    assert!(other.heard().is_empty());
}

#[tokio::test]
async fn a_presigned_url_is_asked_without_credentials() {
    let body = "a,b\n1,2\n".repeat(10_000);
    for credentials in [token(), signed(), sign_in()] {
        let liar = Liar::answering([with("200 OK", "", &body)]).await;
        let mut bench = bench(&liar.url, credentials);
        let held = Token {
            token: Secret::new("MARKER-held"),
            lasts: Duration::from_secs(3_600),
        };
        bench.fetch.sender.auth.hold(held, START);
        let answer = bench.fetch.send(&presigned(&liar)).await;
        let answer = answer.expect("an answer");
        assert!(matches!(answer.body, Body::Disk(_)));
        assert_eq!(answer.body.bytes().expect("a body"), body.as_bytes());
        let heard = liar.heard().concat();
        assert!(heard.starts_with("GET /MARKER-path?X-Amz-Signature=MARKER%2Fsignature "));
        let sent: Vec<_> = heard
            .lines()
            .filter_map(|line| line.split_once(": "))
            .collect();
        let mut names: Vec<_> = sent.iter().map(|(name, _)| *name).collect();
        names.sort_unstable();
        assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"]);
        assert_eq!(header(&heard, "accept-encoding"), Some("identity"));
    }
}

#[tokio::test]
async fn a_presigned_url_needs_no_signing_in() {
    let liar = Liar::answering([with("200 OK", "", "a,b")]).await;
    let mut bench = bench(&liar.url, sign_in());
    bench
        .fetch
        .send(&presigned(&liar))
        .await
        .expect("an answer");
    assert_eq!(liar.heard().len(), 1);
}

#[tokio::test]
async fn a_presigned_url_that_ran_out_is_no_refusal_of_the_credentials() {
    let xml = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let liar = Liar::answering([with("403 Forbidden", "", xml)]).await;
    let mut bench = bench(&liar.url, sign_in());
    let error = bench
        .fetch
        .send(&presigned(&liar))
        .await
        .expect_err("expired");
    assert!(
        matches!(error, FetchError::Status { status: 403, .. }),
        "{error:?}"
    );
    assert!(
        error
            .to_string()
            .ends_with("AccessDenied: Request has expired"),
        "{error}"
    );
}

#[tokio::test]
async fn signing_in_falls_back_where_a_way_does_not_exist() {
    let html = with("200 OK", "content-type: text/html\r\n", "<html>app</html>");
    let missing = json("404 Not Found", "{\"accessToken\":\"MARKER-wrong\"}");
    for absent in [missing, with("405 No", "", "<x/>"), html] {
        let answers = [
            absent,
            given("MARKER-one"),
            json("200 OK", "[]"),
            json("200 OK", "[]"),
        ];
        let liar = Liar::answering(answers).await;
        let mut bench = bench(&liar.url, sign_in());
        bench.get("/users").await.expect("an answer");
        bench.get("/users").await.expect("the same token");
        assert_eq!(
            first_lines(&liar),
            [
                "POST /auth HTTP/1.1",
                "POST /authenticate HTTP/1.1",
                "GET /users HTTP/1.1",
                "GET /users HTTP/1.1"
            ]
        );
        let heard = liar.heard();
        let basic = header(&heard[0], "authorization").expect("Basic");
        assert!(basic.starts_with("Basic "), "{basic}");
        assert_eq!(header(&heard[0], "content-length").unwrap_or("0"), "0");
        assert_eq!(header(&heard[1], "authorization"), None);
        assert!(
            heard[1].ends_with(r#"{"username":"MARKER-username","password":"MARKER-password"}"#)
        );
        for request in &heard[2..] {
            assert_eq!(header(request, "authorization"), Some("Bearer MARKER-one"));
        }
        assert_eq!(bench.fetch.received().0, 4, "signing in does not count");
    }
}

#[tokio::test]
async fn no_way_to_sign_in_is_an_error_that_names_them() {
    let liar = Liar::answering([json("404 No", "{}"), json("200 OK", "{\"token\":1}")]).await;
    let error = bench(&liar.url, sign_in())
        .get("/users")
        .await
        .expect_err("no token");
    let words = error.to_string();
    assert!(matches!(error, FetchError::NoToken { .. }), "{error:?}");
    assert!(words.contains("/auth answered 404") && words.contains("/authenticate answered 200"));
}

#[tokio::test]
async fn refused_credentials_are_tried_once() {
    for status in ["401 Unauthorized", "403 Forbidden"] {
        let refusal = json(status, "{\"message\":\"invalid MARKER-password\"}");
        let liar = Liar::answering([refusal]).await;
        let mut bench = bench(&liar.url, sign_in());
        for _ in 0..2 {
            let error = bench.get("/users").await.expect_err("refused");
            assert!(error.is_refused(), "{error:?}");
            assert!(error.to_string().ends_with("invalid (secret)"), "{error}");
        }
        assert_eq!(
            liar.heard().len(),
            1,
            "the account is not locked by asking on"
        );
    }
}

#[tokio::test]
async fn signing_in_waits_like_any_request() {
    let busy = with("429 No", "retry-after: 20\r\n", "");
    let liar = Liar::answering([busy, given("t"), json("200 OK", "[]")]).await;
    let mut bench = bench(&liar.url, sign_in());
    bench.get("/users").await.expect("an answer");
    assert_eq!(bench.slept_seconds(), [20]);
}

#[tokio::test]
async fn a_token_that_ran_out_is_renewed_exactly_once() {
    let denied = || {
        json(
            "403 Forbidden",
            "{\"Message\":\"... with an explicit deny\"}",
        )
    };
    let expired = || json("401 Unauthorized", "{\"message\":\"Unauthorized\"}");
    for no in [&denied as &dyn Fn() -> String, &expired] {
        let answers = [given("one-1"), no(), given("two-2"), json("200 OK", "[]")];
        let liar = Liar::answering(answers).await;
        let mut first = bench(&liar.url, sign_in());
        first.get("/users").await.expect("an answer");
        let heard = liar.heard();
        assert_eq!(header(&heard[1], "authorization"), Some("Bearer one-1"));
        assert_eq!(header(&heard[3], "authorization"), Some("Bearer two-2"));

        let liar = Liar::answering([given("one-1"), no(), given("two-2"), no(), no()]).await;
        let error = bench(&liar.url, sign_in()).get("/users").await;
        assert!(error.expect_err("refused again").is_refused());
        assert_eq!(liar.heard().len(), 4);
    }
}

#[tokio::test]
async fn a_given_token_that_is_refused_is_not_tried_again() {
    for credentials in [token(), signed()] {
        let liar = Liar::answering([json("401 No", "{\"message\":\"Unauthorized\"}")]).await;
        let error = bench(&liar.url, credentials).get("/users").await;
        assert!(error.expect_err("refused").is_refused());
        assert_eq!(liar.heard().len(), 1);
    }
}

#[tokio::test]
async fn a_token_is_renewed_before_it_runs_out() {
    let ok = || json("200 OK", "[]");
    let answers = [given("one-1"), ok(), ok(), given("two-2"), ok()];
    let liar = Liar::answering(answers).await;
    let mut bench = bench(&liar.url, sign_in());
    for minutes in [0, 54, 2] {
        bench.clock.advance(Duration::from_secs(minutes * 60));
        bench.get("/users").await.expect("an answer");
    }
    let heard = liar.heard();
    let sent: Vec<_> = heard.iter().map(|r| header(r, "authorization")).collect();
    assert_eq!(sent[2], Some("Bearer one-1"));
    assert_eq!(sent[4], Some("Bearer two-2"));
}

#[tokio::test]
async fn each_attempt_is_signed_anew() {
    let busy = || with("503 No", "retry-after: 5\r\n", "");
    let liar = Liar::answering([busy(), busy(), json("200 OK", "[]")]).await;
    let mut bench = bench(&liar.url, signed());
    let request = Request::post("/log/?page=1", "{\"a\":1}".to_owned(), "audit log");
    bench.fetch.send(&request).await.expect("an answer");
    let heard = liar.heard();
    let times: Vec<_> = heard.iter().filter_map(|r| header(r, "x-time")).collect();
    let expected = [0, 5_000, 10_000].map(|later| (START.millis() + later).to_string());
    assert_eq!(times, expected);
    for request in &heard {
        assert_eq!(header(request, "x-signed"), Some("/log/+{\"a\":1}"));
        assert_eq!(header(request, "authorization"), None);
    }
}
