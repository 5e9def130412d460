//! Skills that a request gives or takes: objects, names, or one text with commas.

use serde_json::Value;
use utoipa::ToSchema;

use super::sent::{Priority, Sent};
use crate::envelope::Faults;

/// Most items of a list.
pub(crate) const ITEMS_MAX: usize = 500;
pub(crate) const PRIORITY_RANGE: &str = "agent priority must be between 1 and 100";

// Wire (chosen, after the skill endpoint): the keys.
/// A skill to be given or taken.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes what SkillItem reads leniently")]
pub(crate) struct SkillEntry {
    /// An existing skill, in any case.
    skill_name: String,
    /// 1 is served first. The present one where it is absent, else 1; not looked at when a skill is taken.
    #[schema(minimum = 1, maximum = 100)]
    priority: Option<u8>,
}

/// One skill of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SkillItem {
    /// As `assignSkills[0]`.
    pub(crate) place: String,
    /// Empty if there is none.
    pub(crate) name: String,
    pub(crate) priority: Option<Priority>,
}

/// Reads the skills to be given in the list `field`; what is wrong is added to `faults`.
pub(crate) fn given(field: &str, sent: &Value, faults: &mut Faults) -> Vec<SkillItem> {
    let entries = entries(field, sent, faults);
    let numbered = entries.iter().enumerate();
    let items = numbered.map(|(number, entry)| {
        let item = item(field, number, entry);
        SkillItem { priority: priority(&item.place, entry, faults), ..item }
    });
    items.collect()
}

// Wire (chosen): a priority is not looked at here.
/// Reads the skills to be taken in the list `field`; what is wrong is added to `faults`.
pub(crate) fn taken(field: &str, sent: &Value, faults: &mut Faults) -> Vec<SkillItem> {
    let entries = entries(field, sent, faults);
    entries.iter().enumerate().map(|(number, entry)| item(field, number, entry)).collect()
}

fn entries(field: &str, sent: &Value, faults: &mut Faults) -> Vec<Value> {
    let entries: Vec<Value> = match sent {
        Value::String(names) => names.split(',').filter(|name| !name.trim().is_empty()).map(Value::from).collect(),
        Value::Array(entries) => entries.clone(),
        _ => {
            faults.add(field, format!("{field} must be an array"));
            Vec::new()
        }
    };
    if entries.len() > ITEMS_MAX {
        faults.add(field, format!("{field} must have at most {ITEMS_MAX} items"));
        return Vec::new();
    }
    entries
}

/// The skill without its priority.
fn item(field: &str, number: usize, entry: &Value) -> SkillItem {
    let name = match entry {
        Value::String(_) => Some(entry),
        _ => under(entry, ["skillName", "skill", "name"]),
    };
    let name = Sent::<String>::of(name).filled().unwrap_or_default().to_owned();
    SkillItem { place: format!("{field}[{number}]"), name, priority: None }
}

fn priority(place: &str, entry: &Value, faults: &mut Faults) -> Option<Priority> {
    match Sent::of(under(entry, ["priority", "level", "skillPriority"])) {
        Sent::Given(priority) => Some(priority),
        Sent::Absent | Sent::Null => None,
        Sent::Wrong => {
            faults.add(format!("{place}.priority"), PRIORITY_RANGE);
            None
        }
    }
}

fn under<'v>(entry: &'v Value, names: [&str; 3]) -> Option<&'v Value> {
    names.into_iter().find_map(|name| entry.get(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(sent: &Value) -> (Vec<(String, Option<u8>)>, Value) {
        let mut faults = Faults::default();
        let items = given("assignSkills", sent, &mut faults);
        let items = items.into_iter().map(|item| (item.name, item.priority.map(Priority::get)));
        (items.collect(), serde_json::to_value(faults).unwrap())
    }

    #[test]
    fn objects_names_and_one_text_are_taken() {
        let sent = json!([{"skillName": "A", "priority": 2}, {"skill": "B", "level": "3"}, {"name": "C"}, " D "]);
        let expected = [("A", Some(2)), ("B", Some(3)), ("C", None), ("D", None)];
        let expected = expected.map(|(name, priority)| (name.to_owned(), priority)).to_vec();
        assert_eq!(read(&sent), (expected, json!({})));
        let expected = vec![("A".to_owned(), None), ("B".to_owned(), None)];
        assert_eq!(read(&json!("A, ,B,")), (expected, json!({})));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        assert_eq!(read(&json!(7)).1, json!({"assignSkills": "assignSkills must be an array"}));
        let sent = json!(["A", {"skillName": "B", "priority": 101}, {"priority": 1}, 7]);
        let (items, faults) = read(&sent);
        assert_eq!(faults, json!({"assignSkills[1].priority": PRIORITY_RANGE}));
        assert_eq!(items.iter().filter(|(name, _)| name.is_empty()).count(), 2);
        let many = json!(vec!["A"; ITEMS_MAX + 1]);
        assert_eq!(read(&many).1, json!({"assignSkills": "assignSkills must have at most 500 items"}));
    }

    #[test]
    fn a_priority_is_not_looked_at_where_skills_are_taken() {
        let mut faults = Faults::default();
        let sent = json!([{"skillName": "A", "priority": 101}, {"name": "B", "priority": 2}, "C"]);
        let items = taken("unAssignSkills", &sent, &mut faults);
        let read: Vec<_> = items.iter().map(|item| (item.place.as_str(), item.name.as_str(), item.priority)).collect();
        let expected = [("unAssignSkills[0]", "A"), ("unAssignSkills[1]", "B"), ("unAssignSkills[2]", "C")];
        assert_eq!(read, expected.map(|(place, name)| (place, name, None)));
        assert!(faults.is_empty());
        assert!(taken("unAssignSkills", &json!(7), &mut faults).is_empty() && faults.has("unAssignSkills"));
    }
}
