//! Those files of src/model that src/mail needs, so that nothing of the server and of the pages is
//! built along with it.

#[path = "../../src/model/address.rs"]
mod address;
#[path = "../../src/model/assurance.rs"]
mod assurance;
#[path = "../../src/model/beside.rs"]
mod beside;
#[path = "../../src/model/draft.rs"]
mod draft;
#[path = "../../src/model/envelope.rs"]
mod envelope;
#[path = "../../src/model/error.rs"]
mod error;
#[path = "../../src/model/folder.rs"]
mod folder;
#[path = "../../src/model/message.rs"]
mod message;
#[path = "../../src/model/remote.rs"]
mod remote;
#[path = "../../src/model/search.rs"]
mod search;

/// How errors cross the wire is nothing that mail is fed to.
mod wire {
    pub use server_fn::codec::JsonEncoding as Wire;
}

pub use address::Address;
pub use assurance::{Assurance, Check, Method, Outcome, Verdict, Warning};
pub use beside::{Beside, ReceiptWish, Unsubscribe};
pub use draft::{Draft, DraftAttachment, Origin, Relation};
pub use envelope::{Envelope, Flags, Stamp};
pub use error::Error;
pub use folder::FolderProblem;
pub use message::{Attachment, HeaderLine, Protection};
pub use remote::{Blocked, Remote};
pub use search::{ListingNotes, QueryProblem, QueryProblemKind};
