//! `siskin user add`, `role`, `suspend`, `unsuspend`, `reset-link` and `reset-factors`.

use std::io::{BufRead as _, IsTerminal as _};
use std::sync::Arc;

use siskin_domain::moderation::Measure;
use siskin_domain::user::UserError;
use siskin_domain::{Password, Reason, Username};
use siskin_server::application::factors::Removed;
use siskin_server::application::{NewAccount, Refused, Rules, WayIn};
use siskin_server::config::{LogFilter, LogFormat, StoreConfig, UserCommand, secret};
use siskin_server::storage::{Audience, Store};
use siskin_server::telemetry;

use super::{open_existing_store, open_store, print_line, services, services_with};

/// Runs the command.
pub(crate) async fn run(command: UserCommand) -> Result<(), String> {
    match command {
        UserCommand::Add { store, username, email, name, role } => {
            let password = read_password()?;
            let store = open_store(&store).await?;
            let way_in = WayIn::Password(password);
            let account = NewAccount { username, email, way_in, name, role };
            let services = services(store.clone());
            let added = services.accounts.add(account).await;
            services.stop().await;
            store.close().await;
            let user = added.map_err(|refused| refused.to_string())?;
            print_line(&format!("{} is added with id {}.", user.username, user.id))
        }
        UserCommand::ResetLink { store, public_url, username } => {
            let store = open_existing_store(&store).await?;
            let rules = Rules { public_url: public_url.as_str().to_owned(), ..Rules::default() };
            let services = services_with(store.clone(), rules);
            let link = services.accounts.reset_link(&username).await;
            store.close().await;
            print_line(&link.map_err(|refused| refused.to_string())?)
        }
        UserCommand::Role { store, username, role } => {
            let store = open_existing_store(&store).await?;
            let set = services(store.clone()).accounts.set_role(None, &username, role).await;
            store.close().await;
            let user = set.map_err(|refused| refused.to_string())?;
            print_line(&format!("{} is now {role}.", user.username))
        }
        UserCommand::ResetFactors { store, username } => {
            // What was taken from whom stands in the operator's log as well.
            let _logs = telemetry::logs::init(&LogFilter("warn".to_owned()), LogFormat::Text)?;
            let store = open_existing_store(&store).await?;
            let reset = services(store.clone()).factors.reset(&username).await;
            store.close().await;
            let Removed { app, recovery_codes, passkeys } =
                reset.map_err(|refused| refused.to_string())?;
            let app = if app { "an authenticator app" } else { "no authenticator app" };
            print_line(&format!(
                "{username} had {app}, {recovery_codes} recovery codes and {passkeys} passkeys; \
                 the password alone is enough now."
            ))
        }
        UserCommand::Suspend { store, username, reason } => {
            act(&store, &username, true, reason).await?;
            print_line(&format!("{username} is suspended."))
        }
        UserCommand::Unsuspend { store, username, reason } => {
            act(&store, &username, false, reason).await?;
            print_line(&format!("{username} is not suspended."))
        }
    }
}

/// Suspends somebody, as the operator, or ends it.
async fn act(
    options: &StoreConfig,
    username: &Username,
    suspend: bool,
    reason: Reason,
) -> Result<(), String> {
    let store = open_existing_store(options).await?;
    let done = suspend_or_not(store.clone(), username, suspend, reason).await;
    store.close().await;
    done.map_err(|refused| refused.to_string())
}

async fn suspend_or_not(
    store: Arc<dyn Store>,
    username: &Username,
    suspend: bool,
    reason: Reason,
) -> Result<(), Refused> {
    let found = store.find_user_by_name(username, Audience::All).await?;
    let user = found.ok_or(UserError::NotFound)?.id;
    let moderation = services(store).moderation;
    let measure = Measure::Suspension;
    if suspend {
        moderation.impose(None, user, measure, reason).await
    } else {
        moderation.lift(None, user, measure, reason).await
    }
}

/// From `SISKIN_PASSWORD` or its file, or one line of standard input.
fn read_password() -> Result<Password, String> {
    let text = match secret::from_environment("SISKIN_PASSWORD")? {
        Some(text) => text,
        None => read_line()?,
    };
    Password::parse(&text).map_err(|error| error.to_string())
}

fn read_line() -> Result<String, String> {
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        print_line("Password (at least 8 characters; it is shown as you type):")?;
    }
    let mut line = String::new();
    stdin
        .lock()
        .read_line(&mut line)
        .map_err(|error| format!("can't read the password from standard input: {error}"))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
