//! Who asks, how they say who they are, and what there is to be asked for.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::RequestBuilder;
use serde_json::json;
use siskin_domain::moderation::Measure;
use siskin_domain::{Reason, Role, TweetId, UserId, Username};
use siskin_server::application::accounts::Identity;
use siskin_server::application::{Clock as _, NewInvitation, NewSession, Registration, Rules};
use siskin_server::storage::{Audience, Client, Proof, ProofKey, ProofKind, Scopes};

use crate::app::{App, PASSWORD, Person};
use crate::authenticator::{Authenticator, ORIGIN};
use crate::letters::Letters;

/// How a request says who sends it, in the order of a cell of the table.
pub(crate) const WAYS: [Way; 3] = [Way::OwnPage, Way::ForeignPage, Way::Bearer];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// A cookie, from one of Siskin's pages.
    OwnPage,
    /// A cookie, from a page of another origin.
    ForeignPage,
    /// A token, from a program.
    Bearer,
}

/// A server, its people, and a fresh owner with a tweet for each request that may change something.
pub(crate) struct World {
    pub(crate) app: App,
    letters: Arc<Letters>,
    /// The same server where one is invited: an invitation stays when nobody needs one any more.
    inviting: App,
    /// Somebody's passkey, as the store keeps it; whose it is and what finds it are others' own.
    passkey: Proof,
    other: Person,
    moderator: Person,
    admin: Person,
    owners: usize,
}

impl World {
    pub(crate) async fn new() -> Self {
        let letters = Letters::new();
        // With a name, as passkeys are for names.
        let named = |rules: &mut Rules| rules.public_url = ORIGIN.to_owned();
        Self::on(App::start_posting_with(letters.clone(), named).await, letters).await
    }

    pub(crate) async fn on(app: App, letters: Arc<Letters>) -> Self {
        let other = app.sign_up("other").await;
        let (moderator, admin) = (app.sign_up("moderator").await, app.sign_up("admin").await);
        app.promote(&moderator, Role::Moderator).await;
        app.promote(&admin, Role::Admin).await;
        let inviting =
            app.beside(|rules| rules.community.registration = Registration::Invite).await;
        let passkey = passkey(&app).await;
        Self { app, letters, inviting, passkey, other, moderator, admin, owners: 0 }
    }

    pub(crate) async fn new_owner(&mut self) -> Owner {
        self.owners += 1;
        let person = self.app.sign_up(&format!("owner{}", self.owners)).await;
        let tweet = self.app.tweet(&person, "owned").await;
        let (id, now) = (UserId::new(person.id).unwrap(), self.app.clock.now());
        let sessions = self.app.services.store.sessions_of(id, now, 100).await.unwrap();
        let email = format!("{}@example.org", person.username);
        let verify = self.letters.secret(&email, "address yours", 1).await;
        let username = Username::parse(&person.username).unwrap();
        let reset = self.app.services.accounts.reset_link(&username).await.unwrap();
        let reset = reset.split_once("?token=").unwrap().1.to_owned();
        let report = json!({"tweet": tweet, "reason": "reported"});
        let other = self.token_of(&self.other).await;
        let report = self.app.post_as(&other, "/api/v1/reports", &report).await.expect(201);
        let report = report["id"].as_u64().unwrap();
        let ways = self.ways_in(&person).await;
        let session = sessions[0].id.0;
        Owner { person, tweet, session, report, verify, reset, ways }
    }

    /// Gives somebody a passkey, an account elsewhere and an invitation.
    async fn ways_in(&self, person: &Person) -> WaysIn {
        let (services, now) = (&self.app.services, self.app.clock.now());
        let caller = self.app.caller(person).await;
        let user = Some(caller.actor.id);
        let key = ProofKey::of(ProofKind::Passkey, person.username.as_bytes());
        let passkey = Proof { key, user, ..self.passkey.clone() };
        services.store.keep_proof(passkey, now).await.unwrap();
        let issuer = "https://acme.example".to_owned();
        let identity = Identity { issuer, subject: person.username.clone() };
        services.accounts.link(&caller, &identity, "somewhere else").await.unwrap();
        let new = NewInvitation { name: String::new(), uses: 1, lasts_days: 7 };
        self.inviting.services.accounts.invite(&caller, new, None).await.unwrap();
        let invitations = services.accounts.invitations(&caller).await.unwrap();
        WaysIn {
            passkey: URL_SAFE_NO_PAD.encode(key.0),
            identity: services.accounts.identities(&caller).await.unwrap().list[0].id.clone(),
            invitation: invitations[0].id.0,
        }
    }

    /// The owner with a session that began just now: so many have been begun to ask who they are that
    /// the oldest have ended.
    pub(crate) async fn with_new_session(&self, owner: &Owner) -> Owner {
        self.token_of(&owner.person).await;
        let id = UserId::new(owner.person.id).unwrap();
        let sessions =
            self.app.services.store.sessions_of(id, self.app.clock.now(), 100).await.unwrap();
        let newest = sessions.iter().max_by_key(|session| session.created_at).unwrap();
        Owner { session: newest.id.0, ..owner.clone() }
    }

    /// Whether an owner still has all that they had: account, tweet, session and ways in.
    pub(crate) async fn has_all(&self, owner: &Owner) -> bool {
        let (store, now) = (&self.app.services.store, self.app.clock.now());
        let id = UserId::new(owner.person.id).unwrap();
        let tweet = TweetId::new(owner.tweet).unwrap();
        let account = store.find_user(id, Audience::All).await.unwrap();
        let tweet = store.find_tweet(tweet, Audience::All).await.unwrap();
        let sessions = store.sessions_of(id, now, 100).await.unwrap();
        let session = sessions.iter().any(|session| session.id.0 == owner.session);
        let proofs = store.proofs_of(id, now).await.unwrap();
        let kinds = [ProofKind::Passkey, ProofKind::Identity, ProofKind::Invitation];
        let ways = kinds.iter().all(|kind| proofs.iter().any(|proof| proof.kind == *kind));
        account.is_some() && tweet.is_some() && session && ways
    }

    /// Somebody with a new token, as some routes end those that there are.
    async fn token_of(&self, person: &Person) -> Person {
        let id = UserId::new(person.id).unwrap();
        let new = NewSession::token(String::new(), Client::default());
        let token = self.app.services.accounts.start_session(id, new).await.unwrap();
        Person { token: token.secret, ..person.clone() }
    }

    /// An owner whom the operator has suspended.
    pub(crate) async fn new_suspended_owner(&mut self) -> Owner {
        let owner = self.new_owner().await;
        let id = UserId::new(owner.person.id).unwrap();
        let reason = Reason::parse("suspended").unwrap();
        let moderation = &self.app.services.moderation;
        moderation.impose(None, id, Measure::Suspension, reason).await.unwrap();
        owner
    }

    /// Who the head of a column means; a new column needs a line here.
    fn person<'a>(&'a self, column: &str, owner: &'a Owner) -> Option<&'a Person> {
        match column {
            "Anonymous" => None,
            "Owner" | "Owner, `read`" | "Suspended" => Some(&owner.person),
            "Other" => Some(&self.other),
            "Moderator" => Some(&self.moderator),
            "Admin" | "Admin, `read` `write`" => Some(&self.admin),
            _ => panic!("the table has a column that no test knows: {column}"),
        }
    }

    /// Says who sends a request, with a session of its own, as some routes end sessions.
    pub(crate) async fn signed(
        &self,
        request: RequestBuilder,
        column: &str,
        owner: &Owner,
        way: Way,
    ) -> RequestBuilder {
        let app = &self.app;
        let request = match way {
            Way::OwnPage => {
                request.header("origin", &app.address).header("sec-fetch-site", "same-origin")
            }
            Way::ForeignPage => request
                .header("origin", "https://evil.example")
                .header("sec-fetch-site", "cross-site"),
            Way::Bearer => request,
        };
        let Some(person) = self.person(column, owner) else { return request };
        if way == Way::Bearer {
            let id = UserId::new(person.id).unwrap();
            let mut new = NewSession::token(String::new(), Client::default());
            if let Some((_, scopes)) = column.split_once(", ") {
                let names = scopes.split(' ').map(|name| name.trim_matches('`'));
                new.scopes = Scopes::named(names).expect("scopes that there are");
            }
            let token = app.services.accounts.start_session(id, new).await.unwrap();
            request.bearer_auth(token.secret)
        } else {
            request.header("cookie", app.cookie(person).await)
        }
    }
}

/// A passkey of somebody who is asked for nothing, as the store keeps it.
async fn passkey(app: &App) -> Proof {
    let person = app.sign_up("passkeys").await;
    let password = json!({"password": PASSWORD});
    let asked = app.post_as(&person, "/api/v1/passkeys/registration", &password).await.expect(200);
    let credential = Authenticator::es256().create(&asked["options"]);
    let passkey = json!({"name": "phone", "credential": credential});
    app.post_as(&person, "/api/v1/passkeys", &passkey).await.expect(201);
    let id = UserId::new(person.id).unwrap();
    let proofs = app.services.store.proofs_of(id, app.clock.now()).await.unwrap();
    proofs.into_iter().find(|proof| proof.kind == ProofKind::Passkey).unwrap()
}

/// What an owner can log in with, beside the password, and lets others in with.
#[derive(Clone)]
struct WaysIn {
    passkey: String,
    identity: String,
    invitation: u64,
}

/// Whose things are asked for.
#[derive(Clone)]
pub(crate) struct Owner {
    person: Person,
    tweet: u64,
    session: u64,
    report: u64,
    /// The secrets of links that were mailed to them.
    verify: String,
    reset: String,
    ways: WaysIn,
}

impl Owner {
    /// What nobody else may learn.
    pub(crate) fn email(&self) -> String {
        format!("{}@example.org", self.person.username)
    }

    /// The address that a template stands for.
    pub(crate) fn path(&self, template: &str) -> String {
        let id = match template {
            _ if template.contains("report") => self.report.to_string(),
            _ if template.contains("session") => self.session.to_string(),
            _ if template.contains("tweet") => self.tweet.to_string(),
            _ if template.contains("invitation") => self.ways.invitation.to_string(),
            _ if template.contains("passkey") => self.ways.passkey.clone(),
            _ => self.person.id.to_string(),
        };
        template
            .replace("{id}", &id)
            .replace("{measure}", "suspension")
            .replace("{username}", &self.person.username)
            .replace("{name}", "no-such-file")
            .replace("{provider}", "none")
            .replace("{identity}", &self.ways.identity)
    }

    /// A body that the route takes, if it takes one.
    pub(crate) fn fill(&self, route: &str, request: RequestBuilder) -> RequestBuilder {
        let me = self.person.username.as_str();
        let new = format!("new{me}");
        let email = format!("{new}@example.net");
        match route {
            "POST /api/v1/users" => {
                request.json(&json!({"username": new, "email": email, "password": PASSWORD}))
            }
            "DELETE /api/v1/users" => request.json(&json!({"username": me})),
            "PUT /api/v1/users/{id}" => request.json(&json!({"bio": "changed"})),
            "PUT /api/v1/users/{id}/role" => request.json(&json!({"role": "moderator"})),
            "POST /api/v1/reports" => request.json(&json!({"username": me, "reason": "rude"})),
            _ if route.contains("/api/v1/moderation/") && !route.starts_with("GET ") => {
                request.json(&json!({"reason": "because"}))
            }
            "POST /report" => request.form(&[("user", me), ("reason", "rude")]),
            "POST /moderation/people/{username}" => {
                request.form(&[("act", "warn"), ("reason", "because")])
            }
            "POST /moderation/tweets/{id}" => {
                request.form(&[("act", "hide"), ("reason", "because")])
            }
            "POST /moderation/reports/{id}" => request.form(&[("act", "resolve")]),
            "POST /api/v1/tokens" => request.json(&json!({"username": me, "password": PASSWORD})),
            "POST /api/v1/passkeys/registration" => request.json(&json!({"password": PASSWORD})),
            "POST /api/v1/passkeys" => request.json(&json!({"name": "phone", "credential": {}})),
            "POST /api/v1/passkeys/session" => request.json(&json!({"credential": {}})),
            "POST /api/v1/password-resets" => request.json(&json!({"email": self.email()})),
            "POST /api/v1/password-resets/confirm" => {
                request.json(&json!({"token": self.reset, "password": PASSWORD}))
            }
            "POST /api/v1/email-verifications/confirm" => {
                request.json(&json!({"token": self.verify}))
            }
            "POST /account/forgot" => request.form(&[("email", self.email())]),
            "POST /account/reset" => {
                request.form(&[("token", self.reset.as_str()), ("password", PASSWORD)])
            }
            "POST /account/verify" => request.form(&[("token", &self.verify)]),
            "POST /api/v2/tweets" => request.json(&json!({"username": me, "body": "said"})),
            "POST /login" => request.form(&[("username", me), ("password", PASSWORD)]),
            "POST /signup" => {
                request.form(&[("username", &*new), ("email", &*email), ("password", PASSWORD)])
            }
            "POST /profile" => request.form(&[("bio", "changed")]),
            "POST /tweets" => request.form(&[("body", "said")]),
            "POST /api/v1/invitations" => request.json(&json!({})),
            "POST /settings/invitations" => request.form(&[("expires_in_days", "7")]),
            "POST /settings/tokens" => {
                request.form(&[("name", "made"), ("scopes", "read"), ("expires_in_days", "30")])
            }
            "POST /settings/account/delete" => {
                request.form(&[("username", me), ("current_password", PASSWORD)])
            }
            _ if route.starts_with("POST /settings/security/") => {
                request.form(&[("password", PASSWORD)])
            }
            "POST /theme" => request.form(&[("theme", "dark")]),
            _ if route.starts_with("POST /") && !route.starts_with("POST /api") => {
                request.form::<[(&str, &str); 0]>(&[])
            }
            _ => request,
        }
    }
}
