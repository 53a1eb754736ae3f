//! Usernames and e-mail addresses belong to one user each.

use std::sync::Arc;

use siskin_domain::user::{ProfileUpdate, UserEvent};
use siskin_domain::{Email, Role, StreamId, Username};

use super::scene::{Scene, profile};
use crate::storage::{Audience, Expected, Page, Store, StoreError, UniqueField};

fn is_taken<T: std::fmt::Debug>(answer: Result<T, StoreError>, field: UniqueField) {
    assert!(
        matches!(answer, Err(StoreError::Taken(taken)) if taken == field),
        "{answer:?} is not {field:?} taken"
    );
}

fn username(name: &str) -> ProfileUpdate {
    ProfileUpdate { username: Some(Username::parse(name).unwrap()), ..Default::default() }
}

fn email(address: &str) -> ProfileUpdate {
    ProfileUpdate { email: Some(Email::parse(address).unwrap()), ..Default::default() }
}

/// A registration with somebody else's name or address is refused, and leaves nothing.
pub async fn a_taken_value_is_refused_at_registration(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let ben = scene.user_id();
    is_taken(scene.try_register(ben, "ana").await, UniqueField::Username);
    for (name, field) in [("ana", UniqueField::Username), ("ben", UniqueField::Email)] {
        let mut new = profile(name);
        new.email = profile("ana").email;
        let event = UserEvent::Created { role: Role::User, profile: Some(new) };
        let refused = scene.append(StreamId::User(ben), Expected::Empty, vec![event.into()]).await;
        is_taken(refused, field);
    }
    assert_eq!(scene.log().await.len(), 1);
    assert_eq!(scene.store.find_user(ben, Audience::All).await.unwrap(), None);
    let found = scene
        .store
        .find_user_by_name(&Username::parse("ana").unwrap(), Audience::All)
        .await
        .unwrap();
    assert_eq!(found.unwrap().id, ana);
    scene.try_register(ben, "ben").await.unwrap();
    scene.sound().await;
}

/// So is a change of a profile; one's own values are not taken.
pub async fn a_taken_value_is_refused_in_a_change(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    scene.register("ana").await;
    let ben = scene.register("ben").await;
    is_taken(scene.update(ben, username("ana")).await, UniqueField::Username);
    is_taken(scene.update(ben, email("ana@example.org")).await, UniqueField::Email);
    let both = ProfileUpdate { email: email("x@example.org").email, ..username("ana") };
    is_taken(scene.update(ben, both).await, UniqueField::Username);
    let user = scene.store.find_user(ben, Audience::All).await.unwrap().unwrap();
    assert_eq!((user.version, user.username.as_str()), (1, "ben"));
    assert_eq!(user.email.as_deref(), Some("ben@example.org"));
    assert_eq!(scene.log().await.len(), 2);
    let own = ProfileUpdate { email: email("ben@example.org").email, ..username("ben") };
    assert_eq!(scene.update(ben, own).await.unwrap().version, 2);
    scene.sound().await;
}

/// What somebody gave up is free again.
pub async fn a_value_that_was_given_up_is_free(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let new = ProfileUpdate { email: email("b@example.org").email, ..username("beatrice") };
    scene.update(ana, new).await.unwrap();
    let second = scene.register("ana").await;
    is_taken(scene.update(ana, username("ana")).await, UniqueField::Username);
    scene.delete_user(second).await;
    scene.update(ana, username("ana")).await.unwrap();
    scene.delete_user(ana).await;
    scene.register("beatrice").await;
    scene.register("ana").await;
    scene.sound().await;
}

/// Of 100 people who want one name at the same moment, one gets it.
pub async fn one_of_100_registrations_at_once_wins(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let start = Arc::new(tokio::sync::Barrier::new(100));
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let (scene, start) = (scene.clone(), Arc::clone(&start));
        tasks.spawn(async move {
            let id = scene.user_id();
            start.wait().await;
            (id, scene.try_register(id, "ana").await)
        });
    }
    let mut winners = Vec::new();
    for (id, answer) in tasks.join_all().await {
        match answer {
            Ok(_) => winners.push(id),
            refused => is_taken(refused, UniqueField::Username),
        }
    }
    assert_eq!(winners.len(), 1);
    let users = scene.store.list_users(Page::newest(100), Audience::All).await.unwrap();
    assert_eq!(users.iter().map(|user| user.id).collect::<Vec<_>>(), winners);
    assert_eq!(scene.log().await.len(), 1);
    scene.sound().await;
}
