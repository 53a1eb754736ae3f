//! `GET /api/openapi.json` and `GET /api/docs`

use serde_json::Value;

use crate::app::App;

#[tokio::test]
async fn the_description_lists_every_operation() {
    let app = App::start().await;
    let api = app.get("/api/openapi.json").await.expect(200);
    assert!(api["openapi"].as_str().unwrap().starts_with("3.1."));
    let mut operations = Vec::new();
    for (path, methods) in api["paths"].as_object().unwrap() {
        for method in methods.as_object().unwrap().keys() {
            operations.push(format!("{method} {path}"));
        }
    }
    for (path, methods) in api["paths"].as_object().unwrap() {
        let Some(post) = methods.get("post") else { continue };
        let mut parameters = post["parameters"].as_array().into_iter().flatten();
        assert!(parameters.any(|p| p["name"] == "Idempotency-Key"), "post {path} takes no key");
    }
    operations.sort();
    assert_eq!(
        operations,
        [
            "delete /api/v1/invitations/{id}",
            "delete /api/v1/moderation/tweets/{id}/hiding",
            "delete /api/v1/moderation/users/{id}/{measure}",
            "delete /api/v1/sessions",
            "delete /api/v1/sessions/{id}",
            "delete /api/v1/tokens/current",
            "delete /api/v1/users",
            "delete /api/v2/tweets/{id}",
            "get /api/v1/admin/status",
            "get /api/v1/factors",
            "get /api/v1/info",
            "get /api/v1/invitations",
            "get /api/v1/moderation/log",
            "get /api/v1/moderation/reports",
            "get /api/v1/sessions",
            "get /api/v1/users",
            "get /api/v1/users/{id}",
            "get /api/v1/users/{id}/archive",
            "get /api/v2/stream",
            "get /api/v2/tweets",
            "get /api/v2/tweets/{id}",
            "post /api/v1/email-verifications",
            "post /api/v1/email-verifications/confirm",
            "post /api/v1/invitations",
            "post /api/v1/moderation/reports/{id}/resolve",
            "post /api/v1/passkeys",
            "post /api/v1/passkeys/challenge",
            "post /api/v1/passkeys/registration",
            "post /api/v1/passkeys/session",
            "post /api/v1/password-resets",
            "post /api/v1/password-resets/confirm",
            "post /api/v1/reports",
            "post /api/v1/tokens",
            "post /api/v1/users",
            "post /api/v2/tweets",
            "put /api/v1/moderation/tweets/{id}/hiding",
            "put /api/v1/moderation/users/{id}/{measure}",
            "put /api/v1/users/{id}",
            "put /api/v1/users/{id}/role",
        ]
    );
}

#[tokio::test]
async fn every_write_is_described_with_its_position() {
    let app = App::start().await;
    let api = app.get("/api/openapi.json").await.expect(200);
    for methods in api["paths"].as_object().unwrap().values() {
        for (method, operation) in methods.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let described = response["headers"].get("X-Siskin-Position").is_some();
                assert_eq!(described, method != "get" && status.starts_with('2'), "{operation}");
            }
        }
    }
}

#[tokio::test]
async fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference);
                }
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let app = App::start().await;
    let api = app.get("/api/openapi.json").await.expect(200);
    let mut found = Vec::new();
    references(&api, &mut found);
    assert!(found.len() > 20);
    for reference in found {
        let path = reference.strip_prefix('#').unwrap();
        assert!(api.pointer(path).is_some(), "{reference}");
    }
}

#[tokio::test]
async fn the_page_shows_it_without_scripts_or_foreign_files() {
    let app = App::start().await;
    let page = app.get("/api/docs/").await;
    assert_eq!((page.status, page.header("content-type")), (200, "text/html; charset=utf-8"));
    for text in ["POST /api/v2/tweets", "Idempotency-Key", "ErrorBody", "openapi.json"] {
        assert!(page.text.contains(text), "{text}");
    }
    for text in ["<script", "style=", "src=", "http://", "https://"] {
        assert!(!page.text.contains(text), "{text}");
    }
}
