//! The queue of reports.

use maud::{Markup, html};
use siskin_domain::Timestamp;

use super::{
    Frame, InForce, PATH, TweetShown, act, because, field, in_force, links, older, person_link,
    tweet, when, whole_error,
};

/// A report, as moderators are shown it.
#[derive(Debug, Clone)]
pub struct Reported {
    /// Its number.
    pub id: u64,
    /// Why; empty if that was forgotten.
    pub reason: String,
    /// When it was filed.
    pub at: Timestamp,
    /// Who reported, unless they are gone.
    pub by: Option<String>,
    /// Whom it is about, unless they are gone.
    pub about: Option<String>,
    /// What is in force about them.
    pub measures: InForce,
    /// Is it about a tweet?
    pub of_tweet: bool,
    /// That tweet, unless it is gone.
    pub tweet: Option<TweetShown>,
    /// When a moderator closed it.
    pub resolved_at: Option<Timestamp>,
    /// What came of it; empty if that was not said.
    pub outcome: String,
}

/// A page of reports.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Those in the queue, or those that are closed?
    pub open: bool,
    /// The reports, newest first.
    pub reports: Vec<Reported>,
    /// The path of the page of older ones, if there are any.
    pub next: Option<String>,
}

/// The page.
#[must_use]
pub fn content(queue: &Queue, frame: &Frame) -> Markup {
    html! {
        h1 { @if queue.open { "Reports" } @else { "Closed reports" } }
        (links(if queue.open { PATH } else { "resolved" }, frame))
        (whole_error(frame))
        @if queue.reports.is_empty() {
            p.note {
                @if queue.open { "Nothing is reported. All is well." }
                @else { "No report is closed yet." }
            }
        }
        @for report in &queue.reports { (row(report, queue.open, frame)) }
        (older(queue.next.as_deref()))
    }
}

fn row(report: &Reported, open: bool, frame: &Frame) -> Markup {
    let heading = format!("report-{}", report.id);
    html! {
        section aria-labelledby=(heading) {
            h2 id=(heading) {
                @if report.of_tweet { "A tweet by " } (person_link(report.about.as_deref()))
            }
            @match &report.tweet {
                Some(shown) => { (tweet(shown, frame.now)) }
                None if report.of_tweet => { p.note { "The tweet is gone." } }
                None => {}
            }
            p {
                "Reported by " (person_link(report.by.as_deref())) ", " (when(report.at, frame.now))
                (because(&report.reason))
            }
            (in_force(&report.measures))
            @if let Some(at) = report.resolved_at {
                p.hint { "Closed " (when(at, frame.now)) (because(&report.outcome)) }
            }
            @if open { (form(report, frame)) }
        }
    }
}

/// One reason, and a button for each thing that can be done. Each is also the end of the report.
fn form(report: &Reported, frame: &Frame) -> Markup {
    let refused = frame.value("report") == report.id.to_string();
    let (value, error) = if refused {
        (frame.value("reason"), frame.error("reason"))
    } else {
        (String::new(), String::new())
    };
    let measures = &report.measures;
    let to_hide = report.tweet.as_ref().is_some_and(|tweet| tweet.hidden.is_none());
    html! {
        form.form method="post" action={ (PATH) "/reports/" (report.id) } {
            input type="hidden" name="report" value=(report.id);
            (field(&format!("reason-{}", report.id), "What you do, and why", &value, &error))
            p {
                (act("resolve", "Nothing more to do", false))
                @if to_hide { (act("hide", "Hide the tweet", true)) }
                @if report.about.is_some() {
                    (act("warn", "Warn", true))
                    @if measures.silenced.is_none() { (act("silence", "Silence", true)) }
                    @if measures.suspended.is_none() { (act("suspend", "Suspend", true)) }
                }
            }
        }
    }
}
