//! What browsers are served: console, widget, documentation and the demo's shop, over the real program. Whether this
//! program was built with the console makes no difference to where pages lie, only to what they show.

use reqwest::header::HeaderMap;
use reqwest::{Client, Method, StatusCode};
use serde_json::{Value, json};

use crate::program::{Place, Serving, muster};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";
const ADMIN: [(&str, &str); 2] =
    [("MUSTER_ADMIN_EMAIL", "kim@example.org"), ("MUSTER_ADMIN_PASSWORD", "Correct-horse-9")];

/// What an address answered.
struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default()
    }

    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }
}

struct Desk {
    serving: Serving,
    http: Client,
    _place: Place,
}

impl Desk {
    fn serve(variables: &[(&str, &str)]) -> Self {
        let place = Place::sqlite();
        let serving = place.serve_with(&[], &[&ADMIN, variables].concat());
        Self::over(serving, place)
    }

    fn demo() -> Self {
        Self::over(Serving::start(muster(&["demo", "--listen", "127.0.0.1:0"])), Place::sqlite())
    }

    fn over(serving: Serving, place: Place) -> Self {
        Self { serving, http: Client::builder().no_proxy().build().unwrap(), _place: place }
    }

    async fn browse(&self, path: &str) -> Reply {
        self.ask(Method::GET, path, &[("accept", BROWSER)]).await
    }

    async fn ask(&self, method: Method, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = self.http.request(method, format!("{}{path}", self.serving.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let body = String::from_utf8_lossy(&answer.bytes().await.unwrap()).into_owned();
        Reply { status, headers, body }
    }

    /// The addresses that a page takes scripts and styles from.
    async fn files_of(&self, page: &str) -> Vec<String> {
        let html = self.browse(page).await.body;
        let named = ["src=\"", "href=\""].into_iter().flat_map(|start| html.split(start).skip(1));
        let paths = named.filter_map(|rest| rest.split('"').next());
        paths.filter(|path| path.ends_with(".js") || path.ends_with(".css")).map(ToOwned::to_owned).collect()
    }
}

#[tokio::test]
async fn browsers_find_the_console_s_pages_and_programs_find_what_they_found_before() {
    let desk = Desk::serve(&[]);
    for path in ["/", "/login", "/setup", "/inboxes/assigned/7?page=2", "/admin/teams/1/edit", "//queue/"] {
        let page = desk.browse(path).await;
        assert!(matches!(page.status.as_u16(), 200 | 503), "{path}: {}", page.status);
        assert_eq!(page.header("content-type"), "text/html; charset=utf-8", "{path}");
        let program = desk.ask(Method::GET, path, &[("accept", "application/json")]).await;
        assert_eq!((program.status.as_u16(), &program.json()["message"]), (404, &json!("Route not found")), "{path}");
    }
    for path in ["/no/such/page", "/metrics", "/demo", "/livechat-of-others", "/uploads"] {
        let page = desk.browse(path).await;
        assert_eq!((page.status.as_u16(), page.header("content-type")), (404, "text/html; charset=utf-8"), "{path}");
    }
    for path in ["/api/v1/nothing", "/api/nothing", "/assets/nothing.js", "/widget/assets/nothing.js"] {
        let missing = desk.browse(path).await;
        assert_eq!((missing.status.as_u16(), &missing.json()["message"]), (404, &json!("Route not found")), "{path}");
    }
    assert_eq!(desk.browse("/api/v1/agents").await.json()["error_type"], "GeneralException");
    assert_eq!(desk.browse("/health").await.json()["data"], true);
}

#[tokio::test]
async fn every_page_of_the_table_is_there() {
    let table =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/dialects/libredesk-routes.md"));
    let table = table.unwrap();
    let cells = table.lines().map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let pages: Vec<_> = cells.filter(|cells| cells.get(3) == Some(&"page")).map(|cells| cells[2].to_owned()).collect();
    let desk = Desk::serve(&[]);
    for page in &pages {
        let path = page.trim_matches('`').replace("/*", "");
        // The frame asks for its inbox, and files have names of their own.
        if path != "/widget" && path != "/assets" {
            let status = desk.browse(&path).await.status.as_u16();
            assert!(matches!(status, 200 | 503), "{path}: {status}");
        }
    }
    assert!(pages.len() > 8, "{pages:?}");
}

#[tokio::test]
async fn pages_are_sealed_and_kept_nowhere() {
    let desk = Desk::serve(&[]);
    for path in ["/", "/login", "/no/such/page", "/docs"] {
        let page = desk.browse(path).await;
        let policy = page.header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'; script-src 'self'; "), "{path}: {policy}");
        assert!(policy.contains("; connect-src 'self'; "), "{path}: {policy}");
        assert!(policy.ends_with("; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"), "{path}: {policy}");
        for (name, value) in
            [("cache-control", "no-store"), ("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")]
        {
            assert_eq!(page.header(name), value, "{path} {name}");
        }
        assert_eq!(page.body.matches("<script>").count(), 0, "{path} has a script in it, which the policy forbids");
    }
}

#[tokio::test]
async fn pages_can_only_be_read() {
    let desk = Desk::serve(&[]);
    for (method, path, status) in [
        (Method::POST, "/docs", 405),
        (Method::OPTIONS, "/docs", 204),
        (Method::POST, "/login", 405),
        (Method::DELETE, "/", 405),
        (Method::OPTIONS, "/login", 204),
        (Method::POST, "/no/such/page", 404),
    ] {
        let reply = desk.ask(method.clone(), path, &[("accept", BROWSER)]).await;
        assert_eq!(reply.status, status, "{method} {path}");
        assert_eq!(reply.header("allow").contains("GET, HEAD"), status == 405 || status == 204, "{method} {path}");
    }
    for path in ["/login", "/docs"] {
        let head = desk.ask(Method::HEAD, path, &[("accept", BROWSER)]).await;
        let page = desk.browse(path).await;
        assert!(matches!(page.status.as_u16(), 200 | 503), "{path}: {}", page.status);
        assert_eq!((head.status, head.body.as_str()), (page.status, ""), "{path}");
        assert_eq!(head.header("content-length"), page.header("content-length"), "{path}");
    }
}

#[tokio::test]
async fn what_a_page_names_is_handed_out_packed_and_once() {
    let desk = Desk::demo();
    let mut files = Vec::new();
    for page in ["/", "/docs", "/demo"] {
        files.extend(desk.files_of(page).await);
    }
    assert!(files.contains(&"/demo/shop.css".to_owned()), "{files:?}");
    for path in files.iter().filter(|path| *path != "/widget.js" || !is_stub(&desk)) {
        let plain = desk.ask(Method::GET, path, &[]).await;
        let kind = if path.ends_with(".js") { "text/javascript" } else { "text/css" };
        assert_eq!(plain.header("content-type"), format!("{kind}; charset=utf-8"), "{path}");
        assert_eq!((plain.status.as_u16(), plain.header("content-encoding")), (200, ""), "{path}");
        assert_eq!(plain.header("vary"), "Accept-Encoding");
        let kept = if path.contains("/assets/") { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!(plain.header("cache-control"), kept, "{path}");

        let known = desk.ask(Method::GET, path, &[("if-none-match", plain.header("etag"))]).await;
        assert_eq!((known.status.as_u16(), known.body.as_str()), (304, ""), "{path}");
        assert_eq!(known.header("etag"), plain.header("etag"));

        let refused = desk.ask(Method::POST, path, &[]).await;
        assert_eq!(refused.status, 405, "{path}");

        let packed = desk.ask(Method::GET, path, &[("accept-encoding", "gzip")]).await;
        if packed.header("content-encoding") == "gzip" {
            assert_ne!(packed.header("etag"), plain.header("etag"), "{path}");
            let stale = desk.ask(Method::GET, path, &[("if-none-match", packed.header("etag"))]).await;
            assert_eq!(stale.status, 200, "{path}: another encoding is another version");
        } else {
            assert!(path.starts_with("/demo/") || path.starts_with("/docs/docs."), "{path} is not packed");
        }
    }
}

/// Whether the program was built without Node.js.
fn is_stub(desk: &Desk) -> bool {
    desk.serving.printed.iter().any(|line| line.contains("not part of this program"))
}

#[tokio::test]
async fn the_page_gives_scripts_the_token_of_their_session() {
    let desk = Desk::serve(&[]);
    let new = desk.browse("/login").await;
    let token = new.header("set-cookie").to_owned();
    assert!(token.starts_with("csrf_token=") && token.contains("Path=/") && !token.contains("HttpOnly"), "{token}");
    let (name_and_value, _) = token.split_once(';').unwrap();
    let again = desk.ask(Method::GET, "/login", &[("accept", BROWSER), ("cookie", name_and_value)]).await;
    assert_eq!(again.header("set-cookie"), "");

    let login = json!({"email": "kim@example.org", "password": "Correct-horse-9"});
    let url = format!("{}/api/v1/auth/login", desk.serving.base);
    let signed_in = desk.http.post(url).json(&login).send().await.unwrap();
    let cookie = |name: &str| {
        let found = signed_in.cookies().find(|cookie| cookie.name() == name).unwrap();
        format!("{name}={}", found.value())
    };
    let (session, own) = (cookie("libredesk_session"), cookie("csrf_token"));
    for kept in [session.clone(), format!("{session}; {name_and_value}")] {
        let page = desk.ask(Method::GET, "/", &[("accept", BROWSER), ("cookie", &kept)]).await;
        assert!(page.header("set-cookie").starts_with(&own), "{}", page.header("set-cookie"));
    }
    let page = desk.ask(Method::GET, "/", &[("accept", BROWSER), ("cookie", &format!("{session}; {own}"))]).await;
    assert_eq!(page.header("set-cookie"), "");
}

#[tokio::test]
async fn the_widget_s_page_is_shown_in_frames_of_trusted_domains() {
    let desk = Desk::demo();
    let printed =
        |start: &str| desk.serving.printed.iter().find_map(|line| line.trim().strip_prefix(start)).unwrap().to_owned();
    let (key, secret) = (printed("API_KEY="), printed("API_SECRET="));
    let policy = async |inbox: &str| {
        let page = desk.browse(&format!("/widget?inbox_id={inbox}")).await;
        page.header("content-security-policy").split_once("frame-ancestors ").unwrap_or_default().1.to_owned()
    };
    assert_eq!(policy(&printed("INBOX=")).await, "*");
    let domains = ["shop.example.com", "*.example.org"];
    let inbox = json!({"name": "Closed", "channel": "livechat", "enabled": true,
        "config": {"brand_name": "Example", "trusted_domains": domains}});
    let made = desk.http.post(format!("{}/api/v1/inboxes", desk.serving.base)).basic_auth(key, Some(secret));
    let made: Value = made.json(&inbox).send().await.unwrap().json().await.unwrap();
    let uuid = made["data"]["uuid"].as_str().unwrap();
    assert_eq!(policy(uuid).await, "'self' shop.example.com *.example.org");
    assert_eq!(desk.browse("/widget?inbox_id=7").await.json()["message"], "Inbox not found");
}

#[tokio::test]
async fn the_demo_s_shop_has_the_widget_on_it() {
    let desk = Desk::demo();
    let shop = desk.browse("/demo").await;
    let inbox = desk.serving.printed.iter().find_map(|line| line.trim().strip_prefix("INBOX=")).unwrap();
    let line = format!("<script src=\"/widget.js\" data-inbox=\"{inbox}\" async></script>");
    assert!(shop.body.contains(&line), "{}", shop.body);
    for link in ["/demo", "/login", "/docs"] {
        let printed = format!("{}{link}", desk.serving.base);
        assert!(desk.serving.printed.iter().any(|line| line.trim() == printed), "{:?}", desk.serving.printed);
    }
}

#[tokio::test]
async fn every_chat_can_be_tried_in_the_shop() {
    let desk = Desk::serve(&[]);
    let inbox = "7f6f0c5e-31a4-4d0b-8f0f-0d7b0a8d2f11";
    let shop = desk.browse(&format!("/demo?inbox_id={inbox}")).await;
    assert_eq!((shop.status.as_u16(), shop.body.contains(&format!("data-inbox=\"{inbox}\""))), (200, true));
    assert!(shop.header("content-security-policy").starts_with("default-src 'none'; script-src 'self'; "));
    assert_eq!(desk.browse("/demo/shop.css").await.status, 200);
    for path in ["/demo?inbox_id=7", "/demo?inbox_id=\"><script>", "/demo?inbox=x", "/demo/nothing"] {
        let page = desk.browse(path).await;
        assert_eq!((page.status.as_u16(), page.body.contains("<script>")), (404, false), "{path}");
    }
}

#[tokio::test]
async fn the_documentation_covers_what_is_served() {
    let desk = Desk::serve(&[("MUSTER_IMICHAT__ENABLED", "false"), ("MUSTER_ROCKETCHAT__PREFIX", "/chat")]);
    for (name, title) in [("libredesk", "Libredesk"), ("rocketchat", "Rocket.Chat"), ("cloudagent", "CloudAgent")] {
        if !is_stub(&desk) {
            assert!(desk.browse("/docs").await.body.contains(&format!("data-api=\"{name}\">{title}</a>")));
        }
        let path = format!("/docs/{name}.json");
        let document = desk.ask(Method::GET, &path, &[]).await;
        assert_eq!(document.header("content-type"), "application/json");
        assert_eq!(document.json()["openapi"], "3.1.0", "{name}");
        assert_eq!((document.header("cache-control"), document.header("vary")), ("no-cache", "Accept-Encoding"));
        let known = desk.ask(Method::GET, &path, &[("if-none-match", document.header("etag"))]).await;
        assert_eq!(known.status, 304, "{name}");
        let packed = desk.ask(Method::GET, &path, &[("accept-encoding", "gzip")]).await;
        assert_eq!(packed.header("content-encoding"), "gzip", "{name}");
        let server = &document.json()["servers"][0]["url"];
        assert_eq!(*server == "/chat", name == "rocketchat", "{server}");
    }
    for path in ["/docs/imichat.json", "/docs/nothing", "/docs/a/b"] {
        assert_eq!(desk.browse(path).await.status, 404, "{path}");
    }
    assert_eq!(desk.ask(Method::GET, "/docs", &[("host", "evil.example.com")]).await.status, 400);
}

#[tokio::test]
async fn below_a_prefix_there_is_no_console_and_the_desk_says_so() {
    let desk = Desk::serve(&[("MUSTER_LIBREDESK__PREFIX", "/desk")]);
    assert!(desk.serving.printed.iter().any(|line| line.contains("libredesk.prefix")), "{:?}", desk.serving.printed);
    for path in ["/desk", "/desk/login", "/", "/login", "/desk/widget.js", "/desk/widget"] {
        let reply = desk.browse(path).await;
        assert_eq!((reply.status.as_u16(), reply.json().is_null()), (404, false), "{path}");
    }
}

#[tokio::test]
async fn a_listener_of_its_own_has_the_console_too() {
    let desk = Desk::serve(&[("MUSTER_LIBREDESK__LISTEN", "127.0.0.1:0")]);
    assert_eq!(desk.browse("/login").await.json()["success"], false);
    let start = "the Libredesk API listens on ";
    let own = desk.serving.printed.iter().find_map(|line| line.strip_prefix(start)).unwrap();
    let page = desk.http.get(format!("{own}/login")).header("accept", BROWSER).send().await.unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
}
