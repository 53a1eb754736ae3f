use siskin_domain::{Bio, DisplayName, Email, FieldError, Password, Username};

/// Which form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `/login`
    LogIn,
    /// `/signup`
    SignUp,
    /// `/profile`
    Profile,
}

impl Kind {
    /// Where it is sent to.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::LogIn => "/login",
            Self::SignUp => "/signup",
            Self::Profile => "/profile",
        }
    }

    /// Its fields that people see, in order.
    #[must_use]
    pub const fn fields(self) -> &'static [&'static str] {
        match self {
            Self::LogIn => &["username", "password"],
            Self::SignUp => &["username", "email", "password", "name"],
            Self::Profile => &["name", "username", "email", "bio", "password", "current_password"],
        }
    }

    /// What is wrong with a field's value, by the same rules as on the server.
    pub(super) fn check(self, field: &str, value: &str) -> Option<String> {
        let refused = |error: FieldError| error.message.into_owned();
        match (self, field) {
            (Self::LogIn, "username") if value.trim().is_empty() => {
                Some("Type your username.".to_owned())
            }
            (Self::LogIn, "password") if value.is_empty() => Some("Type your password.".to_owned()),
            (Self::LogIn, _) => None,
            (_, "username") => Username::parse(value).err().map(refused),
            (_, "email") => Email::parse(value).err().map(refused),
            // A name may be left out when signing up: the username serves.
            (Self::SignUp, "name") if value.trim().is_empty() => None,
            (_, "name") => DisplayName::parse(value).err().map(refused),
            (_, "bio") => Bio::parse(value).err().map(refused),
            // The password stays as it is if the field is left empty.
            (Self::Profile, "password") if value.is_empty() => None,
            (_, "password") => Password::parse(value).err().map(refused),
            _ => None,
        }
    }

    /// What is wrong with all of it, in order of the fields.
    pub(super) fn check_all(self, values: &[(String, String)]) -> Vec<(String, String)> {
        let value = |field: &str| {
            values.iter().find(|(name, _)| name == field).map_or("", |(_, value)| value.as_str())
        };
        let mut wrong = Vec::new();
        for field in self.fields() {
            let needs_current = self == Self::Profile
                && *field == "current_password"
                && !value("password").is_empty()
                && value(field).is_empty();
            let message = if needs_current {
                Some("Type your current password to change it.".to_owned())
            } else {
                self.check(field, value(field))
            };
            if let Some(message) = message {
                wrong.push(((*field).to_owned(), message));
            }
        }
        wrong
    }
}
