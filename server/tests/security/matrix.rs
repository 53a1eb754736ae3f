//! Who may do what: every route, asked by everybody in every way, answers as `docs/SECURITY.md`
//! says. A route without a row fails, and a row without a route.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use reqwest::Method;
use tokio::sync::watch;

use crate::table;
use crate::world::{Owner, WAYS, Way, World};

/// What no route may answer to it: a method that nobody knows.
const UNKNOWN: &str = "NONSENSE";

#[tokio::test(flavor = "multi_thread")]
async fn everybody_may_do_what_the_table_says_and_nothing_else() {
    let mut world = World::new().await;
    let routes = routes(&world).await;
    let mut table = table::read("Route");
    let reading = [world.new_owner().await, world.new_suspended_owner().await];
    let mut wrong = String::new();
    // Reads first: what they show must not depend on whom the writes have registered.
    let (reads, writes): (Vec<_>, Vec<_>) = routes.iter().partition(|r| r.starts_with("GET "));
    for route in reads.into_iter().chain(writes) {
        let documented = table.rows.remove(route);
        let mut answers = Vec::new();
        for person in &table.people {
            answers.push(answers_to(&mut world, &reading, route, person).await);
        }
        if documented.as_ref() != Some(&answers) {
            let row = answers.join(" | ");
            let _ = write!(wrong, "\nanswers:    | `{route}` | {row} |\n");
            match documented {
                Some(row) => writeln!(wrong, "documented: | `{route}` | {} |", row.join(" | ")),
                None => writeln!(wrong, "documented: nowhere"),
            }
            .unwrap();
        }
    }
    for route in table.rows.keys() {
        let _ = write!(wrong, "\n`{route}` is documented, but there is no such route.\n");
    }
    assert!(wrong.is_empty(), "docs/SECURITY.md and the server differ:\n{wrong}");
}

/// All that the server answers to, as `METHOD /template`.
pub(crate) async fn routes(world: &World) -> BTreeSet<String> {
    let (_stop, stopping) = watch::channel(false);
    let table = siskin_server::http::routes(world.app.services.clone(), stopping);
    let mut routes = BTreeSet::new();
    for template in table.paths() {
        let path = template.replace("{id}", "1").replace("{username}", "x").replace("{name}", "x");
        let path = path.replace("{measure}", "silence");
        let method = Method::from_bytes(UNKNOWN.as_bytes()).unwrap();
        let answer = crate::app::send(world.app.request(method, &path)).await;
        // The page of a person is no route of axum's; pages are only read.
        let allowed = if answer.has("allow") { answer.header("allow") } else { "GET" };
        for method in allowed.split(',').map(str::trim).filter(|m| !["HEAD", "OPTIONS"].contains(m))
        {
            routes.insert(format!("{method} {template}"));
        }
    }
    routes
}

/// The cell of a person in a route's row: one answer if every way to ask gets the same.
async fn answers_to(
    world: &mut World,
    [reading, suspended]: &[Owner; 2],
    route: &str,
    person: &str,
) -> String {
    let (method, template) = route.split_once(' ').unwrap();
    let method: Method = method.parse().unwrap();
    let mut answers = Vec::new();
    for way in WAYS {
        // What one request changes must not be seen by the next.
        let owner = match (method == Method::GET, person) {
            (true, "Suspended") => world.with_new_session(suspended).await,
            (true, _) => world.with_new_session(reading).await,
            (false, "Suspended") => world.new_suspended_owner().await,
            (false, _) => world.new_owner().await,
        };
        answers.push(answer(world, &owner, route, template, method.clone(), person, way).await);
    }
    if answers.iter().all(|answer| *answer == answers[0]) {
        answers.swap_remove(0)
    } else {
        answers.join(" / ")
    }
}

/// The status, with a star if the answer shows the owner's e-mail address, and a dagger if something
/// of the owner's is gone afterwards.
async fn answer(
    world: &World,
    owner: &Owner,
    route: &str,
    template: &str,
    method: Method,
    person: &str,
    way: Way,
) -> String {
    let request = owner.fill(route, world.app.request(method, &owner.path(template)));
    let request = world.signed(request, person, owner, way).await;
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let endless =
        response.headers().get("content-type").is_some_and(|kind| kind == "text/event-stream");
    // A stream has no end that one could wait for.
    let text = if endless { String::new() } else { response.text().await.unwrap() };
    let star = if text.contains(&owner.email()) { "*" } else { "" };
    let gone = if world.has_all(owner).await { "" } else { "†" };
    format!("{status}{star}{gone}")
}
