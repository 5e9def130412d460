//! A desk with the dialect served over real HTTP, and what the tests ask of answers.

use std::fmt::Write as _;
use std::sync::Arc;

use muster_api_libredesk::{Guard, Options, VisitorLimits, router};
use muster_app::Settings;
use muster_core::integration::Kind;
use muster_http::layers::Layers;
use muster_http::routes::{Built, Route};
use muster_http::socket::Sockets;
use muster_testkit::{AgentHandle, Client, PASSWORD, Reply, Served, TestDesk, TestEngine, VisitorHandle};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

/// Two products that integrations can be made for: one that knows teams, and one that doesn't.
const KINDS: [Kind; 2] = [Kind { word: "teamwise", by_team: true }, Kind { word: "deskwide", by_team: false }];

/// A served desk.
pub(crate) struct Wire {
    pub(crate) desk: TestDesk,
    /// The router's own list.
    pub(crate) routes: Vec<Route<Guard>>,
    /// The OpenAPI document.
    pub(crate) document: Value,
    served: Served,
}

impl Wire {
    /// A desk and its administrator, `ada@example.org`, who has an API key.
    pub(crate) async fn new() -> (Self, Client) {
        let wire = Self::empty().await;
        let admin = wire.desk.admin().await;
        let client = wire.client(&admin);
        (wire, client)
    }

    /// A desk that isn't set up.
    pub(crate) async fn empty() -> Self {
        Self::with(true).await
    }

    /// A desk that isn't set up, with or without rate limits.
    pub(crate) async fn with(rate_limits: bool) -> Self {
        Self::on(TestEngine::Sqlite, rate_limits).await
    }

    /// The same on either engine.
    pub(crate) async fn on(engine: TestEngine, rate_limits: bool) -> Self {
        let desk = TestDesk::with(engine, |settings| {
            if !rate_limits {
                settings.sign_in_failures = 0;
            }
        });
        Self::over(desk.await, rate_limits).await
    }

    /// A desk that isn't set up, with settings of its own, and no limits but theirs.
    pub(crate) async fn configured(engine: TestEngine, change: impl FnOnce(&mut Settings)) -> Self {
        Self::over(TestDesk::with(engine, change).await, false).await
    }

    /// A desk and its administrator, without limits, on either engine.
    pub(crate) async fn unlimited(engine: TestEngine) -> (Self, Client) {
        let wire = Self::configured(engine, |_| {}).await;
        let admin = wire.desk.admin().await;
        let client = wire.client(&admin);
        (wire, client)
    }

    async fn over(desk: TestDesk, rate_limits: bool) -> Self {
        let layers = Layers::new(Arc::new(|| "request-1".to_owned()));
        let sockets = Sockets::new(CancellationToken::new());
        let visitors = VisitorLimits::default();
        let options = Options { layers, rate_limits, sockets, visitors, integrations: &KINDS, pages: None };
        let Built { router, routes, openapi } = router(desk.app.clone(), &options);
        let document = serde_json::to_value(openapi).unwrap();
        let served = desk.serve(router).await;
        Self { desk, routes, document, served }
    }

    pub(crate) fn nobody(&self) -> Client {
        self.served.anonymous()
    }

    pub(crate) fn client(&self, agent: &AgentHandle) -> Client {
        self.served.as_agent(agent)
    }

    /// The widget that a visitor writes at.
    pub(crate) fn visitor(&self, visitor: &VisitorHandle) -> Client {
        self.served.as_visitor(visitor).header("x-libredesk-inbox-id", &visitor.inbox.to_string())
    }

    /// An agent whose only role holds these permissions, with an API key.
    pub(crate) async fn holder(&self, admin: &Client, permissions: &[&str]) -> Client {
        let role = json!({"name": "Holder", "permissions": permissions});
        admin.post("/api/v1/roles", &role).await.data();
        self.client(&self.desk.agent("holder").role("Holder").await)
    }

    /// Signs in with the password that agents of a test desk have.
    pub(crate) async fn sign_in(&self, email: &str) -> Client {
        let answer = self.nobody().post("/api/v1/auth/login", &json!({"email": email, "password": PASSWORD})).await;
        assert_eq!(answer.status(), 200, "{}", answer.shown());
        self.session(&answer)
    }

    /// A browser with the cookies of an answer, which sends the CSRF token along.
    pub(crate) fn session(&self, answer: &Reply) -> Client {
        let cookies = cookies(answer);
        let csrf = cookies.iter().find_map(|cookie| cookie.strip_prefix("csrf_token=")).unwrap();
        self.nobody().header("cookie", &cookies.join("; ")).header("x-csrftoken", csrf)
    }
}

/// The cookies an answer sets, without their attributes.
pub(crate) fn cookies(answer: &Reply) -> Vec<String> {
    let lines = answer.headers().get_all("set-cookie").iter();
    lines.map(|line| line.to_str().unwrap().split(';').next().unwrap().to_owned()).collect()
}

/// What tests ask of an answer.
pub(crate) trait Said {
    /// The `data` of a success.
    fn data(&self) -> Value;

    /// Checks that it is this refusal.
    fn refuses(&self, status: u16, kind: &str, message: &str);

    /// Status, the headers that matter, and the exact body with line breaks between its parts.
    fn shown(&self) -> String;
}

impl Said for Reply {
    #[track_caller]
    fn data(&self) -> Value {
        let mut body = self.json();
        assert_eq!((self.status().as_u16(), &body["status"]), (200, &json!("success")), "{}", self.shown());
        body["data"].take()
    }

    #[track_caller]
    fn refuses(&self, status: u16, kind: &str, message: &str) {
        let body = self.json();
        let found = (self.status().as_u16(), &body["status"], &body["error_type"], &body["message"]);
        assert_eq!(found, (status, &json!("error"), &json!(kind), &json!(message)));
        assert!(body.as_object().unwrap().contains_key("data"), "{}", self.shown());
    }

    fn shown(&self) -> String {
        let mut lines: Vec<String> = Vec::new();
        for (name, value) in self.headers() {
            if !USUAL.contains(&name.as_str()) {
                lines.push(format!("{name}: {}\n", value.to_str().unwrap()));
            }
        }
        lines.sort();
        format!("{}\n{}{}", self.status().as_u16(), lines.concat(), broken(&self.text()))
    }
}

/// Headers that are the same on every answer (`entry.rs` tests them) or differ from run to run.
const USUAL: [&str; 6] =
    ["cache-control", "content-length", "date", "referrer-policy", "x-content-type-options", "x-request-id"];

/// The text of a JSON body with line breaks between its parts, and otherwise as it came.
fn broken(text: &str) -> String {
    let (mut out, mut depth, mut quoted, mut escaped) = (String::new(), 0_usize, false, false);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let opens = !quoted && matches!(c, '{' | '[') && !matches!(rest.peek(), Some('}' | ']'));
        let closes = !quoted && matches!(c, '}' | ']') && !out.ends_with(['{', '[']);
        if closes {
            depth = depth.saturating_sub(1);
            let _ = write!(out, "\n{}", "  ".repeat(depth));
        }
        out.push(c);
        if opens {
            depth += 1;
        }
        if opens || (!quoted && c == ',') {
            let _ = write!(out, "\n{}", "  ".repeat(depth));
        }
        quoted = if c == '"' && !escaped { !quoted } else { quoted };
        escaped = quoted && c == '\\' && !escaped;
    }
    out
}
