//! Secrets come from the environment, or from files that it names: as orchestrators hand them out.

use std::path::Path;

/// The content of a file that `variable` names, without the newline at its end.
///
/// # Errors
/// A sentence that names the variable.
pub fn read(variable: &str, path: &Path) -> Result<String, String> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| format!("{variable}: can't read {}: {error}.", path.display()))?;
    let text = text.strip_suffix('\n').unwrap_or(&text);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(format!("{variable}: {} is empty.", path.display()));
    }
    Ok(text.to_owned())
}

/// The secret in `variable`, or in the file that `variable` and `_FILE` names.
///
/// # Errors
/// A sentence that names the variable, if both are set or the file can't be read.
pub fn from_environment(variable: &str) -> Result<Option<String>, String> {
    let file = format!("{variable}_FILE");
    match (std::env::var(variable).ok(), std::env::var_os(&file)) {
        (Some(_), Some(_)) => Err(both(variable)),
        (Some(text), None) => Ok(Some(text)),
        (None, Some(path)) => read(&file, Path::new(&path)).map(Some),
        (None, None) => Ok(None),
    }
}

/// What is said to whoever gives a secret twice.
pub(super) fn both(variable: &str) -> String {
    format!("{variable} and {variable}_FILE are both set: leave one away.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_newline_at_the_end_is_the_editors() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("secret");
        for (content, secret) in [
            ("s3cret", "s3cret"),
            ("s3cret\n", "s3cret"),
            ("s3cret\r\n", "s3cret"),
            (" a \n\n", " a \n"),
        ] {
            std::fs::write(&path, content).unwrap();
            assert_eq!(read("SISKIN_X_FILE", &path).as_deref(), Ok(secret));
        }
        for content in ["", "\n"] {
            std::fs::write(&path, content).unwrap();
            assert!(read("SISKIN_X_FILE", &path).unwrap_err().starts_with("SISKIN_X_FILE: "));
        }
    }
}
