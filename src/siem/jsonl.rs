//! JSON Lines: an event's columns as they are, those that are empty among them.

use super::json::Object;
use crate::event::Archived;

/// The event as a line. `key` is a text: it is larger than what many readers of JSON take for a
/// whole number, and two events must not become one.
pub(super) fn line(event: &Archived) -> String {
    object(event).finish()
}

/// The same before it is text.
pub(super) fn object(event: &Archived) -> Object {
    Object::new()
        .text("key", Some(&event.key.to_string()))
        .text("source", Some(&event.source))
        .text("kind", Some(&event.kind))
        .text("feed", Some(&event.feed))
        .text_or_null("event_id", event.event_id.as_deref())
        .text("time", Some(&event.time.to_string()))
        .text_or_null("event_type", event.event_type.as_deref())
        .text_or_null("action", event.action.as_deref())
        .text_or_null("actor", event.actor.as_deref())
        .text_or_null("actor_email", event.actor_email.as_deref())
        .text_or_null("actor_name", event.actor_name.as_deref())
        .text_or_null("actor_role", event.actor_role.as_deref())
        .text_or_null("on_behalf_of", event.on_behalf_of.as_deref())
        .text_or_null("ip", event.ip.as_deref())
        .number_or_null("port", event.port)
        .text_or_null("target", event.target.as_deref())
        .json("details", Some(event.details.as_deref().unwrap_or("{}")))
        .number("batch", Some(event.batch))
        .text("archived_at", Some(&event.archived_at.to_string()))
        .text("raw", event.raw.as_deref())
}
