//! The permission run: every route of the router's own list against every kind of caller. Whoever is refused gets
//! exactly this status and envelope, and no table changes.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_api_libredesk::{Access, Guard};
use muster_core::permission::Permission as P;
use muster_core::role::built_ins;
use muster_http::routes::Route;
use muster_testkit::matrix::{Endpoint, callers};
use muster_testkit::{AgentHandle, Client, Reply, VisitorHandle};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::Said as _;
use crate::world::{World, is_unsafe, operator, shown};

/// Status, `error_type` and message.
type Refusal = (u16, &'static str, &'static str);

const NO_SESSION: Refusal = (401, "GeneralException", "Invalid or expired session");
const WRONG_KEY: Refusal = (401, "GeneralException", "Invalid credential");
const NO_CSRF: Refusal = (403, "PermissionException", "CSRF token mismatch");
const DENIED: Refusal = (403, "PermissionException", "Permission denied");
const SIGNED_IN: Refusal = (400, "InputException", "User already logged in");
const NO_VISITOR: Refusal = (401, "UnauthorizedException", "Unauthorized");
const NO_INBOX: Refusal = (400, "InputException", "Inbox Required");
const UNKNOWN_INBOX: Refusal = (400, "InputException", "Inbox not found");

/// What a caller shows of itself, as far as a guard can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shows {
    Nothing,
    /// A key that isn't good, or no longer.
    BadKey,
    /// A session that isn't good, or no longer, with its CSRF token.
    BadSession,
    /// A good session without its CSRF token.
    SessionAlone,
    /// A good key.
    Key,
    /// A good session with its CSRF token.
    Session,
}

/// What the route's guard answers such a caller; `None`: it lets the caller pass.
fn refusal(route: &Route<Guard>, shows: Shows) -> Option<Refusal> {
    let asks_csrf = is_unsafe(&route.method);
    match (route.guard.access, shows) {
        (Access::Always | Access::Open, _) => None,
        (Access::SignedOut, Shows::Key | Shows::Session) => Some(SIGNED_IN),
        // Without its CSRF token a session doesn't count.
        (Access::SignedOut, _) => None,
        (Access::Session, Shows::Session) => None,
        (Access::Session, Shows::SessionAlone) => asks_csrf.then_some(NO_CSRF),
        (Access::Session, Shows::BadSession) => Some(NO_SESSION),
        // A key is not looked at.
        (Access::Session, _) => Some(if asks_csrf { NO_CSRF } else { NO_SESSION }),
        (Access::OwnAccount | Access::AnyAgent | Access::Linked | Access::May(_), shows) => match shows {
            Shows::BadKey => Some(WRONG_KEY),
            Shows::Nothing | Shows::SessionAlone if asks_csrf => Some(NO_CSRF),
            Shows::Nothing | Shows::BadSession => Some(NO_SESSION),
            Shows::SessionAlone | Shows::Key | Shows::Session => None,
        },
    }
}

#[track_caller]
fn check(reply: &Reply, expected: Refusal, place: &str) {
    let (status, kind, message) = expected;
    let body = json!({"status": "error", "message": message, "data": null, "error_type": kind});
    assert_eq!((reply.status().as_u16(), reply.json()), (status, body), "{place}");
    assert_eq!(reply.header("content-type"), Some("application/json; charset=utf-8"), "{place}");
}

/// Calls every route that refuses such a caller.
async fn run(world: &World, name: &str, client: &Client, shows: Shows) {
    let expected = |endpoint: &Endpoint| {
        let mut routes = world.wire.routes.iter();
        let route = routes.find(|route| route.method == endpoint.method && route.path == endpoint.path).unwrap();
        refusal(route, shows).map(|(status, kind, message)| callers::Refusal {
            status,
            body: json!({"status": "error", "message": message, "data": null, "error_type": kind}),
        })
    };
    callers::are_refused(world, name, client, expected).await;
}

#[tokio::test]
async fn whoever_shows_no_good_credential_is_refused_everywhere() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    run(&world, "no credential", &nobody, Shows::Nothing).await;

    let (key, secret) = &world.kim.key;
    let encoded = STANDARD.encode(format!("{key}:{secret}"));
    for header in [
        String::new(),
        "Basic".to_owned(),
        "Basic ".to_owned(),
        "Basic ???".to_owned(),
        format!("Basic {}", STANDARD.encode(key)),
        format!("Basic {}", STANDARD.encode(format!("{key}:"))),
        format!("basic {encoded}"),
        format!("Bearer {secret}"),
        format!("token {key}"),
        format!("{key}:{secret}"),
    ] {
        let client = nobody.clone().header("authorization", &header);
        run(&world, &header, &client, Shows::Nothing).await;
    }
}

#[tokio::test]
async fn a_key_that_is_not_good_is_refused_everywhere() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    let (key, secret) = &world.kim.key;
    let (other, _) = &world.ada.key;
    for pair in [format!("{key}:wrong"), format!("unknown:{secret}"), format!("{other}:{secret}"), "a:b:c".to_owned()] {
        let client = nobody.clone().header("authorization", &format!("token {pair}"));
        run(&world, &pair, &client, Shows::BadKey).await;
    }

    let [disabled, locked, deleted] = three(&world).await;
    change(&world, &disabled, json!({"enabled": false})).await;
    change(&world, &locked, json!({"muster": {"locked": true}})).await;
    world.admin.delete(&format!("/api/v1/agents/{}", deleted.id.0)).await.data();
    for (name, agent) in [("disabled", &disabled), ("locked", &locked), ("deleted", &deleted)] {
        run(&world, name, &world.wire.client(agent), Shows::BadKey).await;
    }

    let revoked = world.wire.client(&world.kim);
    world.admin.delete(&format!("/api/v1/agents/{}/api-key", world.kim.id.0)).await.data();
    run(&world, "revoked", &revoked, Shows::BadKey).await;
}

async fn three(world: &World) -> [AgentHandle; 3] {
    let agent = |name: &'static str| world.wire.desk.agent(name).role("Admin").password();
    [agent("dan").await, agent("lou").await, agent("del").await]
}

/// Updates an agent; what isn't named stays.
async fn change(world: &World, agent: &AgentHandle, mut fields: Value) {
    let name = agent.email.split('@').next().unwrap();
    fields["first_name"] = json!(name);
    fields["email"] = json!(agent.email);
    fields["roles"] = json!(["Admin"]);
    world.admin.put(&format!("/api/v1/agents/{}", agent.id.0), &fields).await.data();
}

#[tokio::test]
async fn a_session_that_is_not_good_is_refused_everywhere() {
    let world = World::new().await;
    let [disabled, locked, _] = three(&world).await;

    let ended = world.wire.sign_in("ada@example.org").await;
    assert_eq!(ended.get("/logout").await.status(), 302);
    run(&world, "signed out", &ended, Shows::BadSession).await;

    let [of_disabled, of_locked] =
        [world.wire.sign_in("dan@example.org").await, world.wire.sign_in("lou@example.org").await];
    change(&world, &disabled, json!({"enabled": false})).await;
    change(&world, &locked, json!({"muster": {"locked": true}})).await;
    for (name, session) in [("disabled", of_disabled), ("locked", of_locked)] {
        let told = "Your account is disabled, Please contact administrator";
        session.get("/api/v1/agents/me").await.refuses(403, "PermissionException", told);
        run(&world, name, &session, Shows::BadSession).await;
    }

    let expired = world.wire.sign_in("ada@example.org").await;
    world.wire.desk.advance(Duration::from_secs(24 * 3600)).await;
    run(&world, "expired", &expired, Shows::BadSession).await;
}

#[tokio::test]
async fn a_session_without_its_csrf_token_changes_nothing() {
    let world = World::new().await;
    let one = world.wire.sign_in("ada@example.org").await;
    let other = world.wire.sign_in("ada@example.org").await;
    let (cookies, csrf) = (sent(&one, "cookie"), sent(&other, "x-csrftoken"));
    let session = cookies.split("; ").find(|cookie| cookie.starts_with("libredesk_session=")).unwrap();
    let nobody = world.wire.nobody();
    let planted = nobody.clone().header("cookie", &format!("{session}; csrf_token={csrf}"));
    for (name, client) in [
        ("no token at all", nobody.clone().header("cookie", session)),
        ("no header", nobody.clone().header("cookie", &cookies)),
        ("no cookie", nobody.clone().header("cookie", session).header("x-csrftoken", &sent(&one, "x-csrftoken"))),
        ("an empty header", one.clone().header("x-csrftoken", "")),
        ("another header", one.clone().header("x-csrftoken", &csrf)),
        ("another session's token", planted.header("x-csrftoken", &csrf)),
    ] {
        run(&world, name, &client, Shows::SessionAlone).await;
    }
}

/// A header that the client sends with each request.
fn sent(client: &Client, name: &str) -> String {
    let request = client.request(Method::GET, "/").build().unwrap();
    request.headers()[name].to_str().unwrap().to_owned()
}

#[tokio::test]
async fn who_is_signed_in_resets_no_password() {
    let world = World::new().await;
    run(&world, "key", &world.admin, Shows::Key).await;
    run(&world, "session", &world.wire.sign_in("kim@example.org").await, Shows::Session).await;
}

#[tokio::test]
async fn what_asks_for_nobody_does_not_look_at_credentials() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    let wrong = nobody.clone().header("authorization", "token key:secret");
    for route in &world.wire.routes {
        let asks_nobody = matches!(route.guard.access, Access::Always | Access::Open | Access::SignedOut);
        if asks_nobody && !route.path.contains("/widget/") {
            let (without, with) = (world.call(&nobody, route).await, world.call(&wrong, route).await);
            assert_eq!(without.status(), with.status(), "{}", shown(route));
            assert!(![401, 403].contains(&with.status().as_u16()), "{}", with.shown());
        }
    }
}

/// The documented words, without one.
fn all_but(permission: P) -> Vec<&'static str> {
    let rest = P::ALL.iter().filter(|other| **other != permission && !other.is_fine());
    rest.map(|permission| permission.as_str()).collect()
}

/// Every permission that a route asks for.
fn asked(world: &World) -> BTreeSet<P> {
    let asked = world.wire.routes.iter().filter_map(|route| match route.guard.access {
        Access::May(permission) => Some(permission),
        _ => None,
    });
    asked.collect()
}

fn routes_of(world: &World, permission: P) -> impl Iterator<Item = &Route<Guard>> {
    world.wire.routes.iter().filter(move |route| route.guard.access == Access::May(permission))
}

#[tokio::test]
async fn every_right_but_the_one_asked_for_is_not_enough() {
    let world = World::new().await;
    for permission in asked(&world) {
        let agent = world.holder(&permission.as_str().replace(':', "-"), &all_but(permission)).await;
        check_denied(&world, permission.as_str(), &world.wire.client(&agent), &[permission]).await;
    }
}

#[tokio::test]
async fn a_built_in_role_that_lacks_the_right_is_not_enough() {
    let world = World::new().await;
    for role in built_ins() {
        let agent = world.wire.desk.agent(&format!("{}-only", role.key)).role(role.name).await;
        let held = role.permissions.closure();
        let lacking: Vec<P> = asked(&world).into_iter().filter(|permission| !held.contains(*permission)).collect();
        check_denied(&world, role.name, &world.wire.client(&agent), &lacking).await;
    }
}

#[tokio::test]
async fn a_role_that_grants_next_to_nothing_is_denied_everywhere() {
    let world = World::new().await;
    let agent = world.holder("Viewer", &["messages:write_as_contact"]).await;
    let all: Vec<P> = asked(&world).into_iter().collect();
    check_denied(&world, "Viewer", &world.wire.client(&agent), &all).await;
    for route in world.wire.routes.iter().filter(|route| route.guard.access == Access::AnyAgent && route.documented) {
        let answer = world.call(&world.wire.client(&agent), route).await;
        let expected = match route.path.as_str() {
            // The one there is is Ada's.
            path if path.contains("/notifications/{id}") => 404,
            // Whoever runs the team may, and needs no right of the whole desk.
            path if path.ends_with("/members") && route.method == Method::PUT => 403,
            _ => 200,
        };
        assert_eq!(answer.status(), expected, "{}", answer.shown());
    }
}

async fn check_denied(world: &World, name: &str, client: &Client, lacking: &[P]) {
    let before = world.digest().await;
    for route in lacking.iter().flat_map(|permission| routes_of(world, *permission)) {
        let place = format!("{name}: {}", shown(route));
        check(&world.call(client, route).await, DENIED, &place);
        assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{place}");
    }
}

/// What lets somebody see every conversation.
const SEES_ALL: [&str; 2] = ["conversations:read", "conversations:read_all"];

/// What integrations may do, and so whoever makes one.
const INTEGRATIONS_HOLD: [&str; 2] = ["users:manage", "teams:manage"];

#[tokio::test]
async fn the_one_right_asked_for_is_enough() {
    for permission in asked(&World::new().await) {
        let world = World::new().await;
        let mut rights = BTreeSet::from([permission.as_str()]);
        if routes_of(&world, permission).any(|route| route.path.contains("{uuid}")) {
            rights.extend(SEES_ALL);
        }
        if permission == P::GeneralSettingsManage {
            rights.extend(INTEGRATIONS_HOLD);
        }
        let agent = world.holder("Holder", &rights.into_iter().collect::<Vec<_>>()).await;
        check_allowed(&world, &world.wire.client(&agent), &[permission]).await;
    }
}

#[tokio::test]
async fn a_built_in_role_that_holds_the_right_is_enough() {
    for role in built_ins() {
        let world = World::new().await;
        let agent = world.wire.desk.agent("holder").role(role.name).team(world.team).await;
        let held = role.permissions.closure();
        // An analyst reads whole teams alone.
        let (app, conversation) = (&world.wire.desk.app, world.visitor.conversation);
        app.assign_team(&operator(), conversation, Some(world.team)).await.unwrap();
        let held: Vec<P> = asked(&world).into_iter().filter(|permission| held.contains(*permission)).collect();
        check_allowed(&world, &world.wire.client(&agent), &held).await;
    }
}

/// Calls every route that asks for these; those that delete come last, a thing after what belongs to it.
async fn check_allowed(world: &World, client: &Client, held: &[P]) {
    let mut routes: Vec<&Route<Guard>> = held.iter().flat_map(|permission| routes_of(world, *permission)).collect();
    let deletes = |route: &Route<Guard>| route.method == Method::DELETE || route.path.ends_with("/erase");
    routes.sort_by_key(|route| (deletes(route), Reverse(route.path.len())));
    for route in routes {
        let answer = world.call(client, route).await;
        if route.path.ends_with("/{note_id}") && answer.status() == 403 {
            // Past the guard: the note is Ada's.
            answer.refuses(403, "InputException", "You can only delete your own note");
            continue;
        }
        assert_eq!(answer.status(), 200, "{held:?} {}: {}", shown(route), answer.shown());
    }
}

/// Whom a conversation belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Belongs {
    Me,
    MyTeam,
    MyTeamAndAnother,
    Another,
    Nobody,
}

const ALL_KINDS: [Belongs; 5] =
    [Belongs::Me, Belongs::MyTeam, Belongs::MyTeamAndAnother, Belongs::Another, Belongs::Nobody];

/// Which conversations each right to read opens.
const OPENED: [(P, &[Belongs]); 5] = [
    (P::ConversationsReadAll, &ALL_KINDS),
    (P::ConversationsReadAssigned, &[Belongs::Me]),
    (P::ConversationsReadTeamAll, &[Belongs::MyTeam, Belongs::MyTeamAndAnother]),
    (P::ConversationsReadTeamInbox, &[Belongs::MyTeam]),
    (P::ConversationsReadUnassigned, &[Belongs::Nobody]),
];

#[tokio::test]
async fn a_conversation_is_open_to_those_alone_who_may_read_it() {
    let world = World::new().await;
    let routes: Vec<&Route<Guard>> = world.agents_routes().filter(|route| route.path.contains("{uuid}")).collect();
    assert!(routes.len() > 10);
    let mut answered = 0;
    for (right, opened) in OPENED {
        let agent = world.wire.desk.agent(&right.as_str().replace(':', "-")).team(world.team).await;
        let mut kept = Vec::new();
        for kind in ALL_KINDS {
            kept.push((kind, conversation(&world, kind, &agent).await));
        }
        // What was theirs stays so with fewer rights.
        let rights: BTreeSet<&str> = routes.iter().map(|route| asked_by(route)).chain([right.as_str()]).collect();
        restrict(&world, &agent, &rights.into_iter().collect::<Vec<_>>()).await;
        let client = world.wire.client(&agent);
        for route in &routes {
            for (kind, visitor) in &kept {
                let place = format!("{right} {kind:?} {}", shown(route));
                if opened.contains(kind) {
                    // A route may make it another's: each call is about a new one.
                    let visitor = conversation(&world, *kind, &agent).await;
                    let reply = world.call_about(&client, route, &visitor).await;
                    assert_eq!(reply.status(), 200, "{place}: {}", reply.shown());
                    answered += 1;
                } else {
                    let before = world.digest().await;
                    check(&world.call_about(&client, route, visitor).await, DENIED, &place);
                    assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{place}");
                }
            }
        }
    }
    assert_eq!(answered, 10 * routes.len());
}

fn asked_by(route: &Route<Guard>) -> &'static str {
    match route.guard.access {
        Access::May(permission) => permission.as_str(),
        other => panic!("{} asks for {other:?}", shown(route)),
    }
}

async fn conversation(world: &World, kind: Belongs, me: &AgentHandle) -> VisitorHandle {
    let app = &world.wire.desk.app;
    let visitor = world.wire.desk.visitor(&world.inbox, "Hello").await;
    if matches!(kind, Belongs::MyTeam | Belongs::MyTeamAndAnother) {
        app.assign_team(&operator(), visitor.conversation, Some(world.team)).await.unwrap();
    }
    let assignee = match kind {
        Belongs::Me => Some(me.id),
        Belongs::Another | Belongs::MyTeamAndAnother => Some(world.kim.id),
        Belongs::MyTeam | Belongs::Nobody => None,
    };
    if let Some(assignee) = assignee {
        app.assign_agent(&operator(), visitor.conversation, assignee, None).await.unwrap();
    }
    visitor
}

/// Leaves the agent these rights alone.
async fn restrict(world: &World, agent: &AgentHandle, permissions: &[&str]) {
    let name = format!("Only {}", agent.id.0);
    world.admin.post("/api/v1/roles", &json!({"name": name, "permissions": permissions})).await.data();
    let body = json!({"first_name": "Holder", "email": agent.email, "roles": [name]});
    world.admin.put(&format!("/api/v1/agents/{}", agent.id.0), &body).await.data();
}

#[tokio::test]
async fn a_conversation_that_is_not_there_is_404_for_who_sees_all() {
    let world = World::new().await;
    let mut absent = world.visitor.clone();
    absent.conversation = Uuid::nil();
    let before = world.digest().await;
    for route in world.agents_routes().filter(|route| route.path.contains("{uuid}")) {
        let expected = (404, "NotFoundException", "Conversation not found");
        check(&world.call_about(&world.admin, route, &absent).await, expected, &shown(route));
    }
    assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new());
}

fn widget_routes(world: &World) -> impl Iterator<Item = &Route<Guard>> {
    world.wire.routes.iter().filter(|route| route.path.contains("/widget/") && route.documented)
}

fn asks_visitor(world: &World, route: &Route<Guard>) -> bool {
    world.operation(route)["security"] == json!([{"visitor": []}])
}

#[tokio::test]
async fn a_widget_names_an_inbox_that_is_there() {
    let world = World::new().await;
    let nobody = world.wire.nobody();
    let named = |uuid: &str| nobody.clone().header("x-libredesk-inbox-id", uuid);
    let disabled = world.wire.desk.inbox().await;
    let path = format!("/api/v1/inboxes/{}", disabled.id.0);
    world.admin.put(&path, &json!({"name": "Chat", "enabled": false})).await.data();
    let before = world.digest().await;
    for route in widget_routes(&world) {
        check(&world.call(&nobody, route).await, NO_INBOX, &shown(route));
        check(&world.call(&named("nonsense"), route).await, UNKNOWN_INBOX, &shown(route));
        check(&world.call(&named(&Uuid::nil().to_string()), route).await, UNKNOWN_INBOX, &shown(route));
        check(&world.call(&named(&disabled.uuid.to_string()), route).await, UNKNOWN_INBOX, &shown(route));
        assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{}", shown(route));
    }
}

#[tokio::test]
async fn a_visitor_shows_a_session_of_the_inbox() {
    let world = World::new().await;
    let other_inbox = world.wire.desk.inbox().await;
    let stranger = world.wire.desk.visitor(&other_inbox, "Hello").await;
    let here = world.wire.nobody().header("x-libredesk-inbox-id", &world.inbox.uuid.to_string());
    let bearing = |token: &str| here.clone().header("authorization", &format!("Bearer {token}"));
    let agent = world.wire.client(&world.kim).header("x-libredesk-inbox-id", &world.inbox.uuid.to_string());
    let before = world.digest().await;
    let mut asked = 0;
    for route in widget_routes(&world).filter(|route| asks_visitor(&world, route)) {
        for client in [&here, &bearing(""), &bearing("wrong"), &bearing(&stranger.token), &agent] {
            check(&world.call(client, route).await, NO_VISITOR, &shown(route));
            assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{}", shown(route));
        }
        asked += 1;
    }
    assert!(asked >= 5);
}

#[tokio::test]
async fn a_session_that_lasts_is_let_in_and_one_that_is_over_is_not() {
    let world = World::new().await;
    let visitor = world.wire.visitor(&world.visitor);
    for route in widget_routes(&world) {
        let answer = world.call(&visitor, route).await;
        assert_eq!(answer.status(), 200, "{}: {}", shown(route), answer.shown());
    }
    world.wire.desk.advance(Duration::from_secs(3650 * 24 * 3600)).await;
    let before = world.digest().await;
    for route in widget_routes(&world).filter(|route| asks_visitor(&world, route)) {
        check(&world.call(&visitor, route).await, NO_VISITOR, &shown(route));
        assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{}", shown(route));
    }
}

#[tokio::test]
async fn a_visitor_sees_nobody_elses_conversation() {
    let world = World::new().await;
    let other = world.wire.desk.visitor(&world.inbox, "I am somebody else").await;
    let mut absent = other.clone();
    absent.conversation = Uuid::nil();
    let client = world.wire.visitor(&world.visitor);
    let before = world.digest().await;
    for route in widget_routes(&world).filter(|route| route.path.contains("{uuid}")) {
        check(&world.call_about(&client, route, &other).await, DENIED, &shown(route));
        let expected = (404, "NotFoundException", "Conversation not found");
        check(&world.call_about(&client, route, &absent).await, expected, &shown(route));
        assert_eq!(world.digest().await.changed_since(&before), Vec::<String>::new(), "{}", shown(route));
    }
    let mine = client.get("/api/v1/widget/chat/conversations").await.data();
    assert_eq!(mine.as_array().unwrap().len(), 1);
    assert_eq!(mine[0]["uuid"], world.visitor.conversation.to_string());
}
