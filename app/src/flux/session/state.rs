use siskin_domain::Timestamp;

use crate::context::{Me, PageContext, SentForm, Settings, Theme};

/// The session as the server gave it, kept up to date.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// Who is signed in.
    pub me: Option<Me>,
    /// The time that relative times are told from.
    pub now: Timestamp,
    /// What the operator configured.
    pub settings: Settings,
    /// The colours.
    pub theme: Theme,
    /// The form that was refused without JavaScript.
    pub form: Option<SentForm>,
    /// A sentence to show once.
    pub flash: Option<String>,
    /// How many pages were left since the document was loaded.
    pub moves: u32,
}

impl From<PageContext> for State {
    fn from(page: PageContext) -> Self {
        let PageContext { me, now, settings, theme, form, flash } = page;
        Self { me, now, settings, theme, form, flash, moves: 0 }
    }
}
