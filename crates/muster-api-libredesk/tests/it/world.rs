//! A desk with one of everything, and a request to each route of the router's own list.

use muster_api_libredesk::Guard;
use muster_app::integrations::NewIntegration;
use muster_app::roles::NewRole;
use muster_core::actor::Caller;
use muster_core::id::{IntegrationId, NotificationId, RoleId, SkillId, TeamId};
use muster_core::inbox::Inbox;
use muster_core::integration::Proof;
use muster_core::permission::Permission;
use muster_http::routes::Route;
use muster_testkit::matrix::Endpoint;
use muster_testkit::matrix::uploads::Form;
use muster_testkit::{AgentHandle, Client, Digest, Reply, TestEngine, VisitorHandle};
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::support::{Said as _, Wire};

pub(crate) struct World {
    pub(crate) wire: Wire,
    pub(crate) endpoints: Vec<Endpoint>,
    /// With the key of Ada, the only administrator.
    pub(crate) admin: Client,
    pub(crate) nobody: Client,
    /// Of Ada's browser.
    pub(crate) session: Client,
    /// The widget at which the visitor writes.
    pub(crate) widget: Client,
    pub(crate) ada: AgentHandle,
    /// An agent of the team.
    pub(crate) kim: AgentHandle,
    /// What the session of Kim's browser is called.
    pub(crate) kim_session: String,
    pub(crate) team: TeamId,
    pub(crate) skill: SkillId,
    /// A role that nobody holds.
    pub(crate) role: RoleId,
    pub(crate) inbox: Inbox,
    /// An inbox that no conversation came by, to be changed, closed and deleted.
    pub(crate) spare: Inbox,
    pub(crate) integration: IntegrationId,
    /// Ada's own view.
    pub(crate) own_view: i64,
    /// A view that everybody sees.
    pub(crate) shared_view: i64,
    /// Business hours that nobody uses.
    pub(crate) hours: i64,
    pub(crate) r#macro: i64,
    pub(crate) template: i64,
    /// Who has a conversation that no agent and no team is assigned to.
    pub(crate) visitor: VisitorHandle,
    /// The message of that conversation.
    pub(crate) message: String,
    /// Vouches for a contact at the inbox.
    jwt: String,
    /// What Ada was told.
    pub(crate) notification: NotificationId,
    /// What Ada has noted down about the visitor.
    pub(crate) note: i64,
    /// What Ada's picture is called.
    pub(crate) picture: String,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(TestEngine::Sqlite).await
    }

    pub(crate) async fn on(engine: TestEngine) -> Self {
        let wire = Wire::on(engine, false).await;
        let ada = wire.desk.admin().await;
        let admin = wire.client(&ada);
        let team = wire.desk.team("Support").await;
        let kim = wire.desk.agent("kim").team(team).password().await;
        let role = json!({"name": "Reader", "permissions": ["conversations:read"]});
        admin.post("/api/v1/roles", &role).await.data();
        let role = wire.desk.role("Reader").await;
        let language = json!({"name": "Language", "description": "Spoken best", "applies_to": "agent.skill",
                              "key": "language", "data_type": "text"});
        admin.post("/api/v1/custom-attributes", &language).await.data();
        for (applies_to, key) in [("conversation", "order"), ("contact", "tier")] {
            let attribute = json!({"name": key, "description": key, "applies_to": applies_to, "key": key,
                                   "data_type": "text"});
            admin.post("/api/v1/custom-attributes", &attribute).await.data();
        }
        let (skill, inbox) = (wire.desk.skill("French").await, wire.desk.inbox().await);
        let spare = wire.desk.inbox().await;
        let chat = json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"features": {"file_upload": true}}});
        admin.put(&format!("/api/v1/inboxes/{}", inbox.id.0), &chat).await.data();
        admin.post("/api/v1/tags", &json!({"name": "billing"})).await.data();
        admin.post("/api/v1/statuses", &json!({"name": "Waiting for parts", "category": "waiting"})).await.data();
        let integration = integration(&wire).await;
        let hours = admin.post("/api/v1/business-hours", &json!({"name": "Office"})).await.data();
        let hours = hours["id"].as_i64().unwrap();
        let greeting = json!({"name": "Greet", "visible_when": ["replying"], "message_content": "<p>Hello</p>"});
        let r#macro = admin.post("/api/v1/macros", &greeting).await.data()["id"].as_i64().unwrap();
        let template = json!({"type": "email_outgoing", "name": "Reply", "body": "<p>Hello</p>"});
        let template = admin.post("/api/v1/templates", &template).await.data()["id"].as_i64().unwrap();
        let visitor = wire.desk.visitor(&inbox, "Hello").await;
        let message = message_of(&admin, &visitor).await.unwrap();
        let own_view = view(&admin, "/api/v1/views/me").await.unwrap();
        let shared_view = view(&admin, "/api/v1/shared-views").await.unwrap();
        let notification = told(&wire, &inbox, &ada).await;
        let notes = format!("/api/v1/contacts/{}/notes", visitor.contact);
        let note = admin.post(&notes, &json!({"note": "Likes cats"})).await.data()["id"].as_i64().unwrap();
        let session = wire.sign_in(&ada.email).await;
        let kim_session = session_of(&wire, &kim).await;
        wire.nobody().post("/api/v1/agents/reset-password", &json!({"email": "kim@example.org"})).await.data();
        wire.desk.quiet().await;
        let picture = picture_of(&admin).await;
        read_in(&admin).await;
        let (endpoints, nobody) = (wire.routes.iter().map(endpoint).collect(), wire.nobody());
        let widget = wire.visitor(&visitor);
        let mia = json!({"external_user_id": "u-1", "email": "mia@example.org", "first_name": "Mia",
                         "exp": 4_102_444_800_u32});
        let jwt = wire.desk.vouch(&inbox, &mia).await;
        Self {
            wire,
            endpoints,
            admin,
            nobody,
            session,
            widget,
            ada,
            kim,
            kim_session,
            team,
            skill,
            role,
            inbox,
            spare,
            integration,
            own_view,
            shared_view,
            hours,
            r#macro,
            template,
            visitor,
            message,
            jwt,
            notification,
            note,
            picture,
        }
    }

    /// A route's path, about the things of this desk.
    pub(crate) fn path_to(&self, path: &str) -> String {
        self.path_about(path, &self.visitor, &self.message)
    }

    fn path_about(&self, path: &str, visitor: &VisitorHandle, message: &str) -> String {
        let id = match path.split('/').nth(3) {
            _ if path.contains("/macros") => self.r#macro,
            Some("agents") => self.kim.id.0,
            Some("teams") => self.team.0,
            Some("roles") => self.role.0,
            Some("skills") => self.skill.0,
            Some("inboxes") => self.spare.id.0,
            Some("integrations") => self.integration.0,
            Some("business-hours") => self.hours,
            Some("templates") => self.template,
            // The mail that `World::new` asks for.
            Some("jobs") => 1,
            Some("contacts") => visitor.contact.0,
            Some("views") if path.starts_with("/api/v1/views/me/") => self.own_view,
            Some("views" | "shared-views") => self.shared_view,
            Some("notifications") => self.notification.0,
            // `billing`, and the status after the built-in ones.
            Some("tags") => 1,
            Some("statuses") => 5,
            // `business`, which every desk has.
            Some("custom-attributes") => 1,
            _ => 0,
        };
        let path = path.replace("{name}", &self.picture);
        let path = path.replace("{id}", &id.to_string()).replace("{session_id}", &self.kim_session);
        // Nobody's: an answer can be given once only.
        let path = path.replace("{survey_uuid}", "00000000-0000-4000-8000-000000000000");
        let path = path.replace("{note_id}", &self.note.to_string());
        let path = path.replace("{lang}", "en-US");
        // A list that has to be asked for a type.
        let path = if path.ends_with("/templates") { path + "?type=email_outgoing" } else { path };
        let path = path.replace("{uuid}", &visitor.conversation.to_string()).replace("{message_uuid}", message);
        if path.ends_with("/search") { path + "?query=hello" } else { path }
    }

    /// A body that the route takes; `None` where it looks at none.
    pub(crate) fn body_for(&self, method: &Method, path: &str) -> Option<Value> {
        let agent = |name: &str| {
            json!({"first_name": name, "email": format!("{}@example.org", name.to_lowercase()), "roles": ["Agent"],
                   "teams": ["Support"], "enabled": true, "availability_status": "online",
                   "muster": {"capacity": 3, "job_description": "Answers"}})
        };
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        Some(match (method.as_str(), path) {
            ("POST", "/setup") => {
                json!({"token": "none", "first_name": "Eve", "last_name": "", "email": "eve@example.org",
                                         "password": "Correct-horse-8"})
            }
            ("POST", "/auth/login") => json!({"email": "kim@example.org", "password": muster_testkit::PASSWORD}),
            ("POST", "/agents/reset-password") => json!({"email": "kim@example.org"}),
            ("POST", "/agents/set-password") => json!({"token": "none", "password": "Correct-horse-8"}),
            ("PUT", "/agents/me/password") => {
                json!({"current_password": "Wrong-horse-7", "new_password": "Correct-horse-8"})
            }
            ("POST", "/agents/me/second-factor") => json!({"current_password": "Wrong-horse-7"}),
            ("POST", "/agents/me/second-factor/confirm") => json!({"code": "123456"}),
            ("POST", "/agents/me/second-factor/recovery-codes") | ("DELETE", "/agents/me/second-factor") => {
                json!({"current_password": "Wrong-horse-7", "code": "123456"})
            }
            ("PUT", "/agents/me/availability") => {
                json!({"status": "away_manual", "source": "", "pause_reason": "Lunch"})
            }
            ("POST", "/agents") => agent("Lee"),
            ("PUT", "/agents/{id}") => agent("Kim"),
            ("POST", "/roles") => json!({"name": "Writer", "description": "", "permissions": ["messages:write"]}),
            ("PUT", "/roles/{id}") => {
                json!({"name": "Reader", "description": "Reads", "permissions": ["messages:read"]})
            }
            ("POST", "/teams") => json!({"name": "Sales", "emoji": "🙂", "conversation_assignment_type": "Manual",
                                         "timezone": "UTC", "max_auto_assigned_conversations": 3}),
            ("PUT", "/teams/{id}") => {
                json!({"name": "Support", "emoji": null, "conversation_assignment_type": "Manual",
                                             "timezone": "UTC", "max_auto_assigned_conversations": 0})
            }
            ("PUT", "/teams/{id}/members") => {
                json!({"set": [{"agent_id": self.kim.id.0, "role": "manager", "capacity": 3, "order": 1}],
                       "remove": [self.ada.id.0]})
            }
            ("POST", "/skills") => json!({"name": "German", "rule_level": 50, "rule": {"any": [
                {"test": {"attribute": "language", "op": "in", "value": ["de", "at"]}},
                {"all": [{"test": {"attribute": "language", "op": "eq", "value": "ch"}}]},
            ]}}),
            ("PUT", "/skills/{id}") => json!({"name": "French", "description": "Speaks it", "rule_level": 100,
                "rule": {"test": {"attribute": "language", "op": "eq", "value": "fr"}}}),
            ("POST", "/custom-attributes") => json!({"name": "Plan", "description": "What they pay for",
                "applies_to": "contact", "key": "plan", "data_type": "text", "values": [], "regex": "^[a-z]+$",
                "regex_hint": "Small letters"}),
            ("PUT", "/custom-attributes/{id}") => json!({"name": "Business", "description": "Which one they work for",
                "applies_to": "agent.custom", "key": "business", "data_type": "list", "values": ["Retail"], "regex": "",
                "regex_hint": ""}),
            ("POST" | "PUT", "/inboxes" | "/inboxes/{id}") => {
                json!({"name": "Chat", "channel": "livechat", "enabled": true, "config": {"brand_name": "Example", "features": {"file_upload": true}}})
            }
            ("PUT", "/settings/general") => json!({"app.lang": "en-US", "app.site_name": "Help", "app.logo_url": "",
                "app.favicon_url": "", "app.timezone": "UTC", "app.business_hours_id": "", "app.max_file_upload_size": 5,
                "app.allowed_file_upload_extensions": ["png"], "app.show_conversation_subject": false}),
            ("PUT", "/settings/notifications/email") => json!({"notification.email.enabled": false}),
            ("POST" | "PUT", "/business-hours" | "/business-hours/{id}") => {
                json!({"name": "Night", "description": "", "is_always_open": false,
                       "hours": {"Monday": {"open": "22:00", "close": "06:00"}},
                       "holidays": [{"name": "Christmas", "date": "2026-12-25"}]})
            }
            ("POST" | "PUT", "/macros" | "/macros/{id}") => {
                json!({"name": "Close", "visibility": "all", "team_id": null, "user_id": null,
                       "visible_when": ["replying"], "message_content": "<p>Goodbye</p>",
                       "actions": [{"type": "set_status", "value": ["4"]}]})
            }
            // The macro's text alone was used.
            ("POST", "/conversations/{uuid}/macros/{id}/apply") => json!({"actions": []}),
            ("POST" | "PUT", "/templates" | "/templates/{id}") => {
                json!({"type": "email_outgoing", "name": "Reply", "subject": "Re: {{ .Subject }}", "body": "<p>Hi</p>"})
            }
            ("POST", "/integrations") => {
                json!({"kind": "teamwise", "name": "Web Shop", "team_ids": [self.team.0], "auth": "token"})
            }
            ("POST", "/tags") => json!({"name": "returns"}),
            ("PUT", "/tags/{id}") => json!({"name": "invoices"}),
            ("POST", "/statuses") => json!({"name": "Escalated", "category": "open"}),
            ("PUT", "/statuses/{id}") => json!({"name": "On hold", "category": "waiting"}),
            ("POST", "/conversations/{uuid}/tags") => json!({"tags": ["billing"], "action": "add_tags"}),
            ("POST", "/conversations/bulk") => {
                json!({"uuids": [self.visitor.conversation], "action": "set_status", "value": "Snoozed",
                       "snoozed_until": "90m"})
            }
            ("PUT", "/conversations/{uuid}/custom-attributes") => json!({"order": "A-1"}),
            ("PUT", "/conversations/{uuid}/contacts/custom-attributes") => json!({"tier": "gold"}),
            ("POST", "/conversations") => json!({"inbox_id": self.inbox.id.0, "contact_email": "pat@example.com",
                                                 "first_name": "Pat", "content": "<p>Hello</p>", "initiator": "contact"}),
            ("PUT", "/conversations/{uuid}/assignee/user") => json!({"assignee_id": self.kim.id.0}),
            ("PUT", "/conversations/{uuid}/assignee/team") => json!({"assignee_id": self.team.0}),
            ("PUT", "/conversations/{uuid}/priority") => json!({"priority": "High"}),
            ("PUT", "/conversations/{uuid}/status") => json!({"status": "Resolved"}),
            ("POST", "/conversations/{uuid}/messages") => json!({"message": "<p>Hello</p>", "sender_type": "agent"}),
            ("POST", "/csat/{survey_uuid}/response") => json!({"rating": 5, "feedback": "Quick and friendly"}),
            ("POST", "/widget/chat/auth/exchange") => json!({"jwt": self.jwt}),
            ("POST", "/views/me") | ("PUT", "/views/me/{id}") => view_body(),
            ("POST", "/shared-views") | ("PUT", "/shared-views/{id}") => shared_view_body(),
            ("PUT", "/contacts/{id}") => {
                json!({"first_name": "Pat", "last_name": "Doe", "email": "pat@example.org", "phone_number": "0151 23",
                       "phone_number_country_code": "DE", "country": "Germany", "avatar_url": ""})
            }
            ("PUT", "/contacts/{id}/block") => json!({"enabled": true}),
            ("POST", "/contacts/{id}/notes") => json!({"note": "<p>Prefers mornings</p>"}),
            ("POST", "/conversations/{uuid}/draft") => {
                json!({"type": "private_note", "content": "<p>Ask Lee</p>", "meta": {"mentions": []}})
            }
            ("POST", "/widget/chat/conversations/init") => json!({"message": "Hello"}),
            ("POST", "/widget/chat/conversations/{uuid}/message") => json!({"message": "Hello?"}),
            _ => return None,
        })
    }

    /// A form with a file that the route takes; `None` where it takes none.
    pub(crate) fn form_for(&self, method: &Method, path: &str) -> Option<Form> {
        if (method, path) == (&Method::POST, "/api/v1/agents/import") {
            let bytes = b"first_name,last_name,email,roles\nRobin,Roe,robin@example.org,Agent\n".to_vec();
            return Some(Form { file: "file", fields: Vec::new(), filename: "agents.csv", bytes, largest: 1 << 20 });
        }
        if (method, path) == (&Method::POST, "/api/v1/tags/import") {
            let bytes = b"name\nrefund\n".to_vec();
            return Some(Form { file: "file", fields: Vec::new(), filename: "tags.csv", bytes, largest: 1 << 20 });
        }
        let (fields, largest) = match (method.as_str(), path) {
            ("POST", "/api/v1/media") => (vec![("inline", "true".to_owned())], 20_000_000),
            ("PUT", "/api/v1/agents/me") => (Vec::new(), 2_000_000),
            ("PUT", "/api/v1/contacts/{id}") => {
                let fields = [("first_name", "Pat"), ("email", "pat@example.com")];
                (fields.map(|(name, value)| (name, value.to_owned())).to_vec(), 2_000_000)
            }
            ("POST", "/api/v1/widget/media/upload") => {
                (vec![("conversation_uuid", self.visitor.conversation.to_string())], 20_000_000)
            }
            _ => return None,
        };
        Some(Form { file: "files", fields, filename: "dot.png", bytes: DOT.to_vec(), largest })
    }

    /// Calls a route as it is meant to be called.
    pub(crate) async fn call(&self, client: &Client, route: &Route<Guard>) -> Reply {
        self.call_about(client, route, &self.visitor).await
    }

    /// The same about the conversation of this visitor.
    pub(crate) async fn call_about(&self, client: &Client, route: &Route<Guard>, visitor: &VisitorHandle) -> Reply {
        let message = self.message_for(client, route, visitor).await;
        let mut path = self.path_about(&route.path, visitor, message.as_deref().unwrap_or(&self.message));
        // Views of one's own are nobody else's.
        if route.path == "/api/v1/views/me/{id}"
            && let Some(own) = view(client, "/api/v1/views/me").await
        {
            path = format!("/api/v1/views/me/{own}");
        }
        let request = client.request(route.method.clone(), &path);
        let body = self.body_for(&route.method, &route.path);
        client
            .send(match (body, self.form_for(&route.method, &route.path)) {
                (Some(body), _) => request.json(&body),
                (None, Some(form)) => with_form(request, &form),
                (None, None) => request,
            })
            .await
    }

    /// A message that the route can be about, if there is such a conversation and the client may write into it.
    async fn message_for(&self, client: &Client, route: &Route<Guard>, visitor: &VisitorHandle) -> Option<String> {
        if !route.path.contains("{message_uuid}") {
            return None;
        }
        let (takes_back, retries) = (route.method == Method::DELETE, route.path.ends_with("/retry"));
        if !takes_back && !retries {
            return message_of(&self.admin, visitor).await;
        }
        let written = json!({"message": "<p>Hello</p>", "sender_type": "agent", "private": takes_back});
        let path = format!("/api/v1/conversations/{}/messages", visitor.conversation);
        let message = client.post(&path, &written).await.json()["data"]["uuid"].as_str()?.to_owned();
        if retries {
            self.wire.desk.fails_to_send(message.parse().unwrap()).await;
        }
        Some(message)
    }

    /// An agent of the team whose only role holds these permissions.
    pub(crate) async fn holder(&self, name: &str, permissions: &[&str]) -> AgentHandle {
        // By the use case: the wire grants the documented ones only.
        let permissions = permissions.iter().map(|word| Permission::parse(word).unwrap()).collect();
        let role = NewRole { name: name.to_owned(), description: String::new(), permissions };
        self.wire.desk.app.create_role(&operator(), role).await.unwrap();
        self.wire.desk.agent(name).role(name).team(self.team).await
    }

    pub(crate) async fn digest(&self) -> Digest {
        self.wire.desk.quiet().await;
        self.wire.desk.digest().await
    }

    /// The routes that agents' programs and browsers call, without the widgets'.
    pub(crate) fn agents_routes(&self) -> impl Iterator<Item = &Route<Guard>> {
        self.wire.routes.iter().filter(|route| !route.path.contains("/widget/"))
    }

    /// What the OpenAPI document says of a route.
    pub(crate) fn operation(&self, route: &Route<Guard>) -> &Value {
        &self.wire.document["paths"][&route.path][route.method.as_str().to_lowercase()]
    }
}

fn view_body() -> Value {
    let rule = json!({"model": "conversations", "field": "status_id", "operator": "in", "value": "[\"1\"]"});
    json!({"name": "Open", "filters": {"logic": "OR", "rules": [rule]}})
}

fn shared_view_body() -> Value {
    let mut body = view_body();
    body["visibility"] = json!("all");
    body
}

/// Saves a view, if the client may.
async fn view(client: &Client, path: &str) -> Option<i64> {
    client.post(path, &shared_view_body()).await.json()["data"]["id"].as_i64()
}

/// An image of one pixel, as GIF.
pub(crate) const DOT: &[u8] =
    b"GIF89a\x01\0\x01\0\x80\x01\0\0\0\0\xff\xff\xff\x2c\0\0\0\0\x01\0\x01\0\0\x02\x02\x4c\x01\0\x3b";

pub(crate) fn with_form(request: RequestBuilder, form: &Form) -> RequestBuilder {
    let (kind, body) = form.encoded();
    request.header("content-type", kind).body(body)
}

/// Gives whoever the client stands for a picture, and answers what it is called.
async fn picture_of(client: &Client) -> String {
    let form = Form { file: "files", fields: Vec::new(), filename: "ada.gif", bytes: DOT.to_vec(), largest: 2_000_000 };
    let set = client.send(with_form(client.request(Method::PUT, "/api/v1/agents/me"), &form)).await.data();
    set["avatar_url"].as_str().unwrap().strip_prefix("/uploads/").unwrap().to_owned()
}

/// Reads in a list of agents and one of tags, of which nothing comes.
async fn read_in(client: &Client) {
    for (path, list) in [
        ("/api/v1/agents/import", "first_name,last_name,email,roles\nEve,Roe,eve@example.org,Nobody\n"),
        ("/api/v1/tags/import", "name,colour\n,blue\n"),
    ] {
        let bytes = list.as_bytes().to_vec();
        let form = Form { file: "file", fields: Vec::new(), filename: "list.csv", bytes, largest: 1 << 20 };
        client.send(with_form(client.request(Method::POST, path), &form)).await.data();
    }
}

async fn integration(wire: &Wire) -> IntegrationId {
    let new = NewIntegration { kind: "teamwise", name: "Shop".to_owned(), teams: None, proof: Proof::Either };
    wire.desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration.id
}

/// Gives an agent another conversation, and answers which notification tells of it.
async fn told(wire: &Wire, inbox: &Inbox, agent: &AgentHandle) -> NotificationId {
    let given = wire.desk.visitor(inbox, "Hello").await.conversation;
    wire.desk.app.assign_agent(&operator(), given, agent.id, None).await.unwrap();
    wire.desk.app.notifications(&agent.caller(), 1, 0).await.unwrap()[0].notification.id
}

/// Opens a session for an agent, and answers what it is called.
async fn session_of(wire: &Wire, agent: &AgentHandle) -> String {
    let sessions = wire.sign_in(&agent.email).await.get("/api/v1/agents/me/sessions").await.data();
    sessions[0]["id"].as_str().unwrap().to_owned()
}

/// The latest message of the visitor's conversation, if there is such a conversation.
async fn message_of(admin: &Client, visitor: &VisitorHandle) -> Option<String> {
    let messages = admin.get(&format!("/api/v1/conversations/{}/messages", visitor.conversation)).await.json();
    messages["data"]["results"][0]["uuid"].as_str().map(str::to_owned)
}

fn endpoint(route: &Route<Guard>) -> Endpoint {
    Endpoint { method: route.method.clone(), path: route.path.clone(), documented: route.documented }
}

/// A route as a test's message names it.
pub(crate) fn shown(route: &Route<Guard>) -> String {
    format!("{} {}", route.method, route.path)
}

pub(crate) fn is_unsafe(method: &Method) -> bool {
    ![Method::GET, Method::HEAD].contains(method)
}

pub(crate) fn operator() -> Caller {
    Caller::operator()
}
