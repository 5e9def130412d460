//! What a desk that serves tells of itself to whoever looks after it.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::program::{Place, Serving};

/// The soft and the hard limit of open files of a process.
fn open_files(id: u32) -> (String, String) {
    let limits = fs::read_to_string(format!("/proc/{id}/limits")).unwrap();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap();
    let mut words = line.split_whitespace().map(ToOwned::to_owned);
    (words.next().unwrap(), words.next().unwrap())
}

#[test]
fn a_desk_may_open_as_many_files_as_the_system_allows() {
    let place = Place::sqlite();
    let serve = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut shell = Command::new("sh");
    shell.args(["-c", "ulimit -S -n 256 && exec \"$0\" \"$@\""]).arg(serve.get_program()).args(serve.get_args());
    let desk = Serving::start(shell);
    let (soft, hard) = open_files(desk.id());
    assert_ne!(soft, "256");
    assert_eq!(soft, hard);
}

#[test]
fn the_first_line_says_what_serves_and_json_is_one_object_a_line() {
    let place = Place::sqlite();
    let variables = [
        ("MUSTER_LOG__FORMAT", "json"),
        ("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org"),
        ("MUSTER_IMICHAT__ENABLED", "false"),
    ];
    let mut desk = place.serve_with(&[], &variables);
    let listen = desk.base.strip_prefix("http://").unwrap().to_owned();
    let log = desk.kill();
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let start = lines.iter().find(|line| line["message"] == "the desk serves").unwrap();
    assert_eq!(start["level"], "INFO");
    assert_eq!((&start["engine"], &start["listen"]), (&"sqlite".into(), &listen.into()));
    assert_eq!(start["public_url"], "https://desk.example.org");
    assert_eq!(start["dialects"], "libredesk,rocketchat,cloudagent");
    assert!(start["version"].as_str().unwrap().starts_with(env!("CARGO_PKG_VERSION")), "{start}");
    assert!(start["timestamp"].is_string(), "{start}");
}

#[test]
fn a_filter_that_cannot_be_read_is_named() {
    let place = Place::sqlite();
    let mut serve = place.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("MUSTER_LOG__FILTER", "muster_app=loud");
    let ended = crate::program::ended(serve.output());
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.err.contains("log.filter"), "{ended:?}");
}
