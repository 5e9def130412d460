//! Which credential opens which product's door, and what a client of each product leaves as it was.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster_testkit::{AgentHandle, Client, PASSWORD};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::four::{Four, done};

/// Where somebody comes in with a name and a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Door {
    Libredesk,
    Rocketchat,
    RocketchatDigest,
    Cloudagent,
}

const DOORS: [Door; 4] = [Door::Libredesk, Door::Rocketchat, Door::RocketchatDigest, Door::Cloudagent];

impl Door {
    /// The status of signing in there, and out again.
    async fn tries(self, four: &Four, login: &str, password: &str) -> u16 {
        match self {
            Self::Libredesk => {
                let body = json!({"email": login, "password": password});
                four.libredesk.anonymous().post("/api/v1/auth/login", &body).await.status().as_u16()
            }
            Self::Rocketchat => {
                let body = json!({"user": login, "password": password});
                four.rocketchat.anonymous().post("/api/v1/login", &body).await.status().as_u16()
            }
            Self::RocketchatDigest => {
                let digest = Sha256::digest(password).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                let body = json!({"user": login, "password": {"digest": digest, "algorithm": "sha-256"}});
                four.rocketchat.anonymous().post("/api/v1/login", &body).await.status().as_u16()
            }
            Self::Cloudagent => {
                let status = at_cloudagent(four, login, password, "login").await;
                if status == 200 {
                    assert_eq!(at_cloudagent(four, login, password, "logout").await, 200);
                }
                status
            }
        }
    }

    /// What a wrong password gets there.
    const fn refusal(self) -> u16 {
        match self {
            Self::Libredesk => 400,
            Self::Rocketchat | Self::RocketchatDigest | Self::Cloudagent => 401,
        }
    }
}

async fn at_cloudagent(four: &Four, login: &str, password: &str, action: &str) -> u16 {
    let (account, key) = (&four.account, &four.cloudagent_key.key);
    let form = format!("userName={account}&apiKey={key}&action={action}&phoneNumber=%2B15550100&mode=chat");
    let client = four.cloudagent.anonymous();
    let request = client.request(Method::POST, "/CAServices/AgentAuthenticationV2/index.php");
    let request = request.header("content-type", "application/x-www-form-urlencoded").body(form);
    client.send(request.basic_auth(login, Some(password))).await.status().as_u16()
}

/// Tries every door: these open, the others refuse.
async fn opens(four: &Four, password: &str, open: &[Door]) {
    for door in DOORS {
        let expected = if open.contains(&door) { 200 } else { door.refusal() };
        assert_eq!(door.tries(four, "kim", password).await, expected, "{door:?}");
    }
}

/// The status of using imi.chat's own door with this name and secret in place of a domain and its key.
async fn at_imichat(four: &Four, name: &str, secret: &str) -> u16 {
    let shown = STANDARD.encode(format!("{secret}@{name}"));
    four.imichat.anonymous().header("authorization", &shown).get("/v3.1/authorize").await.status().as_u16()
}

#[tokio::test]
async fn a_desk_password_opens_every_door_but_those_of_keys() {
    let four = Four::new().await;
    let kim = four.desk.agent("kim").team(four.team).password().await;
    opens(&four, PASSWORD, &DOORS).await;
    opens(&four, "Correct-horse-8", &[]).await;
    assert_eq!(at_imichat(&four, "kim", PASSWORD).await, 400);
    assert_eq!(at_imichat(&four, &kim.email, PASSWORD).await, 400);
    let imichat = &four.imichat_key;
    assert_eq!(at_imichat(&four, &imichat.integration.account, &imichat.key).await, 200);
}

#[tokio::test]
async fn three_characters_from_cloudagent_open_its_own_door_alone() {
    let four = Four::new().await;
    let kim = four.desk.agent("kim").team(four.team).await;
    four.edit(&kim, json!({"password": "abc"})).await;
    opens(&four, "abc", &[Door::Cloudagent]).await;
    assert_eq!(at_imichat(&four, "kim", "abc").await, 400);
    four.edit(&kim, json!({"password": "Correct-horse-9"})).await;
    opens(&four, "Correct-horse-9", &DOORS).await;
    opens(&four, "abc", &[]).await;
    // So many wrong ones stop the account for a while.
    four.desk.advance(Duration::from_secs(15 * 60)).await;
    // A weak one again leaves the desk's password as it is.
    four.edit(&kim, json!({"password": "xyz"})).await;
    opens(&four, "xyz", &[Door::Cloudagent]).await;
    opens(&four, "Correct-horse-9", &DOORS).await;
}

#[tokio::test]
async fn what_opens_one_products_api_opens_no_others() {
    let four = Four::new().await;
    let kim = four.desk.agent("kim").team(four.team).password().await;
    let kim_at_rocketchat = four.user("kim").await;
    let (key, secret) = &kim.key;
    let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let sent = |client: &Client, name: &str| {
        let request = client.request(Method::GET, "/").build().unwrap();
        request.headers()[name].to_str().unwrap().to_owned()
    };
    let shown = [
        vec![header("authorization", &format!("token {key}:{secret}"))],
        vec![
            header("x-user-id", &sent(&kim_at_rocketchat, "x-user-id")),
            header("x-auth-token", &sent(&kim_at_rocketchat, "x-auth-token")),
        ],
        vec![header("authorization", &sent(&four.c, "authorization"))],
        vec![header("apikey", &four.cloudagent_key.key)],
        vec![header("access_token", &sent(&four.i, "access_token")), header("teamid", &four.team.to_string())],
        vec![header("access_token", &four.imichat_key.key), header("teamid", &four.team.to_string())],
    ];
    // Which of them each product takes.
    let takes = [("libredesk", vec![0]), ("rocketchat", vec![1]), ("cloudagent", vec![2, 3]), ("imichat", vec![4])];
    for (product, taken) in takes {
        for (number, headers) in shown.iter().enumerate() {
            let served = match product {
                "libredesk" => &four.libredesk,
                "rocketchat" => &four.rocketchat,
                "cloudagent" => &four.cloudagent,
                _ => &four.imichat,
            };
            let client = headers.iter().fold(served.anonymous(), |client, (name, value)| client.header(name, value));
            let answer = match product {
                "libredesk" => client.get("/api/v1/agents/me").await,
                "rocketchat" => client.get("/api/v1/me").await,
                "cloudagent" => client.post("/ca_apis/AgentDetails", &json!({"userName": four.account})).await,
                _ => client.get(&format!("/v3.1/users/{}", kim.id)).await,
            };
            assert_eq!(answer.status() == 200, taken.contains(&number), "{product} {number}: {}", answer.text());
        }
    }
}

#[tokio::test]
async fn disabling_locking_and_a_new_password_end_what_was_opened() {
    for (name, change) in [
        ("disabled", json!({"enabled": false})),
        ("locked", json!({"muster": {"locked": true}})),
        ("a new password", json!({"new_password": "Correct-horse-9"})),
    ] {
        let four = Four::new().await;
        let kim = four.desk.agent("kim").team(four.team).password().await;
        let (token, session) = (four.user("kim").await, session(&four).await);
        assert_eq!(at_cloudagent(&four, "kim", PASSWORD, "login").await, 200);
        let mut body = json!({"first_name": "Kim", "email": kim.email, "roles": ["Agent"]});
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        done(four.l.put(&format!("/api/v1/agents/{}", kim.id), &body).await);
        assert_eq!(token.get("/api/v1/me").await.status(), 401, "{name}");
        assert!([401, 403].contains(&session.get("/api/v1/agents/me").await.status().as_u16()), "{name}");
        let profile = four.profile(&kim).await;
        assert!(!profile.state.is_live(four.desk.now()), "{name}");
        let is_key_good = four.libredesk.as_agent(&kim).get("/api/v1/agents/me").await.status() == 200;
        assert_eq!(is_key_good, name == "a new password", "{name}");
        // The integrations are nobody's and go on.
        done(four.i.get(&format!("/v3.1/users/{}", kim.id)).await);
        done(four.c.post("/ca_apis/AgentDetails", &json!({"userName": four.account})).await);
    }
}

/// Kim's browser, signed in at Libredesk.
async fn session(four: &Four) -> Client {
    let body = json!({"email": "kim@example.org", "password": PASSWORD});
    let answer = done(four.libredesk.anonymous().post("/api/v1/auth/login", &body).await);
    let cookies = answer.headers().get_all("set-cookie").iter();
    let cookies: Vec<&str> = cookies.map(|line| line.to_str().unwrap().split(';').next().unwrap()).collect();
    four.libredesk.anonymous().header("cookie", &cookies.join("; "))
}

/// A client of each product writes back what it has read of an agent: nothing changes, whatever others had written.
#[tokio::test]
async fn whoever_writes_back_what_was_read_changes_nothing() {
    let four = Four::new().await;
    for (first, last) in [("Mary Ann", "Smith"), ("O'Brien", "Ó Dálaigh"), ("Зоя", ""), ("王", "小明")] {
        let number = four.desk.now().as_millis() + i64::try_from(first.len()).unwrap();
        let login = format!("Kim.{number}");
        let kim = four.desk.agent(&login.to_lowercase()).team(four.team).await;
        let path = format!("/api/v1/agents/{}", kim.id);
        let french = format!("French {number}");
        four.desk.skill(&french).await;
        let named = json!({
            "first_name": first, "last_name": last, "email": kim.email, "roles": ["Agent"],
            "muster": {"login": login, "skills": [{"name": french, "level": 60}]},
        });
        done(four.l.put(&path, &named).await);
        four.desk.quiet().await;
        let before = four.desk.digest().await;
        write_back(&four, &kim, &path).await;
        four.desk.quiet().await;
        assert_eq!(four.desk.digest().await.changed_since(&before), Vec::<String>::new(), "{first} {last}");
    }
}

async fn write_back(four: &Four, kim: &AgentHandle, path: &str) {
    let shown = four.shown(kim).await;
    let teams: Vec<&Value> = shown["teams"].as_array().unwrap().iter().map(|team| &team["name"]).collect();
    let body = json!({
        "first_name": shown["first_name"], "last_name": shown["last_name"], "email": shown["email"],
        "roles": shown["roles"], "teams": teams, "enabled": shown["enabled"],
        "muster": {"login": shown["muster"]["login"], "skills": shown["muster"]["skills"]},
    });
    done(four.l.put(path, &body).await);

    let details = json!({"userName": four.account, "agentId": shown["muster"]["login"]});
    let details = done(four.c.post("/ca_apis/AgentDetails", &details).await).json();
    let name = &details["message"][0]["AgentName"];
    let priority = 101 - shown["muster"]["skills"][0]["level"].as_i64().unwrap();
    four.edit(
        kim,
        json!({
            "agentName": name, "agentNameNew": name, "agentIdNew": details["message"][0]["AgentId"],
            "assignSkills": [{"skillName": details["message"][0]["Skill"], "priority": priority}],
            "assignAgentGroups": "Support",
        }),
    )
    .await;

    let user = done(four.i.get(&format!("/v3.1/users/{}", kim.id)).await).json()["response"].take();
    let mut back = json!({});
    for field in ["first_name", "last_name", "status", "job_description", "login_using_email", "skill_attributes"] {
        back[field] = user[field].clone();
    }
    four.update(kim, &back).await;

    let department = four.department_id(four.team).await;
    let links = format!("/api/v1/livechat/department/{department}/agents");
    let listed = done(four.r.get(&links).await).json();
    let upsert: Vec<Value> = listed["agents"].as_array().unwrap().clone();
    let upsert: Vec<Value> = upsert
        .iter()
        .map(|it| json!({"agentId": it["agentId"], "username": it["username"], "count": it["count"], "order": it["order"]}))
        .collect();
    done(four.r.post(&links, &json!({"upsert": upsert, "remove": []})).await);
}
