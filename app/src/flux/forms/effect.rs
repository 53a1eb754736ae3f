/// What the world should do for a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Send the fields to a path.
    Send {
        /// Where to.
        path: &'static str,
        /// Name and value.
        fields: Vec<(String, String)>,
    },
    /// Load a page anew.
    Go(String),
    /// Bring the person to a field.
    Focus(String),
}
