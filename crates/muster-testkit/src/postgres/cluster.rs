//! A scratch cluster of a test's own, which the test may kill and start again.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::try_connect;
use crate::environment::variable;

/// How often a starting server is asked whether it answers, and how many times: two minutes in all.
const POLL: Duration = Duration::from_millis(50);
const POLLS: usize = 2400;

/// Whether the cluster forces its log to the disk at each commit, as a production server does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    On,
    Off,
}

/// A PostgreSQL cluster in a temporary directory, on a free loopback port, stopped and removed with this value.
#[derive(Debug)]
pub struct Cluster {
    binaries: PathBuf,
    directory: TempDir,
    port: u16,
    fsync: Fsync,
    server: Child,
}

impl Cluster {
    /// Makes and starts a cluster. As root it runs as the user `postgres`, since PostgreSQL refuses root.
    ///
    /// # Panics
    /// If PostgreSQL's programs are not installed, or the cluster does not start; the message holds the server's log.
    pub async fn start(fsync: Fsync) -> Self {
        let binaries = binaries();
        let directory = tempfile::Builder::new().prefix("muster-pg-").tempdir().expect("a temporary directory");
        give_away(directory.path());
        initialise(&binaries, directory.path());
        let port = free_port();
        let server = spawn_server(&binaries, directory.path(), port, fsync);
        let mut cluster = Self { binaries, directory, port, fsync, server };
        assert!(cluster.answers().await, "the cluster does not start:\n{}", cluster.log());
        cluster
    }

    /// The address of the cluster's `postgres` database; the same after a restart.
    #[must_use]
    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Ends the server as a crash does: SIGKILL to the postmaster, whose sessions end on their own when they notice.
    ///
    /// # Panics
    /// If the process cannot be ended.
    pub fn kill(&mut self) {
        self.server.kill().expect("the postmaster is a child of this process");
        self.server.wait().expect("a killed process is reaped");
    }

    /// Puts on the disk what was committed without waiting for it, as test desks do.
    ///
    /// # Panics
    /// If the server can't.
    pub async fn checkpoint(&self) {
        let client = try_connect(&self.url()).await.expect("the server answers");
        client.batch_execute("CHECKPOINT").await.expect("the server writes a checkpoint");
    }

    /// Starts the server again on the same data and port, after [`Cluster::kill`] or by killing it now.
    ///
    /// # Panics
    /// If it does not come up; the message holds the server's log.
    pub async fn restart(&mut self) {
        self.kill();
        for _ in 0..POLLS {
            self.server = spawn_server(&self.binaries, self.directory.path(), self.port, self.fsync);
            if self.answers().await {
                return;
            }
            tokio::time::sleep(POLL).await; // the killed server's sessions still hold its shared memory
        }
        panic!("the cluster does not start again:\n{}", self.log());
    }

    /// Waits until the server answers. False when its process has ended instead.
    async fn answers(&mut self) -> bool {
        for _ in 0..POLLS {
            if try_connect(&self.url()).await.is_ok() {
                return true;
            }
            if self.server.try_wait().expect("the postmaster is a child of this process").is_some() {
                return false;
            }
            tokio::time::sleep(POLL).await;
        }
        false
    }

    fn log(&self) -> String {
        fs::read_to_string(log_file(self.directory.path())).unwrap_or_default()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.server.kill());
        drop(self.server.wait());
    }
}

fn initialise(binaries: &Path, directory: &Path) {
    let output = unprivileged(&binaries.join("initdb"))
        .args(["--auth=trust", "--username=postgres", "--no-sync", "--encoding=UTF8", "--locale=C", "--pgdata"])
        .arg(data_directory(directory))
        .current_dir(directory)
        .output()
        .expect("initdb runs");
    assert!(output.status.success(), "initdb failed: {}", String::from_utf8_lossy(&output.stderr));
}

fn spawn_server(binaries: &Path, directory: &Path, port: u16, fsync: Fsync) -> Child {
    let log = File::options().create(true).append(true).open(log_file(directory)).expect("the log file opens");
    unprivileged(&binaries.join("postgres"))
        .arg("-D")
        .arg(data_directory(directory))
        .args(["-p", &port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "max_connections=200"])
        .args(["-c", if fsync == Fsync::On { "fsync=on" } else { "fsync=off" }, "-c"])
        .arg(format!("unix_socket_directories={}", directory.display()))
        .current_dir(directory)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("a file handle is copied"))
        .stderr(log)
        .spawn()
        .expect("the PostgreSQL server runs")
}

/// PostgreSQL's programs: the newest of Debian's, else those on the path.
fn binaries() -> PathBuf {
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten().map(|entry| entry.path());
    let newest = versions.filter(|path| path.join("bin/initdb").is_file()).max_by_key(version);
    newest
        .map(|path| path.join("bin"))
        .or_else(|| {
            let path = variable("PATH").unwrap_or_default();
            std::env::split_paths(&path).find(|directory| directory.join("initdb").is_file())
        })
        .expect("PostgreSQL is not installed: on Debian, apt-get install postgresql")
}

/// A command that runs as the user `postgres` where this process is root's.
fn unprivileged(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((user, group)) = account() {
        command.uid(user).gid(group);
    }
    command
}

fn give_away(directory: &Path) {
    if let Some((user, group)) = account() {
        chown(directory, Some(user), Some(group)).expect("root may give a directory away");
    }
}

/// The user and group of `postgres` where this process is root's, else nothing.
fn account() -> Option<(u32, u32)> {
    if fs::metadata("/proc/self").expect("/proc is mounted").uid() != 0 {
        return None;
    }
    let accounts = fs::read_to_string("/etc/passwd").expect("/etc/passwd is readable");
    let line = accounts.lines().find_map(|line| line.strip_prefix("postgres:")).expect("the user postgres exists");
    let mut fields = line.split(':').skip(1).map(|field| field.parse().expect("ids are numbers"));
    fields.next().zip(fields.next())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a loopback port");
    listener.local_addr().expect("a bound socket has an address").port()
}

fn data_directory(directory: &Path) -> PathBuf {
    directory.join("data")
}

fn log_file(directory: &Path) -> PathBuf {
    directory.join("server.log")
}
