//! Tricks by which a mail passes for something else: links that say one place and lead to
//! another, hosts and names that look like others. All of this only warns; what is found is told
//! beside the mail, and what is not found is no promise.

mod confusable;
mod host;
mod known;
mod link;
mod name;
mod said;

pub use host::{LookAlike, Trick, look_alike};
pub use known::{Likeness, Resemblance, resembles};
pub use link::{Destination, Detour, LinkDeceit, Words, beginning, names_a_place};
pub use name::{Borrowed, borrowed_name};

use crate::model::Address;

/// All that is suspicious about who a mail says it is from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SenderDeceit {
    /// The name carries another address or site than the sender's.
    pub borrowed: Option<Borrowed>,
    /// The domain is written with letters that look like others.
    pub look_alike: Option<LookAlike>,
    /// Somebody new who looks like somebody known.
    pub resemblance: Option<Resemblance>,
}

/// Looks at a sender, `known` being the addresses the person has written to or keeps. With
/// `confirmed`, a trusted server found that the mail comes from the address's domain.
pub fn sender(address: &Address, known: &[Address], confirmed: bool) -> SenderDeceit {
    SenderDeceit {
        borrowed: borrowed_name(address),
        look_alike: address
            .addr
            .rsplit_once('@')
            .and_then(|(_, domain)| look_alike(domain)),
        resemblance: resembles(address, known, confirmed),
    }
}

#[cfg(test)]
mod tests;
