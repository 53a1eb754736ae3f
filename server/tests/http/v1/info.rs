//! `/api/v1/info`

use serde_json::json;

use crate::app::App;

#[tokio::test]
async fn it_is_the_books_answer_with_our_name_and_version_and_who_may_come_in() {
    let app = App::start().await;
    assert_eq!(
        app.get("/api/v1/info").await.expect(200),
        json!({
            "api_version": [
                {"version": "v1", "buildtime": "2017-01-01 10:00:00", "links": "/api/v1/users",
                 "methods": "get, post, put, delete"},
                {"version": "v2", "buildtime": "2017-02-11 10:00:00", "links": "/api/v2/tweets",
                 "methods": "get, post, delete"},
            ],
            "software": {"name": "siskin", "version": env!("CARGO_PKG_VERSION")},
            "public": true,
            "registration": "open",
        })
    );
}
