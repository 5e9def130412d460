//! `muster demo --once`: the main job, played from outside.

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use super::client::{Client, Socket, number_at, text_at};
use super::sample::{self, TEAM};
use crate::out;

const QUESTION: &str = "Hello, my parcel has not arrived.";
const ANSWER: &str = "I am looking into it.";

/// A chat as its visitor sees it.
struct Chat {
    uuid: String,
    visitor: Socket,
}

/// # Errors
/// The first step that went wrong.
pub(super) async fn play(admin: &Client, nobody: &Client) -> Result<()> {
    let team = sample::team(admin, TEAM, "🛟").await?;
    let inbox = sample::inbox(admin, team).await?;
    step(format_args!("Made the team {TEAM} and a live-chat inbox for it"))?;

    let created = sample::create_agent(admin, "Amy", "Stone").await.context("creating the agent")?;
    step(format_args!("POST /api/v1/agents made agent {}", number_at(&created, "/id")?))?;
    let amy = sample::ready_agent(admin, "Amy", &created).await.context("updating the agent")?;
    step(format_args!("PUT /api/v1/agents/{} gave Amy a password and said she is online", amy.id))?;

    let chat = ask(nobody, &inbox).await?;
    step(format_args!("A visitor wrote {QUESTION:?}; nobody is at work, so the conversation waits"))?;
    tell_why(admin, &chat.uuid).await?;

    let amy_client = nobody.sign_in(&amy.email, &amy.password).await.context("Amy signs in")?;
    let mut socket = amy_client.agent_socket().await?;
    step("Amy signed in and opened her socket: now she is present")?;
    wait_for_assignment(&mut socket, &chat.uuid, amy.id).await.context("Amy waits for work")?;
    step("Her socket told her of the conversation: it is assigned to her")?;
    tell_why(admin, &chat.uuid).await?;

    answer(&amy_client, chat).await
}

/// A visitor writes through the widget and listens at its socket.
async fn ask(nobody: &Client, inbox: &str) -> Result<Chat> {
    let visitor = nobody.visitor(inbox);
    let started = visitor.post("/api/v1/widget/chat/conversations/init", json!({"message": QUESTION})).await?;
    let visitor = visitor.known_by(&text_at(&started, "/session_token")?).visitor_socket().await?;
    Ok(Chat { uuid: text_at(&started, "/conversation/uuid")?, visitor })
}

/// Waits until the agent's socket shows the conversation as theirs.
async fn wait_for_assignment(socket: &mut Socket, uuid: &str, agent: i64) -> Result<()> {
    let is_theirs = |item: &Value| item["uuid"] == uuid && item["assigned_user_id"] == agent;
    let look = |frame: &Value| (is_theirs(&frame["data"]) || is_theirs(&frame["data"]["conversation"])).then_some(());
    socket.wait_for(look).await
}

/// The agent answers, and the visitor hears it.
async fn answer(amy: &Client, mut chat: Chat) -> Result<()> {
    let reply = json!({"message": ANSWER, "sender_type": "agent", "private": false, "echo_id": "demo-1"});
    amy.post(&format!("/api/v1/conversations/{}/messages", chat.uuid), reply).await?;
    step(format_args!("Amy answered {ANSWER:?}"))?;
    let is_answer = |frame: &Value| frame["type"] == "new_message" && frame["data"]["text_content"] == ANSWER;
    chat.visitor.wait_for(|frame| is_answer(frame).then_some(())).await.context("the visitor waits for an answer")?;
    step("The visitor's socket received the answer")
}

/// Prints why the conversation is where it is.
async fn tell_why(admin: &Client, uuid: &str) -> Result<()> {
    let routing = admin.get(&format!("/api/v1/conversations/{uuid}/routing")).await?;
    let words: Vec<&str> = routing["words"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    ensure!(!words.is_empty(), "the desk does not say why");
    for line in words {
        out::line(format_args!("        {line}"))?;
    }
    Ok(())
}

fn step(text: impl std::fmt::Display) -> Result<()> {
    Ok(out::line(format_args!("  ok  {text}"))?)
}
