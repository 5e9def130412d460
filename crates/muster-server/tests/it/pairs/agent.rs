//! An agent with something in every field, as each dialect shows it and changes it.

use muster_core::id::TeamId;
use muster_testkit::{AgentHandle, Reply, TestEngine};
use reqwest::Method;
use serde_json::{Value, json};

use crate::four::{Four, done};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Dialect {
    Libredesk,
    RocketChat,
    CloudAgent,
    ImiChat,
}

impl Dialect {
    pub(crate) const ALL: [Self; 4] = [Self::Libredesk, Self::RocketChat, Self::CloudAgent, Self::ImiChat];
}

/// What a dialect's client sends.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) body: Value,
}

impl Call {
    pub(crate) fn post(path: &str, body: Value) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body }
    }

    pub(crate) fn delete(path: String) -> Self {
        Self { method: Method::DELETE, path, body: json!({}) }
    }
}

/// A desk with the four dialects, and the things that agents can have.
pub(crate) struct World {
    pub(crate) four: Four,
    pub(crate) sales: TeamId,
}

impl World {
    pub(crate) async fn on(engine: TestEngine) -> Self {
        let four = Four::on(engine).await;
        let sales = four.desk.team("Sales").await;
        for skill in ["French", "German"] {
            four.desk.skill(skill).await;
        }
        for (scope, key) in [("agent.custom", "city"), ("agent.skill", "language")] {
            let attribute =
                json!({"applies_to": scope, "key": key, "name": key, "description": key, "data_type": "text"});
            done(four.l.post("/api/v1/custom-attributes", &attribute).await);
        }
        let rule = json!({"test": {"attribute": "language", "op": "eq", "value": "es"}});
        done(four.l.post("/api/v1/skills", &json!({"name": "Spanish", "rule": rule, "rule_level": 60})).await);
        Self { four, sales }
    }

    /// An agent whose every field says something.
    pub(crate) async fn full_agent(&self, name: &str) -> AgentHandle {
        let agent = self.four.desk.agent(name).team(self.four.team).await;
        let body = json!({
            "first_name": "Mary Ann", "last_name": "O'Brien", "email": agent.email, "roles": ["Agent"],
            "teams": ["Support"], "enabled": true,
            "muster": {
                "phone_number_country_code": "DE", "phone_number_calling_code": "+49", "phone_number": "5550100",
                "country": "DE", "job_description": "Answers", "capacity": 7, "rank": 9,
                "channels": {
                    "inbound": true, "manual": true, "preview": true, "progressive": true, "chat": true,
                    "blended": true, "blended_inbound": true, "blended_manual": true, "blended_preview": true,
                    "blended_progressive": true, "blended_chat": true,
                },
                "auto_answer": "all", "call_controls": {"mute": true}, "sip_location": "Berlin",
                "screen_recording": true, "agent_data": "seat-7", "custom_attributes": {"city": "Berlin"},
                "skill_attributes": {"language": "it"}, "skills": [{"name": "French", "level": 40}],
                "memberships": [{"name": "Support", "role": "manager", "capacity": 5, "order": 3}],
            },
        });
        done(self.four.l.put(&format!("/api/v1/agents/{}", agent.id), &body).await);
        self.four.desk.goes_online(&agent).await;
        agent
    }

    /// All that a dialect's client can be shown of an agent.
    pub(crate) async fn read(&self, dialect: Dialect, agent: &AgentHandle) -> Value {
        match dialect {
            Dialect::Libredesk => self.four.shown(agent).await,
            Dialect::RocketChat => self.user(agent).await,
            Dialect::CloudAgent => self.agent_data(agent).await,
            Dialect::ImiChat => {
                done(self.four.i.get(&format!("/v3.1/users/{}", agent.id)).await).json()["response"].take()
            }
        }
    }

    /// The user, with the livechat agent as `service` and the place in Support as `department`.
    async fn user(&self, agent: &AgentHandle) -> Value {
        let (r, id) = (&self.four.r, self.four.user_id(agent).await);
        let mut user = done(r.get(&format!("/api/v1/users.info?userId={id}")).await).json()["user"].take();
        let service = done(r.get(&format!("/api/v1/livechat/users/agent/{id}")).await);
        user["service"] = service.json()["user"].take();
        if let Some(departments) = user["service"]["departments"].as_array_mut() {
            for department in departments {
                *department = self.team_name(department).await.into();
            }
        }
        let support = self.four.department_id(self.four.team).await;
        let members = done(r.get(&format!("/api/v1/livechat/department/{support}/agents?count=0")).await).json();
        let own = members["agents"].as_array().unwrap().iter().find(|member| member["agentId"] == id.as_str());
        user["department"] = own.cloned().unwrap_or_default();
        user
    }

    /// The name behind a department's id.
    async fn team_name(&self, department: &Value) -> &'static str {
        for (name, team) in [("Support", self.four.team), ("Sales", self.sales)] {
            if self.four.department_id(team).await == department.as_str().unwrap() {
                return name;
            }
        }
        panic!("there is no department {department}")
    }

    /// The answer to an edit of nothing, with the report of the agent's state as `details`.
    async fn agent_data(&self, agent: &AgentHandle) -> Value {
        let Profile { login, email } = self.profile(agent).await;
        let body = json!({"userName": self.four.account, "agentId": login, "email": email});
        let edited = done(self.four.c.put("/ca_apis/updateAgent?detailedResponse=true", &body).await);
        let mut data = edited.json()["Data"].take();
        assert_eq!(data["updatedFields"], json!([]));
        let details = done(self.four.c.post("/ca_apis/AgentDetails", &body).await);
        data["details"] = details.json()["message"][0].take();
        data
    }

    /// Sends what a dialect's client sends, with the account's name where that has to be.
    pub(crate) async fn send(&self, dialect: Dialect, mut call: Call) -> Reply {
        let client = match dialect {
            Dialect::Libredesk => &self.four.l,
            Dialect::RocketChat => &self.four.r,
            Dialect::CloudAgent => &self.four.c,
            Dialect::ImiChat => &self.four.i,
        };
        if dialect == Dialect::CloudAgent {
            call.body["userName"] = self.four.account.clone().into();
        }
        client.send(client.request(call.method, &call.path).json(&call.body)).await
    }

    async fn profile(&self, agent: &AgentHandle) -> Profile {
        let profile = self.four.profile(agent).await;
        Profile { login: profile.agent.login, email: profile.agent.email }
    }

    /// What is known of an agent when a client is about to write.
    pub(crate) async fn subject(&self, agent: &AgentHandle) -> Subject {
        let profile = self.four.profile(agent).await;
        let mut teams = Vec::new();
        for (name, team) in [("Support", self.four.team), ("Sales", self.sales)] {
            let is_member = profile.teams.iter().any(|held| held.id == team);
            teams.push(Department { name, id: self.four.department_id(team).await, is_member });
        }
        let place = profile.teams.iter().find(|held| held.id == self.four.team).map(|held| &held.membership);
        Subject {
            id: agent.id.0,
            user_id: profile.agent.public_id.to_string(),
            first_name: profile.agent.first_name.clone(),
            login: profile.agent.login.clone(),
            email: profile.agent.email.clone().unwrap(),
            roles: profile.roles.iter().map(|role| role.name.clone()).collect(),
            teams,
            order: place.map_or(0, |place| place.order),
            count: place.map_or(0, |place| place.assignment_count),
        }
    }
}

struct Profile {
    login: String,
    email: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Department {
    pub(crate) name: &'static str,
    pub(crate) id: String,
    pub(crate) is_member: bool,
}

/// An agent as whoever writes knows it.
#[derive(Debug)]
pub(crate) struct Subject {
    pub(crate) id: i64,
    pub(crate) user_id: String,
    pub(crate) first_name: String,
    pub(crate) login: String,
    pub(crate) email: String,
    pub(crate) roles: Vec<String>,
    pub(crate) teams: Vec<Department>,
    /// In Support.
    pub(crate) order: i32,
    pub(crate) count: i64,
}

impl Subject {
    /// A change of one field, with what the dialect wants beside it.
    pub(crate) fn change(&self, dialect: Dialect, fields: &[(&str, Value)]) -> Call {
        let (method, path, mut body) = match dialect {
            Dialect::Libredesk => {
                let body = json!({"first_name": self.first_name, "email": self.email, "roles": self.roles});
                (Method::PUT, format!("/api/v1/agents/{}", self.id), body)
            }
            Dialect::CloudAgent => {
                (Method::PUT, "/ca_apis/updateAgent".to_owned(), json!({"agentId": self.login, "email": self.email}))
            }
            Dialect::ImiChat => (Method::PATCH, format!("/v3.1/users/{}", self.id), json!({})),
            Dialect::RocketChat => panic!("no call changes any field"),
        };
        for (field, value) in fields {
            put(&mut body, field, value.clone());
        }
        Call { method, path, body }
    }
}

/// Puts a value at the end of a dotted path.
fn put(body: &mut Value, path: &str, value: Value) {
    let mut place = body;
    for name in path.split('.') {
        if place.is_null() {
            *place = json!({});
        }
        place = &mut place[name];
    }
    *place = value;
}
