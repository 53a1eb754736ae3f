//! When the server can't.

use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn a_store_that_cannot_write_is_503_without_why_and_reading_goes_on() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    app.tweet(&ana, "x").await;
    app.services.store.close().await;
    let answer = app.post_as(&ana, "/api/v2/tweets", &json!({"body": "y"})).await;
    answer.refused(503, "store_unavailable", None);
    assert_eq!(answer.header("retry-after"), "1");
    for word in ["sqlite", "store", "closed", "writer", "panic"] {
        let message = answer.text.replace("store_unavailable", "").to_lowercase();
        assert!(!message.contains(word), "{}", answer.text);
    }
    let list = app.get("/api/v2/tweets").await.expect(200);
    assert_eq!(list["tweets_list"].as_array().unwrap().len(), 1);
}
