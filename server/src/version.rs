//! Which Siskin this is: the version, and the commit it was built from.
//!
//! `tools/build.sh` and `tools/release.sh` say which commit that is. Plain `cargo build` does not,
//! so that a commit alone compiles nothing anew.

use std::sync::LazyLock;

/// The version in Cargo.toml.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The first twelve digits of the commit, with `-dirty` if files differed from it; or `unknown`.
pub const COMMIT: &str = match option_env!("SISKIN_COMMIT") {
    Some(commit) => commit,
    None => "unknown",
};

/// The day of that commit (UTC), as `2026-11-28`, if it is known. Never the day of building: the
/// same sources make the same executable.
pub const COMMIT_DATE: Option<&str> = option_env!("SISKIN_COMMIT_DATE");

/// What `--version` says after the name: `0.1.0 (0123456789ab, 2026-11-28)`.
#[must_use]
pub fn long() -> &'static str {
    static LONG: LazyLock<String> = LazyLock::new(|| match COMMIT_DATE {
        Some(date) => format!("{VERSION} ({COMMIT}, {date})"),
        None => format!("{VERSION} ({COMMIT})"),
    });
    &LONG
}
