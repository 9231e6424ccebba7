//! A row of the list as the server writes it: by hand, octet by octet what the view in `row.rs` would
//! render. A page has fifty of them, and they were most of what it cost; of all that makes the view
//! live, nothing happens while a page is made.

use super::highlight::runs;
use super::html::Html;
use super::mailbox::Mailbox;
use super::row::{Said, marks};
use super::rows::List;
use crate::i18n::Key;
use crate::model::Envelope;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

/// A text in which `words` are marked.
fn marked(html: &mut Html, text: &str, words: &[String]) {
    if words.is_empty() {
        html.text(text);
        return;
    }
    let mut after_text = false;
    for run in runs(text, words) {
        if run.marked {
            html.raw("<mark>").text(run.text).raw("<!></mark>");
        } else {
            html.raw(if after_text { "<!>" } else { "" }).text(run.text);
        }
        after_text = !run.marked;
    }
    html.raw("<!>");
}

/// The row, with the markers (`<!>`) by which the browser's half finds what changes.
pub(super) fn row(
    mailbox: Mailbox,
    envelope: &Envelope,
    list: &List,
    said: &Said,
    words: &[String],
) -> InertElement {
    let locale = mailbox.here.locale;
    let Envelope { uid, flags, .. } = *envelope;
    let unread = !flags.seen;
    let mut html = Html::with_capacity(1_500);
    html.raw("<li aria-setsize=\"").number(mailbox.rows.total());
    if let Some(position) = mailbox.rows.position(uid) {
        html.raw("\" aria-posinset=\"").number(position);
    }
    html.raw("\" class=\"row-item\"><label class=\"pick\"><input type=\"checkbox\" name=\"uids[]\" value=\"")
        .number(uid);
    // Without JavaScript too a row is all that it stands for.
    for other in &envelope.others {
        html.raw(",").number(*other);
    }
    html.raw("\" form=\"bulk\"")
        .attribute("aria-label", &said.choose)
        .raw("><!></label><a id=\"row-")
        .number(uid)
        .raw("\"")
        .attribute("href", &said.href);
    if let Some(rel) = said.rel {
        html.attribute("rel", rel);
    }
    let open = mailbox.message_key.get();
    if open.is_some_and(|(folder, open, ..)| open == uid && folder == list.folder) {
        html.raw(" aria-current=\"true\"");
    }
    html.attribute("title", &said.title)
        .raw(if unread {
            " class=\"row unread\">"
        } else {
            " class=\"row\">"
        })
        .raw("<span class=\"row-top\"><span class=\"row-who\"><span class=\"visually-hidden\">");
    if unread {
        html.text(locale.text(Key::MarkUnread)).raw(", ");
    } else {
        html.raw("<!>");
    }
    html.raw("<!></span><bdi>")
        .text(&said.who)
        .raw("<!></bdi><!><!></span>");
    let others = u64::try_from(envelope.others.len()).unwrap_or(0);
    if list.listing.conversations && others > 0 {
        let n = locale.number(others + 1);
        html.raw("<span aria-hidden=\"true\" class=\"row-count\">")
            .text(&n)
            .raw("<!></span><span class=\"visually-hidden\">")
            .text(&locale.fill(Key::RowCount, &[("n", &n)]))
            .raw("<!>, <!><!></span>");
    }
    html.raw("<!><time")
        .attribute("datetime", &envelope.date.iso)
        .raw(" class=\"row-date\">")
        .text(&envelope.date.short)
        .raw("<!></time><!><!></span><span class=\"row-subject\"><span dir=\"auto\" class=\"")
        .raw(if said.bare {
            "row-text none\">"
        } else {
            "row-text\">"
        });
    marked(&mut html, &said.subject, words);
    html.raw("<!></span><span class=\"marks\">");
    for (icon, key) in marks(flags, envelope.attachment) {
        html.raw("<span class=\"mark mark-")
            .raw(icon)
            .raw("\"><svg aria-hidden=\"true\" focusable=\"false\" class=\"icon\"><use href=\"#icon-")
            .raw(icon)
            .raw("\"></use><!></svg><span class=\"visually-hidden\">")
            .text(locale.text(key))
            .raw("<!>, <!><!></span><!><!></span>");
    }
    html.raw("<!><!></span><!><!></span><span dir=\"auto\" class=\"row-snippet\">");
    marked(&mut html, &envelope.snippet, words);
    html.raw("<!></span><!><!></a><!><!></li>");
    html.finish()
}

#[cfg(test)]
mod tests;
