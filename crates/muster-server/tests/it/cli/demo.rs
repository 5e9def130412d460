//! `muster demo`.

use muster_testkit::both_engines;
use muster_testkit::postgres::{TestEngine, empty_database};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{answer, client, until};
use crate::program::{Serving, ended, muster};

async fn the_main_job_is_done_from_outside(engine: TestEngine) {
    let mut command = muster(&["demo", "--once"]);
    let database = match engine {
        TestEngine::Sqlite => None,
        TestEngine::Postgres => Some(empty_database().await),
    };
    if let Some(database) = &database {
        command.arg("--database").arg(database.url());
    }
    let played = tokio::task::spawn_blocking(move || ended(command.output())).await.unwrap();
    assert_eq!(played.code, Some(0), "{}\n{}", played.out, played.err);
    assert!(played.out.ends_with("The desk works.\n"), "{}", played.out);
}

both_engines!(the_main_job_is_done_from_outside);

#[test]
fn an_address_that_others_can_reach_has_to_be_meant() {
    let refused = ended(muster(&["demo", "--listen", "0.0.0.0:0"]).output());
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("--public"), "{refused:?}");
}

#[test]
fn a_demo_has_no_data_directory_to_be_named() {
    let refused = ended(muster(&["demo", "--once", "--data", "/nowhere"]).output());
    assert_eq!(refused.code, Some(2));
}

/// What the demo prints can be pasted.
#[tokio::test]
async fn the_printed_credentials_work_and_customers_are_answered_by_agents_at_work() {
    let demo = Demo::start();
    let (key, secret, inbox) = (demo.value("API_KEY="), demo.value("API_SECRET="), demo.value("INBOX="));
    let start = client()
        .post(format!("{}/api/v1/widget/chat/conversations/init", demo.desk.base))
        .header("x-libredesk-inbox-id", inbox)
        .json(&json!({"message": "My parcel has not arrived."}));
    let (status, started) = answer(start.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK, "{started}");
    let uuid = started["data"]["conversation"]["uuid"].as_str().unwrap();
    let conversation = format!("{}/api/v1/conversations/{uuid}", demo.desk.base);
    let has_assignee = async || {
        let read = client().get(&conversation).basic_auth(&key, Some(&secret)).send().await.unwrap();
        answer(read).await.1["data"]["assigned_user_id"].is_number()
    };
    until("somebody is assigned", has_assignee).await;
    assert_eq!(demo.desk.terminate().code(), Some(0));
}

/// Whoever is shown the desk sees it at work: somebody answers, something waits, and the desk says why.
#[tokio::test]
async fn a_busy_desk_is_in_the_middle_of_its_day() {
    let demo = Demo::run(&["--busy"]);
    let (key, secret) = (demo.value("API_KEY="), demo.value("API_SECRET="));
    let get = async |path: &str| {
        let read = client().get(format!("{}/api/v1/{path}", demo.desk.base)).basic_auth(&key, Some(&secret));
        answer(read.send().await.unwrap()).await.1["data"].clone()
    };
    let agents = get("agents").await;
    let of = |name: &str| {
        let mut listed = agents.as_array().unwrap().iter();
        listed.find(|agent| agent["first_name"] == name).unwrap()["muster"].clone()
    };
    assert_eq!((&of("Dan")["state"], &of("Dan")["pause_reason"]), (&json!("paused"), &json!("Lunch")));
    assert_eq!(of("Cora")["teams"][0]["name"], "Billing");
    let (amy, ben) = (of("Amy")["load"].as_i64().unwrap(), of("Ben")["load"].as_i64().unwrap());
    assert!(amy > 0 && amy < ben, "who writes next comes to Amy: {amy}, {ben}");
    let all = get("conversations/all?page_size=50").await["results"].clone();
    let count = |status: &str| all.as_array().unwrap().iter().filter(|item| item["status"] == status).count();
    assert!(count("Open") > 10 && count("Snoozed") > 1 && count("Resolved") > 4, "{all}");
    let waits = |item: &&Value| item["status"] == "Open" && item["assigned_user_id"].is_null();
    let waiting: Vec<&Value> = all.as_array().unwrap().iter().filter(waits).collect();
    assert_eq!(waiting.len(), 4, "{all}");
    for item in waiting {
        let why = get(&format!("conversations/{}/routing", item["uuid"].as_str().unwrap())).await;
        assert!(!why["words"].as_array().unwrap().is_empty(), "{why}");
    }
    assert_eq!(demo.desk.terminate().code(), Some(0));
}

struct Demo {
    desk: Serving,
}

impl Demo {
    fn start() -> Self {
        Self::run(&[])
    }

    fn run(more: &[&str]) -> Self {
        Self { desk: Serving::start(muster(&[&["demo", "--listen", "127.0.0.1:0"], more].concat())) }
    }

    fn value(&self, name: &str) -> String {
        let found = self.desk.printed.iter().find_map(|line| line.trim().strip_prefix(name));
        found.unwrap_or_else(|| panic!("{:?}", self.desk.printed)).to_owned()
    }
}
