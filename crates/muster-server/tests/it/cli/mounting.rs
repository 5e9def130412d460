//! Which dialect answers where, over the real program.

use reqwest::{Method, StatusCode};

use super::{PASSWORD, client, get};
use crate::program::{Place, Serving, ended};

const ADMIN: [(&str, &str); 2] = [("MUSTER_ADMIN_EMAIL", "kim@example.org"), ("MUSTER_ADMIN_PASSWORD", PASSWORD)];

/// A desk with an administrator, and these variables beside.
fn serve(place: &Place, variables: &[(&str, &str)]) -> Serving {
    place.serve_with(&[], &[&ADMIN, variables].concat())
}

const ONLY_LIBREDESK: [(&str, &str); 3] = [
    ("MUSTER_ROCKETCHAT__ENABLED", "false"),
    ("MUSTER_CLOUDAGENT__ENABLED", "false"),
    ("MUSTER_IMICHAT__ENABLED", "false"),
];

/// What Libredesk's dialect answers.
async fn status(base: &str, path: &str) -> u16 {
    let (status, body) = get(&format!("{base}{path}")).await;
    assert_eq!(body["status"] == "success", status == StatusCode::OK, "{path}");
    status.as_u16()
}

/// The address where a dialect listens by itself.
fn own<'a>(desk: &'a Serving, title: &str) -> &'a str {
    let start = format!("the {title} API listens on ");
    desk.printed.iter().find_map(|line| line.strip_prefix(&start)).unwrap()
}

#[tokio::test]
async fn a_desk_without_dialects_says_whether_it_is_up() {
    let place = Place::sqlite();
    let desk = serve(&place, &[&ONLY_LIBREDESK[..], &[("MUSTER_LIBREDESK__ENABLED", "false")]].concat());
    let nothing = ["/api/v1/agents", "/ws", "/", "/api/v1/users.list", "/ca_apis/x", "/v3.1/users", "/docs"];
    for path in nothing {
        assert_eq!(status(&desk.base, path).await, 404, "{path}");
    }
    for path in ["/health", "/ready"] {
        assert_eq!(status(&desk.base, path).await, 200, "{path}");
    }
}

#[tokio::test]
async fn a_dialect_that_is_off_keeps_its_names() {
    let place = Place::sqlite();
    let desk = serve(&place, &ONLY_LIBREDESK);
    let theirs =
        ["/api/v1/users.list", "/api/v1/livechat/config", "/api/info", "/livechat", "/ca_apis/x", "/v3.1/users"];
    for path in theirs {
        let request = client().get(format!("{}{path}", desk.base)).header("x-auth-token", "t");
        let (status, body) = super::answer(request.send().await.unwrap()).await;
        assert_eq!((status.as_u16(), &body["message"]), (404, &"Route not found".into()), "{path}");
    }
    // Both have it; now it is Libredesk's, whoever asks.
    let request = client().get(format!("{}/api/v1/settings/general", desk.base)).header("x-auth-token", "t");
    assert!(super::answer(request.send().await.unwrap()).await.1["error_type"].is_string());
}

#[tokio::test]
async fn of_the_program_s_own_pages_only_the_documentation_is_on_every_desk() {
    let place = Place::sqlite();
    let desk = serve(&place, &[]);
    assert_ne!(client().get(format!("{}/docs", desk.base)).send().await.unwrap().status(), 404);
    for path in ["/metrics", "/demo", "/demo?inbox_id=7", "/docs-of-others"] {
        let (status, body) = get(&format!("{}{path}", desk.base)).await;
        assert_eq!((status.as_u16(), &body["error_type"]), (404, &"GeneralException".into()), "{path}");
    }
    let shop = ["/demo?inbox_id=7f6f0c5e-31a4-4d0b-8f0f-0d7b0a8d2f11", "/demo/shop.css"];
    for (is_there, variables) in [(true, &[][..]), (false, &[("MUSTER_LIBREDESK__ENABLED", "false")])] {
        let place = Place::sqlite();
        let desk = serve(&place, variables);
        for path in shop {
            let status = client().get(format!("{}{path}", desk.base)).send().await.unwrap().status();
            assert_eq!(status, if is_there { 200 } else { 404 }, "{path}: there is a widget: {is_there}");
        }
    }
}

#[tokio::test]
async fn a_prefix_is_cut_off_by_whole_segments() {
    let prefix = [("MUSTER_LIBREDESK__PREFIX", "/support/desk")];
    let place = Place::sqlite();
    let desk = serve(&place, &[&ONLY_LIBREDESK[..], &prefix].concat());
    for (path, expected) in [
        ("/health", 200),
        ("/support/desk/health", 200),
        ("/support/desk/api/v1/agents", 401),
        ("//support//desk/api/v1/agents/", 401),
        ("/support/%64esk/api/v1/agents", 401),
        ("/support/desk", 404),
        ("/support/desk/api/v1/users.list", 404),
        ("/api/v1/agents", 404),
        ("/support/desks/api/v1/agents", 404),
        ("/support", 404),
    ] {
        assert_eq!(status(&desk.base, path).await, expected, "{path}");
    }
    assert_eq!(own(&desk, "Libredesk"), format!("{}/support/desk", desk.base));
}

#[tokio::test]
async fn of_two_prefixes_the_longer_one_counts() {
    let place = Place::sqlite();
    let desk = serve(&place, &[("MUSTER_ROCKETCHAT__PREFIX", "/a"), ("MUSTER_LIBREDESK__PREFIX", "/a/b")]);
    assert_eq!(status(&desk.base, "/a/b/api/v1/agents").await, 401);
    let elsewhere = client().get(format!("{}/a/api/v1/agents", desk.base)).send().await.unwrap();
    assert_eq!(elsewhere.status(), 404);
}

#[tokio::test]
async fn a_dialect_may_have_a_listener_of_its_own() {
    let place = Place::sqlite();
    let desk = serve(&place, &[("MUSTER_LIBREDESK__LISTEN", "127.0.0.1:0"), ("MUSTER_IMICHAT__LISTEN", "127.0.0.1:0")]);
    let libredesk = own(&desk, "Libredesk");
    assert_eq!(status(libredesk, "/api/v1/agents").await, 401);
    assert_eq!(status(libredesk, "/health").await, 200);
    assert_eq!(status(libredesk, "/ca_apis/x").await, 404);
    assert_eq!(status(&desk.base, "/health").await, 200);
    for (base, path) in [(desk.base.as_str(), "/api/v1/agents"), (own(&desk, "imi.chat"), "/health")] {
        assert_eq!(client().get(format!("{base}{path}")).send().await.unwrap().status(), 404, "{path}");
    }
}

#[test]
fn two_dialects_cannot_have_one_place() {
    for (variables, complaint) in [
        (
            [("MUSTER_ROCKETCHAT__PREFIX", "/a"), ("MUSTER_IMICHAT__PREFIX", "/a")],
            "imichat.prefix: \"/a\" is rocketchat's",
        ),
        (
            [("MUSTER_IMICHAT__PREFIX", "/a"), ("MUSTER_IMICHAT__LISTEN", "127.0.0.1:0")],
            "imichat: give it an address of its own or a prefix, not both",
        ),
    ] {
        let place = Place::sqlite();
        let ended = ended(place.command(&["serve", "--listen", "127.0.0.1:0"]).envs(variables).output());
        assert_eq!(ended.code, Some(2));
        assert!(ended.err.contains(complaint), "{ended:?}");
        assert!(!place.data().exists());
    }
}

#[tokio::test]
async fn head_and_options_go_where_get_goes() {
    let place = Place::sqlite();
    let desk = serve(&place, &ONLY_LIBREDESK);
    for (method, path, expected) in [
        (Method::HEAD, "/health", 200),
        (Method::OPTIONS, "/health", 204),
        (Method::HEAD, "/api/v1/agents", 401),
        (Method::OPTIONS, "/api/v1/agents", 204),
        (Method::HEAD, "/api/v1/users.list", 404),
        (Method::OPTIONS, "/api/v1/users.list", 404),
    ] {
        let request = client().request(method.clone(), format!("{}{path}", desk.base));
        assert_eq!(request.send().await.unwrap().status(), expected, "{method} {path}");
    }
}
