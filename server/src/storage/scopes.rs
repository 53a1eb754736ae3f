//! What a token may be used for.

use std::fmt;

/// One thing that a token may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Reading what only its owner sees.
    Read,
    /// Changing what is its owner's.
    Write,
    /// On top of `write`: doing to others what moderators and admins may.
    Admin,
}

impl Scope {
    /// All of them, from the least to the greatest.
    pub const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Admin];

    /// The name on the wire and in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of scopes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Scopes(u8);

impl Scopes {
    /// Everything that the owner may do: browsers, and tokens unless told otherwise.
    pub const ALL: Self = Self(Scope::Read.bit() | Scope::Write.bit() | Scope::Admin.bit());

    /// Is this one of them?
    #[must_use]
    pub const fn has(self, scope: Scope) -> bool {
        self.0 & scope.bit() != 0
    }

    /// Their names, from the least to the greatest.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let held = Scope::ALL.into_iter().filter(|scope| self.has(*scope));
        held.map(Scope::as_str).collect()
    }

    /// The scopes of these names; `None` if one of them is the name of none.
    #[must_use]
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        names.into_iter().map(Scope::named).collect()
    }
}

impl FromIterator<Scope> for Scopes {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().fold(0, |bits, scope| bits | scope.bit()))
    }
}

/// As the names with spaces in between, as they are stored in a column.
impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_back_as_they_are_written() {
        for bits in 0..8 {
            let scopes = Scopes(bits);
            assert_eq!(Scopes::named(scopes.to_string().split_whitespace()), Some(scopes));
        }
        assert_eq!(Scopes::ALL.to_string(), "read write admin");
        assert_eq!(Scopes::named(["read", "root"]), None);
        assert_eq!(Scopes::named(["write", "write"]).unwrap().names(), ["write"]);
    }
}
