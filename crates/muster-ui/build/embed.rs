//! Copies the files out of reach of the next build, and writes the table of them.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// As many bytes of a digest as tell two versions of a file apart.
const TAG_BYTES: usize = 16;

/// Embeds what was built, and the pages of the crate's own below `pages/`.
pub(crate) fn write(out: &Path, pages: &Path, built: Result<&Path, &str>) {
    let place = out.join("files");
    drop(fs::remove_dir_all(&place));
    copy(pages, &place.join("pages"));
    if let Ok(dist) = built {
        copy(dist, &place);
    }
    let mut files = Vec::new();
    collect(&place, &mut files);
    files.sort();
    let rows: String = files.iter().filter(|file| !is_packed(file)).map(|file| row(&place, file, &files)).collect();
    let missing = built.err();
    let table =
        format!("static FILES: &[File] = &[\n{rows}];\n\npub(crate) static MISSING: Option<&str> = {missing:?};\n");
    fs::write(out.join("files.rs"), table).expect("Cargo's place for what a build script makes can be written");
}

fn row(place: &Path, file: &Path, files: &[PathBuf]) -> String {
    let name = file.strip_prefix(place).expect("it was found there");
    let digest = Sha256::digest(fs::read(file).expect("a copy can be read"));
    let tag = hex::encode(&digest[..TAG_BYTES]);
    let packed = PathBuf::from(format!("{}.gz", file.display()));
    let gzip = match files.contains(&packed) {
        true => format!("Some(include_bytes!({packed:?}))"),
        false => "None".to_owned(),
    };
    format!("    File {{ path: {name:?}, tag: {tag:?}, plain: include_bytes!({file:?}), gzip: {gzip} }},\n")
}

fn is_packed(name: &Path) -> bool {
    name.extension().is_some_and(|extension| extension == "gz")
}

/// Copies every file below a directory. Hidden ones are the build's own.
fn copy(from: &Path, to: &Path) {
    let mut files = Vec::new();
    collect(from, &mut files);
    for file in files {
        let target = to.join(file.strip_prefix(from).expect("it was found there"));
        fs::create_dir_all(target.parent().unwrap_or(to)).expect("there is a place for copies");
        fs::copy(&file, target).expect("what was built can be copied");
    }
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            collect(&entry.path(), files);
        } else if !entry.file_name().to_string_lossy().starts_with('.') {
            files.push(entry.path());
        }
    }
}
