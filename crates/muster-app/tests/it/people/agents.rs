//! Creating, changing and deleting agents.

use std::time::Duration;

use muster_app::agents::{AgentExtension, AgentPatch, MembershipPatch, NewAgent};
use muster_app::skills::NewSkill;
use muster_core::actor::Caller;
use muster_core::agent::{Channel, Channels, MembershipRole};
use muster_core::id::{AgentId, RoleId, SkillId, TeamId};
use muster_core::presence::Shown;
use muster_core::view::AgentListing;
use muster_core::{Entity, Refusal};
use muster_testkit::{TestDesk, TestEngine, both_engines};
use serde_json::json;

use super::{
    agent, agent_with_roles, assert_conflict, assert_invalid, assert_not_found, assert_refused, built_in, caller,
    conversation, desk, digest, event_names, id, inbox, new_agent, offer, read, role, team, update,
};

both_engines!(
    a_new_agent_has_what_was_asked_for,
    sign_in_names_are_one_name_space,
    generated_logins_count_up,
    many_agents_of_one_name_are_created_at_once,
    what_is_already_so_changes_nothing,
    a_stale_version_is_a_conflict,
    kept_memberships_are_untouched,
    whoever_joins_starts_at_the_lowest_count,
    memberships_are_changed_only_where_they_exist,
    what_can_take_work_away_raises_the_epoch,
    attributes_merge_by_key,
    blended_mode_copies_the_plain_switches,
    a_deleted_agents_names_are_free_again,
    the_system_agent_stays_as_it_is,
    lists_hold_people_latest_changed_first,
    lists_tell_what_agents_hold_and_do,
);

async fn a_new_agent_has_what_was_asked_for(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, agent_role) = (team(&desk, "Support").await, built_in(&desk, "agent").await);
    let new = NewAgent {
        roles: vec![agent_role],
        teams: vec![support],
        extension: AgentExtension { capacity: Some(Some(3)), rank: Some(7), ..AgentExtension::default() },
        ..new_agent(" Kim.Lee@Example.org ")
    };
    let created = desk.app.create_agent(&admin, new).await.unwrap();
    assert_eq!(created, read(&desk, created.agent.id).await);
    assert_eq!(created.agent.email.as_deref(), Some("kim.lee@example.org"));
    assert_eq!((created.agent.login.as_str(), created.agent.name().as_str()), ("kim.lee", "Kim Lee"));
    assert_eq!((created.agent.capacity, created.agent.rank, created.agent.version), (Some(3), 7, 1));
    assert_eq!(created.agent.channels, Channels::DEFAULT);
    assert_eq!(created.roles[0].id, agent_role);
    assert!(created.answers() && created.agent.serves && created.agent.enabled && !created.agent.locked);
    assert_eq!(created.teams[0].membership.role, MembershipRole::Agent);
    let events = event_names(&desk).await;
    for name in ["agent.created", "agent.roles_changed", "membership.added", "password.set"] {
        assert!(events.contains(&name), "{name}");
    }
}

async fn sign_in_names_are_one_name_space(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    agent(&desk, "jane@example.org").await;
    let with_login = |email: &str, login: &str| NewAgent { login: Some(login.to_owned()), ..new_agent(email) };
    let taken = [
        (new_agent("JANE@example.org"), Refusal::EmailTaken),
        (with_login("b@example.org", "Jane"), Refusal::LoginTaken),
        (with_login("b@example.org", "system"), Refusal::LoginTaken),
    ];
    let before = digest(&desk).await;
    for (new, refusal) in taken {
        assert_refused(desk.app.create_agent(&admin, new).await, refusal);
    }
    assert_invalid(desk.app.create_agent(&admin, with_login("b@example.org", "jane@example.org")).await, "login");
    assert_eq!(before, digest(&desk).await);
    let other = desk.app.create_agent(&admin, with_login("b@example.org", "b@example.org")).await.unwrap();
    let rename = |login: &str| AgentPatch { login: Some(login.to_owned()), ..AgentPatch::default() };
    assert_refused(update(&desk, other.agent.id, rename("jane")).await, Refusal::LoginTaken);
    let moved = AgentPatch { email: Some("jane@example.org".to_owned()), ..rename("b") };
    assert_refused(update(&desk, other.agent.id, moved).await, Refusal::EmailTaken);
    update(&desk, other.agent.id, rename("B")).await.unwrap();
    assert_eq!(read(&desk, other.agent.id).await.agent.login, "B");
}

async fn generated_logins_count_up(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let mut logins = Vec::new();
    for domain in ["a.example.org", "b.example.org", "c.example.org"] {
        logins.push(agent(&desk, &format!("jane@{domain}")).await.agent.login);
    }
    assert_eq!(logins, ["jane", "jane-2", "jane-3"]);
}

async fn many_agents_of_one_name_are_created_at_once(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let news = (0..8).map(|n| NewAgent { password: None, ..new_agent(&format!("jane@d{n}.example.org")) });
    let created = futures_util::future::join_all(news.map(|new| desk.app.create_agent(&admin, new))).await;
    let mut logins: Vec<_> = created.into_iter().map(|created| created.unwrap().agent.login).collect();
    logins.sort();
    logins.dedup();
    assert_eq!(logins.len(), 8);
}

async fn what_is_already_so_changes_nothing(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, agent_role) = (team(&desk, "Support").await, built_in(&desk, "agent").await);
    let new = NewAgent { roles: vec![agent_role], teams: vec![support], ..new_agent("kim@example.org") };
    let created = desk.app.create_agent(&admin, new).await.unwrap();
    desk.advance(Duration::from_secs(1)).await;
    let before = digest(&desk).await;
    let same = AgentPatch {
        login: Some("kim".to_owned()),
        email: Some("Kim@example.org".to_owned()),
        first_name: Some("Kim".to_owned()),
        last_name: Some("Lee".to_owned()),
        roles: Some(vec![agent_role]),
        teams: Some(vec![support]),
        enabled: Some(true),
        extension: AgentExtension {
            locked: Some(false),
            serves: Some(true),
            capacity: Some(None),
            channels: vec![(Channel::Chat, true)],
            skills: Some(Vec::new()),
            ..AgentExtension::default()
        },
        ..AgentPatch::default()
    };
    assert_eq!(update(&desk, created.agent.id, same).await.unwrap(), created);
    assert_eq!(update(&desk, created.agent.id, AgentPatch::default()).await.unwrap(), created);
    assert_eq!(before, digest(&desk).await);
}

async fn a_stale_version_is_a_conflict(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await;
    let rename = |name: &str, version| AgentPatch {
        first_name: Some(name.to_owned()),
        if_version: Some(version),
        ..AgentPatch::default()
    };
    assert_eq!(update(&desk, kim.agent.id, rename("Kit", 1)).await.unwrap().agent.version, 2);
    assert_conflict(update(&desk, kim.agent.id, rename("Ken", 1)).await, Entity::Agent);
    assert_eq!(read(&desk, kim.agent.id).await.agent.first_name, "Kit");
}

async fn kept_memberships_are_untouched(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let teams = |teams: &[TeamId]| AgentPatch { teams: Some(teams.to_vec()), ..AgentPatch::default() };
    update(&desk, kim, teams(&[support, sales])).await.unwrap();
    let chosen = MembershipPatch {
        team: support,
        role: Some(MembershipRole::Manager),
        capacity: Some(Some(2)),
        order: Some(-4),
    };
    let extension = AgentExtension { memberships: Some(vec![chosen]), ..AgentExtension::default() };
    update(&desk, kim, AgentPatch { extension, ..AgentPatch::default() }).await.unwrap();
    let before = read(&desk, kim).await.teams[0].clone();
    let after = update(&desk, kim, teams(&[support])).await.unwrap();
    assert_eq!(after.teams, [before]);
    assert!(update(&desk, kim, teams(&[])).await.unwrap().teams.is_empty());
    assert_not_found(update(&desk, kim, teams(&[TeamId(999)])).await, Entity::Team);
    let events = event_names(&desk).await;
    assert_eq!(events.iter().filter(|name| **name == "membership.removed").count(), 2);
}

async fn whoever_joins_starts_at_the_lowest_count(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let joins = AgentPatch { teams: Some(vec![support]), ..AgentPatch::default() };
    for (email, counted) in [("a@example.org", 5), ("b@example.org", 3)] {
        let agent = agent(&desk, email).await.agent.id;
        update(&desk, agent, joins.clone()).await.unwrap();
        for _ in 0..counted {
            let seat = desk.app.store().write(move |tx| {
                Box::pin(async move { muster_store::agents::claim_seat(tx, agent, support, None).await })
            });
            assert!(seat.await.unwrap());
        }
    }
    let newcomer = agent(&desk, "c@example.org").await.agent.id;
    let joined = update(&desk, newcomer, joins).await.unwrap();
    assert_eq!(joined.teams[0].membership.assignment_count, 5, "as the first one, for the second began there");
}

async fn memberships_are_changed_only_where_they_exist(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let patch = MembershipPatch { team: support, role: None, capacity: None, order: Some(1) };
    let extension = AgentExtension { memberships: Some(vec![patch]), ..AgentExtension::default() };
    let before = digest(&desk).await;
    let patch = AgentPatch { extension, first_name: Some("Kit".to_owned()), ..AgentPatch::default() };
    assert_refused(update(&desk, kim, patch.clone()).await, Refusal::NotMember);
    assert_eq!(before, digest(&desk).await);
    let both = AgentPatch { teams: Some(vec![support]), ..patch };
    assert_eq!(update(&desk, kim, both).await.unwrap().teams[0].membership.order, 1);
}

async fn what_can_take_work_away_raises_the_epoch(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let support = team(&desk, "Support").await;
    let agent_role = built_in(&desk, "agent").await;
    let french = desk.app.create_skill(&admin, NewSkill { name: "French".to_owned(), ..NewSkill::default() });
    let french = french.await.unwrap().id;
    let extended = |extension| AgentPatch { extension, ..AgentPatch::default() };
    let skills = |skills: &[(SkillId, u8)]| AgentExtension { skills: Some(skills.to_vec()), ..Default::default() };
    let start =
        AgentPatch { teams: Some(vec![support]), roles: Some(vec![agent_role]), ..extended(skills(&[(french, 90)])) };
    let analyst = MembershipPatch { team: support, role: Some(MembershipRole::Analyst), capacity: None, order: None };
    let cases = [
        ("disable", AgentPatch { enabled: Some(false), ..AgentPatch::default() }),
        ("lock", extended(AgentExtension { locked: Some(true), ..Default::default() })),
        ("serves", extended(AgentExtension { serves: Some(false), ..Default::default() })),
        ("roles", AgentPatch { roles: Some(Vec::new()), ..AgentPatch::default() }),
        ("teams", AgentPatch { teams: Some(Vec::new()), ..AgentPatch::default() }),
        ("capacity", extended(AgentExtension { capacity: Some(Some(1)), ..Default::default() })),
        ("channels", extended(AgentExtension { channels: vec![(Channel::Chat, false)], ..Default::default() })),
        ("skill", extended(skills(&[]))),
        ("level", extended(skills(&[(french, 10)]))),
        ("membership", extended(AgentExtension { memberships: Some(vec![analyst]), ..Default::default() })),
    ];
    for (name, patch) in cases {
        let kim = agent(&desk, &format!("{name}@example.org")).await.agent.id;
        let before = update(&desk, kim, start.clone()).await.unwrap().state.epoch;
        let after = update(&desk, kim, patch).await.unwrap().state.epoch;
        assert!(after > before, "{name}: {before} to {after}");
    }
    let kim = agent(&desk, "name@example.org").await;
    let renamed = AgentPatch { first_name: Some("Kit".to_owned()), ..AgentPatch::default() };
    assert_eq!(update(&desk, kim.agent.id, renamed).await.unwrap().state.epoch, kim.state.epoch);
}

async fn attributes_merge_by_key(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let attributes = |values: serde_json::Value| AgentPatch {
        extension: AgentExtension { attributes: serde_json::from_value(values).unwrap(), ..Default::default() },
        ..AgentPatch::default()
    };
    offer(&desk, "business", &["Retail"]).await;
    offer(&desk, "location", &["Pune"]).await;
    update(&desk, kim, attributes(json!({ "business": "Retail", "LOCATION": "Pune" }))).await.unwrap();
    let merged = update(&desk, kim, attributes(json!({ "business": null }))).await.unwrap();
    assert_eq!(json!(merged.agent.attributes), json!({ "location": "Pune" }));
    let before = digest(&desk).await;
    assert_invalid(update(&desk, kim, attributes(json!({ "shoe_size": "43" }))).await, "attributes");
    assert_invalid(update(&desk, kim, attributes(json!({ "business": 7 }))).await, "attributes");
    assert_eq!(before, digest(&desk).await);
}

async fn blended_mode_copies_the_plain_switches(engine: TestEngine) {
    let (desk, _) = desk(engine).await;
    let kim = agent(&desk, "kim@example.org").await.agent.id;
    let channels = |channels: &[(Channel, bool)]| AgentPatch {
        extension: AgentExtension { channels: channels.to_vec(), ..Default::default() },
        ..AgentPatch::default()
    };
    let switched = update(&desk, kim, channels(&[(Channel::Blended, true), (Channel::Chat, false)])).await.unwrap();
    assert!(!switched.agent.channels.allow_text(None));
    let chosen = update(&desk, kim, channels(&[(Channel::BlendedChat, true)])).await.unwrap();
    assert!(chosen.agent.channels.allow_text(None));
}

async fn a_deleted_agents_names_are_free_again(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let agent_role = built_in(&desk, "agent").await;
    let first = agent_with_roles(&desk, "kim@example.org", &[agent_role]).await.agent;
    assert_refused(desk.app.delete_agent(&admin, id(&admin)).await, Refusal::Self_);
    desk.app.delete_agent(&admin, first.id).await.unwrap();
    let before = digest(&desk).await;
    desk.app.delete_agent(&admin, first.id).await.unwrap();
    assert_eq!(before, digest(&desk).await);
    assert_not_found(desk.app.agent(&admin, first.id).await, Entity::Agent);
    assert_not_found(update(&desk, first.id, AgentPatch::default()).await, Entity::Agent);
    let second = agent(&desk, "kim@example.org").await;
    assert_eq!(second.agent.login, first.login);
    assert_ne!((second.agent.id, second.agent.public_id), (first.id, first.public_id));
    assert!(second.roles.is_empty() && second.api_key.is_none());
}

async fn the_system_agent_stays_as_it_is(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let system = AgentId(1);
    assert_eq!(read(&desk, system).await.agent.login, "System");
    let before = digest(&desk).await;
    let patch = AgentPatch { first_name: Some("Other".to_owned()), ..AgentPatch::default() };
    assert_refused(update(&desk, system, patch).await, Refusal::BuiltIn(Entity::Agent));
    assert_refused(desk.app.delete_agent(&admin, system).await, Refusal::BuiltIn(Entity::Agent));
    let key = desk.app.create_api_key(&admin, system, None).await;
    assert_refused(key, Refusal::BuiltIn(Entity::Agent));
    desk.app.ensure_built_ins().await.unwrap();
    assert_eq!(before, digest(&desk).await);
}

async fn lists_hold_people_latest_changed_first(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let mut made = vec![id(&admin)];
    for email in ["a@example.org", "b@example.org"] {
        desk.advance(Duration::from_secs(1)).await;
        made.push(agent(&desk, email).await.agent.id);
    }
    desk.advance(Duration::from_secs(1)).await;
    let renamed = AgentPatch { last_name: Some(String::new()), ..AgentPatch::default() };
    update(&desk, made[1], renamed).await.unwrap();
    let listed = desk.app.list_agents(&admin).await.unwrap();
    let ids: Vec<_> = listed.iter().map(|listing| listing.summary.id).collect();
    assert_eq!(ids, [made[1], made[2], made[0]]);
    let summaries: Vec<_> = listed.into_iter().map(|listing| listing.summary).collect();
    assert_eq!(desk.app.agents_compact(&admin).await.unwrap(), summaries);
    let plain = role(&desk, "Plain", &[muster_core::permission::Permission::MessagesRead]).await;
    refuses_unknown_references(&desk, plain).await;
}

async fn lists_tell_what_agents_hold_and_do(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let (support, sales) = (team(&desk, "Support").await, team(&desk, "Sales").await);
    let roles = vec![built_in(&desk, "agent").await, built_in(&desk, "manager").await];
    let extension = AgentExtension { capacity: Some(Some(4)), ..AgentExtension::default() };
    let new = NewAgent { roles, teams: vec![sales, support], extension, ..new_agent("kim@example.org") };
    let kim = desk.app.create_agent(&admin, new).await.unwrap();
    desk.advance(Duration::from_secs(1)).await;
    desk.app.pause_myself(&caller(&kim), Some("Lunch")).await.unwrap();
    let uuid = conversation(&desk, &admin, inbox(&desk).await, |_| {}).await;
    desk.app.assign_agent(&admin, uuid, kim.agent.id, None).await.unwrap();
    let locked = AgentExtension { locked: Some(true), ..AgentExtension::default() };
    let lee = agent(&desk, "lee@example.org").await.agent.id;
    update(&desk, lee, AgentPatch { extension: locked, ..AgentPatch::default() }).await.unwrap();
    let listed = desk.app.list_agents(&admin).await.unwrap();
    let of = |id: AgentId| listed.iter().find(|listing| listing.summary.id == id).unwrap();
    let AgentListing { summary, roles, teams } = of(kim.agent.id);
    assert_eq!((summary.shown, summary.state_since), (Shown::Paused, desk.now()));
    assert_eq!((summary.pause_reason.as_deref(), summary.load, summary.capacity), (Some("Lunch"), 1, Some(4)));
    assert_eq!((summary.locked, roles.as_slice()), (false, &["Agent".to_owned(), "Manager".to_owned()][..]));
    assert_eq!(
        teams.iter().map(|team| (team.id, team.name.as_str())).collect::<Vec<_>>(),
        [(support, "Support"), (sales, "Sales")]
    );
    let AgentListing { summary, roles, teams } = of(lee);
    assert_eq!((summary.locked, summary.shown, summary.capacity), (true, Shown::Blocked, None));
    assert!(roles.is_empty() && teams.is_empty());
}

async fn refuses_unknown_references(desk: &TestDesk, plain: RoleId) {
    let new = NewAgent { roles: vec![plain, RoleId(999)], ..new_agent("x@example.org") };
    assert_not_found(desk.app.create_agent(&Caller::operator(), new).await, Entity::Role);
    let given = AgentExtension { skills: Some(vec![(SkillId(9), 1)]), ..AgentExtension::default() };
    let new = NewAgent { extension: given, ..new_agent("x@example.org") };
    assert_not_found(desk.app.create_agent(&Caller::operator(), new).await, Entity::Skill);
}
