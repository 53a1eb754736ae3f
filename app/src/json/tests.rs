use siskin_domain::wire::{Tweet, User};
use siskin_domain::{Timestamp, TweetId, UserId};

use super::{Carried, FromJson, decode};
use crate::backend::Trouble;
use crate::context::{FormError, Me, MyDetails, PageContext, SentForm, Settings, Theme};

/// What serde writes is read back as it was.
fn survives<T: FromJson + serde::Serialize + Clone + PartialEq + std::fmt::Debug>(value: T) {
    let text = Carried(value.clone()).to_string();
    assert_eq!(decode::<T>(&text), Some(value), "{text}");
}

fn tweet() -> Tweet {
    Tweet {
        id: TweetId::new((1 << 53) - 1).unwrap(),
        tweetedby: "ana".to_owned(),
        name: "Ana \"<&>\" 東京".to_owned(),
        body: "line\nline 👍 \u{2028}".to_owned(),
        timestamp: Timestamp::from_unix_ms(1_764_000_000_042),
    }
}

#[test]
fn tweets_and_people_survive() {
    survives(tweet());
    survives(vec![tweet(), tweet()]);
    survives(User {
        id: UserId::new(7).unwrap(),
        username: "ana".to_owned(),
        name: "Ana".to_owned(),
        bio: String::new(),
        created_at: Timestamp::from_unix_ms(0),
        tweets_count: 0,
        version: 3,
        email: None,
        role: None,
    });
}

#[test]
fn answers_and_troubles_survive() {
    survives::<Result<Vec<Tweet>, Trouble>>(Ok(vec![tweet()]));
    survives::<Result<Vec<Tweet>, Trouble>>(Err(Trouble::NotFound));
    survives::<Result<Vec<Tweet>, Trouble>>(Err(Trouble::Unavailable("Later.".to_owned())));
}

#[test]
fn the_context_of_a_page_survives() {
    survives(PageContext::default());
    for theme in [Theme::System, Theme::Light, Theme::Dark] {
        survives(PageContext {
            me: Some(Me {
                id: UserId::new(7).unwrap(),
                username: "ana".to_owned(),
                name: "Ana".to_owned(),
                moderates: true,
                suspended: true,
                details: Some(MyDetails {
                    email: "ana@example.org".to_owned(),
                    bio: "Hi.".to_owned(),
                    version: 9,
                    invites: true,
                }),
            }),
            now: Timestamp::from_unix_ms(1),
            settings: Settings { tweet_max_chars: 500, public_url: "https://x.example".to_owned() },
            theme,
            form: Some(SentForm {
                path: "/login".to_owned(),
                values: vec![("username".to_owned(), "ana".to_owned())],
                errors: vec![
                    FormError { field: None, message: "No.".to_owned() },
                    FormError { field: Some("username".to_owned()), message: "Who?".to_owned() },
                ],
            }),
            flash: Some("Saved.".to_owned()),
        });
    }
}

#[test]
fn what_has_another_shape_is_not_read() {
    assert_eq!(decode::<Tweet>("{}"), None);
    assert_eq!(decode::<Tweet>("null"), None);
    assert_eq!(decode::<Vec<Tweet>>("[{}]"), None);
    assert_eq!(decode::<u64>("-1"), None);
    assert_eq!(decode::<u64>("1.5"), None);
    assert_eq!(decode::<TweetId>("0"), None);
    assert_eq!(decode::<Option<String>>("7"), None);
    assert_eq!(decode::<String>("not json"), None);
}
