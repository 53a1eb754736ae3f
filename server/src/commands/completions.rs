//! `siskin completions`.

use clap::CommandFactory as _;
use siskin_server::config::{Cli, CompletionsConfig};

use super::print_text;

/// Prints what a shell needs to complete our commands.
pub(crate) fn run(config: CompletionsConfig) -> Result<(), String> {
    let mut script = Vec::new();
    clap_complete::generate(config.shell, &mut Cli::command(), "siskin", &mut script);
    print_text(&script)
}
