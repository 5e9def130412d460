//! Reading in lists of agents and of tags.

use muster_testkit::matrix::uploads::Form;
use muster_testkit::{Client, Reply, TestEngine, both_engines};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};
use crate::world::with_form;

const PATH: &str = "/api/v1/agents/import";
const STATUS: &str = "/api/v1/agents/import/status";

async fn send(client: &Client, path: &str, list: &str) -> Reply {
    client.send(with_form(client.request(Method::POST, path), &form("file", list))).await
}

fn form(file: &'static str, list: &str) -> Form {
    let bytes = list.as_bytes().to_vec();
    Form { file, fields: Vec::new(), filename: "agents.csv", bytes, largest: 1 << 20 }
}

async fn emails(client: &Client) -> Vec<String> {
    let agents = client.get("/api/v1/agents").await.data();
    let mut emails: Vec<String> =
        agents.as_array().unwrap().iter().map(|agent| agent["email"].as_str().unwrap().to_owned()).collect();
    emails.sort();
    emails
}

const LIST: &str = "\u{feff}First_Name, last_name,email,roles,teams\r\n\
    Jane,Doe,Jane@example.org,Agent,\"Support, Sales\"\r\n\
    Joe,Doe,joe@example.org,\"Agent, Pilot\",\r\n\
    Jim,Doe,nobody,Agent,\r\n\
    Jill,Doe,jane@example.org,Agent,\r\n\
    ,,jack@example.org,Agent,\r\n\
    Jo,Doe,jo@example.org,,\r\n\
    Jen,Doe,jen@example.org,Agent,Nowhere\r\n";

fn told(verb: &str, taken: &str) -> Value {
    json!([
        format!("Row 2: {verb} agent Jane Doe (Jane@example.org)"),
        "Row 3 (joe@example.org): Error - invalid role(s): Pilot",
        "Row 4 (nobody): Error - email: is malformed",
        format!("Row 5 (jane@example.org): Error - {taken}"),
        "Row 6 (jack@example.org): Error - first_name: is empty",
        "Row 7 (jo@example.org): Error - the agent has no role",
        "Row 8 (jen@example.org): Error - invalid team(s): Nowhere",
    ])
}

async fn a_list_is_previewed_and_read_in(engine: TestEngine) {
    let wire = Wire::on(engine, false).await;
    let admin = wire.client(&wire.desk.admin().await);
    for team in ["Support", "Sales"] {
        wire.desk.team(team).await;
    }
    admin.get(STATUS).await.refuses(404, "NotFoundException", "Import not found");
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let preview = send(&admin, &format!("{PATH}?preview=true"), LIST).await.data();
    assert_eq!(preview["logs"], told("Would create", "an earlier row has the same name"));
    assert_eq!(
        (&preview["running"], &preview["total"], &preview["success"], &preview["errors"], &preview["started_at"]),
        (&json!(false), &json!(7), &json!(1), &json!(6), &Value::Null)
    );
    wire.desk.quiet().await;
    assert_eq!(wire.desk.digest().await, before);

    assert_eq!(send(&admin, PATH, LIST).await.data(), true);
    wire.desk.quiet().await;
    let status = admin.get(STATUS).await.data();
    let mut expected = told("Created", "the e-mail address is somebody else's");
    expected.as_array_mut().unwrap().push(json!("Import completed: 1 of 7 successful, 6 failed"));
    assert_eq!(status["logs"], expected);
    assert_eq!((&status["running"], &status["success"], &status["errors"]), (&json!(false), &json!(1), &json!(6)));
    assert!(status["started_at"].is_string() && status["ended_at"].is_string());
    assert_eq!(emails(&admin).await, ["ada@example.org", "jane@example.org"]);
    let agents = admin.get("/api/v1/agents").await.data();
    let jane = agents.as_array().unwrap().iter().find(|agent| agent["email"] == "jane@example.org").unwrap();
    let jane = admin.get(&format!("/api/v1/agents/{}", jane["id"])).await.data();
    let teams: Vec<&Value> = jane["teams"].as_array().unwrap().iter().map(|team| &team["name"]).collect();
    assert_eq!((&jane["roles"], teams.len(), &jane["enabled"]), (&json!(["Agent"]), 2, &json!(true)));
}

async fn a_list_does_no_more_than_its_reader_may(engine: TestEngine) {
    let wire = Wire::on(engine, false).await;
    let admin = wire.client(&wire.desk.admin().await);
    let clerk = wire.holder(&admin, &["users:manage"]).await;
    let list = "first_name,last_name,email,roles\nEve,Roe,eve@example.org,Admin\n";
    let preview = send(&clerk, &format!("{PATH}?preview=true"), list).await.data();
    let told = preview["logs"][0].as_str().unwrap();
    assert!(told.starts_with("Row 2 (eve@example.org): Error - missing permission "), "{told}");
    assert_eq!(send(&clerk, PATH, list).await.data(), true);
    wire.desk.quiet().await;
    assert_eq!(clerk.get(STATUS).await.data()["logs"][0], preview["logs"][0]);
    assert!(!emails(&admin).await.contains(&"eve@example.org".to_owned()));
    // Another can be read in once the first has ended.
    let list = list.replace("Admin", "Holder");
    assert_eq!(send(&clerk, PATH, &list).await.data(), true);
    wire.desk.quiet().await;
    assert_eq!(clerk.get(STATUS).await.data()["success"], 1);
}

async fn tags_are_previewed_and_read_in(engine: TestEngine) {
    let wire = Wire::on(engine, false).await;
    let admin = wire.client(&wire.desk.admin().await);
    let (path, status) = ("/api/v1/tags/import", "/api/v1/tags/import/status");
    admin.get(status).await.refuses(404, "NotFoundException", "Import not found");
    admin.post("/api/v1/tags", &json!({"name": "billing"})).await.data();
    let list = "name\nrefund\nBilling\nREFUND\n";
    let preview = send(&admin, &format!("{path}?preview=true"), list).await.data();
    assert_eq!(preview["logs"][0], "Row 2: Would create tag refund");
    assert_eq!((&preview["success"], &preview["started_at"]), (&json!(1), &Value::Null));
    assert_eq!(admin.get("/api/v1/tags").await.data().as_array().unwrap().len(), 1);

    assert_eq!(send(&admin, path, list).await.data(), true);
    wire.desk.quiet().await;
    let told = admin.get(status).await.data();
    assert_eq!(told["logs"][0], "Row 2: Created tag refund");
    assert_eq!(told["logs"][1], "Row 3 (Billing): Error - the tag exists already");
    assert_eq!((&told["total"], &told["success"], &told["errors"]), (&json!(3), &json!(1), &json!(2)));
    let tags = admin.get("/api/v1/tags").await.data();
    let names: Vec<&str> = tags.as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["billing", "refund"]);

    send(&admin, path, "title\nrefund\n").await.refuses(400, "InputException", "CSV has no column `name`");
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    send(&kim, path, list).await.refuses(403, "PermissionException", "Permission denied");
    kim.get(status).await.refuses(403, "PermissionException", "Permission denied");
    // Lists of agents are another matter.
    admin.get(STATUS).await.refuses(404, "NotFoundException", "Import not found");
}

both_engines!(a_list_is_previewed_and_read_in, a_list_does_no_more_than_its_reader_may, tags_are_previewed_and_read_in);

#[tokio::test]
async fn what_is_no_list_is_refused_deviation() {
    let (wire, admin) = Wire::new().await;
    wire.desk.quiet().await;
    let before = wire.desk.digest().await;
    let answer = admin.send(with_form(admin.request(Method::POST, PATH), &form("other", LIST))).await;
    answer.refuses(400, "InputException", "File Required");
    let rows = "CSV must contain headers and at least one data row";
    for (list, told) in [
        ("", rows),
        ("first_name,last_name,email,roles\n", rows),
        ("first_name,last_name,roles\nKim,Doe,Agent\n", "CSV has no column `email`"),
        ("first_name,last_name,email,roles\na\0b,,,\n", "Invalid CSV file"),
    ] {
        for path in [PATH.to_owned(), format!("{PATH}?preview=true")] {
            send(&admin, &path, list).await.refuses(400, "InputException", told);
        }
    }
    let many = "first_name,last_name,email,roles\n".to_owned() + &"a,b,c,d\n".repeat(2_001);
    send(&admin, PATH, &many).await.refuses(400, "InputException", "CSV must contain at most 2000 rows");
    assert_eq!(send(&admin, PATH, &"a".repeat(1_100_000)).await.status(), 413);
    assert_eq!(admin.post(PATH, &json!({})).await.status(), 400);
    send(&admin, &format!("{PATH}?preview=perhaps"), LIST).await.refuses(400, "InputException", "Invalid `preview`");
    assert_eq!(wire.desk.digest().await, before);
    let kim = wire.client(&wire.desk.agent("kim").role("Agent").await);
    send(&kim, PATH, LIST).await.refuses(403, "PermissionException", "Permission denied");
    kim.get(STATUS).await.refuses(403, "PermissionException", "Permission denied");
}
