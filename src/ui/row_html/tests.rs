//! What is written by hand is what the view would be, for rows of all kinds.

use crate::model::{Address, Envelope, Flags, FolderRole, Listing, Stamp, Window};
use crate::ui::mailbox::Mailbox;
use crate::ui::row::{Said, view_of};
use crate::ui::rows::List;
use any_spawner::Executor;
use leptos::prelude::*;
use leptos_router::components::Router;
use leptos_router::location::RequestUrl;

fn address(name: &str, addr: &str) -> Address {
    Address {
        name: (!name.is_empty()).then(|| name.to_owned()),
        addr: addr.to_owned(),
    }
}

/// Rows of all kinds.
fn envelopes() -> Vec<Envelope> {
    let flags = |n: u32| Flags {
        seen: n & 1 != 0,
        flagged: n & 2 != 0,
        answered: n & 4 != 0,
        forwarded: n & 8 != 0,
        ..Flags::default()
    };
    let texts = [
        "",
        "Plans for Sunday",
        "a plan, <b>bold</b> & \"quoted\" 'so'",
        "plan",
        "planplan of a plan",
        "תוכנית plan תוכנית\u{a0}",
        " ",
    ];
    (0..40)
        .map(|n| {
            let text = |shift: usize| {
                let index = (usize::try_from(n).unwrap() + shift) % texts.len();
                texts[index].to_owned()
            };
            Envelope {
                uid: 100 + n,
                ordinal: 1 + n,
                others: (0..n % 3).collect(),
                flags: flags(n),
                from: [
                    vec![],
                    vec![address("Anna \"A\" <Berger>", "anna@x.example")],
                    vec![address("", "a&b@x.example"), address("נועה", "n@x.example")],
                ][usize::try_from(n % 3).unwrap()]
                .clone(),
                to: vec![address("Jonas", "jonas@x.example")],
                subject: text(0),
                date: Stamp {
                    epoch: 1,
                    short: text(1),
                    long: "Tuesday, 24 November 2026, 09:42".to_owned(),
                    iso: "2026-11-24T08:42:00Z".to_owned(),
                },
                size: 1_000 * n,
                attachment: n % 5 == 0,
                snippet: text(3),
            }
        })
        .collect()
}

/// Both, for a list that is shown by this address.
fn both(
    folder: &'static str,
    address: &str,
    listing: Listing,
    role: Option<FolderRole>,
    words: &[&str],
) {
    let _ = Executor::init_tokio();
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let owner = Owner::new();
    owner.set();
    provide_context(RequestUrl::new(address));
    let compare = move || {
        let mailbox = Mailbox::provide();
        let envelopes = envelopes();
        let window = Window {
            folder: folder.to_owned(),
            uid_validity: 7,
            total: 60,
            page: 1,
            pages: 2,
            envelopes: envelopes.clone(),
            notes: None,
        };
        mailbox.rows.begin(listing.clone(), &window);
        let list = List {
            folder: folder.to_owned(),
            uid_validity: 7,
            listing: listing.clone(),
        };
        for envelope in envelopes {
            let said = || Said::of(mailbox, &envelope, &list, 1, role);
            let written = super::row(mailbox, &envelope, &list, &said(), &words).to_html();
            let view = view_of(
                mailbox,
                envelope.clone(),
                list.clone(),
                said(),
                words.clone(),
            );
            assert_eq!(written, view.into_any().to_html(), "{envelope:?}");
        }
    };
    let _ = view! { <Router>{compare}</Router> }.to_html();
}

#[tokio::test]
async fn a_row_is_written_as_its_view_is() {
    let plain = Listing::default();
    both(
        "INBOX",
        "/mail/INBOX",
        plain.clone(),
        Some(FolderRole::Inbox),
        &[],
    );
    both("a/b\\c", "/mail/a%2Fb%5Cc/105", plain.clone(), None, &[]);
    both(
        "Drafts",
        "/mail/Drafts",
        plain.clone(),
        Some(FolderRole::Drafts),
        &[],
    );
    both("Sent", "/mail/Sent/101", plain, Some(FolderRole::Sent), &[]);
    let searched = Listing {
        query: "plan".to_owned(),
        ..Listing::default()
    };
    both("INBOX", "/mail/INBOX?q=plan", searched, None, &["plan"]);
    let conversations = Listing {
        conversations: true,
        ..Listing::default()
    };
    both("INBOX", "/mail/INBOX", conversations, None, &[]);
}
