//! A desk in the middle of a working day, made as outside clients make one.

mod stories;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::stories::{End, Line, PEOPLE, Person, STORIES, Story, TAGS, WAITING};
use super::client::{Client, number_at, text_at};
use super::sample::{self, SampleAgent, TEAM};

const BILLING: &str = "Billing";
const SKILLS: [&str; 2] = ["French", "Weaving"];

/// An agent with what they do things by.
struct Colleague {
    agent: SampleAgent,
    client: Client,
    is_at_work: bool,
}

/// Those who work here, and where.
struct Staff {
    colleagues: Vec<Colleague>,
    billing: i64,
}

impl Staff {
    fn named(&self, name: &str) -> Result<&Colleague> {
        let found = self.colleagues.iter().find(|colleague| colleague.agent.first_name == name);
        found.with_context(|| format!("{name} doesn't work here"))
    }
}

/// Fills a desk that has the inbox of this UUID and the team behind it, and answers who is at work there.
pub(super) async fn fill(admin: &Client, nobody: &Client, inbox: &str, support: i64) -> Result<Vec<SampleAgent>> {
    let billing = sample::team(admin, BILLING, "🧾").await?;
    for name in SKILLS {
        admin.post("/api/v1/skills", json!({"name": name})).await?;
    }
    for name in TAGS {
        admin.post("/api/v1/tags", json!({"name": name})).await?;
    }
    let mut colleagues = Vec::new();
    for person in PEOPLE {
        colleagues.push(hire(admin, nobody, person).await.with_context(|| format!("{} begins", person.first_name))?);
    }
    let staff = Staff { colleagues, billing };
    place(admin, &staff, support).await?;
    let form = inbox_of(admin, inbox).await?;
    ask_for_names(admin, &form, true).await?;
    for story in STORIES {
        tell(admin, &nobody.visitor(inbox), &staff, story)
            .await
            .with_context(|| format!("{}'s chat", story.first_name))?;
    }
    ask_for_names(admin, &form, false).await?;
    for (first_name, last_name, content) in WAITING {
        admin
            .post(
                "/api/v1/conversations",
                json!({
                    "inbox_id": form["id"],
                    "contact_email": format!("{}@example.com", last_name.to_lowercase()),
                    "first_name": first_name,
                    "last_name": last_name,
                    "content": content,
                    "initiator": "contact",
                    "team_id": support,
                    "muster": {"required_skills": [{"skill": "French"}]}
                }),
            )
            .await?;
    }
    let at_work = staff.colleagues.into_iter().filter(|colleague| colleague.is_at_work);
    Ok(at_work.map(|colleague| colleague.agent).collect())
}

async fn hire(admin: &Client, nobody: &Client, person: &Person) -> Result<Colleague> {
    let Person { first_name, last_name, role, teams, skills, capacity, is_at_work, pause } = *person;
    let created = sample::create_agent(admin, first_name, last_name).await?;
    let (id, email, password) = (number_at(&created, "/id")?, sample::email(first_name), sample::password());
    let skills: Vec<Value> = skills.iter().map(|(name, level)| json!({"name": name, "level": level})).collect();
    let agent = json!({
        "first_name": first_name,
        "last_name": last_name,
        "email": email,
        "roles": [role],
        "teams": teams,
        "enabled": true,
        "new_password": password,
        "muster": {"capacity": capacity, "skills": skills}
    });
    admin.put(&format!("/api/v1/agents/{id}"), agent).await?;
    let client = nobody.sign_in(&email, &password).await?;
    if let Some(reason) = pause {
        let pause = json!({"status": "away_manual", "pause_reason": reason});
        client.put("/api/v1/agents/me/availability", pause).await?;
    }
    Ok(Colleague { agent: SampleAgent { id, first_name, email, password }, client, is_at_work })
}

/// Cora runs the invoices, and takes no more than two at a time; Amy is asked first where others are as free.
async fn place(admin: &Client, staff: &Staff, support: i64) -> Result<()> {
    let (cora, dan) = (staff.named("Cora")?.agent.id, staff.named("Dan")?.agent.id);
    let (amy, ben) = (staff.named("Amy")?.agent.id, staff.named("Ben")?.agent.id);
    for (team, set) in [
        (staff.billing, json!([{"agent_id": cora, "role": "manager", "capacity": 2}, {"agent_id": dan, "order": 1}])),
        (support, json!([{"agent_id": amy}, {"agent_id": ben, "order": 1}])),
    ] {
        admin.put(&format!("/api/v1/teams/{team}/members"), json!({ "set": set })).await?;
    }
    Ok(())
}

async fn inbox_of(admin: &Client, uuid: &str) -> Result<Value> {
    let inboxes = admin.get("/api/v1/inboxes").await?;
    let found = inboxes.as_array().into_iter().flatten().find(|inbox| inbox["uuid"] == uuid);
    found.cloned().context("the inbox isn't listed")
}

/// Whether visitors say who they are before they write.
async fn ask_for_names(admin: &Client, inbox: &Value, asks: bool) -> Result<()> {
    let change = json!({"config": {"prechat_form": {"enabled": asks}}});
    admin.put(&format!("/api/v1/inboxes/{}", inbox["id"]), change).await.map(drop)
}

async fn tell(admin: &Client, visitor: &Client, staff: &Staff, story: &Story) -> Result<()> {
    let Story { first_name, last_name, opening, lines, team, holder, priority, tags, end } = *story;
    let name = format!("{first_name} {last_name}");
    let form = json!({"name": name, "email": format!("{}@example.com", last_name.to_lowercase())});
    let start = json!({"message": opening, "form_data": form});
    let started = visitor.post("/api/v1/widget/chat/conversations/init", start).await?;
    let visitor = visitor.known_by(&text_at(&started, "/session_token")?);
    let uuid = text_at(&started, "/conversation/uuid")?;
    let path = format!("/api/v1/conversations/{uuid}");
    if team != TEAM {
        admin.put(&format!("{path}/assignee/team"), json!({"assignee_id": staff.billing})).await?;
    }
    if let Some(holder) = holder {
        let holder = staff.named(holder)?;
        admin.put(&format!("{path}/assignee/user"), json!({"assignee_id": holder.agent.id})).await?;
        for line in lines {
            say(line, &visitor, &holder.client, &uuid).await?;
        }
    }
    if !tags.is_empty() {
        admin.post(&format!("{path}/tags"), json!({"tags": tags, "action": "set_tags"})).await?;
    }
    if let Some(priority) = priority {
        admin.put(&format!("{path}/priority"), json!({"priority": priority})).await?;
    }
    finish(admin, end, &path).await
}

async fn say(line: &Line, visitor: &Client, agent: &Client, uuid: &str) -> Result<()> {
    let by_agent = |text: &str, private: bool| json!({"message": text, "sender_type": "agent", "private": private});
    let messages = format!("/api/v1/conversations/{uuid}/messages");
    let said = match line {
        Line::Customer(text) => {
            let path = format!("/api/v1/widget/chat/conversations/{uuid}/message");
            visitor.post(&path, json!({ "message": text })).await
        }
        Line::Agent(text) => agent.post(&messages, by_agent(text, false)).await,
        Line::Note(text) => agent.post(&messages, by_agent(text, true)).await,
    };
    said.map(drop)
}

async fn finish(admin: &Client, end: End, path: &str) -> Result<()> {
    let status = match end {
        End::Open => return Ok(()),
        End::Snoozed(time) => json!({"status": "Snoozed", "snoozed_until": time}),
        End::Resolved | End::Rated(..) => json!({"status": "Resolved"}),
    };
    admin.put(&format!("{path}/status"), status).await?;
    let End::Rated(rating, feedback) = end else { return Ok(()) };
    let messages = admin.get(&format!("{path}/messages")).await?;
    let mut listed = messages["results"].as_array().into_iter().flatten();
    let survey =
        listed.find_map(|message| message["meta"]["csat_uuid"].as_str()).context("nobody asked for a rating")?;
    let answer = json!({"rating": rating, "feedback": feedback});
    admin.post(&format!("/api/v1/csat/{survey}/response"), answer).await.map(drop)
}
