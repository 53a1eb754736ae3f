//! The projections are what the log makes of them, always.

use std::collections::BTreeMap;
use std::sync::Arc;

use siskin_domain::tweet::TweetEvent;
use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Bio, Role, StreamId, TweetId, UserId, Username, wire};

use super::scene::Scene;
use crate::storage::{Audience, Expected, Page, Store, StoreError, UniqueField};

/// Every user and every tweet that queries show, read page by page.
async fn everything(scene: &Scene) -> (Vec<wire::User>, Vec<wire::Tweet>) {
    let (mut users, mut tweets) = (Vec::new(), Vec::new());
    let mut page = Page::newest(7);
    loop {
        let part = scene.store.list_users(page, Audience::All).await.unwrap();
        let Some(last) = part.last() else { break };
        page.before = Some(last.id.get());
        users.extend(part);
    }
    page = Page::newest(7);
    loop {
        let part = scene.store.list_tweets(page, Audience::All).await.unwrap();
        let Some(last) = part.last() else { break };
        page.before = Some(last.id.get());
        tweets.extend(part);
    }
    (users, tweets)
}

/// A sequence of numbers that looks random and is always the same (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % n
    }

    fn pick<'a, K, V>(&mut self, map: &'a BTreeMap<K, V>) -> Option<(&'a K, &'a V)> {
        let n = map.len() as u64;
        if n == 0 { None } else { map.iter().nth(self.below(n) as usize) }
    }
}

/// What the test itself remembers, to compare with.
#[derive(Default)]
struct Memory {
    users: BTreeMap<UserId, (String, u64)>,
    tweets: BTreeMap<TweetId, (UserId, String)>,
}

impl Memory {
    async fn act(&mut self, scene: &Scene, dice: &mut Dice) {
        let user = dice.pick(&self.users).map(|(id, (_, version))| (*id, *version));
        match (dice.below(12), user) {
            (0..=2, _) | (_, None) => {
                let (id, name) = (scene.user_id(), format!("name{}", dice.below(12)));
                let taken = self.users.values().any(|(other, _)| *other == name);
                match scene.try_register(id, &name).await {
                    Ok(_) if !taken => drop(self.users.insert(id, (name, 1))),
                    Err(StoreError::Taken(UniqueField::Username | UniqueField::Email)) => {}
                    other => panic!("{name} {other:?}"),
                }
            }
            (3, Some((id, version))) => {
                let name = format!("name{}", dice.below(12));
                let taken = self.users.iter().any(|(other, (n, _))| *other != id && *n == name);
                let bio = Bio::parse(&format!("bio {}", dice.below(99))).unwrap();
                let username = Some(Username::parse(&name).unwrap());
                let changes = ProfileUpdate { username, bio: Some(bio), ..Default::default() };
                match scene.update(id, changes).await {
                    Ok(_) if !taken => drop(self.users.insert(id, (name, version + 1))),
                    Err(StoreError::Taken(UniqueField::Username)) if taken => {}
                    other => panic!("{name} {other:?}"),
                }
            }
            (4, Some((id, version))) => {
                let role = [Role::User, Role::Moderator, Role::Admin][dice.below(3) as usize];
                let events =
                    vec![UserEvent::RoleUpdated { role }.into(), UserEvent::PasswordUpdated.into()];
                let stream = StreamId::User(id);
                scene.append(stream, Expected::At(version), events).await.unwrap();
                self.users.get_mut(&id).unwrap().1 += 2;
            }
            (5, Some((id, _))) => {
                let login = vec![UserEvent::LoggedIn.into()];
                scene.append(StreamId::Logins(id), Expected::Any, login).await.unwrap();
            }
            (6, Some((id, _))) if dice.below(3) == 0 => {
                scene.delete_user(id).await;
                self.users.remove(&id);
                self.tweets.retain(|_, (author, _)| *author != id);
            }
            (7, _) => {
                if let Some((tweet, (author, _))) = dice.pick(&self.tweets) {
                    let (tweet, event) = (*tweet, TweetEvent::Deleted { author: *author });
                    let stream = StreamId::Tweet(tweet);
                    scene.append(stream, Expected::At(1), vec![event.into()]).await.unwrap();
                    self.tweets.remove(&tweet);
                }
            }
            (_, Some((id, _))) => {
                let text = format!("words {}", dice.below(1000));
                let tweet = scene.post(id, &text).await;
                self.tweets.insert(tweet, (id, text));
            }
        }
    }

    fn check(&self, users: &[wire::User], tweets: &[wire::Tweet]) {
        let shown: BTreeMap<_, _> =
            users.iter().map(|user| (user.id, (user.username.clone(), user.version))).collect();
        assert_eq!(shown, self.users);
        for user in users {
            let count = self.tweets.values().filter(|(author, _)| *author == user.id).count();
            assert_eq!(user.tweets_count, count as u64);
        }
        assert_eq!(tweets.len(), self.tweets.len());
        for tweet in tweets {
            let (author, text) = &self.tweets[&tweet.id];
            assert_eq!((&tweet.body, &tweet.tweetedby), (text, &self.users[author].0));
        }
    }
}

/// Whatever happens, in whatever order: the projections are right, and a rebuild changes nothing.
pub async fn a_rebuild_equals_the_live_projections(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (mut memory, mut dice) = (Memory::default(), Dice(2024));
    for round in 0..4 {
        for _ in 0..75 {
            memory.act(&scene, &mut dice).await;
        }
        let live = everything(&scene).await;
        memory.check(&live.0, &live.1);
        scene.sound().await;
        let generation = scene.store.generation();
        let events = scene.store.rebuild_projections().await.unwrap();
        assert_eq!(events, scene.log().await.len() as u64, "round {round}");
        assert_ne!(scene.store.generation(), generation, "caches must look again");
        assert_eq!(everything(&scene).await, live, "round {round}");
        scene.sound().await;
    }
    assert!(memory.users.len() > 2 && memory.tweets.len() > 20, "the history was lively");
}

/// A rebuild touches nothing but projections.
pub async fn a_rebuild_keeps_what_is_beside_the_log(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    scene.effects(ana, vec![super::scene::credential(ana, "hash")]).await.unwrap();
    scene.start(ana, 1, crate::storage::SessionKind::Cookie, 100).await;
    assert_eq!(scene.store.rebuild_projections().await.unwrap(), 1);
    assert!(scene.store.credential_of(ana).await.unwrap().is_some());
    let token = super::scene::token(1);
    let found = scene.store.find_session(&token, super::scene::time(1)).await.unwrap();
    assert_eq!(found.unwrap().username, "ana");
}

/// Writers may go on while the projections are rebuilt and verified.
pub async fn a_rebuild_and_writers_do_not_disturb_each_other(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let scene = scene.clone();
        tasks.spawn(async move {
            for _ in 0..20 {
                scene.post(ana, "meanwhile").await;
            }
        });
    }
    for _ in 0..5 {
        scene.store.rebuild_projections().await.unwrap();
        let verification = scene.store.verify_projections().await.unwrap();
        assert_eq!(verification.differences, vec![]);
    }
    tasks.join_all().await;
    assert_eq!(scene.store.find_user(ana, Audience::All).await.unwrap().unwrap().tweets_count, 160);
    scene.sound().await;
}
