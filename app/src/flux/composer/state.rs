use siskin_domain::Timestamp;

/// Whose composer it is: enough to show their tweet before the server has it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Author {
    /// Their username.
    pub username: String,
    /// Their name.
    pub name: String,
}

/// A tweet on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct Attempt {
    /// Counts the attempts of this page.
    pub attempt: u32,
    /// Whose tweet it is to be: another tab may have let somebody else in meanwhile.
    pub username: String,
    /// What it says.
    pub body: String,
    /// Sent with it, so that repeating it can't double it.
    pub key: String,
}

/// The composer.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub struct State {
    /// The greatest length.
    pub max: usize,
    /// Who writes.
    pub author: Option<Author>,
    /// The text as typed.
    pub draft: String,
    /// What is on its way.
    pub sending: Vec<Attempt>,
    /// When the last one left.
    pub left_at: Option<Timestamp>,
    /// Attempts that got no answer: the same text is sent again with the same key.
    pub unsure: Vec<Attempt>,
    /// What the draft begins with, if failures brought it back.
    pub brought_back: String,
    /// What is wrong, for people.
    pub failure: Option<String>,
    /// What the text area should be set to, and how often it was set: it keeps its own text, and
    /// follows only when this changes.
    pub rewrite: (u32, String),
    /// How many attempts there were.
    pub attempts: u32,
}

impl State {
    /// An empty composer.
    #[must_use]
    pub fn new(max: usize, author: Option<Author>) -> Self {
        Self {
            max,
            author,
            draft: String::new(),
            sending: Vec::new(),
            left_at: None,
            unsure: Vec::new(),
            brought_back: String::new(),
            failure: None,
            rewrite: (0, String::new()),
            attempts: 0,
        }
    }

    /// How many characters are left; below zero if there are too many.
    #[must_use]
    pub fn left(&self) -> i64 {
        self.max as i64 - siskin_domain::TweetBody::count(&self.draft) as i64
    }

    /// The text area is a new one: it gets the draft, once there was any.
    pub(in crate::flux) fn show_again(&mut self) {
        if self.rewrite.0 > 0 || !self.draft.is_empty() {
            self.write(self.draft.clone());
        }
    }

    /// Sets the draft, and the text area with it.
    pub(super) fn write(&mut self, text: String) {
        self.draft.clone_from(&text);
        self.rewrite = (self.rewrite.0 + 1, text);
    }
}
