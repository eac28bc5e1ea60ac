//! What a file is, told by its bytes: gzip, zip, UTF-16, CSV, JSON, or no export at all.

use std::fs::File;
use std::io::{self, BufRead, ErrorKind, Read, Seek, Write};

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use crate::feed::Body;
use crate::record::RecordError;
use crate::record::lookahead::Lookahead;

/// Opens a file: undoes compression and foreign encodings, and tells the format.
///
/// # Errors
/// It is damaged, or no export.
pub fn open(body: Body) -> Result<Contents, RecordError> {
    let unpacked = unpack(Lookahead::new(body.reader()?))?;
    let mut text = decode(unpacked)?;
    let format = match sniff(text.look(SNIFF_BYTES)?)? {
        // What follows so much white space is not known; the reader of tables passes over it.
        Format::Empty if !text.ended() => Format::Csv,
        format => format,
    };
    Ok(Contents { format, text })
}

/// A file that is open for reading.
pub struct Contents {
    /// What its text is.
    pub format: Format,
    /// Its text, from the first byte after a byte order mark.
    pub text: Lookahead,
}

/// The formats of exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Cells between delimiters.
    Csv,
    /// An array, an object, or several.
    Json,
    /// Nothing but white space.
    Empty,
}

/// Most bytes a file may unpack to.
const UNPACKED_MAX: u64 = 64 << 30;
/// How many times its packed size a file may unpack to; log files reach 50.
const UNPACKED_RATIO: u64 = 1_000;
/// What a small zip member may unpack to at least, whatever the ratio.
const UNPACKED_LEAST: u64 = 16 << 20;
/// How far the format is looked for: past a page of white space.
const SNIFF_BYTES: usize = 4 << 10;

fn unpack(mut packed: Lookahead) -> Result<Lookahead, RecordError> {
    let head = packed.look(4)?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let gzip = Gzip {
            decoder: MultiGzDecoder::new(packed),
            left: UNPACKED_MAX,
        };
        return Ok(Lookahead::new(Box::new(gzip)));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Lookahead::new(Box::new(unzip(packed)?)));
    }
    Ok(packed)
}

/// Names what is wrong with gzip data, and stops it from growing without end.
struct Gzip {
    decoder: MultiGzDecoder<Lookahead>,
    left: u64,
}

impl Read for Gzip {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self
            .decoder
            .read(into)
            .map_err(|error| match error.kind() {
                ErrorKind::UnexpectedEof => RecordError::GzipCut.into(),
                ErrorKind::InvalidInput | ErrorKind::InvalidData => {
                    RecordError::Gzip(error.to_string()).into()
                }
                _ => error,
            })?;
        self.left = self
            .left
            .checked_sub(count as u64)
            .ok_or(RecordError::TooLarge {
                limit: UNPACKED_MAX,
            })?;
        Ok(count)
    }
}

/// The one member of a zip archive, unpacked to a temporary file: its checksum stands at its
/// end, and is known to be right before the first record is read.
fn unzip(mut packed: Lookahead) -> Result<File, RecordError> {
    let mut spooled = tempfile::tempfile()?;
    io::copy(&mut packed, &mut spooled)?;
    let mut archive = ZipArchive::new(spooled).map_err(zip_error)?;
    let index = only_member(&mut archive)?;
    let mut member = archive.by_index(index).map_err(zip_error)?;
    let believable = member.compressed_size().saturating_mul(UNPACKED_RATIO);
    let limit = believable.clamp(UNPACKED_LEAST, UNPACKED_MAX);
    let mut unpacked = tempfile::tempfile()?;
    let count = io::copy(&mut (&mut member).take(limit + 1), &mut unpacked)
        .map_err(|error| RecordError::Zip(format!("is damaged: {error}")))?;
    if count > limit {
        return Err(RecordError::TooLarge { limit });
    }
    unpacked.flush()?;
    unpacked.rewind()?;
    Ok(unpacked)
}

fn only_member(archive: &mut ZipArchive<File>) -> Result<usize, RecordError> {
    let is_data = |name: &str| {
        let file = name.rsplit('/').next().unwrap_or_default();
        !name.starts_with("__MACOSX/") && !file.is_empty() && !file.starts_with('.')
    };
    let names: Result<Vec<_>, _> = archive
        .file_names()
        .map(|name| name.map(String::from))
        .collect();
    let members: Vec<String> = names
        .map_err(zip_error)?
        .into_iter()
        .filter(|name| is_data(name))
        .collect();
    match members.as_slice() {
        [name] => archive
            .index_for_name(name)
            .ok_or_else(|| RecordError::Zip(format!("has no `{name}` after all"))),
        [] => Err(RecordError::Zip("holds no file".to_owned())),
        several => Err(RecordError::Zip(format!(
            "holds {} files, not one",
            several.len()
        ))),
    }
}

fn zip_error(error: zip::result::ZipError) -> RecordError {
    match error {
        zip::result::ZipError::Io(error) if error.kind() != ErrorKind::UnexpectedEof => {
            error.into()
        }
        error => RecordError::Zip(format!("is damaged or cut short: {error}")),
    }
}

/// As UTF-8 without a byte order mark. Text that claims to be UTF-8 is left as it is.
fn decode(mut text: Lookahead) -> Result<Lookahead, RecordError> {
    let head = text.look(4)?;
    if let Some((encoding, mark)) = Encoding::for_bom(head) {
        text.consume(mark);
        return Ok(if encoding == UTF_8 {
            text
        } else {
            transcode(text, encoding)
        });
    }
    Ok(match head {
        [b'[' | b'{' | b'"' | b'A'..=b'Z' | b'a'..=b'z', 0, ..] => transcode(text, UTF_16LE),
        [0, b'[' | b'{' | b'"' | b'A'..=b'Z' | b'a'..=b'z', ..] => transcode(text, UTF_16BE),
        _ => text,
    })
}

fn transcode(text: Lookahead, encoding: &'static Encoding) -> Lookahead {
    let mut builder = DecodeReaderBytesBuilder::new();
    let decoder = builder
        .encoding(Some(encoding))
        .bom_override(false)
        .build(text);
    Lookahead::new(Box::new(decoder))
}

fn sniff(head: &[u8]) -> Result<Format, RecordError> {
    let text = head.trim_ascii_start();
    let begins = |word: &str| {
        text.get(..word.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(word.as_bytes()))
    };
    if begins("<!doctype html") || begins("<html") {
        return Err(RecordError::WebPage);
    }
    if begins("<?xml") || begins("<Error>") {
        return Err(store_error(&String::from_utf8_lossy(text)));
    }
    Ok(match text {
        [] => Format::Empty,
        [b'[' | b'{', ..] => Format::Json,
        _ => Format::Csv,
    })
}

/// S3 answers `<Error><Code>AccessDenied</Code><Message>Request has expired</Message>…` (AWS
/// documents it); what else it says may hold parts of the secret URL, and is left out.
fn store_error(xml: &str) -> RecordError {
    let element = |name: &str| {
        let (_, rest) = xml.split_once(&format!("<{name}>"))?;
        let (inner, _) = rest.split_once(&format!("</{name}>"))?;
        Some(inner.trim().to_owned())
    };
    if !xml.contains("<Error>") {
        return if xml.to_ascii_lowercase().contains("<html") {
            RecordError::WebPage
        } else {
            RecordError::Xml
        };
    }
    RecordError::Store {
        code: element("Code").unwrap_or_else(|| "Error".to_owned()),
        message: element("Message").unwrap_or_else(|| "no message".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use proptest::prelude::*;
    use std::io::Cursor;
    use zip::write::{SimpleFileOptions, ZipWriter};

    const CSV: &str = "Timestamp,User ID\n2026-01-02T03:04:05Z,ü\n";

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zip(members: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, text) in members {
            writer
                .start_file(*name, SimpleFileOptions::default())
                .unwrap();
            writer.write_all(text).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn utf16(text: &str, mark: bool, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        let mark = mark.then_some(0xfeff);
        mark.into_iter()
            .chain(text.encode_utf16())
            .flat_map(bytes)
            .collect()
    }

    fn text_of(bytes: &[u8]) -> Result<(Format, String), RecordError> {
        let mut contents = open(Body::Memory(bytes.to_vec()))?;
        let mut text = String::new();
        contents.text.read_to_string(&mut text)?;
        Ok((contents.format, text))
    }

    #[test]
    fn every_wrapping_comes_off() {
        let noise: &[u8] = b"noise";
        let wrapped = [
            CSV.as_bytes().to_vec(),
            gzip(CSV.as_bytes()),
            [gzip(&CSV.as_bytes()[..9]), gzip(&CSV.as_bytes()[9..])].concat(),
            zip(&[("audit.csv", CSV.as_bytes())]),
            zip(&[
                ("__MACOSX/._audit.csv", noise),
                ("a/audit.csv", CSV.as_bytes()),
                ("a/.DS_Store", noise),
            ]),
            ["\u{feff}", CSV].concat().into_bytes(),
            gzip(["\u{feff}", CSV].concat().as_bytes()),
            utf16(CSV, true, u16::to_le_bytes),
            utf16(CSV, true, u16::to_be_bytes),
            utf16(CSV, false, u16::to_le_bytes),
            utf16(CSV, false, u16::to_be_bytes),
            gzip(&utf16(CSV, true, u16::to_le_bytes)),
        ];
        for (n, bytes) in wrapped.iter().enumerate() {
            assert_eq!(
                text_of(bytes).unwrap(),
                (Format::Csv, CSV.to_owned()),
                "wrapping {n}"
            );
        }
    }

    #[test]
    fn formats_are_told_by_the_first_byte_that_is_no_space() {
        let late = "\n".repeat(80_000) + CSV;
        assert_eq!(text_of(late.as_bytes()).unwrap().0, Format::Csv);
        for (text, format) in [
            ("", Format::Empty),
            (" \r\n\t", Format::Empty),
            ("\n [{}]", Format::Json),
            ("{\"a\":1}", Format::Json),
            ("\"Timestamp\",\"User\"", Format::Csv),
        ] {
            assert_eq!(text_of(text.as_bytes()).unwrap().0, format, "{text}");
        }
    }

    #[test]
    fn what_is_no_export_says_what_it_is() {
        let expired = "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Token>t0psecret</X-Amz-Token></Error>";
        let cut = gzip(CSV.as_bytes());
        let bomb = vec![b'a'; usize::try_from(UNPACKED_LEAST).unwrap() + 1];
        let mut damaged = zip(&[("a.csv", CSV.as_bytes())]);
        damaged[38] ^= 0x55;
        for (bytes, why) in [
            (
                b" <!DOCTYPE html><title>SAFE</title>".to_vec(),
                "it is a web page, not an export",
            ),
            (b"<HTML>".to_vec(), "it is a web page, not an export"),
            (
                expired.into(),
                "it is an error message of the file store, AccessDenied: Request has expired",
            ),
            (
                b"<?xml version=\"1.0\"?><rss/>".to_vec(),
                "it is XML, not an export",
            ),
            (cut[..cut.len() - 9].to_vec(), "the gzip data is cut short"),
            (b"\x1f\x8bnonsense".to_vec(), "the gzip data is damaged"),
            (b"PK\x03\x04nonsense".to_vec(), "the zip archive is damaged"),
            (damaged, "the zip archive is damaged"),
            (zip(&[]), "the zip archive holds no file"),
            (
                zip(&[("a", b"1"), ("b", b"2")]),
                "the zip archive holds 2 files, not one",
            ),
            (zip(&[("a", &bomb)]), "it unpacks to more than"),
        ] {
            let error = text_of(&bytes).unwrap_err();
            assert!(error.to_string().starts_with(why), "{error} / {why}");
            assert!(error.hint().is_some() && !format!("{error:?}").contains("t0psecret"));
        }
    }

    #[test]
    fn gzip_does_not_unpack_without_end() {
        let packed = Lookahead::new(Box::new(Cursor::new(gzip(&[b'a'; 9_000]))));
        let mut reader = Gzip {
            decoder: MultiGzDecoder::new(packed),
            left: 8_999,
        };
        let error = RecordError::from(reader.read_to_end(&mut Vec::new()).unwrap_err());
        assert!(matches!(error, RecordError::TooLarge { .. }), "{error}");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(magic in 0..6_usize, bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let magics: [&[u8]; 6] = [b"", b"\x1f\x8b\x08\0", b"PK\x03\x04", b"\xff\xfe", b"<?xml<Error>", b"PK\x05\x06"];
            let _outcome = text_of(&[magics[magic], &bytes].concat());
        }
    }
}
