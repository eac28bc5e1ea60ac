//! A vendor that says it is another time.

use super::*;

#[tokio::test]
async fn a_vendor_whose_clock_differs_is_not_asked_further() {
    let late = "date: Mon, 21 Sep 2026 04:13:20 GMT\r\n";
    let cached = format!("{late}age: 36000\r\n");
    let answers = [
        with("200 OK", &cached, "[]"),
        with("200 OK", "date: Mon, 21 Sep 2026 14:13:25 GMT\r\n", "[]"),
        with("200 OK", late, "[]"),
        with("200 OK", late, "[]"),
        with("503 Later", late, "[]"),
    ];
    let liar = Liar::answering(answers).await;
    let mut bench = bench(&liar.url, token());
    bench.get("/a").await.expect("from a cache");
    bench.get("/b").await.expect("the clocks agree");
    bench
        .fetch
        .send(&presigned(&liar))
        .await
        .expect("a store's clock is its own");
    let error = bench
        .get("/d")
        .await
        .expect_err("the clock is wrong")
        .to_string();
    assert!(
        error.starts_with("this machine's clock is 10 h ahead of that of 127"),
        "{error}"
    );
    let once = Request {
        repeatable: false,
        ..Request::get("/e", "an order")
    };
    let error = bench
        .fetch
        .send(&once)
        .await
        .expect_err("the clock is wrong");
    assert!(error.is_doubtful(), "{error}");
    assert_eq!(liar.heard().len(), 5, "none is sent again");
}
