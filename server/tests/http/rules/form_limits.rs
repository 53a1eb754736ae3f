//! Forms keep the limits of the API's operations: each text of each form that the router knows.

use std::collections::BTreeSet;

use reqwest::Method;
use serde_json::{Value, json};
use siskin_domain::Role;
use siskin_server::application::Registration;
use tokio::sync::watch;

use super::limits::mail_of;
use crate::app::{Answer, App, PASSWORD, send};
use crate::factors::authenticator::Authenticator;
use crate::factors::{cookie, with_app};
use crate::oidc::browser::Site;

/// Who sends a form that is not refused for that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Who {
    Visitor,
    /// Somebody with an app beside their password.
    Member,
    /// Somebody whom the form makes another.
    Changing,
    Moderator,
    /// Somebody who has shown a password and is asked for a code.
    Entering,
    /// Somebody who has come from a provider and is asked for a name.
    New,
}

/// A form, its texts with their limits, and what else it needs.
struct Form {
    path: &'static str,
    who: Who,
    /// Refused by their own name or for their length.
    limited: &'static [(&'static str, usize)],
    /// Numbers, refused by their own name.
    numbers: &'static [(&'static str, u64)],
    /// Compared with what there is: refused as wrong, whatever they are.
    compared: &'static [(&'static str, &'static str)],
    rest: &'static [(&'static str, &'static str)],
}

const fn form(path: &'static str, who: Who) -> Form {
    Form { path, who, limited: &[], numbers: &[], compared: &[], rest: &[] }
}

const PASSWORD_WRONG: &str = "current_password_wrong";
const REASON: &[(&str, usize)] = &[("reason", 500)];

const FORMS: [Form; 26] = [
    Form {
        limited: &[("username", 30), ("email", 254), ("name", 50), ("password", 128)],
        rest: &[("username", "eve"), ("email", "eve@example.org"), ("password", PASSWORD)],
        ..form("/signup", Who::Visitor)
    },
    Form {
        compared: &[("username", "bad_credentials"), ("password", "bad_credentials")],
        rest: &[("username", "member"), ("password", PASSWORD)],
        ..form("/login", Who::Visitor)
    },
    Form { compared: &[("code", "code_wrong")], ..form("/log-in/code", Who::Entering) },
    Form {
        limited: &[("username", 30), ("email", 254), ("name", 50)],
        rest: &[("username", "eve"), ("email", "eve@example.org")],
        ..form("/log-in/finish", Who::New)
    },
    Form { limited: &[("email", 254)], ..form("/account/forgot", Who::Visitor) },
    Form {
        limited: &[("token", 43), ("password", 128)],
        rest: &[("token", "x"), ("password", PASSWORD)],
        ..form("/account/reset", Who::Visitor)
    },
    Form { limited: &[("token", 43)], ..form("/account/verify", Who::Visitor) },
    Form { limited: &[("body", 280)], ..form("/tweets", Who::Member) },
    Form {
        limited: &[("username", 30), ("email", 254), ("name", 50), ("bio", 160)],
        ..form("/profile", Who::Changing)
    },
    Form {
        limited: &[("password", 128)],
        compared: &[("current_password", PASSWORD_WRONG)],
        rest: &[("password", "another good one"), ("current_password", "?")],
        ..form("/profile", Who::Changing)
    },
    Form {
        limited: REASON,
        rest: &[("user", "target"), ("reason", "rude")],
        ..form("/report", Who::Member)
    },
    Form {
        limited: REASON,
        rest: &[("act", "warn")],
        ..form("/moderation/people/{username}", Who::Moderator)
    },
    Form {
        limited: REASON,
        rest: &[("act", "unsilence")],
        ..form("/moderation/people/{username}", Who::Moderator)
    },
    Form {
        limited: REASON,
        rest: &[("act", "hide")],
        ..form("/moderation/tweets/{id}", Who::Moderator)
    },
    Form {
        limited: REASON,
        rest: &[("act", "resolve")],
        ..form("/moderation/reports/{id}", Who::Moderator)
    },
    Form {
        limited: REASON,
        rest: &[("act", "warn")],
        ..form("/moderation/reports/{id}", Who::Moderator)
    },
    Form {
        limited: &[("name", 50)],
        numbers: &[("expires_in_days", 3650)],
        rest: &[("name", "made"), ("scopes", "read"), ("expires_in_days", "30")],
        ..form("/settings/tokens", Who::Member)
    },
    Form {
        limited: &[("name", 50)],
        numbers: &[("uses", 100), ("expires_in_days", 30)],
        rest: &[("expires_in_days", "7")],
        ..form("/settings/invitations", Who::Member)
    },
    Form { limited: &[("password", 128)], ..form("/settings/identities/password", Who::Member) },
    Form {
        compared: &[("current_password", PASSWORD_WRONG)],
        ..form("/settings/identities/link/{provider}", Who::Member)
    },
    Form {
        compared: &[("username", "username_wrong"), ("current_password", PASSWORD_WRONG)],
        rest: &[("username", "member"), ("current_password", "?")],
        ..form("/settings/account/delete", Who::Member)
    },
    Form {
        compared: &[("password", PASSWORD_WRONG)],
        ..form("/settings/security/app", Who::Member)
    },
    Form {
        compared: &[("setup", "ceremony_over"), ("code", "ceremony_over")],
        rest: &[("setup", "x"), ("code", "000000")],
        ..form("/settings/security/app/code", Who::Member)
    },
    Form {
        compared: &[("password", PASSWORD_WRONG), ("code", "code_wrong")],
        rest: &[("password", PASSWORD), ("code", "000000")],
        ..form("/settings/security/app/remove", Who::Member)
    },
    Form {
        compared: &[("password", PASSWORD_WRONG), ("code", "code_wrong")],
        rest: &[("password", PASSWORD), ("code", "000000")],
        ..form("/settings/security/codes", Who::Member)
    },
    Form {
        compared: &[("password", PASSWORD_WRONG)],
        ..form("/settings/security/passkeys/{id}/remove", Who::Member)
    },
];

/// Forms that nobody types anything into, and what becomes of what is sent all the same.
const WITHOUT_TEXT: [(&str, &str); 11] = [
    ("/log-in/with/{provider}", "the address says with whom"),
    ("/logout", "no field is read"),
    ("/settings/data", "no field is read"),
    ("/settings/identities/{identity}/unlink", "the address says which"),
    ("/settings/invitations/{id}/revoke", "the address says which"),
    ("/settings/mail/verify", "no field is read"),
    ("/settings/sessions/end-others", "no field is read"),
    ("/settings/sessions/{id}/end", "the address says which"),
    ("/settings/warning", "no field is read"),
    ("/theme", "a choice: whatever is none of it is the system's"),
    ("/tweet/{id}/delete", "the address says which"),
];

/// A site, and who is there.
struct Scene {
    site: Site,
    /// The same where one is invited, for what there is only there.
    inviting: App,
    member: String,
    changing: String,
    moderator: String,
    tweet: u64,
    report: u64,
    passkey: String,
}

impl Scene {
    async fn new() -> Self {
        let site = Site::named().await;
        let app = &site.app;
        let member = with_app(app, "member").await;
        let password = json!({"password": PASSWORD});
        let asked = app.post_as(&member.person, "/api/v1/passkeys/registration", &password).await;
        let credential = Authenticator::es256().create(&asked.expect(200)["options"]);
        let passkey = json!({"name": "phone", "credential": credential});
        let kept = app.post_as(&member.person, "/api/v1/passkeys", &passkey).await.expect(201);
        let (changing, target) = (app.sign_up("changing").await, app.sign_up("target").await);
        let moderator = app.sign_up("moderator").await;
        app.promote(&moderator, Role::Moderator).await;
        let tweet = app.tweet(&target, "rude").await;
        let report = json!({"tweet": tweet, "reason": "rude"});
        let report = app.post_as(&moderator, "/api/v1/reports", &report).await.expect(201);
        Self {
            inviting: app.beside(|rules| rules.community.registration = Registration::Invite).await,
            member: member.cookie,
            changing: app.cookie(&changing).await,
            moderator: app.cookie(&moderator).await,
            tweet,
            report: report["id"].as_u64().unwrap(),
            passkey: kept["passkey"]["id"].as_str().unwrap().to_owned(),
            site,
        }
    }

    fn path(&self, template: &str) -> String {
        let id = match template {
            _ if template.contains("/tweets/") => self.tweet.to_string(),
            _ if template.contains("/reports/") => self.report.to_string(),
            _ => self.passkey.clone(),
        };
        let path = template.replace("{id}", &id).replace("{username}", "target");
        path.replace("{provider}", "one")
    }

    /// Sends a form whose other fields are right.
    async fn send(&self, form: &Form, name: &str, text: &str) -> Answer {
        let others = form.rest.iter().filter(|(key, _)| *key != name).copied();
        let fields: Vec<_> = std::iter::once((name, text)).chain(others).collect();
        let (app, path) = (&self.site.app, self.path(form.path));
        let cookie = match form.who {
            Who::Visitor => String::new(),
            Who::Member => self.member.clone(),
            Who::Changing => self.changing.clone(),
            Who::Moderator => self.moderator.clone(),
            Who::Entering => {
                let fields = [("username", "member"), ("password", PASSWORD)];
                let begun = send(app.request(Method::POST, "/login").form(&fields)).await;
                cookie(&begun, "siskin_code").expect("a code is asked for")
            }
            Who::New => {
                let browser = self.site.browser();
                let back = browser.to_and_back(&self.site.one, "/log-in/with/one", &[]).await;
                assert_eq!(back.header("location"), "/log-in/finish");
                return browser.send_as_code(&path, &fields).await;
            }
        };
        let app = if form.path == "/settings/invitations" { &self.inviting } else { app };
        let request = app.request(Method::POST, &path).header("cookie", cookie);
        // As our own code does: what is wrong comes as the API says it.
        send(request.header("accept", "application/json").form(&fields)).await
    }

    /// Whether the answer is what a form says of a field that is too long, or wrong.
    async fn refuses(&self, form: &Form, name: &str, text: &str, wrong: Option<&str>) -> String {
        let answer = self.send(form, name, text).await;
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let (code, field) = (body["code"].as_str().unwrap_or_default(), &body["field"]);
        let refused = match wrong {
            Some(wrong) => code == wrong,
            None => field == name || code.ends_with("_too_long"),
        };
        if (400..500).contains(&answer.status) && refused {
            return String::new();
        }
        format!("{} {name}, {}: {} {}\n", form.path, text.len(), answer.status, answer.text)
    }

    /// Whether the greatest that is allowed is not refused for itself.
    async fn takes(&self, form: &Form, name: &str, text: &str) -> String {
        let answer = self.send(form, name, text).await;
        let body: Value = serde_json::from_str(&answer.text).unwrap_or_default();
        let (code, field) = (body["code"].as_str().unwrap_or_default(), &body["field"]);
        // A link's secret of the right length is unknown all the same.
        let itself = field == name && code.ends_with("_invalid") && code != "link_invalid";
        if answer.status < 500 && !code.ends_with("_too_long") && !itself {
            return String::new();
        }
        format!("{} {name}, {}: {} {}\n", form.path, text.len(), answer.status, answer.text)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn forms_keep_the_limits_of_the_api() {
    let scene = Scene::new().await;
    let mut wrong = String::new();
    for form in &FORMS {
        for (name, most) in form.limited {
            let text = |length: usize| {
                if *name == "email" { mail_of(length) } else { "a".repeat(length) }
            };
            // Whoever is new would not be so any more.
            if form.who != Who::New {
                wrong += &scene.takes(form, name, &text(*most)).await;
            }
            for length in [most + 1, 100_000] {
                wrong += &scene.refuses(form, name, &text(length), None).await;
            }
        }
        for (name, most) in form.numbers {
            wrong += &scene.takes(form, name, &most.to_string()).await;
            for number in [most + 1, u64::MAX] {
                wrong += &scene.refuses(form, name, &number.to_string(), None).await;
            }
        }
        for (name, code) in form.compared {
            for length in [300, 100_000] {
                wrong += &scene.refuses(form, name, &"a".repeat(length), Some(code)).await;
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[tokio::test]
async fn every_form_is_looked_at() {
    let app = App::start().await;
    let (_stop, stopping) = watch::channel(false);
    let routes = siskin_server::http::routes(app.services.clone(), stopping);
    let mut there = BTreeSet::new();
    for template in routes.paths().iter().filter(|path| !path.starts_with("/api/")) {
        let path = template.replace("{id}", "1").replace("{username}", "x").replace("{name}", "x");
        let nonsense = Method::from_bytes(b"NONSENSE").unwrap();
        let answer = send(app.request(nonsense, &path)).await;
        if answer.has("allow") && answer.header("allow").contains("POST") {
            there.insert(template.as_str());
        }
    }
    let limited = FORMS.iter().map(|form| form.path);
    let without = WITHOUT_TEXT.iter().map(|(path, why)| {
        assert!(!why.is_empty(), "{path}");
        *path
    });
    let known: BTreeSet<_> = limited.chain(without).collect();
    assert_eq!(known, there, "forms that this test knows, and those that there are");
}
