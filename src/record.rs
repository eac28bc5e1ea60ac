//! Bytes to records, pure: containers, CSV, JSON, timestamps, header aliases.
//!
//! Nothing here trusts a file name or a content type: what a file is, is read from its bytes.
//! Files are read a page at a time, so that memory stays flat whatever their size.

pub mod address;
pub mod alias;
pub mod cell;
pub mod container;
pub mod csv;
pub mod json;
pub mod lookahead;
pub mod member;
pub mod rows;
pub mod timestamp;

use std::io;

use crate::feed::FeedError;

/// Most records of a page.
pub const PAGE_RECORDS_MAX: usize = 16_000;

/// A page that has so many bytes takes no further record.
pub const PAGE_BYTES_MAX: usize = 8 << 20;

/// A page that has so many cells takes no further record.
pub const PAGE_CELLS_MAX: usize = 2_000_000;

/// Most columns of a table, and most cells of one of its records.
pub const COLUMNS_MAX: usize = 1_000;

/// Most bytes of a single record; anything longer is a quote or a bracket that never closes.
pub const RECORD_BYTES_MAX: usize = 4 << 20;

/// Why a file cannot be read at all, or no further.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    /// It is HTML: a sign-in page, or the front page of the wrong host.
    #[error("it is a web page, not an export")]
    WebPage,
    /// It is the XML in which S3 reports an error.
    #[error("it is an error message of the file store, {code}: {message}")]
    Store {
        /// S3's code: `AccessDenied`.
        code: String,
        /// S3's words.
        message: String,
    },
    /// It is XML of another sort.
    #[error("it is XML, not an export")]
    Xml,
    /// Compressed data stops in the middle.
    #[error("the gzip data is cut short")]
    GzipCut,
    /// Compressed data is damaged.
    #[error("the gzip data is damaged: {0}")]
    Gzip(String),
    /// The zip archive is damaged or does not hold what it should.
    #[error("the zip archive {0}")]
    Zip(String),
    /// It unpacks to more than is believable.
    #[error("it unpacks to more than {limit} bytes")]
    TooLarge {
        /// How many are believable.
        limit: u64,
    },
    /// A record has no end in sight.
    #[error("the record that begins in line {line} is longer than {} MiB", RECORD_BYTES_MAX >> 20)]
    Endless {
        /// Line, counted from 1.
        line: u64,
    },
    /// The header has more cells than any table has columns.
    #[error("the header in line {line} has more than {COLUMNS_MAX} cells")]
    TooWide {
        /// Line, counted from 1.
        line: u64,
    },
    /// The file ends inside a quoted cell.
    #[error(
        "the file is cut short: a quoted cell of the record that begins in line {line} has no end"
    )]
    QuoteCut {
        /// Line, counted from 1.
        line: u64,
    },
    /// The file ends inside a JSON value.
    #[error("the JSON is cut short at byte {offset}")]
    JsonCut {
        /// Offset in the unpacked text, counted from 0.
        offset: u64,
    },
    /// What stands there is no JSON.
    #[error("the JSON is damaged at byte {offset}: {why}")]
    Json {
        /// Offset in the unpacked text, counted from 0.
        offset: u64,
        /// What was found.
        why: String,
    },
    /// An object holds several lists, and nothing says which are the records.
    #[error("the JSON object holds several lists of objects: {0}")]
    Lists(String),
    /// No column can be the time.
    #[error("no column holds a time; the header is: {0}")]
    NoTime(String),
    /// Every date of the file can be read both ways.
    #[error("nothing in the file tells whether `{0}` begins with the day or the month")]
    DayOrder(String),
    /// Some dates begin with the day and others with the month.
    #[error("`{0}` begins with the day, but `{1}` with the month")]
    DayOrders(String, String),
    /// The bytes cannot be had.
    #[error("the file cannot be read: {0}")]
    Io(io::Error),
}

impl RecordError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::WebPage => {
                "check the url of the source, and sign in again if it was downloaded by hand"
            }
            Self::Store { .. } => "the download link has probably expired: ask for a new one",
            Self::Xml => "export as CSV or JSON",
            Self::GzipCut | Self::QuoteCut { .. } | Self::JsonCut { .. } => "download it again",
            Self::Gzip(_) | Self::Json { .. } => "the file is damaged: download it again",
            Self::Zip(_) => "unpack it and import the file inside",
            Self::TooLarge { .. } => "unpack it and look at what is inside before importing it",
            Self::Endless { .. } => "look for a quote that is not closed near that line",
            Self::Lists(_) => "save the list of records alone, as a JSON array",
            Self::TooWide { .. } => "is it a table, and is its delimiter `,`, `;`, `|` or a tab?",
            Self::NoTime(_) => "is it an audit log, and does it still have its header line?",
            Self::DayOrder(_) => "set `day_order` to `day-first` or `month-first` for this source",
            Self::DayOrders(..) => {
                "set `day_order` for this source; records that contradict it are quarantined"
            }
            Self::Io(_) => return None,
        })
    }
}

impl RecordError {
    /// Whether the file came damaged, cut short, or is an error in the place of a file: if so,
    /// the same download may do better another time.
    fn is_damage(&self) -> bool {
        matches!(
            self,
            Self::WebPage
                | Self::Store { .. }
                | Self::Xml
                | Self::GzipCut
                | Self::Gzip(_)
                | Self::Zip(_)
                | Self::QuoteCut { .. }
                | Self::JsonCut { .. }
                | Self::Json { .. }
        )
    }
}

/// Errors of ours travel through readers inside of [`io::Error`], and are taken out again here.
impl From<io::Error> for RecordError {
    fn from(error: io::Error) -> RecordError {
        match error.downcast::<RecordError>() {
            Ok(ours) => ours,
            Err(error) => RecordError::Io(error),
        }
    }
}

impl From<RecordError> for io::Error {
    fn from(error: RecordError) -> io::Error {
        io::Error::other(error)
    }
}

impl From<RecordError> for FeedError {
    fn from(error: RecordError) -> FeedError {
        match error {
            RecordError::Io(error) => FeedError::Io(error),
            error => {
                let (why, hint) = (error.to_string(), error.hint().map(str::to_owned));
                if error.is_damage() {
                    FeedError::Damaged { why, hint }
                } else {
                    FeedError::Unreadable { why, hint }
                }
            }
        }
    }
}
