//! The stand's mailboxes beside the web: storing mails for the tests, and looking what became of
//! them.

use super::variable;
use posthorn::mail::structure::Part;
use posthorn::model::Flags;
use posthorn::server::imap::{Engine, ImapError, Server};
use posthorn::server::tls::{self, Endpoint};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Address and password of one of the stand's people.
pub fn account(user: &str) -> (String, &'static str) {
    let password = match user {
        "demo" => "posthorn-demo",
        "anna" => "anna-secret",
        "leer" => "leer-secret",
        "umlaut" => "Pässwört \"mit\" \\ und 'Leer zeichen",
        _ if user.starts_with("test") => "test-secret",
        _ => panic!("no {user} in docs/STAND.md"),
    };
    (format!("{user}@posthorn.example"), password)
}

/// The port in an address such as `imaps://localhost:993`.
pub fn port(name: &str) -> u16 {
    let url = variable(name);
    let (_, port) = url.rsplit_once(':').unwrap();
    port.trim_end_matches('/').parse().unwrap()
}

/// A way into a mailbox that is none of Posthorn's under test.
pub struct Mailbox(Arc<Engine>);

impl Mailbox {
    pub async fn of(user: &str) -> Self {
        let ca_file = PathBuf::from(variable("POSTHORN_CA_FILE"));
        let server = Server {
            endpoint: Endpoint {
                host: "localhost".to_owned(),
                port: port("POSTHORN_IMAP_URL"),
            },
            tls: tls::client_config(Some(&ca_file)).unwrap(),
        };
        let (address, password) = account(user);
        let engine = Engine::sign_in(&server, &address, password.into(), None).await;
        Self(engine.unwrap())
    }

    /// Stores a mail, unread; its UID.
    pub async fn store(&self, folder: &str, mail: &[u8]) -> u32 {
        let size = u64::try_from(mail.len()).unwrap();
        let mut source = mail;
        let uid = self.0.append(folder, &[], size, &mut source).await.unwrap();
        uid.expect("the stand has UIDPLUS")
    }

    /// What the server says of the message's structure.
    pub async fn structure(&self, folder: &str, uid: u32) -> Part {
        self.0.open(folder, uid, None).await.unwrap().structure
    }

    /// A folder of the test's own; what a test that failed has left in it is gone.
    pub async fn create(&self, label: &str) -> String {
        self.drop_folder(label).await;
        self.0.create_folder("", label).await.unwrap()
    }

    /// Removes a folder with all in it, if it is there.
    pub async fn drop_folder(&self, folder: &str) {
        let _ = self.0.delete_folder(folder, 100_000, 0).await;
    }

    pub async fn validity(&self, folder: &str) -> u32 {
        let window = self.0.window(folder, 1, 1, false).await.unwrap();
        window.uid_validity
    }

    /// The flags, or `None` where there is no such message among the newest.
    pub async fn flags(&self, folder: &str, uid: u32) -> Option<Flags> {
        // Not by opening it: a connection may show for a while what another has removed.
        let window = self.0.window(folder, 1, 200, false).await.unwrap();
        let row = window.rows.iter().find(|row| row.uid == uid)?;
        Some(row.flags)
    }

    /// Marks a message as read, or as unread.
    pub async fn mark(&self, folder: &str, uid: u32, read: bool) {
        let validity = self.validity(folder).await;
        self.0
            .set_flags(folder, validity, &[uid], "\\Seen", read)
            .await
            .unwrap();
    }

    /// The newest messages whose header holds `words`, which stand in the subject; newest first.
    /// A folder that does not exist yet holds none.
    pub async fn with(&self, folder: &str, words: &str) -> Vec<u32> {
        let window = match self.0.window(folder, 1, 200, false).await {
            Ok(window) => window,
            Err(ImapError::NoFolder) => return Vec::new(),
            Err(error) => panic!("{error}"),
        };
        let held = |header: &[u8]| String::from_utf8_lossy(header).contains(words);
        let rows = window.rows.iter().filter(|row| held(&row.header));
        rows.map(|row| row.uid).collect()
    }

    /// Waits until so many such messages are there, and a moment longer for one too many.
    pub async fn arrived(&self, folder: &str, words: &str, count: usize) -> Vec<u32> {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let uids = self.with(folder, words).await;
            if uids.len() >= count {
                tokio::time::sleep(Duration::from_millis(500)).await;
                let uids = self.with(folder, words).await;
                assert_eq!(uids.len(), count, "more in {folder} than there should be");
                return uids;
            }
            assert!(Instant::now() < deadline, "{words}: {uids:?} in {folder}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// The mail as it lies there.
    pub async fn source(&self, folder: &str, uid: u32) -> String {
        use futures_util::StreamExt;
        let mut pieces = std::pin::pin!(self.0.stream_part(folder, uid, None, None));
        let mut octets = Vec::new();
        while let Some(piece) = pieces.next().await {
            octets.extend(piece.unwrap());
        }
        String::from_utf8_lossy(&octets).into_owned()
    }

    /// All folders that hold messages, with their names.
    pub async fn folders(&self) -> Vec<String> {
        let folders = self.0.folders().await.unwrap();
        let folders = folders.into_iter().filter(|folder| folder.selectable);
        folders.map(|folder| folder.name).collect()
    }

    /// UIDVALIDITY and all UIDs of a folder.
    pub async fn all(&self, folder: &str) -> (u32, Vec<u32>) {
        let window = self.0.window(folder, 1, 500, false).await.unwrap();
        let uids = window.rows.iter().map(|row| row.uid).collect();
        (window.uid_validity, uids)
    }

    /// Removes what a test has left; how many that were.
    pub async fn remove(&self, folder: &str, words: &str) -> usize {
        let uids = self.with(folder, words).await;
        if !uids.is_empty() {
            let validity = self.validity(folder).await;
            self.0
                .delete_for_ever(folder, validity, &uids)
                .await
                .unwrap();
        }
        uids.len()
    }
}

/// A small mail.
pub fn mail(subject: &str) -> Vec<u8> {
    format!(
        "From: Somebody <somebody@posthorn.example>\r\nTo: demo@posthorn.example\r\n\
         Subject: {subject}\r\nMessage-ID: <{}@http.test>\r\n\r\nText.\r\n",
        super::unique("stored")
    )
    .into_bytes()
}
