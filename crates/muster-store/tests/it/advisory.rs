//! PostgreSQL's advisory locks.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// What every key begins with: "muster".
const PREFIX: &str = "6d7573746572";

#[test]
fn no_two_advisory_locks_share_a_key() {
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src")) {
        // In SQL a key stands in one piece, in Rust with underscores.
        let source = source.replace('_', "");
        for (at, _) in source.match_indices(PREFIX) {
            let number = &source[at + PREFIX.len()..][..4];
            let is_shared = source[..at].ends_with("shared(x'");
            *taken.entry(number.to_owned()).or_default() += usize::from(!is_shared);
        }
    }
    assert!(taken.len() >= 6, "{taken:?}");
    assert!(taken.values().all(|places| *places == 1), "{taken:?}");
}

/// The texts of all files below a directory.
fn sources(directory: &Path) -> Vec<String> {
    let paths = fs::read_dir(directory).expect("a directory").map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| if path.is_dir() { sources(&path) } else { vec![fs::read_to_string(&path).expect("a text")] })
        .collect()
}
