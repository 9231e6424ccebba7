//! Conversations by the server functions: the seeded lunch, of which one half is in Sent.

use crate::http_support::{Site, run};

#[test]
fn a_conversation_is_listed_and_opened_with_what_was_sent() {
    run(async {
        let site = Site::start().await;
        let mut reader = site.reader().await;
        let fields = [("folder", "INBOX"), ("first", "0"), ("last", "199")];
        let listed = reader.call("conversations", &fields).await.json();
        assert_eq!(listed["complete"], true, "{listed}");
        let rows = listed["rows"].as_array().unwrap();
        assert_eq!(listed["total"], rows.len());
        let lunch = rows
            .iter()
            .find(|row| row["newest"]["uid"] == 2)
            .expect("the lunch");
        assert_eq!(lunch["uids"], serde_json::json!([1, 2]));
        assert_eq!(lunch["count"], 2);
        assert_eq!(lunch["newest"]["subject"], "Re: Lunch on Friday?");

        let fields = [("folder", "INBOX"), ("uid", "2")];
        let opened = reader.call("conversation", &fields).await.json();
        let members = opened["members"].as_array().unwrap();
        let folders: Vec<_> = members.iter().map(|member| &member["folder"]).collect();
        assert_eq!(folders, ["INBOX", "Sent", "INBOX"], "{opened}");
        let stale = [("folder", "INBOX"), ("uid", "2"), ("uid_validity", "1")];
        let refused = reader.call("conversation", &stale).await;
        assert!(
            refused.text().contains("FolderChanged"),
            "{}",
            refused.text()
        );
        let nobody = site.browser().call("conversation", &fields).await;
        assert!(nobody.text().contains("NotSignedIn"), "{}", nobody.text());
    });
}
