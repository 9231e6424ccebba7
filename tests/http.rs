//! The whole HTTP side as browsers and attackers meet it: the real router on a real port, against
//! the real Dovecot and Postfix of the mail stand. A test that passes leaves nothing in a mailbox.

// Clippy's leave for tests ends at their helpers.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used
)]

mod corpus_support;
mod fault_support;
mod http_support;

#[path = "http_support/bad_calls.rs"]
mod bad_calls;
#[path = "http_support/bad_forms.rs"]
mod bad_forms;
#[path = "http_support/bad_input.rs"]
mod bad_input;
#[path = "http_support/cards.rs"]
mod cards;
#[path = "http_support/composing.rs"]
mod composing;
#[path = "http_support/conversations.rs"]
mod conversations;
#[path = "http_support/corpus.rs"]
mod corpus;
#[path = "http_support/cross_site.rs"]
mod cross_site;
#[path = "http_support/escaping.rs"]
mod escaping;
#[path = "http_support/files.rs"]
mod files;
#[path = "http_support/folders.rs"]
mod folders;
#[path = "http_support/headers.rs"]
mod headers;
#[path = "http_support/links.rs"]
mod links;
#[path = "http_support/lost_answers.rs"]
mod lost_answers;
#[path = "http_support/remote.rs"]
mod remote;
#[path = "http_support/searching.rs"]
mod searching;
#[path = "http_support/sending.rs"]
mod sending;
#[path = "http_support/sessions.rs"]
mod sessions;
#[path = "http_support/signing_in.rs"]
mod signing_in;
#[path = "http_support/unreachable.rs"]
mod unreachable;
#[path = "http_support/walking.rs"]
mod walking;
