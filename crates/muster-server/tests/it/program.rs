//! The real program, run as an operator runs it: its commands to their end, and desks that serve until they are told
//! or forced to stop.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use muster_store::Database;
use muster_testkit::postgres::{TestDatabase, TestEngine, empty_database};
use tempfile::TempDir;

/// How long a desk may take to say that it listens. Generous: other tests run beside this one.
const START_WITHIN: Duration = Duration::from_secs(60);

/// A desk's data directory and database; not necessarily served.
#[derive(Debug)]
pub(crate) struct Place {
    directory: TempDir,
    /// PostgreSQL's address; else it is SQLite.
    url: Option<String>,
    _database: Option<TestDatabase>,
}

impl Place {
    pub(crate) async fn new(engine: TestEngine) -> Self {
        let database = match engine {
            TestEngine::Sqlite => None,
            TestEngine::Postgres => Some(empty_database().await),
        };
        let url = database.as_ref().map(TestDatabase::url);
        Self { directory: tempfile::tempdir().unwrap(), url, _database: database }
    }

    pub(crate) fn sqlite() -> Self {
        Self { directory: tempfile::tempdir().unwrap(), url: None, _database: None }
    }

    /// A desk on SQLite in a directory that somebody else keeps.
    pub(crate) fn within(directory: &Path) -> Self {
        Self { directory: tempfile::tempdir_in(directory).unwrap(), url: None, _database: None }
    }

    /// A desk on a database that somebody else keeps.
    pub(crate) fn postgres(url: String) -> Self {
        Self { url: Some(url), ..Self::sqlite() }
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("desk")
    }

    /// Where its database is.
    pub(crate) fn database(&self) -> Database {
        match &self.url {
            Some(url) => Database::Postgres(url.clone()),
            None => Database::Sqlite(self.data().join("muster.db")),
        }
    }

    /// `muster` with these arguments on this desk, without the test runner's own variables.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = muster(arguments);
        command.arg("--data").arg(self.data());
        if let Some(url) = &self.url {
            command.arg("--database").arg(url);
        }
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        ended(self.command(arguments).output())
    }

    /// Serves on a free port of the loopback address.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_with(&[], &[])
    }

    pub(crate) fn serve_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Serving {
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.args(arguments).envs(variables.iter().copied());
        Serving::start(command)
    }
}

/// `muster` with these arguments and an empty environment.
pub(crate) fn muster(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command.args(arguments).env_clear();
    command
}

/// What came of a command.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ended {
    /// Standard output of a command that succeeded.
    pub(crate) fn ok(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.out
    }
}

/// Waits for the end of a command.
pub(crate) fn ended(output: std::io::Result<Output>) -> Ended {
    let Output { status, stdout, stderr } = output.unwrap();
    Ended { code: status.code(), out: String::from_utf8(stdout).unwrap(), err: String::from_utf8(stderr).unwrap() }
}

/// Runs a command that reads `input`.
pub(crate) fn ended_with_input(mut command: Command, input: &str) -> Ended {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    ended(child.wait_with_output())
}

/// A desk that serves. Killed when it is dropped.
#[derive(Debug)]
pub(crate) struct Serving {
    child: Child,
    /// Such as `http://127.0.0.1:40123`.
    pub(crate) base: String,
    /// What it printed up to the line that names the address.
    pub(crate) printed: Vec<String>,
    log: Option<JoinHandle<String>>,
}

impl Serving {
    /// Starts `command` and waits until it listens.
    pub(crate) fn start(mut command: Command) -> Self {
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = lines(&mut child);
        let log = log(&mut child);
        let mut serving = Self { child, base: String::new(), printed: Vec::new(), log: Some(log) };
        while serving.base.is_empty() {
            match lines.recv_timeout(START_WITHIN) {
                Ok(line) => serving.note(line),
                Err(_) => panic!("the desk does not start:\n{}", serving.kill()),
            }
        }
        serving
    }

    fn note(&mut self, line: String) {
        if let Some(base) = line.strip_prefix("listening on ") {
            base.clone_into(&mut self.base);
        }
        self.printed.push(line);
    }

    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn terminate(mut self) -> ExitStatus {
        self.tell();
        self.ended()
    }

    /// Asks it to stop.
    pub(crate) fn tell(&self) {
        let told = Command::new("sh").arg("-c").arg(format!("kill -TERM {}", self.id())).status().unwrap();
        assert!(told.success());
    }

    /// Waits until it has stopped.
    pub(crate) fn ended(&mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Ends it as a crash does (SIGKILL), and answers with what it had logged.
    pub(crate) fn kill(&mut self) -> String {
        drop(self.child.kill());
        drop(self.child.wait());
        self.log.take().map(|log| log.join().unwrap()).unwrap_or_default()
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The lines of standard output as they come.
fn lines(child: &mut Child) -> Receiver<String> {
    let out = BufReader::new(child.stdout.take().unwrap());
    let (sender, lines) = channel();
    std::thread::spawn(move || {
        // Read on when nobody listens any more: a full pipe would stop the desk.
        out.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line)));
    });
    lines
}

/// Standard error, read to its end.
fn log(child: &mut Child) -> JoinHandle<String> {
    let mut err = child.stderr.take().unwrap();
    std::thread::spawn(move || {
        let mut log = Vec::new();
        drop(err.read_to_end(&mut log));
        String::from_utf8_lossy(&log).into_owned()
    })
}

/// The permission bits of a file.
pub(crate) fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
