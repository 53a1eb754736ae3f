//! `GET /api/v2/tweets`, `GET /api/v2/tweets/{id}` and `GET /api/v2/tweets/{username}`

use serde_json::{Value, json};

use crate::app::App;

fn ids(list: &Value) -> Vec<u64> {
    list["tweets_list"].as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn an_empty_server_has_an_empty_list() {
    let app = App::start().await;
    let answer = app.get("/api/v2/tweets").await;
    assert_eq!(answer.expect(200), json!({"tweets_list": []}));
    assert!(!answer.has("link"));
}

#[tokio::test]
async fn a_list_has_20_unless_told_otherwise_newest_first() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let mut posted = Vec::new();
    for n in 0..25 {
        posted.insert(0, app.tweet(&ana, &n.to_string()).await);
    }
    assert_eq!(ids(&app.get("/api/v2/tweets").await.expect(200)), posted[..20]);
    assert_eq!(ids(&app.get("/api/v2/tweets?limit=3").await.expect(200)), posted[..3]);
    assert_eq!(ids(&app.get("/api/v2/tweets?limit=100").await.expect(200)), posted);
    let before = format!("/api/v2/tweets?limit=2&before={}", posted[4]);
    assert_eq!(ids(&app.get(&before).await.expect(200)), posted[5..7]);
    let after = format!("/api/v2/tweets?limit=2&after={}", posted[4]);
    assert_eq!(ids(&app.get(&after).await.expect(200)), posted[2..4]);
}

#[tokio::test]
async fn a_persons_tweets_are_theirs_alone() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let hers = [app.tweet(&ana, "1").await, app.tweet(&ana, "2").await];
    app.tweet(&ben, "3").await;
    assert_eq!(ids(&app.get("/api/v2/tweets/ANA").await.expect(200)), [hers[1], hers[0]]);
    assert_eq!(ids(&app.get("/api/v2/tweets/ana?limit=1").await.expect(200)), [hers[1]]);
    app.sign_up("eve").await;
    assert_eq!(app.get("/api/v2/tweets/eve").await.expect(200), json!({"tweets_list": []}));
}

#[tokio::test]
async fn what_is_neither_a_tweet_nor_a_person_is_404() {
    let app = App::start().await;
    for key in [
        "1",
        "0",
        "nobody",
        "a",
        "-1",
        "9007199254740992",
        "123456789012345678901234",
        "a%2Fb",
        "%20",
        "%ff",
    ] {
        app.get(&format!("/api/v2/tweets/{key}")).await.refused(404, "not_found", None);
    }
}

#[tokio::test]
async fn bad_bounds_are_422_by_name() {
    let app = App::start().await;
    app.sign_up("ana").await;
    for path in ["/api/v2/tweets", "/api/v2/tweets/ana", "/api/v1/users"] {
        for (query, field) in [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=x", "limit"),
            ("limit=-1", "limit"),
            ("before=x", "before"),
            ("after=-5", "after"),
            ("after=9007199254740992", "after"),
        ] {
            let answer = app.get(&format!("{path}?{query}")).await;
            answer.refused(422, &format!("{field}_invalid"), Some(field));
        }
    }
}

/// The addresses in a `Link` header, by relation.
fn links(header: &str) -> Vec<(&str, &str)> {
    let parts = header.split(", ").filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (address, relation) = part.split_once(">; rel=\"").unwrap();
            (relation.trim_end_matches('"'), address.trim_start_matches('<'))
        })
        .collect()
}

async fn walk(app: &App, first: &str, base: &str) -> (Vec<Vec<u64>>, Vec<Vec<u64>>) {
    let entries = |body: Value| -> Vec<u64> {
        let list = body.as_object().unwrap().values().next().unwrap().as_array().unwrap().clone();
        list.iter().map(|entry| entry["id"].as_u64().unwrap()).collect()
    };
    let (mut down, mut up) = (Vec::new(), Vec::new());
    let mut path = first.to_owned();
    let last = loop {
        let answer = app.get(&path).await;
        down.push(entries(answer.expect(200)));
        let links = links(answer.header("link"));
        if down.len() > 1 && links.len() == 2 {
            assert_eq!((links[0].0, links[1].0), ("next", "prev"));
        }
        match links.iter().find(|(relation, _)| *relation == "next") {
            Some((_, address)) => path = address.strip_prefix(base).unwrap().to_owned(),
            None => break answer,
        }
    };
    let mut answer = last;
    while let Some((_, address)) =
        links(answer.header("link")).iter().find(|(relation, _)| *relation == "prev")
    {
        answer = app.get(address.strip_prefix(base).unwrap()).await;
        up.push(entries(answer.expect(200)));
    }
    (down, up)
}

#[tokio::test]
async fn links_lead_through_all_pages_and_back() {
    let base = "https://siskin.example";
    let app = App::start_with(|rules| rules.public_url = base.to_owned()).await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let mut posted = Vec::new();
    for n in 0..10 {
        posted.insert(0, app.tweet(&ana, &n.to_string()).await);
        app.tweet(&ben, "between").await;
    }
    let (down, up) = walk(&app, "/api/v2/tweets/ana?limit=3", base).await;
    assert_eq!(down.concat(), posted);
    assert_eq!(down.iter().map(Vec::len).collect::<Vec<_>>(), [3, 3, 3, 1]);
    assert_eq!(up.iter().rev().cloned().collect::<Vec<_>>().concat(), posted[..9]);
    let (down, _) = walk(&app, "/api/v2/tweets?limit=4", base).await;
    assert_eq!(down.iter().map(Vec::len).collect::<Vec<_>>(), [4, 4, 4, 4, 4]);
    let (down, _) = walk(&app, "/api/v1/users?limit=1", base).await;
    assert_eq!(down, [[ben.id], [ana.id]]);
}

#[tokio::test]
async fn a_change_is_seen_at_once_however_often_it_was_asked_for() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    for n in 0..20 {
        assert_eq!(ids(&app.get("/api/v2/tweets?limit=100").await.expect(200)).len(), n);
        assert_eq!(ids(&app.get("/api/v2/tweets/ana?limit=100").await.expect(200)).len(), n);
        let id = app.tweet(&ana, "x").await;
        assert_eq!(ids(&app.get("/api/v2/tweets").await.expect(200))[0], id);
    }
}
