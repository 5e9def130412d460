//! Jobs: a resource of ours in the product's manner.

use muster_app::jobs::JobView;
use muster_core::job::JobState;
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::Time;

/// What the list of jobs is asked with, for the OpenAPI document.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "tells the document what Query reads leniently")]
pub(crate) struct JobParams {
    /// All when absent.
    #[param(value_type = Option<State>)]
    state: Option<String>,
    /// From 1.
    page: Option<u32>,
    /// 1 to 500; 30 when absent.
    page_size: Option<u32>,
}

/// How a job stands.
#[derive(ToSchema)]
#[schema(as = JobState, rename_all = "lowercase")]
#[expect(dead_code, reason = "describes how JobState is written")]
pub(crate) enum State {
    Dead,
    Waiting,
    Done,
}

/// Work that is done later, such as a mail. Ours, not the product's.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Job {
    pub(crate) id: i64,
    pub(crate) name: String,
    #[schema(value_type = State)]
    pub(crate) state: JobState,
    /// The address that a mail goes to; null for other jobs, and where the agent is gone.
    #[schema(required)]
    pub(crate) to: Option<String>,
    /// Tries so far.
    pub(crate) attempts: u32,
    /// How the last try that failed ended.
    #[schema(required)]
    pub(crate) last_error: Option<String>,
    pub(crate) created_at: Time,
    /// When it is tried next; null unless it waits.
    #[schema(required)]
    pub(crate) next_try_at: Option<Time>,
    /// When it was done or given up.
    #[schema(required)]
    pub(crate) ended_at: Option<Time>,
}

impl From<&JobView> for Job {
    fn from(job: &JobView) -> Self {
        let JobView { id, name, state, to, attempts, last_error, created_at, next_try_at, ended_at } = job;
        Self {
            id: id.0,
            name: name.clone(),
            state: *state,
            to: to.clone(),
            attempts: *attempts,
            last_error: last_error.clone(),
            created_at: Time(*created_at),
            next_try_at: next_try_at.map(Time),
            ended_at: ended_at.map(Time),
        }
    }
}
