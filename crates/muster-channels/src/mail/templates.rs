//! What mails say: built-in texts, each of which a file of the operator's can replace.
//!
//! A mail has three templates in the Jinja language: `<name>.subject.txt`, `<name>.txt` and `<name>.html`; what is put
//! into the last is escaped. Their values are those of `Values`. To add a mail: a `Name`, its three files under
//! `templates/`, and their lines in `built_in`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::{fs, io};

use minijinja::{Environment, UndefinedBehavior, Value, context};

use super::MailError;

/// A kind of mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    /// A new agent chooses a first password.
    Welcome,
    /// An agent chooses a new password.
    Reset,
    /// The operator tries whether mail works.
    Test,
}

/// What every template knows.
#[derive(Debug)]
pub(super) struct Values<'v> {
    /// The agent's whole name.
    pub(super) name: &'v str,
    pub(super) first_name: &'v str,
    /// The one-time link.
    pub(super) link: &'v str,
    /// How many hours the link can be used.
    pub(super) hours: u64,
    /// The desk's address.
    pub(super) desk: &'v str,
}

impl Values<'_> {
    fn value(&self) -> Value {
        let Self { name, first_name, link, hours, desk } = *self;
        context! { name, first_name, link, hours, desk }
    }
}

const SAMPLE: Values<'static> = Values {
    name: "Ada Example",
    first_name: "Ada",
    link: "https://desk.example.org/set-password?token=token",
    hours: 24,
    desk: "https://desk.example.org",
};

/// The built-in templates by file name.
macro_rules! built_in {
    ($($name:literal),+ $(,)?) => {
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../templates/", $name)))),+];
    };
}

built_in! {
    "welcome.subject.txt", "welcome.txt", "welcome.html",
    "reset.subject.txt", "reset.txt", "reset.html",
    "test.subject.txt", "test.txt", "test.html",
}

/// A file that can't be used; the built-in text stands in for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    pub file: PathBuf,
    /// From 1, where a line is to blame.
    pub line: Option<usize>,
    pub why: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file.display())?;
        if let Some(line) = self.line {
            write!(f, ", line {line}")?;
        }
        write!(f, ": {}; the built-in text is used in its place", self.why)
    }
}

/// A mail's texts.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) subject: String,
    pub(super) text: String,
    pub(super) html: String,
}

/// The templates in use.
#[derive(Debug)]
pub struct Templates {
    environment: Environment<'static>,
    /// The operator's files in use.
    own: usize,
}

impl Templates {
    /// The built-in texts with those files of a folder over them that can be used, and the others. A folder that isn't
    /// there holds none.
    #[must_use]
    pub fn load(folder: &Path) -> (Self, Vec<Broken>) {
        let mut templates = Self { environment: environment(), own: 0 };
        let (files, mut broken) = read(folder);
        for (name, source) in files {
            match templates.replace(name, source) {
                Ok(()) => templates.own += 1,
                Err(error) => broken.push(blame(folder.join(name), &error)),
            }
        }
        (templates, broken)
    }

    /// How many of the operator's files are in use.
    #[must_use]
    pub const fn own(&self) -> usize {
        self.own
    }

    /// Puts a file in a built-in text's place, if it can be written with a sample's values.
    fn replace(&mut self, name: &'static str, source: String) -> Result<(), minijinja::Error> {
        let mut trial = environment();
        trial.add_template_owned(name, source.clone())?;
        trial.get_template(name)?.render(SAMPLE.value())?;
        self.environment.add_template_owned(name, source)
    }

    pub(super) fn write(&self, name: Name, values: &Values<'_>) -> Result<Written, MailError> {
        let word = match name {
            Name::Welcome => "welcome",
            Name::Reset => "reset",
            Name::Test => "test",
        };
        let subject = self.render(&format!("{word}.subject.txt"), values)?;
        Ok(Written {
            subject: subject.split_whitespace().collect::<Vec<_>>().join(" "),
            text: self.render(&format!("{word}.txt"), values)?,
            html: self.render(&format!("{word}.html"), values)?,
        })
    }

    fn render(&self, name: &str, values: &Values<'_>) -> Result<String, MailError> {
        let rendered = self.environment.get_template(name).and_then(|template| template.render(values.value()));
        rendered.map_err(|error| MailError::lasting(format!("the template {name} can't be used: {error}")))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    for (name, source) in BUILT_IN {
        environment.add_template(name, source).expect("the built-in templates can be read");
    }
    environment
}

/// The templates of a folder, and what else is in it.
fn read(folder: &Path) -> (BTreeMap<&'static str, String>, Vec<Broken>) {
    let (mut files, mut broken) = (BTreeMap::new(), Vec::new());
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries.filter_map(Result::ok).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            broken.push(Broken { file: folder.to_owned(), line: None, why: format!("can't be read: {error}") });
            Vec::new()
        }
    };
    for entry in entries {
        let (file, name) = (entry.path(), entry.file_name());
        let known = BUILT_IN.iter().find(|(known, _)| name.to_str() == Some(known));
        match known.map(|(known, _)| (*known, fs::read_to_string(&file))) {
            Some((known, Ok(source))) => drop(files.insert(known, source)),
            Some((_, Err(error))) => broken.push(Broken { file, line: None, why: format!("can't be read: {error}") }),
            None => broken.push(Broken { file, line: None, why: unknown() }),
        }
    }
    broken.sort_by(|one, other| one.file.cmp(&other.file));
    (files, broken)
}

fn unknown() -> String {
    let names: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
    format!("no template has this name; there are {}", names.join(", "))
}

fn blame(file: PathBuf, error: &minijinja::Error) -> Broken {
    let why = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    Broken { file, line: error.line(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn the_built_in_texts_name_link_life_and_desk() {
        let (templates, broken) = Templates::load(Path::new("/nowhere"));
        assert_eq!((templates.own(), broken), (0, vec![]));
        for name in [Name::Welcome, Name::Reset] {
            let Written { subject, text, html } = templates.write(name, &SAMPLE).unwrap();
            assert!(!subject.is_empty() && !subject.contains("{{"), "{subject}");
            for part in [text, html] {
                assert!(part.contains("Ada") && part.contains("24 hours"), "{part}");
                assert!(part.contains("set-password?token=token") && part.contains("desk.example.org"), "{part}");
            }
        }
        let test = templates.write(Name::Test, &SAMPLE).unwrap();
        assert!(test.text.contains("https://desk.example.org"));
    }

    #[test]
    fn html_is_escaped_and_text_is_not() {
        let (templates, _) = Templates::load(Path::new("/nowhere"));
        let values = Values { first_name: "<Ada> & Co", ..SAMPLE };
        let Written { text, html, .. } = templates.write(Name::Reset, &values).unwrap();
        assert!(text.contains("<Ada> & Co"));
        assert!(html.contains("&lt;Ada&gt; &amp; Co") && !html.contains("<Ada>"), "{html}");
    }

    #[test]
    fn a_file_takes_a_built_in_texts_place() {
        let folder = folder(&[("reset.subject.txt", "New\npassword for {{ first_name }}\n")]);
        let (templates, broken) = Templates::load(folder.path());
        assert_eq!((templates.own(), broken), (1, vec![]));
        let written = templates.write(Name::Reset, &SAMPLE).unwrap();
        assert_eq!(written.subject, "New password for Ada");
        assert!(written.text.contains("24 hours"));
    }

    #[test]
    fn a_broken_file_is_told_with_its_line_and_changes_nothing() {
        let folder = folder(&[
            ("reset.txt", "Hello\n{% if %}\n"),
            ("welcome.html", "<p>\n\n{{ frist_name }}</p>"),
            ("welcome.txt", "{{ first_name }}"),
            ("welcom.txt", ""),
        ]);
        fs::write(folder.path().join("test.txt"), [0xff, 0xfe]).unwrap();
        let (templates, broken) = Templates::load(folder.path());
        assert_eq!(templates.own(), 1);
        let name = |broken: &Broken| broken.file.file_name().unwrap().to_str().unwrap().to_owned();
        let told: Vec<_> = broken.iter().map(|broken| (name(broken), broken.line)).collect();
        let expected = [("test.txt", None), ("welcom.txt", None), ("reset.txt", Some(2)), ("welcome.html", Some(3))];
        assert_eq!(told, expected.map(|(name, line)| (name.to_owned(), line)));
        assert!(broken[3].to_string().contains("welcome.html, line 3: undefined value"), "{}", broken[3]);
        let (built_in, _) = Templates::load(Path::new("/nowhere"));
        let (ours, theirs) = (templates.write(Name::Reset, &SAMPLE), built_in.write(Name::Reset, &SAMPLE));
        assert_eq!(ours.unwrap(), theirs.unwrap());
    }
}
