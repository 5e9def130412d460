//! `muster contact`: forgetting a person, and handing out what the desk holds of one.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead as _, BufWriter, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::pin::pin;

use anyhow::{Context as _, Result};
use futures_util::{Stream, TryStreamExt as _};
use muster_api_libredesk::contact_document;
use muster_app::App;
use muster_app::privacy::{Named, Notes};
use muster_core::actor::Caller;
use muster_core::contact::ContactKind;
use muster_core::id::ContactId;

use crate::cli::{Contact, EraseContact, ExportContact};
use crate::exit::Usage;
use crate::out;

pub(crate) async fn run(app: &App, command: Contact) -> Result<()> {
    match command {
        Contact::Erase(command) => erase(app, command).await,
        Contact::Export(command) => export(app, command).await,
    }
}

async fn erase(app: &App, command: EraseContact) -> Result<()> {
    let operator = Caller::operator();
    let id = match (command.who.id, command.who.email) {
        (Some(id), _) => ContactId(id),
        (None, Some(email)) => only(&email, &app.contacts_by_email(&operator, &email).await?)?,
        (None, None) => return Err(Usage::new("say who: --id or --email").into()),
    };
    let held = app.export_contact(&operator, id, Notes::LeftOut).await?;
    if !command.yes {
        out::line(format_args!(
            "This erases contact {id}, {}, and every word they wrote or were sent.",
            held.contact.name()
        ))?;
        out::line("It can't be undone. Type \"yes\" to go on:")?;
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).context("the answer can't be read")?;
        if line.trim() != "yes" {
            return Err(Usage::new("nothing was erased").into());
        }
    }
    app.erase_contact(&operator, id).await?;
    out::line(format_args!("Contact {id} is erased. Backups made before hold them until they are deleted."))?;
    // If the desk is being served and somebody reads just now, the process that serves does it later.
    if app.scrub().await.is_err() {
        out::line("Their words vanish from the database's files as soon as nobody reads them any more.")?;
    }
    Ok(())
}

/// The one contact who has this address.
fn only(email: &str, found: &[Named]) -> Result<ContactId> {
    match found {
        [] => Err(Usage::new(format!("no contact has the address {email}")).into()),
        [one] => Ok(one.id),
        several => {
            let lines: String =
                several.iter().map(|named| format!("\n  --id {}  {}", named.id, described(named))).collect();
            Err(Usage::new(format!("several contacts have or claim the address {email}; say which one:{lines}")).into())
        }
    }
}

fn described(named: &Named) -> String {
    let claim = match named.kind {
        ContactKind::Contact => "has it",
        ContactKind::Visitor => "claims it in a chat",
    };
    format!("{} ({claim}, since {})", named.name, named.created_at)
}

async fn export(app: &App, command: ExportContact) -> Result<()> {
    let ExportContact { id, notes, file } = command;
    let notes = if notes { Notes::Included } else { Notes::LeftOut };
    let document = contact_document(app.clone(), Caller::operator(), ContactId(id), notes).await?;
    let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&file);
    let made = made.with_context(|| format!("{} can't be made", file.display()))?;
    if let Err(error) = write(made, document).await {
        drop(std::fs::remove_file(&file));
        return Err(error.context(format!("{} can't be written", file.display())));
    }
    out::line(format_args!("{} holds what the desk knows of contact {id}.", file.display()))?;
    Ok(())
}

async fn write(file: File, document: impl Stream<Item = muster_core::Result<String>>) -> Result<()> {
    let mut file = BufWriter::new(file);
    let mut document = pin!(document);
    while let Some(text) = document.try_next().await? {
        file.write_all(text.as_bytes())?;
    }
    file.write_all(b"\n")?;
    file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
    Ok(())
}
