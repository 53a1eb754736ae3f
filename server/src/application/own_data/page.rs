//! `index.html` of an archive: readable from a disk, without a network and without a script.

use std::collections::HashMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use siskin_domain::{Bio, DisplayName, Email, Reason, Role, Timestamp, TweetId, Username, wire};

use super::facts::{Details, Facts, Happening, HiddenFacts, ProofFacts, ReportFacts, SessionFacts};

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
    let moderates = me.role.is_some_and(|role| role >= Role::Moderator);
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
            @if let Some(role) = me.role { dt { "Role" } dd { (role) } }
            dt { "Registered" } dd { (moment(me.created_at)) }
        }
        h2 { "Where you are logged in" }
        (listed(facts.sessions.iter().filter(|one| !one.is_token()), moderates))
        h2 { "API tokens" }
        (listed(facts.sessions.iter().filter(|one| one.is_token()), moderates))
        h2 { "What you log in with" }
        p { "A password is known by its hash only, which is not here, nor is any other secret." }
        ul { @for proof in &facts.proofs { li { (proof_in_words(proof)) } } }
        h2 { "What you have reported" }
        @if facts.reports.is_empty() { p { "Nothing." } }
        ul { @for report in &facts.reports { li { (report_in_words(report)) } } }
        h2 { "History" }
        ul {
            @for happening in &facts.history {
                li { (moment(happening.at)) " " (happened(happening)) }
            }
        }
        h2 { "Tweets" }
    };
    page.into_string()
}

/// Sessions or tokens, or that there are none.
fn listed<'a>(some: impl Iterator<Item = &'a SessionFacts>, moderates: bool) -> Markup {
    let mut some = some.peekable();
    html! {
        @if some.peek().is_none() { p { "None." } }
        ul {
            @for one in some {
                li {
                    @if one.is_token() {
                        strong { bdi { (or(&one.name, "A token without a name")) } }
                        ". It may: " (scopes_in_words(&one.scopes, moderates)) "."
                        @if !one.device.is_empty() { " Made with " bdi { (one.device) } "." }
                    } @else {
                        strong { bdi { (or(&one.device, "An unknown browser")) } } "."
                    }
                    @if !one.place.is_empty() { " From " bdi { (one.place) } "." }
                    " Begun " (moment(one.created_at)) ", last seen " (moment(one.last_seen_at))
                    ", ends " (moment(one.expires_at)) "."
                }
            }
        }
    }
}

/// What a token may be used for, as the page of sessions says it.
fn scopes_in_words(scopes: &[&str], moderates: bool) -> String {
    let words = scopes.iter().filter_map(|scope| match *scope {
        "read" => Some("read what only you see"),
        "write" => Some("tweet, and change what is yours"),
        "admin" => moderates.then_some("moderate what others write"),
        other => Some(other),
    });
    words.collect::<Vec<_>>().join("; ")
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

fn proof_in_words(proof: &ProofFacts) -> Markup {
    html! {
        (proof.words)
        @if !proof.label.is_empty() { ": " bdi { (proof.label) } }
        ". Since " (moment(proof.created_at))
        @if let Some(at) = proof.used_at { ", last used " (moment(at)) }
        @if let Some(at) = proof.expires_at { ", until " (moment(at)) }
        "."
    }
}

fn report_in_words(report: &ReportFacts) -> Markup {
    html! {
        (moment(report.at)) " You reported "
        @if report.tweet.is_some() { "a tweet of " }
        @match &report.user {
            Some(name) => { bdi { "@" (name) } }
            None => { "somebody whose account is gone or suspended" }
        }
        (because(report.reason.as_ref()))
    }
}

fn because(reason: Option<&Reason>) -> Markup {
    html! { @if let Some(reason) = reason { ": " q dir="auto" { (reason.as_str()) } } }
}

/// Who did what, and what it says beside.
fn happened(happening: &Happening) -> Markup {
    let who = match happening.by {
        "you" => "You",
        "operator" => "The operator",
        _ => "A moderator or an admin",
    };
    html! {
        (who) " " (happening.words)
        @match &happening.details {
            Some(Details::Registered(profile)) => {
                (values([
                    ("username", Some(profile.username.as_str())),
                    ("e-mail", Some(profile.email.as_str())),
                    ("name", Some(profile.name.as_str())),
                    ("bio", None),
                ]))
            }
            Some(Details::Changed(to)) => {
                (values([
                    ("username", to.username.as_ref().map(Username::as_str)),
                    ("e-mail", to.email.as_ref().map(Email::as_str)),
                    ("name", to.name.as_ref().map(DisplayName::as_str)),
                    ("bio", to.bio.as_ref().map(Bio::as_str)),
                ]))
            }
            Some(Details::Role { role }) => { " to " (role) }
            Some(Details::Why { reason }) => { (because(Some(reason))) }
            None => {}
        }
    }
}

/// New values of a profile.
fn values(some: [(&str, Option<&str>); 4]) -> Markup {
    html! {
        @for (n, (name, value)) in some.iter().filter(|(_, to)| to.is_some()).enumerate() {
            @if n == 0 { ": " } @else { ", " }
            (name) " " q dir="auto" { (value.unwrap_or_default()) }
        }
    }
}

/// Some tweets, with a heading for each new day. `day` is that of the tweet before.
pub(super) fn tweets(
    tweets: &[wire::Tweet],
    hidden: &HashMap<TweetId, HiddenFacts>,
    day: &mut String,
) -> String {
    let mut page = String::new();
    for tweet in tweets {
        let date = date(tweet.timestamp);
        if *day != date {
            page.push_str(&html! { h3 { (date) } }.into_string());
            *day = date;
        }
        let article = html! {
            article {
                p dir="auto" { (tweet.body) }
                (moment(tweet.timestamp))
                @if let Some(HiddenFacts { at, reason }) = hidden.get(&tweet.id) {
                    div {
                        "Only you and moderators see it: it was hidden " (moment(*at))
                        (because(reason.as_ref()))
                    }
                }
            }
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
