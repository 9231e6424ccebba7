//! Those files of src/model that src/mail needs, so that nothing of the server and of the pages is
//! built along with it.

#[path = "../../src/model/address.rs"]
mod address;
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
#[path = "../../src/model/search.rs"]
mod search;

pub use address::Address;
pub use draft::{Draft, DraftAttachment, Origin, Relation};
pub use envelope::{Envelope, Flags, Stamp};
pub use error::Error;
pub use folder::FolderProblem;
pub use message::{Attachment, HeaderLine};
pub use search::{ListingNotes, QueryProblem, QueryProblemKind};
