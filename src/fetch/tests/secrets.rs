//! Secrets are shown to nobody.

use std::fmt::Debug;

use super::*;

/// What the vendor answers, quoting everything it was sent, as some do.
fn quoting(status: &str) -> String {
    let basic = "TUFSS0VSLXVzZXJuYW1lOk1BUktFUi1wYXNzd29yZA==";
    json(
        status,
        &format!(
            "{{\"message\":\"MARKER-token MARKER-username MARKER-password MARKER-key {basic} \
             MARKER-secret MARKER-held /MARKER-path MARKER%2Fsignature MARKER/signature\"}}"
        ),
    )
}

/// Asserts that none of the secrets shows which this request could have leaked.
fn assert_no_secret(what: &str, shown: &impl Debug, known: &[&str]) {
    let text = format!("{shown:?}");
    for secret in known {
        assert!(!text.contains(secret), "{secret} in {what}: {text}");
    }
}

#[tokio::test]
async fn secrets_appear_in_no_error_and_no_progress() {
    let cases: [(Credentials, &[&str]); 3] = [
        (token(), &["MARKER-token"]),
        (
            sign_in(),
            &["MARKER-username", "MARKER-password", "TUFSS", "MARKER-held"],
        ),
        (signed(), &["MARKER-key", "MARKER-secret"]),
    ];
    for (credentials, known) in cases {
        let signs_in = matches!(credentials, Credentials::SignIn(_));
        for status in ["400 No", "401 No", "403 No", "500 No"] {
            let mut answers = Vec::new();
            for attempt in 0..8 {
                let renews = status == "401 No" && attempt == 2;
                let text = if signs_in && (attempt == 0 || renews) {
                    given("MARKER-held")
                } else {
                    quoting(status)
                };
                answers.push(vec![Act::Send(text.into_bytes())]);
            }
            let liar = Liar::start(answers).await;
            let mut bench = bench(&liar.url, credentials.clone());
            let error = bench.get("/users").await.expect_err(status);
            assert!(error.to_string().contains("(secret)"), "{error}");
            let shown = (error.to_string(), format!("{error:?}"));
            assert_no_secret("error", &shown, known);
            assert_no_secret("progress", &bench.progress.lock().unwrap(), known);
        }
    }
}

#[tokio::test]
async fn a_presigned_url_appears_in_no_error_and_no_progress() {
    let known = ["MARKER-path", "MARKER%2Fsignature", "MARKER/signature"];
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nlost".to_owned();
    for answer in [
        quoting("403 No"),
        quoting("500 No"),
        cut,
        "no http".to_owned(),
    ] {
        let liar = Liar::answering([(); 6].map(|()| answer.clone())).await;
        let mut bench = bench(&liar.url, token());
        let request = presigned(&liar);
        let error = bench.fetch.send(&request).await.expect_err("no answer");
        let shown = (error.to_string(), format!("{error:?} {request:?}"));
        assert_no_secret("error", &shown, &known);
        assert_no_secret("progress", &bench.progress.lock().unwrap(), &known);
    }
    let liar = Liar::answering([quoting("200 No")]).await;
    let wire = WireRequest {
        method: crate::feed::Method::Get,
        url: liar.url.join("/MARKER").expect("a URL"),
        headers: vec![("authorization", Secret::new("MARKER"))],
        body: Some("MARKER".to_owned()),
        statuses: &[],
        body_limit: BodyLimit::Memory(1),
        gzip: false,
        listener: None,
    };
    assert_no_secret("request", &wire, &["MARKER"]);
}
