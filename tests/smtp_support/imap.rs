//! As little IMAP as it takes to see what arrived.

use super::{client_config, endpoint};
use posthorn::server::tls;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

/// A session with the inbox selected.
pub struct Imap(BufReader<tls::Stream>);

impl Imap {
    pub async fn login(user: &str, password: &str) -> Self {
        let stream = tls::connect(&client_config(), &endpoint("POSTHORN_IMAP_URL")).await;
        let mut imap = Self(BufReader::new(stream.expect("the stand's IMAP server")));
        imap.0.read_line(&mut String::new()).await.unwrap();
        imap.command(&format!("LOGIN {user} {password}")).await;
        imap.command("SELECT INBOX").await;
        imap
    }

    pub async fn command(&mut self, command: &str) -> Vec<u8> {
        self.0
            .write_all(format!("t {command}\r\n").as_bytes())
            .await
            .unwrap();
        self.0.flush().await.unwrap();
        let mut answer = Vec::new();
        loop {
            let start = answer.len();
            assert!(
                self.0.read_until(b'\n', &mut answer).await.unwrap() > 0,
                "cut off"
            );
            let line = String::from_utf8_lossy(&answer[start..]).into_owned();
            if let Some(length) = line
                .trim_end()
                .strip_suffix('}')
                .and_then(|l| l.rsplit_once('{'))
            {
                let mut literal = vec![0; length.1.parse().unwrap()];
                self.0.read_exact(&mut literal).await.unwrap();
                answer.extend(literal);
            } else if let Some(status) = line.strip_prefix("t ") {
                assert!(status.starts_with("OK"), "{command}: {status}");
                return answer;
            }
        }
    }

    /// The mail's copies. Not by SEARCH: that waits until the full-text index knows all the mails,
    /// which takes minutes after five hundred have arrived.
    pub async fn uids(&mut self, message_id: &str) -> Vec<u32> {
        self.command("NOOP").await;
        let fetch = "UID FETCH 1:* BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)]";
        let answer = String::from_utf8(self.command(fetch).await).unwrap();
        let id = format!("<{message_id}>");
        let of_id = |answer: &str| {
            let (_, uid) = answer.split_once("(UID ").unwrap();
            uid.split_once(' ').unwrap().0.parse().unwrap()
        };
        answer
            .split("\r\n)\r\n")
            .filter(|answer| answer.contains(&id))
            .map(of_id)
            .collect()
    }

    /// Waits until so many copies of the mail are there.
    pub async fn arrived(&mut self, message_id: &str, count: usize) -> Vec<u32> {
        let deadline = Instant::now() + Duration::from_mins(1);
        loop {
            let uids = self.uids(message_id).await;
            if uids.len() >= count {
                assert_eq!(uids.len(), count, "more copies than were sent");
                return uids;
            }
            assert!(
                Instant::now() < deadline,
                "{} of {count} arrived",
                uids.len()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn fetch(&mut self, uid: u32) -> Vec<u8> {
        let answer = self.command(&format!("UID FETCH {uid} BODY.PEEK[]")).await;
        // The literal stands between the lines of the answer.
        let start = answer.iter().position(|byte| *byte == b'\n').unwrap() + 1;
        let end = answer
            .windows(3)
            .rposition(|three| three == b")\r\n")
            .unwrap();
        answer[start..end].to_vec()
    }

    pub async fn remove(&mut self, message_id: &str) {
        let uids: Vec<String> = self
            .uids(message_id)
            .await
            .iter()
            .map(u32::to_string)
            .collect();
        self.command(&format!(
            "UID STORE {} +FLAGS.SILENT (\\Deleted)",
            uids.join(",")
        ))
        .await;
        self.command(&format!("UID EXPUNGE {}", uids.join(",")))
            .await;
    }
}
