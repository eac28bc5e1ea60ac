//! A checker of OCSF events: what is required is there, what is there is known, and is of its type.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde::Deserialize;
use serde_json::{Map, Value};

/// The digest of a published schema.
#[derive(Deserialize)]
pub(crate) struct Schema {
    version: String,
    classes: BTreeMap<String, Class>,
    objects: BTreeMap<String, Class>,
}

#[derive(Deserialize)]
struct Class {
    attributes: BTreeMap<String, Attribute>,
    #[serde(default)]
    constraints: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
struct Attribute {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    array: bool,
    #[serde(default)]
    required: bool,
    /// The profile that an event must name to have this.
    profile: Option<String>,
    #[serde(rename = "enum", default)]
    numbers: BTreeMap<String, String>,
}

impl Schema {
    pub(crate) fn read() -> Schema {
        serde_json::from_str(include_str!("ocsf-1.5.0.json")).unwrap()
    }

    /// What is wrong with an event.
    pub(crate) fn complaints(&self, event: &Value) -> Vec<String> {
        let class = event["class_uid"].to_string();
        let (Some(class), Some(members)) = (self.classes.get(&class), event.as_object()) else {
            return vec![format!("there is no class {class}")];
        };
        let mut complaints = Vec::new();
        let profiles = event["metadata"]["profiles"].as_array();
        let profiles: Vec<&str> = profiles
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        self.check(class, members, &profiles, "", &mut complaints);
        if event["metadata"]["version"]
            .as_str()
            .is_some_and(|version| version != self.version)
        {
            complaints.push(format!("metadata.version: it is {}", self.version));
        }
        complaints
    }

    fn check(
        &self,
        class: &Class,
        members: &Map<String, Value>,
        profiles: &[&str],
        path: &str,
        complaints: &mut Vec<String>,
    ) {
        let required = class
            .attributes
            .iter()
            .filter(|(_, attribute)| attribute.required);
        for (name, _) in required.filter(|(name, _)| !members.contains_key(*name)) {
            complaints.push(format!("{path}{name} is required"));
        }
        if let Some(some) = class.constraints.get("at_least_one")
            && !some.iter().any(|name| members.contains_key(name))
        {
            complaints.push(format!("{path}at_least_one of {}", some.join(", ")));
        }
        for (name, value) in members {
            let name_in_full = format!("{path}{name}");
            match class.attributes.get(name) {
                None => complaints.push(format!("{name_in_full} is no attribute of it")),
                Some(attribute) => {
                    let unnamed = |profile: &String| !profiles.contains(&profile.as_str());
                    if attribute.profile.as_ref().is_some_and(unnamed) {
                        complaints
                            .push(format!("{name_in_full} is of a profile that is not named"));
                    }
                    self.check_value(attribute, value, profiles, &name_in_full, complaints);
                }
            }
        }
    }

    fn check_value(
        &self,
        attribute: &Attribute,
        value: &Value,
        profiles: &[&str],
        path: &str,
        complaints: &mut Vec<String>,
    ) {
        let values = match (attribute.array, value) {
            (true, Value::Array(values)) => values.as_slice(),
            (true, _) => return complaints.push(format!("{path}: {value} is no list")),
            (false, value) => std::slice::from_ref(value),
        };
        for value in values {
            if let Some(object) = self.objects.get(&attribute.kind) {
                match value.as_object() {
                    Some(members) => {
                        self.check(object, members, profiles, &format!("{path}."), complaints);
                    }
                    None => complaints.push(format!("{path}: {value} is no object")),
                }
            } else if !is_of(&attribute.kind, value) {
                complaints.push(format!("{path}: {value} is no {}", attribute.kind));
            } else if !attribute.numbers.is_empty()
                && !attribute.numbers.contains_key(&value.to_string())
            {
                complaints.push(format!("{path}: {value} is none of its numbers"));
            }
        }
    }
}

/// Whether a value is of a type that is no object of the digest.
fn is_of(kind: &str, value: &Value) -> bool {
    let text = || value.as_str();
    match kind {
        "string_t" | "username_t" | "file_name_t" | "hostname_t" => text().is_some(),
        "integer_t" | "long_t" | "timestamp_t" => value.is_i64(),
        "port_t" => value
            .as_i64()
            .is_some_and(|port| (0..=65_535).contains(&port)),
        "ip_t" => text().is_some_and(|ip| ip.parse::<IpAddr>().is_ok()),
        "email_t" => text().is_some_and(is_email),
        "object" => value.is_object(),
        _ => false,
    }
}

/// What OCSF's pattern takes for one: `[local]@[host].[rest]`.
fn is_email(text: &str) -> bool {
    let is_host = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let Some((host, rest)) = domain.split_once('.') else {
        return false;
    };
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+,-./=?^_`{|}~".contains(c);
    !local.is_empty()
        && local.chars().all(is_local)
        && !host.is_empty()
        && host.chars().all(is_host)
        && !rest.is_empty()
        && rest.chars().all(|c| is_host(c) || c == '.')
}
