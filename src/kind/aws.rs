//! What all feeds have in common that are asked of AWS, or of what speaks its language: who asks,
//! and where.

use url::Url;

use crate::feed::{Aws, AwsKeys, AwsRole, Credentials};
use crate::kind::{Setting, SettingKind, Settings, SettingsError};
use crate::secret;

/// The region.
pub(super) const REGION: Setting = Setting {
    key: "region",
    about: "the region in AWS",
    value: SettingKind::Text("eu-central-1"),
};

/// A profile of the shared config files.
pub(super) const PROFILE: Setting = Setting {
    key: "profile",
    about: "which profile of the AWS config files gives the credentials, if not the default",
    value: SettingKind::Text("audit"),
};

/// An access key.
pub(super) const ACCESS_KEY_ID: Setting = Setting {
    key: "access_key_id",
    about: "an access key, instead of the credentials that AWS's own tools would find",
    value: SettingKind::Secret("AWS_ACCESS_KEY_ID"),
};

/// The access key's secret.
pub(super) const SECRET_ACCESS_KEY: Setting = Setting {
    key: "secret_access_key",
    about: "the access key's secret",
    value: SettingKind::Secret("AWS_SECRET_ACCESS_KEY"),
};

/// Goes with an access key that does not last.
pub(super) const SESSION_TOKEN: Setting = Setting {
    key: "session_token",
    about: "the session token, of an access key that does not last",
    value: SettingKind::Secret("AWS_SESSION_TOKEN"),
};

/// A role to take on.
pub(super) const ROLE_ARN: Setting = Setting {
    key: "role_arn",
    about: "a role to take on with them",
    value: SettingKind::Text("arn:aws:iam::123456789012:role/audit-reader"),
};

/// Goes with the role.
pub(super) const EXTERNAL_ID: Setting = Setting {
    key: "external_id",
    about: "what the role's owner wants to be told by those who take it on",
    value: SettingKind::Text("acme-42"),
};

/// Where the role is asked for.
pub(super) const ROLE_ENDPOINT: Setting = Setting {
    key: "role_endpoint",
    about: "URL of the service that gives roles (STS), instead of AWS",
    value: SettingKind::Text("https://sts.acme.example"),
};

/// Where the service is asked.
pub(super) const ENDPOINT: Setting = Setting {
    key: "endpoint",
    about: "URL of what speaks the service's language, instead of AWS",
    value: SettingKind::Text("https://aws.acme.example"),
};

/// How requests to a service of AWS prove who asks.
///
/// # Errors
/// The region is missing, or settings do not go together.
pub(super) fn credentials(
    settings: &Settings,
    service: &'static str,
) -> Result<Credentials, SettingsError> {
    Ok(Credentials::Aws(Box::new(Aws {
        service,
        region: region(settings)?,
        keys: keys(settings)?,
        profile: text(settings, "profile").map(str::to_owned),
        role: role(settings)?,
    })))
}

/// Where a service is asked: `https://logs.eu-central-1.amazonaws.com`, or in China
/// `https://logs.cn-north-1.amazonaws.com.cn` (documented); or where the settings say.
///
/// # Errors
/// The region is missing or none, or the endpoint no URL.
pub(super) fn endpoint(settings: &Settings, service: &str) -> Result<Url, SettingsError> {
    if let Some(given) = text(settings, "endpoint") {
        return url(settings, "endpoint", given);
    }
    let region = region(settings)?;
    let china = if region.starts_with("cn-") { ".cn" } else { "" };
    let standard = format!("https://{service}.{region}.amazonaws.com{china}");
    url(settings, "region", &standard)
}

/// The region that requests are signed for.
///
/// # Errors
/// It is missing, or none.
pub(super) fn region(settings: &Settings) -> Result<String, SettingsError> {
    // Stores that are not AWS take this one, whatever they are called (SeaweedFS, MinIO).
    let default = text(settings, "endpoint").map(|_| "us-east-1");
    let region = match text(settings, "region").or(default) {
        Some(region) => region,
        None => settings.text("region")?,
    };
    let is_name = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if region.is_empty() || !region.bytes().all(is_name) {
        return Err(settings.wrong("region", format!("is `{region}`, which is no region")));
    }
    Ok(region.to_owned())
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
        url(settings, "role_endpoint", endpoint)?;
    }
    Ok(Some(AwsRole {
        arn: arn.to_owned(),
        external_id: text(settings, "external_id").map(str::to_owned),
        endpoint: endpoint.map(str::to_owned),
    }))
}

/// The URL of a store that somebody set.
///
/// # Errors
/// It is no URL, or secrets must not go there.
fn url(settings: &Settings, key: &'static str, text: &str) -> Result<Url, SettingsError> {
    let url = Url::parse(text).ok();
    let url = url.filter(|url| url.has_host() && url.query().is_none());
    let url = url.ok_or_else(|| settings.wrong(key, format!("is `{text}`, which is no URL")))?;
    if secret::may_go_to(&url) {
        return Ok(url);
    }
    Err(settings.wrong(
        key,
        "must begin with https:// (http:// only for this machine)",
    ))
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
        let aws = |texts: &[_], secrets: &[_]| match credentials(&settings(texts, secrets), "s3") {
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
            let error = credentials(&settings(&texts, &secrets), "s3").err();
            assert_eq!(error.map(|error| error.key), Some(key), "{texts:?}");
        }
    }
}
