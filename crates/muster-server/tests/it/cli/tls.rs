//! `[tls]`: a desk that needs no proxy.

use std::fs;
use std::net::SocketAddr;
use std::process::Command;

use serde_json::json;
use tempfile::TempDir;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::{PASSWORD, until};
use crate::program::{Place, Serving};
use crate::secure::{Authority, Issued, NAME, Secure, request};

/// A desk with a certificate, and clients that believe its authority.
struct Secured {
    place: Place,
    files: TempDir,
    issued: Issued,
    desk: Serving,
}

impl Secured {
    fn start(authority: &Authority) -> Self {
        let (place, files) = (Place::sqlite(), tempfile::tempdir().unwrap());
        let issued = authority.issue(files.path());
        let (chain, key) = (issued.chain.to_str().unwrap(), issued.key.to_str().unwrap());
        let desk = place.serve_with(
            &[],
            &[
                ("MUSTER_TLS__CERTIFICATE", chain),
                ("MUSTER_TLS__KEY", key),
                ("MUSTER_ADMIN_EMAIL", "kim@example.org"),
                ("MUSTER_ADMIN_PASSWORD", PASSWORD),
            ],
        );
        Self { place, files, issued, desk }
    }

    fn address(&self) -> SocketAddr {
        self.desk.base.strip_prefix("https://").unwrap().parse().unwrap()
    }

    fn client(&self, authority: &Authority) -> Secure {
        authority.client(self.address())
    }

    fn hang_up(&self) {
        let told = Command::new("sh").arg("-c").arg(format!("kill -HUP {}", self.desk.id())).status().unwrap();
        assert!(told.success());
    }
}

#[tokio::test]
async fn people_sign_in_and_hear_over_tls() {
    let authority = Authority::new();
    let secured = Secured::start(&authority);
    let client = secured.client(&authority);
    let sign_in = json!({"email": "kim@example.org", "password": PASSWORD});
    let reply = client.ask(request("POST", "/api/v1/auth/login", &[], Some(&sign_in))).await;
    assert_eq!(reply.status, 200, "{reply:?}");
    let cookies = reply.secure_cookies();

    let mut opening = format!("wss://{NAME}/ws").into_client_request().unwrap();
    opening.headers_mut().insert("origin", secured.desk.base.parse().unwrap());
    opening.headers_mut().insert("cookie", cookies.parse().unwrap());
    let (socket, _) = client_async(opening, client.open().await.unwrap()).await.unwrap();
    drop(socket);
    assert_eq!(secured.desk.terminate().code(), Some(0));
}

#[tokio::test]
async fn a_new_certificate_is_read_while_the_desk_serves() {
    let (old, new) = (Authority::new(), Authority::new());
    let secured = Secured::start(&old);
    let mut kept = secured.client(&old).keep().await;
    assert_eq!(kept.ask(request("GET", "/health", &[], None)).await.status, 200);

    new.issue(secured.files.path());
    secured.hang_up();
    let renewed = secured.client(&new);
    until("the new certificate is shown", async || renewed.open().await.is_ok()).await;
    assert!(secured.client(&old).open().await.is_err());
    assert_eq!(kept.ask(request("GET", "/health", &[], None)).await.status, 200);
    assert_eq!(secured.desk.terminate().code(), Some(0));
}

#[tokio::test]
async fn a_certificate_that_can_not_be_used_is_told_and_the_old_one_stays() {
    let authority = Authority::new();
    let mut secured = Secured::start(&authority);
    fs::write(&secured.issued.key, "no key").unwrap();
    secured.hang_up();
    let client = secured.client(&authority);
    assert_eq!(client.ask(request("GET", "/health", &[], None)).await.status, 200);

    let mut doctor = secured.place.command(&["doctor"]);
    doctor.env("MUSTER_TLS__CERTIFICATE", &secured.issued.chain).env("MUSTER_TLS__KEY", &secured.issued.key);
    let said = crate::program::ended(doctor.output());
    assert!(said.out.contains("WRONG  tls:") && said.out.contains("the key can't be read"), "{said:?}");
    let log = secured.desk.kill();
    assert!(!log.contains("no key"), "{log}");

    let other = Place::sqlite();
    let mut serve = other.command(&["serve", "--listen", "127.0.0.1:0"]);
    serve.env("MUSTER_TLS__CERTIFICATE", &secured.issued.chain).env("MUSTER_TLS__KEY", &secured.issued.key);
    let refused = crate::program::ended(serve.output());
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("the key can't be read"), "{refused:?}");
}
