//! What no client should send, to every route: never a failure of the desk's own, always the dialect's envelope, and
//! nothing half-written.

use std::collections::BTreeSet;
use std::sync::Mutex;

use muster_api_libredesk::{Access, Guard};
use muster_http::routes::Route;
use muster_testkit::effort::rounds;
use muster_testkit::postgres::engines;
use muster_testkit::{Client, Digest, Reply, TestEngine};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use crate::support::Said as _;
use crate::world::{World, is_unsafe, shown};

const KINDS: [&str; 6] = [
    "InputException",
    "UnauthorizedException",
    "PermissionException",
    "NotFoundException",
    "ConflictException",
    "GeneralException",
];

/// What is said of a body that couldn't be read. What such calls may have left in the tables is looked at together with
/// the next call that was understood, and what those that read may have left at the end.
const UNREAD: &str = "Error parsing request";

/// Calls and checks the answer: no failure, the envelope, and nothing written unless all went well.
struct Caller<'w> {
    world: &'w World,
    admin: Client,
    nobody: Client,
    visitor: Client,
    /// Whether the tables are looked at after each call; else where a test says so.
    looks_often: bool,
    /// The tables as they were after the last call that may have changed them.
    tables: Mutex<Option<Digest>>,
}

impl<'w> Caller<'w> {
    fn new(world: &'w World) -> Self {
        Self {
            world,
            admin: world.admin.clone(),
            nobody: world.wire.nobody(),
            visitor: world.wire.visitor(&world.visitor),
            looks_often: world.wire.desk.engine() == TestEngine::Sqlite,
            tables: Mutex::default(),
        }
    }

    /// Who may call the route.
    fn client(&self, route: &Route<Guard>) -> &Client {
        match route.guard.access {
            Access::SignedOut => &self.nobody,
            _ if route.path.contains("/widget/") => &self.visitor,
            _ => &self.admin,
        }
    }

    fn request(&self, route: &Route<Guard>, path: &str) -> reqwest::RequestBuilder {
        self.client(route).request(route.method.clone(), path)
    }

    async fn send(&self, route: &Route<Guard>, request: reqwest::RequestBuilder, what: &str) -> Reply {
        if self.known().is_none() {
            self.know(self.world.digest().await);
        }
        let answer = self.client(route).send(request).await;
        let place = format!("{} {}: {}", shown(route), what.chars().take(200).collect::<String>(), answer.text());
        check_envelope(&answer, &place);
        let may_write = is_unsafe(&route.method);
        if may_write && answer.status().is_success() {
            self.tables.lock().unwrap().take();
        } else if may_write && self.looks_often && !answer.text().contains(UNREAD) {
            self.check_unchanged(&place).await;
        }
        answer
    }

    /// Nothing was written by any call since the last one that may have; but a refused sign-in stands in the books.
    async fn check_unchanged(&self, place: &str) {
        let Some(before) = self.known() else { return };
        let mut changed = self.world.digest().await.changed_since(&before);
        if place.starts_with("POST /api/v1/auth/login") {
            changed.retain(|table| !["audit", "events"].contains(&table.as_str()));
            self.tables.lock().unwrap().take();
        }
        assert_eq!(changed, Vec::<String>::new(), "{place}");
    }

    fn known(&self) -> Option<Digest> {
        self.tables.lock().unwrap().clone()
    }

    fn know(&self, digest: Digest) {
        *self.tables.lock().unwrap() = Some(digest);
    }

    /// Sends a body as JSON.
    async fn send_json(&self, route: &Route<Guard>, body: impl Into<Vec<u8>>, what: &str) -> Reply {
        let request = self.request(route, &self.world.path(route)).header("content-type", "application/json");
        self.send(route, request.body(body.into()), what).await
    }

    /// A 400, whatever is meant by it.
    async fn refuses_json(&self, route: &Route<Guard>, body: impl Into<Vec<u8>>, what: &str) {
        let answer = self.send_json(route, body, what).await;
        assert_eq!(answer.status(), 400, "{} {what}: {}", shown(route), answer.text());
    }
}

#[track_caller]
fn check_envelope(answer: &Reply, place: &str) {
    let status = answer.status();
    assert!(!status.is_server_error(), "{status} {place}");
    if status.is_redirection() {
        return;
    }
    assert_eq!(answer.header("content-type"), Some("application/json; charset=utf-8"), "{place}");
    let body = answer.json();
    if status.is_success() {
        assert_eq!(body["status"], "success", "{place}");
        return;
    }
    let keys: BTreeSet<&str> = body.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, BTreeSet::from(["status", "message", "data", "error_type"]), "{place}");
    assert_eq!(body["status"], "error", "{place}");
    assert!(body["message"].as_str().is_some_and(|message| !message.is_empty()), "{place}");
    assert!(body["error_type"].as_str().is_some_and(|kind| KINDS.contains(&kind)), "{place}");
}

/// The routes that read a body, each with one that it takes.
fn written(world: &World) -> Vec<(&Route<Guard>, Value)> {
    let routes = world.wire.routes.iter().filter_map(|route| Some((route, world.body(route)?)));
    routes.collect()
}

const MANY: usize = 10_000;

#[tokio::test]
async fn a_body_that_is_no_object_is_refused() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        let text = body.to_string();
        let cut = &text[..text.len() - 1];
        for bad in [
            "", " ", "null", "true", "7", "\"text\"", "[]", "[{}]", "{", "}", "{]", "{\"\"}", "{\"a\":}", "{'a': 1}",
            cut,
        ] {
            caller.refuses_json(route, bad, bad).await;
        }
        for tail in ["x", "{}", ",", "\0"] {
            caller.refuses_json(route, format!("{text}{tail}"), tail).await;
        }
    }
}

#[tokio::test]
async fn a_body_that_is_no_text_is_refused() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        let fields: Vec<String> = body.as_object().unwrap().keys().cloned().collect();
        for field in fields {
            for bad in [b"\xff".as_slice(), b"\xc3", b"\xed\xa0\x80", b"a\0b"] {
                let mut bytes = format!("{{\"{field}\": \"").into_bytes();
                bytes.extend_from_slice(bad);
                bytes.extend_from_slice(b"\"}");
                caller.refuses_json(route, bytes, &field).await;
            }
        }
        caller.refuses_json(route, [b"\xef\xbb\xbf", body.to_string().as_bytes()].concat(), "a byte-order mark").await;
        caller.refuses_json(route, b"\xfe\xff\x00{\x00}".as_slice(), "UTF-16").await;
    }
}

#[tokio::test]
async fn a_body_that_is_nested_too_deep_is_refused() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        let lists = "[".repeat(MANY) + &"]".repeat(MANY);
        let objects = "{\"a\":".repeat(MANY) + "1" + &"}".repeat(MANY);
        for deep in [&lists, &objects] {
            for field in body.as_object().unwrap().keys() {
                caller.refuses_json(route, format!("{{\"{field}\": {deep}}}"), field).await;
            }
            // What isn't known is skipped, however deep it is.
            caller.send_json(route, format!("{{\"unknown\": {deep}}}"), "unknown").await;
        }
        caller.send_json(route, objects.as_str(), "objects").await;
    }
}

#[tokio::test]
async fn a_body_that_is_too_large_is_refused_as_such() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, _) in written(&world) {
        let huge = format!("{{\"unknown\": \"{}\"}}", "a".repeat(BODY_LIMIT));
        let answer = caller.send_json(route, huge, "huge").await;
        answer.refuses(413, "GeneralException", "Request body is too large");
        let many = format!("{{{}\"z\": 1}}", (0..MANY).map(|key| format!("\"k{key}\": [],")).collect::<String>());
        caller.send_json(route, many, "many fields").await;
    }
}

const BODY_LIMIT: usize = muster_http::layers::BodyLimit::DEFAULT.0;

#[tokio::test]
async fn another_content_type_is_read_as_a_form_or_refused() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        let path = world.path(route);
        for kind in ["text/xml", "application/xml", "application/xhtml+xml; charset=utf-8"] {
            let request = caller.request(route, &path).header("content-type", kind).body(body.to_string());
            let answer = caller.send(route, request, kind).await;
            assert_eq!(answer.status(), 400, "{} {kind}: {}", shown(route), answer.text());
        }
        for kind in ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "image/png"] {
            for bytes in [b"".as_slice(), b"%ff=%ff&&&==", b"a[b][c]=1&a=2", b"%", b"\xff\xfe", b"--x\r\n\r\n--x--"] {
                let request = caller.request(route, &path).header("content-type", kind).body(bytes.to_vec());
                caller.send(route, request, kind).await;
            }
        }
    }
}

#[tokio::test]
async fn what_is_not_known_of_a_body_is_ignored_and_of_equal_keys_the_last_counts() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        let text = body.to_string();
        let inner = &text[1..text.len() - 1];
        let unknown = format!("{{\"__proto__\": {{\"a\": [null]}}, \"\": 1, \"é\u{202e}\": 1e300, {inner}}}");
        let plain = caller.send_json(route, text.as_str(), "as meant").await.status();
        let again = caller.send_json(route, unknown, "unknown keys").await;
        let told = (again.status(), again.text());
        // What was made once can't be made again.
        let is_taken = told.1.contains("already exists");
        assert!(told.0 == plain || is_taken, "{}: {told:?} after {plain}", shown(route));
        assert!(!told.1.contains("unknown field"), "{}: {told:?}", shown(route));
        for field in body.as_object().unwrap().keys() {
            caller.send_json(route, format!("{{\"{field}\": [[]], \"{field}\": {{}}, {inner}}}"), field).await;
            caller.refuses_or_reads(route, &format!("{{{inner}, \"{field}\": [[{{}}]]}}"), field).await;
        }
    }
}

impl Caller<'_> {
    /// The last of equal keys counts: a list of lists is nothing that any field holds.
    async fn refuses_or_reads(&self, route: &Route<Guard>, body: &str, field: &str) {
        let answer = self.send_json(route, body, field).await;
        assert!(!answer.status().is_success(), "{} {field}: {}", shown(route), answer.text());
    }
}

/// Values that are wrong for most fields, as JSON texts.
fn absurd() -> Vec<String> {
    let texts = ["", " ", "\u{202e}", "\u{feff}", "'; DROP TABLE agents; --", "<script>", "%00", "../..", "\u{1f642}"];
    let plain = r#"null true false 0 -0 -1 1 0.5 -0.5 1e3 1e-400 255 256 2147483648 4294967296 9007199254740993
        [] [null] [[]] [""] ["a","a"] [1e400] {} {"a":null} {"a":{"b":[]}} [{}] [{"id":-1}]
        "\ud800" "\udc00\ud800" NaN Infinity 01 +1 0x10 1_000 'a' undefined"#;
    let mut values = dangerous();
    values.extend(texts.map(|text| json!(text).to_string()));
    values.extend(plain.split_whitespace().map(str::to_owned));
    values
}

/// Those that a database could choke on.
fn dangerous() -> Vec<String> {
    let plain = r#""\u0000" "a\u0000b" 32768 65536 -2147483649 9223372036854775807 9223372036854775808 1e400 -1e400
        -9223372036854775808 -9223372036854775809 18446744073709551616 [-1] [9223372036854775807]
        {"id":9223372036854775807}"#;
    let long = [json!("a".repeat(100_000)), json!("\u{10348}".repeat(300)), json!(vec![1; 5_000])];
    plain.split_whitespace().map(str::to_owned).chain(long.map(|value| value.to_string())).collect()
}

/// Where in a request body each field stands, by the document: `/muster/channels/chat`.
fn fields(world: &World, route: &Route<Guard>) -> Vec<String> {
    let schema = &world.operation(route)["requestBody"]["content"]["application/json"]["schema"];
    let mut found = Vec::new();
    collect(&world.wire.document, schema, "", &mut found);
    assert!(!found.is_empty(), "{}", shown(route));
    found
}

fn collect(document: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    if place.matches('/').count() > 3 {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        return collect(document, document.pointer(&reference[1..]).unwrap(), place, found);
    }
    for choice in ["oneOf", "anyOf", "allOf"].iter().flat_map(|word| schema[word].as_array()).flatten() {
        collect(document, choice, place, found);
    }
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let inner = format!("{place}/{name}");
        if !found.contains(&inner) {
            found.push(inner.clone());
        }
        collect(document, field, &inner, found);
    }
    if schema["items"].is_object() {
        collect(document, &schema["items"], &format!("{place}/0"), found);
    }
}

/// The body with `value`, a JSON text, at this place.
fn with(body: &Value, place: &str, value: &str) -> String {
    const MARK: &str = "@the value@";
    let mut body = body.clone();
    put(&mut body, &place.split('/').skip(1).collect::<Vec<_>>(), json!(MARK));
    body.to_string().replace(&format!("\"{MARK}\""), value)
}

fn put(into: &mut Value, path: &[&str], value: Value) {
    match path {
        [] => *into = value,
        ["0", rest @ ..] => {
            let mut item = json!({});
            put(&mut item, rest, value);
            *into = json!([item]);
        }
        [name, rest @ ..] => {
            if !into.is_object() {
                *into = json!({});
            }
            put(&mut into[*name], rest, value);
        }
    }
}

#[tokio::test]
async fn every_field_takes_what_fits_and_refuses_the_rest_on_sqlite() {
    try_fields(TestEngine::Sqlite, &absurd()).await;
}

#[tokio::test]
async fn every_field_takes_what_fits_and_refuses_the_rest_on_postgres() {
    if engines().contains(&TestEngine::Postgres) {
        try_fields(TestEngine::Postgres, &dangerous()).await;
    }
}

/// Tries every field with each third value, one field with these and the next with those; in a long run with all.
async fn try_fields(engine: TestEngine, values: &[String]) {
    let step = rounds(3, 1);
    let world = World::on(engine).await;
    let caller = Caller::new(&world);
    for (route, body) in written(&world) {
        for (number, field) in fields(&world, route).iter().enumerate() {
            for value in values.iter().skip(number % step).step_by(step) {
                let place = format!("{field} = {value}");
                caller.send_json(route, with(&body, field, value), &place).await;
            }
            caller.check_unchanged(&format!("{} {field}", shown(route))).await;
        }
    }
}

/// What names nothing in a path, one to a word.
const NAMELESS: &str = "\
    0 -1 +1 00 1.0 1e3 9223372036854775807 9223372036854775808 18446744073709551616 99999999 abc %00 1%00 %ff % \
    %zz ..%2f.. ..%5c %20 1%20 %E2%80%AE null undefined {id} * '%20OR%201=1-- \
    00000000-0000-0000-0000-000000000000 00000000-0000-0000-0000-00000000000g \
    urn:uuid:00000000-0000-0000-0000-000000000000 %F0%9F%99%82";

#[tokio::test]
async fn a_path_that_names_nothing_is_refused() {
    let long = "9".repeat(5_000);
    for engine in engines() {
        let world = World::on(engine).await;
        // None of these may write, so that looking once for each route is enough.
        let caller = Caller { looks_often: false, ..Caller::new(&world) };
        for route in world.wire.routes.iter().filter(|route| route.path.contains('{')) {
            for nameless in NAMELESS.split(' ').chain([long.as_str()]) {
                for path in replaced(route, &world.path(route), nameless) {
                    let request = caller.request(route, &path);
                    let request = match world.body(route) {
                        Some(body) => request.json(&body),
                        None => request,
                    };
                    let answer = caller.send(route, request, &path).await;
                    assert!(answer.status().is_client_error(), "{} {path}: {}", shown(route), answer.text());
                }
            }
            caller.check_unchanged(&shown(route)).await;
        }
    }
}

/// The path with each of the route's parameters replaced in turn.
fn replaced(route: &Route<Guard>, path: &str, by: &str) -> Vec<String> {
    let parameters = route.path.split('/').enumerate().filter(|(_, part)| part.starts_with('{'));
    let replace = |at: usize| {
        let parts = path.split('/').enumerate().map(|(here, part)| if here == at { by } else { part });
        parts.collect::<Vec<&str>>().join("/")
    };
    parameters.map(|(at, _)| replace(at)).collect()
}

/// What makes no sense in a query, one to a word.
const SENSELESS: &str = "\
    0 -1 +1 0.5 1e400 501 65536 2147483648 4294967296 9223372036854775807 9223372036854775808 \
    18446744073709551616 abc true null [] {} %00 %ff % %zz %F0%9F%99%82 a,b '-- %5B%7B%7D%5D conversations.id \
    conversations.created_at; DESC";

#[tokio::test]
async fn a_query_that_makes_no_sense_is_refused_or_ignored() {
    let long = "9".repeat(5_000);
    for engine in engines() {
        let world = World::on(engine).await;
        let caller = Caller::new(&world);
        for route in world.wire.routes.iter().filter(|route| route.documented && !is_unsafe(&route.method)) {
            let senseless = SENSELESS.split(' ').chain(["", &long]);
            let mut queries: Vec<String> = senseless.flat_map(|value| each(&world, route, value)).collect();
            let odd = ["", "&&&=", "=", "%ff=%ff", "page", "page=1;page_size=2", "?", "a=1#b", "unknown=1"];
            queries.extend(odd.map(str::to_owned));
            for query in queries {
                let request = caller.request(route, &format!("{}?{query}", world.path(route)));
                caller.send(route, request, &query).await;
            }
            caller.check_unchanged(&shown(route)).await;
        }
    }
}

/// Queries for each parameter of the route with this value.
fn each(world: &World, route: &Route<Guard>, value: &str) -> Vec<String> {
    let parameters = world.operation(route)["parameters"].as_array().into_iter().flatten();
    let named = parameters.filter(|parameter| parameter["in"] == "query").map(|it| it["name"].as_str().unwrap());
    named.flat_map(|name| [format!("{name}={value}"), format!("{name}=1&{name}={value}")]).collect()
}

#[tokio::test]
async fn a_body_where_none_is_read_changes_nothing_of_the_answer() {
    let world = World::new().await;
    let caller = Caller::new(&world);
    let routes: Vec<&Route<Guard>> = world.wire.routes.iter().collect();
    let bodiless = routes.iter().filter(|route| {
        route.documented
            && world.body(route).is_none()
            && route.method != reqwest::Method::DELETE
            && route.path != "/logout"
    });
    for route in bodiless {
        let path = world.path(route);
        let without = caller.send(route, caller.request(route, &path), "no body").await.status();
        for body in [b"{".as_slice(), b"\xff\0", &b"[".repeat(MANY)] {
            let request = caller.request(route, &path).header("content-type", "application/json");
            let answer = caller.send(route, request.body(body.to_vec()), "a body").await;
            assert_eq!(answer.status(), without, "{}: {}", shown(route), answer.shown());
        }
    }
}

/// JSON of any shape whose keys are often fields of the request.
fn json_with(fields: Vec<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        (-3_i64..400).prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        ".{0,12}".prop_map(|it| json!(it)),
        "[a-zA-Z]{1,8}@example\\.(org|com)".prop_map(|it| json!(it)),
        prop::sample::select(vec![
            "Admin", "Agent", "Support", "French", "online", "Open", "contact", "agent", "High", "UTC"
        ])
        .prop_map(|it| json!(it)),
    ];
    let names = prop_oneof![4 => prop::sample::select(fields), 1 => ".{0,8}"];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}

#[tokio::test]
async fn whatever_comes_is_answered() {
    let rounds = rounds(20, 2_000);
    for engine in engines() {
        let world = World::on(engine).await;
        let caller = Caller::new(&world);
        let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
        let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
        for (route, body) in written(&world) {
            let places = fields(&world, route);
            let names = places.iter().filter_map(|place| place.rsplit('/').next()).map(str::to_owned).collect();
            let (anything, place) = (json_with(names), prop::sample::select(places));
            for _ in 0..rounds {
                let value = anything.new_tree(&mut runner).unwrap().current().to_string();
                let place = place.new_tree(&mut runner).unwrap().current();
                caller.send_json(route, with(&body, &place, &value), &value).await;
                caller.send_json(route, value.as_str(), &value).await;
            }
        }
    }
}
