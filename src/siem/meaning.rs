//! What an event means in terms that other systems share: what was done, to whom, and how it went.

use std::net::IpAddr;

use super::details::Details;
use super::rule::{BASE, Class, Rule, Severity};
use super::wording::Wording;
use crate::event::Archived;

/// An event and what it means.
pub(super) struct Meaning<'a> {
    /// The event.
    pub(super) event: &'a Archived,
    /// All that has no column.
    pub(super) details: Details<'a>,
    wording: Wording,
    /// What its words say.
    said: Option<&'static Rule>,
    /// The same, in a class that can be told in full.
    rule: Option<&'static Rule>,
}

/// Somebody, as far as is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Who {
    /// The vendor's own identifier.
    pub(super) id: String,
    pub(super) email: Option<String>,
    pub(super) name: Option<String>,
}

impl<'a> Meaning<'a> {
    pub(super) fn of(event: &'a Archived) -> Meaning<'a> {
        let mut meaning = Meaning {
            event,
            details: Details::new(event.details.as_deref()),
            wording: Wording::of(event.action.as_deref().unwrap_or_default()),
            said: None,
            rule: None,
        };
        let all = Rule::all().iter();
        let fit: Vec<&'static Rule> = all
            .filter(|rule| rule.fits(event, &meaning.wording))
            .collect();
        meaning.said = fit.first().copied();
        meaning.rule = fit.into_iter().find(|rule| meaning.suffices(rule));
        meaning
    }

    /// Its class, and the number and name of the activity.
    pub(super) fn class(&self) -> (&'static Class, i64, String) {
        let Some(rule) = self.rule else {
            let class = Class::find(BASE);
            return (class, class.activity(""), self.deed());
        };
        let class = Class::find(&rule.class);
        let number = class.activity(&rule.activity);
        let is_named = class.activities.contains_key(&rule.activity);
        let name = if is_named {
            rule.activity.clone()
        } else {
            self.deed()
        };
        (class, number, name)
    }

    /// What was done in the vendor's own words, without the name of what it was done to.
    pub(super) fn deed(&self) -> String {
        let event = self.event;
        if self.wording.names.is_empty() {
            let action = event.action.as_deref().or(event.event_type.as_deref());
            action.unwrap_or_default().to_owned()
        } else {
            self.wording.words.join(" ")
        }
    }

    /// What it means to ECS: `event.category` and `event.type`.
    pub(super) fn categories(&self) -> (Vec<&'static str>, Vec<&'static str>) {
        self.said.map_or_else(
            || (Vec::new(), vec!["info"]),
            |rule| (rule.categories(), rule.types()),
        )
    }

    pub(super) fn severity(&self) -> Severity {
        let severity = self
            .said
            .map_or(Severity::Informational, |rule| rule.severity);
        match self.is_success() {
            Some(false) => severity.max(Severity::Low),
            _ => severity,
        }
    }

    /// Whether it came off; none where nobody says.
    pub(super) fn is_success(&self) -> Option<bool> {
        if self.details.first(&["errorCode", "errorMessage"]).is_some() {
            return Some(false);
        }
        let told = self.details.first(OUTCOMES).map(|word| word.to_lowercase());
        let is_among = |words: &[&str]| told.as_deref().is_some_and(|told| words.contains(&told));
        let said = self.said.map_or("", |rule| rule.status.as_str());
        if is_among(&["failure", "failed", "fail", "error", "denied", "false"]) {
            Some(false)
        } else if is_among(&["success", "successful", "succeeded", "ok", "true"]) {
            Some(true)
        } else {
            ["failure", "success"]
                .iter()
                .position(|word| *word == said)
                .map(|at| at == 1)
        }
    }

    /// Who did it.
    pub(super) fn actor(&self) -> Option<Who> {
        let event = self.event;
        let id = event.actor.clone()?;
        let own_email = is_email(&id).then(|| id.clone());
        Some(Who {
            email: event.actor_email.clone().or(own_email),
            name: event.actor_name.clone(),
            id,
        })
    }

    /// Whose account it is about.
    pub(super) fn user(&self) -> Option<Who> {
        self.user_of(self.rule?)
    }

    /// What was given or taken.
    pub(super) fn privileges(&self) -> Vec<String> {
        let told = PRIVILEGES.iter().map(|path| self.details.texts(path));
        let told = told.into_iter().find(|texts| !texts.is_empty());
        told.unwrap_or_else(|| {
            let name = self
                .wording
                .name_after(&["to", "role", "privilege", "permission"]);
            name.map(str::to_owned).into_iter().collect()
        })
    }

    /// The name of what it was done to, where that is no person.
    pub(super) fn entity(&self) -> Option<String> {
        let named = self.wording.names.first().map(|(_, name)| name.clone());
        named
            .filter(|name| !name.is_empty())
            .or_else(|| self.event.target.clone())
    }

    /// The address as an IP, where it is one.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.event.ip.as_deref()?.parse().ok()
    }

    /// The port, where it is one.
    pub(super) fn port(&self) -> Option<i64> {
        self.event.port.filter(|port| (0..=65_535).contains(port))
    }

    /// What was done, in words for people.
    pub(super) fn message(&self) -> String {
        let event = self.event;
        let action = event.action.as_deref().or(event.event_type.as_deref());
        let action = action.unwrap_or("event");
        let named = [&event.file_name, &event.target]
            .into_iter()
            .flatten()
            .next();
        match named {
            Some(name) => format!("{action}: {name}"),
            None => action.to_owned(),
        }
    }

    /// Whether everything is known that the rule's class asks for.
    fn suffices(&self, rule: &Rule) -> bool {
        let event = self.event;
        let has_place = event.ip.is_some();
        match rule.class.as_str() {
            "authentication" | "account_change" => self.user_of(rule).is_some(),
            "user_access" => self.user_of(rule).is_some() && !self.privileges().is_empty(),
            "entity_management" => self.entity().is_some(),
            "api_activity" => event.actor.is_some() && event.action.is_some() && has_place,
            "file_hosting" => event.actor.is_some() && event.file_name.is_some() && has_place,
            _ => true,
        }
    }

    fn user_of(&self, rule: &Rule) -> Option<Who> {
        match rule.user.as_str() {
            "actor" => self.actor(),
            "target" => self.target(),
            "either" => self.target().or_else(|| self.actor()),
            _ => None,
        }
    }

    fn target(&self) -> Option<Who> {
        let named = self
            .wording
            .name_after(&["of", "for", "user", "account", "member"]);
        let id = self
            .details
            .first(TARGETS)
            .or_else(|| self.event.target.clone())
            .or_else(|| named.map(str::to_owned))?;
        Some(Who {
            email: is_email(&id).then(|| id.clone()),
            name: None,
            id,
        })
    }
}

/// Where CloudTrail has whose account a call is about. Other feeds have it as the target.
const TARGETS: &[&str] = &[
    "requestParameters.userName",
    "requestParameters.roleName",
    "responseElements.user.userName",
];

/// Where privileges stand: SendSafely's and SAFE's names are guesses, CloudTrail's documented.
const PRIVILEGES: &[&str] = &[
    "privileges",
    "privilege",
    "permissions",
    "permission",
    "newRole",
    "roles",
    "role",
    "requestParameters.policyArn",
    "requestParameters.policyName",
];

/// Where it stands how something went.
const OUTCOMES: &[&str] = &[
    "outcome",
    "result",
    "status",
    "success",
    "responseElements.ConsoleLogin",
    "responseElements.SwitchRole",
];

/// Whether a text has the form of an e-mail address that OCSF asks for.
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_domain = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
    let (host, rest) = domain.split_once('.').unwrap_or_default();
    let whole = !local.is_empty() && !host.is_empty() && !rest.is_empty();
    whole && local.chars().all(is_local) && domain.chars().all(is_domain)
}

#[cfg(test)]
mod tests {
    use super::is_email;

    #[test]
    fn an_address_is_told_from_what_is_none() {
        for (text, is) in [
            ("ada@example.com", true),
            ("o'brien+x@mail.example.co.uk", true),
            ("Anonymous Recipient", false),
            ("ada@localhost", false),
            ("@example.com", false),
            ("ada@", false),
            ("ada@.com", false),
            ("a b@example.com", false),
            ("ada@exa mple.com", false),
            ("ädä@example.com", false),
            ("ada@example.com@x.y", false),
        ] {
            assert_eq!(is_email(text), is, "{text}");
        }
    }
}
