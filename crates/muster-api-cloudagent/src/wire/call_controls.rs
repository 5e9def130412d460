//! Which call buttons an agent has. The desk keeps them unread; their shape is this product's.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::sent::Sent;
use crate::envelope::Faults;

// Wire (chosen, after an older page's `callControllers`): the nested form.
/// Which call buttons an agent has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CallControls {
    mute: bool,
    hold: bool,
    endcall: bool,
    answer: bool,
    decline: bool,
    transfer: Transfer,
    conference: Conference,
    call_recording: bool,
    manual_dial: bool,
    disposition: bool,
    dial_pad: bool,
}

/// To whom calls can be handed over.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
struct Transfer {
    agent: Ways,
    skill: Ways,
    phone: Ways,
    ivr: Ways,
}

/// With a word before, or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
struct Ways {
    warm: bool,
    blind: bool,
}

/// Whom a conference can take in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
struct Conference {
    agent: bool,
    phone: bool,
}

/// Each button: its place in the nested form, and its flat name.
const BUTTONS: [(&[&str], &str); 19] = [
    (&["mute"], "mute"),
    (&["hold"], "hold"),
    (&["endcall"], "endcall"),
    (&["answer"], "answer"),
    (&["decline"], "decline"),
    (&["transfer", "agent", "warm"], "transfer_agent_warm"),
    (&["transfer", "agent", "blind"], "transfer_agent_blind"),
    (&["transfer", "skill", "warm"], "transfer_skill_warm"),
    (&["transfer", "skill", "blind"], "transfer_skill_blind"),
    (&["transfer", "phone", "warm"], "transfer_phone_warm"),
    (&["transfer", "phone", "blind"], "transfer_phone_blind"),
    (&["transfer", "ivr", "warm"], "transfer_ivr_warm"),
    (&["transfer", "ivr", "blind"], "transfer_ivr_blind"),
    (&["conference", "agent"], "conference_agent"),
    (&["conference", "phone"], "conference_phone"),
    (&["callRecording"], "callRecording"),
    (&["manualDial"], "manualDial"),
    (&["disposition"], "disposition"),
    (&["dialPad"], "dialPad"),
];

/// Where the nested form has an object.
const GROUPS: [&[&str]; 6] = [
    &["transfer"],
    &["transfer", "agent"],
    &["transfer", "skill"],
    &["transfer", "phone"],
    &["transfer", "ivr"],
    &["conference"],
];

impl CallControls {
    /// The buttons as they are kept. Wire (chosen): whatever nobody turned off is on.
    pub(crate) fn of(kept: &Value) -> Self {
        serde_json::from_value(normal(kept)).expect("the normal form has every button")
    }
}

/// The buttons that a request moves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Moves(Vec<(&'static [&'static str], bool)>);

impl Moves {
    // Wire (chosen): the nested form and the flat names, which may be mixed; unknown names are ignored.
    /// Reads the field `name`; what is wrong is added to `faults` with its place.
    pub(crate) fn read(name: &'static str, sent: Option<&Value>, faults: &mut Faults) -> Self {
        let fields = match sent {
            None => return Self::default(),
            Some(Value::Object(fields)) => fields,
            Some(_) => {
                faults.add(name, format!("{name} must be an object"));
                return Self::default();
            }
        };
        for group in GROUPS {
            if find(fields, group).is_some_and(|value| !value.is_object()) {
                let place = place(name, group);
                faults.add(place.clone(), format!("{place} must be an object"));
            }
        }
        let mut moves = Vec::new();
        for (path, flat) in BUTTONS {
            match Sent::<bool>::of(find(fields, path).or_else(|| fields.get(flat))) {
                Sent::Absent => {}
                Sent::Given(on) => moves.push((path, on)),
                Sent::Null | Sent::Wrong => {
                    let place = place(name, path);
                    faults.add(place.clone(), format!("{place} must be true or false"));
                }
            }
        }
        Self(moves)
    }

    /// What is to be kept in place of `kept`; `None` if all buttons are as asked for. Other clients' keys stay.
    pub(crate) fn apply(&self, kept: &Value) -> Option<Value> {
        let before = normal(kept);
        let mut after = before.clone();
        for (path, on) in &self.0 {
            put(&mut after, path, *on);
        }
        if after == before {
            return None;
        }
        Some(self.onto(kept, &after))
    }

    /// What is to be kept for a new agent.
    pub(crate) fn of_new(&self) -> Value {
        let mut all = normal(&Value::Null);
        for (path, on) in &self.0 {
            put(&mut all, path, *on);
        }
        all
    }

    fn onto(&self, kept: &Value, all: &Value) -> Value {
        let mut kept = if kept.is_object() { kept.clone() } else { Value::Object(Map::new()) };
        for (path, _) in BUTTONS {
            put(&mut kept, path, is_on(all, path));
        }
        kept
    }
}

/// Every button in the nested form, and nothing else.
fn normal(kept: &Value) -> Value {
    let mut all = Value::Object(Map::new());
    for (path, _) in BUTTONS {
        put(&mut all, path, is_on(kept, path));
    }
    all
}

fn is_on(kept: &Value, path: &[&str]) -> bool {
    let button = kept.as_object().and_then(|fields| find(fields, path));
    button.and_then(Value::as_bool).unwrap_or(true)
}

fn find<'v>(fields: &'v Map<String, Value>, path: &[&str]) -> Option<&'v Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(fields.get(*first)?, |value, name| value.get(name))
}

fn put(into: &mut Value, path: &[&str], on: bool) {
    match path.split_first() {
        None => *into = Value::Bool(on),
        Some((name, rest)) => {
            if !into.is_object() {
                *into = Value::Object(Map::new());
            }
            put(&mut into[*name], rest, on);
        }
    }
}

fn place(name: &str, path: &[&str]) -> String {
    format!("{name}.{}", path.join("."))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn moves(sent: &Value) -> Moves {
        let mut faults = Faults::default();
        let moves = Moves::read("callControls", Some(sent), &mut faults);
        assert!(faults.is_empty(), "{faults:?}");
        moves
    }

    #[test]
    fn every_button_is_on_until_it_is_turned_off() {
        let all = serde_json::to_value(CallControls::of(&json!({}))).unwrap();
        assert!(BUTTONS.iter().all(|(path, _)| is_on(&all, path)));
        assert_eq!(normal(&all), all);
        let some = CallControls::of(&json!({"mute": false, "transfer": {"agent": {"blind": false}, "ivr": 7}}));
        assert!(!some.mute && !some.transfer.agent.blind && some.transfer.agent.warm && some.transfer.ivr.warm);
    }

    #[test]
    fn both_forms_move_buttons_and_leave_the_others() {
        let nested = moves(&json!({"mute": false, "transfer": {"agent": {"warm": "True", "blind": false}}}));
        let flat = moves(&json!({"mute": "false", "transfer_agent_warm": true, "transfer_agent_blind": false, "x": 1}));
        assert_eq!(nested, flat);
        let kept = nested.apply(&json!({"hold": false, "theirs": {"a": 1}})).unwrap();
        assert_eq!(kept["theirs"], json!({"a": 1}));
        let controls = CallControls::of(&kept);
        assert!(!controls.mute && !controls.hold && !controls.transfer.agent.blind && controls.conference.phone);
    }

    #[test]
    fn saying_what_is_so_changes_nothing() {
        let shown = serde_json::to_value(CallControls::of(&json!({"mute": false}))).unwrap();
        assert_eq!(moves(&shown).apply(&json!({"mute": false})), None);
        assert_eq!(moves(&json!({})).apply(&json!({"mute": false})), None);
        assert_eq!(moves(&json!({"mute": false})).of_new()["mute"], json!(false));
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let faults = |sent: Value| {
            let mut faults = Faults::default();
            Moves::read("callControls", Some(&sent), &mut faults);
            serde_json::to_value(faults).unwrap()
        };
        assert_eq!(faults(json!([])), json!({"callControls": "callControls must be an object"}));
        let expected = json!({
            "callControls.conference": "callControls.conference must be an object",
            "callControls.mute": "callControls.mute must be true or false",
            "callControls.transfer.agent.warm": "callControls.transfer.agent.warm must be true or false",
        });
        let sent = json!({"mute": null, "transfer": {"agent": {"warm": 1}}, "conference": true});
        assert_eq!(faults(sent), expected);
    }
}
