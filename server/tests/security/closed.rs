//! A closed server: every route, asked by strangers in every way they have, against the list of
//! what is open in `docs/SECURITY.md`.

use std::fmt::Write as _;

use reqwest::Method;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::app::App;
use crate::authenticator::ORIGIN;
use crate::letters::Letters;
use crate::matrix::routes;
use crate::table;
use crate::world::World;

/// What strangers may bring along: nothing of it is a session.
const DISGUISES: [(&str, &str); 5] = [
    ("accept", "text/html"),
    ("cookie", "siskin_session=x; way_back=Lw"),
    ("authorization", "Bearer sk_x"),
    ("accept", "application/json"),
    ("if-none-match", "*"),
];

async fn closed() -> App {
    App::start_with(|rules| rules.community.public = false).await
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_do_not_learn_how_much_members_do() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    let headers = [("x-siskin-position", "0"), ("cookie", "siskin_session=x; siskin_position=0")];
    for (method, path) in
        [(Method::GET, "/api/v1/info"), (Method::GET, "/login"), (Method::POST, "/theme")]
    {
        for (name, value) in headers {
            let request = app.request(method.clone(), path).header(name, value);
            let response = request.form(&[("theme", "dark")]).send().await.unwrap();
            let headers = response.headers();
            assert!(headers.get("x-siskin-position").is_none(), "{method} {path}");
            let mut cookies = headers.get_all("set-cookie").iter();
            assert!(!cookies.any(|line| line.to_str().unwrap().contains("position")), "{path}");
        }
    }
    // Members read their own writes, also the first one.
    let body = serde_json::json!({"username": "ana", "password": crate::app::PASSWORD});
    let entered = app.post("/api/v1/tokens", &body).await;
    assert!(!entered.header("x-siskin-position").is_empty());
    assert!(!app.cookie(&ana).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_get_what_is_listed_and_nothing_else() {
    let letters = Letters::new();
    let closed = App::start_posting_with(letters.clone(), |rules| {
        rules.community.public = false;
        rules.public_url = ORIGIN.to_owned();
    });
    let mut world = World::on(closed.await, letters).await;
    let owner = world.new_owner().await;
    let mut open = table::read("Open on a closed server").rows;
    let mut wrong = String::new();
    // An open server tells what routes there are.
    for route in routes(&World::new().await).await {
        let (method, template) = route.split_once(' ').unwrap();
        let method: Method = method.parse().unwrap();
        let listed = open.remove(&route).is_some();
        // A new password leads there as well, when it is set.
        let may_lead = listed && route == "POST /account/reset";
        for (name, value) in DISGUISES {
            let request = world.app.request(method.clone(), &owner.path(template));
            let request = owner.fill(&route, request).header(name, value);
            let response = request.send().await.unwrap();
            let (status, to) = (response.status().as_u16(), response.headers().get("location"));
            let led = status == 303 && !may_lead && to.is_some_and(|to| to == "/login");
            let refused = led || [401, 404, 405].contains(&status);
            // There may be no such file, but it may be asked for.
            if refused == listed && !(listed && status == 404) {
                writeln!(wrong, "{route} with {name}: {value} is {status}").unwrap();
            }
            let text = response.text().await.unwrap();
            if text.contains("owned") || text.contains(&owner.email()) {
                writeln!(wrong, "{route} with {name}: {value} tells of members").unwrap();
            }
        }
    }
    for route in open.keys() {
        writeln!(wrong, "{route} is listed, but there is no such route").unwrap();
    }
    assert!(wrong.is_empty(), "docs/SECURITY.md and the closed server differ:\n{wrong}");
}

/// Asks for a path as it stands here: clients put dots and slashes in order.
async fn ask(app: &App, path: &str) -> String {
    let host = app.address.strip_prefix("http://").unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    let ask = format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn no_spelling_of_a_path_gets_around_it() {
    let app = closed().await;
    let ana = app.sign_up("ana").await;
    let tweet = app.tweet(&ana, "for members only").await;
    for start in ["/account", "/log-in", "/login", "/signup", "/pkg", "/api/v1/info", "/livez"] {
        for up in ["/..", "/%2e%2e", "/.%2E", "/x/../..", "/..;", "\\..", "/."] {
            for target in ["/".to_owned(), "/@ana".to_owned(), format!("/tweet/{tweet}")] {
                let path = format!("{start}{up}{target}");
                let answer = ask(&app, &path).await;
                assert!(!answer.contains("for members only"), "{path}: {answer}");
                assert!(!answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
            }
        }
    }
    for path in [
        "//",
        "/api",
        "/api/",
        "/./",
        "/%40ana",
        "/@ana/",
        "/@ANA",
        "/api//v2/tweets",
        "/API/v2/tweets",
    ] {
        let answer = ask(&app, path).await;
        assert!(!answer.contains("for members only"), "{path}: {answer}");
        assert!(!answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
    }
}
