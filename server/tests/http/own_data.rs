//! Everything of one's own, as an archive.

use std::io::{Cursor, Read as _};

use futures::StreamExt as _;
use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::{Role, UserId};
use siskin_server::application::{NewSession, Refused};
use siskin_server::storage::Client;

use crate::app::{App, PASSWORD, Person, send};

fn path(who: &Person) -> String {
    format!("/api/v1/users/{}/archive", who.id)
}

/// The archive keeps to the schema in the document.
fn checked(data: &Value) {
    let schema = DOCUMENT.split("```json\n").nth(1).unwrap().split("```").next().unwrap();
    let schema: Value = serde_json::from_str(schema).unwrap();
    check(&schema, &schema, data, "data");
}

const DOCUMENT: &str = include_str!("../../../docs/OWN_DATA.md");

/// Does a value keep to the schema in `docs/OWN_DATA.md`, and have no key that it does not tell of?
fn check(whole: &Value, schema: &Value, value: &Value, at: &str) {
    if let Some(reference) = schema["$ref"].as_str() {
        return check(whole, whole.pointer(&reference[1..]).unwrap(), value, at);
    }
    if let Some(either) = schema["anyOf"].as_array() {
        let (null, other) = (value.is_null(), &either[0]);
        return if null {
            assert_eq!(either[1]["type"], "null", "{at}")
        } else {
            check(whole, other, value, at)
        };
    }
    if let Some(constant) = schema.get("const") {
        return assert_eq!(value, constant, "{at}");
    }
    if let Some(choice) = schema["enum"].as_array() {
        return assert!(choice.contains(value), "{at}: {value}");
    }
    let right = match schema["type"].as_str().unwrap() {
        "string" => value.is_string(),
        "integer" => value.is_u64(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} at {at}"),
    };
    assert!(right, "{at}: {value}");
    for item in value.as_array().into_iter().flatten() {
        check(whole, &schema["items"], item, &format!("{at}[]"));
    }
    for key in schema["required"].as_array().into_iter().flatten() {
        assert!(value.get(key.as_str().unwrap()).is_some(), "{at} lacks {key}");
    }
    if let (Some(known), Some(keys)) = (schema["properties"].as_object(), value.as_object()) {
        for (key, value) in keys {
            let schema = known.get(key).unwrap_or_else(|| panic!("{at}.{key} is not documented"));
            check(whole, schema, value, &format!("{at}.{key}"));
        }
    }
}

/// The two files of an archive.
struct Unpacked {
    data: Value,
    page: String,
}

fn unpack(bytes: Vec<u8>) -> Unpacked {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let names: Vec<_> = zip.file_names().map(|name| name.unwrap().into_owned()).collect();
    assert_eq!(names, ["data.json", "index.html"]);
    let mut text = |name| {
        let mut text = String::new();
        zip.by_name(name).unwrap().read_to_string(&mut text).unwrap();
        text
    };
    let (data, page) = (text("data.json"), text("index.html"));
    Unpacked { data: serde_json::from_str(&data).unwrap(), page }
}

async fn archive(app: &App, who: &Person) -> Unpacked {
    assert_eq!(who.username, "ana");
    archive_of(app, who).await
}

async fn archive_of(app: &App, who: &Person) -> Unpacked {
    let request = app.request(Method::GET, &path(who)).bearer_auth(&who.token);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-type"], "application/zip");
    assert_eq!(response.headers()["cache-control"], "no-store");
    let kept = response.headers()["content-disposition"].to_str().unwrap().to_owned();
    let name = format!("attachment; filename=\"siskin-{}-2", who.username);
    assert!(kept.starts_with(&name), "{kept}");
    unpack(response.bytes().await.unwrap().to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_everything_of_ones_own_and_nothing_of_others() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    app.tweet(&ben, "said by ben").await;
    let first = app.tweet(&ana, "مرحبا <script>alert(1)</script> & more").await;
    let second = app.tweet(&ana, "second\nline").await;
    let deleted = app.tweet(&ana, "taken back").await;
    app.delete_as(&ana, &format!("/api/v2/tweets/{deleted}"), None).await.expect(200);
    let change = json!({"name": "Ana <i>", "bio": "A bio", "email": "ana@example.net"});
    app.put_as(&ana, &format!("/api/v1/users/{}", ana.id), &change).await.expect(200);
    app.promote(&ana, Role::Moderator).await;

    let Unpacked { data, page } = archive(&app, &ana).await;
    assert_eq!((&data["format"], &data["format_version"]), (&json!("siskin-own-data"), &json!(1)));
    assert_eq!(data["position"], app.services.store.position().0);
    let profile = &data["profile"];
    assert_eq!(profile["username"], "ana");
    assert_eq!((&profile["name"], &profile["bio"]), (&json!("Ana <i>"), &json!("A bio")));
    assert_eq!(
        (&profile["email"], &profile["role"]),
        (&json!("ana@example.net"), &json!("moderator"))
    );
    let tweets: Vec<_> = data["tweets"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
    assert_eq!(tweets, [&json!(second), &json!(first)]);
    assert_eq!(data["tweets"][1]["body"], "مرحبا <script>alert(1)</script> & more");
    let history = data["history"].as_array().unwrap();
    let kinds: Vec<_> = history.iter().map(|h| h["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["UserCreated", "UserLoggedIn", "UserUpdated", "UserRoleUpdated"]);
    assert_eq!(history[0]["details"]["email"], "ana@example.org");
    assert_eq!((&history[2]["by"], &history[3]["by"]), (&json!("you"), &json!("operator")));
    let sessions = data["sessions"].as_array().unwrap();
    assert_eq!(sessions.len(), 1);
    assert_eq!(sessions[0]["kind"], "token");

    checked(&data);

    let whole = data.to_string() + &page;
    for secret in [ana.token.as_str(), PASSWORD, "argon2", "said by ben", "taken back"] {
        assert!(!whole.contains(secret), "{secret}");
    }
    assert!(
        page.contains("<p dir=\"auto\">مرحبا &lt;script&gt;alert(1)&lt;/script&gt; &amp; more</p>")
    );
    assert!(page.contains("<h1><bdi>Ana &lt;i&gt;</bdi></h1>") && page.contains("second\nline"));
    for outside in ["<script", "<link", "<img", "src="] {
        assert!(!page.replace("&lt;script", "").contains(outside), "{outside}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_for_the_person_themselves_alone() {
    let app = App::start().await;
    let (ana, admin) = (app.sign_up("ana").await, app.sign_up("admin").await);
    app.promote(&admin, Role::Admin).await;
    app.get_as(&admin, &path(&ana)).await.refused(403, "not_you", None);
    app.get(&path(&ana)).await.refused(401, "not_signed_in", None);
    let nobody = Person { id: 1, ..ana.clone() };
    app.get_as(&nobody, &path(&nobody)).await.refused(403, "not_you", None);
    let body = json!({"username": "ana", "password": PASSWORD, "scopes": ["write"]});
    let token = app.post("/api/v1/tokens", &body).await.expect(201)["token"].clone();
    let writing = Person { token: token.as_str().unwrap().to_owned(), ..ana.clone() };
    app.get_as(&writing, &path(&ana)).await.refused(403, "scope_missing", None);
    let cookie = app.cookie(&ana).await;
    let by_cookie = app.request(Method::GET, &path(&ana)).header("cookie", cookie);
    assert_eq!(by_cookie.send().await.unwrap().status(), 200);
}

/// Whatever moderators have done: who is told to go takes along what they wrote.
#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_whole_whatever_moderators_have_done() {
    let app = App::start().await;
    let (ana, moderator) = (app.sign_up("ana").await, app.sign_up("moderator").await);
    app.promote(&moderator, Role::Moderator).await;
    let (hidden, other) = (app.tweet(&ana, "hidden one").await, app.tweet(&ana, "another").await);
    let mut acts = vec![format!("/api/v1/moderation/tweets/{hidden}/hiding")];
    for measure in ["silence", "suspension"] {
        acts.push(format!("/api/v1/moderation/users/{}/{measure}", ana.id));
    }
    for act in acts {
        app.put_as(&moderator, &act, &json!({"reason": "A reason."})).await.expect(200);
        let Unpacked { data, page } = archive(&app, &ana).await;
        let tweets: Vec<_> = data["tweets"].as_array().unwrap().iter().map(|t| &t["id"]).collect();
        assert_eq!(tweets, [&json!(other), &json!(hidden)], "{act}");
        assert!(page.contains("hidden one") && page.contains("another"), "{act}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn archives_are_limited_by_account() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    for _ in 0..5 {
        archive(&app, &ana).await;
    }
    let refused = app.get_as(&ana, &path(&ana)).await;
    refused.refused(429, "throttled", None);
    assert_eq!(refused.header("retry-after"), "600");
    let request = app.request(Method::GET, &path(&ben)).bearer_auth(&ben.token);
    assert_eq!(request.send().await.unwrap().status(), 200);
    app.clock.forward_ms(600_000);
    archive(&app, &ana).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_is_sent_in_small_pieces_and_is_of_one_moment() {
    const TWEETS: usize = 1_600;
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let me = app.caller(&ana).await;
    let noisy = |n: usize| {
        let noise = (0..30usize)
            .map(|k| ((n + 1).wrapping_mul(k + 7).wrapping_mul(2_654_435_761)).to_string());
        noise.collect::<String>().chars().take(280).collect()
    };
    let ids = app.tweet_at_once(&ana, (0..TWEETS).map(noisy)).await;

    let mut chunks = app.services.own_data.begin(&me).await.unwrap().chunks;
    // The oldest has not been read yet: the reader has not taken anything.
    app.services.tweets.delete(&me, ids[0]).await.unwrap();
    app.tweet(&ana, "later").await;
    let (mut bytes, mut largest) = (Vec::new(), 0);
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.unwrap();
        largest = largest.max(chunk.len());
        bytes.extend(chunk);
    }
    assert!(largest * 4 < bytes.len(), "a piece of {largest} bytes of {}", bytes.len());
    let Unpacked { data, page } = unpack(bytes);
    let listed = data["tweets"].as_array().unwrap().iter().map(|t| t["id"].as_u64().unwrap());
    let there: Vec<u64> = ids[1..].iter().rev().map(|id| id.get()).collect();
    assert_eq!(listed.collect::<Vec<_>>(), there);
    assert_eq!(page.matches("<article>").count(), TWEETS - 1);
}

/// Whoever has several and reads them slowly keeps nobody from theirs.
#[tokio::test(flavor = "multi_thread")]
async fn one_archive_at_a_time_is_written_for_an_account() {
    let app = App::start().await;
    let people = [app.sign_up("ana").await, app.sign_up("ben").await];
    // More than what waits for a reader.
    let long = |n| format!("{n} {}", "x".repeat(200));
    app.tweet_at_once(&people[0], (0..2000).map(long)).await;
    let ana = app.caller(&people[0]).await;
    let own_data = &app.services.own_data;
    let unread = own_data.begin(&ana).await.unwrap();
    assert!(matches!(own_data.begin(&ana).await, Err(Refused::Throttled { .. })));
    let ben = app.caller(&people[1]).await;
    assert!(own_data.begin(&ben).await.is_ok());
    drop(unread);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_away_leaves_no_place_taken() {
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let me = app.caller(&ana).await;
    for _ in 0..20 {
        // A place comes back when the writer sees that nobody reads.
        loop {
            match app.services.own_data.begin(&me).await {
                Ok(archive) => break drop(archive),
                Err(_) => tokio::task::yield_now().await,
            }
        }
    }
    // So it does after the last of them, and a reader who asks for the head alone takes none.
    for _ in 0..2 {
        loop {
            let head = app.request(Method::HEAD, &path(&ana)).bearer_auth(&ana.token);
            match send(head).await.status {
                200 => break,
                status => assert_eq!(status, 429),
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_holds_ones_own_reports_and_why_tweets_are_hidden_and_no_reporter() {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("benedict").await);
    let (gone, judge) = (app.sign_up("gone").await, app.sign_up("judith").await);
    app.promote(&judge, Role::Moderator).await;
    let (hidden, shown) = (app.tweet(&ana, "hidden one").await, app.tweet(&ana, "shown one").await);
    let bens = app.tweet(&ben, "said by ben").await;
    let report = async |by: &Person, body: Value| {
        app.post_as(by, "/api/v1/reports", &body).await.expect(201)["id"].clone()
    };
    let first = report(&ana, json!({"tweet": bens, "reason": "Rude <words>."})).await;
    report(&ana, json!({"username": "gone", "reason": "A robot."})).await;
    report(&ben, json!({"username": "ana", "reason": "Reported by others."})).await;
    let act = async |path: String, reason: &str| {
        app.put_as(&judge, &path, &json!({"reason": reason})).await.expect(200);
    };
    for (tweet, why) in [(hidden, "An advertisement."), (shown, "By mistake.")] {
        act(format!("/api/v1/moderation/tweets/{tweet}/hiding"), why).await;
    }
    let path = format!("/api/v1/moderation/tweets/{shown}/hiding");
    app.delete_as(&judge, &path, Some(&json!({"reason": "Sorry."}))).await.expect(200);
    act(format!("/api/v1/moderation/users/{}/suspension", ana.id), "Too much of it.").await;
    let resolve = format!("/api/v1/moderation/reports/{first}/resolve");
    app.post_as(&judge, &resolve, &json!({"reason": "An outcome."})).await.expect(200);
    app.delete_as(&gone, "/api/v1/users", Some(&json!({"username": "gone"}))).await.expect(200);

    let Unpacked { data, page } = archive(&app, &ana).await;
    checked(&data);
    let reports = data["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports[0]["id"], first);
    assert_eq!(reports[0]["reason"], "Rude <words>.");
    assert_eq!((&reports[0]["user"], &reports[0]["tweet"]), (&json!("benedict"), &json!(bens)));
    let forgotten = [&reports[1]["user"], &reports[1]["tweet"], &reports[1]["reason"]];
    assert_eq!(forgotten, [&Value::Null; 3], "with whom it is about");
    assert_eq!(data["tweets"][1]["hidden"]["reason"], "An advertisement.");
    assert_eq!(data["tweets"][0].get("hidden"), None);

    let date = "</time>";
    for words in [
        &format!("{date} You reported a tweet of <bdi>@benedict</bdi>: "),
        "Rude &lt;words&gt;.",
        "You reported somebody whose account is gone or suspended",
        "Only you and moderators see it",
        "An advertisement.",
        "A moderator or an admin suspended your account: ",
        "Too much of it.",
        "You registered: username ",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let whole = data.to_string() + &page;
    for others in ["judith", "Reported by others.", "An outcome.", "By mistake.", "said by ben"] {
        assert!(!whole.contains(others), "{others}");
    }
    let theirs = archive_of(&app, &ben).await;
    let theirs = theirs.data.to_string() + &theirs.page;
    assert!(theirs.contains("Reported by others.") && !theirs.contains("Rude"), "{theirs}");
}

/// Whatever has a name in the log, and whatever one logs in with: in words.
#[tokio::test(flavor = "multi_thread")]
async fn the_page_says_everything_in_words() {
    let app = App::start().await;
    let (ana, judge) = (app.sign_up("ana").await, app.sign_up("judith").await);
    app.promote(&judge, Role::Admin).await;
    for measure in ["warning", "silence", "suspension"] {
        let path = format!("/api/v1/moderation/users/{}/{measure}", ana.id);
        app.put_as(&judge, &path, &json!({"reason": "Imposed so."})).await.expect(200);
        app.delete_as(&judge, &path, Some(&json!({"reason": "Lifted so."}))).await.expect(200);
    }
    let change = json!({"password": "another password", "current_password": PASSWORD});
    app.put_as(&ana, &format!("/api/v1/users/{}", ana.id), &change).await.expect(200);
    app.put_as(&judge, &format!("/api/v1/users/{}", ana.id), &json!({"bio": "An admin's bio"}))
        .await
        .expect(200);
    app.promote(&ana, Role::Moderator).await;
    let body = json!({"username": "ana", "password": "another password", "name": "My cron job",
        "scopes": ["read"]});
    app.post("/api/v1/tokens", &body).await.expect(201);
    app.cookie(&ana).await;

    let Unpacked { data, page } = archive(&app, &ana).await;
    checked(&data);
    for happening in data["history"].as_array().unwrap() {
        let kind = happening["kind"].as_str().unwrap();
        assert!(!page.contains(kind), "{kind} is no word for people");
    }
    for words in [
        "<dt>Role</dt><dd>moderator</dd>",
        "You changed the password",
        "A moderator or an admin changed the profile: bio ",
        "An admin&#39;s bio",
        "A moderator or an admin warned you: ",
        "A moderator or an admin took back a warning: ",
        "A moderator or an admin kept your tweets out of others&#39; timelines: ",
        "A moderator or an admin ended the suspension of your account: ",
        "Imposed so.",
        "Lifted so.",
        "The operator changed your role to moderator",
        "<strong><bdi>My cron job</bdi></strong>. It may: read what only you see.",
        "An unknown browser",
        "What you log in with",
    ] {
        let plain = page.replace('\'', "&#39;");
        assert!(plain.contains(words), "{words} in {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_has_all_sessions_and_the_page_says_that_it_shows_some() {
    const SESSIONS: usize = 103;
    let app = App::start().await;
    let ana = app.sign_up("ana").await;
    let cookie = app.cookie(&ana).await;
    let page = async || {
        let page = app.request(Method::GET, "/settings/sessions").header("cookie", &cookie);
        send(page).await.text
    };
    let more = "You have more than can be shown: these are the 100 that were used last.";
    assert!(!page().await.contains(more));
    let id = UserId::new(ana.id).unwrap();
    let device = |n: usize| Client { device: format!("Browser {n}."), ..Client::default() };
    for n in 2..SESSIONS {
        let new = NewSession::browser(device(n));
        app.services.accounts.start_session(id, new).await.unwrap();
    }
    let listed = page().await;
    assert!(listed.contains(more) && listed.contains("End all others"), "{listed}");
    assert_eq!(listed.matches("Last seen ").count(), 100);
    let Unpacked { data, page } = archive(&app, &ana).await;
    checked(&data);
    assert_eq!(data["sessions"].as_array().unwrap().len(), SESSIONS);
    assert!((2..SESSIONS).all(|n| page.contains(&format!("Browser {n}."))), "{page}");
}
