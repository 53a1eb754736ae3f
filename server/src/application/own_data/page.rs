//! `index.html` of an archive: readable from a disk, without a network and without a script.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use siskin_domain::{Timestamp, wire};

use super::facts::Facts;

/// The page's own looks, in either scheme of colours.
const STYLE: &str = "\
:root{color-scheme:light dark}\
body{font:1rem/1.5 system-ui,sans-serif;max-inline-size:42rem;margin:2rem auto;padding:0 1rem}\
dt{font-weight:600}dd{margin:0 0 .5rem}\
article{border-block-start:1px solid #8888;padding-block:.5rem}\
article p{margin:0;white-space:pre-wrap;overflow-wrap:anywhere}\
time{opacity:.75;font-size:.875rem}";

/// Nothing is loaded and nothing runs, wherever the page is opened.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// What comes before the tweets. The tags that HTML lets one leave open are: tweets follow.
pub(super) fn head(facts: &Facts) -> String {
    let me = &facts.profile;
    let page = html! {
        (DOCTYPE)
        (PreEscaped("<html lang=\"en\">"))
        head {
            meta charset="utf-8";
            meta http-equiv="content-security-policy" content=(POLICY);
            meta name="viewport" content="width=device-width";
            title { (me.name) " (@" (me.username) ")" }
            style { (PreEscaped(STYLE)) }
        }
        h1 { bdi { (me.name) } }
        p {
            "Everything that Siskin keeps of " bdi { "@" (me.username) } ", as it was on "
            (moment(facts.written_at)) ". Programs find all of it in " code { "data.json" } "."
        }
        h2 { "Profile" }
        dl {
            dt { "Username" } dd { bdi { (me.username) } }
            dt { "Name" } dd dir="auto" { (me.name) }
            @if let Some(email) = &me.email { dt { "E-mail" } dd { bdi { (email) } } }
            dt { "Bio" } dd dir="auto" { (me.bio) }
            dt { "Registered" } dd { (moment(me.created_at)) }
        }
        h2 { "History" }
        ul {
            @for happening in &facts.history {
                li { (moment(happening.at)) " " (in_words(happening.kind)) }
            }
        }
        h2 { "Tweets" }
    };
    page.into_string()
}

/// Some tweets, with a heading for each new day. `day` is that of the tweet before.
pub(super) fn tweets(tweets: &[wire::Tweet], day: &mut String) -> String {
    let mut page = String::new();
    for tweet in tweets {
        let date = date(tweet.timestamp);
        if *day != date {
            page.push_str(&html! { h3 { (date) } }.into_string());
            *day = date;
        }
        let article = html! {
            article { p dir="auto" { (tweet.body) } (moment(tweet.timestamp)) }
        };
        page.push_str(&article.into_string());
    }
    page
}

fn date(at: Timestamp) -> String {
    let (year, month, day, ..) = at.parts();
    format!("{year:04}-{month:02}-{day:02}")
}

fn moment(at: Timestamp) -> Markup {
    let (_, _, _, hour, minute, ..) = at.parts();
    html! { time datetime=(at.to_string()) { (date(at)) " " (format!("{hour:02}:{minute:02}")) " UTC" } }
}

/// An event's name in words; of a kind that has none here, the name itself.
fn in_words(kind: &str) -> &str {
    match kind {
        "UserCreated" => "registered",
        "UserUpdated" => "changed the profile",
        "PasswordUpdated" => "changed the password",
        "UserLoggedIn" => "logged in",
        "UserRoleUpdated" => "got another role",
        other => other,
    }
}
