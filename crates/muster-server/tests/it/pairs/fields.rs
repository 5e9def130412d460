//! The table: each field of an agent, how each dialect writes it, and how each shows it.

use serde_json::{Value, json};

use super::agent::Dialect::{self, CloudAgent as C, ImiChat as I, Libredesk as L, RocketChat as R};
use super::agent::{Call, Subject};

/// How a dialect changes a field.
pub(crate) enum Write {
    /// By a key of the call that changes an agent; dotted where it is deeper.
    Key(&'static str, fn(&Value) -> Value),
    /// By calls of its own.
    Calls(fn(&Subject, &Value) -> Vec<Call>),
}

/// Where a dialect shows a field, dotted, and in which words.
pub(crate) struct Read(pub(crate) &'static str, pub(crate) fn(&Value) -> Value);

/// A field in one dialect.
#[derive(Default)]
pub(crate) struct Cell {
    pub(crate) write: Option<Write>,
    pub(crate) read: Option<Read>,
}

/// A field of the desk's agent.
pub(crate) struct Field {
    pub(crate) name: String,
    /// Two values, in the desk's own words.
    pub(crate) values: [Value; 2],
    /// What moves with it, as Libredesk shows it, beside what it is there.
    pub(crate) beside: &'static [&'static str],
    cells: [Cell; 4],
}

impl Field {
    fn new(name: impl Into<String>, values: [Value; 2]) -> Self {
        Self { name: name.into(), values, beside: &[], cells: std::array::from_fn(|_| Cell::default()) }
    }

    pub(crate) const fn cell(&self, dialect: Dialect) -> &Cell {
        &self.cells[dialect as usize]
    }

    pub(crate) fn writers(&self) -> Vec<Dialect> {
        Dialect::ALL.into_iter().filter(|dialect| self.cell(*dialect).write.is_some()).collect()
    }

    pub(crate) fn readers(&self) -> Vec<Dialect> {
        Dialect::ALL.into_iter().filter(|dialect| self.cell(*dialect).read.is_some()).collect()
    }

    fn with(mut self, dialect: Dialect, cell: Cell) -> Self {
        self.cells[dialect as usize] = cell;
        self
    }

    /// A key that is read as it is written.
    fn both(self, dialect: Dialect, names: &'static str) -> Self {
        self.both_as(dialect, names, Value::clone)
    }

    fn both_as(self, dialect: Dialect, names: &'static str, words: fn(&Value) -> Value) -> Self {
        let cell = Cell { write: Some(Write::Key(names, words)), read: Some(Read(names, words)) };
        self.with(dialect, cell)
    }

    fn shown(self, dialect: Dialect, names: &'static str, words: fn(&Value) -> Value) -> Self {
        self.with(dialect, Cell { write: None, read: Some(Read(names, words)) })
    }

    fn written(self, dialect: Dialect, key: &'static str, words: fn(&Value) -> Value) -> Self {
        self.with(dialect, Cell { write: Some(Write::Key(key, words)), read: None })
    }

    fn calls(
        self,
        dialect: Dialect,
        names: &'static str,
        calls: fn(&Subject, &Value) -> Vec<Call>,
        words: fn(&Value) -> Value,
    ) -> Self {
        let cell = Cell { write: Some(Write::Calls(calls)), read: Some(Read(names, words)) };
        self.with(dialect, cell)
    }

    fn beside(mut self, beside: &'static [&'static str]) -> Self {
        self.beside = beside;
        self
    }
}

/// Every field that can be changed.
pub(crate) fn table() -> Vec<Field> {
    let parts = [names(), account(), belongings(), skills(), channels(), calls(), private(), presence()];
    parts.into_iter().flatten().collect()
}

/// A part of a value.
fn part(value: &Value, name: &str) -> Value {
    value[name].clone()
}

fn both_names(name: &Value) -> Value {
    json!([name["first"], name["last"]])
}

fn whole_name(name: &Value) -> Value {
    let text = |part: &str| name[part].as_str().unwrap();
    format!("{} {}", text("first"), text("last")).trim().into()
}

fn write_names(dialect: Dialect, subject: &Subject, name: &Value) -> Vec<Call> {
    vec![subject.change(dialect, &[("first_name", part(name, "first")), ("last_name", part(name, "last"))])]
}

fn names() -> Vec<Field> {
    let names = [json!({"first": "Zoe", "last": "van Damme"}), json!({"first": "Иван", "last": ""})];
    let both = "first_name, last_name";
    let rename = |subject: &Subject, name: &Value| vec![subject.change(C, &[("agentNameNew", whole_name(name))])];
    vec![
        Field::new("name", names)
            .calls(L, both, |subject, name| write_names(L, subject, name), both_names)
            .shown(R, "name", whole_name)
            .with(C, Cell { write: Some(Write::Calls(rename)), read: Some(Read("agentName", whole_name)) })
            .calls(I, both, |subject, name| write_names(I, subject, name), both_names),
        Field::new("login", [json!("zoe.Quinn"), json!("Q7")])
            .both(L, "muster.login")
            .shown(R, "username, avatarUrl", |login| {
                json!([login, format!("https://desk.example.org/avatar/{}", login.as_str().unwrap())])
            })
            .with(
                C,
                Cell { write: Some(Write::Key("agentIdNew", Value::clone)), read: Some(Read("agentId", Value::clone)) },
            )
            .shown(I, "login_id", Value::clone),
        Field::new("e-mail", [json!("zoe@example.com"), json!("quinn@example.com")])
            .both(L, "email")
            .shown(R, "emails.0.address", Value::clone)
            .both(C, "email")
            .shown(I, "email_id", Value::clone),
        Field::new("sign-in by e-mail", [json!(false), json!(true)])
            .both(L, "muster.login_using_email")
            .both(I, "login_using_email"),
        Field::new("password", [json!("Correct-horse-8"), json!("Correct-horse-9")])
            .beside(SIGN_IN)
            .written(L, "new_password", Value::clone)
            .written(C, "password", Value::clone),
        Field::new("job description", [json!("Listens"), json!("")])
            .both(L, "muster.job_description")
            .both(I, "job_description"),
    ]
}

/// What goes when an account can't be used.
const SIGN_IN: &[&str] = &["availability_status", "muster.state", "muster.state_since"];

fn account() -> Vec<Field> {
    let activate = |subject: &Subject, active: &Value| {
        let body = json!({"userId": subject.user_id, "activeStatus": active});
        vec![Call::post("/api/v1/users.setActiveStatus", body)]
    };
    vec![
        Field::new("enabled", [json!(false), json!(true)])
            .beside(SIGN_IN)
            .both(L, "enabled")
            .calls(R, "active", activate, Value::clone)
            .both_as(I, "status", |enabled| if *enabled == json!(true) { "active".into() } else { "inactive".into() }),
        Field::new("locked", [json!(true), json!(false)]).beside(SIGN_IN).both(L, "muster.locked").both(C, "locked"),
        Field::new("roles", [json!(["Agent", "Manager"]), json!(["Agent"])])
            .beside(&["permissions", "muster.permissions"])
            .both(L, "roles")
            .calls(R, "roles", appoint, |roles| {
                let is_manager = roles.as_array().unwrap().contains(&json!("Manager"));
                if is_manager {
                    json!(["user", "livechat-manager", "livechat-agent"])
                } else {
                    json!(["user", "livechat-agent"])
                }
            }),
        Field::new("administration", [json!(["Agent", "Clerk"]), json!(["Agent"])])
            .beside(&["permissions", "muster.permissions"])
            .both(L, "roles")
            .shown(I, "role_type", |roles| {
                let administers = roles.as_array().unwrap().contains(&json!("Clerk"));
                if administers { "Administrative".into() } else { "Customer Care".into() }
            }),
        Field::new("serves", [json!(false), json!(true)])
            // No agent has no departments at Rocket.Chat.
            .beside(&["teams", "muster.memberships"])
            .both(L, "muster.serves")
            .calls(R, "operator", enlist, |serves| if *serves == json!(true) { json!(true) } else { Value::Null }),
    ]
}

fn appoint(subject: &Subject, roles: &Value) -> Vec<Call> {
    let is_wanted = roles.as_array().unwrap().contains(&json!("Manager"));
    match (subject.roles.iter().any(|role| role == "Manager"), is_wanted) {
        (false, true) => vec![Call::post("/api/v1/livechat/users/manager", json!({"username": subject.login}))],
        (true, false) => vec![Call::delete(format!("/api/v1/livechat/users/manager/{}", subject.user_id))],
        _ => vec![],
    }
}

fn enlist(subject: &Subject, serves: &Value) -> Vec<Call> {
    if *serves == json!(true) {
        vec![Call::post("/api/v1/livechat/users/agent", json!({"username": subject.login}))]
    } else {
        vec![Call::delete(format!("/api/v1/livechat/users/agent/{}", subject.user_id))]
    }
}

/// Sets what Rocket.Chat's form for an agent sets.
fn save_info(subject: &Subject, data: &Value, teams: impl Fn(&str, bool) -> bool) -> Vec<Call> {
    let kept = subject.teams.iter().filter(|team| teams(team.name, team.is_member));
    let departments: Vec<&str> = kept.map(|team| team.id.as_str()).collect();
    let body = json!({"agentId": subject.user_id, "agentData": data, "agentDepartments": departments});
    vec![Call::post("/api/v1/livechat/agents.saveInfo", body)]
}

fn change_place(subject: &Subject, order: &Value, count: &Value) -> Vec<Call> {
    let agent = json!({"agentId": subject.user_id, "order": order, "count": count});
    let path = format!("/api/v1/livechat/department/{}/agents", subject.teams[0].id);
    vec![Call::post(&path, json!({"upsert": [agent], "remove": []}))]
}

fn change_member(subject: &Subject, field: &str, value: &Value) -> Vec<Call> {
    vec![subject.change(L, &[("muster.memberships", json!([{"name": "Support", field: value}]))])]
}

fn belongings() -> Vec<Field> {
    let join = |subject: &Subject, teams: &Value| {
        save_info(subject, &json!({}), |name, _| teams.as_array().unwrap().contains(&json!(name)))
    };
    let limit = |subject: &Subject, capacity: &Value| {
        let most = if capacity.is_null() { json!(0) } else { capacity.clone() };
        save_info(subject, &json!({"maxNumberSimultaneousChat": most}), |_, is_member| is_member)
    };
    let groups = |subject: &Subject, teams: &Value| {
        let teams: Vec<&str> = teams.as_array().unwrap().iter().map(|team| team.as_str().unwrap()).collect();
        let left = subject.teams.iter().map(|team| team.name).filter(|name| !teams.contains(name));
        let left: Vec<&str> = left.collect();
        let joined = [("assignAgentGroups", json!(teams.join(","))), ("unAssignAgentGroups", json!(left.join(",")))];
        vec![subject.change(C, &joined)]
    };
    let shown_teams = |teams: &Value| {
        let team =
            |name: &Value| json!({"id": if *name == json!("Support") { 1 } else { 2 }, "name": name, "emoji": null});
        teams.as_array().unwrap().iter().map(team).collect()
    };
    let groups = Cell { write: Some(Write::Calls(groups)), read: Some(Read("agentGroups", Value::clone)) };
    vec![
        Field::new("teams", [json!(["Support", "Sales"]), json!(["Support"])])
            .beside(&["muster.memberships"])
            .with(L, Cell { write: Some(Write::Key("teams", Value::clone)), read: Some(Read("teams", shown_teams)) })
            .calls(R, "service.departments", join, Value::clone)
            .with(C, groups),
        Field::new("role in a team", [json!("analyst"), json!("agent")]).calls(
            L,
            "muster.memberships.0.role",
            |subject, role| change_member(subject, "role", role),
            Value::clone,
        ),
        Field::new("capacity in a team", [json!(2), Value::Null]).calls(
            L,
            "muster.memberships.0.capacity",
            |subject, capacity| change_member(subject, "capacity", capacity),
            Value::clone,
        ),
        Field::new("order in a team", [json!(-4), json!(11)])
            .calls(
                L,
                "muster.memberships.0.order",
                |subject, order| change_member(subject, "order", order),
                Value::clone,
            )
            .calls(
                R,
                "department.order",
                |subject, order| change_place(subject, order, &json!(subject.count)),
                Value::clone,
            ),
        Field::new("assignments in a team", [json!(12), json!(0)])
            .shown(L, "muster.memberships.0.assignment_count", Value::clone)
            .calls(
                R,
                "department.count",
                |subject, count| change_place(subject, &json!(subject.order), count),
                Value::clone,
            ),
        Field::new("capacity", [json!(5), Value::Null]).both(L, "muster.capacity").calls(
            R,
            "service.livechat.maxNumberSimultaneousChat",
            limit,
            Value::clone,
        ),
    ]
}

/// Skills with their levels, as `[name, level]`.
fn each(skills: &Value, entry: impl Fn(&str, u64) -> Value) -> Value {
    let skills = skills.as_array().unwrap().iter();
    skills.map(|skill| entry(skill[0].as_str().unwrap(), skill[1].as_u64().unwrap())).collect()
}

fn assign_skills(subject: &Subject, skills: &Value) -> Vec<Call> {
    let given = each(skills, |name, level| json!({"skillName": name, "priority": 101 - level}));
    vec![subject.change(C, &[("unAssignSkills", json!(["French", "German"])), ("assignSkills", given)])]
}

fn speaks(attributes: &Value) -> bool {
    attributes["language"] == json!("es")
}

fn skills() -> Vec<Field> {
    let levels = |skills: &Value| each(skills, |name, level| json!({"name": name, "level": level}));
    let shown = |skills: &Value| {
        each(skills, |name, level| json!({"id": if name == "French" { 1 } else { 2 }, "name": name, "level": level}))
    };
    let priorities = |skills: &Value| each(skills, |name, level| json!({"skillName": name, "priority": 101 - level}));
    let derived = |attributes: &Value| {
        let spanish = json!([{"id": 3, "name": "Spanish", "level": 60}]);
        json!([attributes, if speaks(attributes) { spanish } else { json!([]) }])
    };
    let all_skills = |attributes: &Value| {
        let french = json!({"skillName": "French", "priority": 61});
        let spanish = json!({"skillName": "Spanish", "priority": 41});
        if speaks(attributes) { json!([french, spanish]) } else { json!([french]) }
    };
    let skills = [json!([["French", 98], ["German", 1]]), json!([["German", 100]])];
    vec![
        Field::new("explicit skills", skills)
            .with(
                L,
                Cell { write: Some(Write::Key("muster.skills", levels)), read: Some(Read("muster.skills", shown)) },
            )
            .with(C, Cell { write: Some(Write::Calls(assign_skills)), read: Some(Read("skills", priorities)) }),
        Field::new("skill attributes, derived skills", [json!({"language": "es"}), json!({"language": "fr"})])
            .with(
                L,
                Cell {
                    write: Some(Write::Key("muster.skill_attributes", Value::clone)),
                    read: Some(Read("muster.skill_attributes, muster.derived_skills", derived)),
                },
            )
            .shown(C, "skills", all_skills)
            .both(I, "skill_attributes"),
        Field::new("custom attributes", [json!({"city": "Paris"}), json!({"city": "Łódź"})])
            .with(
                L,
                Cell {
                    write: Some(Write::Key("muster.custom_attributes", Value::clone)),
                    read: Some(Read("custom_attributes, muster.custom_attributes", |city| json!([city, city]))),
                },
            )
            .shown(R, "customFields", Value::clone)
            .both(I, "custom_attributes"),
    ]
}

fn channels() -> Vec<Field> {
    let switches = [
        ("muster.channels.inbound", "inbound"),
        ("muster.channels.manual", "manual"),
        ("muster.channels.preview", "preview"),
        ("muster.channels.progressive", "progressive"),
        ("muster.channels.chat", "chat"),
        ("muster.channels.blended", "blended"),
        ("muster.channels.blended_inbound", "blendedInbound"),
        ("muster.channels.blended_manual", "blendedManual"),
        ("muster.channels.blended_preview", "blendedPreview"),
        ("muster.channels.blended_progressive", "blendedProgressive"),
        ("muster.channels.blended_chat", "blendedChat"),
    ];
    let field = |(ours, theirs): (&'static str, &'static str)| {
        Field::new(format!("channel {theirs}"), [json!(false), json!(true)]).both(L, ours).both(C, theirs)
    };
    switches.into_iter().map(field).collect()
}

fn calls() -> Vec<Field> {
    let mute =
        |subject: &Subject, on: &Value| vec![subject.change(L, &[("muster.call_controls", json!({"mute": on}))])];
    vec![
        Field::new("auto answer", [json!("Outbound"), json!("None")])
            .both_as(L, "muster.auto_answer", |word| word.as_str().unwrap().to_lowercase().into())
            .both(C, "autoAnswer"),
        Field::new("call controls", [json!(false), json!(true)])
            .beside(&["muster.call_controls"])
            .calls(L, "muster.call_controls.mute", mute, Value::clone)
            .both(C, "callControls.mute"),
        Field::new("SIP location", [json!("Paris"), Value::Null]).both(L, "muster.sip_location").both(C, "sipLocation"),
        Field::new("screen recording", [json!(false), json!(true)])
            .both(L, "muster.screen_recording")
            .both(C, "screenRecording"),
        Field::new("agent data", [json!("seat-9"), Value::Null]).both(L, "muster.agent_data").both(C, "agentData"),
    ]
}

/// What Libredesk shows as its own and in the extension.
fn twice(value: &Value) -> Value {
    json!([value, value])
}

fn private() -> Vec<Field> {
    let own = |names: &'static str, key: &'static str, words: fn(&Value) -> Value| Cell {
        write: Some(Write::Key(key, Value::clone)),
        read: Some(Read(names, words)),
    };
    vec![
        Field::new("rank", [json!(1), json!(100)]).both(L, "muster.rank"),
        Field::new("phone country", [json!("FR"), json!("AT")]).with(
            L,
            own(
                "phone_number_country_code, muster.phone_number_country_code",
                "muster.phone_number_country_code",
                twice,
            ),
        ),
        Field::new("phone calling code", [json!("+33"), json!("+43")]).with(
            L,
            own(
                "phone_number_calling_code, muster.phone_number_calling_code",
                "muster.phone_number_calling_code",
                twice,
            ),
        ),
        Field::new("phone number", [json!("5550199"), Value::Null])
            .with(L, own("phone_number", "muster.phone_number", Value::clone)),
        Field::new("country", [json!("FR"), Value::Null]).with(L, own("country", "muster.country", Value::clone)),
    ]
}

fn change_state(subject: &Subject, state: &str, reason: &str) -> Call {
    let body = json!({"agentId": subject.login, "state": state, "pauseReason": reason});
    Call::post("/ca_apis/changeAgentState", body)
}

fn is_ready(word: &Value) -> bool {
    *word == json!("ready")
}

fn presence() -> Vec<Field> {
    let service = |subject: &Subject, word: &Value| {
        let status = if *word == json!("ready") { "available" } else { "not-available" };
        vec![Call::post("/api/v1/livechat/agent.status", json!({"agentId": subject.user_id, "status": status}))]
    };
    let state = |subject: &Subject, word: &Value| {
        let (state, reason) = if *word == json!("ready") { ("Ready", "") } else { ("Pause", "Lunch") };
        vec![change_state(subject, state, reason)]
    };
    let pause = |subject: &Subject, reason: &Value| {
        vec![change_state(subject, "Ready", ""), change_state(subject, "Pause", reason.as_str().unwrap())]
    };
    vec![
        Field::new("availability", [json!("paused"), json!("ready")])
            .beside(&["muster.state", "muster.state_since", "muster.pause_reason"])
            .both_as(
                L,
                "availability_status",
                |word| if is_ready(word) { "online".into() } else { "away_manual".into() },
            )
            .calls(R, "service.statusLivechat", service, |word| {
                if is_ready(word) { "available".into() } else { "not-available".into() }
            })
            .calls(C, "details.State", state, |word| if is_ready(word) { "READY".into() } else { "PAUSED".into() })
            .shown(I, "accepting_chats", |word| is_ready(word).into()),
        Field::new("pause reason", [json!("Lunch"), json!("Meeting")])
            .beside(SIGN_IN)
            .shown(L, "muster.pause_reason", Value::clone)
            .shown(R, "statusText", Value::clone)
            .with(C, Cell { write: Some(Write::Calls(pause)), read: None }),
    ]
}
