//! What proves who somebody is, beside the password.

use std::sync::Arc;

use siskin_domain::{StreamId, UserId};

use super::scene::{Scene, credential, time};
use crate::storage::{
    Append, Effect, Expected, Proof, ProofKey, ProofKind, Store, StoreError, StoredHash,
};

fn proof(user: Option<UserId>, kind: ProofKind, n: u8, expires: Option<u64>) -> Proof {
    Proof {
        key: ProofKey::of(kind, &[n]),
        user,
        kind,
        label: format!("number {n} 👍"),
        data: format!("{{\"$n\":{n}}}"),
        revision: 1,
        created_at: time(u64::from(n)),
        used_at: None,
        expires_at: expires.map(time),
    }
}

fn next(proof: &Proof, data: &str) -> Proof {
    let used_at = Some(time(77));
    Proof { data: data.to_owned(), revision: proof.revision + 1, used_at, ..proof.clone() }
}

/// A proof is found as it was kept, by its key and by its user, until it expires.
pub async fn a_proof_is_found_until_it_expires(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let store = &scene.store;
    let mut kept = Vec::new();
    for (n, kind) in (1..).zip(ProofKind::ALL) {
        let expires = (n % 2 == 0).then_some(100 + u64::from(n));
        let proof = proof(Some(ana), kind, n, expires);
        scene.effects(ana, vec![Effect::KeepProof(proof.clone())]).await.unwrap();
        kept.push(proof);
    }
    let visitors = proof(None, ProofKind::Ceremony, 99, Some(50));
    store.keep_proof(visitors.clone(), time(1)).await.unwrap();
    assert_eq!(store.find_proof(&visitors.key, time(49)).await.unwrap(), Some(visitors.clone()));
    assert_eq!(store.find_proof(&visitors.key, time(50)).await.unwrap(), None);
    for proof in &kept {
        assert_eq!(store.find_proof(&proof.key, time(1)).await.unwrap().as_ref(), Some(proof));
        let late = store.find_proof(&proof.key, time(1000)).await.unwrap();
        assert_eq!(late.is_some(), proof.expires_at.is_none());
    }
    assert_eq!(store.proofs_of(ana, time(1)).await.unwrap(), kept);
    kept.retain(|proof| proof.expires_at.is_none_or(|at| at > time(104)));
    assert_eq!(store.proofs_of(ana, time(104)).await.unwrap(), kept);
    assert_eq!(store.proofs_of(ben, time(1)).await.unwrap(), []);
    assert_eq!(store.find_proof(&ProofKey([0; 32]), time(1)).await.unwrap(), None);
}

/// A key is given to one proof at a time, and nothing is kept for nobody.
pub async fn a_key_is_given_to_one_at_a_time(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let store = &scene.store;
    let first = proof(Some(ana), ProofKind::Identity, 1, Some(100));
    let second = Proof { user: Some(ben), ..first.clone() };
    store.keep_proof(first.clone(), time(5)).await.unwrap();
    let refused = store.keep_proof(second.clone(), time(99)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let refused = scene.effects(ben, vec![Effect::KeepProof(second.clone())]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    assert_eq!(store.find_proof(&first.key, time(5)).await.unwrap(), Some(first.clone()));
    store.keep_proof(second.clone(), time(100)).await.unwrap();
    assert_eq!(store.find_proof(&first.key, time(5)).await.unwrap(), Some(second.clone()));
    // What makes room in the same append counts.
    let third = Proof { data: "{}".to_owned(), expires_at: None, ..second.clone() };
    let room = Effect::DropProofs { user: ben, kind: ProofKind::Identity, except: None };
    scene.effects(ben, vec![room, Effect::KeepProof(third.clone())]).await.unwrap();
    let spent = Effect::SpendProof(third.key);
    scene.effects(ben, vec![spent, Effect::KeepProof(third.clone())]).await.unwrap();
    assert_eq!(store.find_proof(&third.key, time(5)).await.unwrap(), Some(third));
    let nobody = proof(Some(scene.user_id()), ProofKind::Totp, 3, None);
    let refused = store.keep_proof(nobody.clone(), time(5)).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    let refused = scene.effects(ana, vec![Effect::KeepProof(nobody)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// Of many who spend a proof at the same time, in whatever way, one gets it.
pub async fn one_of_many_spends_a_proof(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let code = proof(Some(ana), ProofKind::RecoveryCode, 1, Some(1000));
    scene.store.keep_proof(code.clone(), time(1)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..40 {
        let (scene, code) = (scene.clone(), code.clone());
        tasks.spawn(async move {
            if n % 2 == 0 {
                let spent = scene.store.spend_proof(&code.key, time(10)).await.unwrap();
                spent.inspect(|spent| assert_eq!(*spent, code)).is_some()
            } else {
                match scene.effects(ana, vec![Effect::SpendProof(code.key)]).await {
                    Ok(_) => true,
                    Err(StoreError::Conflict) => false,
                    Err(other) => panic!("{other:?}"),
                }
            }
        });
    }
    let got = tasks.join_all().await;
    assert_eq!(got.into_iter().filter(|got| *got).count(), 1);
    assert_eq!(scene.store.find_proof(&code.key, time(10)).await.unwrap(), None);
    // One after the other, too: above, all may have come after the one.
    let next = proof(Some(ana), ProofKind::RecoveryCode, 3, Some(1000));
    scene.store.keep_proof(next.clone(), time(1)).await.unwrap();
    assert_eq!(scene.store.spend_proof(&next.key, time(10)).await.unwrap(), Some(next.clone()));
    assert_eq!(scene.store.spend_proof(&next.key, time(10)).await.unwrap(), None);
    let late = proof(Some(ana), ProofKind::RecoveryCode, 2, Some(20));
    scene.store.keep_proof(late.clone(), time(1)).await.unwrap();
    assert_eq!(scene.store.spend_proof(&late.key, time(20)).await.unwrap(), None);
}

/// Of many who replace a proof at the same time, one does.
pub async fn one_of_many_replaces_a_proof(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    let first = proof(Some(ana), ProofKind::Totp, 1, None);
    scene.store.keep_proof(first.clone(), time(1)).await.unwrap();
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..20 {
        let (scene, next) = (scene.clone(), next(&first, &n.to_string()));
        tasks.spawn(async move {
            match scene.effects(ana, vec![Effect::ReplaceProof(next.clone())]).await {
                Ok(_) => Some(next),
                Err(StoreError::Conflict) => None,
                Err(other) => panic!("{other:?}"),
            }
        });
    }
    let won: Vec<Proof> = tasks.join_all().await.into_iter().flatten().collect();
    assert_eq!(won.len(), 1);
    let found = scene.store.find_proof(&first.key, time(10)).await.unwrap();
    assert_eq!(found.as_ref(), won.first());
    let jump = Proof { revision: 9, ..first.clone() };
    for effect in [Effect::ReplaceProof(jump), Effect::ReplaceProof(first)] {
        let refused = scene.effects(ana, vec![effect]).await;
        assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
    }
    let missing = next(&proof(Some(ana), ProofKind::Totp, 2, None), "x");
    let refused = scene.effects(ana, vec![Effect::ReplaceProof(missing)]).await;
    assert!(matches!(refused, Err(StoreError::Conflict)), "{refused:?}");
}

/// What stands beside a proof in an append becomes true with it, or not at all.
pub async fn a_spent_proof_and_its_work_are_one(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let ana = scene.register("ana").await;
    scene.effects(ana, vec![credential(ana, "old")]).await.unwrap();
    let links = [1, 2, 3].map(|n| proof(Some(ana), ProofKind::ResetPassword, n, Some(100)));
    let other = proof(Some(ana), ProofKind::VerifyMail, 4, Some(100));
    for proof in links.iter().chain([&other]) {
        scene.store.keep_proof(proof.clone(), time(1)).await.unwrap();
    }
    let reset = |hash: &str, at: u64| Append {
        stream: StreamId::User(ana),
        expected: Expected::Any,
        events: vec![siskin_domain::user::UserEvent::PasswordUpdated.into()],
        at: time(at),
        actor: Some(ana),
        effects: vec![
            credential(ana, hash),
            Effect::SpendProof(links[0].key),
            Effect::DropProofs {
                user: ana,
                kind: ProofKind::ResetPassword,
                except: Some(links[2].key),
            },
        ],
    };
    let late = scene.store.append(reset("late", 100)).await;
    assert!(matches!(late, Err(StoreError::Conflict)), "{late:?}");
    scene.store.append(reset("new", 99)).await.unwrap();
    let again = scene.store.append(reset("again", 99)).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let credential = scene.store.credential_of(ana).await.unwrap().unwrap();
    assert_eq!(credential.hash, StoredHash("new".to_owned()));
    assert_eq!(scene.log().await.len(), 2);
    let left = scene.store.proofs_of(ana, time(1)).await.unwrap();
    assert_eq!(left, [links[2].clone(), other]);
    scene.sound().await;
}

/// A user's proofs go when they go; expired ones go with a sweep.
pub async fn proofs_go_with_their_user_or_their_time(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let store = &scene.store;
    for (n, user) in [(1, ana), (2, ben), (3, ana)] {
        store.keep_proof(proof(Some(user), ProofKind::Passkey, n, None), time(1)).await.unwrap();
    }
    scene.delete_user(ana).await;
    for (n, there) in [(1, false), (2, true), (3, false)] {
        let found = store.find_proof(&ProofKey::of(ProofKind::Passkey, &[n]), time(1)).await;
        assert_eq!(found.unwrap().is_some(), there);
    }
    for (n, expires) in [(4, 20), (5, 21)] {
        let proof = proof(None, ProofKind::Ceremony, n, Some(expires));
        store.keep_proof(proof, time(1)).await.unwrap();
    }
    assert_eq!(store.sweep(time(20)).await.unwrap(), 1);
    assert_eq!(store.sweep(time(20)).await.unwrap(), 0);
    for (kind, n, there) in [
        (ProofKind::Ceremony, 4, false),
        (ProofKind::Ceremony, 5, true),
        (ProofKind::Passkey, 2, true),
    ] {
        let found = store.find_proof(&ProofKey::of(kind, &[n]), time(1)).await.unwrap();
        assert_eq!(found.is_some(), there);
    }
}

/// What moves house comes in order and in parts, and is kept for those who are there.
pub async fn lasting_proofs_move_house(store: Arc<dyn Store>) {
    let scene = Scene::new(store);
    let (ana, ben) = (scene.register("ana").await, scene.register("ben").await);
    let store = &scene.store;
    let mut lasting = Vec::new();
    for (n, kind) in (1..).zip(ProofKind::ALL.into_iter().chain(ProofKind::ALL)) {
        let proof = proof(Some(if n % 2 == 0 { ana } else { ben }), kind, n, None);
        store.keep_proof(proof.clone(), time(1)).await.unwrap();
        if kind.lasts() {
            lasting.push(proof);
        }
    }
    lasting.sort_by_key(|proof| proof.key);
    let (mut found, mut after) = (Vec::new(), None);
    loop {
        let part = store.proofs_after(after, 3).await.unwrap();
        assert!(part.len() <= 3);
        let Some(last) = part.last() else { break };
        after = Some(last.key);
        found.extend(part);
    }
    assert_eq!(found, lasting);
    scene.delete_user(ana).await;
    for proof in &lasting {
        store.spend_proof(&proof.key, time(1)).await.unwrap();
    }
    for _ in 0..2 {
        store.restore_proofs(lasting.clone()).await.unwrap();
        let theirs: Vec<_> =
            lasting.iter().filter(|proof| proof.user == Some(ben)).cloned().collect();
        assert_eq!(store.proofs_after(None, 99).await.unwrap(), theirs);
    }
}
