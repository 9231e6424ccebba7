//! A folder of the tree as the server writes it: people have hundreds of them.

use super::folders::{Counted, counted};
use super::html::Html;
use super::mailbox::Mailbox;
use super::route::{self, Page};
use super::words::folder_label;
use crate::i18n::Key;
use crate::model::Folder;
use leptos::prelude::*;
use leptos::tachys::html::InertElement;

/// The entry of `folder`; its view is in `folders.rs`.
pub(super) fn entry(mailbox: Mailbox, folder: &Folder) -> InertElement {
    let locale = mailbox.here.locale;
    let label = folder_label(locale, folder);
    let mut html = Html::with_capacity(300);
    html.raw("<li class=\"depth-").number(folder.depth.min(8));
    if !folder.selectable {
        html.raw("\"><span class=\"folder\">")
            .text(&label)
            .raw("<!></span><!></li>");
        return html.finish();
    }
    html.raw("\"><a")
        .attribute("href", &route::folder(&folder.name, 1));
    if let Some(rel) = route::rel(&folder.name) {
        html.attribute("rel", rel);
    }
    let current = mailbox.page.with(
        |page| matches!(page, Page::Folder(name) | Page::Message(name, _) if *name == folder.name),
    );
    if current {
        html.raw(" aria-current=\"page\"");
    }
    let counted = counted(folder.role);
    let (class, count) = match counted {
        Counted::All => (" class=\"folder  quiet\"", mailbox.total(folder)),
        Counted::Nothing => (" class=\"folder\"", 0),
        Counted::Unseen => (" class=\"folder\"", mailbox.unseen(folder)),
    };
    html.raw(class)
        .raw("><span class=\"name\">")
        .text(&label)
        .raw("<!></span>");
    if count > 0 {
        let n = u64::from(count);
        let spoken = if counted == Counted::All {
            locale.count(Key::CountDraftsOne, Key::CountDraftsOther, n)
        } else {
            locale.count(Key::CountUnreadOne, Key::CountUnreadOther, n)
        };
        html.raw("<span aria-hidden=\"true\" class=\"count\">")
            .text(&locale.number(n))
            .raw("<!></span><span class=\"visually-hidden\">, <!>")
            .text(&spoken)
            .raw("<!><!></span>");
    }
    html.raw("<!><!><!></a><!></li>");
    html.finish()
}

/// The options of a choice of folders: full names and labels.
pub(super) fn options(choices: &[(String, String)]) -> InertElement {
    let mut html = Html::with_capacity(50 * choices.len());
    for (name, label) in choices {
        html.raw("<option")
            .attribute("value", name)
            .raw(">")
            .text(label)
            .raw("<!></option>");
    }
    html.raw("<!>");
    html.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{FolderRole, Space};
    use crate::ui::folders::view_of;
    use any_spawner::Executor;
    use leptos_router::components::Router;
    use leptos_router::location::RequestUrl;

    #[test]
    fn choices_are_written_as_their_view_is() {
        for names in [vec![], vec!["a"], vec!["<b> & \"c\"", "", "ü"]] {
            let choices: Vec<_> = names
                .iter()
                .map(|name| ((*name).to_owned(), format!("\u{2003}{name}")))
                .collect();
            let view = crate::ui::move_form::options_of(choices.clone());
            assert_eq!(options(&choices).to_html(), view.into_any().to_html());
        }
    }

    #[tokio::test]
    async fn a_folder_is_written_as_its_view_is() {
        let _ = Executor::init_tokio();
        let owner = Owner::new();
        owner.set();
        provide_context(RequestUrl::new("/mail/a%5Cb"));
        let folder = |name: &str, role, depth, selectable, unseen| Folder {
            name: name.to_owned(),
            label: name.to_owned(),
            depth,
            role,
            space: Space::Own,
            selectable,
            total: unseen * 2,
            unseen,
            subscribed: true,
            uid_next: 1,
            uid_validity: 7,
        };
        let folders = [
            folder("INBOX", Some(FolderRole::Inbox), 0, true, 1),
            folder("Drafts", Some(FolderRole::Drafts), 0, true, 1_234),
            folder("Trash", Some(FolderRole::Trash), 0, true, 3),
            folder("a\\b", None, 1, true, 0),
            folder("<i>&\"'", None, 2, true, 12_345),
            folder("", None, 20, true, 1),
            folder("Level", None, 20, false, 0),
        ];
        let compare = move || {
            let mailbox = Mailbox::provide();
            for folder in &folders {
                assert_eq!(
                    entry(mailbox, folder).to_html(),
                    view_of(mailbox, folder.clone()).to_html(),
                    "{folder:?}"
                );
            }
        };
        let _ = view! { <Router>{compare}</Router> }.to_html();
    }
}
