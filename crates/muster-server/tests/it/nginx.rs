//! A desk behind the real nginx, with the configuration that is shipped: `deploy/nginx.conf`.

mod proxy;

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_store::sql;
use serde_json::{Value, json};

use self::proxy::{Nginx, Ports};
use crate::books;
use crate::program::{Place, Serving, ended, muster};
use crate::secure::{Authority, Reply, Secure, request};

const EMAIL: &str = "kim@example.org";
const PASSWORD: &str = "Correct-horse-9";
/// Where the tests' client is; the proxy is at 127.0.0.1.
const CLIENT: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
/// Where it pretends to be.
const ELSEWHERE: &str = "203.0.113.9";

/// A desk, the proxy in front of it, and a client of that.
struct Behind {
    place: Place,
    desk: Serving,
    _nginx: Nginx,
    client: Secure,
}

impl Behind {
    async fn start() -> Self {
        let (place, ports, authority) = (Place::sqlite(), Ports::free(), Authority::new());
        let desk = place.serve_with(
            &[],
            &[
                ("MUSTER_SERVER__PUBLIC_URL", &ports.public_url()),
                ("MUSTER_SERVER__TRUSTED_PROXIES", "127.0.0.1"),
                ("MUSTER_ADMIN_EMAIL", EMAIL),
                ("MUSTER_ADMIN_PASSWORD", PASSWORD),
            ],
        );
        let listen = desk.base.strip_prefix("http://").unwrap().parse().unwrap();
        let nginx = Nginx::start(&ports, listen, &authority).await;
        let client = authority.client(ports.secure()).from(CLIENT);
        Self { place, desk, _nginx: nginx, client }
    }

    async fn get(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        self.client.ask(request("GET", path, headers, None)).await
    }

    /// Signs in, and claims to be elsewhere.
    async fn sign_in(&self) -> Reply {
        let body = json!({"email": EMAIL, "password": PASSWORD});
        let headers = [("x-forwarded-for", ELSEWHERE), ("x-real-ip", ELSEWHERE), ("forwarded", "for=203.0.113.9")];
        let reply = self.client.ask(request("POST", "/api/v1/auth/login", &headers, Some(&body))).await;
        assert_eq!(reply.status, 200, "{reply:?}");
        reply
    }
}

#[tokio::test]
async fn all_that_the_demo_plays_works_through_the_proxy() {
    let (ports, authority) = (Ports::free(), Authority::new());
    let listen = Ports::free().plain();
    let nginx = Nginx::start(&ports, listen, &authority).await;
    let mut play = muster(&["demo", "--once", "--listen", &listen.to_string(), "--at", &ports.public_url()]);
    play.env("MUSTER_SERVER__PUBLIC_URL", ports.public_url()).env("MUSTER_SERVER__TRUSTED_PROXIES", "127.0.0.1");
    play.env("SSL_CERT_FILE", nginx.authority());
    let played = tokio::task::spawn_blocking(move || ended(play.output())).await.unwrap();
    assert_eq!(played.code, Some(0), "{}\n{}", played.out, played.err);
    assert!(played.out.ends_with("The desk works.\n"), "{}", played.out);
    for path in ["/ws ", "/widget/ws "] {
        assert!(nginx.log().lines().any(|line| line.contains(path) && line.contains(" 101 ")), "{}", nginx.log());
    }
}

#[tokio::test]
async fn the_desk_knows_where_a_client_is_whatever_the_client_says() {
    let behind = Behind::start().await;
    behind.sign_in().await.secure_cookies();
    let direct = reqwest::Client::builder().no_proxy().local_address(IpAddr::from([127, 0, 0, 3])).build().unwrap();
    let body = json!({"email": EMAIL, "password": PASSWORD});
    let sign_in = direct.post(format!("{}/api/v1/auth/login", behind.desk.base)).header("x-forwarded-for", ELSEWHERE);
    assert_eq!(sign_in.json(&body).send().await.unwrap().status(), 200);

    let store = books::open(behind.place.database()).await;
    let select = sql!("SELECT ip FROM sessions UNION SELECT ip FROM audit WHERE ip IS NOT NULL");
    let seen = store.read(move |tx| {
        Box::pin(async move { tx.query(select, &[]).await?.iter().map(|row| row.get("ip")).collect() })
    });
    let seen: BTreeSet<String> = seen.await.unwrap();
    assert_eq!(seen, BTreeSet::from([CLIENT.to_string(), "127.0.0.3".to_owned()]));
}

#[tokio::test]
async fn a_header_with_an_underscore_arrives() {
    let behind = Behind::start().await;
    let printed = behind.place.run(&["integration", "create", "--json", "--kind", "imichat", "--name", "Acme"]).ok();
    let key: Value = serde_json::from_str(&printed).unwrap();
    let text = |name: &str| key[name].as_str().unwrap();
    let proof = STANDARD.encode(format!("{}@{}", text("api_key"), text("domain")));
    let authorized = behind.get("/v3.1/authorize", &[("authorization", &proof)]).await;
    assert_eq!(authorized.status, 200, "{authorized:?}");
    let token = authorized.headers["access_token"].to_str().unwrap();

    let teams = behind.get("/v3.1/teams", &[("access_token", token)]).await;
    assert_eq!((teams.status, &teams.body["status_code"]), (200, &json!(4303)), "{teams:?}");
    let refused = behind.get("/v3.1/teams", &[]).await;
    assert_ne!(refused.status, 200, "{refused:?}");
}

#[tokio::test]
async fn the_proxy_keeps_to_tls_and_leaves_the_answers_to_the_desk() {
    let behind = Behind::start().await;
    let health = behind.get("/health", &[]).await;
    assert_eq!((health.status, &health.body["status"]), (200, &json!("success")));
    assert!(health.headers["strict-transport-security"].to_str().unwrap().contains("max-age=31536000"));
    assert_eq!(behind.get("/metrics", &[]).await.body, Value::Null);

    let long = json!({"email": EMAIL, "password": "x".repeat(2 * 1024 * 1024)});
    let refused = behind.client.ask(request("POST", "/api/v1/auth/login", &[], Some(&long))).await;
    assert_eq!((refused.status, &refused.body["status"]), (413, &json!("error")), "{refused:?}");

    let stranger = behind.get("/health", &[("host", "elsewhere.example.org")]).await;
    assert_ne!(stranger.status, 200, "{stranger:?}");
}

#[tokio::test]
async fn plain_http_is_sent_to_tls() {
    let (ports, authority) = (Ports::free(), Authority::new());
    let _nginx = Nginx::start(&ports, Ports::free().plain(), &authority).await;
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let reply = client.get(format!("http://{}/api/v1/agents?page=2", ports.plain())).send().await.unwrap();
    assert_eq!(reply.status(), 301);
    assert_eq!(reply.headers()["location"], "https://localhost/api/v1/agents?page=2");
}
