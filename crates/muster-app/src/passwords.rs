//! Passwords: Argon2id over the SHA-256 of what was typed, few at a time and on threads of their own.

use std::fmt;
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use muster_core::{Busy, Error, Result};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Semaphore, oneshot};

use crate::{App, PasswordCost};

/// Checks that may wait beside those that run.
const WAITING: usize = 32;

/// The kind of password that is good at the desk's own sign-in.
pub(crate) const DESK: &str = "desk";

/// A password as it came in.
#[derive(Clone, Copy)]
pub enum Typed<'a> {
    Plain(&'a str),
    /// The SHA-256 of the password, in hexadecimal. Anything else fits no password.
    Digest(&'a str),
}

impl Typed<'_> {
    /// What hashes are made of: the SHA-256 in lower case.
    fn digest(&self) -> String {
        match self {
            Self::Plain(password) => digest(password),
            Self::Digest(digest) => digest.to_ascii_lowercase(),
        }
    }
}

impl fmt::Debug for Typed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain(..)",
            Self::Digest(_) => "Digest(..)",
        })
    }
}

#[derive(Debug)]
pub(crate) struct Passwords {
    cost: Params,
    hashers: Hashers,
    waiting: Arc<Semaphore>,
    /// Belongs to no password: verified where there is none, so that its absence takes as long.
    nobody: Arc<str>,
}

impl Passwords {
    pub(crate) fn new(cost: PasswordCost) -> Self {
        // The other half is for agents, whatever is guessed.
        let at_once = std::thread::available_parallelism().map_or(1, NonZero::get).div_ceil(2);
        let params = Params::new(cost.memory_kib, cost.passes, 1, None).unwrap_or_default();
        let nothing = [0; 32];
        let nobody = format!(
            "$argon2id$v=19$m={},t={},p=1${}${}",
            params.m_cost(),
            params.t_cost(),
            STANDARD_NO_PAD.encode(&nothing[..16]),
            STANDARD_NO_PAD.encode(nothing),
        );
        Self {
            cost: params,
            hashers: Hashers::start(at_once),
            waiting: Arc::new(Semaphore::new(at_once + WAITING)),
            nobody: nobody.into(),
        }
    }
}

impl App {
    /// The hash to store for a password.
    ///
    /// # Errors
    /// [`Busy::Passwords`].
    pub(crate) async fn hash_password(&self, password: &str) -> Result<String> {
        let typed = digest(password);
        let seed = self.inner.entropy.seed();
        let cost = self.inner.passwords.cost.clone();
        self.run_password(move || {
            let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost);
            let hash = argon.hash_password_with_salt(typed.as_bytes(), &seed[..16]);
            hash.map(|hash: PasswordHash| hash.to_string()).map_err(|error| Error::internal(error.to_string()))
        })
        .await?
    }

    /// Whether what was typed is the password that `hash` was made of. Without a hash the answer is no, as late as with
    /// one.
    ///
    /// # Errors
    /// [`Busy::Passwords`]; [`Error::Internal`] for a stored hash that is none.
    pub(crate) async fn verify_password(&self, typed: &Typed<'_>, hash: Option<&str>) -> Result<bool> {
        let typed = typed.digest();
        let hash: Arc<str> = hash.map_or_else(|| Arc::clone(&self.inner.passwords.nobody), Arc::from);
        self.run_password(move || {
            let hash = PasswordHash::new(&hash).map_err(|error| Error::internal(error.to_string()))?;
            Ok(Argon2::default().verify_password(typed.as_bytes(), &hash).is_ok())
        })
        .await?
    }

    /// Runs one hash when its turn comes.
    async fn run_password<T, F>(&self, work: F) -> Result<T>
    where
        T: Send + 'static,
        F: FnOnce() -> T + Send + 'static,
    {
        let passwords = &self.inner.passwords;
        let place = Arc::clone(&passwords.waiting).try_acquire_owned().map_err(|_| Error::Busy(Busy::Passwords))?;
        let (answer, done) = oneshot::channel();
        passwords.hashers.run(move || {
            // Who has gone away needs no hash.
            if !answer.is_closed() {
                drop(answer.send(work()));
            }
            drop(place);
        })?;
        done.await.map_err(Error::internal)
    }
}

type Hash = Box<dyn FnOnce() + Send>;

/// The threads that hash, on half of the cores at most. Always the same ones: what a hash fills, 19 MiB, the allocator keeps
/// for each thread that ever asked for it.
#[derive(Debug)]
struct Hashers(mpsc::Sender<Hash>);

impl Hashers {
    fn start(threads: usize) -> Self {
        let (sender, hashes) = mpsc::channel::<Hash>();
        let hashes = Arc::new(Mutex::new(hashes));
        for _ in 0..threads {
            let hashes = Arc::clone(&hashes);
            let started = std::thread::Builder::new().name("passwords".to_owned()).spawn(move || hash_all(&hashes));
            if let Err(error) = started {
                tracing::error!(%error, "no thread for passwords can be started");
            }
        }
        Self(sender)
    }

    fn run(&self, hash: impl FnOnce() + Send + 'static) -> Result<()> {
        self.0.send(Box::new(hash)).map_err(|_| Error::internal("no thread hashes passwords"))
    }
}

/// Hashes until nobody can ask for more.
fn hash_all(hashes: &Mutex<mpsc::Receiver<Hash>>) {
    loop {
        let next = hashes.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(hash) = next else { return };
        // Whoever waits for a hash that panics hears that its sender is gone.
        drop(catch_unwind(AssertUnwindSafe(hash)));
    }
}

fn digest(password: &str) -> String {
    hex::encode(Sha256::digest(password.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;

    #[test]
    fn production_hashes_cost_19_mib_and_two_passes() {
        let passwords = Passwords::new(Settings::default().password_cost);
        assert_eq!((passwords.cost.m_cost(), passwords.cost.t_cost(), passwords.cost.p_cost()), (19 * 1024, 2, 1));
        let nobody = PasswordHash::new(&passwords.nobody).unwrap();
        assert_eq!(Params::try_from(&nobody).unwrap().m_cost(), 19 * 1024);
    }
}
