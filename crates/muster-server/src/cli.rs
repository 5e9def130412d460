//! The command line: names, flags and their explanations. What a command does is in its own module.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use muster_core::integration::{Kind, Proof};

use crate::command::integration::KINDS;
use crate::config::DatabaseUrl;
use crate::dialect::Dialect;

/// A self-hosted customer-support desk.
#[derive(Debug, Parser)]
#[command(name = "muster", version = env!("MUSTER_VERSION"), arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) place: Place,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which desk a command is about.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Place {
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data directory [default: ./muster-data]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// postgres:// URL [default: SQLite in the data directory]
    #[arg(long, global = true, value_name = "URL")]
    pub(crate) database: Option<DatabaseUrl>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the desk
    #[command(after_long_help = ENVIRONMENT)]
    Serve(Serve),
    /// Serve, or play, a throw-away desk with sample data
    Demo(Demo),
    /// Administrators, and one-time links to get in
    #[command(subcommand)]
    Admin(Admin),
    /// Keys for scripts that act as an agent
    #[command(subcommand)]
    ApiKey(ApiKey),
    /// What the desk knows of one customer
    #[command(subcommand)]
    Contact(Contact),
    /// Programs that speak to this desk as to another product
    #[command(subcommand)]
    Integration(Integration),
    /// Copy the whole desk into one file, also while it is served
    Backup(Backup),
    /// Make a desk from a backup, in an empty data directory or database
    Restore(Restore),
    /// Mails and other work that waits or was given up
    #[command(subcommand)]
    Jobs(Jobs),
    /// Whether mail works
    #[command(subcommand)]
    Mail(Mail),
    /// Say in plain words what is wrong or missing
    Doctor,
    /// Print every configuration key with its default and its meaning
    Config,
    /// Print a dialect's OpenAPI document
    Openapi(Openapi),
}

const ENVIRONMENT: &str = "\
Environment:
  MUSTER_SECTION__KEY     any key of the configuration file, such as MUSTER_SERVER__LISTEN
  MUSTER_DATABASE__URL_FILE, MUSTER_MAIL__PASSWORD_FILE
                          a file that holds database.url, or mail.password
  MUSTER_CONFIG           the configuration file, where --config is not given
  MUSTER_LOG              what is logged to standard error: info, debug, muster_app=debug, ...
  MUSTER_ADMIN_EMAIL, MUSTER_ADMIN_PASSWORD or MUSTER_ADMIN_PASSWORD_FILE
                          make the first administrator of an empty desk, instead of a set-up link";

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Address and port to answer on [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Address and port to answer on [default: 127.0.0.1:8080, any free port with --once]
    #[arg(long, value_name = "ADDR")]
    pub(crate) listen: Option<SocketAddr>,
    /// Allow an address that others can reach
    #[arg(long)]
    pub(crate) public: bool,
    #[command(flatten)]
    pub(crate) sample: Sample,
    /// Play through this address, such as that of a proxy in front of the demo's own
    #[arg(long, value_name = "URL", requires = "once")]
    pub(crate) at: Option<String>,
}

#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct Sample {
    /// Play the main job as an outside client, say each step, and exit 0 or 1
    #[arg(long, conflicts_with = "busy")]
    pub(crate) once: bool,
    /// Serve a desk in the middle of a working day: more agents, and conversations with them
    #[arg(long)]
    pub(crate) busy: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Admin {
    /// Make an administrator
    Create(CreateAdmin),
    /// Print a new one-time link for the first administrator
    SetupLink,
    /// Print a one-time link with which an agent sets a new password
    ResetPassword(OfAgent),
    /// Take an agent's second factor away, who has lost the device and the recovery codes
    ResetSecondFactor(OfAgent),
    /// Print a one-time link with which a new agent sets a first password
    InviteLink(OfAgent),
}

#[derive(Debug, Args)]
pub(crate) struct CreateAdmin {
    #[arg(long)]
    pub(crate) email: String,
    #[arg(long, value_name = "NAME")]
    pub(crate) first_name: String,
    /// Read the password from standard input; without this a link to set one is printed
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

#[derive(Debug, Args)]
pub(crate) struct OfAgent {
    /// The agent's e-mail address
    #[arg(long = "agent", value_name = "EMAIL")]
    pub(crate) email: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApiKey {
    /// Print a new API key and its secret, once
    Create(CreateApiKey),
}

#[derive(Debug, Args)]
pub(crate) struct CreateApiKey {
    #[command(flatten)]
    pub(crate) agent: OfAgent,
    /// Print one JSON object: {"api_key": …, "api_secret": …}
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Contact {
    /// Erase a contact for good: names, addresses, and every word in their conversations
    Erase(EraseContact),
    /// Write everything the desk holds of a contact to a new file, as JSON
    Export(ExportContact),
}

#[derive(Debug, Args)]
pub(crate) struct EraseContact {
    #[command(flatten)]
    pub(crate) who: OneContact,
    /// Don't ask whether to go on
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct OneContact {
    /// The contact's id
    #[arg(long, value_name = "N")]
    pub(crate) id: Option<i64>,
    /// The contact's e-mail address
    #[arg(long)]
    pub(crate) email: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ExportContact {
    /// The contact's id
    #[arg(long, value_name = "N")]
    pub(crate) id: i64,
    /// Also private notes and activities, which the contact never saw
    #[arg(long)]
    pub(crate) notes: bool,
    /// The file to make
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Integration {
    /// Make one, and print what its client needs, once
    Create(CreateIntegration),
    /// Print those that aren't revoked
    List(ListIntegrations),
    /// Put an end to one: its key and its tokens are refused from now on
    Revoke(RevokeIntegration),
}

#[derive(Debug, Args)]
pub(crate) struct CreateIntegration {
    /// Which product's clients it is for
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Kind,
    /// What it is called on this desk
    #[arg(long)]
    pub(crate) name: String,
    /// A team that it serves, once for each; without this it serves the whole desk
    #[arg(long = "team", value_name = "NAME")]
    pub(crate) teams: Vec<String>,
    /// What its calls prove themselves with
    #[arg(long, value_parser = proofs(), default_value = Proof::Either.as_str())]
    pub(crate) auth: Proof,
    /// Print one JSON object: {"account": …, "api_key": …}, with "domain" for imi.chat
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListIntegrations {
    /// Print one JSON object: {"integrations": […]}
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RevokeIntegration {
    /// Which product's clients it is for
    #[arg(long, value_parser = kinds())]
    pub(crate) kind: Kind,
    /// What it is called on this desk
    #[arg(long)]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The new file; one that is there is never replaced
    pub(crate) file: PathBuf,
    /// Encrypt it with a passphrase
    #[arg(long, requires = "passphrase_file")]
    pub(crate) encrypt: bool,
    /// A file that holds the passphrase in its one line
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
    /// Don't write, but read FILE to its end and say whether it is whole
    #[arg(long, conflicts_with = "encrypt")]
    pub(crate) verify: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// What `muster backup` wrote
    pub(crate) file: PathBuf,
    /// A file that holds the passphrase of an encrypted backup
    #[arg(long, value_name = "FILE")]
    pub(crate) passphrase_file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Jobs {
    /// Print those that were given up, then those that wait
    List(ListJobs),
    /// Have one done at once; a mail that was given up gets a new link
    Retry(RetryJob),
}

#[derive(Debug, Args)]
pub(crate) struct ListJobs {
    /// Print one JSON object: {"jobs": […]}
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct RetryJob {
    /// The job's number in the list
    pub(crate) id: Option<i64>,
    /// Every job that was given up
    #[arg(long)]
    pub(crate) all_dead: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Mail {
    /// Send a mail that says that mail works
    Test(TestMail),
}

#[derive(Debug, Args)]
pub(crate) struct TestMail {
    /// Where to send it
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: String,
}

fn kinds() -> impl TypedValueParser<Value = Kind> {
    let words = PossibleValuesParser::new(KINDS.iter().map(|kind| kind.word));
    words.try_map(|word| Kind::find(KINDS, &word))
}

fn proofs() -> impl TypedValueParser<Value = Proof> {
    let words = PossibleValuesParser::new(Proof::ALL.iter().map(|proof| proof.as_str()));
    words.try_map(|word| Proof::parse(&word).ok_or("not one of the words"))
}

#[derive(Debug, Args)]
pub(crate) struct Openapi {
    /// Whose API to describe
    #[arg(long, value_enum, default_value_t = Dialect::Libredesk)]
    pub(crate) dialect: Dialect,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
