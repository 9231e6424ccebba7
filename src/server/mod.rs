//! The server's half: configuration, sessions, and the connections to the mail servers.

pub mod config;
pub mod flash;
pub mod kept;
pub mod session;
pub mod smtp;
pub mod stamp;
pub mod throttle;
pub mod tls;
