//! The table of the product's routes (`docs/dialects/libredesk-routes.md`) against the router.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::support::Wire;

const TABLE: &str = "docs/dialects/libredesk-routes.md";
/// How the heading of the desk's own routes begins.
const OURS: &str = "Ours";
/// The product's routes: in all, and by method.
const ROUTES: [(&str, usize); 4] = [("GET", 118), ("POST", 52), ("PUT", 47), ("DELETE", 28)];

/// One line of the table.
#[derive(Debug)]
struct Line {
    area: String,
    method: String,
    path: String,
    state: State,
    /// Test files; empty unless it is served.
    tests: Vec<String>,
    /// Why it isn't served, or what it is for.
    words: String,
}

/// Segments of a path without a parameter among them.
struct Literal<'l> {
    text: &'l str,
    is_last: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Done,
    /// Beside the API: whoever serves the dialect brings it.
    Page,
    Later,
    Wont,
    Ours,
}

impl Line {
    fn is_served(&self) -> bool {
        matches!(self.state, State::Done | State::Ours)
    }

    fn place(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// What stands in the path before, between and behind its parameters.
    fn literals(&self) -> Vec<Literal<'_>> {
        let path = self.path.trim_start_matches("/api/v1");
        let literals = path.split(['{', '}']).step_by(2).map(|text| text.trim_matches('/'));
        let literals = literals.filter(|text| !text.is_empty());
        literals.map(|text| Literal { text, is_last: path.ends_with(text) }).collect()
    }

    /// The same whatever the parameters are called.
    fn route(&self) -> String {
        format!("{} {}", self.method, without_names(&self.path))
    }
}

fn without_names(path: &str) -> String {
    let segment = |segment: &'_ str| if segment.starts_with('{') { "{}".to_owned() } else { segment.to_owned() };
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn table() -> Vec<Line> {
    let text = fs::read_to_string(repository().join(TABLE)).unwrap();
    let mut area = String::new();
    let mut lines = Vec::new();
    for line in text.lines() {
        if let Some(heading) = line.strip_prefix("## ") {
            heading.clone_into(&mut area);
        } else if let Some(cells) = line.strip_prefix("| ").filter(|cells| !cells.starts_with("method")) {
            lines.push(parse(&area, cells));
        }
    }
    lines
}

fn parse(area: &str, cells: &str) -> Line {
    let cells: Vec<&str> = cells.trim_end_matches('|').split(" | ").map(str::trim).collect();
    let [method, path, third, fourth] = cells[..] else { panic!("{TABLE}: not four cells: {cells:?}") };
    let state = match third {
        "done" => State::Done,
        "later" => State::Later,
        "won't" => State::Wont,
        "page" => State::Page,
        _ if area.starts_with(OURS) => State::Ours,
        other => panic!("{TABLE}: {path}: the state is `done`, `page`, `later` or `won't`, not {other:?}"),
    };
    let names_tests = matches!(state, State::Done | State::Ours);
    let tests = fourth.split(", ").map(|file| file.trim_matches('`').to_owned());
    Line {
        area: area.to_owned(),
        method: method.to_owned(),
        path: path.trim_matches('`').to_owned(),
        state,
        tests: if names_tests { tests.collect() } else { Vec::new() },
        words: (if state == State::Ours { third } else { fourth }).to_owned(),
    }
}

#[tokio::test]
async fn the_table_says_what_the_router_serves() {
    let (wire, _) = Wire::new().await;
    let served: BTreeMap<String, String> = wire
        .routes
        .iter()
        .map(|route| (format!("{} {}", route.method, without_names(&route.path)), route.path.clone()))
        .collect();
    let table = table();
    let mut wrong = Vec::new();
    for line in &table {
        match (line.is_served(), served.contains_key(&line.route())) {
            (true, false) => wrong.push(format!("{}: not served; make its line `later`, with why", line.place())),
            (false, true) => {
                wrong.push(format!("{}: served; make its line `done`, with the files that test it", line.place()));
            }
            _ => {}
        }
    }
    let listed: BTreeSet<String> = table.iter().map(Line::route).collect();
    for (route, path) in served.iter().filter(|(route, _)| !listed.contains(*route)) {
        wrong.push(format!("{route} ({path}): no line; the product doesn't have it, so add one below `## {OURS}`"));
    }
    assert!(wrong.is_empty(), "{TABLE}:\n{}", wrong.join("\n"));
}

/// Whether a path in a test's text holds this, whole or put together of two.
fn is_called(text: &str, literal: &Literal) -> bool {
    let ends: &[char] = if literal.is_last { &['"', '?'] } else { &['"', '/'] };
    let slashes = literal.text.match_indices('/');
    let mut parts = slashes.map(|(slash, _)| (&literal.text[..slash], &literal.text[slash + 1..]));
    stands(text, literal.text, ends)
        || parts.any(|(first, second)| stands(text, first, &['"', '/', '{']) && stands(text, second, ends))
}

/// Whether it stands there as segments of a path, with one of `ends` behind.
fn stands(text: &str, segments: &str, ends: &[char]) -> bool {
    text.match_indices(segments)
        .any(|(at, _)| text[..at].ends_with(['/', '"', '}']) && text[at + segments.len()..].starts_with(ends))
}

#[test]
fn every_served_route_names_files_that_test_it() {
    let tests = repository().join("crates/muster-api-libredesk/tests/it");
    let mut wrong = Vec::new();
    for line in table().iter().filter(|line| line.is_served()) {
        let mut text = String::new();
        for file in &line.tests {
            match fs::read_to_string(tests.join(file)) {
                Ok(file) => text.push_str(&file),
                Err(error) => wrong.push(format!("{}: {file}: {error}", line.place())),
            }
        }
        let calls = [format!(".{}(", line.method.to_lowercase()), format!("Method::{}", line.method)];
        if !calls.iter().any(|call| text.contains(call)) {
            wrong.push(format!("{}: none of {:?} calls {}", line.place(), line.tests, calls.join(" or ")));
        }
        for literal in line.literals().iter().filter(|literal| !is_called(&text, literal)) {
            wrong.push(format!("{}: {} stands in none of {:?}", line.place(), literal.text, line.tests));
        }
    }
    assert!(wrong.is_empty(), "{TABLE}:\n{}", wrong.join("\n"));
}

#[test]
fn the_table_has_every_route_of_the_product_once() {
    let table = table();
    let product: Vec<&Line> = table.iter().filter(|line| line.state != State::Ours).collect();
    for (method, count) in ROUTES {
        assert_eq!(product.iter().filter(|line| line.method == method).count(), count, "{method}");
    }
    let mut areas: BTreeMap<&str, usize> = BTreeMap::new();
    for line in &product {
        *areas.entry(&line.area).or_default() += 1;
    }
    for (area, count) in areas {
        assert!(area.ends_with(&format!("({count})")), "`## {area}` has {count} lines");
    }
    let routes: BTreeSet<String> = table.iter().map(Line::route).collect();
    assert_eq!(routes.len(), table.len(), "a route stands there twice");
    for line in &table {
        assert!(!line.words.is_empty(), "{}: says nothing", line.place());
    }
}
