//! A search while it is under way: hits show as they are found, and it can be seen how far it is.
//! What is found in one folder becomes a list like any other when all is found; what is found in
//! all folders stays a list of hits.

use super::hits::hit_id;
use super::icon::Icon;
use super::mailbox::{Mailbox, Target};
use super::marked::Marked;
use super::query_words::problem_text;
use super::route;
use super::words::folder_label;
use crate::i18n::Key;
use crate::model::{self, Envelope, QueryProblem, SearchEvent, SearchPage};
use leptos::prelude::*;

/// A search in context, as far as it is.
#[derive(Clone, Copy, Debug)]
pub struct Finding {
    page: RwSignal<SearchPage>,
    /// Looked through, of how much.
    progress: RwSignal<(u32, u32)>,
    /// Which search it is: what an earlier one finds is no longer wanted.
    number: StoredValue<u32>,
    /// Whether it is in all folders.
    spread: StoredValue<bool>,
}

#[cfg_attr(
    feature = "ssr",
    allow(dead_code, reason = "only the browser searches while it shows")
)]
impl Finding {
    /// No search yet.
    pub fn new() -> Self {
        Self {
            page: RwSignal::new(SearchPage::default()),
            progress: RwSignal::new((0, 0)),
            number: StoredValue::new(0),
            spread: StoredValue::new(false),
        }
    }

    /// What has been found.
    pub fn page(self) -> SearchPage {
        self.page.get_untracked()
    }

    /// What is found is in all folders: it stays where one of its messages is opened.
    pub fn spread(self) {
        self.spread.set_value(true);
    }

    /// Whether it is.
    pub fn is_spread(self) -> bool {
        self.spread.get_value()
    }

    /// Begins anew, as what it is until the server says what that is; the number of this search.
    pub fn begin(self) -> u32 {
        self.page.set(SearchPage::default());
        self.progress.set((0, 0));
        self.number
            .update_value(|number| *number = number.wrapping_add(1));
        self.number.get_value()
    }

    /// Takes in what the server tells of the search `number`; `false` where nobody waits for that
    /// any more.
    pub fn take(self, number: u32, event: SearchEvent) -> bool {
        if self.number.try_get_value() != Some(number) {
            return false;
        }
        match event {
            SearchEvent::Begun {
                words,
                problems,
                everywhere,
                ..
            } => {
                self.spread.set_value(everywhere);
                self.page.update(|page| {
                    page.words = words;
                    page.problems = problems;
                });
            }
            SearchEvent::Hits(hits) => {
                let by_date = self.is_spread();
                self.page.update(|page| page.add(hits, by_date));
            }
            SearchEvent::Progress {
                searched,
                of,
                found,
            } => {
                self.progress.set((searched, of));
                self.page.update(|page| page.found = found);
            }
            SearchEvent::Done {
                found,
                whole,
                problems,
            } => {
                self.page.update(|page| {
                    page.found = found;
                    page.whole = whole;
                    page.problems.extend(problems);
                });
            }
            SearchEvent::Failed(_) => {}
        }
        true
    }
}

/// What is found while there is more to come.
#[component]
pub fn Underway() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let Finding { page, progress, .. } = mailbox.finding;
    view! {
        <div class="finding" role="status">
            <span>{locale.text(Key::SearchUnderway)}</span>
            {move || {
                let (done, of) = progress.get();
                (of > 0)
                    .then(|| view! { <progress max=of value=done aria-label=locale.text(Key::SearchUnderway)></progress> })
            }}
        </div>
        {move || view! { <Hits page=page.get() whole=false /> }}
    }
}

/// All that was found in all folders.
#[component]
pub fn Everything(page: SearchPage) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let (found, none) = (u64::from(page.found), page.found == 0);
    // What has been archived of them, say, is not there any more.
    let count = move || {
        let gone = u64::try_from(mailbox.hits_gone()).unwrap_or_default();
        let left = found.saturating_sub(gone);
        locale.count(Key::SearchFoundOne, Key::SearchFoundOther, left)
    };
    let problems = page.problems.clone();
    let whole = page.whole;
    let shown = u64::try_from(page.hits.len()).unwrap_or_default();
    let not_all = (shown < found).then(|| {
        let (shown, n) = (locale.number(shown), locale.number(found));
        let text = locale.fill(Key::SearchNotAllShown, &[("shown", &shown), ("n", &n)]);
        view! { <p class="finding">{text}</p> }
    });
    view! {
        <p class="finding" role="status">{count}</p>
        {not_all}
        <Notes problems whole />
        {none
            .then(|| {
                view! {
                    <div class="empty">
                        <Icon name="search" />
                        <p class="empty-title">{locale.text(Key::SearchNothing)}</p>
                    </div>
                }
            })}
        <Hits page whole=true />
    }
}

/// What has to be said about a search.
#[component]
pub fn Notes(problems: Vec<QueryProblem>, whole: bool) -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let lines: Vec<String> = problems
        .iter()
        .map(|problem| problem_text(locale, problem))
        .chain((!whole).then(|| locale.text(Key::SearchNotWhole).to_owned()))
        .collect();
    (!lines.is_empty()).then(|| {
        view! {
            <ul class="search-notes" role="status">
                {lines.into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
        }
    })
}

/// The hits, the newest first, each with its folder. They can be chosen once all are there: `whole`.
#[component]
fn Hits(page: SearchPage, whole: bool) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let words = StoredValue::new(page.words);
    view! {
        <ol class="messages" aria-label=locale.text(Key::ListTitle)>
            {page
                .hits
                .into_iter()
                .map(|hit| {
                    let model::Hit { folder, uid_validity, envelope } = hit;
                    let label = mailbox
                        .folder(&folder)
                        .map_or_else(|| folder.clone(), |folder| folder_label(locale, &folder));
                    view! { <Hit envelope folder label uid_validity words whole /> }
                })
                .collect_view()}
        </ol>
    }
}

#[component]
fn Hit(
    envelope: Envelope,
    folder: String,
    label: String,
    uid_validity: u32,
    words: StoredValue<Vec<String>>,
    whole: bool,
) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let who = envelope.from.first().map_or_else(
        || locale.text(Key::RowNoSender).to_owned(),
        |from| from.label().to_owned(),
    );
    let bare = envelope.subject.trim().is_empty();
    let subject = if bare {
        locale.text(Key::NoSubject).to_owned()
    } else {
        envelope.subject
    };
    // Into the folder in which it is, with the search to come back to.
    let listing = mailbox
        .list_key
        .get_untracked()
        .map(|(_, listing)| listing)
        .unwrap_or_default();
    let uid = envelope.uid;
    let href = route::message(&folder, uid, uid_validity, &listing, 1);
    let words = words.get_value();
    let rel = route::rel(&folder);
    let target = Target {
        folder: folder.clone(),
        uid_validity,
        uid,
    };
    let id = hit_id(&target);
    let choose = whole.then(|| locale.fill(Key::BulkChoose, &[("subject", &subject)]));
    // Nothing of it is remembered here: hits go all at once, and what is remembered would go first.
    let target = StoredValue::new(target);
    let flags = move || {
        target
            .try_with_value(|target| mailbox.flags(target, envelope.flags))
            .unwrap_or_default()
    };
    let unread = move || !flags().seen;
    let gone = move || {
        target
            .try_with_value(|target| mailbox.patched(target).gone)
            .unwrap_or_default()
    };
    let chosen = move || {
        target
            .try_with_value(|target| mailbox.chosen_hits.has(target))
            .unwrap_or_default()
    };
    // A form would be about one folder: without JavaScript there are no boxes.
    let pick = choose.map(|choose| {
        let pick = move |event: leptos::ev::MouseEvent| {
            target.with_value(|target| {
                mailbox
                    .chosen_hits
                    .toggle(mailbox, target, event.shift_key());
            });
        };
        view! {
            <label class="pick needs-script">
                <input type="checkbox" aria-label=choose prop:checked=chosen on:click=pick />
            </label>
        }
    });
    let star = move || {
        flags().flagged.then(|| {
            view! {
                <span class="mark mark-star">
                    <Icon name="star" />
                    <span class="visually-hidden">{locale.text(Key::MarkStarred)} ", "</span>
                </span>
            }
        })
    };
    let current = move || {
        let open = mailbox.message_key.get();
        open.is_some_and(|key| key.0 == folder && key.1 == uid)
            .then_some("true")
    };
    view! {
        <li class="row-item" hidden=gone class:chosen=chosen>
            {pick}
            <a class="row" id=id class:unread=unread href=href rel=rel aria-current=current>
                <span class="row-top">
                    <span class="row-who" dir="auto">
                        <span class="visually-hidden">
                            {move || unread().then(|| format!("{}, ", locale.text(Key::MarkUnread)))}
                        </span>
                        <Marked text=who words=words.clone() />
                    </span>
                    <span class="row-folder">{label}</span>
                    <time class="row-date" datetime=envelope.date.iso>{envelope.date.short}</time>
                </span>
                <span class="row-subject">
                    <span class="row-text" class:none=bare dir="auto">
                        <Marked text=subject words=words.clone() />
                    </span>
                    <span class="marks">{star}</span>
                </span>
                <span class="row-snippet" dir="auto">
                    <Marked text=envelope.snippet words />
                </span>
            </a>
        </li>
    }
}
