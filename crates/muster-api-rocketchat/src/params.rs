//! What stands in addresses, for the OpenAPI document: the handlers read it leniently.

use utoipa::IntoParams;

/// Whom a call is about: one of the two.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct UserParams {
    #[param(rename = "userId")]
    user_id: Option<String>,
    username: Option<String>,
}

/// Which departments are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct DepartmentParams {
    /// A part of the name.
    text: Option<String>,
    /// `true`: only those that are enabled.
    enabled: Option<String>,
    /// `true`: archived ones too.
    #[param(rename = "showArchived")]
    show_archived: Option<String>,
    /// `true`: only those that the caller is an agent of.
    #[param(rename = "onlyMyDepartments")]
    only_my_departments: Option<String>,
    /// Id of one to leave out.
    #[param(rename = "excludeDepartmentId")]
    exclude_department_id: Option<String>,
}

/// The id in a department's path, opaque.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct DepartmentPath {
    /// The department ID.
    #[param(rename = "_id")]
    id: String,
}

/// What a department is shown with.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct DepartmentViewParams {
    /// `true` or absent: with its agents, if the caller may see them.
    #[param(rename = "includeAgents")]
    include_agents: Option<String>,
    /// `true`: only if the caller is an agent of it.
    #[param(rename = "onlyMyDepartments")]
    only_my_departments: Option<String>,
}

/// Which departments are to be chosen from.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct AutocompleteParams {
    /// A JSON object: `term`, a part of the name; `exceptions`, ids to leave out.
    selector: String,
    /// `true`: only those that the caller is an agent of.
    #[param(rename = "onlyMyDepartments")]
    only_my_departments: Option<String>,
    /// `true`: archived ones too.
    #[param(rename = "showArchived")]
    show_archived: Option<String>,
}

/// Which departments are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct IdsParams {
    /// Ids of departments.
    #[param(rename = "ids[]")]
    ids: Vec<String>,
}

/// The agent whose departments are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct AgentPath {
    /// The agent ID.
    #[param(rename = "agentId")]
    agent_id: String,
}

/// Which of them are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct AgentDepartmentsParams {
    /// `true`: only those that are enabled.
    #[param(rename = "enabledDepartmentsOnly")]
    enabled_departments_only: Option<String>,
}

/// The kind of user in a path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct KindPath {
    /// `agent` or `manager`.
    r#type: String,
}

/// The kind of user in a path, and which one.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct KindAndIdPath {
    /// `agent` or `manager`.
    r#type: String,
    /// The user ID.
    #[param(rename = "_id")]
    id: String,
}

/// Which of them are wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what is read elsewhere")]
pub(crate) struct ServiceUserParams {
    /// A part of the username, the name or the e-mail address.
    text: Option<String>,
    /// `true`: only those who are there and take chats.
    #[param(rename = "onlyAvailable")]
    only_available: Option<String>,
    /// Id of one to leave out.
    #[param(rename = "excludeId")]
    exclude_id: Option<String>,
    /// `false`: without those who are offline, bots excepted.
    #[param(rename = "showIdleAgents")]
    show_idle_agents: Option<String>,
}
