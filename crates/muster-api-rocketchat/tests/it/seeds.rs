//! The documentation page "Update Agents of Department", line by line: address, permissions, headers, body, and each
//! response. `docs/dialects/rocketchat-seeds.md` maps the lines to these tests.

use muster_core::actor::Caller;
use muster_core::agent::MembershipRole;
use muster_core::id::TeamId;
use muster_core::permission::Permission;
use muster_testkit::{AgentHandle, Client};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{Said as _, Wire, forbidden, lacks_permission, not_signed_in};

/// The page's path, about a department.
fn path(department: &str) -> String {
    format!("/api/v1/livechat/department/{department}/agents")
}

/// A desk with a department and somebody called `kim`.
struct Page {
    wire: Wire,
    admin: Client,
    team: TeamId,
    department: String,
    kim: AgentHandle,
}

impl Page {
    async fn new() -> Self {
        let (wire, admin) = Wire::new().await;
        let team = wire.desk.team("Support").await;
        let department = wire.team_id(team).await;
        let kim = wire.desk.agent("kim").await;
        Self { wire, admin, team, department, kim }
    }

    /// The page's example, with the desk's own id in place of the page's.
    async fn example(&self) -> Value {
        json!({"upsert": [{"agentId": self.wire.id(&self.kim).await, "username": "kim"}], "remove": []})
    }

    async fn members(&self) -> Vec<String> {
        let members = self.wire.desk.app.team_members(&Caller::operator(), self.team).await.unwrap();
        members.into_iter().map(|member| member.login).collect()
    }
}

#[tokio::test]
async fn it_is_a_post_to_the_documented_path() {
    let page = Page::new().await;
    let answer = page.admin.post(&path(&page.department), &page.example().await).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(page.members().await, ["kim"]);
}

#[tokio::test]
async fn add_livechat_department_agents_is_enough() {
    let page = Page::new().await;
    let holder = page.wire.holder("lee", &[Permission::TeamMembersManage]).await;
    holder.post(&path(&page.department), &page.example().await).await.ok();
    assert_eq!(page.members().await, ["kim"]);
}

#[tokio::test]
async fn manage_livechat_departments_is_enough() {
    let page = Page::new().await;
    let holder = page.wire.holder("lee", &[Permission::TeamsManage]).await;
    holder.post(&path(&page.department), &page.example().await).await.ok();
    assert_eq!(page.members().await, ["kim"]);
}

#[tokio::test]
async fn x_auth_token_is_required() {
    let page = Page::new().await;
    let without = page.wire.nobody().header("x-user-id", &page.wire.id(&page.kim).await);
    let body = page.example().await;
    without.post(&path(&page.department), &body).await.refuses(401, &not_signed_in());
    for wrong in ["", "RScctEHSmLGZGywfIhWyRpyofhKOiMoUIpimhvheU3f"] {
        let wrong = page.admin.clone().header("x-auth-token", wrong);
        wrong.post(&path(&page.department), &body).await.refuses(401, &not_signed_in());
    }
}

#[tokio::test]
async fn x_user_id_is_required() {
    let page = Page::new().await;
    let body = page.example().await;
    for wrong in ["", "rbAXPnMktTFbNpwtJ", &page.wire.id(&page.kim).await] {
        let wrong = page.admin.clone().header("x-user-id", wrong);
        wrong.post(&path(&page.department), &body).await.refuses(401, &not_signed_in());
    }
    assert_eq!(page.members().await, [""; 0]);
}

#[tokio::test]
async fn the_headers_hold_what_login_answers_in_the_documented_form() {
    let page = Page::new().await;
    let request = page.admin.request(Method::GET, "/").build().unwrap();
    let sent = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
    let (token, user) = (sent("x-auth-token"), sent("x-user-id"));
    let is_url_safe = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    assert!(token.len() == 43 && token.chars().all(is_url_safe), "{token}");
    assert!(user.len() == 17 && user.chars().all(|c| c.is_ascii_alphanumeric()), "{user}");
}

#[tokio::test]
async fn the_id_in_the_path_is_the_departments() {
    let page = Page::new().await;
    let other = page.wire.desk.team("Sales").await;
    let other = page.wire.team_id(other).await;
    page.admin.post(&path(&other), &page.example().await).await.ok();
    assert_eq!(page.members().await, [""; 0]);
    let answer = page.admin.post(&path("6529401b024dde05d3f1cd85"), &page.example().await).await;
    answer.fails("Department not found [error-department-not-found]", Some("error-department-not-found"));
}

/// The ids of the page have 24 digits, the desk's 17 characters: nobody has the page's, and who isn't there is skipped.
#[tokio::test]
async fn the_example_is_taken_as_it_stands() {
    let page = Page::new().await;
    let example = r#"{
      "upsert": [
        {
          "agentId": "6529401b024dde05d3f1cd85",
          "username": "kim"
        }
      ],
      "remove": []
    }"#;
    let request = page.admin.request(Method::POST, &path(&page.department));
    let request = request.header("content-type", "application/json").body(example);
    page.admin.send(request).await.ok();
    assert_eq!(page.members().await, [""; 0]);
}

#[tokio::test]
async fn upsert_is_required_and_an_array_of_objects() {
    let page = Page::new().await;
    let send = async |body: Value| page.admin.post(&path(&page.department), &body).await;
    send(json!({"remove": []})).await.fails("Match error: Missing key 'upsert'", None);
    send(json!({"upsert": {}, "remove": []})).await.fails("Match error: Expected Array in field upsert", None);
    let text = "Match error: Expected object, got string in field upsert[0]";
    send(json!({"upsert": ["kim"], "remove": []})).await.fails(text, None);
}

#[tokio::test]
async fn agent_id_is_required_and_a_string() {
    let page = Page::new().await;
    let send = async |upsert: Value| {
        page.admin.post(&path(&page.department), &json!({"upsert": [upsert], "remove": []})).await
    };
    send(json!({"username": "kim"})).await.fails("Match error: Missing key 'agentId' in field upsert[0]", None);
    let text = "Match error: Expected string, got number in field upsert[0].agentId";
    send(json!({"agentId": 7, "username": "kim"})).await.fails(text, None);
}

#[tokio::test]
async fn username_is_a_string() {
    let page = Page::new().await;
    let mut body = page.example().await;
    body["upsert"][0]["username"] = json!(7);
    let text = "Match error: Expected string, got number in field upsert[0].username";
    page.admin.post(&path(&page.department), &body).await.fails(text, None);
}

/// The page says that it is required; the product reads the account's and asks for none.
#[tokio::test]
async fn deviation_username_may_be_absent_and_does_not_decide() {
    let page = Page::new().await;
    let mut body = page.example().await;
    body["upsert"][0]["username"] = json!("somebody-else");
    page.admin.post(&path(&page.department), &body).await.ok();
    assert_eq!(page.members().await, ["kim"]);
    body["upsert"][0].as_object_mut().unwrap().remove("username");
    page.admin.post(&path(&page.department), &body).await.ok();
    assert_eq!(page.members().await, ["kim"]);
}

#[tokio::test]
async fn remove_is_required_and_takes_agents_out() {
    let page = Page::new().await;
    page.admin.post(&path(&page.department), &page.example().await).await.ok();
    let id = page.wire.id(&page.kim).await;
    let send = async |body: Value| page.admin.post(&path(&page.department), &body).await;
    send(json!({"upsert": []})).await.fails("Match error: Missing key 'remove'", None);
    send(json!({"upsert": [], "remove": "kim"})).await.fails("Match error: Expected Array in field remove", None);
    assert_eq!(page.members().await, ["kim"]);
    send(json!({"upsert": [], "remove": [{"agentId": id, "username": "kim"}]})).await.ok();
    assert_eq!(page.members().await, [""; 0]);
}

#[tokio::test]
async fn a_success_is_200_with_exactly_the_documented_body() {
    let page = Page::new().await;
    let answer = page.admin.post(&path(&page.department), &page.example().await).await;
    assert_eq!((answer.status().as_u16(), answer.text().as_str()), (200, r#"{"success":true}"#));
    assert_eq!(answer.header("content-type"), Some("application/json"));
}

#[tokio::test]
async fn who_is_not_signed_in_gets_401_with_the_documented_status_and_message() {
    let page = Page::new().await;
    let before = page.wire.digest().await;
    let answer = page.wire.nobody().post(&path(&page.department), &page.example().await).await;
    assert_eq!(answer.status(), 401);
    let body = answer.json();
    assert_eq!((&body["status"], &body["message"]), (&json!("error"), &json!("You must be logged in to do this.")));
    answer.refuses(401, &not_signed_in());
    Wire::same(&before, &page.wire.digest().await, "401");
}

/// Example 1: the caller holds neither permission anywhere.
#[tokio::test]
async fn who_lacks_both_permissions_gets_403_as_in_example_1() {
    let page = Page::new().await;
    page.wire.desk.agent("lee").password().await;
    let lee = page.wire.sign_in("lee").await;
    let before = page.wire.digest().await;
    let answer = lee.post(&path(&page.department), &page.example().await).await;
    assert_eq!(
        (answer.status().as_u16(), answer.text().as_str()),
        (
            403,
            r#"{"success":false,"error":"User does not have the permissions required for this action [error-unauthorized]"}"#
        )
    );
    // Before anything of the body or the department is looked at.
    lee.post(&path("unknown"), &json!({})).await.refuses(403, &lacks_permission());
    Wire::same(&before, &page.wire.digest().await, "403");
}

/// Example 2: the caller holds a permission, but not over this department.
#[tokio::test]
async fn who_may_only_elsewhere_gets_403_as_in_example_2() {
    let page = Page::new().await;
    let sales = page.wire.desk.team("Sales").await;
    page.wire.desk.agent("lee").member(sales, MembershipRole::Manager).password().await;
    let lead = page.wire.sign_in("lee").await;
    let before = page.wire.digest().await;
    let answer = lead.post(&path(&page.department), &page.example().await).await;
    assert_eq!(
        (answer.status().as_u16(), answer.text().as_str()),
        (403, r#"{"success":false,"error":"unauthorized"}"#)
    );
    answer.refuses(403, &forbidden());
    Wire::same(&before, &page.wire.digest().await, "403");
    lead.post(&path(&page.wire.team_id(sales).await), &page.example().await).await.ok();
}

#[tokio::test]
async fn the_document_says_what_the_page_says() {
    let page = Page::new().await;
    let document = &page.wire.document;
    let operation = &document["paths"]["/api/v1/livechat/department/{_id}/agents"]["post"];
    assert!(operation["summary"].as_str().unwrap().starts_with("Update the agents of a specific department."));
    let parameter = &operation["parameters"][0];
    assert_eq!((&parameter["name"], &parameter["in"]), (&json!("_id"), &json!("path")));
    assert_eq!((&parameter["required"], &parameter["schema"]["type"]), (&json!(true), &json!("string")));
    assert_eq!(parameter["description"], "The department ID.");
    for (scheme, header) in [("auth_token", "X-Auth-Token"), ("user_id", "X-User-Id")] {
        let described = &document["components"]["securitySchemes"][scheme];
        assert_eq!((&described["in"], &described["name"]), (&json!("header"), &json!(header)));
    }
    assert_eq!(document["security"], json!([{"auth_token": [], "user_id": []}]));
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["DepartmentAgentsBody"]["required"], json!(["upsert", "remove"]));
    assert_eq!(schemas["UpsertedAgent"]["required"], json!(["agentId"]));
    assert_eq!(schemas["UpsertedAgent"]["properties"]["agentId"]["type"], "string");
    for (status, description) in [("200", "OK"), ("401", "Unauthorized"), ("403", "Forbidden")] {
        assert_eq!(operation["responses"][status]["description"], description);
    }
}
