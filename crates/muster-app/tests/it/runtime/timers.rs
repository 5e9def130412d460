use std::time::Duration;

use muster_app::conversations::StatusRef;
use muster_app::messages::NewReply;
use muster_core::actor::Caller;
use muster_core::conversation::{Category, SNOOZED};
use muster_core::message::ContentType;
use muster_core::presence::{LeaseKind, SOCKET_LEASE, Shown, Wish};
use muster_testkit::{AgentHandle, TestDesk, TestEngine, VisitorHandle, both_engines};

async fn shown(desk: &TestDesk, agent: &AgentHandle) -> Shown {
    let profile = desk.profile(agent).await;
    profile.state.shown(&profile.agent, desk.now())
}

async fn assignee(desk: &TestDesk, visitor: &VisitorHandle) -> Option<muster_core::id::AgentId> {
    desk.app.conversation(&Caller::operator(), visitor.conversation).await.unwrap().conversation.assignee
}

async fn a_lease_runs_out_at_its_instant(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    desk.app.prove_presence(&kim.caller(), "socket", LeaseKind::Socket, true).await.unwrap();
    desk.advance(SOCKET_LEASE - Duration::from_millis(1)).await;
    assert_eq!(shown(&desk, &kim).await, Shown::Ready);
    desk.advance(Duration::from_millis(1)).await;
    assert_eq!(desk.profile(&kim).await.state.link, muster_core::presence::Link::Absent);
    assert_eq!(shown(&desk, &kim).await, Shown::Offline);
}

async fn waiting_chats_of_who_went_away_go_to_others(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    desk.app.prove_presence(&kim.caller(), "socket", LeaseKind::Socket, true).await.unwrap();
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
    let lee = desk.agent("lee").online().await;
    let return_after = desk.app.settings().routing.return_after;
    desk.advance(SOCKET_LEASE + return_after - Duration::from_millis(1)).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
    desk.advance(Duration::from_millis(1)).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(lee.id));
}

async fn who_comes_back_in_time_keeps_the_chats(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    desk.app.prove_presence(&kim.caller(), "socket", LeaseKind::Socket, true).await.unwrap();
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    desk.agent("lee").online().await;
    desk.advance(SOCKET_LEASE + Duration::from_secs(30)).await;
    desk.goes_online(&kim).await;
    desk.advance(Duration::from_secs(3600)).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
}

async fn a_customer_who_writes_to_an_absent_agent_is_answered_by_another(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").await;
    desk.app.prove_presence(&kim.caller(), "socket", LeaseKind::Socket, true).await.unwrap();
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    let reply = NewReply {
        content: "Let me look".to_owned(),
        content_type: ContentType::Text,
        private: false,
        as_contact: false,
        client_ref: None,
        meta: serde_json::Map::new(),
        mentions: muster_core::mention::Mentions::default(),
        attachments: Vec::new(),
    };
    desk.app.send_message(&kim.caller(), visitor.conversation, reply).await.unwrap();
    let lee = desk.agent("lee").online().await;
    desk.advance(Duration::from_secs(3600)).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id), "nobody waits for an answer");
    desk.app.visitor_send(&visitor.caller(), visitor.conversation, "And?", None).await.unwrap();
    desk.advance(desk.app.settings().routing.return_after).await;
    assert_eq!(assignee(&desk, &visitor).await, Some(lee.id));
}

async fn a_snoozed_conversation_wakes_at_its_instant(engine: TestEngine) {
    let desk = TestDesk::new(engine).await;
    let kim = desk.agent("kim").online().await;
    let inbox = desk.inbox().await;
    let visitor = desk.visitor(&inbox, "Hello").await;
    desk.quiet().await;
    let nap = Duration::from_secs(1800);
    desk.app.set_status(&kim.caller(), visitor.conversation, StatusRef::Id(SNOOZED), Some(nap)).await.unwrap();
    let category = async || {
        let view = desk.app.conversation(&Caller::operator(), visitor.conversation).await.unwrap();
        view.conversation.category
    };
    desk.advance(nap - Duration::from_millis(1)).await;
    assert_eq!(category().await, Category::Waiting);
    desk.advance(Duration::from_millis(1)).await;
    assert_eq!(category().await, Category::Open);
    assert_eq!(assignee(&desk, &visitor).await, Some(kim.id));
}

async fn timers_due_while_the_desk_was_down_ring_at_its_start(engine: TestEngine) {
    let desk = TestDesk::idle(engine, |_| {}).await;
    desk.app.ensure_built_ins().await.unwrap();
    let kim = desk.agent("kim").online().await;
    desk.app.set_my_presence(&kim.caller(), Wish::Ready, false).await.unwrap();
    desk.clock.jump(Duration::from_secs(24 * 3600));
    assert_eq!(desk.profile(&kim).await.state.link, muster_core::presence::Link::Live);
    desk.app.start().await.unwrap();
    desk.quiet().await;
    assert_eq!(desk.profile(&kim).await.state.link, muster_core::presence::Link::Absent);
}

both_engines!(
    a_lease_runs_out_at_its_instant,
    waiting_chats_of_who_went_away_go_to_others,
    who_comes_back_in_time_keeps_the_chats,
    a_customer_who_writes_to_an_absent_agent_is_answered_by_another,
    a_snoozed_conversation_wakes_at_its_instant,
    timers_due_while_the_desk_was_down_ring_at_its_start,
);
