//! The rules of the product's pages for what is written about an agent, in the pages' order.
//!
//! Whatever an agent has already passes, so that clients can send back what they were shown.

use muster_app::agents::{AgentExtension, AgentPatch, NewAgent};
use muster_core::agent::{self, Agent, Channel};
use muster_core::password::check_product;

use super::lists::Belongings;
use super::{belonging, password};
use crate::Settings;
use crate::envelope::Faults;
use crate::error::{Failure, INVALID_EMAIL, Result};
use crate::wire::agent_request::{AgentFields, CreateAgent, EditAgent};
use crate::wire::call_controls::Moves;
use crate::wire::sent::Sent;
use crate::wire::skills::PRIORITY_RANGE;

/// What follows "The agent name" and "The agent id". Wire (documented): the text, blanks included.
const RULE: &str = "must not be empty and it should be between 2 and 50 alphanumeric characters and allow special \
                    characters such as., @, _, -";
const CALL_CONTROLS: &str = "callControls";

/// A checked edit.
pub(super) fn edit(
    request: &EditAgent,
    agent: &Agent,
    mut belongings: Belongings,
    settings: &Settings,
) -> Result<AgentPatch> {
    let fields = &request.fields;
    let mut faults = Faults::default();
    let login = id_new(&request.agent_id_new, agent, &mut faults);
    check_name(&fields.agent_name, Some(agent), &mut faults);
    let full_name = name_new(&request.agent_name_new, agent, &mut faults);
    let mut extension = extension(fields, &mut faults);
    let controls = Moves::read(CALL_CONTROLS, fields.call_controls.as_ref(), &mut faults);
    extension.call_controls = controls.apply(&agent.call_controls);
    faults.extend(std::mem::take(&mut belongings.faults));
    check_documented(fields, Some(agent), settings, faults)?;
    Ok(AgentPatch {
        login,
        full_name,
        email: given(&fields.email),
        product_password: given(&fields.password).as_deref().map(password),
        // Other buttons than those moved are as they were read.
        if_version: extension.call_controls.is_some().then_some(agent.version),
        extension,
        ..belonging(belongings)
    })
}

/// A checked new agent, without its role.
pub(super) fn new(
    request: &CreateAgent,
    login: String,
    mut belongings: Belongings,
    settings: &Settings,
) -> Result<NewAgent> {
    let fields = &request.fields;
    let mut faults = Faults::default();
    check_name(&fields.agent_name, None, &mut faults);
    let mut extension = extension(fields, &mut faults);
    extension.channels = new_channels(&extension.channels);
    let controls = Moves::read(CALL_CONTROLS, fields.call_controls.as_ref(), &mut faults);
    extension.call_controls = Some(controls.of_new());
    match &request.priority {
        Sent::Absent => {}
        Sent::Given(priority) => extension.rank = Some(priority.get()),
        Sent::Null | Sent::Wrong => faults.add("priority", PRIORITY_RANGE),
    }
    faults.extend(std::mem::take(&mut belongings.faults));
    check_documented(fields, None, settings, faults)?;
    let skills = belongings.give.iter().map(|(skill, level)| (*skill, level.unwrap_or(100)));
    extension.skills = Some(skills.collect());
    Ok(NewAgent {
        login: Some(login),
        full_name: given(&fields.agent_name),
        email: given(&fields.email).unwrap_or_default(),
        product_password: given(&fields.password).as_deref().map(password),
        teams: belongings.join,
        enabled: true,
        extension,
        ..NewAgent::default()
    })
}

/// The ID of a new agent, if it can be one.
pub(super) fn new_id(sent: &Sent<String>) -> Option<String> {
    given(sent).filter(|id| is_id(id))
}

// Wire (documented, "Edit Agent Details"): the order; chosen: a wrong name brings all other faults along.
/// Checks what the pages refuse in words of their own, and then the rest.
fn check_documented(fields: &AgentFields, present: Option<&Agent>, settings: &Settings, faults: Faults) -> Result<()> {
    if faults.has("agentName") {
        return Err(Failure::faulty(faults));
    }
    let is_missing = |sent: &Sent<String>| sent.is_missing_value() || (present.is_none() && sent.is_absent());
    if is_missing(&fields.agent_name) {
        return Err(Failure::refusal("Agent Name is required"));
    }
    if is_missing(&fields.password) {
        return Err(Failure::message_first("Password is required"));
    }
    if !fields.password.is_absent() && !is_password(&fields.password) {
        return Err(Failure::message_first("Password length must be between 3 and 50 characters"));
    }
    check_email(fields, present, settings)?;
    check_texts(fields, present, settings)?;
    if faults.is_empty() { Ok(()) } else { Err(Failure::faulty(faults)) }
}

fn check_email(fields: &AgentFields, present: Option<&Agent>, settings: &Settings) -> Result<()> {
    let email = &fields.email;
    let is_needed = settings.email_required || present.is_none();
    if email.is_missing_value() || (is_needed && email.is_absent()) {
        return Err(Failure::message_first("Email should not be null or empty"));
    }
    let stays = |text: &str| {
        let known = present.and_then(|agent| agent.email.as_deref());
        known.is_some_and(|known| known == text.to_lowercase())
    };
    match email {
        Sent::Given(text) if stays(text) || is_email(text) => Ok(()),
        Sent::Absent | Sent::Null => Ok(()),
        Sent::Given(_) | Sent::Wrong => Err(Failure::message_first(INVALID_EMAIL)),
    }
}

// Wire (documented, "Create Agent"; the last text stands on the page for `screenRecording` too).
fn check_texts(fields: &AgentFields, present: Option<&Agent>, settings: &Settings) -> Result<()> {
    let data = present.and_then(|agent| agent.agent_data.as_deref());
    if !may_stand(&fields.agent_data, data, is_agent_data) {
        return Err(Failure::message_first(
            "Agent data must be between 2 and 100 characters using only letters, numbers, and special characters like \
             ., @, _, -",
        ));
    }
    let location = present.and_then(|agent| agent.sip_location.as_deref());
    let is_location = |text: &str| settings.is_location(text);
    if !may_stand(&fields.sip_location, location, is_location)
        || matches!(fields.screen_recording, Sent::Null | Sent::Wrong)
    {
        return Err(Failure::message_first("Invalid sipLocation"));
    }
    Ok(())
}

/// Whether a text can be kept: null empties the field, and what is there already stays.
fn may_stand(sent: &Sent<String>, present: Option<&str>, is_fit: impl Fn(&str) -> bool) -> bool {
    match sent {
        Sent::Absent | Sent::Null => true,
        Sent::Given(text) => present == Some(text) || is_fit(text),
        Sent::Wrong => false,
    }
}

fn id_new(sent: &Sent<String>, agent: &Agent, faults: &mut Faults) -> Option<String> {
    match sent {
        Sent::Absent => None,
        Sent::Given(id) if *id == agent.login || is_id(id) => Some(id.clone()),
        Sent::Given(_) | Sent::Null | Sent::Wrong => {
            faults.add("agentIdNew", format!("The agent id {RULE}"));
            None
        }
    }
}

/// Checks the present name of an agent, which is not written on an edit.
fn check_name(sent: &Sent<String>, present: Option<&Agent>, faults: &mut Faults) {
    let is_fit = match sent {
        Sent::Given(name) => is_name(name) || present.is_some_and(|agent| agent.name() == *name),
        Sent::Absent | Sent::Null => true,
        Sent::Wrong => false,
    };
    if !is_fit && !sent.is_missing_value() {
        faults.add("agentName", format!("The agent name {RULE}"));
    }
}

fn name_new(sent: &Sent<String>, agent: &Agent, faults: &mut Faults) -> Option<String> {
    match sent {
        Sent::Absent => None,
        Sent::Given(name) if is_name(name) || agent.name() == *name => Some(name.clone()),
        Sent::Given(_) | Sent::Null | Sent::Wrong => {
            faults.add("agentNameNew", format!("The agent name {RULE}"));
            None
        }
    }
}

/// Auto answer, switches, lock, metadata, location and screen recording.
fn extension(fields: &AgentFields, faults: &mut Faults) -> AgentExtension {
    let mut extension = AgentExtension::default();
    match &fields.auto_answer {
        Sent::Absent => {}
        Sent::Given(auto_answer) => extension.auto_answer = Some(*auto_answer),
        Sent::Null | Sent::Wrong => faults.add("autoAnswer", "autoAnswer must be None, Inbound, Outbound or All"),
    }
    for (name, channel, sent) in fields.switches() {
        extension.channels.extend(flag(name, sent, faults).map(|on| (channel, on)));
    }
    extension.locked = flag("locked", &fields.locked, faults);
    extension.agent_data = changed_text(&fields.agent_data);
    extension.sip_location = changed_text(&fields.sip_location);
    if let Sent::Given(recording) = fields.screen_recording {
        extension.screen_recording = Some(recording);
    }
    extension
}

fn flag(name: &str, sent: &Sent<bool>, faults: &mut Faults) -> Option<bool> {
    match sent {
        Sent::Given(on) => Some(*on),
        Sent::Absent => None,
        Sent::Null | Sent::Wrong => {
            faults.add(name, format!("{name} must be true or false"));
            None
        }
    }
}

// Wire (chosen): an agent has at least one mode; without any it is inbound.
/// All eleven switches of a new agent.
fn new_channels(given: &[(Channel, bool)]) -> Vec<(Channel, bool)> {
    let is_on = |channel: &Channel| given.iter().any(|(known, on)| known == channel && *on);
    let modes =
        [Channel::Inbound, Channel::Manual, Channel::Preview, Channel::Progressive, Channel::Chat, Channel::Blended];
    let has_mode = modes.iter().any(is_on);
    let of = |channel: &Channel| (*channel, is_on(channel) || (!has_mode && *channel == Channel::Inbound));
    Channel::ALL.iter().map(of).collect()
}

/// Null empties, a text replaces.
fn changed_text(sent: &Sent<String>) -> Option<Option<String>> {
    match sent {
        Sent::Null => Some(None),
        Sent::Given(text) => Some(Some(text.clone())),
        Sent::Absent | Sent::Wrong => None,
    }
}

fn given(sent: &Sent<String>) -> Option<String> {
    match sent {
        Sent::Given(text) => Some(text.clone()),
        Sent::Absent | Sent::Null | Sent::Wrong => None,
    }
}

const MARKS: &str = ".@_-";

// Wire (documented: the rule's text; chosen: letters and digits of any script, and single blanks inside).
fn is_name(name: &str) -> bool {
    let is_fit = |c: char| c.is_alphanumeric() || c == ' ' || MARKS.contains(c);
    let is_tight = !name.starts_with(' ') && !name.ends_with(' ') && !name.contains("  ");
    (2..=50).contains(&name.chars().count()) && name.chars().all(is_fit) && is_tight
}

// Wire (chosen).
fn is_id(id: &str) -> bool {
    (2..=50).contains(&id.len()) && is_plain(id)
}

fn is_agent_data(data: &str) -> bool {
    (2..=100).contains(&data.len()) && is_plain(data)
}

fn is_plain(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || MARKS.contains(c))
}

// Wire (documented: the length, which is the desk's own rule; chosen: any characters).
fn is_password(sent: &Sent<String>) -> bool {
    matches!(sent, Sent::Given(text) if check_product("password", text).is_ok())
}

// Wire (chosen).
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let is_bounded = text.len() <= 254 && (1..=64).contains(&local.len());
    is_bounded && domain.contains('.') && !text.contains(char::is_whitespace) && agent::email("email", text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_two_to_fifty_letters_digits_and_marks() {
        for name in ["ab", "Zoë 7", "J. Doe-Smith_x@y", "日本", &"x".repeat(50)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["x", "", " ", "  ", "bad#name", " ab", "ab ", "a  b", "a\tb", "a/b", "<b>", &"x".repeat(51)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[test]
    fn ids_and_data_are_plain() {
        assert!(is_id("a1") && is_id("kim.doe@example_org-2") && is_agent_data(&"x".repeat(100)));
        for id in ["a", "", "a b", "a,b", "zoë", "a#", &"x".repeat(51)] {
            assert!(!is_id(id), "{id}");
        }
        assert!(!is_agent_data("x") && !is_agent_data("a b") && !is_agent_data(&"x".repeat(101)));
    }

    #[test]
    fn addresses_have_one_at_sign_and_a_dotted_domain() {
        assert!(is_email("kim@example.org") && is_email(&format!("{}@example.org", "x".repeat(64))));
        let long = format!("kim@{}.org", "x.".repeat(130));
        for email in
            ["nope", "@example.org", "kim@", "kim@localhost", "k im@example.org", "a@b@example.org", "kim@ex ample.org"]
        {
            assert!(!is_email(email), "{email}");
        }
        assert!(!is_email(&long) && !is_email(&format!("{}@example.org", "x".repeat(65))));
    }

    #[test]
    fn a_new_agent_without_a_mode_is_inbound() {
        let on = |given: &[(Channel, bool)]| {
            let all = new_channels(given).into_iter();
            all.filter_map(|(channel, on)| on.then_some(channel)).collect::<Vec<_>>()
        };
        assert_eq!(on(&[]), [Channel::Inbound]);
        assert_eq!(
            on(&[(Channel::Chat, false), (Channel::BlendedChat, true)]),
            [Channel::Inbound, Channel::BlendedChat]
        );
        assert_eq!(on(&[(Channel::Chat, true)]), [Channel::Chat]);
        assert_eq!(on(&[(Channel::Blended, true)]), [Channel::Blended]);
    }
}
