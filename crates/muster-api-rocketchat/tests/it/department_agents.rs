//! Who is in which department: the evaluation of "Update Agents of Department" step by step, and the lists.

use std::time::Duration;

use muster_core::actor::Caller;
use muster_core::agent::MembershipRole;
use muster_core::id::TeamId;
use muster_testkit::postgres::engines;
use muster_testkit::{AgentHandle, Client, TestEngine};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, department, lacks_permission, not_signed_in};

struct Floor {
    wire: Wire,
    admin: Client,
    team: TeamId,
    department: String,
    kim: AgentHandle,
    lee: AgentHandle,
}

impl Floor {
    async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    async fn on(engine: TestEngine) -> Self {
        let (wire, admin) = Wire::on(engine).await;
        let team = wire.desk.team("Support").await;
        let department = wire.team_id(team).await;
        let (kim, lee) = (wire.desk.agent("kim").await, wire.desk.agent("lee").await);
        Self { wire, admin, team, department, kim, lee }
    }

    fn path(&self) -> String {
        format!("/api/v1/livechat/department/{}/agents", self.department)
    }

    async fn update(&self, upsert: Value, remove: Value) -> muster_testkit::Reply {
        self.admin.post(&self.path(), &json!({"upsert": upsert, "remove": remove})).await
    }

    /// An element about an agent.
    async fn about(&self, agent: &AgentHandle, fields: Value) -> Value {
        let mut element = json!({"agentId": self.wire.id(agent).await});
        for (key, value) in fields.as_object().unwrap() {
            element[key] = value.clone();
        }
        element
    }

    /// Username, count and order of each agent of the department, by username.
    async fn links(&self) -> Vec<(String, i64, i64)> {
        let answer = self.admin.get(&self.path()).await.ok();
        let link = |link: &Value| {
            let username = link["username"].as_str().unwrap().to_owned();
            (username, link["count"].as_i64().unwrap(), link["order"].as_i64().unwrap())
        };
        answer["agents"].as_array().unwrap().iter().map(link).collect()
    }

    async fn num_agents(&self) -> i64 {
        let answer = self.admin.get(&format!("/api/v1/livechat/department/{}", self.department)).await.ok();
        answer["department"]["numAgents"].as_i64().unwrap()
    }
}

fn link(username: &str, count: i64, order: i64) -> (String, i64, i64) {
    (username.to_owned(), count, order)
}

#[tokio::test]
async fn step_1_who_is_not_signed_in_is_refused_before_all_else() {
    let floor = Floor::new().await;
    floor.wire.nobody().post(&floor.path(), &json!({})).await.refuses(401, &not_signed_in());
    let unknown = "/api/v1/livechat/department/unknown/agents";
    floor.wire.nobody().post(unknown, &json!({})).await.refuses(401, &not_signed_in());
}

#[tokio::test]
async fn step_2_the_permission_comes_before_the_body_and_the_department() {
    let floor = Floor::new().await;
    floor.wire.desk.agent("max").password().await;
    let max = floor.wire.sign_in("max").await;
    max.post(&floor.path(), &json!({})).await.refuses(403, &lacks_permission());
    max.post("/api/v1/livechat/department/unknown/agents", &json!({})).await.refuses(403, &lacks_permission());
}

#[tokio::test]
async fn step_3_both_lists_have_to_be_there_upsert_first_and_other_keys_do_not_matter() {
    let floor = Floor::new().await;
    let unknown = "/api/v1/livechat/department/unknown/agents";
    for path in [floor.path().as_str(), unknown] {
        floor.admin.post(path, &json!({})).await.fails("Match error: Missing key 'upsert'", None);
        floor.admin.post(path, &json!({"upsert": []})).await.fails("Match error: Missing key 'remove'", None);
        let wrong = json!({"upsert": [], "remove": {}});
        floor.admin.post(path, &wrong).await.fails("Match error: Expected Array in field remove", None);
    }
    let without_body = floor.admin.request(reqwest::Method::POST, &floor.path());
    floor.admin.send(without_body).await.fails("Match error: Missing key 'upsert'", None);
    floor.admin.post(&floor.path(), &json!({"upsert": [], "remove": [], "other": {"a": [1]}})).await.ok();
}

#[tokio::test]
async fn step_4_the_department_has_to_exist_whatever_the_lists_hold() {
    let floor = Floor::new().await;
    for body in [json!({"upsert": [], "remove": []}), json!({"upsert": [{}], "remove": [7]})] {
        let answer = floor.admin.post("/api/v1/livechat/department/unknown/agents", &body).await;
        answer.fails("Department not found [error-department-not-found]", Some("error-department-not-found"));
    }
}

#[tokio::test]
async fn step_4_an_archived_or_disabled_department_is_accepted() {
    let floor = Floor::new().await;
    let base = format!("/api/v1/livechat/department/{}", floor.department);
    floor.admin.put(&base, &department("Support", &json!({"enabled": false}))).await.ok();
    floor.update(json!([floor.about(&floor.kim, json!({})).await]), json!([])).await.ok();
    floor.admin.post(&format!("{base}/archive"), &json!({})).await.ok();
    floor.update(json!([floor.about(&floor.lee, json!({})).await]), json!([])).await.ok();
    let answer = floor.admin.get(&floor.path()).await.ok();
    assert_eq!(answer["total"], 2);
    assert_eq!(answer["agents"][0]["departmentEnabled"], false);
}

#[tokio::test]
async fn step_5_all_elements_are_checked_before_anything_is_written() {
    let floor = Floor::new().await;
    let good = floor.about(&floor.kim, json!({})).await;
    let cases = [
        (json!([good, {}]), json!([]), "Missing key 'agentId' in field upsert[1]"),
        (json!([good]), json!([{}]), "Missing key 'agentId' in field remove[0]"),
        (json!([good]), json!([{"agentId": null}]), "Expected string, got null in field remove[0].agentId"),
        (json!([good, 7]), json!([]), "Expected object, got number in field upsert[1]"),
        (
            json!([{"agentId": "x", "username": {}}]),
            json!([]),
            "Expected string, got object in field upsert[0].username",
        ),
        (json!([{"agentId": "x", "count": "1"}]), json!([]), "Expected Integer, got string in field upsert[0].count"),
        (json!([{"agentId": "x", "order": 0.5}]), json!([]), "Expected Integer, got number in field upsert[0].order"),
        (
            json!([{"agentId": "x", "order": 2_147_483_648_i64}]),
            json!([]),
            "Expected Integer, got number in field upsert[0].order",
        ),
    ];
    let before = floor.wire.digest().await;
    for (upsert, remove, text) in cases {
        floor.update(upsert, remove).await.fails(&format!("Match error: {text}"), None);
    }
    Wire::same(&before, &floor.wire.digest().await, "elements");
}

#[tokio::test]
async fn step_5_what_is_optional_may_be_null_and_further_keys_are_tolerated() {
    let floor = Floor::new().await;
    let fields = json!({"username": null, "count": null, "order": null, "departmentId": ["x"]});
    floor.update(json!([floor.about(&floor.kim, fields).await]), json!([])).await.ok();
    assert_eq!(floor.links().await, [link("kim", 0, 0)]);
}

#[tokio::test]
async fn step_6_removes_ignore_strangers_non_members_and_repetitions() {
    let floor = Floor::new().await;
    floor.update(json!([floor.about(&floor.kim, json!({})).await]), json!([])).await.ok();
    let (kim, lee) = (floor.about(&floor.kim, json!({})).await, floor.about(&floor.lee, json!({})).await);
    floor.update(json!([]), json!([{"agentId": "unknown"}, lee, kim, kim])).await.ok();
    assert_eq!(floor.links().await, []);
}

#[tokio::test]
async fn step_7_upserts_set_the_numbers_and_reset_those_they_do_not_name() {
    let floor = Floor::new().await;
    floor.update(json!([floor.about(&floor.kim, json!({"count": 5, "order": 2})).await]), json!([])).await.ok();
    assert_eq!(floor.links().await, [link("kim", 5, 2)]);
    floor.update(json!([floor.about(&floor.kim, json!({"count": 7})).await]), json!([])).await.ok();
    assert_eq!(floor.links().await, [link("kim", 7, 0)]);
    floor.update(json!([floor.about(&floor.kim, json!({})).await]), json!([])).await.ok();
    assert_eq!(floor.links().await, [link("kim", 0, 0)]);
}

#[tokio::test]
async fn step_7_a_link_that_stays_keeps_its_id_and_what_other_products_set() {
    let floor = Floor::new().await;
    let lead = floor.wire.desk.agent("lou").member(floor.team, MembershipRole::Manager).await;
    let of_lou = |answer: Value| answer["agents"][0]["_id"].clone();
    let before = of_lou(floor.admin.get(&floor.path()).await.ok());
    floor.update(json!([floor.about(&lead, json!({"count": 3})).await]), json!([])).await.ok();
    assert_eq!(of_lou(floor.admin.get(&floor.path()).await.ok()), before);
    let held = &floor.wire.desk.profile(&lead).await.teams[0].membership;
    assert_eq!((held.role, held.assignment_count), (MembershipRole::Manager, 3));
}

#[tokio::test]
async fn step_7_unknown_users_are_skipped_and_no_role_is_needed() {
    let floor = Floor::new().await;
    let none = floor.wire.desk.agent("ann").role("Analyst").await;
    let upsert = json!([{"agentId": "6529401b024dde05d3f1cd85"}, floor.about(&none, json!({})).await]);
    floor.update(upsert, json!([])).await.ok();
    assert_eq!(floor.links().await, [link("ann", 0, 0)]);
}

#[tokio::test]
async fn step_7_the_link_is_shown_whole() {
    let floor = Floor::new().await;
    floor.update(json!([floor.about(&floor.kim, json!({"count": 1, "order": 4})).await]), json!([])).await.ok();
    let answer = floor.admin.get(&floor.path()).await;
    let id = answer.ok()["agents"][0]["_id"].as_str().unwrap().to_owned();
    let (agent, department) = (floor.wire.id(&floor.kim).await, &floor.department);
    assert_eq!(
        answer.text(),
        format!(
            "{{\"agents\":[{{\"_id\":\"{id}\",\"agentId\":\"{agent}\",\"departmentId\":\"{department}\",\
             \"username\":\"kim\",\"count\":1,\"order\":4,\"departmentEnabled\":true,\
             \"_updatedAt\":\"2026-01-05T09:00:00.000Z\"}}],\"count\":1,\"offset\":0,\"total\":1,\"success\":true}}"
        )
    );
}

#[tokio::test]
async fn step_8_who_stands_in_both_lists_ends_up_in_and_the_last_word_counts() {
    let floor = Floor::new().await;
    floor.update(json!([floor.about(&floor.kim, json!({"count": 5})).await]), json!([])).await.ok();
    let (first, last) = (
        floor.about(&floor.kim, json!({"count": 1})).await,
        floor.about(&floor.kim, json!({"count": 2, "order": 9})).await,
    );
    floor.update(json!([first, last]), json!([floor.about(&floor.kim, json!({})).await])).await.ok();
    assert_eq!(floor.links().await, [link("kim", 2, 9)]);
}

#[tokio::test]
async fn step_9_the_number_of_agents_is_that_of_the_links() {
    let floor = Floor::new().await;
    let (kim, lee) = (floor.about(&floor.kim, json!({})).await, floor.about(&floor.lee, json!({})).await);
    floor.update(json!([kim, lee]), json!([])).await.ok();
    assert_eq!(floor.num_agents().await, 2);
    floor.update(json!([]), json!([lee])).await.ok();
    assert_eq!(floor.num_agents().await, 1);
    let before = floor.wire.digest().await;
    floor.update(json!([]), json!([])).await.ok();
    Wire::same(&before, &floor.wire.digest().await, "nothing to do");
}

#[tokio::test]
async fn step_9_saying_what_is_so_changes_nothing() {
    let floor = Floor::new().await;
    let upsert = json!([floor.about(&floor.kim, json!({"count": 2, "order": 1})).await]);
    floor.update(upsert.clone(), json!([])).await.ok();
    let before = floor.wire.digest().await;
    floor.update(upsert, json!([])).await.ok();
    Wire::same(&before, &floor.wire.digest().await, "the same again");
}

#[tokio::test]
async fn step_10_running_chats_stay_with_an_agent_who_is_taken_out() {
    let floor = Floor::new().await;
    floor.update(json!([floor.about(&floor.kim, json!({})).await]), json!([])).await.ok();
    let inbox = floor.wire.desk.inbox_of(Some(floor.team)).await;
    floor.wire.desk.goes_online(&floor.kim).await;
    let visitor = floor.wire.desk.visitor(&inbox, "Hello").await;
    floor.wire.desk.quiet().await;
    let assignee = async || {
        let conversation = floor.wire.desk.app.conversation(&Caller::operator(), visitor.conversation).await.unwrap();
        conversation.conversation.assignee
    };
    assert_eq!(assignee().await, Some(floor.kim.id));
    floor.update(json!([]), json!([floor.about(&floor.kim, json!({})).await])).await.ok();
    floor.wire.desk.advance(Duration::from_secs(60)).await;
    assert_eq!(assignee().await, Some(floor.kim.id));
}

#[tokio::test]
async fn step_11_the_answer_is_success_alone_on_both_engines() {
    for engine in engines() {
        let floor = Floor::on(engine).await;
        let (kim, lee) = (floor.about(&floor.kim, json!({"count": 4})).await, floor.about(&floor.lee, json!({})).await);
        let answer = floor.update(json!([kim, lee]), json!([])).await;
        assert_eq!(answer.text(), r#"{"success":true}"#);
        floor.update(json!([]), json!([lee])).await.ok();
        assert_eq!(floor.links().await, [link("kim", 4, 0)]);
        assert_eq!(floor.num_agents().await, 1);
    }
}

#[tokio::test]
async fn disabled_and_non_serving_agents_can_be_in_a_department() {
    let floor = Floor::new().await;
    let id = floor.wire.id(&floor.kim).await;
    let off = json!({"userId": id, "activeStatus": false});
    floor.admin.post("/api/v1/users.setActiveStatus", &off).await.ok();
    floor.update(json!([floor.about(&floor.kim, json!({"count": 1})).await]), json!([])).await.ok();
    assert_eq!(floor.num_agents().await, 1);
}

#[tokio::test]
async fn a_deleted_agent_is_skipped() {
    let floor = Floor::new().await;
    let kim = floor.about(&floor.kim, json!({})).await;
    floor.admin.post("/api/v1/users.delete", &json!({"userId": kim["agentId"]})).await.ok();
    floor.update(json!([kim]), json!([])).await.ok();
    assert_eq!(floor.links().await, []);
}

#[tokio::test]
async fn more_than_five_hundred_at_once_are_refused() {
    let floor = Floor::new().await;
    let many: Vec<Value> = (0..501).map(|n| json!({"agentId": format!("a{n}")})).collect();
    let answer = floor.update(json!(many), json!([])).await;
    answer.fails("upsert is out of range [error-invalid-params]", Some("error-invalid-params"));
}

#[tokio::test]
async fn the_list_is_by_username_and_can_be_turned_and_cut() {
    let floor = Floor::new().await;
    let (kim, lee) =
        (floor.about(&floor.kim, json!({"order": 2})).await, floor.about(&floor.lee, json!({"order": 1})).await);
    floor.update(json!([lee, kim]), json!([])).await.ok();
    let names = async |query: &str| {
        let answer = floor.admin.get(&format!("{}?{query}", floor.path())).await.ok();
        let names =
            answer["agents"].as_array().unwrap().iter().map(|link| link["username"].as_str().unwrap().to_owned());
        (names.collect::<Vec<_>>(), answer["count"].as_u64().unwrap(), answer["total"].as_u64().unwrap())
    };
    assert_eq!(names("").await, (vec!["kim".to_owned(), "lee".to_owned()], 2, 2));
    assert_eq!(names("sort=%7B%22order%22:1%7D").await.0, ["lee", "kim"]);
    assert_eq!(names("offset=1&count=1").await, (vec!["lee".to_owned()], 1, 2));
    let empty = floor.admin.get("/api/v1/livechat/department/unknown/agents").await;
    assert_eq!(empty.text(), r#"{"agents":[],"count":0,"offset":0,"total":0,"success":true}"#);
    let wrong = floor.admin.get(&format!("{}?count=x", floor.path())).await;
    wrong.fails("must be number [invalid-params]", Some("invalid-params"));
}

#[tokio::test]
async fn an_agents_departments_are_listed_with_their_names() {
    let floor = Floor::new().await;
    let kim = floor.about(&floor.kim, json!({"count": 3})).await;
    floor.update(json!([kim]), json!([])).await.ok();
    let path = format!("/api/v1/livechat/agents/{}/departments", kim["agentId"].as_str().unwrap());
    let answer = floor.admin.get(&path).await.ok();
    let link = &answer["departments"][0];
    assert_eq!((&link["departmentName"], &link["count"]), (&json!("Support"), &json!(3)));
    assert_eq!((&link["departmentId"], &link["username"]), (&json!(floor.department), &json!("kim")));

    let base = format!("/api/v1/livechat/department/{}", floor.department);
    floor.admin.put(&base, &department("Support", &json!({"enabled": false}))).await.ok();
    let all = floor.admin.get(&path).await.ok();
    assert_eq!(all["departments"][0]["departmentEnabled"], false);
    let enabled = floor.admin.get(&format!("{path}?enabledDepartmentsOnly=true")).await;
    assert_eq!(enabled.text(), r#"{"departments":[],"success":true}"#);
    let unknown = floor.admin.get("/api/v1/livechat/agents/unknown/departments").await;
    assert_eq!(unknown.text(), r#"{"departments":[],"success":true}"#);
}
