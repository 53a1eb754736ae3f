//! `/api/v1/reports`, `/api/v1/moderation` and `PUT /api/v1/users/{id}/role`.

use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::{Email, Password, Position, Role, Username};
use siskin_server::application::{NewAccount, NewSession, WayIn};
use siskin_server::archive::digest::digests;
use siskin_server::storage::{Client, Scopes};

use crate::app::{Answer, App, PASSWORD, Person, send};

const REASON: &str = "Insulted others after a warning.";

struct Scene {
    app: App,
    ana: Person,
    ben: Person,
    moderator: Person,
}

async fn scene() -> Scene {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let moderator = app.sign_up("moderator").await;
    app.promote(&moderator, Role::Moderator).await;
    Scene { app, ana, ben, moderator }
}

fn because() -> Value {
    json!({"reason": REASON})
}

impl Scene {
    async fn impose(&self, who: &Person, measure: &str) {
        let path = format!("/api/v1/moderation/users/{}/{measure}", who.id);
        self.app.put_as(&self.moderator, &path, &because()).await.expect(200);
    }
    async fn lift(&self, who: &Person, measure: &str) {
        let path = format!("/api/v1/moderation/users/{}/{measure}", who.id);
        self.app.delete_as(&self.moderator, &path, Some(&because())).await.expect(200);
    }
    async fn set_hidden(&self, tweet: u64, hidden: bool) {
        let path = format!("/api/v1/moderation/tweets/{tweet}/hiding");
        if hidden {
            self.app.put_as(&self.moderator, &path, &because()).await.expect(200);
        } else {
            self.app.delete_as(&self.moderator, &path, Some(&because())).await.expect(200);
        }
    }
    /// All that the API and the pages say about ana and her tweet, to a visitor, to her, and to
    /// others.
    async fn answers(&self, tweet: u64) -> Vec<String> {
        let paths = [
            format!("/api/v1/users/{}", self.ana.id),
            "/api/v1/users?username=ana".to_owned(),
            "/api/v1/users".to_owned(),
            format!("/api/v2/tweets/{tweet}"),
            "/api/v2/tweets/ana".to_owned(),
            "/api/v2/tweets".to_owned(),
        ];
        let mut answers = Vec::new();
        for path in &paths {
            let mut all = vec![self.app.get(path).await];
            for who in [&self.ana, &self.ben, &self.moderator] {
                all.push(self.app.get_as(who, path).await);
            }
            for answer in all {
                answers.push(format!(
                    "{path} {} {} {}",
                    answer.status,
                    answer.header("etag"),
                    answer.text
                ));
            }
        }
        answers
    }
}

fn bodies(answer: &Answer) -> Vec<String> {
    let list = answer.expect(200);
    let tweets = list["tweets_list"].as_array().unwrap();
    tweets.iter().map(|tweet| tweet["body"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_suspended_person_is_gone_for_others_and_all_is_back_when_it_is_lifted() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let tweet = app.tweet(ana, "hello").await;
    app.tweet(ben, "hi").await;
    let before = (scene.answers(tweet).await, digests(&*app.services.store).await.unwrap());
    assert_eq!(before.1.moderation, None);
    scene.impose(ana, "suspension").await;

    let (user, one) = (format!("/api/v1/users/{}", ana.id), format!("/api/v2/tweets/{tweet}"));
    let paths =
        [user.as_str(), one.as_str(), "/api/v2/tweets/ana", "/@ana", &format!("/tweet/{tweet}")];
    for path in paths {
        assert_eq!(app.get(path).await.status, 404, "{path}");
    }
    for path in &paths[..3] {
        assert_eq!(app.get_as(ben, path).await.status, 404, "{path}");
        assert_eq!(app.get_as(ana, path).await.status, 200, "{path}");
        assert_eq!(app.get_as(moderator, path).await.status, 200, "{path}");
    }
    assert_eq!(bodies(&app.get("/api/v2/tweets").await), ["hi"]);
    assert_eq!(bodies(&app.get_as(ana, "/api/v2/tweets").await), ["hi", "hello"]);
    assert!(!app.get("/").await.text.contains("hello"));
    let named = app.get("/api/v1/users?username=ana").await.expect(200);
    assert_eq!(named["user_list"], json!([]));
    let digest = digests(&*app.services.store).await.unwrap();
    assert_eq!((&digest.users, &digest.tweets), (&before.1.users, &before.1.tweets));
    assert_eq!(digest.moderation.map(|moderation| moderation.rows), Some(1));

    scene.lift(ana, "suspension").await;
    let after = (scene.answers(tweet).await, digests(&*app.services.store).await.unwrap());
    assert_eq!(after, before);
    app.post_as(ana, "/api/v2/tweets", &json!({"body": "again"})).await.expect(201);
}

#[tokio::test]
async fn a_suspended_person_logs_in_and_out_leaves_and_does_nothing_else() {
    let scene = scene().await;
    let Scene { app, ana, moderator, .. } = &scene;
    scene.impose(ana, "suspension").await;
    let writes = [
        (Method::POST, "/api/v2/tweets".to_owned(), json!({"body": "hello"})),
        (Method::PUT, format!("/api/v1/users/{}", ana.id), json!({"bio": "hello"})),
        (Method::POST, "/api/v1/reports".to_owned(), json!({"username": "ben", "reason": "x"})),
    ];
    for (method, path, body) in writes {
        let request = app.request(method, &path).bearer_auth(&ana.token).json(&body);
        send(request).await.refused(403, "suspended", None);
    }
    let another = Person { token: app.log_in("ana").await, ..ana.clone() };
    let sessions = app.get_as(&another, "/api/v1/sessions").await.expect(200);
    assert_eq!(sessions["session_list"].as_array().unwrap().len(), 2);
    app.delete_as(&another, "/api/v1/sessions", None).await.expect(200);
    app.delete_as(&another, "/api/v1/tokens/current", None).await.expect(200);
    let again = Person { token: app.log_in("ana").await, ..ana.clone() };
    let named = json!({"username": "ana"});
    app.delete_as(&again, "/api/v1/users", Some(&named)).await.expect(200);

    // A suspended moderator is none.
    let admin = app.sign_up("admin").await;
    app.promote(&admin, Role::Admin).await;
    let path = format!("/api/v1/moderation/users/{}/suspension", moderator.id);
    app.put_as(&admin, &path, &because()).await.expect(200);
    app.get_as(moderator, "/api/v1/moderation/reports").await.refused(403, "not_moderator", None);
}

#[tokio::test]
async fn a_silenced_person_is_out_of_the_timeline_only() {
    let scene = scene().await;
    let Scene { app, ana, .. } = &scene;
    app.tweet(ana, "before").await;
    scene.impose(ana, "silence").await;
    let after = app.tweet(ana, "after").await;
    assert!(bodies(&app.get("/api/v2/tweets").await).is_empty());
    assert_eq!(bodies(&app.get_as(ana, "/api/v2/tweets").await), ["after", "before"]);
    assert_eq!(bodies(&app.get("/api/v2/tweets/ana").await), ["after", "before"]);
    app.get(&format!("/api/v2/tweets/{after}")).await.expect(200);
    app.get(&format!("/api/v1/users/{}", ana.id)).await.expect(200);
    scene.lift(ana, "silence").await;
    assert_eq!(bodies(&app.get("/api/v2/tweets").await), ["after", "before"]);
}

#[tokio::test]
async fn a_hidden_tweet_is_there_for_its_author_and_moderators() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let tweet = app.tweet(ana, "hello").await;
    let path = format!("/api/v2/tweets/{tweet}");
    scene.set_hidden(tweet, true).await;
    app.get(&path).await.refused(404, "not_found", None);
    app.get_as(ben, &path).await.refused(404, "not_found", None);
    assert!(bodies(&app.get("/api/v2/tweets").await).is_empty());
    assert!(bodies(&app.get("/api/v2/tweets/ana").await).is_empty());
    for who in [ana, moderator] {
        app.get_as(who, &path).await.expect(200);
        assert_eq!(bodies(&app.get_as(who, "/api/v2/tweets/ana").await), ["hello"]);
    }
    scene.set_hidden(tweet, false).await;
    app.get(&path).await.expect(200);
    assert_eq!(bodies(&app.get("/api/v2/tweets").await), ["hello"]);
    let version = app.get_as(ana, &format!("/api/v1/users/{}", ana.id)).await.expect(200);
    assert_eq!(version["user_details"][0]["version"], 1);
}

#[tokio::test]
async fn who_may_act_on_whom() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let of = |id: u64| format!("/api/v1/moderation/users/{id}/warning");
    app.put_as(ben, &of(ana.id), &because()).await.refused(403, "not_moderator", None);
    app.put_as(moderator, &of(moderator.id), &because()).await.refused(403, "on_yourself", None);
    let other = app.sign_up("other.moderator").await;
    app.promote(&other, Role::Moderator).await;
    app.put_as(moderator, &of(other.id), &because()).await.refused(403, "out_of_reach", None);
    app.put_as(moderator, &of(1), &because()).await.refused(404, "not_found", None);
    let unknown = format!("/api/v1/moderation/users/{}/banishment", ana.id);
    app.put_as(moderator, &unknown, &because()).await.refused(404, "not_found", None);
    // A token that is not for admin makes its owner a user like others.
    let id = siskin_domain::UserId::new(moderator.id).unwrap();
    let mut new = NewSession::token(String::new(), Client::default());
    new.scopes = Scopes::named(["read", "write"]).unwrap();
    let token = app.services.accounts.start_session(id, new).await.unwrap().secret;
    let weak = Person { token, ..moderator.clone() };
    app.put_as(&weak, &of(ana.id), &because()).await.refused(403, "scope_missing", None);
    app.get_as(&weak, "/api/v1/moderation/log").await.refused(403, "scope_missing", None);
}

#[tokio::test]
async fn reasons_have_a_length_and_bodies_a_shape() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let path = format!("/api/v1/moderation/users/{}/silence", ana.id);
    let put = async |body: Value| app.put_as(moderator, &path, &body).await;
    put(json!({})).await.refused(400, "key_missing", Some("reason"));
    put(json!({"reason": 7})).await.refused(400, "key_type_wrong", Some("reason"));
    put(json!({"reason": " "})).await.refused(422, "reason_empty", Some("reason"));
    let long = json!({"reason": "字".repeat(501)});
    put(long.clone()).await.refused(422, "reason_too_long", Some("reason"));
    put(json!({"reason": "字".repeat(500)})).await.expect(200);
    let report = async |body: Value| app.post_as(ben, "/api/v1/reports", &body).await;
    report(json!({"reason": "x"})).await.refused(400, "key_missing", Some("tweet"));
    let both = json!({"tweet": 1, "username": "ana", "reason": "x"});
    report(both).await.refused(422, "subject_invalid", Some("username"));
    let long = json!({"username": "ana", "reason": "a".repeat(501)});
    report(long).await.refused(422, "reason_too_long", Some("reason"));
    report(json!({"username": "ben", "reason": "x"})).await.refused(422, "report_of_oneself", None);
    report(json!({"username": "nobody", "reason": "x"})).await.refused(404, "not_found", None);
    report(json!({"tweet": 1, "reason": "x"})).await.refused(404, "not_found", None);
    for query in ["limit=101", "before=x"] {
        let path = format!("/api/v1/moderation/log?{query}");
        assert_eq!(app.get_as(moderator, &path).await.status, 422, "{query}");
    }
    let strange = app.get_as(moderator, "/api/v1/moderation/reports?state=lost").await;
    strange.refused(422, "state_invalid", Some("state"));
}

#[tokio::test]
async fn nobody_learns_who_reported_them_and_closes_it() {
    let scene = scene().await;
    let Scene { app, ben, moderator, .. } = &scene;
    let other = app.sign_up("other").await;
    app.promote(&other, Role::Moderator).await;
    let report = async |of: &str| {
        let body = json!({"username": of, "reason": "A reason."});
        app.post_as(ben, "/api/v1/reports", &body).await.expect(201)["id"].as_u64().unwrap()
    };
    let mut theirs = vec![report("ana").await];
    let own = report("moderator").await;
    theirs.extend([report("ana").await, report("other").await]);
    let list = async |who: &Person, query: &str| {
        let path = format!("/api/v1/moderation/reports{query}");
        let list = app.get_as(who, &path).await.expect(200);
        let list = list["report_list"].as_array().unwrap();
        list.iter().rev().map(|report| report["id"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(list(moderator, "").await, theirs);
    assert_eq!(list(moderator, "?limit=2").await, theirs[1..]);
    let before = format!("?limit=2&before={}", theirs[1]);
    assert_eq!(list(moderator, &before).await, theirs[..1]);
    assert_eq!(list(moderator, "?limit=2&after=1").await, theirs[..2], "filled from the next");
    assert!(list(&other, "").await.contains(&own));
    let resolve = format!("/api/v1/moderation/reports/{own}/resolve");
    app.post_as(moderator, &resolve, &json!({})).await.refused(403, "on_yourself", None);
    app.post_as(&other, &resolve, &json!({})).await.expect(200);
    let acts = async |who: &Person| {
        let log = app.get_as(who, "/api/v1/moderation/log").await.expect(200);
        log["act_list"].as_array().unwrap().iter().any(|act| act["act"] == "ReportResolved")
    };
    assert!(acts(&other).await && !acts(moderator).await);
    let cookie = app.cookie(moderator).await;
    let page = app.request(reqwest::Method::GET, "/moderation").header("cookie", cookie);
    assert!(!crate::app::send(page).await.text.contains(&format!("/moderation/reports/{own}")));
}

#[tokio::test]
async fn a_report_is_in_the_queue_until_it_is_resolved_and_the_log_tells_of_it() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let tweet = app.tweet(ana, "buy this").await;
    let body = json!({"tweet": tweet, "reason": "An advertisement."});
    let filed = app.post_as(ben, "/api/v1/reports", &body).await.expect(201);
    app.post_as(ben, "/api/v1/reports", &json!({"username": "ana", "reason": "x"}))
        .await
        .expect(201);
    let list = async |query: &str| {
        let path = format!("/api/v1/moderation/reports{query}");
        app.get_as(moderator, &path).await
    };
    let queue = list("?limit=1").await;
    assert!(queue.header("link").contains("rel=\"next\""), "{:?}", queue.headers);
    assert_eq!(queue.expect(200)["report_list"].as_array().unwrap().len(), 1);
    let queue = list("").await.expect(200);
    let report = &queue["report_list"][1];
    assert_eq!(report["id"], filed["id"]);
    assert_eq!(
        (&report["state"], &report["reason"]),
        (&json!("open"), &json!("An advertisement."))
    );
    assert_eq!(
        (&report["by"]["username"], &report["user"]["username"]),
        (&json!("ben"), &json!("ana"))
    );
    assert_eq!((&report["tweet"]["body"], &report["hidden"]), (&json!("buy this"), &json!(false)));
    app.get_as(ben, "/api/v1/moderation/reports").await.refused(403, "not_moderator", None);

    scene.set_hidden(tweet, true).await;
    let resolve = format!("/api/v1/moderation/reports/{}/resolve", filed["id"]);
    let outcome = json!({"reason": "Hidden."});
    app.post_as(ben, &resolve, &outcome).await.refused(403, "not_moderator", None);
    app.post_as(moderator, &resolve, &outcome).await.expect(200);
    app.post_as(moderator, &resolve, &json!({})).await.expect(200);
    let missing = "/api/v1/moderation/reports/1/resolve";
    app.post_as(moderator, missing, &json!({})).await.refused(404, "not_found", None);
    assert_eq!(list("?state=open").await.expect(200)["report_list"].as_array().unwrap().len(), 1);
    let done = list("?state=resolved").await.expect(200);
    let done = &done["report_list"][0];
    assert_eq!((&done["outcome"], &done["hidden"]), (&json!("Hidden."), &json!(true)));

    let log = app.get_as(moderator, "/api/v1/moderation/log").await.expect(200);
    let acts: Vec<_> = log["act_list"].as_array().unwrap().iter().map(|act| &act["act"]).collect();
    assert_eq!(acts, ["ReportResolved", "TweetHidden", "UserRoleUpdated"]);
    let hidden = &log["act_list"][1];
    assert_eq!((&hidden["reason"], &hidden["tweet"]), (&json!(REASON), &json!(tweet)));
    assert_eq!(
        (&hidden["by"]["username"], &hidden["user"]["username"]),
        (&json!("moderator"), &json!("ana"))
    );
    assert_eq!(log["act_list"][2]["by"], Value::Null, "the operator");

    // Whoever reported goes, and so does what they said.
    app.delete_as(ben, "/api/v1/users", Some(&json!({"username": "ben"}))).await.expect(200);
    let queue = list("?state=resolved").await.expect(200);
    let report = &queue["report_list"][0];
    assert_eq!((&report["reason"], &report["by"]["username"]), (&Value::Null, &Value::Null));
    assert_eq!(report["by"]["id"], ben.id);
    let log = app.services.store.read_all(Position(0), 1000).await.unwrap();
    assert!(!format!("{log:?}").contains("An advertisement."));
}

#[tokio::test]
async fn an_admin_changes_roles_and_nobody_else() {
    let scene = scene().await;
    let Scene { app, ana, ben, moderator } = &scene;
    let admin = app.sign_up("admin").await;
    app.promote(&admin, Role::Admin).await;
    let path = format!("/api/v1/users/{}/role", ana.id);
    let role = json!({"role": "moderator"});
    app.put_as(ben, &path, &role).await.refused(403, "not_admin", None);
    app.put_as(moderator, &path, &role).await.refused(403, "not_admin", None);
    app.put_as(&admin, &path, &json!({"role": "king"})).await.refused(
        422,
        "role_invalid",
        Some("role"),
    );
    let changed = app.put_as(&admin, &path, &role).await.expect(200);
    assert_eq!(changed["user"]["role"], "moderator");
    app.get_as(ana, "/api/v1/moderation/reports").await.expect(200);
    app.put_as(&admin, "/api/v1/users/1/role", &role).await.refused(404, "not_found", None);
}

#[tokio::test]
async fn reports_are_throttled() {
    let app = App::start_with(|rules| rules.throttle = true).await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let body = json!({"username": ben.username, "reason": "x"});
    for _ in 0..20 {
        app.post_as(&ana, "/api/v1/reports", &body).await.expect(201);
    }
    let refused = app.post_as(&ana, "/api/v1/reports", &body).await;
    refused.refused(429, "throttled", None);
    let wait: u32 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "a place comes back each minute: {wait}");
}

#[tokio::test]
async fn whatever_staff_do_to_others_is_in_the_log_and_never_the_words() {
    let Scene { app, ana, ben, moderator } = &scene().await;
    let admin = app.sign_up("admin").await;
    app.promote(&admin, Role::Admin).await;
    let log = async |query: &str| {
        let path = format!("/api/v1/moderation/log{query}");
        app.get_as(moderator, &path).await.expect(200)["act_list"].as_array().unwrap().clone()
    };
    let account = NewAccount {
        username: Username::parse("added").unwrap(),
        email: Email::parse("added@example.org").unwrap(),
        way_in: WayIn::Password(Password::parse(PASSWORD).unwrap()),
        name: None,
        role: Role::Moderator,
    };
    app.services.accounts.add(account).await.unwrap();
    let added = log("").await[0].clone();
    assert_eq!((&added["act"], &added["by"]), (&json!("UserCreated"), &Value::Null));
    assert_eq!(
        (&added["user"]["username"], &added["role"]),
        (&json!("added"), &json!("moderator"))
    );
    let before = log("").await.len();

    // What people do with their own is nobody's business.
    let own = app.tweet(ana, "taken back by its author").await;
    app.delete_as(ana, &format!("/api/v2/tweets/{own}"), None).await.expect(200);
    let account = |who: &Person| format!("/api/v1/users/{}", who.id);
    app.put_as(ana, &account(ana), &json!({"bio": "my own bio"})).await.expect(200);
    assert_eq!(log("").await.len(), before);

    let taken = app.tweet(ana, "words that are erased").await;
    app.delete_as(moderator, &format!("/api/v2/tweets/{taken}"), None).await.expect(200);
    let change = json!({"bio": "an imposed bio"});
    app.put_as(&admin, &account(ana), &change).await.expect(200);
    let change = json!({"password": "an imposed password"});
    app.put_as(&admin, &account(ana), &change).await.expect(200);
    for n in 0..3 {
        app.tweet(ben, &format!("gone with the account {n}")).await;
    }
    let gone = json!({"username": "ben"});
    app.delete_as(&admin, "/api/v1/users", Some(&gone)).await.expect(200);

    let acts = log("").await;
    let said: Vec<_> = acts[..4]
        .iter()
        .map(|act| {
            (act["act"].as_str(), act["by"]["username"].as_str(), act["user"]["id"].as_u64())
        })
        .map(|(act, by, about)| (act.unwrap(), by.unwrap(), about.unwrap()))
        .collect();
    let expected = [
        ("UserDeleted", "admin", ben.id),
        ("PasswordUpdated", "admin", ana.id),
        ("UserUpdated", "admin", ana.id),
        ("TweetDeleted", "moderator", ana.id),
    ];
    assert_eq!(said, expected);
    assert_eq!(acts.len(), before + 4, "tweets that went with the account are one act with it");
    assert_eq!(acts[3]["tweet"], taken);
    assert_eq!(log("?limit=2").await, acts[..2]);
    let below = format!("?limit=2&before={}", acts[0]["position"]);
    assert_eq!(log(&below).await, acts[1..3]);

    let cookie = app.cookie(moderator).await;
    let page = async |path: &str| {
        send(app.request(Method::GET, path).header("cookie", &cookie)).await.text
    };
    let (listed, person) = (page("/moderation/log").await, page("/moderation/people/ana").await);
    for words in [
        "The operator <strong>added</strong>",
        " as moderator",
        "deleted for good",
        "changed the profile of",
        "changed the password of",
    ] {
        assert!(listed.contains(words), "{words} in {listed}");
    }
    assert!(listed.contains("deleted the account of</strong> somebody whose account is gone"));
    assert!(!listed.contains(&format!("/moderation/tweets/{taken}")), "nothing is there");
    assert!(person.contains("changed the password of"), "{person}");
    let all = format!("{acts:?}{listed}");
    for words in ["words that are erased", "gone with the account", "imposed"] {
        assert!(!all.contains(words), "{words}");
    }
}
