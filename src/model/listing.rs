//! How a folder is listed: the order of its rows, and which of them are shown. It stands in the
//! address, so that a list can be linked to and comes back after a reload.

use serde::{Deserialize, Serialize};

/// The order of the rows, the first being on top.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sort {
    /// As they came, newest first.
    #[default]
    Arrival,
    /// By the Date field, newest first.
    Date,
    /// By sender, A to Z.
    Sender,
    /// By subject, A to Z, without `Re:` and its like.
    Subject,
    /// Largest first.
    Size,
    /// Unread ones, then the others, each by arrival.
    UnreadFirst,
    /// Starred ones, then the others, each by arrival.
    StarredFirst,
}

impl Sort {
    /// All of them, in the order they are offered.
    pub const ALL: [Self; 7] = [
        Self::Arrival,
        Self::Date,
        Self::Sender,
        Self::Subject,
        Self::Size,
        Self::UnreadFirst,
        Self::StarredFirst,
    ];

    /// The value of `?sort=`; empty for the usual order.
    pub fn value(self) -> &'static str {
        match self {
            Self::Arrival => "",
            Self::Date => "date",
            Self::Sender => "sender",
            Self::Subject => "subject",
            Self::Size => "size",
            Self::UnreadFirst => "unread",
            Self::StarredFirst => "starred",
        }
    }

    /// Back from [`Self::value`]; what is no order is the usual one.
    pub fn from_value(value: &str) -> Self {
        Self::ALL
            .into_iter()
            .find(|sort| sort.value() == value)
            .unwrap_or_default()
    }
}

/// Which rows are shown: those to which all that is set applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    pub unread: bool,
    pub starred: bool,
    pub attachment: bool,
}

impl Filter {
    /// The value of `?filter=`; empty where all rows are shown.
    pub fn value(self) -> String {
        [
            (self.unread, "unread"),
            (self.starred, "starred"),
            (self.attachment, "attachment"),
        ]
        .into_iter()
        .filter_map(|(on, name)| on.then_some(name))
        .collect::<Vec<_>>()
        .join(",")
    }

    /// Back from [`Self::value`]; unknown names are passed over.
    pub fn from_value(value: &str) -> Self {
        let has = |wanted| value.split(',').any(|name| name == wanted);
        Self {
            unread: has("unread"),
            starred: has("starred"),
            attachment: has("attachment"),
        }
    }
}

/// How a folder is listed. The default is the folder as it is: all rows, newest on top.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Listing {
    #[serde(default)]
    pub sort: Sort,
    #[serde(default)]
    pub filter: Filter,
    /// A search as typed; empty for none.
    #[serde(default)]
    pub query: String,
    /// A row a conversation instead of a row a message. Not in the address: the person chooses it
    /// for all folders.
    #[serde(default)]
    pub conversations: bool,
}

impl Listing {
    /// Whether this is all of the folder in the usual order, be it by messages or by conversations.
    pub fn is_plain(&self) -> bool {
        self.sort == Sort::default() && self.filter == Filter::default() && self.query.is_empty()
    }

    /// The same by conversations where that is wanted and makes sense: what is searched, filtered
    /// or sorted is listed by messages.
    #[must_use]
    pub fn by_conversations(self, wanted: bool) -> Self {
        Self {
            conversations: wanted && self.is_plain(),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Filter, Sort};

    #[test]
    fn orders_and_filters_stand_in_addresses() {
        for sort in Sort::ALL {
            assert_eq!(Sort::from_value(sort.value()), sort);
        }
        assert_eq!(Sort::from_value("nonsense"), Sort::Arrival);
        let filter = Filter {
            unread: true,
            starred: false,
            attachment: true,
        };
        assert_eq!(filter.value(), "unread,attachment");
        assert_eq!(Filter::from_value("attachment,x,unread"), filter);
        assert_eq!(Filter::default().value(), "");
    }
}
