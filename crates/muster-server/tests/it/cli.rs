//! The command line, over the real program.

mod accounts;
mod commands;
mod demo;
mod doctor;
mod integration;
mod mounting;
mod observed;
mod serve;
mod tls;

use std::time::Duration;

use reqwest::{Response, StatusCode};
use serde_json::Value;

/// An administrator's password for tests.
const PASSWORD: &str = "Correct-horse-9";

async fn get(url: &str) -> (StatusCode, Value) {
    answer(client().get(url).send().await.unwrap()).await
}

async fn answer(response: Response) -> (StatusCode, Value) {
    let status = response.status();
    (status, response.json().await.unwrap())
}

/// Asks until the answer is yes, for a generous while.
async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..600 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("waited in vain until {what}");
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}
