//! What was typed and could not be used yet: a composer's form whose mail was refused, or that came
//! with an expired session, from a browser without JavaScript. It is kept for an hour, in memory,
//! until the composer asks for it again; it is bound to the person who typed it where that is
//! known.

use super::session::random_token;
use crate::model::{Draft, Problem};
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is kept is forgotten after this time.
const LIFE: Duration = Duration::from_hours(1);
/// Forms kept on a shelf, and the octets on it; the oldest go first.
const MOST: usize = 1_000;
const MOST_OCTETS: usize = 32 << 20;

/// A composer's form as it came, and what was wrong.
#[derive(Clone)]
pub struct Kept {
    /// The user who typed it; `None` where the session had expired.
    pub user: Option<String>,
    pub draft: Draft,
    pub problem: Option<Problem>,
}

impl std::fmt::Debug for Kept {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

#[derive(Debug, Default)]
struct Shelf {
    forms: HashMap<String, (Kept, Instant, usize)>,
    order: VecDeque<String>,
    octets: usize,
}

impl Shelf {
    fn drop_oldest(&mut self) {
        if let Some((_, _, octets)) = self.order.pop_front().and_then(|id| self.forms.remove(&id)) {
            self.octets -= octets;
        }
    }
}

/// The forms kept by this node: those of signed-in people apart from those that came without a
/// session, which anybody can send and which must not push the others out.
#[derive(Debug, Default)]
pub struct KeptForms {
    owned: Mutex<Shelf>,
    ownerless: Mutex<Shelf>,
}

impl KeptForms {
    /// Keeps a form; the result finds it again. `None` where the system has no randomness left.
    pub fn put(&self, kept: Kept) -> Option<String> {
        let id = random_token().ok()?;
        let octets = octets(&kept.draft);
        let shelf = if kept.user.is_some() {
            &self.owned
        } else {
            &self.ownerless
        };
        let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        while shelf.order.front().is_some_and(|oldest| {
            shelf
                .forms
                .get(oldest)
                .is_none_or(|(_, at, _)| now.duration_since(*at) > LIFE)
        }) || shelf.order.len() >= MOST
            || (shelf.octets + octets > MOST_OCTETS && !shelf.order.is_empty())
        {
            shelf.drop_oldest();
        }
        shelf.octets += octets;
        shelf.order.push_back(id.clone());
        shelf.forms.insert(id.clone(), (kept, now, octets));
        Some(id)
    }

    /// The form for its writer. It stays kept, since a page may be loaded twice.
    pub fn get(&self, id: &str, user: &str) -> Option<Kept> {
        get(&self.owned, id, user).or_else(|| get(&self.ownerless, id, user))
    }
}

fn get(shelf: &Mutex<Shelf>, id: &str, user: &str) -> Option<Kept> {
    let mut shelf = shelf.lock().unwrap_or_else(PoisonError::into_inner);
    let (kept, at, _) = shelf.forms.get_mut(id)?;
    if at.elapsed() > LIFE || kept.user.as_deref().is_some_and(|owner| owner != user) {
        return None;
    }
    // Whoever fetches a form typed under an expired session becomes its owner.
    kept.user = Some(user.to_owned());
    Some(kept.clone())
}

/// What a draft takes in memory, roughly.
fn octets(draft: &Draft) -> usize {
    let texts = [
        &draft.to,
        &draft.cc,
        &draft.bcc,
        &draft.subject,
        &draft.text,
        &draft.message_id,
    ];
    let lists = draft.in_reply_to.iter().chain(&draft.references);
    let attachments = draft.attachments.iter().flat_map(|attachment| {
        [
            &attachment.folder,
            &attachment.part,
            &attachment.name,
            &attachment.mime,
        ]
    });
    texts
        .into_iter()
        .chain(lists)
        .chain(attachments)
        .map(|text| text.len() + 24)
        .sum()
}

#[cfg(test)]
mod tests {
    use super::{Kept, KeptForms, MOST};
    use crate::model::Draft;

    fn kept(user: Option<&str>) -> Kept {
        let draft = Draft {
            text: "typed".to_owned(),
            ..Draft::default()
        };
        Kept {
            user: user.map(str::to_owned),
            draft,
            problem: None,
        }
    }

    #[test]
    fn a_form_comes_back_to_its_writer_only() {
        let forms = KeptForms::default();
        let id = forms.put(kept(Some("anna@posthorn.example"))).unwrap();
        assert!(forms.get(&id, "jonas@posthorn.example").is_none());
        assert_eq!(
            forms.get(&id, "anna@posthorn.example").unwrap().draft.text,
            "typed"
        );
        assert!(forms.get(&id, "anna@posthorn.example").is_some());
    }

    #[test]
    fn a_form_without_owner_belongs_to_the_first_who_fetches_it() {
        let forms = KeptForms::default();
        let id = forms.put(kept(None)).unwrap();
        assert!(forms.get(&id, "anna@posthorn.example").is_some());
        assert!(forms.get(&id, "jonas@posthorn.example").is_none());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let forms = KeptForms::default();
        let first = forms.put(kept(None)).unwrap();
        for _ in 0..MOST {
            forms.put(kept(None)).unwrap();
        }
        assert!(forms.get(&first, "anna@posthorn.example").is_none());
    }

    #[test]
    fn forms_without_owner_push_out_nobody_elses() {
        let forms = KeptForms::default();
        let anna = forms.put(kept(Some("anna@posthorn.example"))).unwrap();
        for _ in 0..=MOST {
            forms.put(kept(None)).unwrap();
        }
        assert!(forms.get(&anna, "anna@posthorn.example").is_some());
    }

    #[test]
    fn attachments_count() {
        let mut draft = Draft::default();
        let empty = super::octets(&draft);
        draft.attachments.push(crate::model::DraftAttachment {
            folder: "x".repeat(1_000),
            uid_validity: 1,
            uid: 1,
            part: String::new(),
            name: "y".repeat(1_000),
            mime: String::new(),
            size: 0,
        });
        assert!(super::octets(&draft) >= empty + 2_000);
    }
}
