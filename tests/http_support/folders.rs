//! The page with the folders, as forms without JavaScript use it.

use crate::http_support::mailbox::{Mailbox, mail};
use crate::http_support::{Site, open, run, unique};
use posthorn::ui::route::{encode, folder_settings};

#[test]
fn folders_are_made_changed_and_deleted_by_plain_forms() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test3").await;
        let mailbox = Mailbox::of("test3").await;
        let name = format!("{} <b>100% \"x\"", unique("folder"));
        let fields = [("parent", ""), ("name", name.as_str())];
        let answer = browser.post("/api/create_folder", &fields).await;
        assert_eq!(answer.status, 303, "{}", answer.text());
        assert_eq!(answer.location(), "/settings/folders");
        let page = open(&mut browser, "/settings/folders", 200).await;
        assert!(page.has_folders() && page.text.contains(&name));
        assert!(page.text.contains("Folder created."), "{}", page.text);
        assert!(page.text.contains("of 5.4 GB"), "{}", page.text);

        // Refused: what was typed comes back, with why.
        let answer = browser.post("/api/create_folder", &fields).await;
        let location = answer.location().to_owned();
        assert!(location.contains(&format!("name={}", encode(&name))));
        let page = open(&mut browser, &location, 200).await;
        let told = "There is a folder of this name already.";
        assert!(page.text.contains(told), "{}", page.text);

        let child = [("parent", name.as_str()), ("name", "child")];
        browser.post("/api/create_folder", &child).await;
        let child = format!("{name}/child");
        mailbox.store(&child, &mail("in the folder")).await;
        let page = open(&mut browser, &folder_settings(Some(&name)), 200).await;
        assert_eq!(page.heading(), name);
        let says = "This deletes 1 message and 1 folder inside for ever.";
        assert!(page.text.contains(says), "{}", page.text);

        let renamed = format!("{name} new");
        let fields = [("folder", name.as_str()), ("name", &renamed)];
        let answer = browser.post("/api/rename_folder", &fields).await;
        assert_eq!(answer.location(), "/settings/folders");
        let fields = [("folder", renamed.as_str()), ("on", "false")];
        let answer = browser.post("/api/subscribe_folder", &fields).await;
        assert_eq!(answer.location(), "/settings/folders");

        // More has come than the page said.
        let delete = |messages| {
            [
                ("folder", renamed.as_str()),
                ("messages", messages),
                ("folders", "1"),
            ]
        };
        let answer = browser.post("/api/delete_folder", &delete("0")).await;
        assert_eq!(answer.location(), folder_settings(Some(&renamed)));
        assert!(mailbox.folders().await.contains(&renamed));
        let answer = browser.post("/api/delete_folder", &delete("1")).await;
        assert_eq!(answer.location(), "/settings/folders");
        let left = mailbox.folders().await;
        assert!(left.iter().all(|folder| !folder.starts_with(&name)));
        open(&mut browser, &folder_settings(Some(&renamed)), 200).await;
    });
}

#[test]
fn calls_about_folders_are_refused_in_words() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.signed_in("test3").await;
        for (call, fields, status, word) in [
            (
                "create_folder",
                vec![("parent", ""), ("name", "a/b")],
                409,
                "Delimiter",
            ),
            (
                "create_folder",
                vec![("parent", "Nowhere"), ("name", "a")],
                404,
                "NoFolder",
            ),
            (
                "rename_folder",
                vec![("folder", "Trash"), ("name", "a")],
                409,
                "Special",
            ),
            (
                "delete_folder",
                vec![("folder", "INBOX"), ("messages", "9"), ("folders", "9")],
                409,
                "Special",
            ),
            (
                "empty_folder",
                vec![
                    ("folder", "INBOX"),
                    ("uid_validity", "1"),
                    ("uid_next", "9"),
                ],
                400,
                "BadRequest",
            ),
            (
                "mark_all_read",
                vec![
                    ("folder", "INBOX"),
                    ("uid_validity", "1"),
                    ("uid_next", "9"),
                ],
                410,
                "FolderChanged",
            ),
            (
                "subscribe_folder",
                vec![("folder", ""), ("on", "true")],
                404,
                "NoFolder",
            ),
            (
                "create_role_folder",
                vec![("role", "Nothing")],
                400,
                "BadRequest",
            ),
        ] {
            let answer = browser.call(call, &fields).await;
            assert_eq!(answer.status, status, "{call}: {}", answer.text());
            assert!(answer.text().contains(word), "{call}: {}", answer.text());
        }
        let answer = site.browser().call("create_folder", &[("name", "x")]).await;
        assert_eq!(answer.status, 401, "{}", answer.text());
    });
}
