//! An address as people see it: a display name and an addr-spec (RFC 5322, section 3.4).

use serde::{Deserialize, Serialize};

/// One mailbox of an address list. Groups are flattened before they get here.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Address {
    /// The display name, decoded (RFC 2047), without line breaks; `None` where there is none.
    pub name: Option<String>,
    /// The addr-spec, `local@domain`, as the mail says it; may be empty or odd in a broken mail.
    pub addr: String,
}

impl Address {
    /// The name to show where there is room for one thing only: the display name, else the address.
    pub fn label(&self) -> &str {
        match &self.name {
            Some(name) if !name.trim().is_empty() => name,
            _ => &self.addr,
        }
    }
}
