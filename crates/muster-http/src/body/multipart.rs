//! `multipart/form-data`, as far as fields of text go: parts that are files are left out. [`stream`] reads those too.

pub(super) mod stream;

use super::DecodeError;

/// The text fields of a body in the order in which they stand.
pub(super) fn fields(content_type: &str, body: &[u8]) -> Result<Vec<(String, String)>, DecodeError> {
    let mut parts = parts(&format!("--{}", boundary(content_type)?), body)?.into_iter();
    parts.try_fold(Vec::new(), |mut fields, part| {
        fields.extend(field(part)?);
        Ok(fields)
    })
}

fn boundary(content_type: &str) -> Result<&str, DecodeError> {
    let boundary = parameter(content_type, "boundary").filter(|boundary| (1..=70).contains(&boundary.len()));
    boundary.ok_or_else(|| malformed("the content type names no boundary"))
}

/// What stands between the delimiters.
fn parts<'b>(delimiter: &str, body: &'b [u8]) -> Result<Vec<&'b [u8]>, DecodeError> {
    let inner = format!("\r\n{delimiter}").into_bytes();
    let unfinished = || malformed("a multipart body does not end with its boundary");
    let mut rest = match body.strip_prefix(delimiter.as_bytes()) {
        Some(rest) => rest,
        None => split(body, &inner).ok_or_else(unfinished)?.1,
    };
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let start = split(rest, b"\r\n").ok_or_else(unfinished)?.1;
        let (part, after) = split(start, &inner).ok_or_else(unfinished)?;
        parts.push(part);
        rest = after;
    }
    Ok(parts)
}

/// The name and the text of a part, unless it is a file.
fn field(part: &[u8]) -> Result<Option<(String, String)>, DecodeError> {
    let (head, text) = split(part, b"\r\n\r\n").ok_or_else(|| malformed("a part has no head"))?;
    let head = std::str::from_utf8(head).map_err(|_| DecodeError::NotUtf8)?;
    let is_disposition = |line: &&str| {
        line.split_once(':').is_some_and(|(name, _)| name.trim().eq_ignore_ascii_case("content-disposition"))
    };
    let disposition = head.split("\r\n").find(is_disposition).unwrap_or_default();
    let name = parameter(disposition, "name").ok_or_else(|| malformed("a part has no name"))?;
    if parameter(disposition, "filename").is_some() {
        return Ok(None);
    }
    let text = std::str::from_utf8(text).map_err(|_| DecodeError::NotUtf8)?;
    if name.contains('\0') || text.contains('\0') {
        return Err(DecodeError::Nul);
    }
    Ok(Some((name.to_owned(), text.to_owned())))
}

/// A parameter of a header, without its quotes.
fn parameter<'h>(header: &'h str, name: &str) -> Option<&'h str> {
    let pairs = header.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let mut named = pairs.filter(|(found, _)| found.trim().eq_ignore_ascii_case(name));
    named.next().map(|(_, value)| value.trim().trim_matches('"'))
}

fn split<'b>(bytes: &'b [u8], at: &[u8]) -> Option<(&'b [u8], &'b [u8])> {
    let start = bytes.windows(at.len()).position(|window| window == at)?;
    Some((&bytes[..start], &bytes[start + at.len()..]))
}

fn malformed(what: &str) -> DecodeError {
    DecodeError::Malformed(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPE: &str = "multipart/form-data; boundary=\"xY\"";

    fn read(body: &str) -> Result<Vec<(String, String)>, DecodeError> {
        fields(TYPE, body.as_bytes())
    }

    fn pair(name: &str, text: &str) -> (String, String) {
        (name.to_owned(), text.to_owned())
    }

    #[test]
    fn fields_are_read_and_files_are_not() {
        let body = "--xY\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--xY\r\n\
                    content-disposition: form-data; name=f; filename=\"f.png\"\r\nContent-Type: image/png\r\n\r\n\u{1}\r\n--xY\r\n\
                    Content-Disposition: form-data; name=\"b\"\r\n\r\ntwo\r\nlines --xY\r\n--xY--\r\n";
        assert_eq!(read(body).unwrap(), [pair("a", "1"), pair("b", "two\r\nlines --xY")]);
        assert_eq!(read("preamble\r\n--xY--").unwrap(), []);
    }

    #[test]
    fn what_is_cut_or_has_no_name_is_malformed() {
        let head = "--xY\r\nContent-Disposition: form-data; name=\"a\"";
        for body in [
            "",
            "--xY",
            "--xY\r\n--xY--",
            head,
            &format!("{head}\r\n\r\n1"),
            "--xY\r\nContent-Type: text/plain\r\n\r\n1\r\n--xY--",
        ] {
            assert!(matches!(read(body), Err(DecodeError::Malformed(_))), "{body:?}");
        }
        assert!(fields("multipart/form-data", b"--xY--").is_err());
        assert_eq!(read(&format!("{head}\r\n\r\n\0\r\n--xY--")), Err(DecodeError::Nul));
        let bytes = [head.as_bytes(), b"\r\n\r\n\xff\r\n--xY--"].concat();
        assert_eq!(fields(TYPE, &bytes), Err(DecodeError::NotUtf8));
    }
}
