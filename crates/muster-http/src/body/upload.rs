//! Reading a body that holds a file: the file goes to the disk as it comes in.

use std::collections::BTreeMap;

use axum::body::BodyDataStream;
use axum::extract::Request;
use muster_app::App;
use muster_app::media::Spool;
use muster_core::Error;
use muster_core::media::UploadRules;

use super::multipart::stream::{Head, Next, Parts};
use super::{BodyError, DecodeError, announced_length, content_type, drop_rest, next_piece, waits_for_leave};
use crate::layers::{BodyLimit, Patience};

/// Bytes that all fields of text may have together.
const FIELDS_MAX: usize = 64 * 1024;
/// What a field costs beside its name and its text.
const FIELD_COST: usize = 64;

/// A form with at most one file.
#[derive(Debug)]
pub struct Form {
    /// Of equal names the last counts.
    pub fields: BTreeMap<String, String>,
    pub file: Option<FormFile>,
}

#[derive(Debug)]
pub struct FormFile {
    /// As its sender calls it.
    pub filename: String,
    pub spool: Spool,
}

/// Why a form could not be read.
#[derive(Debug)]
pub enum FormError {
    Body(BodyError),
    Decode(DecodeError),
    /// The desk doesn't take the file.
    Refused(Error),
}

impl From<BodyError> for FormError {
    fn from(error: BodyError) -> Self {
        Self::Body(error)
    }
}

impl From<DecodeError> for FormError {
    fn from(error: DecodeError) -> Self {
        Self::Decode(error)
    }
}

impl From<Error> for FormError {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

/// Reads a form in parts. Its file is the first part called `part` that is one; other files are read and dropped. The
/// request may take as long as it goes on to come in.
///
/// # Errors
/// [`FormError`]: also for a body that isn't there to its end, whose file is gone again then.
pub async fn read_form(app: &App, request: Request, part: &str, rules: UploadRules) -> Result<Form, FormError> {
    let room = request.extensions().get().copied().unwrap_or(BodyLimit::DEFAULT).0;
    let limit = usize::try_from(rules.max_size).unwrap_or(usize::MAX).saturating_add(room);
    let (is_awaited, announced) = (waits_for_leave(request.headers()), announced_length(request.headers()));
    let patience = request.extensions().get::<Patience>().cloned();
    let kind = content_type(request.headers()).unwrap_or_default().to_owned();
    let mut pieces = request.into_body().into_data_stream();
    let read = async {
        if announced.is_some_and(|length| length > limit) {
            return Err(BodyError::TooLarge { limit }.into());
        }
        let reading = Reading { app, part, rules, parts: Parts::new(&kind)?, at: At::Nowhere, text: 0, file: None };
        reading.run(&mut pieces, limit, patience.as_ref()).await
    };
    let read = read.await;
    if read.is_err() && !is_awaited {
        drop_rest(pieces, limit).await;
    }
    read
}

/// Which part is being read.
enum At {
    Nowhere,
    Field(String, Vec<u8>),
    File,
    /// One that nobody asked for.
    Other,
}

struct Reading<'r> {
    app: &'r App,
    part: &'r str,
    rules: UploadRules,
    parts: Parts,
    at: At,
    /// Bytes of fields so far, names and all.
    text: usize,
    file: Option<FormFile>,
}

impl Reading<'_> {
    async fn run(
        mut self,
        pieces: &mut BodyDataStream,
        limit: usize,
        patience: Option<&Patience>,
    ) -> Result<Form, FormError> {
        let (mut fields, mut length, mut ended) = (BTreeMap::new(), 0_usize, false);
        while let Some(piece) = next_piece(pieces).await? {
            length = length.saturating_add(piece.len());
            if length > limit {
                return Err(BodyError::TooLarge { limit }.into());
            }
            if let Some(patience) = patience {
                patience.renew();
            }
            self.parts.push(&piece);
            while let Some(next) = self.parts.next()? {
                match next {
                    Next::Part(head) => self.begin(head).await?,
                    Next::Data(data) => self.add(&data).await?,
                    Next::PartEnd => fields.extend(self.end()?),
                    Next::End => ended = true,
                }
            }
        }
        if !ended {
            return Err(DecodeError::Malformed("a multipart body does not end with its boundary".to_owned()).into());
        }
        Ok(Form { fields, file: self.file })
    }

    async fn begin(&mut self, Head { name, filename }: Head) -> Result<(), FormError> {
        self.at = match filename {
            None => {
                self.count(name.len() + FIELD_COST)?;
                At::Field(name, Vec::new())
            }
            // A browser's way of sending a field for files in which none was chosen.
            Some(filename) if filename.is_empty() => At::Other,
            Some(filename) if name == self.part && self.file.is_none() => {
                let spool = self.app.begin_upload(self.rules.clone()).await?;
                self.file = Some(FormFile { filename, spool });
                At::File
            }
            Some(_) => At::Other,
        };
        Ok(())
    }

    async fn add(&mut self, data: &[u8]) -> Result<(), FormError> {
        match (&mut self.at, &mut self.file) {
            (At::File, Some(file)) => file.spool.write(data).await?,
            (At::Field(_, text), _) => {
                text.extend_from_slice(data);
                self.count(data.len())?;
            }
            (At::File | At::Nowhere | At::Other, _) => {}
        }
        Ok(())
    }

    /// Counts bytes that are kept in memory.
    fn count(&mut self, more: usize) -> Result<(), FormError> {
        self.text += more;
        if self.text > FIELDS_MAX {
            return Err(DecodeError::Malformed("the fields of a form are too long".to_owned()).into());
        }
        Ok(())
    }

    /// The field that has come to its end, if it was one.
    fn end(&mut self) -> Result<Option<(String, String)>, FormError> {
        let At::Field(name, text) = std::mem::replace(&mut self.at, At::Nowhere) else { return Ok(None) };
        let text = String::from_utf8(text).map_err(|_| DecodeError::NotUtf8)?;
        if text.contains('\0') {
            return Err(DecodeError::Nul.into());
        }
        Ok(Some((name, text)))
    }
}
