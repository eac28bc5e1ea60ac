//! Checkpoints as versioned JSON: read whole or refused, so that no feed silently starts anew.

use std::collections::BTreeMap;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::event::Checkpoint;
use crate::feed::{FeedError, Start};

/// The form of checkpoints that this program writes and reads.
const VERSION: u64 = 1;

/// What the last pass of the feed noted; none on the first.
///
/// # Errors
/// The checkpoint is damaged, or of another version.
pub(super) fn read<T: DeserializeOwned>(start: &Start, feed: &str) -> Result<Option<T>, FeedError> {
    let mut all = start.checkpoints.iter();
    let whole = all.find(|one| one.partition.is_empty());
    whole.map(|one| noted(start, feed, one)).transpose()
}

/// What was noted of the feed's parts that progress apart, by their names.
///
/// # Errors
/// As for [`read`].
pub(super) fn read_parts<T: DeserializeOwned>(
    start: &Start,
    feed: &str,
) -> Result<BTreeMap<String, T>, FeedError> {
    let all = start.checkpoints.iter();
    let parts = all.filter(|one| !one.partition.is_empty());
    parts
        .map(|one| Ok((one.partition.clone(), noted(start, feed, one)?)))
        .collect()
}

/// The checkpoint that says so.
pub(super) fn write<T: Serialize>(noted: &T) -> Checkpoint {
    write_part(String::new(), noted)
}

/// The checkpoint that says so of a part of the feed.
pub(super) fn write_part<T: Serialize>(partition: String, noted: &T) -> Checkpoint {
    let mut json = Map::new();
    json.insert("v".to_owned(), VERSION.into());
    let noted = serde_json::to_value(noted).expect("a feed notes numbers and texts only");
    if let Value::Object(noted) = noted {
        json.extend(noted);
    }
    Checkpoint {
        partition,
        json: Value::Object(json).to_string(),
    }
}

fn noted<T: DeserializeOwned>(
    start: &Start,
    feed: &str,
    checkpoint: &Checkpoint,
) -> Result<T, FeedError> {
    parse(&checkpoint.json).map_err(|why| FeedError::Unreadable {
        why: format!(
            "the checkpoint of {}/{feed} is not understood: {why}",
            start.source
        ),
        hint: Some("an archive is continued by the trailkeep that wrote it, or a newer one".into()),
    })
}

fn parse<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    let mut json: Map<String, Value> = serde_json::from_str(json).map_err(|e| e.to_string())?;
    match json.shift_remove("v") {
        Some(version) if version == VERSION => {}
        Some(version) => return Err(format!("it is of version {version}, not {VERSION}")),
        None => return Err("it names no version".to_owned()),
    }
    serde_json::from_value(Value::Object(json)).map_err(|e| e.to_string())
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;
    use crate::event::Timestamp;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Noted {
        to: i64,
    }

    fn start(json: &str) -> Start {
        let checkpoint = Checkpoint {
            partition: String::new(),
            json: json.to_owned(),
        };
        Start {
            checkpoints: vec![checkpoint],
            ..Start::of("acme", Timestamp::from_millis(0))
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let checkpoint = write(&Noted { to: 7 });
        assert_eq!(checkpoint.json, r#"{"v":1,"to":7}"#);
        assert_eq!(
            read(&start(&checkpoint.json), "api").unwrap(),
            Some(Noted { to: 7 })
        );
        let first = Start {
            checkpoints: Vec::new(),
            ..start("")
        };
        assert_eq!(read::<Noted>(&first, "api").unwrap(), None);
        let part = write_part("a/".to_owned(), &Noted { to: 8 });
        let parts = Start {
            checkpoints: vec![checkpoint, part],
            ..start("")
        };
        assert_eq!(read(&parts, "api").unwrap(), Some(Noted { to: 7 }));
        let expected = BTreeMap::from([("a/".to_owned(), Noted { to: 8 })]);
        assert_eq!(read_parts(&parts, "api").unwrap(), expected);
    }

    #[test]
    fn a_checkpoint_that_is_not_understood_is_an_error() {
        for (json, why) in [
            ("", "EOF"),
            ("[]", "invalid type"),
            (r#"{"to":7}"#, "names no version"),
            (r#"{"v":2,"to":7}"#, "version 2, not 1"),
            (r#"{"v":1}"#, "missing field `to`"),
            (r#"{"v":1,"to":"7"}"#, "invalid type"),
            (r#"{"v":1,"to":7,"also":8}"#, "unknown field `also`"),
        ] {
            let error = read::<Noted>(&start(json), "api").unwrap_err().to_string();
            assert!(error.contains("checkpoint of acme/api"), "{error}");
            assert!(error.contains(why), "{json}: {error}");
        }
    }
}
