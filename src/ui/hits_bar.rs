//! The bar with what can be done to the chosen hits of all folders. They belong to no one folder, so
//! no form could send them: it wants JavaScript, and so do the boxes.

use super::browser;
use super::commands::Commands;
use super::hits::hit_id;
use super::icon::Icon;
use super::mailbox::Mailbox;
use super::move_form::FolderChoice;
use crate::i18n::Key;
use crate::model::Change;
use leptos::prelude::*;

/// The bar, and the question before something is gone for ever.
#[component]
pub fn HitsBar() -> impl IntoView {
    let mailbox = Mailbox::find();
    let locale = mailbox.here.locale;
    let chosen = mailbox.chosen_hits;
    let commands = StoredValue::new(Commands::find());
    let any = Memo::new(move |_| chosen.count() > 0);
    let target = NodeRef::<leptos::html::Select>::new();
    let run = move |change: Change, destination: &str| {
        browser::close_menus();
        commands.with_value(|commands| commands.change_hits(&chosen.get(), change, destination));
    };
    let tool = move |change: Change, icon, key| {
        let act = move |_| match change {
            Change::Delete => {
                commands.with_value(|commands| commands.delete_hits(chosen.get()));
            }
            change => run(change, ""),
        };
        view! {
            <button type="button" class="tool" on:click=act aria-label=locale.text(key) title=locale.text(key)>
                <Icon name=icon />
            </button>
        }
    };
    let item = move |change: Change, key| {
        view! {
            <button type="button" class="menu-item" on:click=move |_| run(change, "")>
                {locale.text(key)}
            </button>
        }
    };
    let move_to = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if let Some(select) = target.get_untracked() {
            run(Change::Move, &select.value());
        }
    };
    let clear = move |_| {
        if let Some(hit) = chosen.get().last() {
            browser::focus_soon(hit_id(hit));
        }
        chosen.clear();
    };
    let for_ever = move |_| {
        browser::close_popover("delete-hits");
        commands.with_value(|commands| commands.change_hits(&chosen.asked(), Change::Delete, ""));
    };
    view! {
        <form
            class="bulk needs-script"
            class:open=move || any.get()
            aria-label=locale.text(Key::BulkTitle)
            on:submit=move_to
        >
            <button
                type="button"
                class="icon-button"
                on:click=clear
                aria-label=locale.text(Key::BulkClear)
                title=locale.text(Key::BulkClear)
            >
                <Icon name="close" />
            </button>
            <span class="bulk-count" aria-live="polite">
                {move || locale.count(Key::BulkCountOne, Key::BulkCountOther, chosen.count())}
            </span>
            {tool(Change::Archive, "archive", Key::ActionArchive)}
            {tool(Change::Spam, "spam", Key::ActionSpam)}
            {tool(Change::Delete, "trash", Key::ActionDelete)}
            <details class="menu">
                <summary class="tool" aria-label=locale.text(Key::ActionMore) title=locale.text(Key::ActionMore)>
                    <Icon name="more" />
                </summary>
                <div class="menu-panel">
                    <button type="button" class="menu-item" on:click=move |_| chosen.all(mailbox)>
                        {move || {
                            let n = mailbox.hits_now().map(|hits| hits.len()).unwrap_or_default();
                            let n = locale.number(u64::try_from(n).unwrap_or_default());
                            // What goes is no longer counted.
                            chosen.count();
                            locale.fill(Key::BulkAll, &[("n", &n)])
                        }}
                    </button>
                    {item(Change::Read, Key::BulkRead)} {item(Change::Unread, Key::ActionUnread)}
                    {item(Change::Star, Key::ActionStar)} {item(Change::Unstar, Key::ActionUnstar)}
                    <div class="move">
                        <label for="hits-target">{locale.text(Key::MoveTo)}</label>
                        <div class="move-row">
                            <FolderChoice id="hits-target" from=String::new() choice=target />
                            <button type="submit" class="button">
                                {locale.text(Key::MoveSubmit)}
                            </button>
                        </div>
                    </div>
                </div>
            </details>
        </form>
        <div class="dialog" id="delete-hits" popover="auto" role="dialog" aria-labelledby="delete-hits-title">
            <h2 id="delete-hits-title">{locale.text(Key::BulkDeleteTitle)}</h2>
            <p>{locale.text(Key::BulkDeleteText)}</p>
            <div class="dialog-buttons">
                <button type="button" class="button" autofocus popovertarget="delete-hits" popovertargetaction="hide">
                    {locale.text(Key::Cancel)}
                </button>
                <button type="button" class="button danger" on:click=for_ever>
                    {locale.text(Key::DeleteConfirm)}
                </button>
            </div>
        </div>
    }
}
