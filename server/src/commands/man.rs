//! `siskin man`: manual pages, made from the same descriptions as `--help`.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man;
use clap_mangen::roff::{Inline, Roff, bold, roman};
use siskin_server::config::{Cli, ManConfig};
use siskin_server::version;

use super::print_text;

/// Prints siskin(1), or writes the pages of all commands.
pub(crate) fn run(config: ManConfig) -> Result<(), String> {
    let command = command();
    match config.out {
        None => print_text(&page(&command).map_err(|error| error.to_string())?),
        Some(folder) => {
            write_all(&command, &folder).map_err(|error| format!("{}: {error}", folder.display()))
        }
    }
}

fn command() -> Command {
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    command
}

fn write_all(command: &Command, folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    std::fs::write(folder.join(format!("{}.1", name(command))), page(command)?)?;
    command.get_subcommands().try_for_each(|below| write_all(below, folder))
}

/// `siskin-user-add`, as clap builds it.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> std::io::Result<Vec<u8>> {
    let title = name(command).to_uppercase();
    let below = command.has_subcommands();
    let man = Man::new(command.clone().subcommand_help_heading("COMMANDS"))
        .title(title)
        .date(version::COMMIT_DATE.unwrap_or_default())
        .source(format!("Siskin {}", version::VERSION))
        .manual("Siskin");
    let mut out = Vec::new();
    man.render_title(&mut out)?;
    man.render_name_section(&mut out)?;
    man.render_synopsis_section(&mut out)?;
    man.render_description_section(&mut out)?;
    man.render_options_section(&mut out)?;
    if below {
        man.render_subcommands_section(&mut out)?;
    }
    let mut rest = Roff::new();
    if let Some(help) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        rest.control("SH", ["MORE SETTINGS"]);
        as_it_is(&mut rest, &help.to_string());
    }
    if name(command) == "siskin" {
        whole(&mut rest);
    } else {
        rest.control("SH", ["SEE ALSO"]);
        rest.text([bold("siskin"), roman("(1)")]);
    }
    rest.to_writer(&mut out)?;
    Ok(tidy(&out).into_bytes())
}

/// One preamble instead of one before each section, and one empty line as one request.
fn tidy(page: &[u8]) -> String {
    const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    let page = String::from_utf8_lossy(page).replace(PREAMBLE, "");
    format!("{PREAMBLE}{}", page.replace(".br\n\n.br\n", ".sp\n"))
}

/// What belongs to all commands.
fn whole(page: &mut Roff) {
    page.control("SH", ["EXIT STATUS"]);
    for (status, meaning) in [
        ("0", "Done; for siskin health: the server is ready."),
        ("1", "It failed, for a reason that one sentence on standard error says."),
        ("2", "The command line or the environment is not understood."),
    ] {
        entry(page, [bold(status)], meaning);
    }
    page.control("SH", ["ENVIRONMENT"]);
    page.text([
        roman("Every option that has a variable can be set by it; the option wins. "),
        bold("siskin-serve"),
        roman("(1) names them all."),
    ]);
    page.control("SH", ["FILES"]);
    for (file, meaning) in [
        (
            "data/siskin.db",
            "The store, in the working directory, unless SISKIN_DATABASE_URL names another.",
        ),
        ("/etc/siskin/siskin.env", "The settings of the Debian package's service."),
        ("/var/lib/siskin/siskin.db", "The store of the Debian package's service."),
    ] {
        entry(page, [bold(file)], meaning);
    }
    page.control("SH", ["SIGNALS"]);
    page.text([
        bold("SIGTERM"),
        roman(" and "),
        bold("SIGINT"),
        roman(" end the server after the requests in progress; what was acknowledged is on disk in any case."),
    ]);
    page.control("SH", ["EXAMPLES"]);
    for (line, meaning) in [
        ("siskin serve --demo", "Try it: http://127.0.0.1:3000 with a few lively people."),
        ("siskin user role ana admin", "Make somebody an administrator."),
        ("siskin export siskin.jsonl.zst", "Keep everything in one file, beside a running server."),
    ] {
        entry(page, [bold(line)], meaning);
    }
}

fn entry(page: &mut Roff, head: impl Into<Vec<Inline>>, body: &str) {
    page.control("TP", []);
    page.text(head.into());
    page.text([roman(body)]);
}

/// Text whose lines stay lines.
fn as_it_is(page: &mut Roff, text: &str) {
    page.control("nf", []);
    for line in text.lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
}
