//! What people do in the race: most of it to conversations, some of it to those who answer them.

use reqwest::Method;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::cast::{Agent, CAPPED, Cast, SKILLS, tries};
use crate::client::Client;
use muster_testkit::dice::Dice;

/// The turns of one taker, who is one of the agents.
pub(super) async fn work(cast: &Cast, number: usize, turns: usize) {
    let mut dice = Dice::new(u64::try_from(number).unwrap());
    let me = &cast.agents[number % cast.agents.len()];
    for turn in 0..turns {
        let (who, method, what, body) = turn_of(cast, me, &mut dice, &format!("{number}-{turn}"));
        let path = format!("/api/v1/conversations/{}/{what}", cast.conversation(&mut dice));
        tries(who, method, &path, body).await;
    }
}

/// Who asks what of a conversation.
fn turn_of<'c>(
    cast: &'c Cast,
    me: &'c Agent,
    dice: &mut Dice,
    echo: &str,
) -> (&'c Client, Method, &'static str, Value) {
    let (mine, admin) = (&me.client, &cast.admin);
    let (what, client, body) = match dice.below(16) {
        0..=2 => ("assignee/user", mine, json!({"assignee_id": me.id})),
        3 => ("assignee/user", mine, json!({"assignee_id": me.id, "expected_assignee_id": null})),
        4 | 5 => ("assignee/user", admin, json!({"assignee_id": dice.pick(&cast.agents).id})),
        6 => ("assignee/user/remove", admin, json!({})),
        7 => ("assignee/user/remove", mine, json!({})),
        8 => ("assignee/team", admin, json!({"assignee_id": dice.pick(&cast.teams)})),
        9 => ("assignee/team/remove", admin, json!({})),
        10 => ("priority", admin, json!({"priority": dice.pick(&["Highest", "Low", "Medium"])})),
        11 => ("status", admin, json!({"status": "Snoozed", "snoozed_until": dice.pick(&["1s", "2s", "1h"])})),
        12 => ("status", admin, json!({"status": dice.pick(&["Resolved", "Closed"])})),
        13 | 14 => ("status", admin, json!({"status": "Open"})),
        _ => {
            let reply = json!({"message": "One moment.", "sender_type": "agent", "private": false, "echo_id": echo});
            return (mine, Method::POST, "messages", reply);
        }
    };
    (client, Method::PUT, what, body)
}

/// Moves what makes agents able, for so many turns and until it is over. Whatever takes ability away is taken back in
/// the end.
pub(super) async fn come_and_go(cast: &Cast, number: usize, turns: usize, over: &CancellationToken) {
    let mut dice = Dice::new(1000 + u64::try_from(number).unwrap());
    let mut turn = 0;
    while turn < turns || !over.is_cancelled() {
        turn += 1;
        let agent = dice.pick(&cast.agents);
        match dice.below(11) {
            0..=2 => {
                let words = ["online", "online", "away", "away_manual", "offline", "away_and_reassigning"];
                agent.says(dice.pick::<&str>(&words)).await;
            }
            3 => be_seen(&agent.client).await,
            4 | 5 => change(cast, agent, &json!({"capacity": dice.below(7)})).await,
            6 => take_away(cast, agent, &mut dice).await,
            7 => {
                let capacity = dice.pick(&[None, Some(0), Some(1), Some(3)]);
                let seat = json!({"name": dice.pick(&[CAPPED, CAPPED, "Billing"]), "capacity": capacity});
                change(cast, agent, &json!({"memberships": [seat]})).await;
            }
            8 => {
                let among = [&SKILLS[..], &SKILLS[1..], &[]];
                let skills: Vec<Value> = dice.pick(&among).iter().map(|skill| json!({"name": skill})).collect();
                change(cast, agent, &json!({"skills": skills})).await;
            }
            9 => {
                let mut update = agent.with(&json!({}));
                update["teams"] = json!([dice.pick(&cast.teams), dice.pick(&cast.teams), CAPPED]);
                tries(&cast.admin, Method::PUT, &agent.path(), update).await;
            }
            _ => change_team(cast, &mut dice).await,
        }
        if dice.below(2) == 0 {
            agent.says("online").await;
        }
    }
}

async fn change(cast: &Cast, agent: &Agent, extension: &Value) {
    tries(&cast.admin, Method::PUT, &agent.path(), agent.with(extension)).await;
}

/// Ends an account's use for a moment.
async fn take_away(cast: &Cast, agent: &Agent, dice: &mut Dice) {
    let flag = *dice.pick(&["enabled", "locked", "serves"]);
    for is_able in [false, true] {
        let mut update = agent.with(&json!({}));
        match flag {
            "enabled" => update["enabled"] = json!(is_able),
            "locked" => update["muster"]["locked"] = json!(!is_able),
            flag => update["muster"][flag] = json!(is_able),
        }
        tries(&cast.admin, Method::PUT, &agent.path(), update).await;
    }
    agent.says("online").await;
}

/// Moves a team's rules. The capped team's own stay as they are.
async fn change_team(cast: &Cast, dice: &mut Dice) {
    let billing = format!("/api/v1/teams/{}", cast.teams[0]);
    let hands = format!("/api/v1/teams/{}", cast.teams[3]);
    let (path, moves) = match dice.below(3) {
        0 => (billing, [json!({"muster": {"enabled": false}}), json!({"muster": {"enabled": true}})]),
        1 => (hands, ["Manual", "Round robin"].map(|mode| json!({"conversation_assignment_type": mode}))),
        _ => (billing, [1, 0].map(|cap| json!({"max_auto_assigned_conversations": cap}))),
    };
    for update in moves {
        tries(&cast.admin, Method::PUT, &path, update).await;
    }
}

/// Opens a socket, is heard, and is gone.
async fn be_seen(client: &Client) {
    // Refused while the account can't be used.
    let Ok(mut socket) = client.socket().await else { return };
    if socket.send(&json!({"type": "ping"})).await.is_ok() {
        drop(socket.next().await);
    }
}
