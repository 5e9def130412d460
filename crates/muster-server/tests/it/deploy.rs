//! What is handed out to operators: the archive, the unit of systemd, the recipe of the image.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use muster_http::serve::ServeLimits;
use sha2::{Digest as _, Sha256};

use crate::program::{Place, Serving, ended, muster};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

fn shipped(file: &str) -> String {
    fs::read_to_string(root().join(file)).unwrap()
}

/// Standard output of something that succeeded.
fn done(output: std::io::Result<Output>) -> String {
    let output = output.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_archive_holds_a_program_that_runs_and_what_goes_with_it() {
    let scratch = tempfile::tempdir().unwrap();
    let mut pack = Command::new(root().join("scripts/dist.sh"));
    pack.arg(env!("CARGO_BIN_EXE_muster")).env("MUSTER_DIST", scratch.path());
    let archive = PathBuf::from(done(pack.output()).trim());
    let name = archive.file_name().unwrap().to_str().unwrap().strip_suffix(".tar.gz").unwrap();
    assert!(name.starts_with(concat!("muster-", env!("CARGO_PKG_VERSION"), "-")), "{name}");
    let sum = hex::encode(Sha256::digest(fs::read(&archive).unwrap()));
    assert_eq!(fs::read_to_string(scratch.path().join("SHA256SUMS")).unwrap(), format!("{sum}  {name}.tar.gz\n"));

    done(Command::new("tar").arg("-xzf").arg(&archive).arg("-C").arg(scratch.path()).output());
    let unpacked = scratch.path().join(name);
    for file in ["README.md", "LICENSE-MIT", "docs/muster.example.toml", "deploy/muster.service", "deploy/nginx.conf"] {
        assert_eq!(fs::read(unpacked.join(file)).unwrap(), fs::read(root().join(file)).unwrap(), "{file}");
    }
    let program = unpacked.join("muster");
    let version = done(Command::new(&program).arg("--version").output());
    assert_eq!(version, done(muster(&["--version"]).output()));

    let place = Place::sqlite();
    let desk = place
        .serve_with(&[], &[("MUSTER_ADMIN_EMAIL", "kim@example.org"), ("MUSTER_ADMIN_PASSWORD", "Correct-horse-9")]);
    let said = done(Command::new(&program).arg("doctor").arg("--data").arg(place.data()).env_clear().output());
    assert!(!said.contains("WRONG"), "{said}");
    assert_eq!(desk.terminate().code(), Some(0));
}

/// The values of a key of the unit, comments left out.
fn values<'a>(unit: &'a str, key: &str) -> Vec<&'a str> {
    unit.lines().filter_map(|line| line.strip_prefix(key)?.strip_prefix('=')).collect()
}

/// The unit's command with the program that was built, and with the shipped configuration on a free port.
#[test]
fn the_units_command_serves_a_desk() {
    let unit = shipped("deploy/muster.service");
    let [command] = values(&unit, "ExecStart")[..] else { panic!("one command is expected") };
    let place = tempfile::tempdir().unwrap();
    let (data, config) = (place.path().join("data"), place.path().join("muster.toml"));
    let text = shipped("deploy/muster.toml");
    assert!(text.contains("\"/var/lib/muster\"") && text.contains("\"127.0.0.1:8080\""), "{text}");
    let text = text.replace("/var/lib/muster", data.to_str().unwrap()).replace("127.0.0.1:8080", "127.0.0.1:0");
    fs::write(&config, text).unwrap();

    let words: Vec<&str> = command.split(' ').collect();
    assert_eq!((words[0], words.last()), ("/usr/local/bin/muster", Some(&"/etc/muster/muster.toml")));
    let mut serve = muster(&words[1..words.len() - 1]);
    serve.arg(&config);
    let desk = Serving::start(serve);
    assert!(data.join("muster.db").exists());
    assert_eq!(desk.terminate().code(), Some(0));
}

#[test]
fn the_unit_waits_until_the_desk_has_drained() {
    let unit = shipped("deploy/muster.service");
    let [seconds] = values(&unit, "TimeoutStopSec")[..] else { panic!("one limit is expected") };
    assert!(Duration::from_secs(seconds.parse().unwrap()) > ServeLimits::default().drain_within * 2);
}

#[test]
fn systemd_knows_the_units_keys_and_finds_it_closed() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("muster.service");
    fs::write(&file, shipped("deploy/muster.service").replace("/usr/local/bin/muster", env!("CARGO_BIN_EXE_muster")))
        .unwrap();
    let analyze = |arguments: &[&str]| {
        let said = Command::new("systemd-analyze").args(arguments).arg(&file).output();
        said.unwrap_or_else(|error| panic!("systemd-analyze: {error}: run scripts/setup.sh test"))
    };
    let verified = analyze(&["verify", "--man=no"]);
    assert!(verified.status.success() && verified.stderr.is_empty(), "{verified:?}");
    // In tenths, from 0 to 100: how much of the machine a broken desk could reach.
    done(Ok(analyze(&["security", "--offline=yes", "--threshold=20", "--no-pager"])));
}

#[test]
fn the_image_is_built_of_what_is_there() {
    let recipe = shipped("deploy/Dockerfile");
    let [build] = values_after(&recipe, "RUN cargo ")[..] else { panic!("one build is expected") };
    assert!(shipped("scripts/dist.sh").contains(&format!("cargo {build}\n")), "not built as scripts/dist.sh does");
    let toolchain: toml::Table = shipped("rust-toolchain.toml").parse().unwrap();
    let channel = toolchain["toolchain"]["channel"].as_str().unwrap();
    let image = values_after(&recipe, "FROM rust:")[0].split('-').next().unwrap();
    assert!(channel.starts_with(image), "{channel} {image}");

    for copied in values_after(&recipe, "COPY ") {
        let mut words: Vec<&str> = copied.split(' ').collect();
        words.pop();
        if words == ["--from=node:22-bookworm-slim", "/usr/local"] {
            continue;
        }
        let is_built = words.first().is_some_and(|word| word.starts_with("--from=build"));
        let built = ["--from=build", "/src/target/dist/muster"];
        assert!(if is_built { words == built } else { words.iter().all(|it| root().join(it).exists()) }, "{copied}");
    }
}

/// The environment that the image sets is known to the program, and its health check asks for what the desk serves.
#[tokio::test]
async fn the_images_environment_and_health_check_fit_the_desk() {
    let recipe = shipped("deploy/Dockerfile");
    let set = values_after(&recipe, "ENV ").into_iter().map(|pair| pair.split_once('=').unwrap());
    let mut config = muster(&["config"]);
    config.envs(set.clone());
    assert_eq!(ended(config.output()).code, Some(0));
    let data = set.clone().find_map(|(name, value)| (name == "MUSTER_SERVER__DATA").then_some(value)).unwrap();
    assert_eq!(values_after(&recipe, "VOLUME "), [data]);

    let desk = Place::sqlite().serve();
    let health = recipe.split_whitespace().find_map(|word| word.strip_prefix("http://127.0.0.1:8080")).unwrap();
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    assert_eq!(client.get(format!("{}{health}", desk.base)).send().await.unwrap().status(), 200);
}

/// What follows `start` in each line that begins with it.
fn values_after<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.lines().filter_map(|line| line.strip_prefix(start)).collect()
}
