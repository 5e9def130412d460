//! Lists: which part of one is asked for, in which order, and how it is answered.

use std::cmp::Ordering;
use std::fmt;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use muster_http::query::Query;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::IntoParams;

use crate::auth::check_permission;
use crate::error::{Failure, Result};

// Wire (documented): fifty unless asked otherwise, silently a hundred at most, and all for 0.
const COUNT: usize = 50;
const COUNT_MAX: usize = 100;

/// What every list is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Listing reads")]
pub(crate) struct ListParams {
    /// Items to skip.
    offset: Option<u32>,
    /// Items wanted: 50 when absent, 100 at most, 0 for all.
    count: Option<u32>,
    /// A JSON object of fields, each with 1 or -1: `{"name":1}`.
    sort: Option<String>,
}

/// The query of a list. Behind a guard that leaves the permission to it, checks that too.
#[derive(Debug)]
pub(crate) struct Listing {
    pub(crate) query: Query,
    offset: usize,
    count: usize,
    sort: Vec<Key>,
}

/// One field to sort by.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    /// With dots between its parts.
    path: String,
    descending: bool,
}

/// A part of a list.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page<T> {
    pub(crate) items: Vec<T>,
    pub(crate) count: usize,
    pub(crate) offset: usize,
    pub(crate) total: usize,
}

impl<S: Sync> FromRequestParts<S> for Listing {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        let listing = Self::read(Query::of(&parts.uri))?;
        check_permission(parts)?;
        Ok(listing)
    }
}

impl Listing {
    fn read(query: Query) -> Result<Self> {
        let offset = number(query.get("offset"))?.unwrap_or(0);
        let count = number(query.get("count"))?.unwrap_or(COUNT).min(COUNT_MAX);
        let sort = sort(&query)?;
        Ok(Self { query, offset, count, sort })
    }

    /// Puts items in the order asked for, else by `default`, and takes the part asked for. Texts are
    /// ordered by their bytes.
    pub(crate) fn page<T: Serialize>(&self, items: Vec<T>, default: &str) -> Page<T> {
        let by_default = [Key { path: default.to_owned(), descending: false }];
        let keys = if self.sort.is_empty() { &by_default[..] } else { &self.sort };
        let total = items.len();
        let mut keyed: Vec<(Vec<Value>, T)> = items.into_iter().map(|item| (values(&item, keys), item)).collect();
        keyed.sort_by(|(a, _), (b, _)| compare_all(keys, a, b));
        let wanted = if self.count == 0 { usize::MAX } else { self.count };
        let items: Vec<T> = keyed.into_iter().map(|(_, item)| item).skip(self.offset).take(wanted).collect();
        Page { count: items.len(), items, offset: self.offset, total }
    }
}

/// `true`, or anything else.
pub(crate) fn is_true(query: &Query, name: &str) -> bool {
    query.get(name) == Some("true")
}

fn number(text: Option<&str>) -> Result<Option<usize>> {
    let Some(text) = text else { return Ok(None) };
    let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
    let number = number.ok_or_else(|| Failure::parameters("must be number [invalid-params]"))?;
    if number.fract() != 0.0 || number < 0.0 {
        return Err(Failure::parameters("must be >= 0 [invalid-params]"));
    }
    Ok(Some(format!("{number}").parse().unwrap_or(usize::MAX)))
}

fn sort(query: &Query) -> Result<Vec<Key>> {
    if let Some(text) = query.get("sort") {
        let Sort(keys) = serde_json::from_str(text).map_err(|_| {
            Failure::coded(&format!("Invalid sort parameter provided: \"{text}\""), "error-invalid-sort")
        })?;
        return Ok(keys);
    }
    // Wire (documented): a few clients write sort[name]=1.
    let named = query.pairs().filter_map(|(name, value)| {
        let path = name.strip_prefix("sort[")?.strip_suffix(']')?;
        let descending = value.parse::<i8>().ok()? < 0;
        Some(Key { path: path.to_owned(), descending })
    });
    Ok(named.collect())
}

/// An object of directions, in the order in which it names them.
struct Sort(Vec<Key>);

impl<'de> Deserialize<'de> for Sort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(SortVisitor).map(Self)
    }
}

struct SortVisitor;

impl<'de> Visitor<'de> for SortVisitor {
    type Value = Vec<Key>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of directions")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Key>, A::Error> {
        let mut keys = Vec::new();
        while let Some((path, direction)) = map.next_entry::<String, i8>()? {
            keys.push(Key { path, descending: direction < 0 });
        }
        Ok(keys)
    }
}

fn values<T: Serialize>(item: &T, keys: &[Key]) -> Vec<Value> {
    let document = serde_json::to_value(item).unwrap_or_default();
    keys.iter().map(|key| value_at(&document, &key.path)).collect()
}

/// The value at a path; the first item's where a list stands on the way.
fn value_at(document: &Value, path: &str) -> Value {
    let mut place = document;
    for part in path.split('.') {
        place = match place {
            Value::Array(items) => items.first().map_or(&Value::Null, |item| &item[part]),
            other => &other[part],
        };
    }
    place.clone()
}

fn compare_all(keys: &[Key], a: &[Value], b: &[Value]) -> Ordering {
    let compared = keys.iter().zip(a.iter().zip(b)).map(|(key, (a, b))| {
        let ordering = compare(a, b);
        if key.descending { ordering.reverse() } else { ordering }
    });
    compared.fold(Ordering::Equal, Ordering::then)
}

/// Nothing, then numbers, then texts, then truth values.
fn compare(a: &Value, b: &Value) -> Ordering {
    match (a, b) {
        (Value::String(a), Value::String(b)) => a.as_bytes().cmp(b.as_bytes()),
        (Value::Bool(a), Value::Bool(b)) => a.cmp(b),
        (Value::Number(a), Value::Number(b)) => a.as_f64().partial_cmp(&b.as_f64()).unwrap_or(Ordering::Equal),
        _ => rank(a).cmp(&rank(b)),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Number(_) => 1,
        Value::String(_) => 2,
        Value::Object(_) => 3,
        Value::Array(_) => 4,
        Value::Bool(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::Uri;
    use serde_json::json;

    use super::*;

    fn listing(query: &str) -> Result<Listing> {
        Listing::read(Query::of(&format!("/?{query}").parse::<Uri>().unwrap()))
    }

    fn names(query: &str) -> Vec<String> {
        let item = |name: &str, n: i64, tag: &str| json!({"name": name, "n": n, "emails": [{"address": tag}]});
        let items = vec![item("b", 1, "x"), item("B", 2, "z"), item("a", 2, "y"), item("é", 1, "a")];
        let page = listing(query).unwrap().page(items, "name");
        assert_eq!((page.count, page.total), (page.items.len(), 4));
        page.items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn texts_are_in_order_of_their_bytes() {
        assert_eq!(names(""), ["B", "a", "b", "é"]);
    }

    #[test]
    fn the_order_of_the_keys_counts() {
        assert_eq!(names("sort=%7B%22n%22:-1,%22name%22:1%7D"), ["B", "a", "b", "é"]);
        assert_eq!(names("sort=%7B%22n%22:1,%22name%22:-1%7D"), ["é", "b", "a", "B"]);
        assert_eq!(names("sort[name]=-1"), ["é", "b", "a", "B"]);
        assert_eq!(names("sort=%7B%22emails.address%22:1%7D"), ["é", "b", "a", "B"]);
        assert_eq!(names("sort=%7B%22unknown%22:1%7D"), ["b", "B", "a", "é"]);
    }

    #[test]
    fn a_part_is_taken_of_the_whole() {
        assert_eq!(names("offset=1&count=2"), ["a", "b"]);
        assert_eq!(names("offset=9"), [""; 0]);
        assert_eq!(names("count=0"), ["B", "a", "b", "é"]);
        assert_eq!(listing("count=5000").unwrap().count, COUNT_MAX);
        assert_eq!(listing("count=99999999999999999999").unwrap().count, COUNT_MAX);
        assert_eq!(listing("").unwrap().count, COUNT);
    }

    #[test]
    fn what_is_no_number_or_no_order_is_refused() {
        for query in ["count=x", "offset=-1", "count=1.5", "offset=NaN", "sort=name", "sort=%7B%22a%22:%22up%22%7D"] {
            assert!(listing(query).is_err(), "{query}");
        }
    }
}
