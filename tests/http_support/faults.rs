//! A mail server that is there and then is not: a port that passes everything on to the stand
//! until it is closed, and remembers what the client said.

use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// Passes connections on to a port of this machine.
pub struct Relay {
    pub port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    pub async fn to(target: u16) -> Self {
        Self::at(0, target).await
    }

    /// The same at a port of one's choice.
    pub async fn at(port: u16, target: u16) -> Self {
        let listener = TcpListener::bind(("localhost", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let ear = heard.clone();
        let task = tokio::spawn(async move {
            // Ends with the task: its connections with it.
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                connections.spawn(pass(client, target, ear.clone()));
            }
        });
        Self { port, heard, task }
    }

    /// From now on nobody listens, and every connection is gone.
    pub async fn close(self) {
        self.task.abort();
        let _ = self.task.await;
    }

    /// What clients said.
    pub fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}

async fn pass(client: TcpStream, target: u16, ear: Arc<Mutex<Vec<u8>>>) {
    let Ok(server) = TcpStream::connect(("localhost", target)).await else {
        return;
    };
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let asking = async {
        let mut piece = vec![0; 16 << 10];
        while let Ok(read @ 1..) = from_client.read(&mut piece).await {
            ear.lock().unwrap().extend_from_slice(&piece[..read]);
            if to_server.write_all(&piece[..read]).await.is_err() {
                break;
            }
        }
        let _ = to_server.shutdown().await;
    };
    let answering = async {
        let _ = tokio::io::copy(&mut from_server, &mut to_client).await;
        let _ = to_client.shutdown().await;
    };
    tokio::join!(asking, answering);
}

/// A port nobody listens on.
pub async fn dead_port() -> u16 {
    let listener = TcpListener::bind(("localhost", 0)).await.unwrap();
    listener.local_addr().unwrap().port()
}
