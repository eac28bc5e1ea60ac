//! Elastic Common Schema 8.17: what it has no field for is under `trailkeep`.

use super::json::Object;
use super::meaning::{Meaning, Who};
use super::vendor::Vendor;
use crate::event::Archived;

/// The version that a line says it is of.
const VERSION: &str = "8.17.0";

/// The event as a line.
pub(super) fn line(event: &Archived) -> String {
    let meaning = Meaning::of(event);
    let vendor = Vendor::of(event);
    let observer = Object::new()
        .text("vendor", Some(&vendor.vendor))
        .text("product", Some(&vendor.product));
    let agent = meaning.details.first(&["userAgent", "user_agent"]);
    Object::new()
        .text("@timestamp", Some(&event.time.to_string()))
        .object("ecs", Object::new().text("version", Some(VERSION)))
        .text("message", Some(&meaning.message()))
        .object("event", categorised(&meaning))
        .object("user", user(&meaning))
        .object("source", source(&meaning))
        .object("file", file(event))
        .object(
            "user_agent",
            Object::new().text("original", agent.as_deref()),
        )
        .object("cloud", cloud(&meaning))
        .object("observer", observer)
        .object(
            "organization",
            Object::new().text("name", Some(&event.source)),
        )
        .object("related", related(&meaning))
        .object("trailkeep", own(event))
        .finish()
}

fn categorised(meaning: &Meaning<'_>) -> Object {
    let event = meaning.event;
    let (categories, types) = meaning.categories();
    let outcome = match meaning.is_success() {
        Some(true) => "success",
        Some(false) => "failure",
        None => "unknown",
    };
    let reason = meaning.details.first(&["errorMessage", "reason"]);
    Object::new()
        .text("kind", Some("event"))
        .texts("category", &categories)
        .texts("type", &types)
        .text("action", event.action.as_deref())
        .text("outcome", Some(outcome))
        .text("reason", reason.as_deref())
        .number("severity", Some(meaning.severity() as i64))
        .text("id", Some(&event.uid()))
        .text("module", Some(&event.kind))
        .text("dataset", Some(&format!("{}.{}", event.kind, event.feed)))
        .text("provider", Some(&Vendor::of(event).product))
        .text("created", Some(&event.archived_at.to_string()))
        .text("original", event.raw.as_deref())
}

/// Who did it; as whom; and to whose account.
fn user(meaning: &Meaning<'_>) -> Object {
    let event = meaning.event;
    let effective = event.on_behalf_of.clone().map(|id| Who {
        id,
        ..Who::default()
    });
    let about = meaning
        .user()
        .filter(|user| Some(user) != meaning.actor().as_ref());
    let roles: Vec<&String> = event.actor_role.iter().collect();
    person(meaning.actor())
        .texts("roles", &roles)
        .object("effective", person(effective))
        .object("target", person(about))
}

fn person(who: Option<Who>) -> Object {
    let Some(who) = who else {
        return Object::new();
    };
    Object::new()
        .text("id", Some(&who.id))
        .text("name", Some(who.email.as_ref().unwrap_or(&who.id)))
        .text("email", who.email.as_deref())
        .text("full_name", who.name.as_deref())
}

fn source(meaning: &Meaning<'_>) -> Object {
    let ip = meaning.ip().map(|ip| ip.to_string());
    Object::new()
        .text("address", meaning.event.ip.as_deref())
        .text("ip", ip.as_deref())
        .number("port", meaning.port())
}

fn file(event: &Archived) -> Object {
    let name = event.file_name.as_deref();
    let extension = name
        .and_then(|name| name.rsplit_once('.'))
        .map(|(_, end)| end);
    Object::new()
        .text("name", name)
        .text("extension", extension.filter(|end| !end.is_empty()))
        .number("size", event.file_size)
}

fn cloud(meaning: &Meaning<'_>) -> Object {
    let Some(region) = meaning.details.text("awsRegion") else {
        return Object::new();
    };
    let account = meaning.details.text("recipientAccountId");
    let service = meaning.details.text("eventSource");
    Object::new()
        .text("provider", Some("aws"))
        .text("region", Some(&region))
        .object("account", Object::new().text("id", account.as_deref()))
        .object("service", Object::new().text("name", service.as_deref()))
}

/// Everybody and every address in it, for whoever looks for one of them in any field.
fn related(meaning: &Meaning<'_>) -> Object {
    let event = meaning.event;
    let target = meaning.user().map(|user| user.id);
    let users = [
        &event.actor,
        &event.actor_email,
        &event.on_behalf_of,
        &target,
    ];
    let mut users: Vec<&String> = users.into_iter().flatten().collect();
    users.sort();
    users.dedup();
    let addresses: Vec<String> = meaning.ip().iter().map(ToString::to_string).collect();
    Object::new().texts("user", &users).texts("ip", &addresses)
}

fn own(event: &Archived) -> Object {
    Object::new()
        .text("source", Some(&event.source))
        .text("feed", Some(&event.feed))
        .text("event_type", event.event_type.as_deref())
        .text("target", event.target.as_deref())
        .number("batch", Some(event.batch))
        .json("details", event.details.as_deref())
}
