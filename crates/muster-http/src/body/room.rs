//! How much memory all the bodies may take together that are being read or looked at.

use std::fmt;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::BodyError;

/// Of each body so many bytes take no room: whoever fills it with large ones leaves everybody the usual small ones. As many
/// bodies as there are connections may have them.
const FREE: usize = 16 * 1024;

/// Bytes that bodies may take up at the same time. Clones share them.
#[derive(Clone)]
pub struct BodyRoom(Arc<Semaphore>);

impl BodyRoom {
    /// # Panics
    /// For more than a semaphore holds, which is far beyond any memory.
    #[must_use]
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(Semaphore::new(bytes)))
    }
}

impl Default for BodyRoom {
    /// 64 MiB.
    fn default() -> Self {
        Self::new(64 * 1024 * 1024)
    }
}

impl fmt::Debug for BodyRoom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyRoom").field("free", &self.0.available_permits()).finish()
    }
}

/// What has been read of a body.
pub(super) struct Kept {
    room: BodyRoom,
    taken: Option<OwnedSemaphorePermit>,
    bytes: BytesMut,
}

impl Kept {
    pub(super) fn new(room: BodyRoom) -> Self {
        Self { room, taken: None, bytes: BytesMut::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn add(&mut self, piece: &[u8]) -> Result<(), BodyError> {
        let over = |length: usize| length.saturating_sub(FREE);
        let size = over(self.len() + piece.len()) - over(self.len());
        let size = u32::try_from(size).map_err(|_| BodyError::NoRoom)?;
        let more = Arc::clone(&self.room.0).try_acquire_many_owned(size).map_err(|_| BodyError::NoRoom)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        self.bytes.extend_from_slice(piece);
        Ok(())
    }

    /// The body, which gives its room back when it is dropped.
    pub(super) fn finish(self) -> Bytes {
        Bytes::from_owner(Held { bytes: self.bytes.freeze(), _taken: self.taken })
    }
}

struct Held {
    bytes: Bytes,
    _taken: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_takes_its_room_until_it_is_dropped() {
        let room = BodyRoom::new(10);
        let mut first = Kept::new(room.clone());
        first.add(&[b'x'; FREE]).unwrap();
        first.add(b"123456").unwrap();
        let mut second = Kept::new(room.clone());
        assert!(matches!(second.add(&[b'x'; FREE + 5]), Err(BodyError::NoRoom)));
        second.add(&[b'x'; FREE + 4]).unwrap();
        let mut small = Kept::new(room.clone());
        small.add(b"a full room has room for it").unwrap();
        assert!(matches!(small.add(&[b'x'; FREE]), Err(BodyError::NoRoom)));
        let first = first.finish();
        assert_eq!((first.len(), room.0.available_permits()), (FREE + 6, 0));
        drop(first);
        assert_eq!(room.0.available_permits(), 6);
        drop((second, small));
        assert_eq!(room.0.available_permits(), 10);
    }
}
