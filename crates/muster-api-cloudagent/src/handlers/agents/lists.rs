//! The skills and groups that a request names, looked up.

use std::collections::BTreeMap;

use muster_core::id::{SkillId, TeamId};
use muster_core::text;
use serde_json::Value;

use crate::Api;
use crate::auth::Call;
use crate::envelope::Faults;
use crate::error::Result;
use crate::wire::agent_request::{AgentFields, EditAgent};
use crate::wire::groups;
use crate::wire::sent::Priority;
use crate::wire::skills::{self, SkillItem};

/// What a request says of skills and groups.
pub(super) struct Lists {
    give: Vec<SkillItem>,
    drop: Vec<SkillItem>,
    join: Vec<String>,
    leave: Vec<String>,
    faults: Faults,
}

/// The same by the desk's own ids.
#[derive(Debug, Default)]
pub(super) struct Belongings {
    /// Levels; `None`: the present one, or the best.
    pub(super) give: Vec<(SkillId, Option<u8>)>,
    pub(super) drop: Vec<SkillId>,
    pub(super) join: Vec<TeamId>,
    pub(super) leave: Vec<TeamId>,
    /// What can't be found or read.
    pub(super) faults: Faults,
}

const ASSIGN_GROUPS: &str = "assignAgentGroups";
const UN_ASSIGN_GROUPS: &str = "unAssignAgentGroups";

impl Lists {
    pub(super) fn of_edit(request: &EditAgent) -> Self {
        let fields = &request.fields;
        let leave = request.un_assign_agent_groups.as_ref();
        Self::read(fields, request.un_assign_skills.as_ref(), leave)
    }

    pub(super) fn of_new(fields: &AgentFields) -> Self {
        Self::read(fields, None, None)
    }

    fn read(fields: &AgentFields, drop: Option<&Value>, leave: Option<&Value>) -> Self {
        let mut faults = Faults::default();
        let give = fields.assign_skills.as_ref();
        let give = give.map(|sent| skills::given("assignSkills", sent, &mut faults)).unwrap_or_default();
        let drop = drop.map(|sent| skills::taken("unAssignSkills", sent, &mut faults)).unwrap_or_default();
        let mut names = |field: &str, sent: Option<&Value>| {
            sent.map(|sent| groups::names(field, sent, &mut faults)).unwrap_or_default()
        };
        let join = names(ASSIGN_GROUPS, fields.assign_agent_groups.as_ref());
        let leave = names(UN_ASSIGN_GROUPS, leave);
        Self { give, drop, join, leave, faults }
    }

    /// Finds all that is named; what isn't there is a fault.
    pub(super) async fn look_up(self, api: &Api, call: &Call) -> Result<Belongings> {
        let skills = known_skills(api, &[&self.give, &self.drop]).await?;
        let teams = known_teams(api, call, &[&self.join, &self.leave]).await?;
        let mut faults = self.faults;
        let mut skill = |item: &SkillItem| {
            let found = skills.get(&text::key(&item.name)).copied();
            if found.is_none() {
                faults.add(format!("{}.skillName", item.place), "skillName not found");
            }
            found
        };
        let mut give = BTreeMap::new();
        for item in &self.give {
            if let Some(id) = skill(item) {
                give.insert(id, item.priority.map(Priority::level));
            }
        }
        let drop = self.drop.iter().filter_map(skill).collect();
        let mut team = |field: &str, name: &String| {
            let found = teams.get(&text::key(name)).copied();
            if found.is_none() {
                faults.add(field, "agent group not found");
            }
            found
        };
        let join = self.join.iter().filter_map(|name| team(ASSIGN_GROUPS, name)).collect();
        let leave = self.leave.iter().filter_map(|name| team(UN_ASSIGN_GROUPS, name)).collect();
        Ok(Belongings { give: give.into_iter().collect(), drop, join, leave, faults })
    }
}

async fn known_skills(api: &Api, lists: &[&Vec<SkillItem>]) -> Result<BTreeMap<String, SkillId>> {
    let names: Vec<String> = lists.iter().flat_map(|list| list.iter()).map(|item| item.name.clone()).collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let skills = api.app.skills_by_names(&names).await?;
    Ok(skills.into_iter().map(|skill| (text::key(&skill.name), skill.id)).collect())
}

/// Agent groups by name; archived teams are none.
async fn known_teams(api: &Api, call: &Call, lists: &[&Vec<String>]) -> Result<BTreeMap<String, TeamId>> {
    let names: Vec<String> = lists.iter().flat_map(|list| list.iter()).cloned().collect();
    if names.is_empty() {
        return Ok(BTreeMap::new());
    }
    let teams = api.app.teams_by_names(&call.caller, &names).await?;
    let groups = teams.into_iter().filter(|team| team.archived_at.is_none());
    Ok(groups.map(|team| (text::key(&team.name), team.id)).collect())
}
