//! An IMAP server that means no good, or no better. By itself it serves a folder of three messages
//! with the UIDs 10, 20 and 30, just as far as the engine asks; a test says what it does instead.

use super::{acceptor, localhost, server_at};
use posthorn::server::imap::{Engine, Pace, Server, SignInError};
use std::fmt::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::server::TlsStream;

pub const UIDS: [u32; 3] = [10, 20, 30];
pub const VALIDITY: u32 = 7;

/// What it does when it is asked something, or, with an empty line, when somebody has come.
#[derive(Clone, Debug)]
pub enum Reply {
    /// What an honest server says.
    Usual,
    /// This; `{tag}` stands for the command's tag.
    Say(String),
    /// This, and then the connection ends.
    Last(String),
    /// Nothing, and no end.
    Silence,
    /// This, and then one octet without end.
    Babble(&'static str, u8),
}

pub fn say(text: &str) -> Reply {
    Reply::Say(text.to_owned())
}

type Script = dyn Fn(usize, &str) -> Reply + Send + Sync;

/// The server. It ends with its last owner.
#[derive(Debug)]
pub struct Hostile {
    pub port: u16,
    accepted: Arc<AtomicUsize>,
    heard: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Drop for Hostile {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Hostile {
    /// A server that asks `script`, for each command without its tag, what to do. Connections are
    /// counted from 0.
    pub async fn start(script: impl Fn(usize, &str) -> Reply + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let accepted = Arc::new(AtomicUsize::new(0));
        let heard = Arc::new(Mutex::new(Vec::new()));
        let script: Arc<Script> = Arc::new(script);
        let (count, log) = (accepted.clone(), heard.clone());
        let task = tokio::spawn(async move {
            let acceptor = acceptor();
            loop {
                let tcp = listener.accept().await.unwrap().0;
                tcp.set_nodelay(true).unwrap();
                let number = count.fetch_add(1, Ordering::SeqCst);
                let (acceptor, script, log) = (acceptor.clone(), script.clone(), log.clone());
                tokio::spawn(async move {
                    if let Ok(stream) = acceptor.accept(tcp).await {
                        // The client may go at any time.
                        drop(serve(stream, number, &*script, &log).await);
                    }
                });
            }
        });
        Self {
            port,
            accepted,
            heard,
            task,
        }
    }

    pub fn server(&self) -> Server {
        let server = server_at(self.port);
        assert_eq!(server.endpoint, localhost(self.port));
        server
    }

    pub async fn try_sign_in(&self) -> Result<Arc<Engine>, SignInError> {
        self.sign_in_at(Pace::faster(25)).await
    }

    pub async fn sign_in_at(&self, pace: Pace) -> Result<Arc<Engine>, SignInError> {
        super::bounded(Engine::sign_in_at(
            pace,
            &self.server(),
            "somebody@example.org",
            "secret".into(),
            None,
        ))
        .await
    }

    pub async fn sign_in(&self) -> Arc<Engine> {
        self.try_sign_in().await.unwrap()
    }

    /// With as much time to answer as a real server has.
    #[allow(dead_code)]
    pub async fn sign_in_unhurried(&self) -> Arc<Engine> {
        self.sign_in_at(Pace::default()).await.unwrap()
    }

    /// Connections so far.
    pub fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    /// All commands so far, without their tags.
    pub fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }
}

async fn serve(
    stream: TlsStream<TcpStream>,
    number: usize,
    script: &Script,
    log: &Mutex<Vec<String>>,
) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut line = String::new();
    loop {
        let (tag, command) = line.trim_end().split_once(' ').unwrap_or_default();
        let text = match script(number, command) {
            Reply::Usual => usual(command),
            Reply::Say(text) => text,
            Reply::Last(text) => {
                stream
                    .write_all(text.replace("{tag}", tag).as_bytes())
                    .await?;
                return stream.shutdown().await;
            }
            Reply::Silence => std::future::pending().await,
            Reply::Babble(text, octet) => {
                stream.write_all(text.as_bytes()).await?;
                let noise = vec![octet; 16 << 10];
                loop {
                    stream.write_all(&noise).await?;
                }
            }
        };
        stream
            .write_all(text.replace("{tag}", tag).as_bytes())
            .await?;
        stream.flush().await?;
        line.clear();
        if !read_command(&mut stream, &mut line).await? {
            return Ok(());
        }
        if let Some((_, command)) = line.trim_end().split_once(' ') {
            log.lock().unwrap().push(command.to_owned());
        }
    }
}

/// A command with its literals; `false` where the client has gone.
async fn read_command(
    stream: &mut BufReader<TlsStream<TcpStream>>,
    line: &mut String,
) -> std::io::Result<bool> {
    if stream.read_line(line).await? == 0 {
        return Ok(false);
    }
    while let Some(count) = line
        .trim_end()
        .strip_suffix('}')
        .and_then(|rest| rest.rsplit_once('{'))
        .and_then(|(_, count)| count.parse::<usize>().ok())
    {
        stream.write_all(b"+ go on\r\n").await?;
        stream.flush().await?;
        let mut literal = vec![0; count];
        stream.read_exact(&mut literal).await?;
        line.push_str(&String::from_utf8_lossy(&literal));
        if stream.read_line(line).await? == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The FETCH response about the message with this number, as a row of a list.
pub fn row(number: u32) -> String {
    row_of(number, number * 10)
}

pub fn row_of(number: u32, uid: u32) -> String {
    let header = header(uid);
    format!(
        "* {number} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"01-Jan-2024 10:00:00 +0000\" \
         RFC822.SIZE 100 BODY[HEADER.FIELDS (DATE FROM TO SUBJECT)] {{{}}}\r\n{header} PREVIEW \
         \"preview of {uid}\")\r\n",
        header.len()
    )
}

fn header(uid: u32) -> String {
    format!("Subject: mail {uid}\r\n\r\n")
}

/// The FETCH response about an opened message.
pub fn message(uid: u32) -> String {
    let structure =
        "BODYSTRUCTURE (\"text\" \"plain\" (\"charset\" \"utf-8\") NIL NIL \"7bit\" 10 1)";
    message_with(uid, uid, structure)
}

/// The same with the header of another message, and something else at its end.
pub fn message_with(uid: u32, header_of: u32, rest: &str) -> String {
    let header = header(header_of);
    format!(
        "* {} FETCH (UID {uid} FLAGS (\\Seen) INTERNALDATE \"01-Jan-2024 10:00:00 +0000\" \
         RFC822.SIZE 100 BODY[HEADER] {{{}}}\r\n{header} {rest})\r\n",
        uid / 10,
        header.len()
    )
}

/// What an honest server says to `command`.
pub fn usual(command: &str) -> String {
    let done = "{tag} OK done\r\n";
    let mut words = command.split(' ');
    let first = words.next().unwrap_or_default();
    let (name, argument) = match first {
        "UID" => (
            format!("UID {}", words.next().unwrap_or_default()),
            words.next().unwrap_or_default(),
        ),
        name => (name.to_owned(), words.next().unwrap_or_default()),
    };
    match name.as_str() {
        "" => "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hello\r\n".to_owned(),
        "AUTHENTICATE" => "{tag} OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS PREVIEW] in\r\n".to_owned(),
        "SELECT" => format!(
            "* FLAGS (\\Seen)\r\n* 3 EXISTS\r\n* OK [UIDVALIDITY {VALIDITY}] valid\r\n\
             * OK [UIDNEXT 31] next\r\n{{tag}} OK [READ-WRITE] selected\r\n"
        ),
        "FETCH" => {
            let (first, last) = argument.split_once(':').unwrap();
            let range = first.parse().unwrap()..=last.parse::<u32>().unwrap();
            let rows: String = (1..=3).filter(|n| range.contains(n)).map(row).collect();
            rows + done
        }
        "UID FETCH" => match argument.parse() {
            Ok(uid) if UIDS.contains(&uid) => fetched(uid, command) + done,
            _ => done.to_owned(),
        },
        "LIST" => {
            "* LIST (\\HasNoChildren) \"/\" INBOX\r\n* LIST () \"/\" Other\r\n".to_owned() + done
        }
        "STATUS" if !argument.starts_with('{') => {
            format!("* STATUS {argument} (MESSAGES 3 UNSEEN 1)\r\n{done}")
        }
        "LOGOUT" => format!("* BYE bye\r\n{done}"),
        _ => done.to_owned(),
    }
}

fn fetched(uid: u32, command: &str) -> String {
    if command.contains("BODYSTRUCTURE") {
        return message(uid);
    }
    if command.contains("BODY.PEEK[HEADER]") {
        let header = header(uid);
        let whole = format!("{header}text of {uid}\r\n");
        return message_with(
            uid,
            uid,
            &format!("BODY[]<0> {{{}}}\r\n{whole}", whole.len()),
        );
    }
    let mut answer = format!("* {} FETCH (UID {uid} RFC822.SIZE 100", uid / 10);
    for item in command.split("BODY.PEEK[").skip(1) {
        let (section, rest) = item.split_once(']').unwrap();
        let origin = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('.'))
            .map(|(origin, _)| format!("<{origin}>"))
            .unwrap_or_default();
        let text = format!("text of {uid}");
        let text = if origin.is_empty() || origin == "<0>" {
            text.as_str()
        } else {
            ""
        };
        write!(
            answer,
            " BODY[{section}]{origin} {{{}}}\r\n{text}",
            text.len()
        )
        .unwrap();
    }
    answer + ")\r\n"
}
