//! A served desk with an administrator, which may be ended at any moment and served again.

use std::process::Stdio;
use std::time::Duration;

use muster_store::Store;
use serde_json::Value;

use crate::books;
use crate::client::{Address, Client};
use crate::program::{Place, Serving};

const EMAIL: &str = "ada@example.org";
const PASSWORD: &str = "Correct-horse-9";

#[derive(Debug)]
pub(crate) struct Desk {
    place: Place,
    variables: Vec<(&'static str, &'static str)>,
    serving: Option<Serving>,
    pub(crate) address: Address,
    pub(crate) nobody: Client,
    /// The administrator, by API key.
    pub(crate) admin: Client,
}

impl Desk {
    /// Makes a desk and serves it, without rate limits and with these further variables.
    pub(crate) fn new(place: Place, variables: &[(&'static str, &'static str)]) -> Self {
        let usual = [
            ("MUSTER_ADMIN_EMAIL", EMAIL),
            ("MUSTER_ADMIN_PASSWORD", PASSWORD),
            ("MUSTER_LIBREDESK__RATE_LIMITS", "false"),
        ];
        let variables = [&usual, variables].concat();
        let address = Address::unknown();
        let nobody = Client::new(address.clone());
        let mut desk = Self { place, variables, serving: None, address, admin: nobody.clone(), nobody };
        desk.start();
        desk.admin = desk.key(EMAIL);
        desk
    }

    /// An agent by a new API key.
    pub(crate) fn key(&self, email: &str) -> Client {
        let printed = self.place.run(&["api-key", "create", "--json", "--agent", email]).ok();
        let key: Value = serde_json::from_str(&printed).unwrap();
        self.nobody.with_key(key["api_key"].as_str().unwrap(), key["api_secret"].as_str().unwrap())
    }

    /// Serves the desk and waits until it answers.
    pub(crate) fn start(&mut self) {
        let serving = tokio::task::block_in_place(|| self.place.serve_with(&[], &self.variables));
        self.address.is(&serving.base);
        self.serving = Some(serving);
    }

    /// Begins to serve the desk, and ends that by SIGKILL after `lasting`.
    pub(crate) async fn start_in_vain(&self, lasting: Duration) {
        let mut command = self.place.command(&["serve", "--listen", "127.0.0.1:0"]);
        command.envs(self.variables.iter().copied()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        tokio::time::sleep(lasting).await;
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Ends the process by SIGKILL. Whoever was connected finds out by the connection's end. Answers with its log.
    pub(crate) fn kill(&mut self) -> String {
        let log = tokio::task::block_in_place(|| self.serving.take().map(|mut serving| serving.kill()));
        self.address.is_gone();
        log.unwrap_or_default()
    }

    /// Asks the process to end.
    pub(crate) fn tell(&self) {
        self.serving.iter().for_each(Serving::tell);
    }

    /// Waits until the process has ended by itself.
    pub(crate) fn ended(&mut self) {
        let ended = tokio::task::block_in_place(|| self.serving.take().map(|mut serving| serving.ended()));
        self.address.is_gone();
        assert_eq!(ended.and_then(|status| status.code()), Some(0));
    }

    /// Asks the process to end, and waits until it has.
    pub(crate) fn terminate(&mut self) {
        let ended = tokio::task::block_in_place(|| self.serving.take().map(Serving::terminate));
        self.address.is_gone();
        assert_eq!(ended.and_then(|status| status.code()), Some(0));
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// The desk's database, opened beside the process that serves.
    pub(crate) async fn books(&self) -> Store {
        books::open(self.place.database()).await
    }
}
