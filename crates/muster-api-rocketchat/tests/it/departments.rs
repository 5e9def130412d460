//! Departments: lists, one, and what is chosen from.

use muster_core::permission::Permission;
use muster_testkit::Client;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, department, lacks_permission};

const BASE: &str = "/api/v1/livechat/department";

async fn create(admin: &Client, name: &str, changes: Value) -> String {
    let answer = admin.post(BASE, &department(name, &changes)).await.ok();
    answer["department"]["_id"].as_str().unwrap().to_owned()
}

/// Four departments: two plain ones, a disabled one and an archived one.
async fn four(admin: &Client) -> [String; 4] {
    let four = [
        create(admin, "alpha", json!({})).await,
        create(admin, "Beta", json!({})).await,
        create(admin, "gamma", json!({"enabled": false})).await,
        create(admin, "delta", json!({})).await,
    ];
    admin.post(&format!("{BASE}/{}/archive", four[3]), &json!({})).await.ok();
    four
}

fn names(answer: &Value, key: &str) -> Vec<String> {
    answer[key].as_array().unwrap().iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn they_are_listed_in_order_of_bytes_without_archived_ones() {
    let (_wire, admin) = Wire::new().await;
    let [alpha, ..] = four(&admin).await;
    let list = async |query: &str| names(&admin.get(&format!("{BASE}?{query}")).await.ok(), "departments");
    assert_eq!(list("").await, ["Beta", "alpha", "gamma"]);
    assert_eq!(list("showArchived=true").await, ["Beta", "alpha", "delta", "gamma"]);
    assert_eq!(list("enabled=true").await, ["Beta", "alpha"]);
    assert_eq!(list("enabled=false").await, ["Beta", "alpha", "gamma"]);
    assert_eq!(list("text=BET").await, ["Beta"]);
    assert_eq!(list("text=.*").await, [""; 0]);
    assert_eq!(list(&format!("excludeDepartmentId={alpha}")).await, ["Beta", "gamma"]);
    assert_eq!(list("sort=%7B%22name%22:-1%7D").await, ["gamma", "alpha", "Beta"]);
    assert_eq!(list("sort=%7B%22enabled%22:1,%22name%22:-1%7D").await, ["gamma", "alpha", "Beta"]);
    assert_eq!(list("count=1&offset=1").await, ["alpha"]);
    assert_eq!(list("onlyMyDepartments=true").await, [""; 0]);
    admin.get(&format!("{BASE}?count=x")).await.fails("must be number [invalid-params]", Some("invalid-params"));
    let text = "Invalid sort parameter provided: \"name\" [error-invalid-sort]";
    admin.get(&format!("{BASE}?sort=name")).await.fails(text, Some("error-invalid-sort"));
}

#[tokio::test]
async fn ones_own_are_those_that_one_is_an_agent_of() {
    let (wire, admin) = Wire::new().await;
    let [alpha, beta, ..] = four(&admin).await;
    let kim = wire.desk.agent("kim").password().await;
    let upsert = json!({"upsert": [{"agentId": wire.id(&kim).await}], "remove": []});
    admin.post(&format!("{BASE}/{alpha}/agents"), &upsert).await.ok();
    let client = wire.sign_in("kim").await;
    let own = client.get(&format!("{BASE}?onlyMyDepartments=true")).await.ok();
    assert_eq!(names(&own, "departments"), ["alpha"]);
    let shown = async |id: &str| {
        client.get(&format!("{BASE}/{id}?onlyMyDepartments=true")).await.ok()["department"]["name"].clone()
    };
    assert_eq!((shown(&alpha).await, shown(&beta).await), (json!("alpha"), Value::Null));
}

#[tokio::test]
async fn archived_ones_have_a_list_of_their_own() {
    let (_wire, admin) = Wire::new().await;
    four(&admin).await;
    let answer = admin.get("/api/v1/livechat/departments/archived").await.ok();
    assert_eq!(names(&answer, "departments"), ["delta"]);
    let shown = &answer["departments"][0];
    assert_eq!((&shown["archived"], &shown["enabled"]), (&json!(true), &json!(false)));
    assert_eq!((&answer["count"], &answer["offset"], &answer["total"]), (&json!(1), &json!(0), &json!(1)));
}

#[tokio::test]
async fn one_is_shown_whole_with_its_agents() {
    let (wire, admin) = Wire::new().await;
    let id = create(&admin, "Support", json!({})).await;
    let answer = admin.get(&format!("{BASE}/{id}")).await;
    answer.ok();
    assert_eq!(
        answer.text(),
        format!(
            "{{\"department\":{{\"_id\":\"{id}\",\"enabled\":true,\"name\":\"Support\",\"showOnRegistration\":true,\
             \"showOnOfflineForm\":false,\"email\":\"support@example.org\",\"type\":\"d\",\"numAgents\":0,\
             \"requestTagBeforeClosingChat\":false,\"allowReceiveForwardOffline\":false,\
             \"_updatedAt\":\"2026-01-05T09:00:00.000Z\"}},\"agents\":[],\"success\":true}}"
        )
    );
    let without = admin.get(&format!("{BASE}/{id}?includeAgents=no")).await.ok();
    assert!(without.get("agents").is_none());
    let unknown = admin.get(&format!("{BASE}/unknown")).await;
    assert_eq!(unknown.text(), r#"{"department":null,"agents":[],"success":true}"#);
    wire.desk.agent("kim").password().await;
    let kim = wire.sign_in("kim").await;
    let answer = kim.get(&format!("{BASE}/{id}")).await.ok();
    assert_eq!(answer["department"]["name"], "Support");
    assert!(answer.get("agents").is_none());
}

#[tokio::test]
async fn a_team_that_was_made_elsewhere_is_a_department() {
    let (wire, admin) = Wire::new().await;
    let team = wire.desk.team("Support").await;
    let id = wire.team_id(team).await;
    let shown = admin.get(&format!("{BASE}/{id}")).await.ok()["department"].clone();
    assert_eq!((&shown["showOnRegistration"], &shown["showOnOfflineForm"]), (&json!(true), &json!(false)));
    assert_eq!((&shown["email"], &shown["type"]), (&json!(""), &json!("d")));
}

#[tokio::test]
async fn they_can_be_chosen_by_a_part_of_the_name() {
    let (_wire, admin) = Wire::new().await;
    let [alpha, ..] = four(&admin).await;
    let path = "/api/v1/livechat/department.autocomplete";
    let choose = async |selector: &Value, more: &str| {
        let selector = selector.to_string().replace('"', "%22").replace('{', "%7B").replace('}', "%7D");
        names(&admin.get(&format!("{path}?selector={selector}{more}")).await.ok(), "items")
    };
    assert_eq!(choose(&json!({}), "").await, ["Beta", "alpha", "gamma"]);
    assert_eq!(choose(&json!({"term": "A"}), "").await, ["Beta", "alpha", "gamma"]);
    assert_eq!(choose(&json!({"term": "et"}), "").await, ["Beta"]);
    assert_eq!(choose(&json!({"exceptions": [alpha], "conditions": {}}), "").await, ["Beta", "gamma"]);
    assert_eq!(choose(&json!({"term": "delta"}), "&showArchived=true").await, ["delta"]);
    for query in ["", "?selector="] {
        admin.get(&format!("{path}{query}")).await.fails("The 'selector' param is required", None);
    }
    admin.get(&format!("{path}?selector=nonsense")).await.fails("The 'selector' param can't be read", None);
    let item = admin.get(&format!("{path}?selector=%7B%22term%22:%22Beta%22%7D")).await.ok()["items"][0].clone();
    assert_eq!(item.as_object().unwrap().keys().collect::<Vec<_>>(), ["_id", "name"]);
}

#[tokio::test]
async fn they_are_found_by_their_ids() {
    let (_wire, admin) = Wire::new().await;
    let [alpha, beta, ..] = four(&admin).await;
    let path = "/api/v1/livechat/department.listByIds";
    for query in [
        format!("ids[]={alpha}&ids[]={beta}&ids[]=unknown"),
        format!("ids%5B%5D={alpha}&ids%5B%5D={beta}"),
        format!("ids={alpha}&ids={beta}"),
    ] {
        assert_eq!(names(&admin.get(&format!("{path}?{query}")).await.ok(), "departments"), ["Beta", "alpha"]);
    }
    admin.get(path).await.fails("The 'ids' param is required", None);
    admin.get(&format!("{path}?ids={alpha}")).await.fails("The 'ids' param must be an array", None);
}

#[tokio::test]
async fn more_can_always_be_created() {
    let (_wire, admin) = Wire::new().await;
    four(&admin).await;
    let answer = admin.get(&format!("{BASE}/isDepartmentCreationAvailable")).await;
    assert_eq!(answer.text(), r#"{"isDepartmentCreationAvailable":true,"success":true}"#);
}

#[tokio::test]
async fn either_of_two_permissions_opens_them() {
    let (wire, admin) = Wire::new().await;
    let [alpha, ..] = four(&admin).await;
    let reader = wire.holder("rob", &[Permission::TeamsRead]).await;
    let talker = wire.holder("tom", &[Permission::ConversationsRead]).await;
    let other = wire.holder("olga", &[Permission::ReportsManage]).await;
    let selector = "/api/v1/livechat/department.autocomplete?selector=%7B%7D";
    for path in [BASE, &format!("{BASE}/{alpha}"), &format!("{BASE}/{alpha}/agents"), selector] {
        reader.get(path).await.ok();
        talker.get(path).await.ok();
        other.get(path).await.refuses(403, &lacks_permission());
    }
}
