//! The routers against the rule: whatever a dialect serves is decided to it, whoever calls.

use axum::http::{HeaderMap, HeaderName, Method};
use muster_http::routes::Route;
use muster_testkit::{TestDesk, TestEngine};
use tokio_util::sync::CancellationToken;

use super::owner::{Owner, owner};
use super::*;

/// What a parameter of a path may hold at the worst: another product's name.
const HOSTILE: [&str; 8] = ["7", "general", "notifications", "livechat", "users.list", "agents", "ca_apis", "v3.1"];

/// Credentials of all products.
const CREDENTIALS: [&[(&str, &str)]; 9] = [
    &[],
    &[("x-auth-token", "t")],
    &[("x-auth-token", "t"), ("x-user-id", "u")],
    &[("x-visitor-token", "v")],
    &[("x-user-id", "u")],
    &[("authorization", "Basic a2V5OnNlY3JldA==")],
    &[("authorization", "token key:secret")],
    &[("authorization", "Bearer b")],
    &[("cookie", "libredesk_session=s"), ("x-auth-token", "t")],
];

struct Served {
    dialect: Dialect,
    routes: Vec<(Method, String)>,
}

async fn served() -> Vec<Served> {
    let desk = TestDesk::new(TestEngine::Sqlite).await;
    let (app, config) = (&desk.app, &Config::default());
    let layers = || Layers::new(Arc::new(String::new));
    let sockets = Sockets::new(CancellationToken::new());
    vec![
        Served { dialect: Dialect::Libredesk, routes: listed(libredesk(app, config, layers(), &sockets).routes) },
        Served { dialect: Dialect::Rocketchat, routes: listed(rocketchat(app, config, layers()).routes) },
        Served { dialect: Dialect::Cloudagent, routes: listed(cloudagent(app, config, layers()).routes) },
        Served { dialect: Dialect::Imichat, routes: listed(imichat(app, config, layers()).routes) },
    ]
}

fn listed<G>(routes: Vec<Route<G>>) -> Vec<(Method, String)> {
    routes.into_iter().map(|route| (route.method, route.path)).collect()
}

/// The path with each of its parameters holding `value`.
fn filled(path: &str, value: &str) -> String {
    let fill = |segment| if is_parameter(segment) { value } else { segment };
    path.split('/').map(fill).collect::<Vec<_>>().join("/")
}

fn is_parameter(segment: &str) -> bool {
    segment.starts_with('{')
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

#[tokio::test]
async fn whatever_a_dialect_serves_is_decided_to_it() {
    for Served { dialect, routes } in served().await {
        for (method, path) in routes.iter().filter(|(_, path)| !is_shared(path)) {
            for value in HOSTILE {
                let path = filled(path, value);
                for pairs in CREDENTIALS {
                    let owner = owner(method, &path, &headers(pairs), &Dialect::ALL);
                    assert_eq!(owner, Owner::Dialect(dialect), "{method} {path} {pairs:?}");
                }
            }
        }
    }
}

/// `settings/general` alone, or a parameter that may hold `general`.
fn is_shared(path: &str) -> bool {
    let rest = path.strip_prefix("/api/v1/settings/");
    rest.is_some_and(|rest| rest == "general" || (is_parameter(rest) && !rest.contains('/')))
}

#[tokio::test]
async fn a_preflight_goes_where_the_call_will_go() {
    for Served { dialect, routes } in served().await {
        for (_, path) in routes.iter().filter(|(_, path)| !is_shared(path)) {
            for announced in ["x-auth-token, x-user-id", "x-visitor-token", "authorization", "content-type"] {
                let headers = headers(&[
                    ("access-control-request-method", "POST"),
                    ("access-control-request-headers", announced),
                ]);
                let owner = owner(&Method::OPTIONS, &filled(path, "7"), &headers, &Dialect::ALL);
                assert_eq!(owner, Owner::Dialect(dialect), "{path} {announced}");
            }
        }
    }
}

#[tokio::test]
async fn every_name_that_is_served_beyond_a_product_s_own_is_listed() {
    let all = served().await;
    let routes = all.iter().find(|served| served.dialect == Dialect::Libredesk).unwrap();
    let names = routes.routes.iter().filter_map(|(_, path)| path.strip_prefix("/api/v1/")?.split('/').next());
    for name in names {
        assert!(names::LIBREDESK.contains(&name) || names::NATIVE.contains(&name) || name == "settings", "{name}");
        assert!(!names::ROCKETCHAT.contains(&name) && !name.contains('.'), "{name}");
    }
}
