//! The configuration: one documented struct, read once from flags and environment, validated
//! before anything is opened.

mod backup;
mod brokers;
mod community;
mod drain;
mod hand;
mod mail;
mod network;
mod oidc;
pub mod secret;
mod weak;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

pub use backup::{BackupConfig, Every, RestoreConfig, ScheduleConfig};
pub use brokers::Brokers;
use clap::{Args, Parser, Subcommand};
pub use community::CommunityConfig;
pub use drain::DrainConfig;
pub use hand::{CompletionsConfig, HealthConfig, ManConfig, Question};
pub use mail::MailConfig;
pub use network::Network;
use siskin_domain::{DisplayName, Email, Reason, Role, Username};

use crate::application::ServeRole;
use crate::oidc::ProviderConfig;
use crate::version;

/// A tweet server that one command starts.
#[derive(Debug, Parser)]
#[command(name = "siskin", version = version::long(), propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the executable can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serve the web pages and the REST API.
    #[command(after_help = oidc::HELP)]
    Serve(Box<ServeConfig>),
    /// Manage people.
    #[command(subcommand)]
    User(UserCommand),
    /// Read the event log.
    #[command(subcommand)]
    Events(EventsCommand),
    /// Look after the tables that queries read.
    #[command(subcommand)]
    Projections(ProjectionsCommand),
    /// Write everything that is to be kept into one archive file; the server may run meanwhile.
    ///
    /// The archive holds the event log and the password hashes: keep it as safe as the store
    /// itself. Only its owner may read the file. Sessions, tokens and kept answers stay behind.
    Export(ExportConfig),
    /// Bring an archive into an empty store of any kind, and compare both at the end.
    ///
    /// The archive is checked whole before the store is touched. If the import is interrupted, the
    /// same command goes on where it stopped. Let no server use the store before it is done.
    Import(ImportConfig),
    /// Ask a server whether it is ready: status 0 and a line if it is, else 1 and the reasons.
    ///
    /// Without options it asks the server of this machine, where SISKIN_ADDR and SISKIN_TLS_CERT
    /// say that it listens. Health checks of containers use it: nothing else is in them.
    Health(HealthConfig),
    /// Print a script that lets a shell complete our commands: source <(siskin completions bash).
    Completions(CompletionsConfig),
    /// Print the manual page: siskin man | man -l -.
    Man(ManConfig),
    /// Make a backup of the store in one file, beside a running server as well.
    ///
    /// Of SQLite it is a complete database, of MongoDB an archive as "siskin export" writes it. The
    /// file is there when it is whole, checked and on disk. It holds password hashes: only its owner
    /// may read it.
    Backup(BackupConfig),
    /// Make a store of a backup or an archive, whole or as it was at some moment.
    ///
    /// The file is checked whole before anything is changed. A database takes its place in one step.
    /// No server may use the store meanwhile, and none starts on half of one.
    Restore(RestoreConfig),
}

/// Everything that `siskin export` can be told.
#[derive(Debug, Clone, Args)]
pub struct ExportConfig {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub store: StoreConfig,
    /// The file to write, siskin.jsonl.zst for example; - is standard output.
    pub file: PathBuf,
    /// Replace the file if it is there, and what a killed export has left beside it.
    #[arg(long)]
    pub force: bool,
}

/// Everything that `siskin import` can be told.
#[derive(Debug, Clone, Args)]
pub struct ImportConfig {
    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub store: StoreConfig,
    /// The archive to read: a file, as it is read twice.
    pub file: PathBuf,
}

/// Where the data is: shared by all commands.
#[derive(Debug, Clone, Args)]
pub struct StoreConfig {
    /// Where the data is kept: sqlite://PATH, relative to the working directory or absolute
    /// (sqlite:///var/lib/siskin/siskin.db), whose folder is created if it is missing; or, for
    /// several servers, mongodb://HOST,HOST/DATABASE (also mongodb+srv://) of a replica set.
    /// Default: sqlite://data/siskin.db.
    #[arg(long, env = "SISKIN_DATABASE_URL", value_name = "URL")]
    pub database_url: Option<DatabaseUrl>,

    /// A file that holds this address instead, for an address with a password.
    #[arg(long, env = "SISKIN_DATABASE_URL_FILE", value_name = "FILE")]
    pub database_url_file: Option<PathBuf>,
}

impl StoreConfig {
    /// The address, wherever it was given.
    ///
    /// # Errors
    /// A sentence that names the variable, if it was given twice or the file does not tell it.
    pub fn url(&self) -> Result<DatabaseUrl, String> {
        match (&self.database_url, &self.database_url_file) {
            (Some(_), Some(_)) => Err(secret::both("SISKIN_DATABASE_URL")),
            (Some(url), None) => Ok(url.clone()),
            (None, Some(file)) => secret::read("SISKIN_DATABASE_URL_FILE", file)?
                .parse()
                .map_err(|why| format!("SISKIN_DATABASE_URL_FILE: {}: {why}.", file.display())),
            (None, None) => Ok(DatabaseUrl::Sqlite("data/siskin.db".into())),
        }
    }
}

/// Everything that `siskin serve` can be told.
#[derive(Debug, Clone, Args)]
pub struct ServeConfig {
    /// The address and port to listen on. Port 0 takes a free one and says which.
    #[arg(long, env = "SISKIN_ADDR", value_name = "IP:PORT", default_value = "127.0.0.1:3000")]
    pub addr: SocketAddr,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub store: StoreConfig,

    /// The address that people type, without a path: https://tweets.example.org. Links, cookies
    /// and the check of where a form comes from follow it. Default: http://, or https:// with a
    /// certificate, and the listening address.
    #[arg(long, env = "SISKIN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<PublicUrl>,

    /// The greatest length of a tweet, in Unicode characters: 1 to 10000.
    #[arg(
        long,
        env = "SISKIN_TWEET_MAX_CHARS",
        value_name = "N",
        default_value_t = 280,
        value_parser = clap::value_parser!(u16).range(1..=10_000)
    )]
    pub tweet_max_chars: u16,

    /// A certificate chain in PEM form: the server speaks HTTPS itself, and looks every 2 seconds
    /// whether there is a new one. Goes with SISKIN_TLS_KEY.
    #[arg(long, env = "SISKIN_TLS_CERT", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key in PEM form, unencrypted: ECDSA P-256 or P-384, Ed25519, or RSA
    /// of 2048 bits or more.
    #[arg(long, env = "SISKIN_TLS_KEY", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// Origins whose scripts may call the API, separated by commas: https://app.example.org.
    /// They use tokens; cookies are never accepted from another origin.
    #[arg(long, env = "SISKIN_CORS_ORIGINS", value_name = "ORIGINS", value_delimiter = ',')]
    pub cors_origins: Vec<PublicUrl>,

    /// Proxies in front of this server, separated by commas: addresses or networks such as
    /// 10.0.0.0/8. Only what they say in X-Forwarded-For is believed; limits count the address
    /// that they name.
    #[arg(long, env = "SISKIN_TRUSTED_PROXIES", value_name = "NETWORKS", value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// The address and port of GET /metrics (Prometheus text). Nothing listens unless it is set.
    #[arg(long, env = "SISKIN_METRICS_ADDR", value_name = "IP:PORT")]
    pub metrics_addr: Option<SocketAddr>,

    /// What is logged: error, warn, info, debug, trace, or a filter such as
    /// "info,siskin_server::http=debug".
    #[arg(long, env = "SISKIN_LOG", value_name = "FILTER", default_value = "info")]
    pub log: LogFilter,

    /// The form of a log line on standard output.
    #[arg(long, env = "SISKIN_LOG_FORMAT", value_name = "FORMAT", default_value = "text")]
    pub log_format: LogFormat,

    /// An OpenTelemetry collector that gets a span of every request, over OTLP (HTTP, protobuf):
    /// http://127.0.0.1:4318. A traceparent that comes with a request is continued. Needs an
    /// executable built with the cargo feature "otlp".
    #[arg(long, env = "SISKIN_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<PublicUrl>,

    /// Limits on logging in, signing up, mails, reports, archives, streams and connections: on, or
    /// off for load tests.
    #[arg(long, env = "SISKIN_THROTTLE", value_name = "on|off", default_value = "on")]
    pub throttle: Switch,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub community: CommunityConfig,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub mail: MailConfig,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub backup: ScheduleConfig,

    /// Kafka brokers that get every committed event, separated by commas: host:port,host:port.
    /// Topics, keys and messages are described in docs/EVENTS.md. Needs an executable built with
    /// the cargo feature "kafka".
    #[arg(long, env = "SISKIN_KAFKA_BROKERS", value_name = "HOST:PORT,…")]
    pub kafka_brokers: Option<Brokers>,

    /// Whether the events for Kafka hold e-mail addresses.
    #[arg(long, env = "SISKIN_KAFKA_EMAIL", value_name = "on|off", default_value = "off")]
    pub kafka_email: Switch,

    /// What this server does: everything; only reads and pages (query), without changing anything
    /// in the store; or only writes (command). Several of each may share a store.
    #[arg(long, env = "SISKIN_ROLE", value_name = "all|query|command", default_value = "all")]
    pub role: ServeRole,

    /// Where the servers that write are, for the Location that a query node answers a write with.
    #[arg(long, env = "SISKIN_COMMAND_URL", value_name = "URL")]
    pub command_url: Option<PublicUrl>,

    /// Where the servers that read are, for the Location that a command node answers a read with.
    #[arg(long, env = "SISKIN_QUERY_URL", value_name = "URL")]
    pub query_url: Option<PublicUrl>,

    #[command(flatten)]
    #[expect(missing_docs, reason = "clap would show it as the help of every command")]
    pub drain: DrainConfig,

    /// Fill an empty store with a few lively people and tweets; a store that is not empty is left
    /// as it is.
    #[arg(long, env = "SISKIN_DEMO", value_name = "BOOL", default_value_t = false,
          default_missing_value = "true", num_args = 0..=1, require_equals = true)]
    pub demo: bool,

    /// The OpenID providers that people may sign in with.
    #[arg(skip)]
    pub oidc: Vec<ProviderConfig>,
}

/// Managing people.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a person. The password is read from SISKIN_PASSWORD, from the file that
    /// SISKIN_PASSWORD_FILE names or, without them, from standard input: never from the command line, where other people could see it.
    Add {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// The name in addresses and mentions: 3 to 30 of a-z 0-9 _ . beginning with a letter.
        #[arg(value_parser = parse_username)]
        username: Username,
        /// The e-mail address.
        #[arg(value_parser = parse_email)]
        email: Email,
        /// The name that people see; the username unless given.
        #[arg(long, value_parser = parse_name)]
        name: Option<DisplayName>,
        /// What they may do: user, moderator or admin.
        #[arg(long, default_value_t = Role::User)]
        role: Role,
    },
    /// Print a link with which a person chooses a new password, once and within an hour. Give it
    /// to nobody else. Older links of theirs count no more.
    ResetLink {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// The address that people type, as for the server.
        #[arg(
            long,
            env = "SISKIN_PUBLIC_URL",
            value_name = "URL",
            default_value = "http://127.0.0.1:3000"
        )]
        public_url: PublicUrl,
        /// Whose password.
        #[arg(value_parser = parse_username)]
        username: Username,
    },
    /// Say what a person may do.
    Role {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// Whose role.
        #[arg(value_parser = parse_username)]
        username: Username,
        /// user, moderator or admin.
        role: Role,
    },
    /// Take the authenticator app, the recovery codes and the passkeys from a person who has lost
    /// them: their password is enough again. Their sessions stay.
    ResetFactors {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// Whose.
        #[arg(value_parser = parse_username)]
        username: Username,
    },
    /// Suspend a person: nobody but moderators and themselves sees them, and they change nothing.
    Suspend {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// Whom.
        #[arg(value_parser = parse_username)]
        username: Username,
        /// Why, for the person and the audit log: 1 to 500 characters.
        #[arg(long, value_parser = parse_reason)]
        reason: Reason,
    },
    /// End a person's suspension: all is as it was before it.
    Unsuspend {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// Whom.
        #[arg(value_parser = parse_username)]
        username: Username,
        /// Why, for the person and the audit log: 1 to 500 characters.
        #[arg(long, value_parser = parse_reason)]
        reason: Reason,
    },
}

/// Reading the log.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Print events, one JSON object a line, and wait for more.
    Tail {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
        /// Begin after this position; 0 is the beginning of the log.
        #[arg(long, default_value_t = 0, value_name = "POSITION")]
        after: u64,
        /// Stop at the end of the log instead of waiting for more.
        #[arg(long)]
        no_follow: bool,
    },
    /// Read the whole log and look for whatever should not be: gaps, events that can't be read or
    /// can't follow each other, people and tweets that were never there, erased parts that are not.
    ///
    /// One line for each finding; ends with 1 if there is any.
    Verify {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
    },
}

/// Looking after projections.
#[derive(Debug, Subcommand)]
pub enum ProjectionsCommand {
    /// Make the tables that queries read anew from the log; a running server goes on meanwhile.
    Rebuild {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
    },
    /// Make the tables from the log beside the live ones and compare them, row for row.
    Verify {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
    },
    /// Print a number for each table that is the same for every store that holds the same.
    Digest {
        #[command(flatten)]
        #[expect(missing_docs, reason = "clap would show it as the help of every command")]
        store: StoreConfig,
    },
}

fn parse_username(text: &str) -> Result<Username, String> {
    Username::parse(text).map_err(|e| e.to_string())
}
fn parse_email(text: &str) -> Result<Email, String> {
    Email::parse(text).map_err(|e| e.to_string())
}
fn parse_reason(text: &str) -> Result<Reason, String> {
    Reason::parse(text).map_err(|error| error.to_string())
}

fn parse_name(text: &str) -> Result<DisplayName, String> {
    DisplayName::parse(text).map_err(|e| e.to_string())
}

/// Which store, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A MongoDB database.
    Mongo(MongoUrl),
}

impl ServeConfig {
    /// On a server for others, refuses secrets that are guessed first.
    ///
    /// # Errors
    /// A sentence that names the variable.
    pub fn refuse_weak_secrets(&self, public_url: &str) -> Result<(), String> {
        if !weak::is_for_others(public_url) {
            return Ok(());
        }
        for provider in &self.oidc {
            let name = provider.name.to_uppercase().replace('-', "_");
            let secret = provider.client_secret.secret();
            weak::refuse(&format!("SISKIN_OIDC_{name}_CLIENT_SECRET"), secret)?;
        }
        if let DatabaseUrl::Mongo(url) = self.store.url()?
            && let Some(password) = weak::password_in(url.secret())
        {
            weak::refuse("SISKIN_DATABASE_URL", password)?;
        }
        if let Some(url) = self.mail.url()?
            && let Some(password) = weak::password_in(url.secret())
        {
            weak::refuse("SISKIN_SMTP_URL", password)?;
        }
        Ok(())
    }
}

/// The address of a MongoDB database. Neither `Debug` nor `Display` shows the password in it.
#[derive(Clone, PartialEq, Eq)]
pub struct MongoUrl(String);

impl MongoUrl {
    /// The address, password and all: for the driver only.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for MongoUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&without_password(&self.0))
    }
}

impl std::fmt::Debug for MongoUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MongoUrl({self})")
    }
}

/// An address with `***` in the place of name and password.
fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, host)) => format!("{scheme}://***@{host}"),
            None => url.to_owned(),
        },
        // The scheme was forgotten, the password was not.
        None => match url.rsplit_once('@') {
            Some((named, host)) if named.contains(':') => format!("***@{host}"),
            _ => url.to_owned(),
        },
    }
}

impl FromStr for DatabaseUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mongo = ["mongodb://", "mongodb+srv://"];
        if let Some(rest) = mongo.iter().find_map(|scheme| text.strip_prefix(scheme)) {
            let (hosts, path) = rest.split_once('/').unwrap_or((rest, ""));
            let database = path.split('?').next().unwrap_or_default();
            return if hosts.is_empty() || database.is_empty() {
                Err("name a host and a database: mongodb://localhost:27017/siskin")
            } else {
                Ok(Self::Mongo(MongoUrl(text.to_owned())))
            };
        }
        match text.strip_prefix("sqlite://") {
            Some("" | "/") => Err("name a file: sqlite://data/siskin.db"),
            Some(path) if path.ends_with('/') => Err("name a file, not a folder"),
            Some(path) => Ok(Self::Sqlite(PathBuf::from(path))),
            None => Err("begin with sqlite:// and name a file (sqlite://data/siskin.db), or with \
                 mongodb:// and name a database (mongodb://localhost:27017/siskin)"),
        }
    }
}

/// Scheme, host and perhaps port; no path, no slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for PublicUrl {
    type Err = &'static str;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const SHAPE: &str = "give scheme and host without a path: https://tweets.example.org";
        let trimmed = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let uri: http::Uri = trimmed.parse().map_err(|_| SHAPE)?;
        let scheme_ok = matches!(uri.scheme_str(), Some("http" | "https"));
        let plain = uri.path() == "/" && uri.query().is_none();
        let host =
            uri.authority().is_some_and(|a| !a.host().is_empty() && !a.as_str().contains('@'));
        if scheme_ok && plain && host { Ok(Self(trimmed)) } else { Err(SHAPE) }
    }
}

/// A filter for log lines.
#[derive(Debug, Clone)]
pub struct LogFilter(pub String);

impl FromStr for LogFilter {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        tracing_subscriber::EnvFilter::try_new(text)
            .map(|_| Self(text.to_owned()))
            .map_err(|e| format!("not a log filter: {e}"))
    }
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// On or off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Switch {
    /// On.
    On,
    /// Off.
    Off,
}

impl Cli {
    /// Reads flags and environment.
    ///
    /// # Errors
    /// One sentence that names the variable or flag, and the exit code to leave with. `--help` and
    /// `--version` arrive here too, as text with code 0.
    pub fn read() -> Result<Self, (String, i32)> {
        let mut cli = Self::try_parse().map_err(|error| explain(&error))?;
        if let Command::Serve(config) = &mut cli.command {
            config.oidc = oidc::from_environment(std::env::vars_os())
                .map_err(|why| (format!("siskin: {why}\n"), 2))?;
        }
        Ok(cli)
    }
}

/// Turns clap's error into one sentence that names the environment variable as well as the flag.
fn explain(error: &clap::Error) -> (String, i32) {
    use clap::error::{ContextKind, ContextValue, ErrorKind};
    let text = |kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    };
    let bad_value = matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue);
    let (Some(arg), Some(value), true) =
        (text(ContextKind::InvalidArg), text(ContextKind::InvalidValue), bad_value)
    else {
        return (error.render().to_string(), error.exit_code());
    };
    let flag = arg.split([' ', '=']).next().unwrap_or(&arg).to_owned();
    let name = variable_of(&flag).map_or(flag.clone(), |variable| format!("{variable} ({flag})"));
    let why = std::error::Error::source(error).map(ToString::to_string);
    let choices = match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(all)) => Some(format!("it is one of {}", all.join(", "))),
        _ => None,
    };
    let why = why.or(choices).unwrap_or_else(|| "it can't be read".to_owned());
    let value = without_password(&value);
    (format!("siskin: {name} can't be \"{value}\": {why}.\n"), 2)
}

/// The environment variable that means the same as a flag.
fn variable_of(flag: &str) -> Option<String> {
    use clap::CommandFactory;
    let long = flag.strip_prefix("--")?;
    let cli = Cli::command();
    let mut commands: Vec<&clap::Command> = vec![&cli];
    while let Some(command) = commands.pop() {
        commands.extend(command.get_subcommands());
        let found = command.get_arguments().find(|arg| arg.get_long() == Some(long));
        if let Some(variable) = found.and_then(clap::Arg::get_env) {
            return Some(variable.to_string_lossy().into_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(args: &[&str]) -> String {
        explain(&Cli::try_parse_from(args).unwrap_err()).0
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_value_is_one_sentence_that_names_the_variable() {
        for (args, variable) in [
            (["siskin", "serve", "--smtp-url=mail"], "SISKIN_SMTP_URL"),
            (["siskin", "serve", "--mail-from=nobody"], "SISKIN_MAIL_FROM"),
            (["siskin", "serve", "--addr=nowhere"], "SISKIN_ADDR"),
            (["siskin", "serve", "--database-url=postgres://x"], "SISKIN_DATABASE_URL"),
            (["siskin", "serve", "--public-url=ftp://x"], "SISKIN_PUBLIC_URL"),
            (["siskin", "serve", "--tweet-max-chars=0"], "SISKIN_TWEET_MAX_CHARS"),
            (["siskin", "serve", "--throttle=maybe"], "SISKIN_THROTTLE"),
            (["siskin", "serve", "--role=both"], "SISKIN_ROLE"),
            (["siskin", "serve", "--command-url=here"], "SISKIN_COMMAND_URL"),
            (["siskin", "serve", "--query-url=ftp://x"], "SISKIN_QUERY_URL"),
            (["siskin", "serve", "--log=siskin==x"], "SISKIN_LOG"),
            (["siskin", "serve", "--cors-origins=a,b"], "SISKIN_CORS_ORIGINS"),
            (["siskin", "serve", "--metrics-addr=9090"], "SISKIN_METRICS_ADDR"),
            (["siskin", "serve", "--otlp-endpoint=here"], "SISKIN_OTLP_ENDPOINT"),
            (["siskin", "serve", "--trusted-proxies=10.0.0.0/99"], "SISKIN_TRUSTED_PROXIES"),
            (["siskin", "serve", "--kafka-brokers=kafka"], "SISKIN_KAFKA_BROKERS"),
            (["siskin", "serve", "--kafka-email=perhaps"], "SISKIN_KAFKA_EMAIL"),
            (["siskin", "serve", "--public=perhaps"], "SISKIN_PUBLIC"),
            (["siskin", "serve", "--registration=ajar"], "SISKIN_REGISTRATION"),
            (["siskin", "serve", "--invites=nobody"], "SISKIN_INVITES"),
            (["siskin", "serve", "--drain-seconds=301"], "SISKIN_DRAIN_SECONDS"),
            (["siskin", "serve", "--backup-every=30s"], "SISKIN_BACKUP_EVERY"),
            (["siskin", "serve", "--backup-keep=0"], "SISKIN_BACKUP_KEEP"),
        ] {
            let text = refusal(&args);
            assert!(text.contains(variable), "{text}");
            assert_eq!(text.trim_end().lines().count(), 1, "{text}");
        }
    }

    #[test]
    fn addresses_of_the_public_have_no_path() {
        assert_eq!("https://Ex.org/".parse::<PublicUrl>().unwrap().as_str(), "https://ex.org");
        for text in
            ["ex.org", "https://", "https://ex.org/a", "https://u@ex.org", "http://ex.org?q"]
        {
            assert!(text.parse::<PublicUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn sqlite_addresses_are_paths() {
        assert_eq!("sqlite://data/a.db".parse(), Ok(DatabaseUrl::Sqlite("data/a.db".into())));
        assert_eq!("sqlite:///var/a.db".parse(), Ok(DatabaseUrl::Sqlite("/var/a.db".into())));
        for text in ["", "sqlite://", "sqlite:///", "data.db", "sqlite://data/"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn mongodb_addresses_name_a_database_and_show_no_password() {
        for text in ["mongodb://a,b:1/siskin?w=1", "mongodb+srv://ana:s3cret@ex.org/siskin"] {
            let Ok(DatabaseUrl::Mongo(url)) = text.parse() else { panic!("{text}") };
            assert_eq!(url.secret(), text);
            assert!(!format!("{url} {url:?}").contains("s3cret"));
        }
        for text in ["mongodb://", "mongodb://a", "mongodb://a/", "mongodb://a/?w=1"] {
            assert!(text.parse::<DatabaseUrl>().is_err(), "{text}");
        }
        for (flag, variable) in [
            ("--database-url=mongodb://ana:s3cret@a", "SISKIN_DATABASE_URL"),
            ("--smtp-url=smtp://ana:s3cret@mail.example", "SISKIN_SMTP_URL"),
            ("--smtp-url=ana:s3cret@mail.example", "SISKIN_SMTP_URL"),
        ] {
            let text = refusal(&["siskin", "serve", flag]);
            assert!(text.contains(variable) && !text.contains("s3cret"), "{text}");
        }
    }
}
