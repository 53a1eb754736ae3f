//! The same facts about HTTP as in `tests/http`, over MongoDB.

#![expect(clippy::unwrap_used, reason = "tests")]

#[path = "../http/account_delete.rs"]
mod account_delete;
#[path = "../http/admin_status.rs"]
mod admin_status;
#[path = "../http/app.rs"]
mod app;
#[path = "../http/closed.rs"]
mod closed;
#[path = "../http/erasure.rs"]
mod erasure;
#[path = "../http/factors/mod.rs"]
mod factors;
#[path = "../http/invitations.rs"]
mod invitations;
#[path = "../http/letters.rs"]
mod letters;
#[path = "../http/mail.rs"]
mod mail;
#[path = "../http/moderation_pages.rs"]
mod moderation_pages;
#[path = "../support/mongodb.rs"]
#[expect(dead_code, reason = "shared by several test programs")]
mod mongodb;
#[path = "../http/oidc/mod.rs"]
mod oidc;
#[path = "../http/own_data.rs"]
mod own_data;
#[path = "../http/pages.rs"]
mod pages;
#[path = "../http/place.rs"]
mod place;
#[path = "../http/rules/mod.rs"]
mod rules;
#[path = "../http/settings.rs"]
mod settings;
#[path = "../support/stopwatch.rs"]
mod stopwatch;
#[path = "../http/v1/mod.rs"]
mod v1;
#[path = "../http/v2/mod.rs"]
mod v2;
