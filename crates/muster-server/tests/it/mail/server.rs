//! A real mail server beside the test: `server.py`, run by the Python that `scripts/setup.sh test` prepares.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::Value;

/// How long a mail may take that is sure to come. Generous: other tests run beside this one.
const PATIENCE: Duration = Duration::from_secs(180);

/// A mail server on a port of the loopback address. Ends with the test.
#[derive(Debug)]
pub(super) struct MailServer {
    child: Child,
    lines: Receiver<String>,
    pub(super) port: String,
}

impl MailServer {
    pub(super) fn start(arguments: &[&str]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let python = root.join(".venv/bin/python");
        let script = root.join("crates/muster-server/tests/it/mail/server.py");
        let started = Command::new(python).arg(script).args(arguments).stdout(Stdio::piped()).spawn();
        let mut child = started.expect("there is no .venv with aiosmtpd: run scripts/setup.sh test");
        let out = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || out.lines().map_while(Result::ok).for_each(|line| drop(sender.send(line))));
        let mut server = Self { child, lines, port: String::new() };
        let port = server.lines.recv_timeout(PATIENCE);
        server.port = port.expect("aiosmtpd does not start: run scripts/setup.sh test");
        server
    }

    /// Waits for the next message.
    pub(super) fn mail(&self) -> Value {
        let line = self.lines.recv_timeout(PATIENCE).expect("a mail comes");
        serde_json::from_str(&line).unwrap()
    }

    /// The messages that came and weren't asked for yet.
    pub(super) fn rest(&self) -> Vec<String> {
        self.lines.try_iter().collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
