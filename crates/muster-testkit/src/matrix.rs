//! Every route of a dialect against what no client should send: never a failure of the desk's own, always the dialect's
//! envelope, and nothing half-written.
//!
//! A dialect's tests describe one desk with one of everything as a [`Surface`]; each function here is one run over all
//! its routes, out of the router's own list, and [`malformed!`](crate::malformed) makes a test of each.
//!
//! ```no_run
//! # use muster_testkit::{Client, Reply, TestDesk, matrix::{self, Endpoint, Surface}};
//! # use serde_json::{Value, json};
//! struct World { desk: TestDesk, endpoints: Vec<Endpoint>, document: Value, admin: Client }
//!
//! impl Surface for World {
//!     fn desk(&self) -> &TestDesk { &self.desk }
//!     fn endpoints(&self) -> &[Endpoint] { &self.endpoints }
//!     fn document(&self) -> &Value { &self.document }
//!     fn path(&self, endpoint: &Endpoint) -> String { endpoint.path.replace("{id}", "7") }
//!     fn body(&self, endpoint: &Endpoint) -> Option<Value> {
//!         (endpoint.method == "POST").then(|| json!({"name": "Support"}))
//!     }
//!     fn client(&self, _: &Endpoint) -> &Client { &self.admin }
//!     fn check_envelope(&self, reply: &Reply, place: &str) {
//!         assert_eq!(reply.header("content-type"), Some("application/json"), "{place}");
//!     }
//! }
//!
//! # async fn run(world: World) {
//! matrix::bodies::that_are_no_object(&world).await;
//! matrix::addresses::that_name_nothing(&world).await;
//! # }
//! ```

pub mod addresses;
pub mod bodies;
pub mod callers;
pub mod fields;
mod malformed;
mod probe;
pub mod uploads;

use std::fmt;

use reqwest::Method;
use serde_json::Value;

use crate::desk::TestDesk;
use crate::http::{Client, Reply};

/// One method on one path, as the router lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    pub method: Method,
    /// With parameters as `{id}`.
    pub path: String,
    /// Whether the OpenAPI document has it.
    pub documented: bool,
}

impl Endpoint {
    /// Whether a call may write.
    #[must_use]
    pub fn is_unsafe(&self) -> bool {
        ![Method::GET, Method::HEAD].contains(&self.method)
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, self.path)
    }
}

/// A dialect over a desk with one of everything, without limits on calls.
pub trait Surface: Sync {
    fn desk(&self) -> &TestDesk;

    fn endpoints(&self) -> &[Endpoint];

    /// The OpenAPI document.
    fn document(&self) -> &Value;

    /// The endpoint's path about the things of this desk.
    fn path(&self, endpoint: &Endpoint) -> String;

    /// A body that the endpoint takes; `None` where it looks at none.
    fn body(&self, endpoint: &Endpoint) -> Option<Value>;

    /// A form with a file that the endpoint takes in place of a body of fields; `None` where it takes none.
    fn form(&self, _: &Endpoint) -> Option<uploads::Form> {
        None
    }

    /// Whether that body, well-formed as it is, names what isn't there, and is refused for it: a secret that only a
    /// mail holds, or somebody whom a run must not delete.
    fn names_nothing(&self, _: &Endpoint) -> bool {
        false
    }

    /// Who may call the endpoint.
    fn client(&self, endpoint: &Endpoint) -> &Client;

    /// Fails unless the answer, success or refusal, is shaped as the dialect shapes it. Server errors and redirections
    /// were looked at before.
    fn check_envelope(&self, reply: &Reply, place: &str);

    /// Whether the answer is a success, which may have written.
    fn accepts(&self, reply: &Reply) -> bool {
        reply.status().is_success()
    }

    /// Whether the answer refuses what a field holds.
    fn refuses(&self, reply: &Reply) -> bool {
        reply.status() == 400
    }

    /// Whether a body without content is one without fields.
    fn blank_is_empty(&self, _: &Endpoint) -> bool {
        false
    }

    /// Whether a list alone is a body too.
    fn takes_list(&self, _: &Endpoint) -> bool {
        false
    }

    /// Whether the endpoint answers with success, and nothing in it, about what isn't there.
    fn shows_absence(&self, _: &Endpoint) -> bool {
        false
    }

    /// Whether a body is read as JSON whatever its content type says.
    fn ignores_content_type(&self) -> bool {
        false
    }

    /// Tables in which even a refused call stands, such as the audit log for a refused sign-in.
    fn notes_refusals_in(&self, _: &Endpoint) -> &'static [&'static str] {
        &[]
    }

    /// Whether the endpoint refuses a body for a key that it doesn't know.
    fn refuses_unknown_keys(&self, _: &Endpoint) -> bool {
        false
    }

    /// The status that refuses a body of more bytes than one may have.
    fn too_large(&self) -> u16 {
        413
    }

    /// Whether the answer says that a name is taken: what was made once can't be made again.
    fn is_taken(&self, _: &Reply) -> bool {
        false
    }
}

/// What the document says of an endpoint.
#[must_use]
pub fn operation<'s>(surface: &'s impl Surface, endpoint: &Endpoint) -> &'s Value {
    &surface.document()["paths"][&endpoint.path][endpoint.method.as_str().to_lowercase()]
}

/// Every documented endpoint that takes a body has one here, and no other.
///
/// # Panics
/// Otherwise.
pub fn bodies_are_complete(surface: &impl Surface) {
    for endpoint in surface.endpoints().iter().filter(|endpoint| endpoint.documented) {
        let takes_one = operation(surface, endpoint)["requestBody"].is_object();
        let has_one = surface.body(endpoint).is_some() || surface.form(endpoint).is_some();
        assert_eq!(has_one, takes_one, "{endpoint}");
    }
}

/// The endpoints that read a body, each with one that it takes.
fn written(surface: &impl Surface) -> Vec<(&Endpoint, Value)> {
    let written: Vec<_> =
        surface.endpoints().iter().filter_map(|endpoint| Some((endpoint, surface.body(endpoint)?))).collect();
    assert!(!written.is_empty(), "no endpoint reads a body");
    written
}
