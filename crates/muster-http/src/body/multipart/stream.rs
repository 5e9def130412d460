//! `multipart/form-data` piece by piece, for bodies with files: never more in memory than a piece and a part's head.

use bytes::{Bytes, BytesMut};

use super::super::DecodeError;
use super::{boundary, malformed};

/// Longest head of a part, in bytes.
const HEAD_MAX: usize = 16 * 1024;

/// What comes next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::body) enum Next {
    /// A part begins.
    Part(Head),
    /// More of the part.
    Data(Bytes),
    /// The part is there to its end.
    PartEnd,
    /// The body is there to its end.
    End,
}

/// How a part is called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::body) struct Head {
    pub(in crate::body) name: String,
    /// Of a file, as its sender calls it.
    pub(in crate::body) filename: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Preamble,
    /// Behind a delimiter.
    Between,
    Head,
    Data,
    Done,
}

/// Takes a body apart.
#[derive(Debug)]
pub(in crate::body) struct Parts {
    /// With the line end before it.
    delimiter: Vec<u8>,
    buffer: BytesMut,
    state: State,
}

impl Parts {
    pub(in crate::body) fn new(content_type: &str) -> Result<Self, DecodeError> {
        let delimiter = format!("\r\n--{}", boundary(content_type)?).into_bytes();
        // The first delimiter may have no line before it.
        Ok(Self { delimiter, buffer: BytesMut::from(&b"\r\n"[..]), state: State::Preamble })
    }

    /// Adds what has come in. Everything before it has to have been taken with [`Self::next`].
    pub(in crate::body) fn push(&mut self, piece: &[u8]) {
        self.buffer.extend_from_slice(piece);
    }

    /// `None`: more has to come in first.
    pub(in crate::body) fn next(&mut self) -> Result<Option<Next>, DecodeError> {
        loop {
            match self.state {
                State::Preamble => match self.find(&self.delimiter) {
                    Some(at) => self.enter(State::Between, at + self.delimiter.len()),
                    None => {
                        self.take_safe();
                        return Ok(None);
                    }
                },
                State::Between => match self.buffer.as_ref() {
                    [b'-', b'-', ..] => {
                        self.enter(State::Done, 2);
                        return Ok(Some(Next::End));
                    }
                    [b'\r', b'\n', ..] => self.enter(State::Head, 2),
                    [b' ' | b'\t', ..] => self.enter(State::Between, 1),
                    [] | [b'-' | b'\r'] => return Ok(None),
                    _ => return Err(malformed("a boundary does not end its line")),
                },
                State::Head => return self.head(),
                State::Data => return Ok(self.data()),
                State::Done => {
                    self.buffer.clear();
                    return Ok(None);
                }
            }
        }
    }

    fn head(&mut self) -> Result<Option<Next>, DecodeError> {
        match self.find(b"\r\n\r\n") {
            Some(at) if at <= HEAD_MAX => {
                let head = parse_head(&self.buffer[..at])?;
                self.enter(State::Data, at + 4);
                Ok(Some(Next::Part(head)))
            }
            None if self.buffer.len() <= HEAD_MAX => Ok(None),
            _ => Err(malformed("the head of a part is too long")),
        }
    }

    fn data(&mut self) -> Option<Next> {
        match self.find(&self.delimiter) {
            Some(0) => {
                self.enter(State::Between, self.delimiter.len());
                Some(Next::PartEnd)
            }
            Some(at) => Some(Next::Data(self.buffer.split_to(at).freeze())),
            None => self.take_safe().map(Next::Data),
        }
    }

    fn enter(&mut self, state: State, taken: usize) {
        drop(self.buffer.split_to(taken));
        self.state = state;
    }

    /// What can't be the beginning of a delimiter.
    fn take_safe(&mut self) -> Option<Bytes> {
        let safe = self.buffer.len().saturating_sub(self.delimiter.len() - 1);
        (safe > 0).then(|| self.buffer.split_to(safe).freeze())
    }

    /// Where `wanted`, which begins with a line end, is.
    fn find(&self, wanted: &[u8]) -> Option<usize> {
        let mut from = 0;
        while let Some(at) = self.buffer[from..].iter().position(|byte| *byte == b'\r') {
            if self.buffer[from + at..].starts_with(wanted) {
                return Some(from + at);
            }
            from += at + 1;
        }
        None
    }
}

fn parse_head(head: &[u8]) -> Result<Head, DecodeError> {
    let head = std::str::from_utf8(head).map_err(|_| DecodeError::NotUtf8)?;
    if head.contains('\0') {
        return Err(DecodeError::Nul);
    }
    let is_disposition = |line: &&str| {
        line.split_once(':').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
    };
    let disposition = head.split("\r\n").find(is_disposition).unwrap_or_default();
    let name = parameter(disposition, "name").ok_or_else(|| malformed("a part has no name"))?;
    Ok(Head { name, filename: parameter(disposition, "filename") })
}

/// A parameter of a disposition, out of its quotes. Wire (browsers): a quote within is written as `%22` or `\"`.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mut rest = header.split_once(';')?.1;
    loop {
        let (name, after) = rest.split_once('=')?;
        let (value, after) = match after.trim_start().strip_prefix('"') {
            Some(quoted) => unquoted(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                (after[..end].trim().to_owned(), &after[end..])
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = after.split_once(';')?.1;
    }
}

/// The text up to the closing quote, and what follows it.
fn unquoted(quoted: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value.replace("%22", "\""), &quoted[at + 1..])),
            '\\' if quoted[at + 1..].starts_with('"') => {
                value.push('"');
                chars.next();
            }
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=xY";

    /// A part with its data.
    type Part = (Head, Vec<u8>);

    /// What a body in pieces of `size` bytes comes to, and whether it came to its end.
    fn read(body: &[u8], size: usize) -> Result<(Vec<Part>, bool), DecodeError> {
        let mut parts = Parts::new(TYPE)?;
        let (mut found, mut ended) = (Vec::new(), false);
        for piece in body.chunks(size) {
            parts.push(piece);
            while let Some(next) = parts.next()? {
                match next {
                    Next::Part(head) => found.push((head, Vec::new())),
                    Next::Data(data) => found.last_mut().unwrap().1.extend_from_slice(&data),
                    Next::PartEnd => {}
                    Next::End => ended = true,
                }
            }
        }
        Ok((found, ended))
    }

    fn head(name: &str, filename: Option<&str>) -> Head {
        Head { name: name.to_owned(), filename: filename.map(str::to_owned) }
    }

    #[test]
    fn parts_are_the_same_however_they_arrive() {
        let body = b"preamble\r\n--xY \r\ncontent-disposition: form-data; name=\"inline\"\r\n\r\ntrue\r\n--xY\r\n\
            Content-Type: image/png\r\nContent-Disposition: form-data; name=files; filename=\"a;\\\"b%22.png\"\r\n\r\n\
            \r\n--x\r\n\r\r\n--xY--\r\nepilogue\r\n--xY\r\n";
        for size in 1..body.len() {
            let (found, ended) = read(body, size).unwrap();
            assert!(ended);
            let expected = [
                (head("inline", None), b"true".to_vec()),
                (head("files", Some("a;\"b\".png")), b"\r\n--x\r\n\r".to_vec()),
            ];
            assert_eq!(found, expected, "{size}");
        }
    }

    #[test]
    fn what_is_cut_does_not_end_and_what_is_malformed_is_refused() {
        let start = "--xY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n";
        for cut in ["", "--xY", "--xY\r\n", start, &format!("{start}1"), &format!("{start}1\r\n--xY")] {
            assert!(!read(cut.as_bytes(), 7).unwrap().1, "{cut:?}");
        }
        let long = format!("--xY\r\nContent-Disposition: form-data; name=\"{}\"", "a".repeat(HEAD_MAX));
        for bad in ["--xYz\r\n", "--xY\r\nContent-Type: text/plain\r\n\r\n1", "--xY\r\nname=\"a\r\n\r\n", &long] {
            assert!(read(bad.as_bytes(), 1_000).is_err(), "{}", &bad[..8]);
        }
        assert_eq!(read(b"--xY\r\n\xff\r\n\r\n", 100), Err(DecodeError::NotUtf8));
        assert!(Parts::new("multipart/form-data").is_err());
        assert!(Parts::new("application/json").is_err());
    }

    proptest! {
        #[test]
        fn any_bytes_come_out_as_they_went_in(data in prop::collection::vec(prop_oneof![any::<u8>(), Just(b'\r'), Just(b'\n'), Just(b'-')], 0..200), size in 1_usize..40) {
            let mut body = b"--xY\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n".to_vec();
            body.extend_from_slice(&data);
            body.extend_from_slice(b"\r\n--xY--\r\n");
            let (found, ended) = read(&body, size).unwrap();
            prop_assert!(ended);
            prop_assert_eq!(&found[0].1, &data);
        }

        #[test]
        fn no_bytes_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
            let _: Result<_, _> = read(&body, 13);
        }
    }
}
