//! Searching over HTTP: the stream of hits, the windows of a listing, and who may ask.

use super::http_support::client::{Browser, Request};
use super::http_support::{Site, run};
use serde_json::{Value, json};

/// The lines of a search.
async fn search(browser: &mut Browser, folder: &str, query: &str, sort: &str) -> Vec<Value> {
    let listing = json!({ "sort": sort, "query": query });
    let answer = browser
        .send(asked(&json!({ "folder": folder, "listing": listing })))
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(answer.header("cache-control"), "no-store");
    let text = answer.text();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    lines.collect()
}

fn asked(body: &Value) -> Request {
    Request::new("POST", "/api/search")
        .header(("content-type", "application/json"))
        .header(("sec-fetch-site", "same-origin"))
        .body(body.to_string())
}

/// Folder and UID of all hits.
fn hits(lines: &[Value]) -> Vec<(String, u64)> {
    lines
        .iter()
        .filter_map(|line| line.get("Hits"))
        .flat_map(|hits| {
            let folder = hits["folder"].as_str().unwrap();
            let envelopes = hits["envelopes"].as_array().unwrap();
            envelopes
                .iter()
                .map(|envelope| (folder.to_owned(), envelope["uid"].as_u64().unwrap()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn hits_come_as_lines() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        let lines = search(
            &mut browser,
            "INBOX",
            "subject:lunch before:someday",
            "Arrival",
        )
        .await;
        let begun = &lines[0]["Begun"];
        assert_eq!(begun["words"], json!(["lunch"]));
        assert_eq!(begun["problems"][0]["kind"], "Date");
        assert_eq!(begun["problems"][0]["piece"], "before:someday");
        assert_eq!(
            lines.last().unwrap()["Done"],
            json!({ "found": 2, "whole": true, "problems": [] })
        );
        let mut found = hits(&lines);
        found.sort();
        assert_eq!(found, [("INBOX".to_owned(), 1), ("INBOX".to_owned(), 2)]);
        let lines = search(&mut browser, "INBOX", "subject:lunch", "Subject").await;
        assert_eq!(hits(&lines).len(), 2);
        let lines = search(&mut browser, "INBOX", "in:drafts", "Arrival").await;
        assert!(hits(&lines).iter().all(|(folder, _)| folder == "Drafts"));
        let lines = search(&mut browser, "INBOX", "in:nowhere subject:lunch", "Arrival").await;
        assert_eq!(lines[0]["Begun"]["problems"][0]["kind"], "Folder");
        assert_eq!(hits(&lines).len(), 2);
        let lines = search(&mut browser, "Nowhere", "x", "Arrival").await;
        assert_eq!(lines.last().unwrap()["Failed"], "NoFolder");
    });
}

#[test]
fn everywhere_is_all_but_the_bin() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        let lines = search(&mut browser, "INBOX", "in:anywhere message", "Arrival").await;
        assert_eq!(lines[0]["Begun"]["everywhere"], true);
        let found = hits(&lines);
        for folder in ["INBOX", "Many"] {
            assert!(found.iter().any(|(name, _)| name == folder), "{folder}");
        }
        assert!(
            found
                .iter()
                .all(|(name, _)| name != "Trash" && name != "Junk")
        );
        let mut once = found.clone();
        once.sort();
        once.dedup();
        assert_eq!(once.len(), found.len());
        assert_eq!(lines.last().unwrap()["Done"]["whole"], true);
    });
}

#[test]
fn pages_of_a_search_are_complete() {
    run(async {
        let site = Site::start().await;
        let mut browser = site.reader().await;
        let fields = [
            ("folder", "INBOX"),
            ("listing[query]", "betreff:größe is:nice"),
            ("listing[sort]", "Size"),
            ("page", "1"),
        ];
        let window = browser.call("window", &fields).await.json();
        assert_eq!(
            (window["total"].as_u64(), window["pages"].as_u64()),
            (Some(1), Some(1))
        );
        assert_eq!(window["envelopes"][0]["uid"], 6);
        assert_eq!(window["notes"]["words"], json!(["größe"]));
        assert_eq!(window["notes"]["problems"][0]["kind"], "State");
        let fields = [
            ("folder", "Many"),
            ("listing[filter][unread]", "true"),
            ("listing[filter][starred]", "false"),
            ("listing[filter][attachment]", "false"),
            ("first", "3"),
            ("last", "5"),
        ];
        let window = browser.call("rows", &fields).await.json();
        assert_eq!(window["total"], 10);
        let rows = window["envelopes"].as_array().unwrap();
        let ordinals: Vec<_> = rows
            .iter()
            .map(|row| row["ordinal"].as_u64().unwrap())
            .collect();
        assert_eq!(ordinals, [5, 4, 3]);
        let page = browser.get("/mail/INBOX?q=subject%3Anewest").await;
        assert_eq!(page.status, 200);
        assert!(
            page.text().contains("Newest message") && !page.text().contains("Our autumn offers")
        );
    });
}

#[test]
fn strangers_and_other_sites_get_nothing() {
    run(async {
        let site = Site::start().await;
        let body = json!({ "folder": "INBOX", "listing": { "query": "x" } });
        let answer = site.browser().send(asked(&body)).await;
        assert_eq!(answer.status, 401);
        let mut browser = site.reader().await;
        let cross = Request::new("POST", "/api/search")
            .header(("content-type", "application/json"))
            .header(("sec-fetch-site", "cross-site"))
            .body(body.to_string());
        assert_eq!(browser.send(cross).await.status, 403);
        let answer = browser.send(asked(&json!({ "folder": 7 }))).await;
        assert!((400..500).contains(&answer.status));
    });
}
