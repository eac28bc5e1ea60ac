//! An event as it lies in the archive, told in full: what is handed on to other systems.

use super::Timestamp;

/// One archived event with what the archive knows of who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Archived {
    /// Tells it from every other event of the archive; never changes.
    pub key: i64,
    /// The source it came from.
    pub source: String,
    /// The source's kind: the vendor.
    pub kind: String,
    /// The feed that brought it first.
    pub feed: String,
    /// The vendor's id, if it has one.
    pub event_id: Option<String>,
    /// When it happened, by the vendor's clock.
    pub time: Timestamp,
    /// The vendor's class of event.
    pub event_type: Option<String>,
    /// What was done.
    pub action: Option<String>,
    /// Who did it: the vendor's own identifier.
    pub actor: Option<String>,
    /// The actor's e-mail address as of the event, where the user is known.
    pub actor_email: Option<String>,
    /// The actor's name as of the event, where the user is known.
    pub actor_name: Option<String>,
    /// The actor's role as of the event, where the user is known.
    pub actor_role: Option<String>,
    /// As whom it was done, where an administrator acted as somebody else.
    pub on_behalf_of: Option<String>,
    /// From which address: an IP, or the text as given where it is none.
    pub ip: Option<String>,
    /// From which port.
    pub port: Option<i64>,
    /// To what it was done.
    pub target: Option<String>,
    /// The file it was done to.
    pub file_name: Option<String>,
    /// The file's size in bytes.
    pub file_size: Option<i64>,
    /// All that has no column: the text of a JSON object, as the vendor wrote its values.
    pub details: Option<String>,
    /// The run that archived it.
    pub batch: i64,
    /// When it was archived.
    pub archived_at: Timestamp,
    /// The record as received, where it was asked for; bytes that are no UTF-8 are replaced.
    pub raw: Option<String>,
}

impl Archived {
    /// What tells the event from every other of its source, and stays the same however often it is
    /// handed on: the vendor's id, or the archive's key.
    pub fn uid(&self) -> String {
        self.event_id
            .clone()
            .unwrap_or_else(|| self.key.to_string())
    }
}
