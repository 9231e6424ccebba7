//! What the reader knows of the images that a message wants from the net.

use serde::{Deserialize, Serialize};

/// How much of a body was not loaded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocked {
    /// Images that can be seen.
    pub images: u32,
    /// Images that are there to count readers.
    pub pixels: u32,
}

/// How the images of a message can be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// What stands in an address for "show them": good for this message and this session only.
    pub consent: String,
    /// The address that can be trusted with it; `None` where it is not clear who wrote.
    pub sender: Option<String>,
    /// Whether the person has said "always".
    pub trusted: bool,
    /// What the body had when it was shown last; `None` where nobody has looked yet.
    pub blocked: Option<Blocked>,
}
