//! Reading in lists: agents and tags out of a file of comma-separated values.
//!
//! A list is stored whole before its first row is looked at. A job works its rows off, each in a transaction of its own
//! that also notes what came of it, so a desk that dies goes on where it was. A row does what whoever started the list may
//! do at that moment, no more.

mod agents;
mod table;
mod tags;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use muster_core::actor::{Actor, AgentActor, Caller, Via};
use muster_core::permission::Permission;
use muster_core::{Entity, Error, Result, Timestamp};
use muster_store::db::Tx;
use muster_store::imports::{self, Import, ImportRow};
use muster_store::jobs::{self, Job, NewJob};
use serde::{Deserialize, Serialize};
use serde_json::json;

pub use table::{Fault, ROWS_MAX, TABLE_MAX};

use crate::jobs::{JobFailure, JobResult, TRIES};
use crate::{App, Work};
use table::Cells;

/// The job that works a list off.
const RUN: &str = "imports.run";

/// What a list is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Agents,
    Tags,
}

impl Kind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Agents => "agents",
            Self::Tags => "tags",
        }
    }

    /// What whoever reads in such a list must be allowed.
    const fn permission(self) -> Permission {
        match self {
            Self::Agents => Permission::UsersManage,
            Self::Tags => Permission::TagsManage,
        }
    }

    const fn required(self) -> &'static [&'static str] {
        match self {
            Self::Agents => &["first_name", "last_name", "email", "roles"],
            Self::Tags => &["name"],
        }
    }
}

/// What came of a row, or would.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Of the file; the first row is 1 and holds the names of the columns.
    pub row: i64,
    /// What the row calls itself, such as an address.
    pub about: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    Created {
        name: String,
    },
    /// Nothing of the row was done, and why.
    Failed {
        why: String,
    },
}

/// How far a list has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Of the rows that were worked off, in order.
    pub lines: Vec<Line>,
    pub total: usize,
    /// `None`: nothing was written, it was a preview.
    pub started_at: Option<Timestamp>,
    pub ended_at: Option<Timestamp>,
}

impl Status {
    #[must_use]
    pub fn succeeded(&self) -> usize {
        self.lines.iter().filter(|line| matches!(line.outcome, Outcome::Created { .. })).count()
    }

    #[must_use]
    pub const fn is_running(&self) -> bool {
        self.started_at.is_some() && self.ended_at.is_none()
    }
}

/// Takes on the job.
pub(crate) fn register(app: &App) {
    app.on_job(RUN, |app, job| Box::pin(async move { run(&app, &job).await }));
}

impl App {
    /// Stores a list and has it worked off.
    ///
    /// # Errors
    /// [`Error::Unauthenticated`] for others than agents; [`Error::Denied`]; [`Fault`] for what is no such list;
    /// [`Error::Conflict`] while another of this kind is being worked off.
    pub async fn start_import(&self, caller: &Caller, kind: Kind, file: &[u8]) -> Result<Result<(), Fault>> {
        let agent = self.check_import(caller, kind)?.id;
        let rows = match table::read(file, kind.required()) {
            Ok(rows) => rows,
            Err(fault) => return Ok(Err(fault)),
        };
        let rows: Vec<_> = rows.iter().map(|row| Ok((row.number, cells_text(row)?))).collect::<Result<_>>()?;
        let (ip, credential) = (caller.ip.clone(), caller.credential.clone());
        let asked = Arc::new((rows, Import { agent, ip, credential, started_at: self.now(), ended_at: None }));
        let begun = self.write(caller, move |work| {
            let asked = Arc::clone(&asked);
            Box::pin(async move {
                let (rows, import) = &*asked;
                if !imports::begin(work.tx, kind.as_str(), import, rows).await? {
                    return Err(Error::Conflict(Entity::Job));
                }
                let job = NewJob { name: RUN, key: None, payload: json!(kind), secret: None, run_at: work.now };
                jobs::insert(work.tx, job, work.now).await.map(drop)
            })
        });
        begun.await?;
        self.look_for_jobs();
        Ok(Ok(()))
    }

    /// What would come of a list. Nothing is written: what each row would do is taken back.
    ///
    /// # Errors
    /// As [`App::start_import`], without the last.
    pub async fn preview_import(&self, caller: &Caller, kind: Kind, file: &[u8]) -> Result<Result<Status, Fault>> {
        self.check_import(caller, kind)?;
        let rows = match table::read(file, kind.required()) {
            Ok(rows) => rows,
            Err(fault) => return Ok(Err(fault)),
        };
        let (mut lines, mut seen) = (Vec::with_capacity(rows.len()), BTreeSet::new());
        for row in &rows {
            let name = muster_core::text::key(row.about(kind.naming()));
            let outcome = if seen.contains(&name) {
                Outcome::Failed { why: "an earlier row has the same name".to_owned() }
            } else {
                self.tried(caller, kind, row).await?
            };
            if matches!(outcome, Outcome::Created { .. }) {
                seen.insert(name);
            }
            lines.push(line(kind, row, outcome));
        }
        Ok(Ok(Status { total: rows.len(), lines, started_at: None, ended_at: None }))
    }

    /// How far the last list of this kind has come.
    ///
    /// # Errors
    /// [`Error::Denied`]; [`Error::NotFound`] if there was none.
    pub async fn import_status(&self, caller: &Caller, kind: Kind) -> Result<Status> {
        caller.actor.require(kind.permission())?;
        self.read(move |tx| Box::pin(status(tx, kind))).await
    }

    fn check_import<'c>(&self, caller: &'c Caller, kind: Kind) -> Result<&'c AgentActor> {
        caller.actor.require(kind.permission())?;
        caller.actor.agent()
    }

    /// Does what a row asks for, and takes it back.
    async fn tried(&self, caller: &Caller, kind: Kind, row: &Cells) -> Result<Outcome> {
        let (row, made) = (Arc::new(row.clone()), Arc::new(Mutex::new(None)));
        let told = Arc::clone(&made);
        let refused = self.write(caller, move |work| {
            let (row, told) = (Arc::clone(&row), Arc::clone(&told));
            Box::pin(async move {
                let outcome = make(work, kind, &row).await?;
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
                // Whatever the error, all of it is taken back.
                Err::<(), _>(Error::Conflict(Entity::Job))
            })
        });
        let refused = refused.await;
        let outcome = made.lock().unwrap_or_else(PoisonError::into_inner).take();
        match (outcome, refused) {
            (Some(outcome), _) => Ok(outcome),
            (None, Err(error)) => failed(error),
            (None, Ok(())) => Err(Error::internal("a row was neither done nor refused")),
        }
    }
}

impl Kind {
    /// The column that tells one row from another.
    const fn naming(self) -> &'static str {
        match self {
            Self::Agents => "email",
            Self::Tags => "name",
        }
    }
}

/// Does what a row asks for, or tells why not before it has written anything.
async fn make(work: &mut Work<'_>, kind: Kind, row: &Cells) -> Result<Outcome> {
    match kind {
        Kind::Agents => agents::make(work, row).await,
        Kind::Tags => tags::make(work, row).await,
    }
}

/// A row's own fault is told with it; the desk's ends the list for now.
fn failed(error: Error) -> Result<Outcome> {
    match error {
        Error::Busy(_) | Error::Internal(_) => Err(error),
        Error::Refused(refusal) => Ok(Outcome::Failed { why: refusal.to_string() }),
        error => Ok(Outcome::Failed { why: error.to_string() }),
    }
}

fn line(kind: Kind, row: &Cells, outcome: Outcome) -> Line {
    Line { row: row.number, about: row.about(kind.naming()).to_owned(), outcome }
}

fn cells_text(row: &Cells) -> Result<String> {
    serde_json::to_string(row).map_err(Error::internal)
}

async fn status(tx: &mut Tx, kind: Kind) -> Result<Status> {
    let import = imports::find(tx, kind.as_str()).await?.ok_or(Error::NotFound(Entity::Job))?;
    let rows = imports::rows(tx, kind.as_str()).await?;
    let told = rows.iter().filter_map(|row| row.told.as_deref());
    let lines: Vec<Line> = told.map(serde_json::from_str).collect::<Result<_, _>>().map_err(Error::internal)?;
    let (started_at, ended_at) = (Some(import.started_at), import.ended_at);
    Ok(Status { lines, total: rows.len(), started_at, ended_at })
}

async fn run(app: &App, job: &Job) -> JobResult {
    let kind: Kind = serde_json::from_value(job.payload.clone())
        .map_err(|error| JobFailure::Never(format!("the job names no list: {error}")))?;
    let is_last = job.attempt >= TRIES;
    while step(app, kind, is_last).await? {}
    Ok(())
}

/// Works off the next row. False when there is none. The last time the job is tried, a row that the desk fails at is given
/// up, so that it doesn't hold up the rest for ever.
async fn step(app: &App, kind: Kind, is_last: bool) -> Result<bool> {
    let next = app.read(move |tx| Box::pin(next(tx, kind))).await?;
    let Some((import, row)) = next else {
        app.write_in_reserve(&Caller::system(), move |work| {
            Box::pin(async move { imports::end(work.tx, kind.as_str(), work.now).await })
        })
        .await?;
        return Ok(false);
    };
    let cells: Cells = serde_json::from_str(row.cells.as_deref().unwrap_or_default()).map_err(Error::internal)?;
    let outcome = match starter(app, &import, kind).await? {
        Some(caller) => done(app, &caller, kind, cells.clone()).await,
        None => Err(Error::Denied(kind.permission())),
    };
    match outcome {
        Ok(()) => {}
        Err(Error::Internal(cause)) if is_last => {
            tracing::error!(cause = %cause, row = cells.number, "a row of a list is given up");
            let why = "the desk failed at it".to_owned();
            tell(app, kind, line(kind, &cells, Outcome::Failed { why })).await?;
        }
        Err(error) => tell(app, kind, line(kind, &cells, failed(error)?)).await?,
    }
    Ok(true)
}

async fn next(tx: &mut Tx, kind: Kind) -> Result<Option<(Import, ImportRow)>> {
    let Some(import) = imports::find(tx, kind.as_str()).await? else { return Ok(None) };
    let row = imports::next_row(tx, kind.as_str()).await?;
    Ok(row.filter(|_| import.ended_at.is_none()).map(|row| (import, row)))
}

/// Whoever started the list, with the rights of now; `None`: they may not do it any more.
async fn starter(app: &App, import: &Import, kind: Kind) -> Result<Option<Caller>> {
    let agent = import.agent;
    let profile = app.read(move |tx| Box::pin(muster_store::agents::profile(tx, agent))).await;
    let profile = match profile {
        Ok(profile) if profile.agent.is_usable() => profile,
        Ok(_) | Err(Error::NotFound(_)) => return Ok(None),
        Err(error) => return Err(error),
    };
    let actor = Actor::Agent(AgentActor::from(&profile));
    let may = actor.may(kind.permission());
    let (ip, credential) = (import.ip.clone(), import.credential.clone());
    Ok(may.then_some(Caller { actor, via: Via::Api, request_id: None, ip, credential }))
}

/// Does what a row asks for, and notes it in the same transaction.
async fn done(app: &App, caller: &Caller, kind: Kind, row: Cells) -> Result<()> {
    let row = Arc::new(row);
    app.write(caller, move |work| {
        let row = Arc::clone(&row);
        Box::pin(async move {
            let outcome = make(work, kind, &row).await?;
            note(work, kind, &line(kind, &row, outcome)).await
        })
    })
    .await
}

async fn tell(app: &App, kind: Kind, line: Line) -> Result<()> {
    let line = Arc::new(line);
    app.write(&Caller::system(), move |work| {
        let line = Arc::clone(&line);
        Box::pin(async move {
            work.tx.keep_quiet();
            note(work, kind, &line).await
        })
    })
    .await
}

async fn note(work: &mut Work<'_>, kind: Kind, line: &Line) -> Result<()> {
    let told = serde_json::to_string(line).map_err(Error::internal)?;
    if imports::tell(work.tx, kind.as_str(), line.row, &told).await? {
        Ok(())
    } else {
        // Another process has done it: what this one did is taken back.
        Err(muster_store::lost_race())
    }
}
