//! A proxy between Posthorn and the stand's Dovecot. It ends TLS on both sides, and so can do to
//! the answers what a network, a middlebox or a crash may do, at an octet that the test chooses.

use super::{acceptor, server_at, stand_port};
use posthorn::server::imap::Server;
use posthorn::server::tls;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::server::TlsStream;

/// What happens to the answers. Octets are counted from [`Proxy::set`] on, over all connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// The connection ends, without a farewell, before this octet.
    Cut(u64),
    /// The connection ends, without a farewell, before the packet with these words.
    CutAt(&'static str),
    /// Nothing comes any more from this octet on.
    Stall(u64),
    /// This octet comes as another one.
    Garble(u64, u8),
    /// Each octet comes alone.
    Drip,
    /// Each packet comes so much later.
    Delay(Duration),
    /// Each new connection ends at once.
    Refuse,
    /// With these words nothing is reached any more: all connections end, and each new one at once.
    DownAt(&'static str),
    Down,
}

#[derive(Debug, Default)]
struct State {
    fault: Fault,
    /// The fault happens no more than so many times.
    times: u32,
    seen: u64,
    accepted: u32,
    heard: String,
    without: Vec<&'static str>,
}

/// The proxy. It ends with its last owner.
#[derive(Debug)]
pub struct Proxy {
    pub port: u16,
    state: Arc<Mutex<State>>,
    task: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    pub async fn start() -> Self {
        Self::without(&[]).await
    }

    /// A proxy before another server than the stand's.
    pub async fn before(server: Server) -> Self {
        Self::new(server, &[]).await
    }

    /// A proxy that takes these words out of the capabilities.
    pub async fn without(names: &[&'static str]) -> Self {
        Self::new(server_at(stand_port()), names).await
    }

    async fn new(server: Server, names: &[&'static str]) -> Self {
        let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            without: names.to_vec(),
            ..State::default()
        }));
        let shared = state.clone();
        let task = tokio::spawn(async move {
            let acceptor = acceptor();
            loop {
                let (tcp, _) = listener.accept().await.unwrap();
                let refused = {
                    let mut state = shared.lock().unwrap();
                    state.accepted += 1;
                    matches!(state.fault, Fault::Refuse | Fault::Down)
                };
                if refused {
                    continue;
                }
                tcp.set_nodelay(true).unwrap();
                let (acceptor, state) = (acceptor.clone(), shared.clone());
                let server = server.clone();
                tokio::spawn(async move {
                    if let Ok(client) = acceptor.accept(tcp).await {
                        pump(client, &server, &state).await;
                    }
                });
            }
        });
        Self { port, state, task }
    }

    /// From now on, `fault` happens once.
    pub fn set(&self, fault: Fault) {
        self.set_times(fault, 1);
    }

    /// From now on, `fault` happens so many times, always at the same octet of what comes after
    /// the former time.
    pub fn set_times(&self, fault: Fault, times: u32) {
        let mut state = self.state.lock().unwrap();
        state.fault = fault;
        state.times = times;
        state.seen = 0;
        state.heard.clear();
    }

    pub fn heal(&self) {
        self.set(Fault::None);
    }

    /// Octets of the answers since [`Self::set`].
    pub fn seen(&self) -> u64 {
        self.state.lock().unwrap().seen
    }

    /// Connections so far.
    pub fn accepted(&self) -> u32 {
        self.state.lock().unwrap().accepted
    }

    /// What the engine said since [`Self::set`].
    pub fn heard(&self) -> String {
        self.state.lock().unwrap().heard.clone()
    }
}

type Client = TlsStream<TcpStream>;

async fn pump(client: Client, server: &Server, state: &Mutex<State>) {
    let Ok(server) = tls::connect(&server.tls, &server.endpoint).await else {
        return;
    };
    let (mut from_client, mut to_client) = tokio::io::split(client);
    let (mut from_server, mut to_server) = tokio::io::split(server);
    let up = async {
        let mut buffer = vec![0; 16 << 10];
        while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
            {
                let mut state = state.lock().unwrap();
                let text = String::from_utf8_lossy(&buffer[..count]).into_owned();
                state.heard.push_str(&text);
            }
            if to_server.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        }
    };
    let down = async {
        let mut editor = Editor::new(state.lock().unwrap().without.clone());
        let mut buffer = vec![0; 16 << 10];
        while let Ok(count @ 1..) = from_server.read(&mut buffer).await {
            let data = editor.edit(&buffer[..count]);
            if deliver(data, &mut to_client, state).await.is_err() {
                break;
            }
        }
    };
    tokio::select! {
        () = up => {}
        () = down => {}
    }
}

/// What is to be done with a packet.
enum Step {
    Pass,
    CutAfter(usize),
    StallAfter(usize),
    Drip,
    Wait(Duration),
}

fn plan(data: &mut [u8], state: &Mutex<State>) -> Step {
    let mut state = state.lock().unwrap();
    let start = state.seen;
    let length = u64::try_from(data.len()).unwrap();
    state.seen += length;
    let here = |at: u64| {
        (start..start + length)
            .contains(&at)
            .then(|| usize::try_from(at - start).unwrap())
    };
    let (step, happens) = match state.fault {
        Fault::None | Fault::Refuse => (Step::Pass, false),
        Fault::Down => (Step::CutAfter(0), false),
        Fault::DownAt(words) => {
            let there = data.windows(words.len()).any(|at| at == words.as_bytes());
            if there {
                state.fault = Fault::Down;
            }
            let step = if there { Step::CutAfter(0) } else { Step::Pass };
            (step, false)
        }
        Fault::Drip => (Step::Drip, false),
        Fault::Delay(time) => (Step::Wait(time), false),
        Fault::Cut(at) => here(at).map_or((Step::Pass, false), |at| (Step::CutAfter(at), true)),
        Fault::CutAt(words) => {
            let there = data.windows(words.len()).any(|at| at == words.as_bytes());
            let step = if there { Step::CutAfter(0) } else { Step::Pass };
            (step, there)
        }
        Fault::Stall(at) => here(at).map_or((Step::Pass, false), |at| (Step::StallAfter(at), true)),
        Fault::Garble(at, octet) => {
            if let Some(at) = here(at) {
                data[at] = if data[at] == octet { octet ^ 1 } else { octet };
                (Step::Pass, true)
            } else {
                (Step::Pass, false)
            }
        }
    };
    if happens {
        state.times -= 1;
        state.seen = 0;
        if state.times == 0 {
            state.fault = Fault::None;
        }
    }
    step
}

async fn deliver(
    mut data: Vec<u8>,
    to: &mut (impl AsyncWriteExt + Unpin),
    state: &Mutex<State>,
) -> std::io::Result<()> {
    match plan(&mut data, state) {
        Step::Pass => to.write_all(&data).await?,
        Step::CutAfter(count) => {
            to.write_all(&data[..count]).await?;
            to.flush().await?;
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        Step::StallAfter(count) => {
            to.write_all(&data[..count]).await?;
            to.flush().await?;
            // Until the client hangs up.
            std::future::pending::<()>().await;
        }
        Step::Drip => {
            for octet in &data {
                to.write_all(&[*octet]).await?;
                to.flush().await?;
            }
        }
        Step::Wait(time) => {
            tokio::time::sleep(time).await;
            to.write_all(&data).await?;
        }
    }
    to.flush().await
}

/// Takes words out of the two lines in which Dovecot tells its capabilities: the greeting and the
/// answer to the sign-in.
struct Editor {
    without: Vec<&'static str>,
    line: Vec<u8>,
    lines: u8,
}

impl Editor {
    fn new(without: Vec<&'static str>) -> Self {
        Self {
            lines: if without.is_empty() { 2 } else { 0 },
            without,
            line: Vec::new(),
        }
    }

    fn edit(&mut self, data: &[u8]) -> Vec<u8> {
        let mut edited = Vec::new();
        for (index, octet) in data.iter().enumerate() {
            if self.lines == 2 {
                edited.extend_from_slice(&data[index..]);
                break;
            }
            self.line.push(*octet);
            if *octet == b'\n' {
                edited.extend(self.finish_line());
            }
        }
        edited
    }

    fn finish_line(&mut self) -> Vec<u8> {
        let line = String::from_utf8(std::mem::take(&mut self.line)).unwrap();
        let Some((before, rest)) = line.split_once("[CAPABILITY ") else {
            return line.into_bytes();
        };
        self.lines += 1;
        let (names, after) = rest.split_once(']').unwrap();
        let names: Vec<&str> = names
            .split(' ')
            .filter(|name| !self.without.contains(name))
            .collect();
        format!("{before}[CAPABILITY {}]{after}", names.join(" ")).into_bytes()
    }
}
