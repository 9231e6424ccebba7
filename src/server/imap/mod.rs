//! The IMAP engine: what a signed-in person's requests ask of the mail server.
//!
//! * [`engine`] is the door: one [`Engine`] a signed-in user, operations by folder names and UIDs.
//!   Each kind of operation has its file: [`folders`] (with [`tree`], pure), [`roles`] with
//!   [`role_names`],
//!   [`window`], [`open`], [`parts`], [`change`], [`append`].
//! * [`pool`] keeps the connections: at most three, with the folder they have open.
//!   `backoff` says when one that failed to open is tried again, [`pace`] how fast time goes.
//! * [`connection`] runs commands and checks answers, a [`round`] at a time; [`view`] is what it
//!   knows of the server; [`sign_in`] opens one, [`select`] goes into a mailbox.
//! * [`wire`] writes commands so that nothing can break out of them; [`guard`] keeps from the
//!   parser what it does not survive; [`answer`], [`bodystructure`], [`preview`] and [`date`]
//!   turn what it makes into values of ours; [`error`] says what can go wrong.
//!
//! No mail and no password is ever in a log line or an error made here.

pub mod answer;
pub mod append;
mod backoff;
pub mod bodystructure;
pub mod change;
pub mod connection;
pub mod date;
pub mod engine;
pub mod error;
pub mod folders;
pub mod guard;
pub mod open;
pub mod pace;
pub mod parts;
pub mod pool;
pub mod preview;
pub mod role_names;
pub mod roles;
pub mod round;
pub mod select;
pub mod sign_in;
pub mod tree;
pub mod view;
pub mod window;
pub mod wire;

pub use engine::Engine;
pub use error::{Code, ImapError, SignInError};
pub use open::RawMessage;
pub use pace::Pace;
pub use parts::{PartRequest, RawPart};
pub use sign_in::Server;
pub use window::{RawRow, RawWindow};
