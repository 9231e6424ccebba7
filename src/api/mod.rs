//! The server functions: what the page asks of the server. Each is a few lines: who asks, do it,
//! say how it went. All are called by POST, so that the guard against other sites stands before
//! each, and a form without JavaScript can call those that change something.
//!
//! Their errors are `model::Error`; a plain form is led to a page that says it.

pub mod beside;
pub mod change;
pub mod conversations;
pub mod folders;
pub mod mailbox;
pub mod remote;
pub mod session;
