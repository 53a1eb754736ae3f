//! What pages are made of.

pub mod avatar;
pub mod body;
pub mod card;
pub mod composer;
pub mod delete_dialog;
pub mod field;
pub mod flash;
pub mod form;
pub mod header;
pub mod loading;
pub mod older;
pub mod pill;
pub mod theme_switch;
pub mod timeline;
