//! The command palette and the sheet of shortcuts, and the keys that open them. All three tell the
//! same commands; the palette finds folders, people of the list and settings too. They want JavaScript, and what they
//! do can be done without them.

use super::browser;
use super::chunks::{Chunks, Desk};
use super::commands::{Command, Commands};
use super::letters::lower;
use super::mailbox::Mailbox;
use super::route;
use super::suggest;
use super::words::folder_label;
use crate::i18n::{Key, Locale};
use crate::model::{Address, Listing};
use leptos::prelude::*;

/// Entries that the palette shows at a time.
const SHOWN: usize = 12;
/// Letters without which no people are looked for: all of them would be in the way.
const LETTERS: usize = 2;

/// One thing the palette can do.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Entry {
    Do(Command),
    /// A name and an address.
    Go(String, String),
    /// What somebody has sent, wherever it is.
    From(Address),
    /// A new message to somebody.
    To(Address),
}

impl Entry {
    fn label(&self, locale: Locale) -> String {
        match self {
            Self::Do(command) => locale.text(command.label()).to_owned(),
            Self::Go(name, _) => locale.fill(Key::PaletteGo, &[("name", name)]),
            Self::From(person) => locale.fill(Key::PaletteFrom, &[("name", person.label())]),
            Self::To(person) => locale.fill(Key::PaletteTo, &[("name", person.label())]),
        }
    }

    /// What is looked through for what was typed.
    fn text(&self, locale: Locale) -> String {
        match self {
            Self::From(person) | Self::To(person) => {
                format!("{} {}", self.label(locale), person.addr)
            }
            entry => entry.label(locale),
        }
    }
}

/// The worst rank.
const FARTHEST: u8 = 2;

/// How well `text` fits the words that were typed: it begins with them, words of it do, or they are
/// somewhere within; `None` where one of them is nowhere. All are in lower case.
fn rank(text: &str, words: &[&str]) -> Option<u8> {
    let begins = |word: &&str| text.split_whitespace().any(|own| own.starts_with(*word));
    if !words.iter().all(|word| text.contains(*word)) {
        None
    } else if words.first().is_none_or(|first| text.starts_with(*first)) {
        Some(0)
    } else if words.iter().all(begins) {
        Some(1)
    } else {
        Some(FARTHEST)
    }
}

/// The keys, and the dialogs as soon as they are there.
#[component]
pub fn Keyboard() -> impl IntoView {
    let commands = Commands::find();
    let chunks = Chunks::find();
    listen(commands.clone());
    // Made once: made again, an open one would close, and what is typed into it would be gone.
    let there = Memo::new(move |_| chunks.has_dialogs());
    move || there.get().then(|| Desk::Dialogs(commands.clone()).view())
}

/// The dialogs; one that was called before they were there opens.
#[component]
pub fn Dialogs(commands: Commands) -> impl IntoView {
    let chunks = Chunks::find();
    Effect::new(move |_| chunks.open_called());
    view! {
        <Palette commands />
        <Shortcuts />
    }
}

/// Whether a row or a hit has the focus.
#[cfg(feature = "hydrate")]
fn in_list() -> bool {
    let id = browser::active();
    id.starts_with("row-") || id.starts_with("hit-")
}

/// Takes keys that nothing else wants.
#[cfg(feature = "hydrate")]
fn listen(commands: Commands) {
    let mailbox = Mailbox::find();
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let combined = event.ctrl_key() || event.meta_key();
        let key = event.key();
        if combined && !event.alt_key() && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            commands.run(Command::Palette);
            return;
        }
        if combined || event.alt_key() || event.default_prevented() || browser::is_typing(&event) {
            return;
        }
        let done = match key.as_str() {
            "Escape" => {
                mailbox.selection.clear();
                mailbox.chosen_hits.clear();
                false
            }
            "ArrowDown" if in_list() => commands.run(Command::Next),
            "ArrowUp" if in_list() => commands.run(Command::Previous),
            key => Command::of_key(key).is_some_and(|command| commands.run(command)),
        };
        if done {
            event.prevent_default();
        }
    });
    on_cleanup(move || keys.remove());
}

#[cfg(not(feature = "hydrate"))]
fn listen(_: Commands) {
    let _ = Command::of_key;
}

/// Finds what one types among commands, folders and settings.
#[component]
fn Palette(commands: Commands) -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let typed = RwSignal::new(String::new());
    let active = RwSignal::new(0_usize);
    let found = Memo::new(move |_| {
        let typed = lower(&typed.get());
        let words: Vec<&str> = typed.split_whitespace().collect();
        let folders = mailbox
            .folders
            .get()
            .and_then(Result::ok)
            .unwrap_or_default()
            .into_iter()
            .filter(|folder| folder.selectable)
            .map(|folder| {
                Entry::Go(
                    folder_label(locale, &folder),
                    route::folder(&folder.name, 1),
                )
            });
        let settings = [
            (Key::SettingsTitle, "/settings/appearance"),
            (Key::FoldersTitle, "/settings/folders"),
        ];
        let settings = settings
            .map(|(name, address)| Entry::Go(locale.text(name).to_owned(), address.to_owned()));
        let people = if typed.chars().count() < LETTERS {
            Vec::new()
        } else {
            mailbox.rows.people()
        };
        let entries: Vec<(Option<u8>, Entry)> = Command::ALL
            .into_iter()
            .filter(|command| *command != Command::Palette)
            .map(Entry::Do)
            .chain(folders)
            .chain(settings)
            .chain(
                people
                    .into_iter()
                    .flat_map(|person| [Entry::From(person.clone()), Entry::To(person)]),
            )
            .map(|entry| (rank(&lower(&entry.text(locale)), &words), entry))
            .collect();
        // What begins with what was typed goes first; all else stays as it is.
        (0..=FARTHEST)
            .flat_map(|wanted| {
                entries
                    .iter()
                    .filter(move |(rank, _)| *rank == Some(wanted))
            })
            .map(|(_, entry)| entry.clone())
            .take(SHOWN)
            .collect::<Vec<_>>()
    });
    let run = {
        let commands = commands.clone();
        move |entry: Entry| {
            browser::close_popover("palette");
            typed.set(String::new());
            active.set(0);
            match entry {
                Entry::Do(command) => {
                    commands.run(command);
                }
                Entry::Go(_, address) => commands.go(&address),
                Entry::From(person) => commands.go(&route::listed(
                    "INBOX",
                    &Listing {
                        query: suggest::sent_by(locale, &person.addr),
                        ..Listing::default()
                    },
                    1,
                )),
                Entry::To(person) => commands.go(&route::compose_to(&person.addr)),
            }
        }
    };
    let key = {
        let run = run.clone();
        move |event: leptos::ev::KeyboardEvent| {
            let count = found.with_untracked(Vec::len);
            let now = active.get_untracked();
            match event.key().as_str() {
                "ArrowDown" => active.set(if now + 1 < count { now + 1 } else { 0 }),
                "ArrowUp" => active.set(now.checked_sub(1).unwrap_or(count.saturating_sub(1))),
                "Enter" => {
                    if let Some(entry) = found.with_untracked(|found| found.get(now).cloned()) {
                        run(entry);
                    }
                }
                _ => return,
            }
            event.prevent_default();
        }
    };
    let entries = move || {
        let run = run.clone();
        found
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, entry)| {
                let run = run.clone();
                let label = entry.label(locale);
                let hint = match &entry {
                    Entry::Do(command) => Some(view! { <kbd>{command.key()}</kbd> }),
                    Entry::Go(..) | Entry::From(_) | Entry::To(_) => None,
                };
                view! {
                    <li
                        role="option"
                        id=format!("palette-{index}")
                        aria-selected=move || (active.get() == index).to_string()
                        on:click=move |_| run(entry.clone())
                    >
                        <span>{label}</span>
                        {hint}
                    </li>
                }
            })
            .collect_view()
    };
    view! {
        <div class="dialog palette" id="palette" popover="auto" role="dialog" aria-label=locale.text(Key::PaletteTitle)>
            <input
                type="text"
                role="combobox"
                autofocus
                autocomplete="off"
                spellcheck="false"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-controls="palette-list"
                aria-activedescendant=move || format!("palette-{}", active.get())
                aria-label=locale.text(Key::PaletteTitle)
                placeholder=locale.text(Key::PalettePlaceholder)
                prop:value=move || typed.get()
                on:input=move |event| {
                    typed.set(event_target_value(&event));
                    active.set(0);
                }
                on:keydown=key
            />
            // The focus stays where one types: it goes back from there when this closes.
            <ul
                role="listbox"
                id="palette-list"
                aria-label=locale.text(Key::PaletteTitle)
                on:mousedown=|event| event.prevent_default()
            >
                {entries}
            </ul>
            <p class="palette-none" role="status">
                {move || found.with(Vec::is_empty).then(|| locale.text(Key::PaletteNothing))}
            </p>
        </div>
    }
}

/// The sheet of shortcuts.
#[component]
fn Shortcuts() -> impl IntoView {
    let locale = Mailbox::find().here.locale;
    let lines = Command::ALL
        .into_iter()
        .map(|command| {
            view! {
                <div>
                    <dt>
                        <kbd>{command.key()}</kbd>
                    </dt>
                    <dd>{locale.text(command.label())}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <div class="dialog shortcuts" id="shortcuts" popover="auto" role="dialog" aria-labelledby="shortcuts-title">
            <h2 id="shortcuts-title">{locale.text(Key::ShortcutsTitle)}</h2>
            <dl>{lines}</dl>
            <div class="dialog-buttons">
                <button type="button" class="button" autofocus popovertarget="shortcuts" popovertargetaction="hide">
                    {locale.text(Key::ToastClose)}
                </button>
            </div>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_what_was_typed_is_nearest() {
        assert_eq!(rank("archive", &["ar"]), Some(0));
        assert_eq!(rank("go to archive", &["ar"]), Some(1));
        assert_eq!(rank("forward", &["ar"]), Some(2));
        assert_eq!(rank("go to archive", &["arc", "to"]), Some(1));
        assert_eq!(rank("mark as read", &["read", "ark"]), Some(2));
        assert_eq!(rank("archive", &["ar", "x"]), None);
        assert_eq!(rank("archive", &[]), Some(0));
    }
}
