//! Tokens.

use std::time::Duration;

use axum::extract::State;
use muster_app::integrations::{IssuedToken, TokenRule};

use crate::Api;
use crate::auth::Call;
use crate::envelope::{CredentialRefusal, Refusal, Reply};
use crate::error::Result;
use crate::wire::requests::{Account, Token};

// Wire (documented, "Generate Token"): 60 minutes; 10 an hour; an older one dies at once.
const LIFE: Duration = Duration::from_secs(60 * 60);
const MOST_PER_HOUR: u32 = 10;

/// Generates a token for an account. Earlier tokens of it are invalid from now on.
#[utoipa::path(
    post,
    path = "/ca_apis/CAToken/generateToken",
    tag = "tokens",
    security(("api_key" = [])),
    request_body = Account,
    responses(
        (status = 200, description = "The token, for 60 minutes", body = Token),
        (status = 401, description = "No or a wrong key or account", body = CredentialRefusal),
        (status = 429, description = "More than 10 tokens in an hour", body = Refusal)
    )
)]
pub(crate) async fn generate(State(api): State<Api>, call: Call) -> Result<Reply<Token>> {
    let most_per_hour = api.limits.is_enabled().then_some(MOST_PER_HOUR);
    let rule = TokenRule { life: LIFE, replaces_earlier: true, most_per_hour };
    let IssuedToken { token, expires_at: _ } =
        api.app.issue_integration_token(&call.caller, call.account.id, rule).await?;
    Ok(Reply(Token { token, message: "" }))
}
