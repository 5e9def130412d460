//! Mail from the real program to a real mail server, however that behaves.

mod server;

use std::net::TcpListener;
use std::time::Duration;

use muster_testkit::both_engines;
use muster_testkit::postgres::TestEngine;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::program::{Ended, Place, Serving};
use server::MailServer;

const PASSWORD: &str = "Correct-horse-8";
const ADMIN: [(&str, &str); 2] = [("MUSTER_ADMIN_EMAIL", "ada@example.org"), ("MUSTER_ADMIN_PASSWORD", PASSWORD)];
/// How long a job may take to become what it must become.
const PATIENCE: Duration = Duration::from_secs(180);

/// Variables that tell the desk of a mail server on `port`.
fn plain(port: &str) -> Vec<(&str, &str)> {
    let mail = [
        ("MUSTER_MAIL__HOST", "127.0.0.1"),
        ("MUSTER_MAIL__PORT", port),
        ("MUSTER_MAIL__SECURITY", "none"),
        ("MUSTER_MAIL__FROM", "Desk <desk@example.org>"),
        ("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org"),
        ("MUSTER_SERVER__ALLOWED_HOSTS", "127.0.0.1"),
    ];
    ADMIN.into_iter().chain(mail).collect()
}

fn served(place: &Place, variables: &[(&str, &str)]) -> Serving {
    place.serve_with(&[], variables)
}

/// A command with these variables.
fn run(place: &Place, arguments: &[&str], variables: &[(&str, &str)]) -> Ended {
    crate::program::ended(place.command(arguments).envs(variables.iter().copied()).output())
}

async fn post(url: String, body: &Value) -> Value {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let answer = client.post(url).json(body).send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.json().await.unwrap()
}

/// Asks for a link to set a new password.
async fn forget_password(desk: &Serving) {
    post(format!("{}/api/v1/agents/reset-password", desk.base), &json!({"email": "ada@example.org"})).await;
}

/// Uses the link in a mail.
async fn set_password(desk: &Serving, mail: &Value) {
    let text = mail["text"].as_str().unwrap();
    let link = text.split_whitespace().find(|word| word.starts_with("https://desk.example.org/set-password")).unwrap();
    let token = link.split_once("token=").unwrap().1;
    let body = json!({"token": token, "password": "Another-horse-2"});
    post(format!("{}/api/v1/agents/set-password", desk.base), &body).await;
}

/// The mails that wait or were given up.
fn mails(place: &Place) -> Vec<Value> {
    let printed = place.run(&["jobs", "list", "--json"]).ok();
    let listed: Value = serde_json::from_str(&printed).unwrap();
    let jobs = listed["jobs"].as_array().unwrap().iter();
    jobs.filter(|job| job["name"].as_str().unwrap().starts_with("mail.")).cloned().collect()
}

/// Waits until the only mail is as it must be.
async fn wait_for_mail(place: &Place, is_so: impl Fn(&Value) -> bool) -> Value {
    let seen = tokio::time::timeout(PATIENCE, async {
        loop {
            match mails(place).as_slice() {
                [job] if is_so(job) => return job.clone(),
                _ => tokio::time::sleep(Duration::from_millis(200)).await,
            }
        }
    });
    seen.await.unwrap_or_else(|_| panic!("{:?}", mails(place)))
}

/// Waits until no mail waits and none was given up.
async fn wait_for_the_end(place: &Place) {
    let ended = tokio::time::timeout(PATIENCE, async {
        while !mails(place).is_empty() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    });
    ended.await.unwrap_or_else(|_| panic!("{:?}", mails(place)));
}

async fn a_forgotten_password_is_set_by_mail(engine: TestEngine) {
    let server = MailServer::start(&[]);
    let place = Place::new(engine).await;
    let desk = served(&place, &plain(&server.port));
    forget_password(&desk).await;
    let mail = server.mail();
    assert_eq!((&mail["from"], &mail["to"]), (&json!("desk@example.org"), &json!(["ada@example.org"])));
    let headers = &mail["headers"];
    assert_eq!(headers["from"], "Desk <desk@example.org>");
    assert_eq!(headers["to"], "Administrator <ada@example.org>");
    assert_eq!(headers["subject"], "A new password for https://desk.example.org");
    assert_eq!(headers["auto-submitted"], "auto-generated");
    assert!(headers["message-id"].as_str().unwrap().ends_with("@desk.example.org>"), "{headers}");
    assert!(mail["html"].as_str().unwrap().contains("set-password?token="), "{mail}");
    set_password(&desk, &mail).await;
    wait_for_the_end(&place).await;
    assert_eq!(server.rest(), [""; 0]);
}

#[tokio::test]
async fn greylisted_mail_arrives_at_the_next_try() {
    let server = MailServer::start(&["--greylist", "1"]);
    let place = Place::sqlite();
    let desk = served(&place, &plain(&server.port));
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["last_error"].is_string()).await;
    assert_eq!(
        (&job["state"], &job["attempts"], &job["to"]),
        (&json!("waiting"), &json!(1), &json!("ada@example.org"))
    );
    assert!(job["last_error"].as_str().unwrap().contains("451"), "{job}");
    set_password(&desk, &server.mail()).await;
    wait_for_the_end(&place).await;
}

#[tokio::test]
async fn mail_waits_for_a_server_that_is_down() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port().to_string();
    let place = Place::sqlite();
    let desk = served(&place, &plain(&port));
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["last_error"].is_string()).await;
    assert!(job["last_error"].as_str().unwrap().contains("can't be reached"), "{job}");
    let server = MailServer::start(&["--port", &port]);
    let said = place.run(&["jobs", "retry", &job["id"].to_string()]).ok();
    assert_eq!(said.trim(), format!("Job {} is due now.", job["id"]));
    set_password(&desk, &server.mail()).await;
}

#[tokio::test]
async fn a_minute_of_silence_is_waited_for() {
    let server = MailServer::start(&["--silent", "60"]);
    let place = Place::sqlite();
    let desk = served(&place, &plain(&server.port));
    forget_password(&desk).await;
    set_password(&desk, &server.mail()).await;
    wait_for_the_end(&place).await;
    assert_eq!(server.rest(), [""; 0]);
}

#[tokio::test]
async fn a_server_that_stays_silent_for_too_long_is_asked_again() {
    let server = MailServer::start(&["--silent", "60"]);
    let place = Place::sqlite();
    let variables: Vec<_> = plain(&server.port).into_iter().chain([("MUSTER_MAIL__TIMEOUT", "2s")]).collect();
    let desk = served(&place, &variables);
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["last_error"].is_string()).await;
    assert!(job["last_error"].as_str().unwrap().contains("not done after 2 seconds"), "{job}");
    set_password(&desk, &server.mail()).await;
    wait_for_the_end(&place).await;
}

/// The server has the mail, but the desk dies before it hears so.
async fn a_mail_whose_fate_is_unknown_comes_again_under_the_same_id(engine: TestEngine) {
    let holding = MailServer::start(&["--hold"]);
    let place = Place::new(engine).await;
    let mut desk = served(&place, &plain(&holding.port));
    forget_password(&desk).await;
    let first = holding.mail();
    desk.kill();
    let server = MailServer::start(&[]);
    let desk = served(&place, &plain(&server.port));
    let second = server.mail();
    assert_eq!(first["headers"]["message-id"], second["headers"]["message-id"]);
    assert_eq!(first["text"], second["text"]);
    set_password(&desk, &first).await;
    wait_for_the_end(&place).await;
}

async fn a_mail_that_was_refused_for_good_is_shown_and_can_be_tried_again(engine: TestEngine) {
    let refusing = MailServer::start(&["--refuse"]);
    let place = Place::new(engine).await;
    let desk = served(&place, &plain(&refusing.port));
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["state"] == "dead").await;
    assert_eq!((&job["attempts"], &job["name"], &job["next_try_at"]), (&json!(1), &json!("mail.reset"), &Value::Null));
    let why = job["last_error"].as_str().unwrap();
    assert!(why.contains("550") && why.contains("There is no such mailbox"), "{why}");
    assert_eq!(place.run(&["doctor"]).code, Some(1));
    assert_eq!(shown_by_the_api(&place, &desk).await["last_error"], why);

    drop(desk);
    let server = MailServer::start(&[]);
    let desk = served(&place, &plain(&server.port));
    assert_eq!(place.run(&["jobs", "retry", "--all-dead"]).ok().trim(), "One job is due now.");
    set_password(&desk, &server.mail()).await;
    wait_for_the_end(&place).await;
    let none = place.run(&["jobs", "retry", &job["id"].to_string()]);
    assert_eq!(none.code, Some(2), "{none:?}");
}

/// The first of the dead jobs.
async fn shown_by_the_api(place: &Place, desk: &Serving) -> Value {
    let key = place.run(&["api-key", "create", "--agent", "ada@example.org", "--json"]).ok();
    let key: Value = serde_json::from_str(&key).unwrap();
    let credential = ["api_key", "api_secret"].map(|half| key[half].as_str().unwrap().to_owned()).join(":");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let request = client.get(format!("{}/api/v1/jobs?state=dead", desk.base));
    let answer = request.header("authorization", format!("token {credential}")).send().await.unwrap();
    answer.json::<Value>().await.unwrap()["data"]["results"][0].clone()
}

/// A certificate for 127.0.0.1 and its key, in one file.
fn certificate(place: &Place) -> (String, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let write = |name: &str, text: String| {
        let file = place.data().parent().unwrap().join(name);
        std::fs::write(&file, text).unwrap();
        file.display().to_string()
    };
    (write("ca.pem", cert.pem()), write("server.pem", cert.pem() + &signing_key.serialize_pem()))
}

#[tokio::test]
async fn mail_is_sent_over_starttls_and_tls_with_a_login() {
    for (security, implicit) in [("starttls", None), ("tls", Some("--implicit"))] {
        let place = Place::sqlite();
        let (ca, pem) = certificate(&place);
        let mut arguments = vec!["--certificate", &pem, "--login", "desk:secret-word"];
        arguments.extend(implicit);
        let server = MailServer::start(&arguments);
        let mut variables = plain(&server.port);
        variables.extend([
            ("MUSTER_MAIL__SECURITY", security),
            ("MUSTER_MAIL__CA_FILE", &ca),
            ("MUSTER_MAIL__USERNAME", "desk"),
            ("MUSTER_MAIL__PASSWORD", "secret-word"),
        ]);
        let desk = served(&place, &variables);
        forget_password(&desk).await;
        let mail = server.mail();
        assert_eq!((&mail["tls"], &mail["authenticated"]), (&json!(true), &json!(true)), "{security}");
        set_password(&desk, &mail).await;

        let doctor = run(&place, &["doctor"], &variables);
        assert!(doctor.out.contains("accepts the login") && !doctor.out.contains("WRONG"), "{doctor:?}");
        let told = run(&place, &["mail", "test", "--to", "kim@example.org"], &variables).ok();
        assert_eq!(told.trim(), "127.0.0.1 has taken a mail to kim@example.org.");
        assert_eq!(server.mail()["headers"]["subject"], "Mail from https://desk.example.org works");

        for (name, value, why) in [
            ("MUSTER_MAIL__PASSWORD", "another-word", "did not accept the login"),
            ("MUSTER_MAIL__CA_FILE", "", "mail server"),
            ("MUSTER_MAIL__CA_FILE", "/nowhere.pem", "mail.ca_file /nowhere.pem"),
        ] {
            let doctor = run(&place, &["doctor"], &[variables.clone(), vec![(name, value)]].concat());
            let wrong: Vec<&str> = doctor.out.lines().filter(|line| line.starts_with("WRONG")).collect();
            assert!(wrong.len() == 1 && wrong[0].contains(why) && !wrong[0].contains("another-word"), "{doctor:?}");
        }
    }
}

#[tokio::test]
async fn a_server_without_tls_is_not_spoken_to_in_the_clear() {
    let server = MailServer::start(&[]);
    let place = Place::sqlite();
    let variables: Vec<_> = plain(&server.port).into_iter().chain([("MUSTER_MAIL__SECURITY", "starttls")]).collect();
    let desk = served(&place, &variables);
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["last_error"].is_string()).await;
    assert!(job["last_error"].as_str().unwrap().contains("does not offer STARTTLS"), "{job}");
    assert_eq!(server.rest(), [""; 0]);
}

#[tokio::test]
async fn without_a_mail_server_mails_wait_and_links_are_printed() {
    let place = Place::sqlite();
    let public_url = ("MUSTER_SERVER__PUBLIC_URL", "https://desk.example.org");
    let hosts = ("MUSTER_SERVER__ALLOWED_HOSTS", "127.0.0.1");
    let variables: Vec<_> = ADMIN.into_iter().chain([public_url, hosts]).collect();
    let desk = served(&place, &variables);
    forget_password(&desk).await;
    let job = wait_for_mail(&place, |job| job["state"] == "waiting").await;
    assert_eq!((&job["attempts"], &job["last_error"]), (&json!(0), &Value::Null));
    let listed = place.run(&["jobs", "list"]).ok();
    assert!(listed.contains("waiting  mail.reset to ada@example.org"), "{listed}");
    let doctor = place.run(&["doctor"]).ok();
    assert!(doctor.contains("one mail waits for it"), "{doctor}");
    let printed = run(&place, &["admin", "invite-link", "--agent", "ada@example.org"], &variables).ok();
    drop(desk);

    // The link that was printed took the place of the one that waited to be mailed.
    let server = MailServer::start(&[]);
    let desk = served(&place, &plain(&server.port));
    wait_for_the_end(&place).await;
    assert_eq!(server.rest(), [""; 0]);
    set_password(&desk, &json!({ "text": printed })).await;
}

#[tokio::test]
async fn a_broken_template_is_told_and_the_built_in_text_is_sent() {
    let server = MailServer::start(&[]);
    let place = Place::sqlite();
    let templates = place.data().join("templates");
    std::fs::create_dir_all(&templates).unwrap();
    std::fs::write(templates.join("reset.txt"), "Hello\n{{ nobody }}\n").unwrap();
    std::fs::write(templates.join("reset.subject.txt"), "For {{ first_name }}").unwrap();
    let variables = plain(&server.port);
    let mut desk = served(&place, &variables);
    forget_password(&desk).await;
    let mail = server.mail();
    assert_eq!(mail["headers"]["subject"], "For Administrator");
    assert!(mail["text"].as_str().unwrap().contains("https://desk.example.org/set-password"));
    let doctor = run(&place, &["doctor"], &variables);
    assert!(doctor.out.contains("reset.txt, line 2: undefined value"), "{doctor:?}");
    let log = desk.kill();
    assert!(log.contains("reset.txt, line 2: undefined value"), "{log}");
}

both_engines!(
    a_forgotten_password_is_set_by_mail,
    a_mail_whose_fate_is_unknown_comes_again_under_the_same_id,
    a_mail_that_was_refused_for_good_is_shown_and_can_be_tried_again,
);
