//! Every field of every body, by the OpenAPI document, with values that don't fit.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::probe::Probe;
use super::{Endpoint, Surface, operation, written};
use crate::effort::rounds;
use crate::postgres::TestEngine;

/// Tries every field with each third value, one field with these and the next with those; in a long run with all. On
/// PostgreSQL only with those that a database could choke on.
///
/// # Panics
/// If an endpoint fails over one, or writes and refuses.
pub async fn take_what_fits_and_refuse_the_rest(surface: &impl Surface) {
    let values = match surface.desk().engine() {
        TestEngine::Sqlite => absurd(),
        TestEngine::Postgres => dangerous(),
    };
    let step = rounds(3, 1);
    let probe = Probe::new(surface);
    for (endpoint, body) in written(surface) {
        for (number, field) in fields(surface, endpoint).iter().enumerate() {
            for value in values.iter().skip(number % step).step_by(step) {
                probe.send_json(endpoint, with(&body, field, value), &format!("{field} = {value}")).await;
            }
            probe.check_unchanged(endpoint, &format!("{endpoint} {field}")).await;
        }
    }
}

/// Bodies of any shape whose keys are often fields of the request and whose texts are often `words`, which mean
/// something to the dialect.
///
/// # Panics
/// If an endpoint fails over one, or writes and refuses.
pub async fn hold_anything(surface: &impl Surface, words: &[&'static str]) {
    let probe = Probe::new(surface);
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config { failure_persistence: None, ..Config::default() }, rng);
    for (endpoint, body) in written(surface) {
        let places = fields(surface, endpoint);
        let names = places.iter().filter_map(|place| place.rsplit('/').next()).map(str::to_owned).collect();
        let (anything, place) = (json_with(names, words), prop::sample::select(places));
        for _ in 0..rounds(20, 2_000) {
            let value = anything.new_tree(&mut runner).expect("a value").current().to_string();
            let place = place.new_tree(&mut runner).expect("a place").current();
            probe.send_json(endpoint, with(&body, &place, &value), &value).await;
            probe.send_json(endpoint, value.as_str(), &value).await;
        }
        probe.check_unchanged(endpoint, &endpoint.to_string()).await;
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
fn fields(surface: &impl Surface, endpoint: &Endpoint) -> Vec<String> {
    let schema = &operation(surface, endpoint)["requestBody"]["content"]["application/json"]["schema"];
    let mut found = Vec::new();
    collect(surface.document(), schema, "", &mut found);
    if found.is_empty() {
        // A map whose keys people define.
        let body = surface.body(endpoint).unwrap_or_default();
        found.extend(body.as_object().into_iter().flatten().map(|(key, _)| format!("/{key}")));
    }
    assert!(!found.is_empty(), "{endpoint}");
    found
}

fn collect(document: &Value, schema: &Value, place: &str, found: &mut Vec<String>) {
    if place.matches('/').count() > 3 {
        return;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let schema = document.pointer(&reference[1..]).unwrap_or_else(|| panic!("{reference} leads nowhere"));
        return collect(document, schema, place, found);
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

fn json_with(fields: Vec<String>, words: &[&'static str]) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        (-3_i64..400).prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        ".{0,12}".prop_map(|it| json!(it)),
        "[a-zA-Z]{1,8}@example\\.(org|com)".prop_map(|it| json!(it)),
        prop::sample::select(words.to_vec()).prop_map(|it| json!(it)),
    ];
    let names = prop_oneof![4 => prop::sample::select(fields), 1 => ".{0,8}"];
    leaf.prop_recursive(4, 40, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..8).prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    })
}
