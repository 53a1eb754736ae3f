//! What moderators have to say to whoever looks at a page.

use siskin_app::written::notice::{Notice, Said};
use siskin_domain::moderation::Measure;
use siskin_domain::{Role, TweetId, Username};

use super::PageState;
use super::moderation::{in_force, words};
use crate::application::Caller;
use crate::storage::StoreError;

/// The notice below a page for somebody who is signed in, if there is something to say.
pub(super) async fn of(
    state: &PageState,
    caller: &Caller,
    path: &str,
) -> Result<Option<Notice>, StoreError> {
    let mut said = Said::default();
    let standing = caller.standing;
    if !standing.is_good() {
        let record = state.services.moderation.record_of(caller.actor.id).await?;
        let measures = in_force(&record);
        (said.warned, said.suspended) = (measures.warned, measures.suspended);
        // Whoever is silenced goes on as usual; their own pages tell them.
        let own = path.strip_prefix("/@") == Some(&caller.username);
        if standing.has(Measure::Silence) && (own || is_about_oneself(path)) {
            said.silenced = measures.silenced;
        }
    }
    if let Some(id) = path.strip_prefix("/tweet/").and_then(|id| id.parse().ok()) {
        said.hidden = hidden(state, caller, id).await?;
    }
    if caller.actor.role >= Role::Moderator
        && let Some(name) = path.strip_prefix("/@").and_then(|name| Username::parse(name).ok())
    {
        let public = state.services.queries.user_by_name(&name, None).await?;
        let seen = state.services.queries.user_by_name(&name, Some(caller)).await?;
        said.suspended_person = seen.filter(|_| public.is_none()).map(|user| user.username);
    }
    Ok(said.notice())
}

fn is_about_oneself(path: &str) -> bool {
    path == "/profile" || path.starts_with("/settings/") || path.starts_with("/account/")
}

/// Why a tweet that not everybody sees is hidden, if that is why. Moderators get its number, too.
async fn hidden(
    state: &PageState,
    caller: &Caller,
    id: TweetId,
) -> Result<Option<(String, Option<u64>)>, StoreError> {
    let queries = &state.services.queries;
    if queries.tweet(id, None).await?.is_some() || queries.tweet(id, Some(caller)).await?.is_none()
    {
        return Ok(None);
    }
    let why = state.services.moderation.hiding_of(id).await?;
    let number = (caller.actor.role >= Role::Moderator).then_some(id.get());
    Ok(why.map(|why| (words(why.as_ref()), number)))
}
