//! Integrations: programs that provision agents with a key of their own. They stand as themselves in the audit log and
//! go on when whoever made them leaves.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::agent::{AgentKind, Profile};
use crate::id::{AgentId, IntegrationId, TeamId};
use crate::role::{AGENT_KEY, ANALYST_KEY, Role};
use crate::time::Timestamp;
use crate::word::words;
use crate::{Error, Result, Why};

pub const NAME_MAX: usize = 140;
/// Lengths of an account name.
const ACCOUNT_MIN: usize = 3;
const ACCOUNT_MAX: usize = 40;

/// A product for whose clients integrations can be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kind {
    /// The word of the dialect that serves them.
    pub word: &'static str,
    /// Whether an integration can be kept to some of the teams; else it serves the whole desk.
    pub by_team: bool,
}

impl Kind {
    /// The kind of that word.
    ///
    /// # Errors
    /// [`Error::Invalid`] for `product`.
    pub fn find(kinds: &[Self], word: &str) -> Result<Self> {
        kinds.iter().copied().find(|kind| kind.word == word).ok_or(Error::invalid("product", Why::Unknown))
    }

    /// # Errors
    /// [`Error::Invalid`] for `team_ids`, if they are listed for a product that knows no such limit, or none is.
    pub fn check_teams<T>(self, teams: Option<&[T]>) -> Result<()> {
        match teams {
            Some(_) if !self.by_team => Err(Error::invalid("team_ids", Why::OutOfRange)),
            Some([]) => Err(Error::invalid("team_ids", Why::Empty)),
            _ => Ok(()),
        }
    }
}

/// An account name made of the integration's name: lower case letters, digits and single hyphens, 3–40 of them, and none
/// of those in `taken`. What leaves too little is put behind the kind's word.
#[must_use]
pub fn account_name(kind: &str, name: &str, taken: &BTreeSet<String>) -> String {
    let slug = slug(name);
    let base = match slug.len() {
        0 => kind.to_owned(),
        1..ACCOUNT_MIN => format!("{kind}-{slug}"),
        _ => slug,
    };
    let with = |suffix: &str| format!("{}{suffix}", cut(&base, ACCOUNT_MAX - suffix.len()));
    let numbered = (2_u64..).map(|number| with(&format!("-{number}")));
    let mut names = std::iter::once(with("")).chain(numbered);
    names.find(|name| !taken.contains(name)).unwrap_or_default()
}

/// The text's letters and digits in lower case, accents dropped, with a hyphen for each run of anything else.
fn slug(text: &str) -> String {
    let plain: String = text.nfkd().filter(|letter| !is_combining_mark(*letter)).collect();
    let is_other = |letter: char| !letter.is_ascii_alphanumeric();
    let words: Vec<&str> = plain.split(is_other).filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

/// At most `length` characters of an ASCII text, without a hyphen at the end.
fn cut(text: &str, length: usize) -> &str {
    text.get(..length).unwrap_or(text).trim_end_matches('-')
}

words! {
    /// How an integration's calls may prove themselves.
    pub enum Proof { Key = "key", Token = "token", Either = "either" }
}

/// Which teams an integration serves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeamScope {
    /// The whole desk.
    All,
    /// These only; none once the last of them is deleted.
    Listed(BTreeSet<TeamId>),
}

impl TeamScope {
    #[must_use]
    pub fn serves(&self, team: TeamId) -> bool {
        match self {
            Self::All => true,
            Self::Listed(teams) => teams.contains(&team),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Integration {
    pub id: IntegrationId,
    /// Which product's clients it is for: a word of the dialect that serves them.
    pub kind: String,
    /// Under which name its client signs in, unique among its kind.
    pub account: String,
    pub name: String,
    pub teams: TeamScope,
    pub proof: Proof,
    /// Tokens of an earlier generation are dead.
    pub generation: i64,
    pub created_by: Option<AgentId>,
    pub created_at: Timestamp,
    pub revoked_at: Option<Timestamp>,
}

/// An integration at work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrationActor {
    pub id: IntegrationId,
    pub name: String,
    pub teams: TeamScope,
    /// The team a call is made for; `None`: the whole desk.
    pub acting_for: Option<TeamId>,
}

impl IntegrationActor {
    /// Whether this agent exists as far as the integration can tell. An agent without any team belongs to whoever serves
    /// the whole desk, so that nobody is lost who lost the last team elsewhere.
    #[must_use]
    pub fn sees(&self, profile: &Profile) -> bool {
        match self.acting_for {
            _ if profile.agent.kind == AgentKind::System => false,
            None => self.teams == TeamScope::All,
            Some(team) => {
                let is_member = profile.teams.iter().any(|held| held.id == team);
                self.teams.serves(team) && (is_member || (profile.teams.is_empty() && self.teams == TeamScope::All))
            }
        }
    }

    /// Whether it may change this agent. Whoever administers the desk is out of its reach.
    #[must_use]
    pub fn may_change(&self, profile: &Profile) -> bool {
        self.sees(profile) && profile.permissions().administration().is_empty()
    }

    /// Whether it may give this role to somebody.
    #[must_use]
    pub fn may_grant(role: &Role) -> bool {
        matches!(role.key.as_deref(), Some(AGENT_KEY | ANALYST_KEY))
    }
}

impl From<&Integration> for IntegrationActor {
    fn from(integration: &Integration) -> Self {
        let Integration { id, name, teams, .. } = integration;
        Self { id: *id, name: name.clone(), teams: teams.clone(), acting_for: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_named_after_its_integration() {
        let account = |name, taken: &[&str]| {
            let taken = taken.iter().map(|&name| name.to_owned()).collect();
            account_name("shop", name, &taken)
        };
        assert_eq!(account("Web Shop", &[]), "web-shop");
        assert_eq!(account("Web Shop", &["web-shop"]), "web-shop-2");
        assert_eq!(account("Web Shop", &["web-shop", "web-shop-2"]), "web-shop-3");
        assert_eq!(account("  Büro & Café, №5 ", &[]), "buro-cafe-no5");
        assert_eq!(account("店", &[]), "shop");
        assert_eq!(account("X", &[]), "shop-x");
        let long = "a".repeat(39) + "-b";
        assert_eq!(account(&long, &[]), "a".repeat(39));
        assert_eq!(account(&"a".repeat(50), &[&"a".repeat(40)]), "a".repeat(38) + "-2");
    }

    #[test]
    fn teams_are_listed_only_where_the_product_knows_them() {
        let kinds = [Kind { word: "whole", by_team: false }, Kind { word: "some", by_team: true }];
        let [whole, some] = ["whole", "some"].map(|word| Kind::find(&kinds, word).unwrap());
        assert!(Kind::find(&kinds, "other").is_err());
        assert!(whole.check_teams::<i64>(None).is_ok() && some.check_teams(Some(&[1])).is_ok());
        assert!(whole.check_teams(Some(&[1])).is_err() && some.check_teams::<i64>(Some(&[])).is_err());
    }
}
