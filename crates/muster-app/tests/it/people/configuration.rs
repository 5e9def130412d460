//! What administrators set about the whole desk: settings, business hours, templates.

use muster_core::business_hours::{Day, HoursPatch, Span, TimeOfDay};
use muster_core::id::BusinessHoursId;
use muster_core::permission::Permission;
use muster_core::settings::{GeneralSettings, SettingsPatch};
use muster_core::template::{TemplateKind, TemplatePatch};
use muster_core::{Entity, Refusal};
use muster_testkit::{TestEngine, both_engines};

use super::{
    assert_conflict, assert_denied, assert_invalid, assert_not_found, assert_refused, desk, digest, event_names, lead,
    team,
};
use muster_app::teams::TeamPatch;

both_engines!(settings_hold_at_once_and_are_audited, hours_in_use_stay, a_kind_of_template_has_one_default);

async fn settings_hold_at_once_and_are_audited(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let known = desk.app.general_settings().await.unwrap();
    assert_eq!(*known, GeneralSettings::default());
    let patch = SettingsPatch { timezone: Some("Europe/Berlin".to_owned()), ..SettingsPatch::default() };
    let lead = lead(&desk, "lead@example.org").await;
    let denied = desk.app.update_general_settings(&lead, patch.clone()).await;
    assert_denied(denied, Permission::GeneralSettingsManage);
    let changed = desk.app.update_general_settings(&admin, patch.clone()).await.unwrap();
    assert_eq!(*desk.app.general_settings().await.unwrap(), changed);
    assert_eq!(changed.timezone, "Europe/Berlin");
    assert_eq!(event_names(&desk).await.last(), Some(&"settings.changed"));
    let before = digest(&desk).await;
    assert_eq!(desk.app.update_general_settings(&admin, patch).await.unwrap(), changed);
    let absent = SettingsPatch { business_hours: Some(Some(BusinessHoursId(9))), ..SettingsPatch::default() };
    assert_not_found(desk.app.update_general_settings(&admin, absent).await, Entity::BusinessHours);
    let lost = SettingsPatch { timezone: Some("Mars/Olympus".to_owned()), ..SettingsPatch::default() };
    assert_invalid(desk.app.update_general_settings(&admin, lost).await, "timezone");
    assert_eq!(digest(&desk).await, before);
}

fn office() -> HoursPatch {
    let time = |text| TimeOfDay::parse(text).unwrap();
    let week = [(Day::Monday, Span::new(time("09:00"), time("17:00")).unwrap())].into();
    let holidays = [("2026-12-25".parse().unwrap(), "Christmas".to_owned())].into();
    HoursPatch { name: Some("Office".to_owned()), week: Some(week), holidays: Some(holidays), ..HoursPatch::default() }
}

async fn hours_in_use_stay(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let hours = desk.app.create_business_hours(&admin, office()).await.unwrap();
    assert_eq!(desk.app.business_hours(&admin, hours.id).await.unwrap(), hours);
    let team = team(&desk, "Support").await;
    let with = |id| TeamPatch { business_hours: Some(id), ..TeamPatch::default() };
    desk.app.update_team(&admin, team, with(Some(hours.id))).await.unwrap();
    let in_use = Refusal::InUse(Entity::BusinessHours);
    assert_refused(desk.app.delete_business_hours(&admin, hours.id).await, in_use.clone());
    desk.app.update_team(&admin, team, with(None)).await.unwrap();
    let default = |id| SettingsPatch { business_hours: Some(id), ..SettingsPatch::default() };
    desk.app.update_general_settings(&admin, default(Some(hours.id))).await.unwrap();
    assert_refused(desk.app.delete_business_hours(&admin, hours.id).await, in_use);
    desk.app.update_general_settings(&admin, default(None)).await.unwrap();
    desk.app.delete_business_hours(&admin, hours.id).await.unwrap();
    assert_not_found(desk.app.business_hours(&admin, hours.id).await, Entity::BusinessHours);
    assert_not_found(desk.app.update_team(&admin, team, with(Some(hours.id))).await, Entity::BusinessHours);
}

async fn a_kind_of_template_has_one_default(engine: TestEngine) {
    let (desk, admin) = desk(engine).await;
    let default = TemplatePatch {
        name: Some("Reply".to_owned()),
        body: Some("{{ .Content }}".to_owned()),
        is_default: Some(true),
        ..TemplatePatch::default()
    };
    let made = desk.app.create_template(&admin, TemplateKind::Outgoing, default.clone()).await.unwrap();
    let second = desk.app.create_template(&admin, TemplateKind::Outgoing, default.clone()).await;
    assert_conflict(second, Entity::Template);
    desk.app.create_template(&admin, TemplateKind::Notification, default.clone()).await.unwrap();
    let plain = TemplatePatch { is_default: Some(false), ..default.clone() };
    let other = desk.app.create_template(&admin, TemplateKind::Outgoing, plain).await.unwrap();
    assert_conflict(desk.app.update_template(&admin, other.id, default).await, Entity::Template);
    let ids: Vec<_> = desk.app.list_templates(&admin, TemplateKind::Outgoing).await.unwrap();
    assert_eq!(ids.iter().map(|template| template.id).collect::<Vec<_>>(), [other.id, made.id]);
    desk.app.delete_template(&admin, made.id).await.unwrap();
    assert_not_found(desk.app.template(&admin, made.id).await, Entity::Template);
}
