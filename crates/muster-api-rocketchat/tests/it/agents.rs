//! Agents and managers: who is one, and with what.

use muster_core::permission::Permission;
use muster_core::presence::LeaseKind;
use muster_testkit::postgres::engines;
use muster_testkit::{Client, Reply};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, department, lacks_permission};

const AGENTS: &str = "/api/v1/livechat/users/agent";
const MANAGERS: &str = "/api/v1/livechat/users/manager";
const SAVE: &str = "/api/v1/livechat/agents.saveInfo";

async fn usernames(client: &Client, path: &str) -> Vec<String> {
    let answer = client.get(path).await.ok();
    let users = answer["users"].as_array().unwrap();
    users.iter().map(|user| user["username"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_user_becomes_an_agent_and_stops_being_one() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        let team = wire.desk.team("Support").await;
        let ann = wire.desk.agent("ann").role("Analyst").team(team).await;
        let id = wire.id(&ann).await;
        let one = format!("{AGENTS}/{id}");
        assert_eq!(admin.get(&one).await.text(), r#"{"user":null,"success":true}"#);
        let answer = admin.post(AGENTS, &json!({"username": "ann"})).await;
        assert_eq!(answer.text(), format!("{{\"user\":{{\"_id\":\"{id}\",\"username\":\"ann\"}},\"success\":true}}"));
        let before = wire.digest().await;
        admin.post(AGENTS, &json!({"username": "ann"})).await.ok();
        Wire::same(&before, &wire.digest().await, "again");
        let shown = admin.get(&one).await.ok()["user"].clone();
        assert_eq!((&shown["username"], &shown["statusLivechat"]), (&json!("ann"), &json!("available")));
        assert_eq!(shown["departments"], json!([wire.team_id(team).await]));

        assert_eq!(admin.delete(&one).await.text(), r#"{"success":true}"#);
        assert_eq!(admin.get(&one).await.ok()["user"], Value::Null);
        let roles = admin.get("/api/v1/users.info?username=ann").await.ok()["user"]["roles"].clone();
        assert_eq!(roles, json!(["user", "analyst"]));
        let departments = admin.get(&format!("/api/v1/livechat/agents/{id}/departments")).await.ok();
        assert_eq!(departments["departments"], json!([]));
        admin.delete(&one).await.fails("error-user-is-not-agent", None);
    }
}

#[tokio::test]
async fn an_administrator_who_is_no_agent_any_more_is_still_an_administrator() {
    let (_wire, admin) = Wire::new().await;
    let me = admin.get("/api/v1/me").await.ok();
    admin.delete(&format!("{AGENTS}/{}", me["_id"].as_str().unwrap())).await.ok();
    let me = admin.get("/api/v1/me").await.ok();
    assert_eq!(me["roles"], json!(["user", "admin"]));
    assert!(me.get("statusLivechat").is_none());
    admin.post(AGENTS, &json!({"username": "ada"})).await.ok();
    assert_eq!(admin.get("/api/v1/me").await.ok()["roles"], json!(["user", "admin", "livechat-agent"]));
}

#[tokio::test]
async fn a_user_becomes_a_manager_and_stops_being_one() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").await;
    let one = format!("{MANAGERS}/{}", wire.id(&kim).await);
    assert_eq!(admin.get(&one).await.ok()["user"], Value::Null);
    admin.post(MANAGERS, &json!({"username": "kim"})).await.ok();
    assert_eq!(usernames(&admin, MANAGERS).await, ["kim"]);
    let roles = admin.get("/api/v1/users.info?username=kim").await.ok()["user"]["roles"].clone();
    assert_eq!(roles, json!(["user", "livechat-manager", "livechat-agent"]));
    admin.delete(&one).await.ok();
    assert_eq!(usernames(&admin, MANAGERS).await, [""; 0]);
    admin.delete(&one).await.fails("error-user-is-not-manager", None);
}

#[tokio::test]
async fn what_is_neither_or_nobody_is_refused() {
    let (wire, admin) = Wire::new().await;
    let before = wire.digest().await;
    let text = "must have required property 'username' [invalid-params]";
    for path in [AGENTS, MANAGERS, "/api/v1/livechat/users/boss"] {
        admin.post(path, &json!({})).await.fails(text, Some("invalid-params"));
    }
    for path in [AGENTS, MANAGERS] {
        admin.post(path, &json!({"username": "nobody"})).await.fails("error-invalid-user", None);
        admin.get(&format!("{path}/unknown")).await.fails("User not found", None);
        admin.delete(&format!("{path}/unknown")).await.fails("User not found", None);
    }
    let boss = "/api/v1/livechat/users/boss";
    admin.post(boss, &json!({"username": "ada"})).await.fails("Invalid type", None);
    admin.get(boss).await.fails("Invalid type", None);
    admin.get(&format!("{boss}/x")).await.fails("Invalid type", None);
    admin.delete(&format!("{boss}/x")).await.fails("Invalid type", None);
    Wire::same(&before, &wire.digest().await, "refused");
}

#[tokio::test]
async fn agents_are_listed_filtered_and_cut() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").online().await;
    wire.desk.agent("bob").await;
    wire.desk.agent("ann").role("Analyst").await;
    let id = wire.id(&kim).await;
    let list = async |query: &str| usernames(&admin, &format!("{AGENTS}?{query}")).await;
    assert_eq!(list("").await, ["ada", "bob", "kim"]);
    assert_eq!(list("text=KI").await, ["kim"]);
    assert_eq!(list("text=bob%40example").await, ["bob"]);
    assert_eq!(list(&format!("excludeId={id}")).await, ["ada", "bob"]);
    wire.desk.advance(std::time::Duration::from_secs(301)).await;
    assert_eq!(list("onlyAvailable=true").await, ["kim"]);
    assert_eq!(list("showIdleAgents=false").await, ["kim"]);
    assert_eq!(list("sort=%7B%22username%22:-1%7D").await, ["kim", "bob", "ada"]);
    assert_eq!(list("count=1&offset=1").await, ["bob"]);
    admin.get(&format!("{AGENTS}?count=x")).await.fails("must be number [invalid-params]", Some("invalid-params"));
    let one = admin.get(&format!("{AGENTS}?text=kim")).await;
    one.ok();
    assert_eq!(
        one.text(),
        format!(
            "{{\"users\":[{{\"_id\":\"{id}\",\"username\":\"kim\",\"name\":\"Kim\",\"status\":\"online\",\
             \"statusLivechat\":\"available\",\"emails\":[{{\"address\":\"kim@example.org\",\"verified\":false}}],\
             \"livechat\":{{}}}}],\"count\":1,\"offset\":0,\"total\":1,\"success\":true}}"
        )
    );
}

#[tokio::test]
async fn agents_are_listed_for_those_who_pass_chats_on() {
    let (wire, _) = Wire::new().await;
    for (name, right) in [("tom", Permission::ConversationsUpdateUserAssignee), ("eve", Permission::ContactsWrite)] {
        let client = wire.holder(name, &[right]).await;
        client.get(AGENTS).await.ok();
        client.get(MANAGERS).await.refuses(403, &lacks_permission());
    }
    let lead = wire.holder("lou", &[Permission::DeskSupervise]).await;
    lead.get(MANAGERS).await.ok();
    lead.get(AGENTS).await.refuses(403, &lacks_permission());
}

async fn save(admin: &Client, agent: &str, data: Value, departments: Value) -> Reply {
    let body = json!({"agentId": agent, "agentData": data, "agentDepartments": departments});
    admin.post(SAVE, &body).await
}

#[tokio::test]
async fn saving_replaces_the_departments_and_leaves_those_that_are_kept_untouched() {
    for engine in engines() {
        let (wire, admin) = Wire::on(engine).await;
        let mut ids = Vec::new();
        for name in ["One", "Two", "Three"] {
            let team = wire.desk.team(name).await;
            ids.push(wire.team_id(team).await);
        }
        let (kim, lee) = (wire.desk.agent("kim").await, wire.desk.agent("lee").await);
        let (kim, lee) = (wire.id(&kim).await, wire.id(&lee).await);
        // Lee keeps the third from being empty, where the lowest count is 0 anyhow.
        for (id, agent) in [(&ids[0], &kim), (&ids[1], &kim), (&ids[2], &lee)] {
            let upsert = json!({"upsert": [{"agentId": agent, "count": 7, "order": 3}], "remove": []});
            admin.post(&format!("/api/v1/livechat/department/{id}/agents"), &upsert).await.ok();
        }
        let links = async || {
            let answer = admin.get(&format!("/api/v1/livechat/agents/{kim}/departments")).await.ok();
            let links = answer["departments"].as_array().unwrap().iter();
            links.map(|link| (link["departmentName"].clone(), link["count"].clone())).collect::<Vec<_>>()
        };
        let answer = save(&admin, &kim, json!({}), json!([ids[1], ids[2]])).await;
        assert_eq!(answer.text(), r#"{"success":true}"#);
        assert_eq!(links().await, [(json!("Two"), json!(7)), (json!("Three"), json!(0))]);
        let before = wire.digest().await;
        save(&admin, &kim, json!({}), json!([ids[1], ids[2]])).await.ok();
        Wire::same(&before, &wire.digest().await, "the same again");
        save(&admin, &kim, json!({}), json!([])).await.ok();
        assert_eq!(links().await, []);
    }
}

#[tokio::test]
async fn saving_sets_the_limit() {
    let (wire, admin) = Wire::new().await;
    let kim = wire.desk.agent("kim").await;
    let id = wire.id(&kim).await;
    for (given, shown) in [
        (json!({"maxNumberSimultaneousChat": 5}), Some(5)),
        (json!({}), Some(5)),
        (json!({"maxNumberSimultaneousChat": "3"}), Some(3)),
        (json!({"maxNumberSimultaneousChat": ""}), None),
        (json!({"maxNumberSimultaneousChat": 4}), Some(4)),
        (json!({"maxNumberSimultaneousChat": 0}), None),
    ] {
        save(&admin, &id, given.clone(), json!([])).await.ok();
        let livechat = admin.get(&format!("{AGENTS}/{id}")).await.ok()["user"]["livechat"].clone();
        assert_eq!(livechat.get("maxNumberSimultaneousChat").and_then(Value::as_i64), shown, "{given}");
    }
}

#[tokio::test]
async fn saving_what_makes_no_sense_changes_nothing() {
    let (wire, admin) = Wire::new().await;
    let ann = wire.desk.agent("ann").role("Analyst").await;
    let kim = wire.desk.agent("kim").await;
    let (ann, kim) = (wire.id(&ann).await, wire.id(&kim).await);
    let before = wire.digest().await;
    let schema = Some("invalid-params");
    for field in ["agentId", "agentData", "agentDepartments"] {
        let mut body = json!({"agentId": kim, "agentData": {}, "agentDepartments": []});
        body.as_object_mut().unwrap().remove(field);
        admin.post(SAVE, &body).await.fails(&format!("must have required property '{field}'"), schema);
    }
    save(&admin, &kim, json!([]), json!([])).await.fails("must be object", schema);
    save(&admin, &kim, json!({}), json!("x")).await.fails("must be array", schema);
    save(&admin, &kim, json!({"maxNumberSimultaneousChat": "many"}), json!([])).await.fails("must be number", schema);
    for id in ["unknown", ann.as_str()] {
        save(&admin, id, json!({}), json!([])).await.fails("error-user-is-not-agent", None);
    }
    let answer = save(&admin, &kim, json!({}), json!(["unknown"])).await;
    answer.fails("Department not found [error-department-not-found]", Some("error-department-not-found"));
    let answer = save(&admin, &kim, json!({"maxNumberSimultaneousChat": 70000}), json!([])).await;
    answer.fails("maxNumberSimultaneousChat is out of range [error-invalid-params]", Some("error-invalid-params"));
    Wire::same(&before, &wire.digest().await, "refused");
}

#[tokio::test]
async fn what_is_said_here_is_what_the_router_goes_by() {
    let (wire, admin) = Wire::new().await;
    let inbox_team = admin.post("/api/v1/livechat/department", &department("Support", &json!({}))).await.ok();
    let id = inbox_team["department"]["_id"].as_str().unwrap().to_owned();
    let operator = muster_core::actor::Caller::operator();
    let team = wire.desk.app.team_by_public_id(&operator, &id).await.unwrap().id;
    let ann = wire.desk.agent("ann").role("Analyst").await;
    admin.post(AGENTS, &json!({"username": "ann"})).await.ok();
    save(&admin, &wire.id(&ann).await, json!({"maxNumberSimultaneousChat": 1}), json!([id])).await.ok();
    let proof = wire.desk.app.prove_presence(&wire.desk.caller(&ann).await, "test", LeaseKind::DeskApi, true).await;
    proof.unwrap();
    let inbox = wire.desk.inbox_of(Some(team)).await;
    let mut assignees = Vec::new();
    for _ in 0..2 {
        let visitor = wire.desk.visitor(&inbox, "Hello").await;
        wire.desk.quiet().await;
        let view = wire.desk.app.conversation(&operator, visitor.conversation).await.unwrap();
        assignees.push(view.conversation.assignee);
    }
    assert_eq!(assignees, [Some(ann.id), None]);
}
