//! OpenID providers: `SISKIN_OIDC_<NAME>_ISSUER` and its like. Their names are the operator's, so
//! clap does not know them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

use openidconnect::{ClientId, ClientSecret};

use super::secret;
use crate::oidc::ProviderConfig;

const PREFIX: &str = "SISKIN_OIDC_";
/// What follows a name. Longer ones stand before those that they end in.
const PARTS: [&str; 5] = ["CLIENT_SECRET_FILE", "CLIENT_SECRET", "CLIENT_ID", "ISSUER", "LABEL"];
/// The longest name, and the longest label, in characters.
const LONGEST_NAME: usize = 32;
const LONGEST_LABEL: usize = 40;

/// What `siskin serve --help` says at its end.
pub(super) const HELP: &str = "\
Signing in with OpenID Connect, for as many providers as there are names:
  SISKIN_OIDC_<NAME>_ISSUER         who it is: https://accounts.google.com
  SISKIN_OIDC_<NAME>_CLIENT_ID      what it calls this server
  SISKIN_OIDC_<NAME>_CLIENT_SECRET  what proves that; or in a file: …_CLIENT_SECRET_FILE
  SISKIN_OIDC_<NAME>_LABEL          its name on the button, unless <NAME> will do
<NAME> has A-Z, 0-9 and _ and begins with a letter. The provider sends people back to
SISKIN_PUBLIC_URL/log-in/with/<name>/callback, in small letters and with - for _.";

/// The providers that the environment names, in order of their names.
///
/// # Errors
/// A sentence that names the variable.
pub(super) fn from_environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Vec<ProviderConfig>, String> {
    let mut named: BTreeMap<String, BTreeMap<&str, String>> = BTreeMap::new();
    for (variable, value) in variables {
        let Some(variable) = variable.to_str().filter(|name| name.starts_with(PREFIX)) else {
            continue;
        };
        let (name, part) = split(variable)?;
        let value = value.into_string().map_err(|_| format!("{variable} is not Unicode."))?;
        named.entry(name.to_owned()).or_default().insert(part, value);
    }
    named.iter().map(|(name, parts)| provider(name, parts)).collect()
}

/// The name and the part of a variable.
fn split(variable: &str) -> Result<(&str, &'static str), String> {
    let rest = &variable[PREFIX.len()..];
    let found = PARTS.into_iter().find_map(|part| {
        Some((rest.strip_suffix(part)?.strip_suffix('_')?, part))
            .filter(|(name, _)| !name.is_empty())
    });
    let (name, part) = found.ok_or_else(|| {
        format!(
            "{variable} is unknown: after {PREFIX} and a name comes _ISSUER, _CLIENT_ID, \
             _CLIENT_SECRET, _CLIENT_SECRET_FILE or _LABEL."
        )
    })?;
    let fits = name.len() <= LONGEST_NAME
        && name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    if fits {
        return Ok((name, part));
    }
    Err(format!(
        "{variable}: a provider's name has at most {LONGEST_NAME} of A-Z, 0-9 and _, and begins \
         with a letter."
    ))
}

fn provider(name: &str, parts: &BTreeMap<&str, String>) -> Result<ProviderConfig, String> {
    let variable = |part: &str| format!("{PREFIX}{name}_{part}");
    let filled = |part: &str| parts.get(part).map(String::as_str).filter(|text| !text.is_empty());
    let needed = |part: &str| {
        filled(part).ok_or_else(|| {
            format!(
                "{} is missing: {PREFIX}{name}_ISSUER, _CLIENT_ID and _CLIENT_SECRET (or \
                 _CLIENT_SECRET_FILE) go together.",
                variable(part)
            )
        })
    };
    let issuer = needed("ISSUER")?;
    let issuer = ProviderConfig::issuer(issuer)
        .map_err(|why| format!("{} can't be \"{issuer}\": {why}.", variable("ISSUER")))?;
    let client_id = needed("CLIENT_ID")?;
    let client_secret = match (filled("CLIENT_SECRET"), filled("CLIENT_SECRET_FILE")) {
        (Some(_), Some(_)) => return Err(secret::both(&variable("CLIENT_SECRET"))),
        (None, Some(file)) => secret::read(&variable("CLIENT_SECRET_FILE"), Path::new(file))?,
        (secret, None) => secret.map_or_else(|| needed("CLIENT_SECRET"), Ok)?.to_owned(),
    };
    let label = filled("LABEL").map_or_else(|| spoken(name), |label| label.trim().to_owned());
    if label.is_empty() || label.chars().count() > LONGEST_LABEL {
        let variable = variable("LABEL");
        return Err(format!("{variable}: a label has 1 to {LONGEST_LABEL} characters."));
    }
    Ok(ProviderConfig {
        name: name.to_ascii_lowercase().replace('_', "-"),
        label,
        issuer,
        client_id: ClientId::new(client_id.to_owned()),
        client_secret: ClientSecret::new(client_secret),
    })
}

/// `MY_KEYCLOAK` as people write it: `My Keycloak`.
fn spoken(name: &str) -> String {
    let word = |word: &str| {
        let (first, rest) = word.split_at(word.len().min(1));
        [first, &rest.to_ascii_lowercase()].concat()
    };
    name.split('_').map(word).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOGLE: [(&str, &str); 3] = [
        ("SISKIN_OIDC_GOOGLE_ISSUER", "https://accounts.google.com"),
        ("SISKIN_OIDC_GOOGLE_CLIENT_ID", "me"),
        ("SISKIN_OIDC_GOOGLE_CLIENT_SECRET", "s3cret"),
    ];

    fn read(variables: &[(&str, &str)]) -> Result<Vec<ProviderConfig>, String> {
        from_environment(variables.iter().map(|(name, value)| (name.into(), value.into())))
    }

    #[test]
    fn several_providers_are_named_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "from a file\n").unwrap();
        let mut all = GOOGLE.to_vec();
        all.extend([
            ("HOME", "/root"),
            ("SISKIN_OIDC_AT_HOME_ISSUER", "http://127.0.0.1:8080/realms/a"),
            ("SISKIN_OIDC_AT_HOME_CLIENT_ID", "siskin"),
            ("SISKIN_OIDC_AT_HOME_CLIENT_SECRET_FILE", file.to_str().unwrap()),
            ("SISKIN_OIDC_GOOGLE_LABEL", " Google, of course "),
        ]);
        let found = read(&all).unwrap();
        let told: Vec<_> = found
            .iter()
            .map(|one| (one.name.as_str(), one.label.as_str(), one.client_secret.secret().as_str()))
            .collect();
        let expected =
            [("at-home", "At Home", "from a file"), ("google", "Google, of course", "s3cret")];
        assert_eq!(told, expected);
        assert!(!format!("{found:?}").contains("s3cret"));
        assert!(read(&[]).unwrap().is_empty());
    }

    #[test]
    fn half_a_provider_is_one_sentence_that_names_the_variable() {
        for missing in 0..GOOGLE.len() {
            let mut some = GOOGLE.to_vec();
            let (variable, _) = some.remove(missing);
            let text = read(&some).unwrap_err();
            assert!(text.starts_with(&format!("{variable} is missing: ")), "{text}");
            some.push((variable, ""));
            assert_eq!(read(&some).unwrap_err(), text);
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_no_secret_is_shown() {
        let long = "x".repeat(41);
        for (variable, value, why) in [
            ("SISKIN_OIDC_GOOGLE_ISSUER", "http://example.org", "https://"),
            ("SISKIN_OIDC_GOOGLE_ISSUER", "https://a:b@example.org", "https://"),
            ("SISKIN_OIDC_GOOGLE_ISSUER", "https://example.org/?a", "https://"),
            ("SISKIN_OIDC_GOOGLE_ISSUER", "google", "https://"),
            ("SISKIN_OIDC_GOOGLE_LABEL", &long, "40 characters"),
            ("SISKIN_OIDC_GOOGLE_LABEL", "  ", "40 characters"),
            ("SISKIN_OIDC_GOOGLE_CLIENT_SECRET_FILE", "/nowhere", "leave one away"),
            ("SISKIN_OIDC_GOOGLE_SECRET", "x", "is unknown"),
            ("SISKIN_OIDC_ISSUER", "x", "is unknown"),
            ("SISKIN_OIDC_google_LABEL", "x", "begins with a letter"),
            ("SISKIN_OIDC_7_LABEL", "x", "begins with a letter"),
        ] {
            let mut all = GOOGLE.to_vec();
            all.push((variable, value));
            let text = read(&all).unwrap_err();
            assert!(text.contains(why) && text.contains("SISKIN_OIDC_"), "{text}");
            assert_eq!(text.lines().count(), 1, "{text}");
            assert!(!text.contains("s3cret"), "{text}");
        }
    }

    #[test]
    fn an_issuer_on_this_machine_may_do_without_https() {
        for text in ["http://localhost:1/a", "http://127.0.0.1", "http://[::1]:9", "https://a.b"] {
            assert!(ProviderConfig::issuer(text).is_ok(), "{text}");
        }
        for text in ["http://10.0.0.1", "http://localhost.example.org", "ftp://localhost", ""] {
            assert!(ProviderConfig::issuer(text).is_err(), "{text}");
        }
    }
}
