//! The search box of the list: a form that asks for an address, and below it suggestions while one
//! types, for the mouse and for the keyboard.
//!
//! It stays a search box by its role (ARIA 1.2 lets a `searchbox` have a list with an active
//! descendant): it is found under that name, and does without the list what it does with it.

use super::changes::Changes;
use super::chunks::{Chunk, Chunks};
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::suggest::{Suggestion, Typed};
use super::{recent, route};
use crate::i18n::Key;
use crate::model::Listing;
use leptos::html::Input;
use leptos::prelude::*;

/// The box and what it suggests.
#[component]
pub fn SearchBox() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let changes = Changes::find();
    let chunks = Chunks::find();
    let key = move || mailbox.list_key.get().unwrap_or_default();
    let typed = NodeRef::<Input>::new();
    let account = move || {
        let account = mailbox.here.account.get_untracked();
        account.map(|account| account.address).unwrap_or_default()
    };
    let found = RwSignal::new(Vec::<Suggestion>::new());
    let active = RwSignal::new(None::<usize>);
    let known = StoredValue::new((Vec::new(), Vec::new()));
    let text = move || {
        typed
            .get_untracked()
            .map(|input| input.value())
            .unwrap_or_default()
    };
    let show = move |list: Vec<Suggestion>| {
        active.set(None);
        found.set(list);
    };
    let refresh = move || {
        let (recent, people) = known.get_value();
        active.set(None);
        chunks.suggest(
            Typed {
                locale,
                text: text(),
                recent,
                people,
            },
            found,
        );
    };
    let look = move || {
        known.set_value((recent::list(&account()), mailbox.rows.people()));
        refresh();
    };
    // Who was faster than the chunk is suggested something when it has come.
    let focused = StoredValue::new(false);
    Effect::new(move |_| {
        if chunks.has(Chunk::Search) && focused.get_value() {
            look();
        }
    });
    let search = move || {
        let query = text().trim().to_owned();
        recent::remember(&account(), &query);
        show(Vec::new());
        let (folder, listing) = untrack(key);
        changes.go(&route::listed(&folder, &Listing { query, ..listing }, 1));
    };
    let choose = {
        let search = search.clone();
        move |suggestion: Suggestion| {
            if let Some(input) = typed.get_untracked() {
                input.set_value(&suggestion.text);
            }
            if suggestion.whole {
                search();
            } else {
                refresh();
            }
        }
    };
    let step = move |down: bool| {
        let last = found.with_untracked(Vec::len).checked_sub(1);
        active.update(|active| {
            *active = match (*active, last) {
                (_, None) => None,
                (Some(now), Some(last)) if down && now < last => Some(now + 1),
                (Some(now), _) if !down && now > 0 => Some(now - 1),
                (_, Some(last)) => Some(if down { 0 } else { last }),
            };
        });
        last.is_some()
    };
    let press = {
        let choose = choose.clone();
        move |event: leptos::ev::KeyboardEvent| {
            let open = found.with_untracked(|found| !found.is_empty());
            let done = match event.key().as_str() {
                "ArrowDown" if !open => {
                    look();
                    true
                }
                "ArrowDown" => step(true),
                "ArrowUp" => step(false),
                "Enter" => {
                    let chosen = active
                        .get_untracked()
                        .and_then(|at| found.with_untracked(|found| found.get(at).cloned()));
                    let any = chosen.is_some();
                    if let Some(chosen) = chosen {
                        choose(chosen);
                    }
                    any
                }
                "Escape" if open => {
                    show(Vec::new());
                    true
                }
                _ => false,
            };
            if done {
                event.prevent_default();
                event.stop_propagation();
            }
        }
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        search();
    };
    let action = move || route::folder(&key().0, 1);
    let query = move || key().1.query;
    let hidden = move || {
        let Listing { sort, filter, .. } = key().1;
        [
            ("sort", sort.value().to_owned()),
            ("filter", filter.value()),
        ]
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view()
    };
    let count = move || {
        let n = u64::try_from(found.with(Vec::len)).unwrap_or_default();
        (n > 0).then(|| locale.count(Key::SuggestCountOne, Key::SuggestCountOther, n))
    };
    let has_recent = move || found.with(|found| found.iter().any(|one| one.whole));
    view! {
        <form role="search" class="search" method="get" action=action on:submit=submit>
            <Icon name="search" />
            <input
                type="search"
                id="search"
                name="q"
                autocomplete="off"
                maxlength="1000"
                aria-label=locale.text(Key::CommandSearch)
                aria-autocomplete="list"
                aria-controls="suggestions"
                aria-activedescendant=move || active.get().map(|at| format!("suggestion-{at}"))
                placeholder=locale.text(Key::CommandSearch)
                value=query
                prop:value=query
                node_ref=typed
                on:focus=move |_| {
                    focused.set_value(true);
                    look();
                }
                on:input=move |_| refresh()
                on:blur=move |_| {
                    focused.set_value(false);
                    show(Vec::new());
                }
                on:keydown=press
            />
            {hidden}
            <button type="submit" class="visually-hidden">
                {locale.text(Key::SearchSubmit)}
            </button>
            <span class="visually-hidden" role="status">{count}</span>
            // A press of the mouse would take the focus away, and the list with it.
            <div
                class="suggestions"
                hidden=move || found.with(Vec::is_empty)
                on:mousedown=|event| event.prevent_default()
            >
                <ul id="suggestions" role="listbox" aria-label=locale.text(Key::SuggestTitle)>
                    {move || {
                        let options = found.get().into_iter().enumerate();
                        options
                            .map(|(at, one)| {
                                let choose = choose.clone();
                                let Suggestion { shown, hint, .. } = one.clone();
                                view! {
                                    <li
                                        role="option"
                                        id=format!("suggestion-{at}")
                                        aria-selected=move || (active.get() == Some(at)).to_string()
                                        on:click=move |_| choose(one.clone())
                                    >
                                        <span>{shown}</span>
                                        <span class="suggestion-hint">{hint}</span>
                                    </li>
                                }
                            })
                            .collect_view()
                    }}
                </ul>
                <button
                    type="button"
                    class="link"
                    hidden=move || !has_recent()
                    on:click=move |_| {
                        recent::forget(&account());
                        look();
                    }
                >
                    {locale.text(Key::SuggestForget)}
                </button>
            </div>
        </form>
    }
}
