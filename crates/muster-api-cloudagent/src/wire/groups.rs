//! Groups that a request joins or leaves: one text with commas, or a list of names.

use serde_json::Value;

use super::skills::ITEMS_MAX;
use crate::envelope::Faults;

// Wire (documented: the text; chosen: the list, which also reaches a name with a comma).
/// Reads the names of the field; what is wrong is added to `faults`.
pub(crate) fn names(field: &str, sent: &Value, faults: &mut Faults) -> Vec<String> {
    let names: Option<Vec<&str>> = match sent {
        Value::String(names) => Some(names.split(',').collect()),
        Value::Array(names) => names.iter().map(Value::as_str).collect(),
        _ => None,
    };
    let Some(names) = names else {
        faults.add(field, format!("{field} must be a comma-separated list"));
        return Vec::new();
    };
    let names: Vec<String> =
        names.iter().map(|name| name.trim()).filter(|name| !name.is_empty()).map(ToOwned::to_owned).collect();
    if names.len() > ITEMS_MAX {
        faults.add(field, format!("{field} must have at most {ITEMS_MAX} items"));
        return Vec::new();
    }
    names
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn names_come_in_one_text_or_a_list() {
        let mut faults = Faults::default();
        let mut read = |sent: Value| names("assignAgentGroups", &sent, &mut faults);
        assert_eq!(read(json!(" Sales, ,Support,")), ["Sales", "Support"]);
        assert_eq!(read(json!(["Sales, east", ""])), ["Sales, east"]);
        assert!(faults.is_empty());
        for wrong in [json!(7), json!({}), json!(["Sales", 7]), json!(vec!["x"; ITEMS_MAX + 1])] {
            let mut faults = Faults::default();
            assert_eq!(names("assignAgentGroups", &wrong, &mut faults), [""; 0]);
            assert!(!faults.is_empty(), "{wrong}");
        }
    }
}
