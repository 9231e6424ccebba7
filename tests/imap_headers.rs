//! What is kept of lists, against the real Dovecot: a page that was seen costs flags only, and what
//! others did meanwhile shows all the same.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use posthorn::server::imap::{Budget, Engine, Grouping, RawRow, Server};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::sync::Arc;

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

async fn tester(budget: &Arc<Budget>) -> Arc<Engine> {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    let ca_file = PathBuf::from(variable("POSTHORN_CA_FILE"));
    let server = Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port: port.parse().unwrap(),
        },
        tls: tls::client_config(Some(&ca_file)).unwrap(),
    };
    let (user, password) = ("test4@posthorn.example", "test-secret".into());
    Engine::sign_in_within(budget, &server, user, password, None)
        .await
        .unwrap()
}

async fn store(engine: &Engine, folder: &str, subject: &str) -> u32 {
    let mail = format!("From: a@posthorn.example\r\nSubject: {subject}\r\n\r\nText.\r\n");
    let size = u64::try_from(mail.len()).unwrap();
    let mut source = mail.as_bytes();
    let uid = engine.append(folder, &[], size, &mut source).await;
    uid.unwrap().expect("the stand has UIDPLUS")
}

async fn page(engine: &Engine, folder: &str) -> Vec<RawRow> {
    let window = engine.window(folder, 1, 50, true).await.unwrap();
    for row in &window.rows {
        assert!(
            row.overview.is_some() && row.size > 0,
            "a row without its header"
        );
    }
    window.rows
}

fn subjects(rows: &[RawRow]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let subject = row.clone().read().subject.clone();
            format!("{} {} {subject}", row.ordinal, row.uid)
        })
        .collect()
}

#[tokio::test]
async fn a_page_that_was_seen_costs_flags_and_is_true() {
    let (budget, nobodys) = (Arc::new(Budget::default()), Arc::new(Budget::new(0)));
    let engine = tester(&budget).await;
    let other = tester(&nobodys).await;
    let name = format!("headers-{}", std::process::id());
    let folder = engine.create_folder("", &name).await.unwrap();
    let mut uids = Vec::new();
    for number in 0..30 {
        uids.push(store(&other, &folder, &format!("mail {number}")).await);
    }
    let first = page(&engine, &folder).await;
    assert_eq!(first.len(), 30);
    let figures = budget.figures();
    assert_eq!((figures.rows, figures.hits), (30, 0));

    assert_eq!(page(&engine, &folder).await, first);
    let figures = budget.figures();
    assert_eq!((figures.hits, figures.misses), (30, 0));

    // Others read one, take two away and bring three.
    let validity = engine
        .window(&folder, 1, 50, false)
        .await
        .unwrap()
        .uid_validity;
    other
        .set_flags(&folder, validity, &uids[..1], "\\Flagged", true)
        .await
        .unwrap();
    other
        .delete_for_ever(&folder, validity, &[uids[10], uids[29]])
        .await
        .unwrap();
    for number in 30..33 {
        store(&other, &folder, &format!("mail {number}")).await;
    }
    let then = page(&engine, &folder).await;
    assert_eq!(subjects(&then), subjects(&page(&other, &folder).await));
    assert_eq!(then.len(), 31);
    assert!(then.last().unwrap().flags.flagged);
    let figures = budget.figures();
    assert_eq!(
        figures.misses, 3,
        "only what is new is fetched: {figures:?}"
    );
    // The other one keeps next to nothing, and sees the same.
    assert!(nobodys.figures().rows < 60);

    // Conversations show the same rows.
    let conversations = async |engine: &Engine| {
        let found = engine.conversation_rows(&folder, 0, 49, Grouping::Best);
        found.await.unwrap().rows
    };
    assert_eq!(conversations(&engine).await, conversations(&other).await);
    assert_eq!(budget.figures().misses, 3, "all of them were known");
    let (read, gone) = (uids[1], uids[2]);
    other
        .set_flags(&folder, validity, &[read], "\\Seen", true)
        .await
        .unwrap();
    other
        .delete_for_ever(&folder, validity, &[gone])
        .await
        .unwrap();
    let rows = conversations(&engine).await;
    assert_eq!(rows, conversations(&other).await);
    let row = |uid| rows.iter().find(|row| row.newest.uid == uid);
    assert!(row(read).unwrap().newest.flags.seen && row(gone).is_none());

    // The folder of that name is another one now. (Dovecot takes it badly if a connection still has
    // the former one open.)
    other.close().await;
    engine.delete_folder(&folder, 30, 0).await.unwrap();
    let other = tester(&nobodys).await;
    let again = other.create_folder("", &name).await.unwrap();
    store(&other, &again, "another").await;
    let rows = page(&engine, &folder).await;
    assert_eq!(rows.len(), 1);
    assert!(subjects(&rows)[0].ends_with("another"));
    other.delete_folder(&again, 1, 0).await.unwrap();
}
