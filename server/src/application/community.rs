//! Who may read and who may join, as the operator decided.

use siskin_domain::Role;

/// How one becomes a member. The operator's `siskin user add` always works.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Registration {
    /// By signing up.
    #[default]
    Open,
    /// By signing up with an invitation.
    Invite,
    /// Not at all.
    Closed,
}

impl Registration {
    /// The name on the wire and on the command line.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Invite => "invite",
            Self::Closed => "closed",
        }
    }
}

/// Who may invite, while joining needs an invitation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Inviters {
    /// Everybody who is a member.
    #[default]
    Members,
    /// Moderators and admins.
    Moderators,
    /// Admins.
    Admins,
}

impl Inviters {
    /// Is somebody with this role one of them?
    #[must_use]
    pub fn include(self, role: Role) -> bool {
        role >= match self {
            Self::Members => Role::User,
            Self::Moderators => Role::Moderator,
            Self::Admins => Role::Admin,
        }
    }
}

/// Who may read and who may join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Community {
    /// May strangers read?
    pub public: bool,
    /// How one becomes a member.
    pub registration: Registration,
    /// Who may invite.
    pub inviters: Inviters,
}

impl Default for Community {
    fn default() -> Self {
        Self { public: true, registration: Registration::Open, inviters: Inviters::Members }
    }
}
