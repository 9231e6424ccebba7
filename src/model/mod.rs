//! What the browser and the server say to each other.
//!
//! Everything here crosses the wire and is compiled into the WebAssembly, so it is small and
//! flat: no I/O, no parsing, no `usize`. What mail means is worked out in `mail`, where it comes
//! from in `server`; these types only carry the result.

mod account;
mod address;
mod assurance;
mod beside;
mod card;
mod change;
mod conversation;
mod draft;
mod envelope;
mod error;
mod event;
mod folder;
mod listing;
mod message;
mod remote;
mod search;
mod theme;
pub mod uid_set;
mod visit;
pub mod wire;

pub use account::{Account, SignInOutcome, SignInProblem};
pub use address::Address;
pub use assurance::{Assurance, Check, Method, Outcome, Verdict, Warning};
pub use beside::{Beside, ReceiptWish, Unsubscribe};
pub use card::{
    Attendee, Cards, Contact, DeliveryReport, Fate, Invitation, InvitationAnswer, Participation,
    Purpose, RecipientReport, Wrapped, WrappedFile,
};
pub use change::{Change, Changed, Undo, Whereabouts};
pub use conversation::{Conversation, ConversationMember, ConversationRow, ConversationWindow};
pub use draft::{
    ComposeQuery, Composition, Draft, DraftAttachment, Origin, Problem, Relation, SendOutcome,
};
pub use envelope::{Envelope, Flags, Stamp, Window};
pub use error::Error;
pub use event::Event;
pub use folder::{Folder, FolderProblem, FolderRole, Folders, Quota, Space};
pub use listing::{Filter, Listing, Sort};
pub use message::{Attachment, BodyView, HeaderLine, Message, Nested, Protection};
pub use remote::{Blocked, Remote};
pub use search::{
    Hit, Hits, ListingNotes, QueryProblem, QueryProblemKind, SearchEvent, SearchPage,
};
pub use theme::Theme;
pub use visit::{Notice, Visit};
