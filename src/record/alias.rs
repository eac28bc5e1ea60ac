//! What columns mean, told by their names.
//!
//! SAFE documents one header verbatim, `User ID` ("How to use SAFE's audit APIs"), and the rest
//! in prose; the other names here are inferred from how such exports are usually headed.

/// What a column can mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Role {
    /// When.
    Time,
    /// Who, by the vendor's id.
    UserId,
    /// Who, by name or e-mail address.
    UserName,
    /// From which address, perhaps with the port.
    Address,
    /// From which port.
    Port,
    /// What was done.
    Action,
    /// To what.
    Target,
    /// The record's own id.
    EventId,
}

/// A name in the form in which names are compared: words in lower case, joined by `_`.
pub fn normalised(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    let mut before = ' ';
    for c in name.chars() {
        let hump = c.is_uppercase() && (before.is_lowercase() || before.is_ascii_digit());
        if (hump || !c.is_alphanumeric()) && !words.is_empty() && !words.ends_with('_') {
            words.push('_');
        }
        if c.is_alphanumeric() {
            words.extend(c.to_lowercase());
        }
        before = c;
    }
    words.truncate(words.trim_end_matches('_').len());
    words
}

/// Whether the name is that of a column we know.
pub fn is_known(name: &str) -> bool {
    let name = normalised(name);
    ALIASES
        .iter()
        .any(|(_, aliases)| aliases.contains(&name.as_str()))
        || OTHERS.contains(&name.as_str())
}

/// Whether the name is that of a time.
pub fn is_time(name: &str) -> bool {
    let name = normalised(name);
    ALIASES
        .iter()
        .any(|(role, aliases)| *role == Role::Time && aliases.contains(&name.as_str()))
}

/// What a column of exactly that name means, and how many names are preferred to it.
pub fn role(name: &str) -> Option<(Role, usize)> {
    let name = normalised(name);
    let mut roles = ALIASES.iter();
    roles.find_map(|(role, aliases)| {
        let rank = aliases.iter().position(|alias| *alias == name)?;
        Some((*role, rank))
    })
}

/// Which column has which role, by name: the first alias of a role that some column has, exact
/// names of all roles before names that merely contain one. A column has one role at most.
pub fn roles(names: &[String]) -> Vec<(Role, usize)> {
    let names: Vec<String> = names.iter().map(|name| normalised(name)).collect();
    let mut roles = Vec::new();
    for (role, aliases) in ALIASES {
        claim(&mut roles, *role, aliases, &names, |name, alias| {
            name == alias
        });
    }
    for (role, aliases) in ALIASES.iter().filter(|(role, _)| LOOSE.contains(role)) {
        claim(&mut roles, *role, aliases, &names, contains);
    }
    roles
}

/// Gives the role, if it is free, to the first free column that fits an alias.
fn claim(
    roles: &mut Vec<(Role, usize)>,
    role: Role,
    aliases: &[&str],
    names: &[String],
    fits: fn(&str, &str) -> bool,
) {
    if roles.iter().any(|(taken, _)| *taken == role) {
        return;
    }
    let free = |column: usize| roles.iter().all(|(_, taken)| *taken != column);
    let column = aliases.iter().find_map(|alias| {
        let mut columns = names.iter().enumerate();
        columns.find(|(n, name)| free(*n) && fits(name, alias))
    });
    roles.extend(column.map(|(column, _)| (role, column)));
}

/// Whether the column tells the class of an event, rather than what was done.
pub fn is_event_type(name: &str) -> bool {
    matches!(
        normalised(name).as_str(),
        "event_type" | "activity_type" | "action_type" | "type"
    )
}

fn contains(name: &str, alias: &str) -> bool {
    let foreign = ["zone", "type", "agent", "duration", "count"];
    let words = |text: &str| format!("_{text}_");
    words(name).contains(&words(alias)) && !name.split('_').any(|word| foreign.contains(&word))
}

/// Roles whose column may be called by a longer name: `Timestamp (UTC)`, `Event Source IP`.
const LOOSE: [Role; 4] = [Role::Time, Role::UserId, Role::Address, Role::Action];

const ALIASES: &[(Role, &[&str])] = &[
    (
        Role::Time,
        &[
            "timestamp",
            "time_stamp",
            "timestamp_utc",
            "time",
            "date",
            "datetime",
            "date_time",
            "date_and_time",
            "event_time",
            "event_date",
            "event_timestamp",
            "activity_time",
            "created",
            "created_at",
            "created_on",
            "created_date",
            "logged_at",
            "log_time",
            "occurred_at",
            "performed_at",
            "action_time",
        ],
    ),
    (
        Role::UserId,
        &[
            "user_id",
            "userid",
            "user_uuid",
            "uuid",
            "actor_id",
            "actor_uuid",
            "performed_by_id",
            "created_by",
        ],
    ),
    (
        Role::UserName,
        &[
            "username",
            "user_name",
            "user",
            "email",
            "email_id",
            "emailid",
            "user_email",
            "actor",
            "actor_name",
            "performed_by",
            "login",
            "full_name",
            "name",
        ],
    ),
    (
        Role::Address,
        &[
            "source_ip_and_port",
            "source_ip_port",
            "source_ip",
            "sourceip",
            "src_ip",
            "src",
            "ip",
            "ip_address",
            "client_ip",
            "remote_ip",
            "remote_addr",
            "user_ip",
            "x_forwarded_for",
        ],
    ),
    (
        Role::Port,
        &[
            "source_port",
            "src_port",
            "spt",
            "port",
            "client_port",
            "remote_port",
        ],
    ),
    (
        Role::Action,
        &[
            "action_activity",
            "action",
            "activity",
            "operation",
            "event",
            "event_name",
            "activity_type",
            "event_type",
            "type",
            "method",
        ],
    ),
    (
        Role::Target,
        &[
            "entity",
            "entity_name",
            "entity_id",
            "entity_type",
            "target",
            "resource",
            "resource_id",
            "object",
            "module",
            "component",
            "category",
            "organization",
            "group",
            "risk_scenario",
            "integration",
        ],
    ),
    (
        Role::EventId,
        &[
            "event_id",
            "log_id",
            "audit_id",
            "audit_log_id",
            "id",
            "record_id",
        ],
    ),
];

/// Names that help to find the header, though no column of ours holds what they head.
const OTHERS: &[&str] = &[
    "details",
    "detail",
    "description",
    "message",
    "summary",
    "metadata",
    "changes",
    "old_value",
    "new_value",
    "payload",
    "comment",
    "status",
    "result",
    "outcome",
    "success",
    "user_agent",
    "useragent",
    "browser",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_as_words() {
        for (name, words) in [
            ("User ID", "user_id"),
            ("\u{feff}userId", "user_id"),
            ("Source IP and Port", "source_ip_and_port"),
            ("Source IP:Port", "source_ip_port"),
            ("sourceIP", "source_ip"),
            ("Action/Activity", "action_activity"),
            ("  \"Time\u{a0}Stamp\" (UTC)", "time_stamp_utc"),
            ("USER_NAME", "user_name"),
            ("--", ""),
        ] {
            assert_eq!(normalised(name), words, "{name}");
        }
    }

    #[test]
    fn a_name_alone_has_the_role_that_lists_it() {
        for (name, expected) in [
            ("timestamp", Some((Role::Time, 0))),
            ("userId", Some((Role::UserId, 0))),
            ("User UUID", Some((Role::UserId, 2))),
            ("sourceIP", Some((Role::Address, 2))),
            ("event-name", Some((Role::Action, 5))),
            ("client source ip", None),
        ] {
            assert_eq!(role(name), expected, "{name}");
        }
    }

    #[test]
    fn columns_have_the_roles_their_names_say() {
        use Role::*;
        for (header, expected) in [
            (
                "Timestamp|Source IP and Port|Username|Action/Activity",
                vec![(Time, 0), (UserName, 2), (Address, 1), (Action, 3)],
            ),
            (
                "Timestamp|User ID|Username|Source IP|Source Port|Activity|Entity",
                vec![
                    (Time, 0),
                    (UserId, 1),
                    (UserName, 2),
                    (Address, 3),
                    (Port, 4),
                    (Action, 5),
                    (Target, 6),
                ],
            ),
            (
                "Id|Created At|User|Event|Event Type",
                vec![(Time, 1), (UserName, 2), (Action, 3), (EventId, 0)],
            ),
            ("Event Type|Date", vec![(Time, 1), (Action, 0)]),
            (
                "Log Timestamp (UTC)|Time Zone|Client Source IP",
                vec![(Time, 0), (Address, 2)],
            ),
            ("Colour|Weight", vec![]),
        ] {
            let names: Vec<String> = header.split('|').map(str::to_owned).collect();
            assert_eq!(roles(&names), expected, "{header}");
        }
    }
}
