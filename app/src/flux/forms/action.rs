use crate::context::FormError;

/// What happened to a form.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(test, derive(serde::Serialize, serde::Deserialize))]
pub enum Action {
    /// The person left a field.
    Left {
        /// Its name.
        field: String,
        /// What it holds.
        value: String,
    },
    /// The person changed a field.
    Typed {
        /// Its name.
        field: String,
    },
    /// The person sent the form.
    Submitted(Vec<(String, String)>),
    /// The server took it, and says where to go.
    Taken {
        /// A path of ours.
        location: String,
    },
    /// The server did not take it, or did not answer.
    Refused(Vec<FormError>),
    /// What the form shows was changed elsewhere: the server did not take it.
    Outdated {
        /// What it is at now: sent with this, the form counts.
        version: u64,
        /// One sentence for people.
        reason: String,
    },
    /// The page came back from the browser's memory: nothing is on its way any more.
    CameBack,
}
