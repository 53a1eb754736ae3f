//! `siskin user add`, `siskin user role` and `siskin user reset-link`.

use std::io::{BufRead as _, IsTerminal as _};

use siskin_domain::Password;
use siskin_server::application::{NewAccount, Rules, WayIn};
use siskin_server::config::{UserCommand, secret};

use super::{open_store, print_line, services, services_with};

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
            let store = open_store(&store).await?;
            let rules = Rules { public_url: public_url.as_str().to_owned(), ..Rules::default() };
            let services = services_with(store.clone(), rules);
            let link = services.accounts.reset_link(&username).await;
            store.close().await;
            print_line(&link.map_err(|refused| refused.to_string())?)
        }
        UserCommand::Role { store, username, role } => {
            let store = open_store(&store).await?;
            let set = services(store.clone()).accounts.set_role(None, &username, role).await;
            store.close().await;
            let user = set.map_err(|refused| refused.to_string())?;
            print_line(&format!("{} is now {role}.", user.username))
        }
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
