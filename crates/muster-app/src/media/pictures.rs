//! How large an image is, and a small one of it. Decoding takes memory and time that a sender chooses, so only so large
//! an image is decoded, one at a time, and away from the threads that answer.

use std::fs::File;
use std::io::{BufReader, Cursor};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// The longer side of a thumbnail, in pixels.
const THUMBNAIL: u32 = 150;
/// Memory that an image may take when it is decoded.
const MEMORY: u64 = 64 * 1024 * 1024;
/// Pixels of the longest side of an image that is decoded.
const SIDE: u32 = 16_384;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Picture {
    /// In pixels.
    pub(super) width: i64,
    pub(super) height: i64,
    /// As PNG; `None` for an image that would take too much to decode, or whose inside is broken.
    pub(super) thumbnail: Option<Vec<u8>>,
}

/// Looks at one image after the other.
#[derive(Debug, Clone)]
pub(crate) struct Pictures(Arc<Semaphore>);

impl Pictures {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }

    /// `None`: it is no image that a browser may show, or says nothing that makes sense of its size.
    pub(super) async fn look(&self, path: &Path, content_type: &str) -> Option<Picture> {
        let format = match content_type {
            "image/png" => ImageFormat::Png,
            "image/jpeg" => ImageFormat::Jpeg,
            "image/gif" => ImageFormat::Gif,
            "image/webp" => ImageFormat::WebP,
            _ => return None,
        };
        let turn = Arc::clone(&self.0).acquire_owned().await.ok()?;
        let path: PathBuf = path.to_owned();
        // A decoder that panics has met something that isn't an image.
        let looked = spawn_blocking(move || {
            let _turn = turn;
            look(&path, format)
        });
        looked.await.ok().flatten()
    }
}

fn look(path: &Path, format: ImageFormat) -> Option<Picture> {
    let mut reader = ImageReader::with_format(BufReader::new(File::open(path).ok()?), format);
    let mut limits = Limits::default();
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    let is_small = decoder.total_bytes() <= MEMORY && width <= SIDE && height <= SIDE;
    let thumbnail =
        if is_small { DynamicImage::from_decoder(decoder).ok().and_then(|image| small(&image)) } else { None };
    Some(Picture { width: width.into(), height: height.into(), thumbnail })
}

fn small(image: &DynamicImage) -> Option<Vec<u8>> {
    let small = if image.width() <= THUMBNAIL && image.height() <= THUMBNAIL {
        image.to_rgba8()
    } else {
        image.thumbnail(THUMBNAIL, THUMBNAIL).to_rgba8()
    };
    let mut bytes = Cursor::new(Vec::new());
    small.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use image::RgbaImage;

    use super::*;

    fn written(bytes: &[u8]) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), bytes).unwrap();
        file
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        RgbaImage::new(width, height).write_to(&mut bytes, ImageFormat::Png).unwrap();
        bytes.into_inner()
    }

    #[tokio::test]
    async fn an_image_has_its_size_and_a_small_one() {
        let pictures = Pictures::new();
        let file = written(&png(600, 300));
        let picture = pictures.look(file.path(), "image/png").await.unwrap();
        assert_eq!((picture.width, picture.height), (600, 300));
        let small = image::load_from_memory_with_format(&picture.thumbnail.unwrap(), ImageFormat::Png).unwrap();
        assert_eq!((small.width(), small.height()), (150, 75));
        assert!(pictures.look(file.path(), "text/plain").await.is_none());
        assert!(pictures.look(file.path(), "image/gif").await.is_none());
    }

    #[tokio::test]
    async fn an_image_that_would_fill_the_memory_is_not_decoded() {
        // A PNG's head says how large it is: a few bytes can say 50,000 times 50,000.
        let mut bomb = png(1, 1);
        bomb[16..24].copy_from_slice(&[0, 0, 0xc3, 0x50, 0, 0, 0xc3, 0x50]);
        let crc = crc(&bomb[12..29]);
        bomb[29..33].copy_from_slice(&crc.to_be_bytes());
        let picture = Pictures::new().look(written(&bomb).path(), "image/png").await;
        assert!(picture.is_none_or(|picture| picture.thumbnail.is_none()));
        let cut = &png(600, 300)[..100];
        let picture = Pictures::new().look(written(cut).path(), "image/png").await;
        assert!(picture.is_none_or(|picture| picture.thumbnail.is_none()));
    }

    /// Of a PNG's chunk.
    fn crc(bytes: &[u8]) -> u32 {
        let step = |crc: u32| if crc & 1 == 1 { 0xedb8_8320 ^ (crc >> 1) } else { crc >> 1 };
        let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
        !bytes.iter().fold(!0, byte)
    }
}
