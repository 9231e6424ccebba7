//! The IMAP engine: what a signed-in person's requests ask of the mail server.
//!
//! * [`engine`] is the door: one [`Engine`] a signed-in user, operations by folder names and UIDs.
//!   Each kind of operation has its file: [`folders`] (with [`tree`], pure), [`roles`] with
//!   [`role_names`], [`window`], [`open`], [`parts`] and `pieces`, [`change`], [`append`],
//!   [`manage`], after which it is for `settle` to see that the server lists what was done.
//! * A [`listing`] in another order than by arrival, or of some messages only, is an [`ordering`]
//!   that is got once, by [`sorting`] or [`search`] from [`criteria`], and kept.
//! * [`headers`] keeps what was fetched of the rows of a list, so that the next look at them asks for
//!   their flags only.
//! * [`conversations`] lists which messages belong together, kept in [`shelf`] and true by
//!   [`follow`]; [`conversation`] gathers one; [`names`] is what both ask of messages.
//! * [`written_to`] keeps whom the person has written to lately.
//! * [`pool`] keeps the connections: at most three, with the folder they have open. `backoff` says
//!   when one that failed to open is tried again, [`pace`] how fast time goes.
//! * [`watch`] hears of changes as they happen, over a connection of its own, which waits in
//!   [`idle`].
//! * [`connection`] runs commands and checks answers, a [`round`] at a time; [`view`] is what it
//!   knows of the server; [`sign_in`] opens one, [`select`] goes into a mailbox.
//! * [`wire`] writes commands so that nothing can break out of them; [`guard`] keeps from the
//!   parser what it does not survive, and hands what it cannot read to [`thread`], [`esearch`],
//!   [`found`] and [`namespace`]; [`answer`], [`bodystructure`], [`preview`], [`quota`] and
//!   [`date`] turn what it makes into values of ours; [`error`] says what can go wrong.
//!
//! No mail and no password is ever in a log line or an error made here.

pub mod answer;
pub mod append;
mod backoff;
pub mod bodystructure;
pub mod change;
pub mod connection;
pub mod conversation;
pub mod conversations;
pub mod criteria;
pub mod date;
pub mod engine;
pub mod error;
pub mod esearch;
pub mod folders;
pub mod follow;
pub mod found;
pub mod guard;
pub mod headers;
pub mod idle;
pub mod listing;
pub mod manage;
pub mod names;
pub mod namespace;
pub mod open;
pub mod ordering;
pub mod overview;
pub mod pace;
pub mod parts;
mod pieces;
pub mod pool;
pub mod preview;
pub mod quota;
pub mod role_names;
pub mod roles;
pub mod round;
pub mod search;
pub mod select;
mod settle;
pub mod shelf;
pub mod sign_in;
pub mod sorting;
pub mod thread;
pub mod touched;
pub mod tree;
pub mod view;
pub mod watch;
pub mod window;
pub mod wire;
pub mod written_to;

pub use change::Copied;
pub use conversation::{RawConversation, RawMember};
pub use conversations::{Grouping, RawConversationRow, RawConversations, RawOther};
pub use criteria::Demand;
pub use engine::Engine;
pub use error::{Code, ImapError, SignInError};
pub use headers::{Budget, Figures};
pub use listing::RawListing;
pub use open::RawMessage;
pub use overview::Overview;
pub use pace::Pace;
pub use parts::{PartRequest, RawPart};
pub use search::{Bounds, Hits, Passes, Progress};
pub use sign_in::Server;
pub use window::{RawRow, RawWindow};
