//! Value types: parsed once at the edge, then carried as what they are.

mod bio;
mod display_name;
mod email;
mod field_error;
mod password;
mod reason;
mod role;
mod tweet_body;
mod username;

pub use bio::Bio;
pub use display_name::DisplayName;
pub use email::Email;
pub use field_error::FieldError;
pub use password::Password;
pub use reason::Reason;
pub use role::Role;
pub use tweet_body::TweetBody;
pub use username::Username;

/// The text's newtype plumbing: display and `as_str`; with `parsed`, also reading through `parse`,
/// which is what deserialising does.
macro_rules! text_value {
    ($name:ident, parsed) => {
        text_value!($name);
        impl TryFrom<String> for $name {
            type Error = FieldError;
            fn try_from(text: String) -> Result<Self, FieldError> {
                Self::parse(&text)
            }
        }
    };
    ($name:ident) => {
        impl $name {
            /// The text itself.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
        impl From<$name> for String {
            fn from(value: $name) -> Self {
                value.0.into()
            }
        }
    };
}
pub(crate) use text_value;
