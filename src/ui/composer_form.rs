//! The composer's form. The boxes hold what is typed; nothing is written over them while one
//! writes. Text fields stand before the files, as the server reads them.

use super::icon::Icon;
use super::route;
use super::submission::{self, Submission};
use super::textarea::TextArea;
use super::visit::Here;
use super::words::problem_text;
use crate::i18n::Key;
use crate::model::{Composition, Draft, DraftAttachment, Error, Origin, Problem, Relation};
use leptos::prelude::*;

/// The form with what it opens with. It tells what it was `saved` as.
#[component]
pub fn ComposerForm(
    composition: Composition,
    saved: StoredValue<Option<(u32, u32)>>,
) -> impl IntoView {
    let locale = Here::find().locale;
    let Composition { draft, problem } = composition;
    let submission = Submission::new(&draft, problem, saved);
    let form = submission.form;
    let title = match &draft.origin {
        Some(Origin {
            relation: Relation::Reply | Relation::ReplyAll,
            ..
        }) => Key::ComposeReply,
        Some(Origin {
            relation: Relation::Forward,
            ..
        }) => Key::ComposeForward,
        None if draft.stored.is_some() => Key::ComposeDraft,
        None => Key::NewMessage,
    };
    let back = draft.origin.as_ref().map_or_else(
        || route::folder("INBOX", 1),
        |origin| route::folder(&origin.folder, 1),
    );
    let Draft {
        to,
        cc,
        bcc,
        subject,
        text,
        message_id,
        in_reply_to,
        references,
        origin,
        ..
    } = draft;
    let more = !cc.is_empty() || !bcc.is_empty();
    let start = if to.is_empty() { "to" } else { "text" };
    let origin = origin.and_then(|origin| json(&origin)).unwrap_or_default();
    let stored = move || {
        submission
            .stored
            .get()
            .and_then(|stored| json(&stored))
            .unwrap_or_default()
    };
    Effect::new(move |_| submission::begin_at(start));
    let line = move |id: &'static str, key: Key, value: String| {
        view! {
            <div class="line">
                <label for=id>{locale.text(key)}</label>
                <input
                    id=id
                    name=id
                    type="text"
                    value=value
                    dir="auto"
                    autocomplete="off"
                    autocapitalize="none"
                    spellcheck="false"
                    on:keydown=submission::not_by_enter
                />
            </div>
        }
    };
    view! {
        <SignInAgain submission />
        <form
            class="composer"
            method="post"
            action="/api/submit/save"
            enctype="multipart/form-data"
            node_ref=form
            on:submit=move |event| submission.submit(&event)
            on:keydown=move |event| submission.shortcut(&event)
            aria-busy=move || submission.busy().to_string()
        >
            <header class="composer-head">
                <a class="icon-button back" href=back aria-label=locale.text(Key::ReaderBack)>
                    <Icon name="back" />
                </a>
                <h1>{locale.text(title)}</h1>
            </header>
            <Told submission />
            <input type="hidden" name="message_id" value=message_id />
            <input type="hidden" name="in_reply_to" value=in_reply_to.join(" ") />
            <input type="hidden" name="references" value=references.join(" ") />
            <input type="hidden" name="origin" value=origin />
            <input type="hidden" name="stored" value=stored />
            {line("to", Key::HeaderTo, to)}
            <details class="more-lines" open=more>
                <summary>{locale.text(Key::ComposeCopies)}</summary>
                {line("cc", Key::HeaderCc, cc)}
                {line("bcc", Key::HeaderBcc, bcc)}
            </details>
            <div class="line">
                <label for="subject">{locale.text(Key::HeaderSubject)}</label>
                <input
                    id="subject"
                    name="subject"
                    type="text"
                    value=subject
                    dir="auto"
                    autocomplete="off"
                    on:keydown=submission::not_by_enter
                />
            </div>
            <label class="visually-hidden" for="text">{locale.text(Key::ComposeText)}</label>
            <TextArea id="text" name="text" text rows=14 />
            <Attached submission />
            <Progress submission />
            <footer class="composer-foot">
                // The first button is what Enter in a box does without JavaScript: nothing that
                // cannot be undone.
                <button type="submit" class="button" formaction="/api/submit/save" aria-disabled=move || submission.busy().to_string()>
                    {locale.text(Key::ComposeSave)}
                </button>
                <button type="submit" class="button primary" formaction="/api/submit/send" aria-disabled=move || submission.busy().to_string()>
                    <Icon name="send" />
                    <span>{locale.text(Key::ComposeSend)}</span>
                </button>
                <label class="button attach">
                    <Icon name="clip" />
                    <span>{locale.text(Key::ComposeAttach)}</span>
                    <input type="file" name="files" multiple on:change=move |event| submission.attach(&event) />
                </label>
                <button type="button" class="button quiet" popovertarget="discard">
                    {locale.text(Key::ComposeDiscard)}
                </button>
                <p class="limit">
                    {move || submission.limit().map(|limit| locale.fill(Key::ComposeLimit, &[("limit", &locale.size(limit))]))}
                </p>
            </footer>
            <div class="dialog" id="discard" popover="auto" role="dialog" aria-labelledby="discard-title">
                <h2 id="discard-title">{locale.text(Key::DiscardTitle)}</h2>
                <p>{locale.text(Key::DiscardText)}</p>
                <div class="dialog-buttons">
                    <button type="button" class="button" autofocus popovertarget="discard" popovertargetaction="hide">
                        {locale.text(Key::Cancel)}
                    </button>
                    <button type="submit" class="button danger" formaction="/api/submit/discard">
                        {locale.text(Key::DiscardConfirm)}
                    </button>
                </div>
            </div>
        </form>
    }
}

/// A value in a hidden field, read back by the server.
fn json(value: &impl serde::Serialize) -> Option<String> {
    serde_json::to_string(value).ok()
}

/// Why the mail was not sent, with the server's own words.
#[component]
fn Told(submission: Submission) -> impl IntoView {
    let locale = Here::find().locale;
    view! {
        <div class="alert-place" role="alert" id="composer-problem" tabindex="-1">
            {move || {
                submission
                    .problem
                    .get()
                    .map(|problem| {
                        let (what, lines) = problem_text(locale, &problem);
                        let lines = lines
                            .into_iter()
                            .take(20)
                            .map(|line| view! { <li><code>{line}</code></li> })
                            .collect::<Vec<_>>();
                        view! {
                            <div class="alert">
                                <Icon name="alert" />
                                <div>
                                    <p>{what}</p>
                                    {(!lines.is_empty())
                                        .then(|| {
                                            view! {
                                                <p class="server-words">{locale.text(Key::ComposeServerSaid)}</p>
                                                <ul>{lines}</ul>
                                            }
                                        })}
                                </div>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// The attachments: those that are at the mail server already, and those chosen now.
#[component]
fn Attached(submission: Submission) -> impl IntoView {
    let locale = Here::find().locale;
    let kept = move || {
        submission
            .kept
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, (attachment, ticked))| view! { <Kept submission index attachment ticked /> })
            .collect_view()
    };
    let chosen = move || {
        submission
            .chosen
            .get()
            .into_iter()
            .enumerate()
            .map(|(index, (name, size))| {
                view! {
                    <li class="attached">
                        <Icon name="clip" />
                        <span class="attachment-name">{name.clone()}</span>
                        <span class="attachment-about">{locale.size(size)}</span>
                        <button
                            type="button"
                            class="icon-button"
                            aria-label=locale.fill(Key::ComposeRemove, &[("name", &name)])
                            on:click=move |_| submission.drop_file(index)
                        >
                            <Icon name="close" />
                        </button>
                    </li>
                }
            })
            .collect_view()
    };
    let any = move || !submission.kept.get().is_empty() || !submission.chosen.get().is_empty();
    view! {
        <Show when=any>
            <ul class="attached-list" aria-label=locale.text(Key::AttachmentsTitle)>
                {kept} {chosen}
            </ul>
        </Show>
    }
}

/// An attachment that is kept as long as its box is ticked; without JavaScript too.
#[component]
fn Kept(
    submission: Submission,
    index: usize,
    attachment: DraftAttachment,
    ticked: Option<bool>,
) -> impl IntoView {
    let locale = Here::find().locale;
    let value = json(&attachment).unwrap_or_default();
    let DraftAttachment { name, size, .. } = attachment;
    view! {
        <li class="attached">
            <label>
                // The attribute alone does nothing to a box that was touched, and the next
                // attachment may get that.
                <input type="checkbox" name="keep" value=value checked prop:checked=ticked />
                <span class="attachment-name">{name.clone()}</span>
            </label>
            <span class="attachment-about">{locale.size(u64::from(size))}</span>
            <button
                type="button"
                class="icon-button needs-script"
                aria-label=locale.fill(Key::ComposeRemove, &[("name", &name)])
                on:click=move |_| submission.drop_kept(index)
            >
                <Icon name="close" />
            </button>
        </li>
    }
}

/// How far the upload is, and the way to stop it.
#[component]
fn Progress(submission: Submission) -> impl IntoView {
    let locale = Here::find().locale;
    let doing = move || locale.text(submission.doing());
    view! {
        <Show when=move || submission.busy()>
            <div class="upload" role="status">
                <span>{doing()}</span>
                <progress max="100" value=move || submission.progress.get() aria-label=doing()></progress>
                // Once the server has all of it, the mail goes out, whatever the browser does.
                <Show when=move || submission.progress.get() < 100>
                    <button type="button" class="button" on:click=move |_| submission.cancel()>
                        {locale.text(Key::Cancel)}
                    </button>
                </Show>
            </div>
        </Show>
    }
}

/// The session has ended while one was writing: signing in goes on where one was.
#[component]
fn SignInAgain(submission: Submission) -> impl IntoView {
    let here = Here::find();
    let locale = here.locale;
    let ended = move || {
        matches!(
            submission.problem.get(),
            Some(Problem::Mailbox(
                Error::NotSignedIn | Error::PasswordRefused
            ))
        )
    };
    let password = NodeRef::<leptos::html::Input>::new();
    let address = move || {
        here.account
            .get()
            .map(|account| account.address)
            .unwrap_or_default()
    };
    let refused = RwSignal::new(None::<String>);
    view! {
        <Show when=ended>
            <form
                class="sign-in-again"
                on:submit=move |event: leptos::ev::SubmitEvent| {
                    event.prevent_default();
                    let secret = password.get_untracked().map(|input| input.value()).unwrap_or_default();
                    submission.sign_in_again(address(), secret, refused);
                }
            >
                <label for="again">{move || locale.fill(Key::ComposeSignInAgain, &[("address", &address())])}</label>
                <div class="sign-in-row">
                    <input id="again" type="password" autocomplete="current-password" node_ref=password />
                    <button type="submit" class="button primary">{locale.text(Key::LoginSubmit)}</button>
                </div>
                <p role="alert">{move || refused.get()}</p>
            </form>
        </Show>
    }
}
