//! Live updates against the real Dovecot of the mail stand: what happens in a mailbox is heard
//! within a second, by each of the ways there are, over a connection that comes back when it broke
//! and goes when nobody listens.

// Clippy's leave for tests ends at their helpers.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use posthorn::i18n::Locale;
use posthorn::model::Event;
use posthorn::server::config::Config;
use posthorn::server::events::Listener;
use posthorn::server::flash::Flash;
use posthorn::server::http::router;
use posthorn::server::imap::watch::{FolderNews, News, Orders};
use posthorn::server::imap::{Engine, Server};
use posthorn::server::session::{Session, SessionId, SessionStore};
use posthorn::server::state::AppState;
use posthorn::server::tls::{self, Endpoint};
use posthorn::server::visitor::{Visitor, session_cookie_name};
use posthorn::server::watching;
use std::cell::Cell;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::{mpsc, watch};
use tokio::time::{sleep, timeout};

/// What happened has to be heard within this time.
const SOON: Duration = Duration::from_secs(1);
/// Dovecot looks at its files this often, once it has begun a new index log and does not watch it.
const ROTATED: Duration = Duration::from_secs(35);
/// For what has to connect first.
const LATER: Duration = Duration::from_secs(10);
const PASSWORD: &str = "test-secret";

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing: run make test"))
}

fn address(number: u8) -> String {
    format!("test{number}@posthorn.example")
}

async fn engine(number: u8) -> Arc<Engine> {
    let url = variable("POSTHORN_IMAP_URL");
    let port = url.rsplit_once(':').unwrap().1.trim_end_matches('/');
    let server = Server {
        endpoint: Endpoint {
            host: "localhost".to_owned(),
            port: port.parse().unwrap(),
        },
        tls: tls::client_config(Some(&PathBuf::from(variable("POSTHORN_CA_FILE")))).unwrap(),
    };
    Engine::sign_in(&server, &address(number), PASSWORD.into(), None)
        .await
        .unwrap()
}

fn mail(subject: &str) -> Vec<u8> {
    format!("From: a@posthorn.example\r\nSubject: {subject}\r\n\r\nText.\r\n").into_bytes()
}

async fn store(engine: &Engine, folder: &str, subject: &str) -> u32 {
    let message = mail(subject);
    let size = u64::try_from(message.len()).unwrap();
    let mut source = message.as_slice();
    let uid = engine.append(folder, &[], size, &mut source).await;
    uid.unwrap().expect("the stand has UIDPLUS")
}

/// A mail arrives, as from the net.
async fn deliver(to: &str) {
    let mut stream = BufReader::new(
        UnixStream::connect(variable("STAND_LMTP_SOCKET"))
            .await
            .unwrap(),
    );
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    let body = String::from_utf8(mail("arrived")).unwrap();
    for command in [
        "LHLO test".to_owned(),
        "MAIL FROM:<a@posthorn.example>".to_owned(),
        format!("RCPT TO:<{to}>"),
        "DATA".to_owned(),
        format!("{body}."),
    ] {
        let octets = format!("{command}\r\n");
        stream.get_mut().write_all(octets.as_bytes()).await.unwrap();
        loop {
            line.clear();
            stream.read_line(&mut line).await.unwrap();
            assert!(line.starts_with(['2', '3']), "{command}: {line}");
            if line.as_bytes().get(3) == Some(&b' ') {
                break;
            }
        }
    }
}

fn doveadm(arguments: &[&str]) -> String {
    let configuration = format!("{}/dovecot.conf", variable("STAND_DIR"));
    let output = Command::new("doveadm")
        .args(["-c", &configuration])
        .args(arguments)
        .output()
        .unwrap();
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The IMAP connections of a user, as the server counts them.
fn connections(user: &str) -> usize {
    doveadm(&["who", "-1", user])
        .lines()
        .filter(|line| line.starts_with(user))
        .count()
}

/// The engine's watcher on its own.
struct Watching {
    orders: watch::Sender<Orders>,
    news: mpsc::UnboundedReceiver<News>,
    task: tokio::task::JoinHandle<()>,
    late: u32,
}

impl Watching {
    fn begin(engine: &Arc<Engine>, missing: &'static [&'static str], shown: &str) -> Self {
        let orders = watch::Sender::new(Orders {
            shown: vec![shown.to_owned()],
            stop: false,
        });
        let (say, news) = mpsc::unbounded_channel();
        let (engine, receiver) = (engine.clone(), orders.subscribe());
        let task = tokio::spawn(async move {
            let say = move |news| drop(say.send(news));
            engine.watch_without(missing, receiver, &say).await.unwrap();
        });
        Self {
            orders,
            news,
            task,
            late: 0,
        }
    }

    /// The first of the news that is wanted.
    async fn hear(&mut self, within: Duration, wanted: impl Fn(&News) -> bool) -> News {
        let mut others = Vec::new();
        let search = async {
            loop {
                let news = self.news.recv().await.expect("the watcher has ended");
                if wanted(&news) {
                    return news;
                }
                others.push(news);
            }
        };
        let began = Instant::now();
        let heard = timeout(within.max(ROTATED), search).await;
        self.late += u32::from(began.elapsed() > within);
        heard.unwrap_or_else(|_| panic!("heard nothing but {others:?}"))
    }

    async fn hear_folder(&mut self, name: &str, wanted: impl Fn(&FolderNews) -> bool) {
        self.hear(
            SOON,
            |news| matches!(news, News::Folder(folder) if folder.name == name && wanted(folder)),
        )
        .await;
    }

    async fn ready(&mut self) {
        self.hear(LATER, |news| *news == News::Ready).await;
    }

    async fn stop(self) {
        self.orders.send_modify(|orders| orders.stop = true);
        timeout(LATER, self.task).await.unwrap().unwrap();
        assert!(self.late <= 1, "{} times too late", self.late);
    }
}

#[tokio::test]
async fn by_notify_all_folders_are_heard_of() {
    let (engine, other) = (engine(1).await, engine(1).await);
    let mut watching = Watching::begin(&engine, &[], "INBOX");
    watching.ready().await;
    deliver(&address(1)).await;
    watching
        .hear(SOON, |news| *news == News::Touched("INBOX".to_owned()))
        .await;
    watching
        .hear_folder("INBOX", |folder| folder.total.is_some())
        .await;
    let uid = store(&other, "Archive", "elsewhere").await;
    let stored = Cell::new(None);
    watching
        .hear_folder("Archive", |folder| {
            stored.set(folder.mod_seq);
            folder.uid_next > Some(uid)
        })
        .await;
    let validity = other.window("Archive", 1, 1, false).await.unwrap();
    let validity = validity.uid_validity;
    other
        .set_flags("Archive", validity, &[uid], "\\Flagged", true)
        .await
        .unwrap();
    watching
        .hear_folder("Archive", |folder| folder.mod_seq > stored.get())
        .await;
    other
        .delete_for_ever("Archive", validity, &[uid])
        .await
        .unwrap();
    watching
        .hear_folder("Archive", |folder| folder.total.is_some())
        .await;

    // A renaming is told with what the parser cannot take. Dovecot tells of it with what happens
    // next.
    let (user, name) = (address(1), format!("Neu {}", std::process::id()));
    let renamed = format!("{name} (2)");
    doveadm(&["mailbox", "create", "-u", &user, &name]);
    watching.hear(SOON, |news| *news == News::Folders).await;
    doveadm(&["mailbox", "rename", "-u", &user, &name, &renamed]);
    sleep(SOON).await;
    store(&other, "Archive", "after the renaming").await;
    watching
        .hear_folder("Archive", |folder| folder.total.is_some())
        .await;
    doveadm(&["mailbox", "delete", "-u", &user, &renamed]);
    sleep(SOON).await;
    store(&other, "Archive", "after the removal").await;
    watching.hear(SOON, |news| *news == News::Folders).await;
    watching.stop().await;
    engine.close().await;
    other.close().await;
    assert_eq!(connections(&user), 0);
}

#[tokio::test]
async fn without_notify_it_waits_in_the_folder_that_is_shown() {
    let (engine, other) = (engine(2).await, engine(2).await);
    let mut watching = Watching::begin(&engine, &["NOTIFY"], "Archive");
    watching.ready().await;
    let uid = store(&other, "Archive", "waited for").await;
    watching
        .hear(SOON, |news| *news == News::Touched("Archive".to_owned()))
        .await;
    watching
        .hear_folder("Archive", |folder| folder.uid_next > Some(uid))
        .await;
    let validity = other.window("Archive", 1, 1, false).await.unwrap();
    let validity = validity.uid_validity;
    for step in 0..2 {
        if step == 0 {
            other
                .set_flags("Archive", validity, &[uid], "\\Seen", true)
                .await
                .unwrap();
        } else {
            other
                .delete_for_ever("Archive", validity, &[uid])
                .await
                .unwrap();
        }
        watching
            .hear(SOON, |news| *news == News::Touched("Archive".to_owned()))
            .await;
        watching.hear_folder("Archive", |_| true).await;
    }
    // Another folder is shown: that one is entered.
    let shown = |names: &[&str]| Orders {
        shown: names.iter().map(ToString::to_string).collect(),
        stop: false,
    };
    watching.orders.send_replace(shown(&["INBOX"]));
    watching.hear_folder("INBOX", |_| true).await;
    sleep(Duration::from_millis(200)).await;
    // What this engine does itself is heard at once, wherever it is.
    let uid = store(&engine, "Archive", "by ourselves").await;
    watching
        .hear_folder("Archive", |folder| folder.uid_next > Some(uid))
        .await;
    deliver(&address(2)).await;
    watching
        .hear(SOON, |news| *news == News::Touched("INBOX".to_owned()))
        .await;
    watching.stop().await;
    engine.close().await;
    other.close().await;
}

#[tokio::test]
async fn without_idle_and_extensions_it_asks() {
    let missing = &[
        "NOTIFY",
        "IDLE",
        "LIST-STATUS",
        "LIST-EXTENDED",
        "CONDSTORE",
    ];
    let (engine, other) = (engine(3).await, engine(3).await);
    let mut watching = Watching::begin(&engine, missing, "INBOX");
    watching.ready().await;
    sleep(Duration::from_millis(200)).await;
    deliver(&address(3)).await;
    let uid = store(&other, "Archive", "polled").await;
    // Showing another folder makes it look at once; by itself it would within 15 seconds.
    watching
        .orders
        .send_modify(|orders| orders.shown.push("Archive".to_owned()));
    watching
        .hear(SOON, |news| *news == News::Touched("INBOX".to_owned()))
        .await;
    watching
        .hear_folder("Archive", |folder| folder.uid_next > Some(uid))
        .await;
    watching.stop().await;
    engine.close().await;
    other.close().await;
}

#[tokio::test]
async fn at_the_limit_of_connections_a_command_connection_is_asked() {
    let engine = engine(4).await;
    engine.folders().await.unwrap();
    let mut others = Vec::new();
    while others.len() < 9 {
        others.push(crate::engine(4).await);
    }
    let mut watching = Watching::begin(&engine, &[], "INBOX");
    watching.ready().await;
    deliver(&address(4)).await;
    watching
        .orders
        .send_modify(|orders| orders.shown.push("Archive".to_owned()));
    let before = Instant::now();
    watching
        .hear(LATER, |news| {
            matches!(news, News::Folder(folder) if folder.name == "INBOX" && folder.total > Some(0))
        })
        .await;
    assert!(before.elapsed() < Duration::from_secs(5));
    // People go on meanwhile.
    engine.window("INBOX", 1, 5, false).await.unwrap();
    watching.stop().await;
    engine.close().await;
    for other in others {
        other.close().await;
    }
}

/// A node of its own, with somebody signed in.
struct Node {
    state: AppState,
    user: String,
    visitor: Visitor,
}

impl Node {
    async fn start(number: u8) -> Self {
        let stand = ["POSTHORN_IMAP_URL", "POSTHORN_SMTP_URL", "POSTHORN_CA_FILE"];
        let config = Config::parse("", &|key| stand.contains(&key).then(|| variable(key))).unwrap();
        let leptos = leptos::config::LeptosOptions::builder()
            .output_name("posthorn")
            .build();
        let state = AppState::new(config, leptos).unwrap();
        state.events.set_linger(Duration::from_millis(300));
        let user = address(number);
        let session = Session {
            id: SessionId::random().unwrap(),
            user: user.clone(),
            domain: "posthorn.example".to_owned(),
            password: PASSWORD.into(),
        };
        let visitor = Visitor {
            conversations: false,
            compact: false,
            theme: posthorn::model::Theme::default(),
            session: Some(state.sessions.insert(session).await),
            locale: Locale::default(),
            zone: jiff::tz::TimeZone::UTC,
            address: None,
            flash: Flash::default(),
            deliberate: true,
        };
        Self {
            state,
            user,
            visitor,
        }
    }

    fn session(&self) -> &Session {
        self.visitor.session.as_ref().unwrap()
    }

    fn listen(&self, folder: &str) -> Listener {
        let (listener, unwatched) = self
            .state
            .events
            .listen(
                &self.user,
                &self.session().id,
                &self.visitor,
                Some(folder.to_owned()),
            )
            .unwrap();
        if unwatched {
            let channel = self.state.events.channel(&self.user).unwrap();
            watching::begin(self.state.clone(), self.user.clone(), channel);
        }
        listener
    }

    /// A stream over HTTP.
    async fn stream(&self, address: SocketAddr, query: &str, cookie: &str) -> Page {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let name = session_cookie_name(self.state.config.secure());
        let request = format!(
            "GET /api/events{query} HTTP/1.1\r\nHost: localhost\r\nCookie: {name}={cookie}\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut page = Page {
            stream: BufReader::new(stream),
            head: String::new(),
        };
        while !page.head.ends_with("\r\n\r\n") {
            page.stream.read_line(&mut page.head).await.unwrap();
        }
        page
    }
}

/// What reads a stream.
struct Page {
    stream: BufReader<TcpStream>,
    head: String,
}

impl Page {
    /// The next event; `None` at the stream's end.
    async fn next(&mut self) -> Option<Event> {
        let mut line = String::new();
        loop {
            line.clear();
            if timeout(LATER, self.stream.read_line(&mut line))
                .await
                .unwrap()
                .unwrap()
                == 0
            {
                return None;
            }
            if let Some(data) = line.strip_prefix("data: ") {
                return Some(serde_json::from_str(data.trim_end()).unwrap());
            }
            // The last chunk.
            if line == "0\r\n" {
                return None;
            }
        }
    }
}

async fn expect(listener: &mut Listener, within: Duration, wanted: impl Fn(&Event) -> bool) {
    let search = async { while !wanted(&listener.next().await) {} };
    timeout(within, search).await.expect("nothing was heard");
}

fn unseen_of(folder: &str, least: u32) -> impl Fn(&Event) -> bool + '_ {
    move |event| matches!(event, Event::Folder { name, unseen, .. } if name == folder && *unseen >= least)
}

fn changed(folder: &str) -> Event {
    Event::Changed {
        folder: folder.to_owned(),
    }
}

#[tokio::test]
async fn pages_hear_of_arrivals_and_the_connection_comes_back_and_goes() {
    let node = Node::start(5).await;
    let mut inbox = node.listen("INBOX");
    let mut archive = node.listen("Archive");
    assert_eq!(inbox.next().await, Event::Hello);
    expect(&mut inbox, LATER, unseen_of("INBOX", 0)).await;
    let other = engine(5).await;
    deliver(&node.user).await;
    expect(&mut inbox, SOON, unseen_of("INBOX", 1)).await;
    expect(&mut inbox, SOON, |event| *event == changed("INBOX")).await;
    let uid = store(&other, "Archive", "for the other page").await;
    expect(&mut inbox, SOON, unseen_of("Archive", 1)).await;
    expect(&mut archive, SOON, |event| *event == changed("Archive")).await;
    let window = other.window("Archive", 1, 1, false).await.unwrap();
    other
        .set_flags("Archive", window.uid_validity, &[uid], "\\Flagged", true)
        .await
        .unwrap();
    expect(&mut archive, SOON, |event| *event == changed("Archive")).await;
    other.close().await;

    // The mail server throws everybody out.
    doveadm(&["kick", &node.user]);
    expect(&mut inbox, SOON, |event| *event == Event::Lost).await;
    deliver(&node.user).await;
    expect(&mut inbox, LATER, |event| *event == Event::Back).await;
    deliver(&node.user).await;
    expect(&mut inbox, SOON, |event| *event == changed("INBOX")).await;

    // The last page goes, and with it the connection, which is the only one since.
    drop(archive);
    sleep(Duration::from_millis(500)).await;
    assert_eq!(connections(&node.user), 1);
    drop(inbox);
    sleep(Duration::from_secs(1)).await;
    assert!(node.state.events.channel(&node.user).is_none());
    assert_eq!(connections(&node.user), 0);
}

#[tokio::test]
async fn a_stream_over_http_ends_with_the_session_and_with_the_server() {
    let node = Node::start(6).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router(node.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let mut closing = node.state.events.closing();
    let server = tokio::spawn(async move {
        axum::serve(listener, service)
            .with_graceful_shutdown(async move {
                closing.wait_for(|closing| *closing).await.unwrap();
            })
            .await
    });
    let cookie = node.session().id.expose().to_owned();

    let nobody = node.stream(address, "?folder=INBOX", &"x".repeat(43)).await;
    assert!(nobody.head.starts_with("HTTP/1.1 204"), "{}", nobody.head);

    let mut page = node.stream(address, "?folder=INBOX", &cookie).await;
    let head = page.head.to_ascii_lowercase();
    for part in [
        "http/1.1 200",
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "x-content-type-options: nosniff",
    ] {
        assert!(head.contains(part), "{part}: {head}");
    }
    assert_eq!(page.next().await, Some(Event::Hello));
    loop {
        let event = page.next().await.unwrap();
        if unseen_of("INBOX", 0)(&event) {
            break;
        }
    }
    deliver(&node.user).await;
    while page.next().await.unwrap() != changed("INBOX") {}

    // The session's end is the stream's.
    node.state
        .events
        .session_ended(&node.user, &node.session().id);
    assert_eq!(page.next().await, Some(Event::SessionEnded));
    assert_eq!(page.next().await, None);

    // Nor does an open one keep the server from ending.
    let mut page = node.stream(address, "", &cookie).await;
    assert_eq!(page.next().await, Some(Event::Hello));
    node.state.events.close();
    while page.next().await.is_some() {}
    drop(page);
    timeout(LATER, server).await.unwrap().unwrap().unwrap();
}

#[tokio::test]
async fn a_page_that_finds_no_room_is_told_so() {
    let node = Node::start(7).await;
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = router(node.state.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let server = tokio::spawn(async move { axum::serve(listener, service).await });
    let others: Vec<Listener> = (0..20).map(|_| node.listen("INBOX")).collect();
    let cookie = node.session().id.expose().to_owned();
    let mut page = node.stream(address, "?folder=INBOX", &cookie).await;
    assert!(page.head.starts_with("HTTP/1.1 200"), "{}", page.head);
    assert_eq!(page.next().await, Some(Event::Full));
    assert_eq!(page.next().await, None);
    drop(others);
    let mut page = node.stream(address, "?folder=INBOX", &cookie).await;
    assert_eq!(page.next().await, Some(Event::Hello));
    drop(page);
    server.abort();
}

#[tokio::test]
async fn a_dead_session_is_not_signed_in_for() {
    let node = Node::start(7).await;
    let mut page = node.listen("INBOX");
    node.state.sessions.remove(&node.session().id).await;
    // Before anything of the mailbox could be told.
    expect(&mut page, LATER, |event| {
        assert!(!matches!(event, Event::Folder { .. }));
        *event == Event::SessionEnded
    })
    .await;
    drop(page);
    sleep(Duration::from_secs(2)).await;
    assert!(node.state.events.channel(&node.user).is_none());
}

/// How much memory the process has, in KiB.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number.unwrap().parse().unwrap()
}

/// Prints what a watcher costs this process: `cargo test --test imap_live -- --ignored --nocapture`.
#[tokio::test]
#[ignore = "measures, and takes nearly all connections the stand gives"]
async fn what_a_watcher_costs() {
    let mut engines = Vec::new();
    for number in 1..=8 {
        for _ in 0..4 {
            engines.push(engine(number).await);
        }
    }
    let before = memory();
    let mut watching: Vec<Watching> = engines
        .iter()
        .map(|engine| Watching::begin(engine, &[], "INBOX"))
        .collect();
    for one in &mut watching {
        one.ready().await;
    }
    let each = (memory() - before) / engines.len();
    println!("a watcher costs {each} KiB");
    assert!(each < 256);
    for (one, engine) in watching.into_iter().zip(engines) {
        one.stop().await;
        engine.close().await;
    }
}
