//! `siskin`: one executable that serves tweets and looks after them.

mod commands;

use std::process::ExitCode;

use siskin_server::config::{Cli, Command};

/// Steady under many small allocations from many connections.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err((text, code)) => return say(&text, code),
    };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return say(&format!("siskin: can't start threads: {error}\n"), 1),
    };
    let done = runtime.block_on(async {
        match cli.command {
            Command::Serve(config) => commands::serve::run(*config).await,
            Command::User(command) => commands::user::run(command).await,
            Command::Events(command) => commands::events::run(command).await,
            Command::Projections(command) => commands::projections::run(command).await,
            Command::Export(config) => commands::export::run(config).await,
            Command::Import(config) => commands::import::run(config).await,
            Command::Health(config) => commands::health::run(config).await,
            Command::Completions(config) => commands::completions::run(config),
            Command::Man(config) => commands::man::run(config),
            Command::Backup(config) => commands::backup::run(config).await,
            Command::Restore(config) => commands::restore::run(config).await,
        }
    });
    // Streams and background work that is still there must not hold the process.
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(text) => say(&format!("siskin: {text}\n"), 1),
    }
}

/// Help goes to standard output, trouble to standard error.
fn say(text: &str, code: i32) -> ExitCode {
    use std::io::Write as _;
    let _ = if code == 0 {
        std::io::stdout().write_all(text.as_bytes())
    } else {
        std::io::stderr().write_all(text.as_bytes())
    };
    ExitCode::from(u8::try_from(code).unwrap_or(1))
}
