//! The borders of `ARCHITECTURE.md`, over what Cargo says of the workspace and over the sources' own words.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use cargo_metadata::{Dependency, DependencyKind, Metadata, MetadataCommand, Package};

/// The line of dependencies. A crate may use what stands left of it; crates on one place never see each other.
const LINE: &[&[&str]] = &[
    &["muster-core"],
    &["muster-store"],
    &["muster-app"],
    &["muster-http"],
    &["muster-api-libredesk", "muster-api-rocketchat", "muster-api-cloudagent", "muster-api-imichat", CHANNELS, UI],
    &["muster-server"],
];

/// Measures from outside, and fills large desks below the API; nothing depends on it.
const BENCH: &str = "muster-bench";
const TESTKIT: &str = "muster-testkit";
const TESTKIT_KNOWS: &[&str] = &["muster-core", "muster-store", "muster-app"];

/// Stands beside the dialects, and knows nothing of HTTP.
const CHANNELS: &str = "muster-channels";
const CHANNELS_KNOW: &[&str] = &["muster-core", "muster-store", "muster-app"];

/// Stands beside the dialects, and knows none of ours: what its pages show comes through the API.
const UI: &str = "muster-ui";

/// Outside crates that only some of ours may use, even in tests.
const RESERVED: &[(&str, &[&str])] = &[
    ("rusqlite", &["muster-store"]),
    ("deadpool-postgres", &["muster-store"]),
    ("tokio-postgres", &["muster-store", TESTKIT]),
    (
        "axum",
        &[
            "muster-http",
            "muster-api-libredesk",
            "muster-api-rocketchat",
            "muster-api-cloudagent",
            "muster-api-imichat",
            "muster-server",
            UI,
            BENCH,
            TESTKIT,
        ],
    ),
];

/// Crates that must not be in the lock file: other people's TLS libraries, and an RSA with a known timing leak.
const BANNED: &[&str] = &["aws-lc-sys", "openssl-sys", "native-tls", "rsa"];

/// Words of one product, which a crate that serves all of them must not know.
const DIALECT_WORDS: &[&str] = &[
    "libredesk",
    "rocketchat",
    "rocket.chat",
    "cloudagent",
    "ozonetel",
    "imichat",
    "imi.chat",
    "department",
    "campaign",
];
const SHARED_CRATES: &[&str] = &["muster-core", "muster-store", "muster-app", "muster-http", CHANNELS];

/// Places where a shared crate may say a dialect's word all the same: file, word, reason.
const ALLOWED_WORDS: &[(&str, &str, &str)] = &[];

#[test]
fn each_crate_depends_only_on_what_stands_left_of_it() {
    let workspace = workspace();
    let mut wrong = Vec::new();
    for package in workspace.workspace_packages() {
        let allowed = allowed_dependencies(&package.name);
        let ours = package.dependencies.iter().filter(|d| d.name.starts_with("muster-"));
        for dependency in ours.filter(|d| d.kind == DependencyKind::Normal) {
            if !allowed.contains(&dependency.name.as_str()) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn every_crate_has_a_place_in_the_line() {
    let members: BTreeSet<String> = workspace().workspace_packages().iter().map(|p| p.name.to_string()).collect();
    let placed: BTreeSet<String> =
        LINE.iter().copied().flatten().chain(&[BENCH, TESTKIT]).map(ToString::to_string).collect();
    assert_eq!(members, placed);
}

#[test]
fn the_test_kit_is_a_dependency_of_tests_only() {
    let workspace = workspace();
    for package in workspace.workspace_packages() {
        for dependency in package.dependencies.iter().filter(|d| d.name == TESTKIT) {
            assert_eq!(dependency.kind, DependencyKind::Development, "of {}", package.name);
        }
    }
}

#[test]
fn only_the_store_names_a_database_driver_and_only_the_http_side_names_axum() {
    let workspace = workspace();
    let mut wrong = Vec::new();
    for package in workspace.workspace_packages() {
        for dependency in &package.dependencies {
            if is_reserved_for_others(package, dependency) {
                wrong.push(format!("{} -> {}", package.name, dependency.name));
            }
        }
    }
    assert_eq!(wrong, [""; 0]);
}

#[test]
fn the_store_names_its_drivers_in_one_module() {
    let store = root().join("crates/muster-store/src");
    let names_a_driver = |file: &PathBuf| {
        let text = fs::read_to_string(file).unwrap();
        ["rusqlite", "tokio_postgres", "deadpool_postgres"].iter().any(|driver| text.contains(driver))
    };
    let (seam, outside): (Vec<_>, Vec<_>) = sources(&store)
        .into_iter()
        .filter(names_a_driver)
        .partition(|file| *file == store.join("db.rs") || file.starts_with(store.join("db")));
    assert!(outside.is_empty(), "{outside:?}");
    assert!(!seam.is_empty(), "the seam is not where this test looks for it");
}

#[test]
fn no_banned_crate_is_locked() {
    let lock = read_toml(&root().join("Cargo.lock"));
    let locked: Vec<&str> = lock["package"].as_array().unwrap().iter().map(|p| p["name"].as_str().unwrap()).collect();
    assert!(locked.contains(&"tokio"), "the lock file is not read rightly");
    let banned: Vec<&str> = locked.into_iter().filter(|name| BANNED.contains(name)).collect();
    assert_eq!(banned, [""; 0]);
}

#[test]
fn unsafe_code_is_forbidden_and_every_crate_inherits_the_lints() {
    let workspace = read_toml(&root().join("Cargo.toml"));
    assert_eq!(workspace["workspace"]["lints"]["rust"]["unsafe_code"].as_str(), Some("forbid"));
    for package in self::workspace().workspace_packages() {
        let manifest = read_toml(package.manifest_path.as_std_path());
        let inherits = manifest.get("lints").and_then(|lints| lints.get("workspace")).and_then(toml::Value::as_bool);
        assert_eq!(inherits, Some(true), "in {}", package.name);
    }
}

#[test]
fn no_shared_crate_speaks_a_dialects_words() {
    let found = dialect_words();
    let new: Vec<_> = found.iter().filter(|(file, word, _)| !is_allowed(file, word)).collect();
    assert!(new.is_empty(), "{new:#?}");
}

#[test]
fn every_allowed_word_is_still_in_use() {
    let found = dialect_words();
    for (file, word, reason) in ALLOWED_WORDS {
        let in_use = found.iter().any(|(path, spoken, _)| path == file && spoken == word);
        assert!(in_use, "{file} no longer says {word:?} ({reason})");
    }
}

fn allowed_dependencies(package: &str) -> Vec<&'static str> {
    if package == TESTKIT {
        return TESTKIT_KNOWS.to_vec();
    }
    if package == CHANNELS {
        return CHANNELS_KNOW.to_vec();
    }
    if package == UI {
        return vec![];
    }
    if package == BENCH {
        return vec!["muster-core", "muster-store", "muster-http"];
    }
    let place = LINE.iter().position(|crates| crates.contains(&package)).unwrap_or(0);
    LINE[..place].concat()
}

fn is_reserved_for_others(package: &Package, dependency: &Dependency) -> bool {
    RESERVED.iter().any(|(name, users)| dependency.name == *name && !users.contains(&package.name.as_str()))
}

fn is_allowed(file: &str, word: &str) -> bool {
    ALLOWED_WORDS.iter().any(|(path, spoken, _)| *path == file && *spoken == word)
}

/// Every dialect's word in the shared crates' sources: file below the root, word, line.
fn dialect_words() -> Vec<(String, &'static str, String)> {
    let mut found = Vec::new();
    for file in SHARED_CRATES.iter().flat_map(|name| sources(&root().join("crates").join(name).join("src"))) {
        let path = file.strip_prefix(root()).unwrap().display().to_string();
        for (number, line) in fs::read_to_string(&file).unwrap().lines().enumerate() {
            let spoken = line.to_lowercase();
            let words = DIALECT_WORDS.iter().filter(|word| spoken.contains(**word));
            found.extend(words.map(|word| (path.clone(), *word, format!("{}: {}", number + 1, line.trim()))));
        }
    }
    found
}

fn sources(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

fn workspace() -> Metadata {
    let offline = ["--offline", "--locked"].map(str::to_owned);
    MetadataCommand::new().manifest_path(root().join("Cargo.toml")).no_deps().other_options(offline).exec().unwrap()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn read_toml(path: &Path) -> toml::Value {
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}
