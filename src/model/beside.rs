//! What the reader says and offers about a message beside its body, as far as the header and the
//! structure tell it, which are fetched anyway.

use super::{Address, Assurance};
use serde::{Deserialize, Serialize};

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beside {
    pub assurance: Assurance,
    /// How to leave the mailing list it came by.
    pub unsubscribe: Option<Unsubscribe>,
    /// Who would like to know that it was read; `None` also where that was told.
    pub receipt: Option<ReceiptWish>,
    /// Whether there are parts that are shown as cards, which are fetched by themselves.
    pub cards: bool,
    /// Whether it is still to be asked if the sender looks like somebody the person has written to;
    /// that is not known at once.
    pub unasked: bool,
}

/// The ways out of a mailing list, of which the first that is there is offered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unsubscribe {
    /// The host that is told, where one click is enough (RFC 8058). Its address stays at the server.
    pub one_click: Option<String>,
    /// The composer's address for the letter that ends the subscription.
    pub letter: Option<String>,
    /// The host of the sender's page for it. Its address stays at the server too.
    pub page: Option<String>,
}

/// A wish for a read receipt (RFC 8098).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptWish {
    /// Where it would go.
    pub to: Vec<Address>,
    /// Whether that is another address than the mail came from.
    pub elsewhere: bool,
}
