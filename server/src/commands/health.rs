//! `siskin health`: is the server ready? For the health checks of containers, which have no other
//! program, and for people.

use std::error::Error as _;

use siskin_server::config::{HealthConfig, Question};

use super::print_line;

/// How much of an answer is read: reasons are short.
const LONGEST: usize = 4096;

/// Asks once: a line on success, else the reasons.
pub(crate) async fn run(config: HealthConfig) -> Result<(), String> {
    let question = config.question()?;
    let (ready, said) = ask(&question, &config)
        .await
        .map_err(|error| format!("{} does not answer: {}", question.url, innermost(&error)))?;
    let reasons: Vec<&str> = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    if ready {
        // The first says that it is.
        let but = reasons.iter().skip(1).map(|reason| format!(", but {reason}"));
        print_line(&format!("{} is ready{}", question.url, but.collect::<String>()))
    } else {
        Err(format!("{} is not ready: {}", question.url, reasons.join("; ")))
    }
}

async fn ask(question: &Question, config: &HealthConfig) -> reqwest::Result<(bool, String)> {
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(config.patience())
        .user_agent(concat!("siskin/", env!("CARGO_PKG_VERSION")))
        // Our own certificate names the host that people type. Nothing secret is said here.
        .danger_accept_invalid_certs(question.own)
        .build()?;
    let mut response = client.get(&question.url).send().await?;
    let mut said = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        said.extend_from_slice(&chunk);
        if said.len() > LONGEST {
            said.truncate(LONGEST);
            break;
        }
    }
    let status = response.status();
    let mut said = String::from_utf8_lossy(&said).into_owned();
    if said.trim().is_empty() || !(status.is_success() || status.as_u16() == 503) {
        // Not the words of /readyz: something else answers there.
        said = status.to_string();
    }
    Ok((status.is_success(), said))
}

/// The cause that says most: "connection refused" rather than "error sending request".
fn innermost(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "not in time".to_owned();
    }
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    match error.source() {
        Some(_) => cause.to_string(),
        None => error.to_string(),
    }
}
