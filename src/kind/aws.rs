//! What all feeds have in common that are asked of the user's own AWS account: who asks, and where.

use url::Url;

use crate::feed::{Aws, AwsKeys, AwsRole, Credentials};
use crate::kind::{Setting, SettingKind, Settings, SettingsError};
use crate::secret;

/// The region.
pub(super) const REGION: Setting = Setting {
    key: "region",
    about: "the AWS region",
    value: SettingKind::Text("eu-central-1"),
};

/// The profile.
pub(super) const PROFILE: Setting = Setting {
    key: "profile",
    about: "a profile of ~/.aws/config; by default AWS's usual chain finds credentials",
    value: SettingKind::Text("audit"),
};

/// The role.
pub(super) const ROLE_ARN: Setting = Setting {
    key: "role_arn",
    about: "a role to take on",
    value: SettingKind::Text("arn:aws:iam::123456789012:role/audit-reader"),
};

/// The role's external id.
pub(super) const EXTERNAL_ID: Setting = Setting {
    key: "external_id",
    about: "the external id that the role asks for",
    value: SettingKind::Text("trailkeep-4711"),
};

/// Where the role is asked for.
pub(super) const ROLE_ENDPOINT: Setting = Setting {
    key: "role_endpoint",
    about: "where the role is asked for, if not at AWS's own address",
    value: SettingKind::Text("https://sts.example.com"),
};

/// The keys' names and secrets.
pub(super) const ACCESS_KEY_ID: Setting = Setting {
    key: "access_key_id",
    about: "keys, instead of the usual chain",
    value: SettingKind::Secret("AWS_ACCESS_KEY_ID"),
};

/// See [`ACCESS_KEY_ID`].
pub(super) const SECRET_ACCESS_KEY: Setting = Setting {
    key: "secret_access_key",
    about: "the secret of that key",
    value: SettingKind::Secret("AWS_SECRET_ACCESS_KEY"),
};

/// See [`ACCESS_KEY_ID`].
pub(super) const SESSION_TOKEN: Setting = Setting {
    key: "session_token",
    about: "the token that goes with keys that do not last",
    value: SettingKind::Secret("AWS_SESSION_TOKEN"),
};

/// Where it is asked.
pub(super) const ENDPOINT: Setting = Setting {
    key: "endpoint",
    about: "where to ask, if not at AWS's own address",
    value: SettingKind::Text("https://s3.example.com"),
};

/// How requests to a service of AWS prove who asks.
///
/// # Errors
/// The region is missing, or one half of a pair of settings.
pub(super) fn credentials(
    settings: &Settings,
    service: &'static str,
) -> Result<Credentials, SettingsError> {
    Ok(Credentials::Aws(Box::new(Aws {
        service,
        region: region(settings)?,
        keys: keys(settings)?,
        profile: given(settings, PROFILE.key),
        role: role(settings)?,
    })))
}

/// The region. A store that only speaks AWS's language knows none: there it is `us-east-1`, as
/// all such stores take it.
///
/// # Errors
/// It is missing, or no region's name.
pub(super) fn region(settings: &Settings) -> Result<String, SettingsError> {
    let region = match (settings.text(REGION.key), endpoint(settings)?) {
        (Ok(region), _) => region,
        (Err(_), Some(_)) => "us-east-1",
        (Err(missing), None) => return Err(missing),
    };
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if region.chars().all(is_name) {
        Ok(region.to_owned())
    } else {
        Err(settings.wrong(REGION.key, "is no name of a region"))
    }
}

/// The address of a service in a region: `https://logs.eu-central-1.amazonaws.com`, or in China
/// `https://logs.cn-north-1.amazonaws.com.cn` (documented).
///
/// # Errors
/// The region is missing or no name, or the endpoint no URL.
pub(super) fn root(settings: &Settings, service: &str) -> Result<Url, SettingsError> {
    if let Some(endpoint) = endpoint(settings)? {
        return Ok(endpoint);
    }
    let region = region(settings)?;
    let url = format!("https://{service}.{region}.{}", domain(&region));
    Url::parse(&url).map_err(|_| settings.wrong(REGION.key, "is no name of a region"))
}

/// The domain of all services of a region.
pub(super) fn domain(region: &str) -> &'static str {
    if region.starts_with("cn-") {
        "amazonaws.com.cn"
    } else {
        "amazonaws.com"
    }
}

/// The endpoint, if one is given: `https`, or `http` where the host is this machine.
///
/// # Errors
/// It is no such URL.
pub(super) fn endpoint(settings: &Settings) -> Result<Option<Url>, SettingsError> {
    let Ok(text) = settings.text(ENDPOINT.key) else {
        return Ok(None);
    };
    let wrong = |why: &str| settings.wrong(ENDPOINT.key, why);
    let url = Url::parse(text).map_err(|_| wrong("is no URL"))?;
    if !secret::may_go_to(&url) {
        return Err(wrong("is not encrypted; http:// is for this machine only"));
    }
    let has_user = !url.username().is_empty() || url.password().is_some();
    if has_user || url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("says more than the host"));
    }
    Ok(Some(url))
}

fn keys(settings: &Settings) -> Result<Option<AwsKeys>, SettingsError> {
    let has = |key: &str| settings.secrets.contains_key(key);
    let any = [&ACCESS_KEY_ID, &SECRET_ACCESS_KEY, &SESSION_TOKEN];
    if !any.iter().any(|setting| has(setting.key)) {
        return Ok(None);
    }
    if settings.text(PROFILE.key).is_ok() {
        return Err(settings.wrong(PROFILE.key, "and keys are both given: one of them will do"));
    }
    Ok(Some(AwsKeys {
        access_key_id: settings.secret(ACCESS_KEY_ID.key)?.clone(),
        secret_access_key: settings.secret(SECRET_ACCESS_KEY.key)?.clone(),
        session_token: settings.secret(SESSION_TOKEN.key).ok().cloned(),
    }))
}

fn role(settings: &Settings) -> Result<Option<AwsRole>, SettingsError> {
    let external_id = given(settings, EXTERNAL_ID.key);
    let endpoint = given(settings, ROLE_ENDPOINT.key);
    let Some(arn) = given(settings, ROLE_ARN.key) else {
        let of_role = external_id.is_some() || endpoint.is_some();
        return if of_role {
            Err(settings.wrong(ROLE_ARN.key, "is not set, though what goes with it is"))
        } else {
            Ok(None)
        };
    };
    if !arn.starts_with("arn:") {
        return Err(settings.wrong(ROLE_ARN.key, "is no ARN of a role"));
    }
    Ok(Some(AwsRole {
        arn,
        external_id,
        endpoint,
    }))
}

fn given(settings: &Settings, key: &'static str) -> Option<String> {
    settings.text(key).ok().map(str::to_owned)
}
