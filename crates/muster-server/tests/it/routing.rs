//! Whatever a setting of any dialect says about an agent's work changes who gets the next conversation: each is written
//! through the dialect that owns it, and the next customer's conversation is looked at. `docs/agent-fields.md` names
//! them in its column "used in routing".

use muster_core::id::{AgentId, SkillId};
use muster_core::inbox::Inbox;
use muster_testkit::{AgentHandle, PASSWORD, TestEngine};
use reqwest::Method;
use serde_json::{Value, json};

use crate::four::{Four, done};

/// Kim and Lee of the team Support, both present and ready. Kim comes first in every order.
struct Desk {
    four: Four,
    inbox: Inbox,
    kim: AgentHandle,
    lee: AgentHandle,
}

/// What became of a conversation: who has it, and why Kim has not.
type Outcome = (Option<AgentId>, Option<String>);

impl Desk {
    async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    async fn on(engine: TestEngine) -> Self {
        let four = Four::on(engine).await;
        let inbox = four.desk.inbox_of(Some(four.team)).await;
        let kim = four.desk.agent("kim").team(four.team).password().await;
        let lee = four.desk.agent("lee").team(four.team).password().await;
        let desk = Self { four, inbox, kim, lee };
        for (agent, order) in [(&desk.kim, 1), (&desk.lee, 2)] {
            desk.four.desk.goes_online(agent).await;
            desk.link(agent, 0, order).await;
        }
        desk
    }

    /// Puts an agent into the department, as Rocket.Chat's clients do.
    async fn link(&self, agent: &AgentHandle, count: i64, order: i32) {
        let user = self.four.user_id(agent).await;
        let upsert = json!([{"agentId": user, "username": "x", "count": count, "order": order}]);
        self.department(&json!({"upsert": upsert, "remove": []})).await;
    }

    async fn department(&self, body: &Value) {
        let path = format!("/api/v1/livechat/department/{}/agents", self.four.department_id(self.four.team).await);
        done(self.four.r.post(&path, body).await);
    }

    /// Changes fields of the department itself.
    async fn change_department(&self, fields: Value) {
        let mut department = json!({
            "enabled": true, "showOnRegistration": true, "showOnOfflineForm": false, "name": "Support", "email": "",
        });
        for (name, value) in fields.as_object().unwrap() {
            department[name] = value.clone();
        }
        let path = format!("/api/v1/livechat/department/{}", self.four.department_id(self.four.team).await);
        done(self.four.r.put(&path, &json!({"department": department})).await);
    }

    /// The next customer writes.
    async fn next(&self) -> Outcome {
        self.four.desk.quiet().await;
        let visitor = self.four.desk.visitor(&self.inbox, "Hello").await;
        self.outcome(&visitor.conversation.to_string()).await
    }

    /// The next customer's matter asks for a skill.
    async fn next_asking(&self, skill: SkillId, level: u8) -> Outcome {
        self.four.desk.quiet().await;
        let body = json!({
            "inbox_id": self.inbox.id, "contact_email": "pat@example.com", "first_name": "Pat", "content": "Hello",
            "initiator": "contact", "team_id": self.four.team,
            "muster": {"required_skills": [{"skill": skill, "level": level}]},
        });
        let made = done(self.four.l.post("/api/v1/conversations", &body).await).json();
        self.outcome(made["data"]["uuid"].as_str().unwrap()).await
    }

    async fn outcome(&self, uuid: &str) -> Outcome {
        self.four.desk.quiet().await;
        let path = format!("/api/v1/conversations/{uuid}");
        let assignee = done(self.four.l.get(&path).await).json()["data"]["assigned_user_id"].as_i64();
        let routing = done(self.four.l.get(&format!("{path}/routing")).await).json();
        let decisions = routing["data"]["decisions"].as_array().unwrap().clone();
        let excluded = decisions.last().map(|decision| decision["because"]["excluded"].clone()).unwrap_or_default();
        let of_kim = excluded.as_array().into_iter().flatten().find(|it| it["agent_id"] == json!(self.kim.id));
        (assignee.map(AgentId), of_kim.map(|it| it["reason"].as_str().unwrap().to_owned()))
    }

    /// Kim doesn't get the next conversation, for this reason, and Lee does.
    async fn passes_over_kim(&self, reason: &str) {
        assert_eq!(self.next().await, (Some(self.lee.id), Some(reason.to_owned())));
    }

    /// Kim, who has less to do than Lee by now or comes first, gets the next conversation.
    async fn comes_to_kim(&self) {
        assert_eq!(self.next().await, (Some(self.kim.id), None));
    }

    /// Kim comes back, as ready and present as at first.
    async fn kim_returns(&self) {
        self.four.desk.goes_online(&self.kim).await;
        done(
            self.four
                .libredesk
                .as_agent(&self.kim)
                .put("/api/v1/agents/me/availability", &json!({"status": "online"}))
                .await,
        );
    }

    /// Kim signs in or out at CloudAgent's own door.
    async fn at_cloudagent(&self, action: &str, mode: Option<&str>) {
        let (account, key) = (&self.four.account, &self.four.cloudagent_key.key);
        let mode = mode.map(|mode| format!("&mode={mode}")).unwrap_or_default();
        let form = format!("userName={account}&apiKey={key}&action={action}&phoneNumber=%2B15550100{mode}");
        let client = self.four.cloudagent.anonymous();
        let request = client.request(Method::POST, "/CAServices/AgentAuthenticationV2/index.php");
        let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
        done(client.send(request.basic_auth("kim", Some(PASSWORD))).await);
    }
}

#[tokio::test]
async fn kim_is_first_while_nothing_speaks_against_it() {
    for engine in muster_testkit::postgres::engines() {
        Desk::on(engine).await.comes_to_kim().await;
    }
}

#[tokio::test]
async fn enabled_at_libredesk() {
    let desk = Desk::new().await;
    let path = format!("/api/v1/agents/{}", desk.kim.id);
    let body =
        |enabled| json!({"first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "enabled": enabled});
    done(desk.four.l.put(&path, &body(false)).await);
    desk.passes_over_kim("disabled").await;
    done(desk.four.l.put(&path, &body(true)).await);
    desk.kim_returns().await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn active_at_rocketchat() {
    let desk = Desk::new().await;
    let user = desk.four.user_id(&desk.kim).await;
    let set = |active| json!({"userId": user, "activeStatus": active});
    done(desk.four.r.post("/api/v1/users.setActiveStatus", &set(false)).await);
    desk.passes_over_kim("disabled").await;
    done(desk.four.r.post("/api/v1/users.setActiveStatus", &set(true)).await);
    desk.kim_returns().await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn status_at_imichat() {
    let desk = Desk::new().await;
    desk.four.update(&desk.kim, &json!({"status": "inactive"})).await;
    desk.passes_over_kim("disabled").await;
    desk.four.update(&desk.kim, &json!({"status": "active"})).await;
    desk.kim_returns().await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn locked_at_cloudagent() {
    let desk = Desk::new().await;
    desk.four.edit(&desk.kim, json!({"locked": true})).await;
    desk.passes_over_kim("locked").await;
    desk.four.edit(&desk.kim, json!({"locked": false})).await;
    desk.kim_returns().await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn serves_as_livechat_agent_at_rocketchat() {
    let desk = Desk::new().await;
    let user = desk.four.user_id(&desk.kim).await;
    done(desk.four.r.delete(&format!("/api/v1/livechat/users/agent/{user}")).await);
    desk.passes_over_kim("not_serving").await;
    done(desk.four.r.post("/api/v1/livechat/users/agent", &json!({"username": "kim"})).await);
    desk.passes_over_kim("not_member").await;
    desk.link(&desk.kim, 0, 1).await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn chat_switch_at_cloudagent() {
    let desk = Desk::new().await;
    desk.four.edit(&desk.kim, json!({"chat": false, "inbound": true})).await;
    desk.passes_over_kim("channel").await;
    desk.four.edit(&desk.kim, json!({"chat": true})).await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn the_other_plain_switches_at_cloudagent_admit_no_text() {
    let desk = Desk::new().await;
    for switch in ["inbound", "manual", "preview", "progressive"] {
        desk.four.edit(&desk.kim, json!({"chat": false, switch: true})).await;
        desk.passes_over_kim("channel").await;
    }
}

#[tokio::test]
async fn blended_and_blended_chat_switches_at_cloudagent() {
    let desk = Desk::new().await;
    desk.four.edit(&desk.kim, json!({"chat": false, "blended": true, "blendedInbound": true})).await;
    desk.passes_over_kim("channel").await;
    desk.four.edit(&desk.kim, json!({"blendedChat": true})).await;
    desk.comes_to_kim().await;
    desk.four.edit(&desk.kim, json!({"blended": false})).await;
    desk.passes_over_kim("channel").await;
}

#[tokio::test]
async fn the_other_blended_switches_at_cloudagent_admit_no_text() {
    let desk = Desk::new().await;
    for switch in ["blendedInbound", "blendedManual", "blendedPreview", "blendedProgressive"] {
        desk.four.edit(&desk.kim, json!({"chat": false, "blended": true, switch: true, "blendedChat": false})).await;
        desk.passes_over_kim("channel").await;
    }
}

#[tokio::test]
async fn mode_of_the_sign_in_at_cloudagent() {
    let desk = Desk::new().await;
    let switches = json!({"inbound": true, "chat": true, "blended": true, "blendedChat": true});
    desk.four.edit(&desk.kim, switches).await;
    let kim = desk.four.libredesk.as_agent(&desk.kim);
    done(kim.put("/api/v1/agents/me/availability", &json!({"status": "offline"})).await);
    for (mode, admits) in [("inbound", false), ("chat", true), ("blended", true)] {
        desk.at_cloudagent("login", Some(mode)).await;
        if admits {
            desk.comes_to_kim().await;
        } else {
            desk.passes_over_kim("channel").await;
        }
        desk.at_cloudagent("logout", None).await;
    }
}

#[tokio::test]
async fn signing_in_and_out_at_cloudagent() {
    let desk = Desk::new().await;
    let kim = desk.four.libredesk.as_agent(&desk.kim);
    done(kim.put("/api/v1/agents/me/availability", &json!({"status": "offline"})).await);
    desk.passes_over_kim("absent").await;
    desk.at_cloudagent("login", None).await;
    desk.comes_to_kim().await;
    desk.at_cloudagent("logout", None).await;
    desk.passes_over_kim("absent").await;
}

#[tokio::test]
async fn pausing_with_a_reason_at_cloudagent() {
    let desk = Desk::new().await;
    let state =
        |word: &str| json!({"userName": desk.four.account, "agentId": "kim", "state": word, "pauseReason": "Lunch"});
    done(desk.four.c.post("/ca_apis/changeAgentState", &state("Pause")).await);
    desk.passes_over_kim("paused").await;
    done(desk.four.c.post("/ca_apis/changeAgentState", &state("Ready")).await);
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn agent_status_at_rocketchat() {
    let desk = Desk::new().await;
    let kim = desk.four.user("kim").await;
    done(kim.post("/api/v1/livechat/agent.status", &json!({"status": "not-available"})).await);
    desk.passes_over_kim("paused").await;
    done(kim.post("/api/v1/livechat/agent.status", &json!({"status": "available"})).await);
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn user_status_at_rocketchat() {
    let desk = Desk::new().await;
    let kim = desk.four.user("kim").await;
    for (status, reason) in [("away", "idle"), ("offline", "absent")] {
        done(kim.post("/api/v1/users.setStatus", &json!({"status": status, "message": ""})).await);
        desk.passes_over_kim(reason).await;
        done(kim.post("/api/v1/users.setStatus", &json!({"status": "online", "message": ""})).await);
        desk.comes_to_kim().await;
    }
    done(kim.post("/api/v1/users.setStatus", &json!({"status": "busy", "message": "Writing"})).await);
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn a_login_at_rocketchat_alone_makes_nobody_present() {
    let desk = Desk::new().await;
    let kim = desk.four.libredesk.as_agent(&desk.kim);
    done(kim.put("/api/v1/agents/me/availability", &json!({"status": "offline"})).await);
    desk.four.user("kim").await;
    let (assignee, reason) = desk.next().await;
    assert_eq!(assignee, Some(desk.lee.id));
    assert!(["absent", "declared_only"].contains(&reason.as_deref().unwrap()), "{reason:?}");
}

#[tokio::test]
async fn availability_at_libredesk() {
    let desk = Desk::new().await;
    let kim = desk.four.libredesk.as_agent(&desk.kim);
    for (status, reason) in [("away_manual", "paused"), ("away_and_reassigning", "reassigning"), ("offline", "absent")]
    {
        done(kim.put("/api/v1/agents/me/availability", &json!({"status": status})).await);
        desk.passes_over_kim(reason).await;
        done(kim.put("/api/v1/agents/me/availability", &json!({"status": "online"})).await);
    }
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn skills_and_their_priority_at_cloudagent() {
    let desk = Desk::new().await;
    let french = desk.four.desk.skill("French").await;
    let skill = |priority: i32| json!([{"skillName": "french", "priority": priority}]);
    desk.four.edit(&desk.lee, json!({"assignSkills": skill(3)})).await;
    let reason = format!("skill:{french}");
    assert_eq!(desk.next_asking(french, 1).await, (Some(desk.lee.id), Some(reason.clone())));
    desk.four.edit(&desk.kim, json!({"assignSkills": skill(5)})).await;
    // Lee has one conversation by now, Kim none.
    assert_eq!(desk.next_asking(french, 1).await, (Some(desk.kim.id), None));
    // Now both have one, and Lee's priority is the better one.
    assert_eq!(desk.next_asking(french, 1).await, (Some(desk.lee.id), None));
    // Priority 5 is level 96.
    assert_eq!(desk.next_asking(french, 97).await, (Some(desk.lee.id), Some(reason.clone())));
    desk.four.edit(&desk.kim, json!({"unAssignSkills": [{"skillName": "French"}]})).await;
    assert_eq!(desk.next_asking(french, 1).await, (Some(desk.lee.id), Some(reason)));
}

#[tokio::test]
async fn skill_attributes_at_imichat_by_a_skills_rule() {
    let desk = Desk::new().await;
    let attribute = json!({
        "applies_to": "agent.skill", "key": "language", "name": "Language", "description": "Spoken", "data_type": "text",
    });
    done(desk.four.l.post("/api/v1/custom-attributes", &attribute).await);
    let rule = json!({"test": {"attribute": "language", "op": "eq", "value": "fr"}});
    let skill = json!({"name": "French desk", "rule": rule, "rule_level": 80});
    let french = done(desk.four.l.post("/api/v1/skills", &skill).await).json()["data"]["id"].as_i64().unwrap();
    let french = SkillId(french);
    let reason = format!("skill:{french}");
    assert_eq!(desk.next_asking(french, 1).await, (None, Some(reason.clone())));
    desk.four.update(&desk.kim, &json!({"skill_attributes": {"language": "fr"}})).await;
    assert_eq!(desk.next_asking(french, 80).await, (Some(desk.kim.id), None));
    desk.four.update(&desk.kim, &json!({"skill_attributes": {"language": "de"}})).await;
    assert_eq!(desk.next_asking(french, 1).await, (None, Some(reason)));
}

#[tokio::test]
async fn agent_groups_at_cloudagent() {
    let desk = Desk::new().await;
    desk.four.edit(&desk.kim, json!({"unAssignAgentGroups": "support"})).await;
    desk.passes_over_kim("not_member").await;
    desk.four.edit(&desk.kim, json!({"assignAgentGroups": "SUPPORT"})).await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn agents_of_a_department_at_rocketchat() {
    let desk = Desk::new().await;
    let user = desk.four.user_id(&desk.kim).await;
    desk.department(&json!({"upsert": [], "remove": [{"agentId": user, "username": "kim"}]})).await;
    desk.passes_over_kim("not_member").await;
    desk.department(&json!({"upsert": [{"agentId": user, "username": "kim"}], "remove": []})).await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn order_in_a_department_at_rocketchat() {
    let desk = Desk::new().await;
    desk.link(&desk.kim, 0, 5).await;
    assert_eq!(desk.next().await, (Some(desk.lee.id), None));
}

#[tokio::test]
async fn count_in_a_department_at_rocketchat() {
    let desk = Desk::new().await;
    desk.link(&desk.kim, 7, 1).await;
    desk.link(&desk.lee, 0, 1).await;
    assert_eq!(desk.next().await, (Some(desk.lee.id), None));
}

#[tokio::test]
async fn a_department_that_is_disabled_or_archived_at_rocketchat() {
    let desk = Desk::new().await;
    desk.change_department(json!({"enabled": false})).await;
    assert_eq!(desk.next().await, (None, Some("team_closed".to_owned())));
    desk.change_department(json!({"enabled": true})).await;
    let path = format!("/api/v1/livechat/department/{}/archive", desk.four.department_id(desk.four.team).await);
    done(desk.four.r.post(&path, &json!({})).await);
    let (assignee, reason) = desk.next().await;
    assert_eq!((assignee, reason.as_deref()), (None, Some("team_closed")));
}

#[tokio::test]
async fn the_most_chats_of_a_department_at_rocketchat() {
    let desk = Desk::new().await;
    desk.change_department(json!({"maxNumberSimultaneousChat": 1})).await;
    desk.comes_to_kim().await;
    desk.passes_over_kim("full_in_team").await;
    assert_eq!(desk.next().await, (None, Some("full_in_team".to_owned())));
}

#[tokio::test]
async fn the_most_chats_of_an_agent_at_rocketchat() {
    let desk = Desk::new().await;
    let save = async |most: Value| {
        let body = json!({
            "agentId": desk.four.user_id(&desk.kim).await,
            "agentData": {"maxNumberSimultaneousChat": most},
            "agentDepartments": [desk.four.department_id(desk.four.team).await],
        });
        done(desk.four.r.post("/api/v1/livechat/agents.saveInfo", &body).await);
    };
    save(json!(1)).await;
    desk.comes_to_kim().await;
    desk.passes_over_kim("full").await;
    desk.passes_over_kim("full").await;
    save(json!(2)).await;
    desk.comes_to_kim().await;
}

#[tokio::test]
async fn an_analyst_of_a_team_made_at_imichat() {
    let desk = Desk::new().await;
    let body = json!({
        "first_name": "Ann", "login_id": "ann", "email_id": "ann@example.org", "password": PASSWORD,
        "privileges": [{"teamid": desk.four.team, "role": "Team Analyst"}],
    });
    done(desk.four.i.post("/v3.1/users", &body).await);
    let ann = desk.four.desk.app.agent_by_login(&muster_core::actor::Caller::operator(), "ann").await.unwrap();
    let ann = desk.four.desk.handle(&ann).await;
    // Even with the rights to answer, a team's analyst gets nothing.
    let path = format!("/api/v1/agents/{}", ann.id);
    done(desk.four.l.put(&path, &json!({"first_name": "Ann", "email": "ann@example.org", "roles": ["Agent"]})).await);
    desk.four.desk.goes_online(&ann).await;
    let visitor = desk.four.desk.visitor(&desk.inbox, "Hello").await;
    desk.four.desk.quiet().await;
    let path = format!("/api/v1/conversations/{}/routing", visitor.conversation);
    let routing = done(desk.four.l.get(&path).await).json();
    let excluded = routing["data"]["decisions"][0]["because"]["excluded"].as_array().unwrap().clone();
    let of_ann = excluded.iter().find(|it| it["agent_id"] == json!(ann.id)).unwrap();
    assert_eq!(of_ann["reason"], "analyst");
}

#[tokio::test]
async fn a_team_whose_members_take_conversations_themselves() {
    let desk = Desk::new().await;
    let path = format!("/api/v1/teams/{}", desk.four.team);
    let team = json!({"name": "Support", "conversation_assignment_type": "Manual", "timezone": "UTC"});
    done(desk.four.l.put(&path, &team).await);
    assert_eq!(desk.next().await.0, None);
}

#[tokio::test]
async fn what_is_stored_only_changes_nothing() {
    let desk = Desk::new().await;
    let fields = json!({
        "autoAnswer": "None", "sipLocation": "Pune", "screenRecording": true, "agentData": "tier.2",
        "callControls": {"mute": false},
    });
    desk.four.edit(&desk.kim, fields).await;
    desk.four.update(&desk.kim, &json!({"job_description": "Tier 2", "login_using_email": false})).await;
    let path = format!("/api/v1/agents/{}", desk.kim.id);
    let ranked = json!({
        "first_name": "Kim", "email": "kim@example.org", "roles": ["Agent"], "muster": {"rank": 100},
    });
    done(desk.four.l.put(&path, &ranked).await);
    desk.comes_to_kim().await;
}
