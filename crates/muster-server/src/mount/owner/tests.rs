//! The rule against a table of requests, and against the table of credentials.

use super::*;

/// `METHOD path +header,header -> owner`. `PF x` is a preflight that announces the header `x`.
const VECTORS: &str = include_str!("vectors.txt");

fn headers(named: &[&str]) -> HeaderMap {
    named.iter().flat_map(|name| header(name)).collect()
}

fn header(named: &str) -> Vec<(HeaderName, HeaderValue)> {
    let pairs: &[(&'static str, &str)] = match named {
        "X-Auth-Token" => &[("x-auth-token", "t0k3n")],
        "X-User-Id" => &[("x-user-id", "aobEdbYhXfu5hkeqG")],
        "x-visitor-token" => &[("x-visitor-token", "visitor")],
        "Basic" => &[("authorization", "Basic a2V5OnNlY3JldA==")],
        "token" => &[("authorization", "token key:secret")],
        "Cookie" => &[("cookie", "libredesk_session=x; rc_token=y")],
        "Bearer" => &[("authorization", "Bearer session")],
        preflight => {
            let announced = preflight.strip_prefix("PF ").unwrap();
            &[("access-control-request-method", "GET"), ("access-control-request-headers", announced)]
        }
    };
    pairs.iter().map(|(name, value)| (HeaderName::from_static(name), value.parse().unwrap())).collect()
}

fn letter(owner: Owner) -> &'static str {
    match owner {
        LIBREDESK => "L",
        ROCKETCHAT => "R",
        CLOUDAGENT => "C",
        IMICHAT => "I",
        Owner::Pages => "M",
    }
}

/// Whose `GET /path +header,header` is, by letter.
fn decided(request: &str, mounted: &[Dialect]) -> &'static str {
    let (request, named) = request.split_once(" +").unwrap_or((request, ""));
    let (method, address) = request.split_once(' ').unwrap();
    let path = address.split('?').next().unwrap();
    let named: Vec<&str> = named.split(',').filter(|name| !name.is_empty()).collect();
    letter(owner(&method.parse().unwrap(), path, &headers(&named), mounted))
}

#[test]
fn every_request_of_the_table_goes_where_it_says() {
    let vectors = VECTORS.lines().flat_map(|line| line.split(" | ")).map(str::trim);
    let mut count = 0;
    for vector in vectors {
        let (request, expected) = vector.split_once(" -> ").unwrap();
        assert_eq!(decided(request.trim(), &Dialect::ALL), expected.trim(), "{vector}");
        count += 1;
    }
    assert_eq!(count, 81);
}

/// The ways to show, or not to show, who calls.
const CREDENTIALS: [&str; 10] = [
    "",
    "X-Auth-Token",
    "X-Auth-Token,X-User-Id",
    "x-visitor-token",
    "X-User-Id",
    "Basic",
    "token",
    "Cookie",
    "Bearer",
    "PF content-type",
];

/// A path with whose it is by each of [`CREDENTIALS`].
const COLLISIONS: &[(&str, [&str; 10])] = &[
    ("settings/general", ["L", "R", "R", "R", "L", "L", "L", "L", "L", "L"]),
    ("settings", ["R"; 10]),
    ("settings/", ["R"; 10]),
    ("settings/Livechat_enabled", ["R"; 10]),
    ("settings/general/more", ["R"; 10]),
    ("settings/notifications", ["R"; 10]),
    ("settings/notifications/email", ["L"; 10]),
    ("settings/notifications/email/more", ["R"; 10]),
    ("users.info", ["R"; 10]),
    ("livechat/room", ["R"; 10]),
    ("canned-responses", ["R"; 10]),
    ("statistics", ["R"; 10]),
    ("agents/7", ["L"; 10]),
    ("teams", ["L"; 10]),
    ("skills/7", ["L"; 10]),
    ("nothing", ["L", "R", "R", "R", "L", "L", "L", "L", "L", "L"]),
    ("livechat%2Froom", ["L", "R", "R", "R", "L", "L", "L", "L", "L", "L"]),
    ("", ["L", "R", "R", "R", "L", "L", "L", "L", "L", "L"]),
];

#[test]
fn what_two_products_could_claim_goes_by_the_credential() {
    for method in ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] {
        for (path, expected) in COLLISIONS {
            for (credential, expected) in CREDENTIALS.iter().zip(expected) {
                let is_preflight = credential.starts_with("PF ");
                let method = if is_preflight { "OPTIONS" } else { method };
                let request = format!("{method} /api/v1/{path} +{credential}");
                assert_eq!(decided(&request, &Dialect::ALL), *expected, "{request}");
            }
        }
    }
}

#[test]
fn a_key_wins_over_a_token_and_a_cookie_does_not() {
    for path in ["settings/general", "nothing", ""] {
        for (credentials, expected) in [
            ("X-Auth-Token,Basic", "L"),
            ("X-Auth-Token,X-User-Id,token", "L"),
            ("x-visitor-token,Basic", "L"),
            ("x-visitor-token,token", "L"),
            ("X-Auth-Token,Cookie", "R"),
            ("x-visitor-token,Cookie", "R"),
            ("X-Auth-Token,Bearer", "R"),
            ("PF X-Auth-Token; authorization", "L"),
            ("PF x-visitor-token", "R"),
            ("PF Content-Type; X-Auth-Token ;X-User-Id", "R"),
            ("PF x-auth-token-2", "L"),
        ] {
            // A comma parts the headers of a row here.
            let method = if credentials.starts_with("PF") { "OPTIONS" } else { "PUT" };
            let named: Vec<String> = match credentials.strip_prefix("PF ") {
                Some(announced) => vec![format!("PF {}", announced.replace(';', ","))],
                None => credentials.split(',').map(ToOwned::to_owned).collect(),
            };
            let named: Vec<&str> = named.iter().map(String::as_str).collect();
            let owner = owner(&method.parse().unwrap(), &format!("/api/v1/{path}"), &headers(&named), &Dialect::ALL);
            assert_eq!(letter(owner), expected, "{path} {credentials}");
        }
    }
}

#[test]
fn only_a_preflight_is_judged_by_what_it_announces() {
    let path = "/api/v1/settings/general";
    let whose = |method: &Method, headers: &HeaderMap| letter(owner(method, path, headers, &Dialect::ALL));
    let announced = headers(&["PF x-auth-token"]);
    assert_eq!(whose(&Method::OPTIONS, &announced), "R");
    assert_eq!(whose(&Method::GET, &announced), "L");
    let mut plain = announced;
    plain.remove(ACCESS_CONTROL_REQUEST_METHOD);
    assert_eq!(whose(&Method::OPTIONS, &plain), "L");
    assert_eq!(whose(&Method::OPTIONS, &headers(&["X-Auth-Token"])), "R");
    let mut shown = headers(&["PF content-type"]);
    shown.extend(headers(&["X-Auth-Token"]));
    assert_eq!(whose(&Method::OPTIONS, &shown), "L");
}

#[test]
fn a_blank_token_is_none() {
    for blank in ["", " ", "\t "] {
        let headers = HeaderMap::from_iter([(TOKENS[0].clone(), HeaderValue::from_str(blank).unwrap())]);
        let owner = owner(&Method::GET, "/api/v1/settings/general", &headers, &Dialect::ALL);
        assert_eq!(letter(owner), "L", "{blank:?}");
    }
}

#[test]
fn the_one_shared_path_goes_to_whoever_is_there() {
    use Dialect::{Cloudagent, Libredesk, Rocketchat};
    for (mounted, without, with) in [
        (&[Libredesk, Rocketchat][..], "L", "R"),
        (&[Libredesk, Cloudagent], "L", "L"),
        (&[Rocketchat], "R", "R"),
        (&[Cloudagent], "L", "R"),
    ] {
        assert_eq!(decided("GET /api/v1/settings/general", mounted), without, "{mounted:?}");
        assert_eq!(decided("GET /api/v1/settings/general +X-Auth-Token", mounted), with, "{mounted:?}");
        // Other names stay whose they are.
        assert_eq!(decided("GET /api/v1/agents", mounted), "L");
        assert_eq!(decided("GET /api/v1/users.list", mounted), "R");
    }
}

#[test]
fn outside_the_api_whole_segments_decide() {
    for (path, expected) in [
        ("/ca_apis", "C"),
        ("/Ca_Reports/summaryReport", "C"),
        ("/caservices", "C"),
        ("/CLOUDAGENTRESTAPI/index.php/CloudAgent/CloudAgentAPI/addAgent", "C"),
        ("/apiservices/x", "C"),
        ("/EVENTS/subscribe", "C"),
        ("/event/subscribe", "L"),
        ("/v3.1", "I"),
        ("/V3.1/users", "L"),
        ("/v3%2E1/users", "I"),
        ("/v3", "L"),
        ("/Livechat", "L"),
        ("/livechat/room", "R"),
        ("/sockjs", "R"),
        ("/websocket/", "R"),
        ("/docs/api", "M"),
        ("/Docs", "L"),
        ("/demo", "M"),
        ("/ca_apis%2Fx", "L"),
        ("/c%61_apis/x", "C"),
        ("/api", "L"),
        ("/api/public/x", "L"),
        ("/api/apps", "R"),
        ("/api/info/", "R"),
        ("/api%2Fv1/users.list", "L"),
        ("/api/v1/..", "R"),
        ("*", "L"),
        ("", "L"),
        ("//", "L"),
        ("/logout", "L"),
        ("/widget/ws", "L"),
        ("/uploads/u", "L"),
        ("/assets/index.js", "L"),
        ("/ready", "L"),
    ] {
        for credential in ["", " +X-Auth-Token", " +Basic"] {
            assert_eq!(decided(&format!("GET {path}{credential}"), &Dialect::ALL), expected, "{path}{credential}");
        }
    }
}

#[test]
fn no_name_is_two_products() {
    for name in names::LIBREDESK.iter().chain(names::NATIVE) {
        assert!(!names::ROCKETCHAT.contains(name) && !name.contains('.'), "{name}");
    }
    for name in names::NATIVE {
        assert!(!names::LIBREDESK.contains(name), "{name}");
    }
    let roots = [names::IMICHAT, names::ROCKETCHAT_ROOTS, names::PAGES, &["api"]].concat();
    for (index, name) in roots.iter().enumerate() {
        assert!(!names::CLOUDAGENT.iter().any(|root| root.eq_ignore_ascii_case(name)), "{name}");
        assert!(!roots[..index].contains(name), "{name}");
    }
}
