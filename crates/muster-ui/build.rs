//! Builds the console, the widget and the documentation with npm, once, and makes the table of files that the crate
//! embeds. Where that can't be done the crate is built without them, and its pages say what to do.
//!
//! `MUSTER_UI=skip` builds without them in any case; `MUSTER_UI=required` fails where they can't be built.

#[path = "build/embed.rs"]
mod embed;
#[path = "build/npm.rs"]
mod npm;

use std::env;
use std::path::{Path, PathBuf};

use crate::npm::Sources;

fn main() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let out = PathBuf::from(variable("OUT_DIR").expect("Cargo names the place for what a build script makes"));
    let sources = Sources::of(&own.join("../.."));
    instruct("rerun-if-changed=build.rs");
    instruct("rerun-if-changed=build");
    instruct("rerun-if-changed=pages");
    instruct("rerun-if-env-changed=MUSTER_UI");
    for file in &sources.files {
        instruct(&format!("rerun-if-changed={}", file.display()));
    }
    let built = match variable("MUSTER_UI").as_deref() {
        Some("skip") => Err("MUSTER_UI=skip was set".to_owned()),
        Some("required") => Ok(npm::build(&sources).expect("MUSTER_UI=required was set")),
        _ => npm::build(&sources),
    };
    if let Err(why) = &built {
        instruct(&format!("warning=built without the console and the chat widget: {why}"));
    }
    let place = built.as_ref().map(|dist| dist.place.as_path()).map_err(String::as_str);
    embed::write(&out, &own.join("pages"), place);
}

#[expect(clippy::disallowed_methods, reason = "a build script is told of its place and its task by variables")]
fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
}

fn instruct(instruction: &str) {
    println!("cargo::{instruction}");
}
