//! Every message of every folder of the seeded mailbox, the odd ones among them: each opens, each
//! has a body and a source, each can be answered, and in no page runs anything.

use crate::http_support::client::{Browser, encode};
use crate::http_support::html::{Page, nonce};
use crate::http_support::mailbox::Mailbox;
use crate::http_support::{Site, open, run};
use futures_util::{StreamExt, stream};

async fn walk(mut browser: Browser, folder: String, validity: u32, uid: u32) -> Vec<String> {
    let place = format!("/mail/{}/{uid}", encode(&folder));
    let mut wrong = Vec::new();
    for (path, framed) in [
        (format!("{place}?v={validity}&headers=1"), true),
        (place.clone(), true),
        (format!("{place}/body?v={validity}"), false),
        (format!("{place}/body?view=text"), false),
        (
            format!("/compose?reply-all={uid}&folder={}", encode(&folder)),
            true,
        ),
        (
            format!("/compose?forward={uid}&folder={}", encode(&folder)),
            true,
        ),
    ] {
        let answer = browser.get(&path).await;
        if answer.status != 200 {
            wrong.push(format!("{path}: {} {:.200}", answer.status, answer.text()));
            continue;
        }
        let page = Page::of(&answer);
        if framed {
            page.assert_safe(&nonce(&answer), &path);
            if !page.has_folders() {
                wrong.push(format!("{path}: no folders"));
            }
        } else if let Some(script) = page.all("script").next() {
            wrong.push(format!("{path}: {script:?}"));
        }
    }
    let answer = browser.get(&format!("{place}/source")).await;
    if answer.status != 200 {
        wrong.push(format!("{place}/source: {}", answer.status));
    }
    wrong
}

#[test]
fn every_message_opens_and_nothing_in_it_runs() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        let mailbox = Mailbox::of("demo").await;
        let mut walks = Vec::new();
        for folder in mailbox.folders().await {
            let path = format!("/mail/{}", encode(&folder));
            let page = open(&mut browser, &path, 200).await;
            assert!(page.has_folders(), "{folder}");
            let (validity, uids) = mailbox.all(&folder).await;
            let shown = uids.len().min(50);
            let begin = if folder == "Drafts" {
                "/compose?draft=".to_owned()
            } else {
                format!("/mail/{}/", posthorn::ui::route::encode(&folder))
            };
            let links = page.links();
            let links = links.iter().filter(|link| link.starts_with(&begin));
            assert_eq!(links.count(), shown, "{folder}: one link a message");
            for uid in uids {
                walks.push(walk(browser.clone(), folder.clone(), validity, uid));
            }
        }
        assert!(walks.len() > 180, "{} messages", walks.len());
        let wrong: Vec<Vec<String>> = stream::iter(walks).buffer_unordered(4).collect().await;
        let wrong: Vec<String> = wrong.into_iter().flatten().collect();
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    });
}

#[test]
fn a_page_loaded_in_advance_or_from_elsewhere_marks_nothing_as_read() {
    run(async {
        use crate::http_support::client::{HTML, OWN, Request};
        let site = Site::start().await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        let subject = crate::http_support::unique("unread");
        let mail = crate::http_support::mailbox::mail(&subject);
        let uid = mailbox.store("INBOX", &mail).await;
        let path = format!("/mail/INBOX/{uid}");
        for headers in [
            [OWN, ("Sec-Purpose", "prefetch")],
            [OWN, ("Sec-Purpose", "prefetch;prerender")],
            [("Sec-Fetch-Site", "cross-site"), HTML],
            [("Sec-Fetch-Site", "same-site"), HTML],
        ] {
            let request = Request::get(&path).headers(&headers);
            assert_eq!(browser.send(request).await.status, 200);
            let seen = mailbox.flags("INBOX", uid).await.unwrap().seen;
            assert!(!seen, "{headers:?}");
        }
        browser.get(&format!("{path}/body")).await;
        browser.get(&format!("{path}/source")).await;
        assert!(!mailbox.flags("INBOX", uid).await.unwrap().seen);
        let page = open(&mut browser, &path, 200).await;
        assert_eq!(page.heading(), subject);
        assert!(mailbox.flags("INBOX", uid).await.unwrap().seen);
        mailbox.remove("INBOX", &subject).await;
    });
}

#[test]
fn a_message_that_is_opened_is_read_in_the_list_and_the_counts_around_it() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test5").await;
        let mailbox = Mailbox::of("test5").await;
        let folder = mailbox.create("Opened").await;
        let uid = mailbox
            .store(&folder, &crate::http_support::mailbox::mail("unread"))
            .await;
        let unread = |page: &Page| {
            let id = format!("row-{uid}");
            let row = page.all("a").find(|a| a.attribute("id") == Some(&id));
            let class = row.unwrap().attribute("class").unwrap_or_default();
            (
                class.contains("unread"),
                page.text.contains("Opened1, 1 unread"),
            )
        };
        let list = open(&mut browser, "/mail/Opened", 200).await;
        assert_eq!(unread(&list), (true, true));
        let path = format!("/mail/Opened/{uid}");
        let page = open(&mut browser, &path, 200).await;
        assert_eq!(unread(&page), (false, false));
        // It was read when the list was seen last, and then it was not any more.
        mailbox.mark(&folder, uid, false).await;
        let page = open(&mut browser, &path, 200).await;
        assert_eq!(unread(&page), (false, false));
        assert!(mailbox.flags(&folder, uid).await.unwrap().seen);
        mailbox.drop_folder(&folder).await;
    });
}

#[test]
fn a_long_folder_has_pages_and_a_page_beyond_the_last_is_the_last() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        for (page, first, count) in [
            ("1", "Message 120", 50),
            ("2", "Message 070", 50),
            ("3", "Message 020", 20),
            ("99", "Message 020", 20),
            ("0", "Message 120", 50),
            ("-1", "Message 120", 50),
            ("x", "Message 120", 50),
            ("4294967295", "Message 020", 20),
            ("99999999999", "Message 120", 50),
        ] {
            let shown = open(&mut browser, &format!("/mail/Many?page={page}"), 200).await;
            let links = shown.links();
            let links = links.iter().filter(|link| link.starts_with("/mail/Many/"));
            assert_eq!(links.count(), count, "page {page}");
            assert!(shown.text.contains(first), "page {page}");
        }
    });
}

#[test]
fn pages_loaded_at_the_same_time_are_all_whole() {
    run(async {
        let site = Site::start().await;
        let reader = site.reader().await;
        let paths = [
            "/mail/INBOX",
            "/mail/INBOX/1",
            "/mail/Many/24",
            "/mail/Nowhere",
            "/compose",
            "/compose?reply=2&folder=INBOX",
            "/settings/appearance",
            "/login",
        ];
        let loads = (0..150).flat_map(|_| paths).map(|path| {
            let mut browser = if path == "/login" {
                site.browser()
            } else {
                reader.clone()
            };
            async move {
                let answer = browser.get(path).await;
                let whole = answer.text().contains("</html>");
                let status = if path == "/mail/Nowhere" { 404 } else { 200 };
                (answer.status != status || !whole)
                    .then(|| format!("{path}: {} {:.100}", answer.status, answer.text()))
            }
        });
        let loads = stream::iter(loads).buffer_unordered(6);
        let wrong: Vec<String> = loads.filter_map(std::future::ready).collect().await;
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    });
}

/// Many people at once, each with a page of their own: what one is shown is never another's.
#[test]
fn a_page_says_nothing_of_a_page_that_is_made_at_the_same_time() {
    run(async {
        let site = Site::start().await;
        let reader = site.reader().await;
        let mut other = site.signed_in("leer").await;
        other.prefetches = true;
        let loads = (0..1_500_usize).map(|number| {
            let (mut browser, path, title) = match number % 5 {
                0 => (other.clone(), "/mail/INBOX".to_owned(), "Inbox".to_owned()),
                1 => (
                    other.clone(),
                    "/compose".to_owned(),
                    "New message".to_owned(),
                ),
                _ => {
                    let uid = number % 100 + 1;
                    let subject = format!("Message {uid:03}");
                    (reader.clone(), format!("/mail/Many/{uid}"), subject)
                }
            };
            async move {
                let answer = browser.get(&path).await;
                if answer.status != 200 {
                    return Some(format!("{path}: {}", answer.status));
                }
                let page = Page::of(&answer);
                let found = page.title();
                (!found.contains(&title)).then(|| format!("{path}: the title is {found}"))
            }
        });
        let loads = stream::iter(loads).buffer_unordered(8);
        let wrong: Vec<String> = loads.filter_map(std::future::ready).collect().await;
        assert!(
            wrong.is_empty(),
            "{} wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    });
}
