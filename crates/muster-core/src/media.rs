//! Files that people send: what they are, what they may be called, and which of them a browser may show.

use std::fmt::Write as _;

use uuid::Uuid;

use crate::actor::ActorRef;
use crate::id::{AgentId, ContactId, MediaId, MessageId};
use crate::time::Timestamp;
use crate::{Refusal, Result};

/// Longest name of a file, in characters.
pub const FILENAME_MAX: usize = 255;
/// The type of what isn't known, and of whatever a browser could run.
pub const UNKNOWN_TYPE: &str = "application/octet-stream";
/// So many of a file's first bytes tell its type.
pub const HEAD: usize = 8 * 1024;

/// What a file belongs to. One without an owner was uploaded and isn't in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Owner {
    Message(MessageId),
    /// Their picture.
    Agent(AgentId),
    /// Their picture.
    Contact(ContactId),
}

impl Owner {
    /// As the store keeps it.
    #[must_use]
    pub const fn columns(self) -> (&'static str, i64) {
        match self {
            Self::Message(id) => ("message", id.0),
            Self::Agent(id) => ("agent", id.0),
            Self::Contact(id) => ("contact", id.0),
        }
    }

    /// Reads what [`Self::columns`] gave.
    #[must_use]
    pub fn parse(kind: &str, id: i64) -> Option<Self> {
        match kind {
            "message" => Some(Self::Message(MessageId(id))),
            "agent" => Some(Self::Agent(AgentId(id))),
            "contact" => Some(Self::Contact(ContactId(id))),
            _ => None,
        }
    }
}

/// A file and what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Media {
    pub id: MediaId,
    /// The name under which its bytes are kept.
    pub uuid: Uuid,
    /// As whoever sent it calls it, made harmless.
    pub filename: String,
    /// By its bytes, never by its name.
    pub content_type: String,
    /// In bytes.
    pub size: i64,
    /// In pixels; of images alone.
    pub width: Option<i64>,
    pub height: Option<i64>,
    pub has_thumbnail: bool,
    /// Meant to be shown within a text.
    pub is_inline: bool,
    pub owner: Option<Owner>,
    /// An agent or a contact.
    pub uploader: ActorRef,
    pub created_at: Timestamp,
}

/// The images that a browser is let show in the desk's origin: none of them can hold a script.
const SHOWN: [(&str, &[&str]); 4] =
    [("image/png", &["png"]), ("image/jpeg", &["jpg", "jpeg"]), ("image/gif", &["gif"]), ("image/webp", &["webp"])];

/// Types whose name tells a browser how to play or show them, and which it never runs as a part of the desk.
const NAMED: [&str; 4] = ["audio/", "video/", "font/", "application/"];

/// The type of a file by its first bytes. What is not known for sure, and what a browser could run, is [`UNKNOWN_TYPE`].
#[must_use]
pub fn content_type(head: &[u8]) -> &'static str {
    let Some(kind) = infer::get(head) else {
        return if is_text(head) { "text/plain" } else { UNKNOWN_TYPE };
    };
    let found = kind.mime_type();
    let runs = ["html", "xml", "svg", "script", "shockwave", "xhtml"].iter().any(|word| found.contains(word));
    let is_named = is_shown(found) || NAMED.iter().any(|start| found.starts_with(start));
    if is_named && !runs { found } else { UNKNOWN_TYPE }
}

/// Plain text is UTF-8 without control characters, and begins like no markup: what a browser might take for a page has no
/// type.
fn is_text(head: &[u8]) -> bool {
    // The last character may have been cut.
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) if head.len() >= HEAD && error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return false,
    };
    let is_control = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    !text.is_empty() && !text.contains(is_control) && !text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

/// Whether a browser may show a file of this type where it stands, instead of keeping it.
#[must_use]
pub fn is_shown(content_type: &str) -> bool {
    SHOWN.iter().any(|(shown, _)| *shown == content_type)
}

/// A file's name without what leads elsewhere or deceives its reader: no directories, no control characters, nothing that
/// turns the direction of writing around; at most [`FILENAME_MAX`] characters, of which the ending is kept.
#[must_use]
pub fn filename(given: &str) -> String {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default();
    let kept: String = last.chars().filter(|c| !c.is_control() && !turns_direction(*c)).collect();
    let name = kept.trim().trim_end_matches('.').trim_start_matches('.').trim();
    if name.is_empty() {
        return "file".to_owned();
    }
    let count = name.chars().count();
    if count <= FILENAME_MAX {
        return name.to_owned();
    }
    let ending = match name.rsplit_once('.') {
        Some((_, ending)) if ending.chars().count() <= 16 => format!(".{ending}"),
        _ => String::new(),
    };
    let start: String = name.chars().take(FILENAME_MAX - ending.chars().count()).collect();
    start + &ending
}

const fn turns_direction(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' | '\u{61c}')
}

/// What stands behind the last point of a name, in small letters; empty where there is none.
#[must_use]
pub fn extension(filename: &str) -> String {
    match filename.rsplit_once('.') {
        Some((_, extension)) => extension.to_lowercase(),
        None => String::new(),
    }
}

/// Which files the desk takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRules {
    /// In bytes.
    pub max_size: u64,
    /// Endings without their point; `*` takes all.
    pub extensions: Vec<String>,
}

impl Default for UploadRules {
    /// 20 MB, whatever it is called.
    fn default() -> Self {
        Self { max_size: 20_000_000, extensions: vec!["*".to_owned()] }
    }
}

impl UploadRules {
    /// Pictures of people.
    #[must_use]
    pub fn avatar() -> Self {
        Self { max_size: 2_000_000, extensions: ["gif", "png", "jpg", "jpeg"].map(str::to_owned).into() }
    }

    /// # Errors
    /// [`Refusal::FileType`].
    pub fn check_name(&self, filename: &str) -> Result<()> {
        let extension = extension(filename);
        let takes = |taken: &String| taken == "*" || taken.trim_start_matches('.').eq_ignore_ascii_case(&extension);
        if self.extensions.iter().any(takes) { Ok(()) } else { Err(Refusal::FileType.into()) }
    }

    /// # Errors
    /// [`Refusal::FileTooLarge`].
    pub const fn check_size(&self, size: u64) -> std::result::Result<(), Refusal> {
        if size <= self.max_size { Ok(()) } else { Err(Refusal::FileTooLarge { max: self.max_size }) }
    }
}

/// Every file's address begins with this.
pub const PLACE: &str = "/uploads/";
/// What a thumbnail's name has before the name of its file.
pub const THUMBNAIL: &str = "thumb_";

/// Rewrites the sources of images in sanitised HTML: `replaced` is asked about each file that a source names, by
/// `cid:<uuid>`, by its place alone or below `public_url`, and answers with the new source.
#[must_use]
pub fn with_sources(html: &str, public_url: &str, mut replaced: impl FnMut(Uuid) -> Option<String>) -> String {
    const IMAGE: &str = "<img ";
    const IS: &str = "=\"";
    let mut out = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(IMAGE) {
        let (before, mut attributes) = rest.split_at(at + IMAGE.len());
        out.push_str(before);
        while let Some((name, value)) = attributes.split_once(IS).filter(|(name, _)| !name.contains('>')) {
            let Some((value, after)) = value.split_once('"') else { break };
            let is_source = name.trim_start() == "src";
            let new = source(value, public_url).filter(|_| is_source).and_then(&mut replaced);
            // A link of ours: letters, digits and what needs no escape but the one between its two parameters.
            let value = new.map_or_else(|| value.to_owned(), |new| new.replace('&', "&amp;"));
            out.push_str(&format!("{name}{IS}{value}\""));
            attributes = after;
        }
        rest = attributes;
    }
    out.push_str(rest);
    out
}

/// The file that the source of an image names.
fn source(value: &str, public_url: &str) -> Option<Uuid> {
    let name = match value.strip_prefix("cid:") {
        Some(name) => name,
        None => value.strip_prefix(public_url).unwrap_or(value).strip_prefix(PLACE)?,
    };
    let name = name.split(['?', '#']).next().unwrap_or_default();
    Uuid::parse_str(name).ok().filter(|_| name.len() == 36)
}

/// The value of `Content-Disposition` that gives a file this name: once for every client, once more in full.
#[must_use]
pub fn disposition(kind: &str, filename: &str) -> String {
    let plain: String = filename.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    let mut value = format!("{kind}; filename=\"{plain}\"");
    if plain != filename {
        value.push_str("; filename*=UTF-8''");
        for byte in filename.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => value.push(char::from(byte)),
                // Can't fail: a String takes everything.
                _ => drop(write!(value, "%{byte:02X}")),
            }
        }
    }
    value
}

const fn is_plain(c: char) -> bool {
    matches!(c, ' '..='~') && !matches!(c, '"' | '\\' | '%' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_told_by_bytes_and_what_could_run_has_none() {
        for (head, found) in [
            (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".as_slice(), "image/png"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "image/jpeg"),
            (b"GIF89a\x01\0\x01\0", "image/gif"),
            (b"RIFF\x10\0\0\0WEBPVP8 ", "image/webp"),
            (b"%PDF-1.7\n", "application/pdf"),
            (b"PK\x03\x04\x14\0", "application/zip"),
            (b"hello, w\xc3\xb6rld\n", "text/plain"),
            (b"<!DOCTYPE html><script>alert(1)</script>", UNKNOWN_TYPE),
            (b"  <html><body>", UNKNOWN_TYPE),
            (b"<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"x()\"/>", UNKNOWN_TYPE),
            (b"<?xml version=\"1.0\"?><svg/>", UNKNOWN_TYPE),
            (b"\xef\xbb\xbf<script>", UNKNOWN_TYPE),
            (b"", UNKNOWN_TYPE),
            (b"\0\x01\x02", UNKNOWN_TYPE),
            (b"BM\0\0\0\0\0\0\0\0", UNKNOWN_TYPE),
        ] {
            assert_eq!(content_type(head), found, "{}", String::from_utf8_lossy(head));
            assert!(!is_shown(found) || found.starts_with("image/"));
        }
    }

    #[test]
    fn a_text_may_be_cut_within_a_character() {
        let mut head = "ä".repeat(HEAD / 2).into_bytes();
        head.insert(0, b'x');
        head.truncate(HEAD);
        assert_eq!(content_type(&head), "text/plain");
    }

    #[test]
    fn a_name_leads_nowhere_and_deceives_nobody() {
        for (given, name) in [
            ("photo.png", "photo.png"),
            ("../../etc/passwd", "passwd"),
            ("C:\\Users\\kim\\me.jpg", "me.jpg"),
            ("..", "file"),
            (".", "file"),
            ("", "file"),
            ("a\0b\r\n.txt", "ab.txt"),
            ("invoice\u{202e}gnp.exe", "invoicegnp.exe"),
            (" .htaccess. ", "htaccess"),
            ("Übersicht 1.pdf", "Übersicht 1.pdf"),
        ] {
            assert_eq!(filename(given), name, "{given:?}");
        }
        let long = filename(&format!("{}.png", "ü".repeat(1_000)));
        assert_eq!((long.chars().count(), extension(&long).as_str()), (FILENAME_MAX, "png"));
        assert_eq!(filename(&"x".repeat(1_000)).len(), FILENAME_MAX);
    }

    #[test]
    fn rules_look_at_the_ending_in_any_case() {
        let rules = UploadRules { max_size: 10, extensions: vec![".PDF".to_owned(), "png".to_owned()] };
        assert!(rules.check_name("a.Png").is_ok() && rules.check_name("a.b.pdf").is_ok());
        assert!(rules.check_name("a.pdf.exe").is_err() && rules.check_name("png").is_err());
        assert!(rules.check_size(10).is_ok() && rules.check_size(11).is_err());
        assert!(UploadRules::default().check_name("anything").is_ok());
    }

    #[test]
    fn sources_that_name_files_are_rewritten_and_others_are_not() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let html = format!(
            "<img src=\"/uploads/{one}\"><img alt=\"x\" src=\"https://desk.example.org/uploads/{one}?sig=a&amp;exp=1\">\
             <img src=\"cid:{one}\"><img src=\"/uploads/{other}\"><img src=\"https://example.com/uploads/{one}\">\
             <p>src=\"</p>"
        );
        let rewritten = with_sources(&html, "https://desk.example.org", |uuid| {
            (uuid == one).then(|| "https://desk.example.org/uploads/1?exp=2&sig=b".to_owned())
        });
        let new = "src=\"https://desk.example.org/uploads/1?exp=2&amp;sig=b\"";
        assert_eq!(
            rewritten,
            format!(
                "<img {new}><img alt=\"x\" {new}><img {new}><img src=\"/uploads/{other}\">\
                 <img src=\"https://example.com/uploads/{one}\"><p>src=\"</p>"
            )
        );
    }

    #[test]
    fn a_disposition_holds_any_name() {
        assert_eq!(disposition("inline", "a b.png"), "inline; filename=\"a b.png\"");
        assert_eq!(
            disposition("attachment", "Ü\"; x=1.txt"),
            "attachment; filename=\"___ x=1.txt\"; filename*=UTF-8''%C3%9C%22%3B%20x%3D1.txt"
        );
    }
}
