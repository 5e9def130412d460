//! Agents at desk programs whose channels change.

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_app::auth::DeskSignIn;
use muster_app::integrations::NewIntegration;
use muster_core::Refusal;
use muster_core::actor::Caller;
use muster_core::agent::{Channel, Mode, Profile};
use muster_core::id::AgentId;
use muster_core::integration::{Integration, Proof};
use muster_core::presence::{LeaseKind, Link};
use muster_testkit::{TestDesk, TestEngine, both_engines};

use super::{PASSWORD, assert_refused, caller, desk, event_names, new_agent, origin, read, update};

both_engines!(
    a_mode_that_goes_gives_way_to_the_first_permitted,
    a_mode_that_stays_is_left_alone,
    without_any_mode_the_desk_sign_in_ends,
    who_is_there_by_a_socket_too_stays,
);

const KIND: &str = "switchboard";

async fn switchboard(desk: &TestDesk) -> Integration {
    let new = NewIntegration { kind: KIND, name: "Switchboard".to_owned(), teams: None, proof: Proof::Either };
    desk.app.create_integration(&Caller::operator(), new).await.unwrap().integration
}

fn switched(channels: &[(Channel, bool)]) -> AgentPatch {
    let extension = AgentExtension { channels: channels.to_vec(), ..AgentExtension::default() };
    AgentPatch { extension, ..AgentPatch::default() }
}

/// An agent for calls in, calls out and chat, at work in chat.
async fn kim(desk: &TestDesk) -> (Profile, Integration) {
    let extension = switched(&[(Channel::Inbound, true), (Channel::Manual, true)]).extension;
    let new = NewAgent { extension, ..new_agent("kim@example.org") };
    desk.app.create_agent(&Caller::operator(), new).await.unwrap();
    let switchboard = switchboard(desk).await;
    let phone = Some("+4930123456".to_owned());
    let sign_in = DeskSignIn { password_kind: KIND, mode: Some(Mode::Chat), paused: None, phone };
    let kim = desk.app.sign_in_at_desk(&origin(), &switchboard, "kim", PASSWORD, sign_in).await.unwrap();
    assert_eq!((kim.state.mode, kim.state.link), (Some(Mode::Chat), Link::Live));
    (kim, switchboard)
}

async fn switch(desk: &TestDesk, id: AgentId, channels: &[(Channel, bool)]) -> Profile {
    let changed = update(desk, id, switched(channels)).await.unwrap();
    assert_eq!(changed, read(desk, id).await);
    changed
}

async fn a_mode_that_goes_gives_way_to_the_first_permitted(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, _) = kim(&desk).await;
    let moved = switch(&desk, kim.agent.id, &[(Channel::Chat, false)]).await;
    assert_eq!((moved.state.mode, moved.state.link), (Some(Mode::Inbound), Link::Live));
    assert_eq!((&moved.state.phone, moved.state.lease_until), (&kim.state.phone, kim.state.lease_until));
    assert!(moved.state.epoch > kim.state.epoch);
    let moved = switch(&desk, kim.agent.id, &[(Channel::Inbound, false), (Channel::Blended, true)]).await;
    assert_eq!(moved.state.mode, Some(Mode::Blended));
}

async fn a_mode_that_stays_is_left_alone(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, _) = kim(&desk).await;
    let moved = switch(&desk, kim.agent.id, &[(Channel::Inbound, false), (Channel::Blended, true)]).await;
    assert_eq!(moved.state.mode, Some(Mode::Chat));
    assert_eq!(moved.state.state_since, kim.state.state_since);
}

async fn without_any_mode_the_desk_sign_in_ends(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, switchboard) = kim(&desk).await;
    let none = [(Channel::Inbound, false), (Channel::Manual, false), (Channel::Chat, false)];
    let out = switch(&desk, kim.agent.id, &none).await;
    assert_eq!((out.state.mode, out.state.link, out.state.lease_until), (None, Link::Absent, None));
    assert!(out.state.epoch > kim.state.epoch);
    let again = desk.app.sign_out_at_desk(&origin(), &switchboard, "kim", PASSWORD, KIND).await;
    assert_refused(again, Refusal::NotPresent(kim.agent.id));
    assert_eq!(event_names(&desk).await.iter().filter(|name| **name == "presence.changed").count(), 2);
}

async fn who_is_there_by_a_socket_too_stays(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (kim, _) = kim(&desk).await;
    desk.app.prove_presence(&caller(&kim), "socket", LeaseKind::Socket, true).await.unwrap();
    let none = [(Channel::Inbound, false), (Channel::Manual, false), (Channel::Chat, false)];
    let out = switch(&desk, kim.agent.id, &none).await;
    assert_eq!((out.state.mode, out.state.link), (None, Link::Live));
}
