//! What an open connection holds: a place among those that may be open at once, and the patience for a peer that
//! doesn't take its answer.

use std::collections::HashMap;
use std::io;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, Sleep, sleep};

use crate::client::{TrustedProxies, network_of};
use crate::metrics::{HttpMetrics, Open};

/// The places of a listener: so many in all, and so many for one address.
#[derive(Debug, Clone)]
pub(crate) struct Places {
    free: Arc<Semaphore>,
    per_address: usize,
    proxies: Arc<TrustedProxies>,
    metrics: HttpMetrics,
    taken: Taken,
}

/// How many places each address has.
type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

fn lock(taken: &Taken) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Places {
    pub(crate) fn new(all: usize, per_address: usize, proxies: Arc<TrustedProxies>, metrics: HttpMetrics) -> Self {
        Self { free: Arc::new(Semaphore::new(all)), per_address, proxies, metrics, taken: Taken::default() }
    }

    /// Waits until there is room for one more.
    pub(crate) async fn wait(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.free).acquire_owned().await.ok()
    }

    /// Gives the place to `peer`, unless it has its share. Everybody behind a trusted proxy has the same peer, and so
    /// has every program of this machine: neither is counted.
    pub(crate) fn give(&self, free: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        if peer.is_loopback() || self.proxies.contains(peer) {
            return Some(Place::new(Seat { _free: free, counted: None, _open: Open::connection(&self.metrics) }));
        }
        let address = network_of(peer);
        let mut taken = lock(&self.taken);
        let count = taken.entry(address).or_default();
        if *count >= self.per_address {
            return None;
        }
        *count += 1;
        let counted = Some((Arc::clone(&self.taken), address));
        Some(Place::new(Seat { _free: free, counted, _open: Open::connection(&self.metrics) }))
    }
}

/// A connection's place. Clones are the same place; it is given back with the last of them, or when the connection
/// leaves it.
#[derive(Debug, Clone)]
pub(crate) struct Place(Arc<Mutex<Option<Seat>>>);

#[derive(Debug)]
struct Seat {
    _free: OwnedSemaphorePermit,
    counted: Option<(Taken, IpAddr)>,
    _open: Open,
}

impl Place {
    fn new(seat: Seat) -> Self {
        Self(Arc::new(Mutex::new(Some(seat))))
    }

    /// Gives the place back although the connection stays open: as a socket it is counted elsewhere.
    pub(crate) fn leave(&self) {
        let seat = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        drop(seat);
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((taken, address)) = &self.counted else { return };
        let mut taken = lock(taken);
        if let Some(count) = taken.get_mut(address) {
            *count -= 1;
            if *count == 0 {
                taken.remove(address);
            }
        }
    }
}

/// What a slow peer has to take before its time begins anew.
const PIECE: usize = 64 * 1024;

/// A connection's stream. It holds the place until it is closed, and fails once the peer has not taken what waits for it,
/// or [`PIECE`] of that, for too long.
#[derive(Debug)]
pub(crate) struct Held {
    stream: TcpStream,
    _place: Place,
    send_within: Duration,
    /// When patience ends; set while something waits to be taken.
    due: Option<Pin<Box<Sleep>>>,
    /// Bytes taken since then.
    taken: usize,
}

impl Held {
    pub(crate) fn new(stream: TcpStream, place: Place, send_within: Duration) -> Self {
        Self { stream, _place: place, send_within, due: None, taken: 0 }
    }

    pub(crate) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    fn in_time<T>(&mut self, cx: &mut Context<'_>, polled: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            return polled;
        }
        let within = self.send_within;
        let due = self.due.get_or_insert_with(|| Box::pin(sleep(within)));
        due.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }

    fn note(&mut self, written: &Poll<io::Result<usize>>) {
        let (Some(due), Poll::Ready(Ok(bytes))) = (&mut self.due, written) else { return };
        self.taken += bytes;
        if self.taken >= PIECE {
            self.taken = 0;
            due.as_mut().reset(Instant::now() + self.send_within);
        }
    }
}

impl AsyncRead for Held {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buf)
    }
}

impl AsyncWrite for Held {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.note(&written);
        self.in_time(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.note(&written);
        self.in_time(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Called once all that waits has been written.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let flushed = Pin::new(&mut self.stream).poll_flush(cx);
        if matches!(flushed, Poll::Ready(Ok(()))) {
            (self.due, self.taken) = (None, 0);
        }
        self.in_time(cx, flushed)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn give(places: &Places, peer: &str) -> Option<Place> {
        let free = places.wait().await.unwrap();
        places.give(free, peer.parse().unwrap())
    }

    #[tokio::test]
    async fn an_address_has_its_share_and_a_trusted_proxy_all() {
        let proxies = Arc::new(TrustedProxies::parse(["10.0.0.1"]).unwrap());
        let places = Places::new(10, 2, proxies, HttpMetrics::default());
        let (first, second) = (give(&places, "2001:db8::1").await, give(&places, "2001:db8::2").await);
        assert!(first.is_some() && second.is_some());
        assert!(give(&places, "2001:db8::3").await.is_none());
        let other = give(&places, "2001:db8:0:1::1").await;
        assert!(other.is_some());
        let mut behind = Vec::new();
        for peer in ["10.0.0.1", "10.0.0.1", "10.0.0.1", "127.0.0.1", "127.0.0.1", "::1", "::ffff:10.0.0.1"] {
            behind.push(give(&places, peer).await.unwrap());
        }
        assert_eq!(places.free.available_permits(), 0);
        first.unwrap().leave();
        assert!(give(&places, "2001:db8::3").await.is_some());
        drop((second, other, behind));
        assert_eq!(places.free.available_permits(), 10);
        assert!(lock(&places.taken).is_empty());
    }
}
