//! The pages of moderators, of reporting, and what moderators say on others' pages, as a browser
//! without JavaScript sees them.

use reqwest::Method;
use serde_json::json;
use siskin_domain::Role;

use crate::app::{Answer, App, Person, send};

struct Scene {
    app: App,
    ana: Person,
    anas: String,
    bens: String,
    moderators: String,
    tweet: u64,
}

async fn scene() -> Scene {
    let app = App::start().await;
    let (ana, ben) = (app.sign_up("ana").await, app.sign_up("ben").await);
    let moderator = app.sign_up("moderator").await;
    app.promote(&moderator, Role::Moderator).await;
    let tweet = app.tweet(&ana, "buy <this>").await;
    let (anas, bens) = (app.cookie(&ana).await, app.cookie(&ben).await);
    let moderators = app.cookie(&moderator).await;
    Scene { app, ana, anas, bens, moderators, tweet }
}

impl Scene {
    async fn page(&self, cookie: &str, path: &str) -> Answer {
        send(self.app.request(Method::GET, path).header("cookie", cookie)).await
    }
    async fn form(&self, cookie: &str, path: &str, fields: &[(&str, &str)]) -> Answer {
        send(self.app.request(Method::POST, path).header("cookie", cookie).form(fields)).await
    }
    async fn act(&self, act: &str, reason: &str) -> Answer {
        let fields = [("act", act), ("reason", reason)];
        self.form(&self.moderators, "/moderation/people/ana", &fields).await
    }
}

#[track_caller]
fn leads_to(answer: &Answer, location: &str) {
    assert_eq!((answer.status, answer.header("location")), (303, location), "{}", answer.text);
}

#[track_caller]
fn shows(answer: &Answer, status: u16, texts: &[&str]) {
    assert_eq!(answer.status, status, "{}", answer.text);
    for text in texts {
        assert!(answer.text.contains(text), "{text} is not in {}", answer.text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tweet_is_reported_and_hidden_from_the_queue() {
    let scene = scene().await;
    let tweet = scene.tweet.to_string();
    let path = format!("/report?tweet={tweet}");
    shows(&scene.page(&scene.bens, &format!("/tweet/{tweet}")).await, 200, &[&path]);
    let form = scene.page(&scene.bens, &path).await;
    let back = format!("<a href=\"/tweet/{tweet}\" rel=\"external\">Back</a>");
    shows(&form, 200, &["buy &lt;this&gt;", "Report this tweet", &back]);
    let own = scene.page(&scene.anas, &format!("/tweet/{tweet}")).await;
    assert!(!own.text.contains("/report?tweet="), "nobody reports themselves: {}", own.text);
    let empty = [("tweet", tweet.as_str()), ("reason", " ")];
    shows(&scene.form(&scene.bens, "/report", &empty).await, 422, &["Say why, in a few words."]);
    let filled = [("tweet", tweet.as_str()), ("reason", "An \"advertisement\".")];
    leads_to(&scene.form(&scene.bens, "/report", &filled).await, &format!("/tweet/{tweet}"));
    leads_to(&scene.page("", &path).await, "/login");
    let own = scene.form(&scene.anas, "/report", &filled).await;
    shows(&own, 422, &["Nobody reports themselves"]);

    let queue = scene.page(&scene.moderators, "/moderation").await;
    shows(&queue, 200, &["An &quot;advertisement&quot;.", "buy &lt;this&gt;", "Hide the tweet"]);
    let number = queue.text.split("/moderation/reports/").nth(1).unwrap();
    let path = format!("/moderation/reports/{}", number.split('"').next().unwrap());
    let id = path.rsplit('/').next().unwrap();
    let hide = |reason| [("report", id), ("act", "hide"), ("reason", reason)];
    let refused = scene.form(&scene.moderators, &path, &hide("")).await;
    shows(&refused, 422, &["Say why, in a few words.", "aria-invalid=\"true\""]);
    let refused = scene.form(&scene.bens, &path, &hide("because")).await;
    assert_eq!(refused.status, 403);
    leads_to(&scene.form(&scene.moderators, &path, &hide("Off topic.")).await, "/moderation");
    shows(&scene.page(&scene.moderators, "/moderation").await, 200, &["Nothing is reported."]);
    let done = scene.page(&scene.moderators, "/moderation?state=resolved").await;
    shows(&done, 200, &["Off topic.", "Hidden"]);

    let page = format!("/tweet/{tweet}");
    assert_eq!(scene.page(&scene.bens, &page).await.status, 404);
    let notice = ["A moderator has hidden this tweet.", "Off topic."];
    let own = scene.page(&scene.anas, &page).await;
    shows(&own, 200, &notice);
    assert!(!own.text.contains("/moderation/tweets/"));
    let moderation = format!("/moderation/tweets/{tweet}");
    shows(&scene.page(&scene.moderators, &page).await, 200, &[notice[0], &moderation]);
    shows(&scene.page(&scene.moderators, &moderation).await, 200, &["Show it again"]);
    let unhide = [("act", "unhide"), ("reason", "On topic.")];
    leads_to(&scene.form(&scene.moderators, &moderation, &unhide).await, &moderation);
    assert_eq!(scene.page(&scene.bens, &page).await.status, 200);
    let log = scene.page(&scene.moderators, "/moderation/log").await;
    shows(&log, 200, &["showed again", "On topic.", "closed a report about", "The operator"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_person_is_told_why_and_can_only_go() {
    let scene = scene().await;
    shows(&scene.act("suspend", "").await, 422, &["Say why, in a few words."]);
    shows(&scene.act("behead", "x").await, 422, &["Choose one of the buttons."]);
    leads_to(&scene.act("suspend", "Insulted others.").await, "/moderation/people/ana");
    assert_eq!(scene.page(&scene.bens, "/@ana").await.status, 404);
    assert_eq!(scene.app.get("/@ana").await.status, 404);
    let seen = scene.page(&scene.moderators, "/@ana").await;
    shows(&seen, 200, &["This account is suspended.", "/moderation/people/ana"]);
    assert!(!seen.text.contains("ana@example.org"));
    for path in ["/", "/@ana", "/profile", "/settings/sessions"] {
        let page = scene.page(&scene.anas, path).await;
        shows(&page, 200, &["A moderator has suspended your account.", "Insulted others."]);
    }
    let home = scene.page(&scene.anas, "/").await.text;
    let tweet = format!("/tweet/{}?delete=1", scene.tweet);
    let own = scene.page(&scene.anas, &tweet).await.text;
    assert!(!home.contains("Delete tweet") && !own.contains("Delete"), "nothing that is refused");
    assert!(home.contains("you can read, but not tweet") && !home.contains("name=\"body\""));
    for (path, field) in [("/tweets", "body"), ("/profile", "bio"), ("/settings/tokens", "name")] {
        let refused = scene.form(&scene.anas, path, &[(field, "typed words")]).await;
        shows(&refused, 403, &["A moderator has suspended this account", "typed words"]);
    }
    let person = scene.page(&scene.moderators, "/moderation/people/ana").await;
    shows(&person, 200, &["Suspended", "Insulted others.", "End the suspension"]);
    leads_to(&scene.act("unsuspend", "Said sorry.").await, "/moderation/people/ana");
    assert_eq!(scene.page(&scene.bens, "/@ana").await.status, 200);
    assert!(!scene.page(&scene.anas, "/").await.text.contains("class=\"notice\""));
    leads_to(&scene.act("suspend", "Again.").await, "/moderation/people/ana");
    let ended = scene.form(&scene.anas, "/settings/sessions/end-others", &[]).await;
    leads_to(&ended, "/settings/sessions");
    leads_to(&scene.form(&scene.anas, "/logout", &[]).await, "/");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_warning_is_shown_until_it_was_read_and_a_silence_on_own_pages() {
    let scene = scene().await;
    leads_to(&scene.act("warn", "Be polite.").await, "/moderation/people/ana");
    let warned = ["A moderator has warned you.", "Be polite."];
    shows(&scene.page(&scene.anas, "/").await, 200, &warned);
    shows(&scene.page(&scene.anas, "/@ben").await, 200, &warned);
    assert!(!scene.page(&scene.bens, "/@ana").await.text.contains("Be polite."));
    leads_to(&scene.form(&scene.anas, "/settings/warning", &[]).await, "/");
    assert!(!scene.page(&scene.anas, "/").await.text.contains("Be polite."));
    leads_to(&scene.act("silence", "Too loud.").await, "/moderation/people/ana");
    let silenced = ["A moderator has silenced you.", "Too loud."];
    shows(&scene.page(&scene.anas, "/@ana").await, 200, &silenced);
    let home = scene.page(&scene.anas, "/").await;
    assert!(!home.text.contains("Too loud.") && home.text.contains("buy &lt;this&gt;"));
    assert!(!scene.page(&scene.bens, "/").await.text.contains("buy &lt;this&gt;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_moderators_are_theirs() {
    let scene = scene().await;
    let paths = ["/moderation", "/moderation/log", "/moderation/people/ana"];
    for path in paths {
        shows(&scene.page(&scene.bens, path).await, 403, &["For moderators"]);
        leads_to(&scene.page("", path).await, "/login");
    }
    for path in ["/moderation/people/nobody", "/moderation/people/x", "/moderation/tweets/1"] {
        shows(&scene.page(&scene.moderators, path).await, 404, &["Nothing here"]);
    }
    shows(&scene.page(&scene.moderators, "/profile").await, 200, &["href=\"/moderation\""]);
    assert!(!scene.page(&scene.bens, "/profile").await.text.contains("/moderation"));
    // Whoever is gone leaves a report that can be closed.
    let body = json!({"username": "ana", "reason": "rude"});
    let ben = Person { token: scene.app.log_in("ben").await, ..scene.ana.clone() };
    scene.app.post_as(&ben, "/api/v1/reports", &body).await.expect(201);
    let named = json!({"username": "ana"});
    scene.app.delete_as(&scene.ana, "/api/v1/users", Some(&named)).await.expect(200);
    let queue = scene.page(&scene.moderators, "/moderation").await;
    shows(&queue, 200, &["somebody whose account is gone", "Nothing more to do"]);
    assert!(!queue.text.contains("rude") && !queue.text.contains("Suspend"));
}
