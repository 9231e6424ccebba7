//! The server's half: configuration, sessions, and the connections to the mail servers.

pub mod caller;
pub mod config;
pub mod engines;
pub mod flash;
pub mod guard;
pub mod imap;
pub mod kept;
pub mod mailbox;
pub mod session;
pub mod signing_in;
pub mod smtp;
pub mod stamp;
pub mod state;
pub mod throttle;
pub mod tls;
pub mod visitor;
