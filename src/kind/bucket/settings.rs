//! The settings of a feed that reads a bucket.

use url::Url;

use super::place::Place;
use crate::feed::{Aws, AwsKeys, AwsRole, Credentials};
use crate::kind::{Setting, SettingKind, Settings, SettingsError};

pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        key: "bucket",
        about: "name of the bucket",
        value: SettingKind::Text("acme-audit-logs"),
    },
    Setting {
        key: "prefix",
        about: "how the keys begin that are read, if not all are",
        value: SettingKind::Text("audit/"),
    },
    Setting {
        key: "region",
        about: "the bucket's region",
        value: SettingKind::Text("eu-central-1"),
    },
    Setting {
        key: "profile",
        about: "which profile of the AWS config files gives the credentials, if not the default",
        value: SettingKind::Text("audit"),
    },
    Setting {
        key: "role_arn",
        about: "a role to take on with them",
        value: SettingKind::Text("arn:aws:iam::123456789012:role/audit-reader"),
    },
    Setting {
        key: "external_id",
        about: "what the role's owner wants to be told by those who take it on",
        value: SettingKind::Text("acme-42"),
    },
    Setting {
        key: "access_key_id",
        about: "an access key, instead of the credentials that AWS's own tools would find",
        value: SettingKind::Secret("AWS_ACCESS_KEY_ID"),
    },
    Setting {
        key: "secret_access_key",
        about: "the access key's secret",
        value: SettingKind::Secret("AWS_SECRET_ACCESS_KEY"),
    },
    Setting {
        key: "session_token",
        about: "the session token, of an access key that does not last",
        value: SettingKind::Secret("AWS_SESSION_TOKEN"),
    },
    Setting {
        key: "endpoint",
        about: "URL of a store that speaks the language of S3, instead of AWS",
        value: SettingKind::Text("https://s3.acme.example"),
    },
    Setting {
        key: "path_style",
        about: "whether the bucket's name stands in the path of a URL, not in the host's name",
        value: SettingKind::Flag,
    },
    Setting {
        key: "role_endpoint",
        about: "URL of the service that gives roles (STS), instead of AWS",
        value: SettingKind::Text("https://sts.acme.example"),
    },
    Setting {
        key: "ignore",
        about: "parts of keys, with commas between: objects that have one of them are not read",
        value: SettingKind::Text("/manifests/, .tmp"),
    },
    Setting {
        key: "overlap",
        about: "for how long an object or event may come late: folders of so many days are listed again",
        value: SettingKind::Duration("48h"),
    },
    Setting {
        key: "full_check",
        about: "how often all keys are listed, those of older days too",
        value: SettingKind::Duration("7d"),
    },
    Setting {
        key: "every",
        about: "how often `watch` asks",
        value: SettingKind::Duration("15min"),
    },
    // S3 bears 5,500 a second for each prefix (documented).
    Setting {
        key: "requests_per_minute",
        about: "most requests a minute",
        value: SettingKind::Number(1, 300_000, 6_000),
    },
];

pub(super) fn root(settings: &Settings) -> Result<Url, SettingsError> {
    Ok(Place::of(settings)?.root)
}

pub(super) fn credentials(settings: &Settings) -> Result<Credentials, SettingsError> {
    Ok(Credentials::Aws(Box::new(Aws {
        service: "s3",
        region: Place::of(settings)?.region,
        keys: keys(settings)?,
        profile: text(settings, "profile").map(str::to_owned),
        role: role(settings)?,
    })))
}

/// The text of that key, where it was given.
pub(super) fn text<'a>(settings: &'a Settings, key: &str) -> Option<&'a str> {
    settings.texts.get(key).map(|text| text.trim())
}

fn keys(settings: &Settings) -> Result<Option<AwsKeys>, SettingsError> {
    let given = |key: &str| settings.secrets.contains_key(key);
    if !given("access_key_id") && !given("secret_access_key") {
        return if given("session_token") {
            Err(settings.wrong("session_token", "is set without an access key"))
        } else {
            Ok(None)
        };
    }
    if given("access_key_id") && text(settings, "profile").is_some() {
        return Err(settings.wrong("profile", "is set, and so is an access key"));
    }
    Ok(Some(AwsKeys {
        access_key_id: settings.secret("access_key_id")?.clone(),
        secret_access_key: settings.secret("secret_access_key")?.clone(),
        session_token: settings.secrets.get("session_token").cloned(),
    }))
}

fn role(settings: &Settings) -> Result<Option<AwsRole>, SettingsError> {
    let Some(arn) = text(settings, "role_arn") else {
        for key in ["external_id", "role_endpoint"] {
            if text(settings, key).is_some() {
                return Err(settings.wrong(key, "is set without `role_arn`"));
            }
        }
        return Ok(None);
    };
    if !arn.starts_with("arn:") || !arn.contains(":role/") {
        return Err(settings.wrong("role_arn", format!("is `{arn}`, which names no role")));
    }
    let endpoint = text(settings, "role_endpoint");
    if let Some(endpoint) = endpoint {
        super::place::endpoint(settings, "role_endpoint", endpoint)?;
    }
    Ok(Some(AwsRole {
        arn: arn.to_owned(),
        external_id: text(settings, "external_id").map(str::to_owned),
        endpoint: endpoint.map(str::to_owned),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kind::bucket::ACCESS;
    use crate::secret::Secret;

    const ROLE: &str = "arn:aws:iam::123456789012:role/a";

    fn settings(texts: &[(&str, &str)], secrets: &[&str]) -> Settings {
        let mut settings = Settings::defaults(&ACCESS, "acme.s3", None);
        let base = [("bucket", "acme-audit"), ("region", "eu-central-1")];
        for (key, text) in base.iter().chain(texts) {
            settings.texts.insert((*key).to_owned(), (*text).to_owned());
        }
        for key in secrets {
            settings
                .secrets
                .insert((*key).to_owned(), Secret::new(*key));
        }
        settings
    }

    #[test]
    fn credentials_are_the_keys_given_or_those_that_aws_finds() {
        let aws = |texts: &[_], secrets: &[_]| match credentials(&settings(texts, secrets)) {
            Ok(Credentials::Aws(aws)) => aws,
            _ => panic!("no credentials of AWS"),
        };
        let chain = aws(&[("profile", "audit")], &[]);
        assert_eq!(
            (chain.service, chain.region.as_str()),
            ("s3", "eu-central-1")
        );
        assert_eq!(chain.profile.as_deref(), Some("audit"));
        assert!(chain.keys.is_none() && chain.role.is_none());
        let role = aws(
            &[("role_arn", ROLE), ("external_id", "x")],
            &["access_key_id", "secret_access_key", "session_token"],
        );
        let expected = AwsRole {
            arn: ROLE.to_owned(),
            external_id: Some("x".to_owned()),
            endpoint: None,
        };
        assert_eq!(role.role, Some(expected));
        let keys = role.keys.unwrap();
        assert_eq!(keys.access_key_id.expose(), "access_key_id");
        assert_eq!(keys.secret_access_key.expose(), "secret_access_key");
        assert!(keys.session_token.is_some());
    }

    #[test]
    fn what_does_not_go_together_is_named() {
        let keys = vec!["access_key_id", "secret_access_key"];
        let role = ("role_arn", ROLE);
        let cases = [
            (vec![], vec!["access_key_id"], "secret_access_key"),
            (vec![], vec!["secret_access_key"], "access_key_id"),
            (vec![], vec!["session_token"], "session_token"),
            (vec![("profile", "p")], keys, "profile"),
            (vec![("external_id", "x")], vec![], "external_id"),
            (
                vec![("role_endpoint", "https://x")],
                vec![],
                "role_endpoint",
            ),
            (vec![("role_arn", "audit-reader")], vec![], "role_arn"),
            (
                vec![role, ("role_endpoint", "http://x")],
                vec![],
                "role_endpoint",
            ),
        ];
        for (texts, secrets, key) in cases {
            let error = credentials(&settings(&texts, &secrets)).err();
            assert_eq!(error.map(|error| error.key), Some(key), "{texts:?}");
        }
    }
}
