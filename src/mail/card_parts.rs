//! Which parts of a message are shown as cards: told by the structure alone, so that nothing is
//! fetched of a message that has none. What lies in an attached message is that one's.

use super::structure::{MAX_DEPTH, Part};

/// Parts of a message that are looked at, and cards of one kind that are shown.
const PART_LIMIT: usize = 2000;
const CONTACT_LIMIT: usize = 5;
const WRAPPED_LIMIT: usize = 3;

/// The parts.
#[derive(Clone, Debug, Default)]
pub struct CardParts<'a> {
    /// text/calendar; of several the first that says what it is for.
    pub invitation: Option<&'a Part>,
    /// The message/delivery-status of a multipart/report (RFC 3464).
    pub delivery: Option<&'a Part>,
    /// Visiting cards (RFC 6350).
    pub contacts: Vec<&'a Part>,
    /// winmail.dat
    pub wrapped: Vec<&'a Part>,
}

impl CardParts<'_> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.invitation.is_none()
            && self.delivery.is_none()
            && self.contacts.is_empty()
            && self.wrapped.is_empty()
    }
}

/// Finds them in a message's structure.
pub fn card_parts(root: &Part) -> CardParts<'_> {
    let mut found = CardParts::default();
    let mut stack = vec![(root, 0_usize, false)];
    let mut seen = 0_usize;
    while let Some((part, depth, report)) = stack.pop() {
        seen = seen.saturating_add(1);
        if seen > PART_LIMIT {
            break;
        }
        if part.kind == "multipart" {
            if depth < MAX_DEPTH {
                let below = depth.saturating_add(1);
                let report = part.subtype == "report";
                let children = part.children.iter().rev();
                stack.extend(children.map(|child| (child, below, report)));
            }
            continue;
        }
        match kind(part, report) {
            Some(Kind::Invitation) => {
                let says = |part: &Part| part.param("method").is_some();
                if found
                    .invitation
                    .is_none_or(|first| !says(first) && says(part))
                {
                    found.invitation = Some(part);
                }
            }
            Some(Kind::Delivery) if found.delivery.is_none() => found.delivery = Some(part),
            Some(Kind::Contact) if found.contacts.len() < CONTACT_LIMIT => {
                found.contacts.push(part);
            }
            Some(Kind::Wrapped) if found.wrapped.len() < WRAPPED_LIMIT => found.wrapped.push(part),
            _ => {}
        }
    }
    found
}

enum Kind {
    Invitation,
    Delivery,
    Contact,
    Wrapped,
}

/// By the type; by the name's end where the type says nothing.
fn kind(part: &Part, report: bool) -> Option<Kind> {
    match (part.kind.as_str(), part.subtype.as_str()) {
        ("text", "calendar") | ("application", "ics") => Some(Kind::Invitation),
        ("message", "delivery-status" | "global-delivery-status") if report => Some(Kind::Delivery),
        ("text", "vcard" | "x-vcard" | "directory") => Some(Kind::Contact),
        ("application", "ms-tnef" | "vnd.ms-tnef") => Some(Kind::Wrapped),
        ("application", "octet-stream") | ("", _) | (_, "") => {
            let name = part.file_name()?.to_ascii_lowercase();
            match name.rsplit_once('.')?.1 {
                "ics" => Some(Kind::Invitation),
                "vcf" => Some(Kind::Contact),
                _ => (name == "winmail.dat").then_some(Kind::Wrapped),
            }
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: &str, mime: &str, name: &str) -> Part {
        let (kind, subtype) = mime.split_once('/').unwrap();
        let mut params = Vec::new();
        if !name.is_empty() {
            params.push(("name".to_owned(), name.to_owned()));
        }
        Part {
            id: id.to_owned(),
            kind: kind.to_owned(),
            subtype: subtype.to_owned(),
            params,
            ..Part::default()
        }
    }

    fn multipart(subtype: &str, children: Vec<Part>) -> Part {
        Part {
            kind: "multipart".to_owned(),
            subtype: subtype.to_owned(),
            children,
            ..Part::default()
        }
    }

    #[test]
    fn cards_are_found_by_type_and_name() {
        let mut calendar = leaf("1.2", "text/calendar", "");
        calendar.params.push(("method".into(), "REQUEST".into()));
        let root = multipart(
            "mixed",
            vec![
                leaf("1", "application/octet-stream", "first.ICS"),
                multipart("alternative", vec![leaf("1.1", "text/plain", ""), calendar]),
                leaf("3", "text/vcard", ""),
                leaf("4", "application/octet-stream", "winmail.dat"),
                leaf("5", "application/ms-tnef", "other.dat"),
                leaf("6", "application/pdf", "a.vcf"),
            ],
        );
        let found = card_parts(&root);
        assert_eq!(found.invitation.unwrap().id, "1.2");
        assert_eq!(found.contacts.len(), 1);
        let ids: Vec<_> = found.wrapped.iter().map(|part| part.id.as_str()).collect();
        assert_eq!(ids, ["4", "5"]);
        assert!(found.delivery.is_none() && !found.is_empty());
        assert!(card_parts(&leaf("1", "text/plain", "")).is_empty());
    }

    #[test]
    fn what_lies_in_an_attached_message_is_not_this_ones() {
        let mut inner = leaf("2", "message/rfc822", "");
        inner.children = vec![leaf("2.1", "text/calendar", "")];
        assert!(card_parts(&multipart("mixed", vec![inner])).is_empty());
        let status = || leaf("2", "message/delivery-status", "");
        assert!(card_parts(&multipart("mixed", vec![status()])).is_empty());
        assert!(
            card_parts(&multipart("report", vec![status()]))
                .delivery
                .is_some()
        );
    }

    #[test]
    fn bombs_take_no_time() {
        let mut part = leaf("1", "text/calendar", "");
        for _ in 0..500 {
            part = multipart("mixed", vec![part]);
        }
        assert!(card_parts(&part).is_empty());
        let many = (0..5_000).map(|_| leaf("1", "text/vcard", "")).collect();
        let many = multipart("mixed", many);
        assert_eq!(card_parts(&many).contacts.len(), CONTACT_LIMIT);
    }
}
