//! Who may read and who may join.

use clap::{ArgAction, Args};

use crate::application::{Community, Inviters, Registration};

/// The variables about who may read and who may join.
#[derive(Debug, Clone, Args)]
pub struct CommunityConfig {
    /// Whether strangers may read. With false, pages, API and streams are for members only: all
    /// but logging in, signing up, and what the server says of itself.
    #[arg(long, env = "SISKIN_PUBLIC", value_name = "BOOL", default_value_t = true,
          action = ArgAction::Set)]
    pub public: bool,

    /// How one joins: by signing up (open), with a member's invitation (invite), or not at all
    /// (closed). "siskin user add" works always.
    #[arg(
        long,
        env = "SISKIN_REGISTRATION",
        value_name = "open|invite|closed",
        default_value = "open"
    )]
    pub registration: Registration,

    /// Who may invite, with SISKIN_REGISTRATION=invite.
    #[arg(
        long,
        env = "SISKIN_INVITES",
        value_name = "members|moderators|admins",
        default_value = "members"
    )]
    pub invites: Inviters,
}

impl From<&CommunityConfig> for Community {
    fn from(config: &CommunityConfig) -> Self {
        Self { public: config.public, registration: config.registration, inviters: config.invites }
    }
}
