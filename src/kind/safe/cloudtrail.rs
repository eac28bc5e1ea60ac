//! The feed `cloudtrail`: what AWS CloudTrail records of the infrastructure in a customer's own
//! account, as files in a bucket ("How to use SAFE's audit APIs", bring your own account).
//!
//! A file lies under the day on which it was delivered, which may be up to 30 days after what it
//! tells of happened (AWS, "Finding your CloudTrail log files").

pub mod record;

use crate::coverage::Log;
use crate::feed::{Body, FeedError};
use crate::kind::FeedKind;
use crate::kind::bucket::{self, Contents, Fill, Wanted};

use record::Content;

/// The feed `cloudtrail`.
pub(super) const CLOUDTRAIL: FeedKind = FeedKind {
    name: "cloudtrail",
    about: "what was done in your own AWS account, by CloudTrail's files in an S3 bucket",
    interval: bucket::INTERVAL,
    events: Some(bucket::events(Log::Infrastructure)),
    access: Some(bucket::ACCESS),
    open: |settings, start| bucket::open(&CONTENTS, settings, start),
};

const CONTENTS: Contents = Contents {
    feed: "cloudtrail",
    wants,
    open,
    page: record::page,
};

/// Folders beside that of log files, which hold none (AWS, "CloudTrail log file name format").
const OTHER_FOLDERS: [&str; 2] = ["/CloudTrail-Digest/", "/CloudTrail-Insight/"];

fn wants(key: &str) -> Wanted {
    for folder in OTHER_FOLDERS {
        if let Some(at) = key.find(folder) {
            return Wanted::PassAll(at + folder.len());
        }
    }
    let is_log = key.ends_with(".json.gz") || key.ends_with(".json");
    if is_log { Wanted::Read } else { Wanted::Pass }
}

/// Digests and insights that lie elsewhere are told by their content.
fn open(body: Body) -> Result<Option<Fill>, FeedError> {
    Ok(match record::open(body)? {
        Content::Log(mut file) => Some(Box::new(move |batch| file.fill(batch))),
        Content::Digest | Content::Insight => None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::record::json::Batch;

    #[test]
    fn only_log_files_are_read_and_the_folders_beside_them_are_leapt_over() {
        const DIGEST: &str = "AWSLogs/1/CloudTrail-Digest/";
        const INSIGHT: &str = "p/AWSLogs/o-1/1/CloudTrail-Insight/";
        for (key, wanted) in [
            (
                "AWSLogs/1/CloudTrail/eu-west-1/2026/01/31/1_x.json.gz",
                Wanted::Read,
            ),
            ("x.json", Wanted::Read),
            ("AWSLogs/1/CloudTrail/", Wanted::Pass),
            ("AWSLogs/1/CloudTrail/notes.txt", Wanted::Pass),
            (
                &format!("{DIGEST}eu-west-1/2026/01/31/x.json.gz"),
                Wanted::PassAll(DIGEST.len()),
            ),
            (&format!("{INSIGHT}x"), Wanted::PassAll(INSIGHT.len())),
        ] {
            assert_eq!(wants(key), wanted, "{key}");
        }
    }

    #[test]
    fn the_records_of_files_are_pages_and_digests_have_none() {
        let file = |json: &str| {
            let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
            gzip.write_all(json.as_bytes()).unwrap();
            open(Body::Memory(gzip.finish().unwrap()))
        };
        let record = r#"{"eventVersion":"1.11","eventTime":"2026-01-31T17:50:30Z","eventSource":"s3.amazonaws.com","eventName":"GetObject","awsRegion":"eu-west-1","sourceIPAddress":"AWS Internal","eventID":"e-1","eventType":"AwsApiCall","userIdentity":{"type":"AWSService"}}"#;
        let mut fill = file(&format!("{{\"Records\":[{record}]}}"))
            .unwrap()
            .unwrap();
        let mut batch = Batch::default();
        assert!(!fill(&mut batch).unwrap());
        let page = (CONTENTS.page)(batch);
        assert_eq!(page.vendor_id(&page.events[0]), Some("e-1"));
        let digest = r#"{"digestStartTime":"2026-01-31T17:00:00Z","logFiles":[]}"#;
        assert!(file(digest).unwrap().is_none());
        assert!(file("[]").is_err());
    }
}
