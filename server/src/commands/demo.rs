//! `siskin serve --demo`: the book's Eric Stromberg and a few lively people, in an empty store.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siskin_domain::{
    Bio, DisplayName, Email, Password, Position, Role, Timestamp, TweetBody, Username,
};
use siskin_server::application::{
    Caller, Changes, Clock, NewAccount, OsEntropy, Rules, Services, SystemClock, WayIn,
};
use siskin_server::storage::{Scopes, SessionKind, SessionOwner, Store, TokenHash};

/// The demo people's password: they are for looking around on one's own machine.
const PASSWORD: &str = "siskin-demo";

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Username, name, bio.
const PEOPLE: [(&str, &str, &str); 6] = [
    ("eric.strom", "Eric Stromberg", "Ticket inspector by day, tweets by night. How you doing?"),
    ("manish", "Manish Sethi", "Writes about Python and clouds, learns Rust. Tea, no sugar."),
    ("yuki", "山田 由紀", "写真と電車。京都から。"),
    ("layla.h", "ليلى حداد", "مهندسة برمجيات، أحب القهوة والطيور 🐦"),
    ("ada_l", "Ada Lindqvist", "Birds, mostly finches. #birding"),
    ("tomas", "Tomás Ó Briain-MacGiollaphádraig", "Long name, short tweets."),
];

/// Who, how long ago, what.
const TWEETS: [(usize, i64, &str); 18] = [
    (0, 9 * DAY, "First! How you doing?"),
    (
        4,
        8 * DAY,
        "A siskin at the feeder this morning: small, streaky, and far too loud for its size. #birding",
    ),
    (
        1,
        7 * DAY,
        "Moved the tweets service off two gunicorn workers and onto one executable. The operator did nothing. That was the point.",
    ),
    (2, 6 * DAY, "京都の朝は静か。電車が一本だけ通った。 #京都"),
    (3, 5 * DAY, "صباح الخير! القهوة جاهزة ☕️ #صباح"),
    (5, 4 * DAY, "Rain."),
    (0, 3 * DAY, "@ada_l is that the bird that sings as if somebody were stepping on it?"),
    (4, 3 * DAY - 20 * MINUTE, "@eric.strom the very one. It means well."),
    (
        1,
        2 * DAY,
        "Reading about event sourcing: the log is the truth, everything else is a cache. https://martinfowler.com/eaaDev/EventSourcing.html",
    ),
    (2, 30 * HOUR, "新しいレンズが届いた 📷✨ 週末は雨らしいけど。"),
    (5, 26 * HOUR, "Still rain."),
    (3, 20 * HOUR, "أسرع طريقة لتعلّم لغة برمجة: ابنِ بها شيئًا صغيرًا واستخدمه كل يوم."),
    (
        4,
        9 * HOUR,
        "Field notes:\n\n3 siskins\n1 goldfinch\n2 people who asked what I was looking at 🙂",
    ),
    (0, 5 * HOUR, "Nobody has ever been as happy as a commuter whose train is four minutes early."),
    (
        1,
        3 * HOUR,
        "TIL 👩‍👩‍👧‍👦 is one emoji and seven code points. Count what people see, store what they wrote. #unicode",
    ),
    (5, 80 * MINUTE, "The rain has stopped. I don't trust it."),
    (2, 25 * MINUTE, "雨が上がった。虹！🌈"),
    (0, 4 * MINUTE, "Trying out Siskin. One file, one command, and here I am. #rustlang"),
];

/// Fills the store if it is empty.
///
/// # Errors
/// A sentence, if the store does not take it.
pub(crate) async fn fill(store: &Arc<dyn Store>) -> Result<(), String> {
    if store.position() > Position(0) {
        tracing::info!("--demo: the store is not empty and is left as it is");
        return Ok(());
    }
    let now = SystemClock.now();
    let clock = Arc::new(Then(AtomicI64::new(now.plus_ms(-10 * DAY).unix_ms())));
    let services = Services::new(
        Arc::clone(store),
        Rules::default(),
        Arc::clone(&clock) as Arc<dyn Clock>,
        Arc::new(OsEntropy),
    );
    let mut people = Vec::new();
    for person in PEOPLE {
        people.push(join(&services, person).await?);
        clock.set(services.clock.now().plus_ms(MINUTE));
    }
    for (who, ago, text) in TWEETS {
        clock.set(now.plus_ms(-ago));
        let body = TweetBody::parse(text, TweetBody::DEFAULT_MAX).map_err(|e| e.to_string())?;
        services.tweets.post(&people[who], body, None).await.map_err(|e| e.to_string())?;
    }
    services.stop().await;
    tracing::info!("--demo: log in as eric.strom with the password {PASSWORD}");
    Ok(())
}

async fn join(
    services: &Services,
    (username, name, bio): (&str, &str, &str),
) -> Result<Caller, String> {
    let wrong = |error: siskin_domain::FieldError| error.to_string();
    let account = NewAccount {
        username: Username::parse(username).map_err(wrong)?,
        email: Email::parse(&format!("{username}@example.org")).map_err(wrong)?,
        way_in: WayIn::Password(Password::parse(PASSWORD).map_err(wrong)?),
        name: Some(DisplayName::parse(name).map_err(wrong)?),
        role: Role::User,
    };
    let user = services.accounts.add(account).await.map_err(|e| e.to_string())?;
    let owner = SessionOwner {
        user: user.id,
        username: user.username,
        name: user.name,
        role: Role::User,
        standing: siskin_domain::moderation::Standing::default(),
        kind: SessionKind::Cookie,
        scopes: Scopes::ALL,
        last_seen_at: user.created_at,
        expires_at: user.created_at,
    };
    let caller = Caller::new(TokenHash([0; 32]), owner);
    let changes = Changes { bio: Some(Bio::parse(bio).map_err(wrong)?), ..Changes::default() };
    services.accounts.update(&caller, user.id, changes).await.map_err(|e| e.to_string())?;
    Ok(caller)
}

/// A clock that is set by hand: the demo's past.
struct Then(AtomicI64);

impl Then {
    fn set(&self, at: Timestamp) {
        self.0.store(at.unix_ms(), Ordering::Relaxed);
    }
}

impl Clock for Then {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix_ms(self.0.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siskin_server::storage::{Audience, Page, SqliteStore};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_empty_store_is_filled_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("demo.db");
        let store: Arc<dyn Store> = Arc::new(SqliteStore::open(&path).unwrap());
        fill(&store).await.unwrap();
        let people = store.list_users(Page::newest(100), Audience::Public).await.unwrap();
        assert_eq!(people.len(), PEOPLE.len());
        assert!(people.iter().all(|person| !person.bio.is_empty()));
        let filled = store.position();
        fill(&store).await.unwrap();
        assert_eq!(store.position(), filled);
        store.close().await;
    }
}
