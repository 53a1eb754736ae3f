//! What queries answer: users, tweets, pages.

use std::sync::Arc;

use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Bio, DisplayName, Role, StreamId, TweetId, UserId, Username, wire};

use super::scene::{Scene, time};
use crate::storage::{Audience, Expected, Page, Store};

/// A user is found by id and by name, with everything.
pub async fn a_user_is_found_as_they_are_now(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let id = scene.user_id();
    scene.try_register(id, "ana").await.unwrap();
    let mut expected = wire::User {
        id,
        username: "ana".to_owned(),
        name: "The ana".to_owned(),
        bio: String::new(),
        created_at: time(2),
        tweets_count: 0,
        version: 1,
        email: Some("ana@example.org".to_owned()),
        role: Some(Role::User),
    };
    let store = Arc::clone(&scene.store);
    let name = |name: &str| Username::parse(name).unwrap();
    assert_eq!(store.find_user(id, Audience::All).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(
        store.find_user_by_name(&name("Ana"), Audience::All).await.unwrap().as_ref(),
        Some(&expected)
    );

    let changes = ProfileUpdate {
        username: Some(name("ana.b")),
        name: Some(DisplayName::parse("Ana B").unwrap()),
        bio: Some(Bio::parse("Hello").unwrap()),
        email: None,
    };
    scene.update(id, changes).await.unwrap();
    let role = vec![UserEvent::RoleUpdated { role: Role::Admin }.into()];
    scene.append(StreamId::User(id), Expected::At(2), role).await.unwrap();
    let login = vec![UserEvent::LoggedIn.into()];
    scene.append(StreamId::Logins(id), Expected::Any, login).await.unwrap();
    scene.post(id, "one").await;
    let gone = scene.post(id, "two").await;
    scene.delete_tweet(gone, id).await;
    expected.username = "ana.b".to_owned();
    expected.name = "Ana B".to_owned();
    expected.bio = "Hello".to_owned();
    expected.role = Some(Role::Admin);
    (expected.version, expected.tweets_count) = (3, 1);
    assert_eq!(store.find_user(id, Audience::All).await.unwrap().as_ref(), Some(&expected));
    assert_eq!(
        store.find_user_by_name(&name("ana.b"), Audience::All).await.unwrap(),
        Some(expected)
    );
    assert_eq!(store.find_user_by_name(&name("ana"), Audience::All).await.unwrap(), None);
    assert_eq!(store.find_user(scene.user_id(), Audience::All).await.unwrap(), None);
    scene.sound().await;
}

/// Tweets carry their author's names as they are now.
pub async fn tweets_follow_their_authors_names(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    let (first, second) = (scene.post(ana, "one").await, scene.post(ben, "two").await);
    let changes = ProfileUpdate {
        username: Some(Username::parse("anna").unwrap()),
        name: Some(DisplayName::parse("Anna").unwrap()),
        ..Default::default()
    };
    scene.update(ana, changes).await.unwrap();
    let tweet = |id, by: &str, name: &str, body: &str, second| wire::Tweet {
        id,
        tweetedby: by.to_owned(),
        name: name.to_owned(),
        body: body.to_owned(),
        timestamp: time(second),
    };
    let one = tweet(first, "anna", "Anna", "one", 6);
    let two = tweet(second, "ben", "The ben", "two", 8);
    let store = &scene.store;
    assert_eq!(store.find_tweet(first, Audience::All).await.unwrap().as_ref(), Some(&one));
    assert_eq!(
        store.list_tweets(Page::newest(9), Audience::All).await.unwrap(),
        [two.clone(), one.clone()]
    );
    let own = store.list_tweets_of(ana, Page::newest(9), Audience::All).await.unwrap();
    assert_eq!(own, std::slice::from_ref(&one));
    let missing = scene.tweet_id();
    assert_eq!(store.find_tweet(missing, Audience::All).await.unwrap(), None);
    let mut found = store.find_tweets(&[first, missing, second], Audience::Public).await.unwrap();
    found.sort_by_key(|tweet| tweet.id);
    assert_eq!(found, [one, two]);
    assert_eq!(store.find_tweets(&[], Audience::Public).await.unwrap(), []);
}

/// The entries of a page, by the words of [`Page`].
fn expected(ids: &[u64], page: Page) -> Vec<u64> {
    let mut within: Vec<u64> = ids
        .iter()
        .copied()
        .filter(|id| page.before.is_none_or(|before| *id < before))
        .filter(|id| page.after.is_none_or(|after| *id > after))
        .collect();
    within.sort_unstable_by(|a, b| b.cmp(a));
    let limit = usize::from(page.limit).min(within.len());
    if page.after.is_some() && page.before.is_none() {
        within.split_off(within.len() - limit)
    } else {
        within.truncate(limit);
        within
    }
}

fn pages(ids: &[u64]) -> Vec<Page> {
    let bounds: Vec<Option<u64>> = std::iter::once(None)
        .chain([0, 1, ids[0], ids[0] + 1, ids[ids.len() / 2], ids[ids.len() - 1]].map(Some))
        .chain([ids[ids.len() - 1] + 1, u64::MAX].map(Some))
        .collect();
    let mut pages = Vec::new();
    for limit in [1, 3, 100] {
        for before in &bounds {
            for after in &bounds {
                pages.push(Page { limit, before: *before, after: *after });
            }
        }
    }
    pages
}

/// Pages hold what [`Page`] says, whatever the bounds; the order of writing plays no role.
pub async fn pages_of_tweets_are_exact(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.register("ben").await;
    let (mut all, mut anas) = (Vec::new(), Vec::new());
    for n in [5u64, 1, 9, 3, 20, 4, 8, 15, 2, 11] {
        let author = if n % 2 == 1 { ana } else { ben };
        scene.try_post(TweetId::new(n * 10).unwrap(), author, "x").await.unwrap();
        all.push(n * 10);
        if author == ana {
            anas.push(n * 10);
        }
    }
    all.sort_unstable();
    anas.sort_unstable();
    let ids = |tweets: Vec<wire::Tweet>| -> Vec<u64> {
        tweets.into_iter().map(|tweet| tweet.id.get()).collect()
    };
    for page in pages(&all) {
        let got = ids(scene.store.list_tweets(page, Audience::All).await.unwrap());
        assert_eq!(got, expected(&all, page), "{page:?}");
        let got = ids(scene.store.list_tweets_of(ana, page, Audience::All).await.unwrap());
        assert_eq!(got, expected(&anas, page), "of ana, {page:?}");
    }
    let nobody = scene.user_id();
    assert_eq!(
        scene.store.list_tweets_of(nobody, Page::newest(9), Audience::All).await.unwrap(),
        []
    );
}

/// The same for users.
pub async fn pages_of_users_are_exact(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let mut all = vec![50u64, 10, 90, 30, 200, 40];
    for n in &all {
        scene.try_register(UserId::new(*n).unwrap(), &format!("user{n}")).await.unwrap();
    }
    all.sort_unstable();
    for page in pages(&all) {
        let users = scene.store.list_users(page, Audience::All).await.unwrap();
        let got: Vec<u64> = users.into_iter().map(|user| user.id.get()).collect();
        assert_eq!(got, expected(&all, page), "{page:?}");
    }
}
