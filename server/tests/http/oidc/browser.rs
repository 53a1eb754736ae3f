//! A browser without JavaScript that keeps cookies, and a site with providers.

use std::collections::HashMap;

use openidconnect::url::Url;
use openidconnect::url::form_urlencoded::Serializer;
use reqwest::Method;
use reqwest::header::SET_COOKIE;

use siskin_server::application::Rules;

use super::double::Double;
use crate::app::{Answer, App, PASSWORD, Person, send};
use crate::factors::authenticator::ORIGIN;

/// Two providers, and a site that knows both.
pub(crate) struct Site {
    pub(crate) app: App,
    pub(crate) one: Double,
    pub(crate) two: Double,
}

pub(crate) struct Browser {
    client: reqwest::Client,
    address: String,
}

impl Site {
    pub(crate) async fn open() -> Self {
        Self::with(|_| ()).await
    }

    /// A site with a name, as passkeys are for names.
    pub(crate) async fn named() -> Self {
        Self::with(|rules| rules.public_url = ORIGIN.to_owned()).await
    }

    async fn with(also: impl FnOnce(&mut Rules)) -> Self {
        let (one, two) = (Double::start().await, Double::start().await);
        let providers = vec![one.config("one"), two.config("two")];
        let app = App::start_with(|rules| {
            rules.providers = providers;
            also(rules);
        });
        Self { app: app.await, one, two }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser::at(&self.app)
    }

    /// A browser in which somebody with a password is signed in.
    pub(crate) async fn signed_in(&self, username: &str) -> (Person, Browser) {
        let (person, browser) = (self.app.sign_up(username).await, self.browser());
        let form = [("username", username), ("password", PASSWORD)];
        assert_eq!(browser.send("/login", &form).await.status, 303);
        (person, browser)
    }

    /// A browser in which somebody has made an account with an account at the first provider.
    pub(crate) async fn made_with_one(&self, username: &str) -> Browser {
        let browser = self.browser();
        let back = browser.to_and_back(&self.one, "/log-in/with/one", &[]).await;
        assert_eq!(back.header("location"), "/log-in/finish", "{}", back.text);
        let email = format!("{username}@example.org");
        let form = [("username", username), ("email", &email)];
        assert_eq!(browser.send("/log-in/finish", &form).await.status, 303);
        browser
    }
}

impl Browser {
    pub(crate) fn at(app: &App) -> Self {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .cookie_store(true)
            .build()
            .unwrap();
        Self { client, address: app.address.clone() }
    }

    pub(crate) async fn open(&self, path: &str) -> Answer {
        send(self.client.request(Method::GET, format!("{}{path}", self.address))).await
    }

    pub(crate) async fn send(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        send(self.client.request(Method::POST, format!("{}{path}", self.address)).form(form)).await
    }

    /// Sends a form as our own code does: what is wrong comes as the API says it.
    pub(crate) async fn send_as_code(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.client.request(Method::POST, format!("{}{path}", self.address));
        send(request.header("accept", "application/json").form(form)).await
    }

    /// What a script of ours asks.
    pub(crate) async fn ask(&self, path: &str, body: &serde_json::Value) -> Answer {
        send(self.client.request(Method::POST, format!("{}{path}", self.address)).json(body)).await
    }

    /// Presses a button that leads to a provider: the address there.
    pub(crate) async fn to(&self, button: &str, form: &[(&str, &str)]) -> String {
        let page = self.send(button, form).await;
        assert_eq!(page.status, 200, "{}", page.text);
        address(&page)
    }

    /// There, agreed, and back: what the way back is answered with.
    pub(crate) async fn to_and_back(
        &self,
        double: &Double,
        button: &str,
        form: &[(&str, &str)],
    ) -> Answer {
        let url = self.to(button, form).await;
        self.open(&way_back(&url, &double.agree(&url))).await
    }

    /// Whose browser it is; nobody's if empty.
    pub(crate) async fn whose(&self) -> String {
        let page = self.open("/profile").await.text;
        let name = page.split(r#"href="/@"#).nth(1).unwrap_or_default();
        name.split('"').next().unwrap_or_default().to_owned()
    }
}

/// Where the page leads on to by itself, which is where its link leads.
fn address(page: &Answer) -> String {
    let part = |before: &str| {
        let (_, rest) = page.text.split_once(before).unwrap_or_else(|| panic!("{}", page.text));
        rest.split('"').next().unwrap().replace("&amp;", "&")
    };
    let address = part("content=\"0; url=");
    assert_eq!(address, part("<a class=\"button\" href=\""));
    address
}

/// The path and query that a provider sends a person back to.
pub(crate) fn way_back(url: &str, query: &[(&str, String)]) -> String {
    let url = Url::parse(url).unwrap();
    let asked: HashMap<_, _> = url.query_pairs().into_owned().collect();
    let back = Url::parse(&asked["redirect_uri"]).unwrap();
    let query = Serializer::new(String::new()).extend_pairs(query).finish();
    format!("{}?{query}", back.path())
}

/// The line that sets a cookie.
pub(crate) fn set_cookie(answer: &Answer, name: &str) -> Option<String> {
    let lines = answer.headers.get_all(SET_COOKIE).iter().map(|line| line.to_str().unwrap());
    let mut own = lines.filter(|line| line.starts_with(&format!("{name}=")));
    own.next().map(ToOwned::to_owned)
}
