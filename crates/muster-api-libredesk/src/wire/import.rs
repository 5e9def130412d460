//! Lists that are read in.

use muster_app::imports::{Line, Outcome, Status};
use serde::Serialize;
use utoipa::ToSchema;

use super::Time;

/// A file to be read in, as the OpenAPI document shows it.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as it comes in")]
pub(crate) struct ImportForm {
    /// Comma-separated values in UTF-8, at most 1 MiB and 2000 rows; the first row names the columns.
    #[schema(value_type = String, format = Binary)]
    file: String,
}

/// How far a list has come, or would.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ImportStatus {
    pub(crate) running: bool,
    /// What came of each row; of a preview what would.
    pub(crate) logs: Vec<String>,
    pub(crate) total: usize,
    pub(crate) success: usize,
    pub(crate) errors: usize,
    /// Null for a preview.
    #[schema(required)]
    pub(crate) started_at: Option<Time>,
    #[schema(required)]
    pub(crate) ended_at: Option<Time>,
}

/// `true` for a list that is being read in; with `preview` what would come of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ImportAnswer {
    Started(bool),
    Preview(ImportStatus),
}

impl ImportStatus {
    /// `thing` is what a row makes, such as `agent`.
    pub(crate) fn new(status: &Status, thing: &str) -> Self {
        let (success, errors) = (status.succeeded(), status.lines.len() - status.succeeded());
        let is_preview = status.started_at.is_none();
        let mut logs: Vec<String> = status.lines.iter().map(|line| log(line, thing, is_preview)).collect();
        if !status.is_running() && !is_preview {
            // Wire (observed, 2.7): this text.
            logs.push(format!("Import completed: {success} of {} successful, {errors} failed", status.total));
        }
        Self {
            running: status.is_running(),
            logs,
            total: status.total,
            success,
            errors,
            started_at: status.started_at.map(Time),
            ended_at: status.ended_at.map(Time),
        }
    }
}

/// Wire (observed, 2.7): these texts; that of a preview is ours.
fn log(line: &Line, thing: &str, is_preview: bool) -> String {
    let Line { row, about, outcome } = line;
    match outcome {
        Outcome::Failed { why } => format!("Row {row} ({about}): Error - {why}"),
        Outcome::Created { name } => {
            let what = if is_preview { "Would create" } else { "Created" };
            let shown = if name == about { name.clone() } else { format!("{name} ({about})") };
            format!("Row {row}: {what} {thing} {shown}")
        }
    }
}
