//! How names become addresses. A trait, so that tests can answer one thing first and another
//! later, as an attacker's name server does.

use futures_util::future::BoxFuture;
use std::fmt;
use std::io;
use std::net::SocketAddr;

/// Finds the addresses of a host.
pub trait Resolver: fmt::Debug + Send + Sync + 'static {
    /// All addresses of `host`, each with `port`.
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>>;
}

/// The system's resolver.
#[derive(Clone, Copy, Debug)]
pub struct System;

impl Resolver for System {
    fn resolve<'a>(
        &'a self,
        host: &'a str,
        port: u16,
    ) -> BoxFuture<'a, io::Result<Vec<SocketAddr>>> {
        Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) })
    }
}
