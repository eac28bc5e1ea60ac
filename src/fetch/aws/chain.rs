//! Keys: given, found by AWS's standard chain, or lent to who takes on a role.

use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region, imds};
use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_sdk_sts::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_smithy_async::time::StaticTimeSource;
use url::Url;

use crate::event::Timestamp;
use crate::feed::{Aws, AwsKeys, AwsRole};
use crate::fetch::auth::key_secrets;
use crate::fetch::aws::Lent;
use crate::fetch::code::Code;
use crate::fetch::wire::{TransportError, check_secure};
use crate::fetch::{FetchError, message};
use crate::secret::Secret;

/// The keys that requests are signed with from `now` on. Nothing is kept: who asks again gets what
/// the chain finds then.
///
/// # Errors
/// None are found, or the role is refused.
pub(crate) async fn keys(aws: &Aws, now: Timestamp) -> Result<Lent, FetchError> {
    let own = match &aws.keys {
        Some(keys) => credentials(keys),
        None => find(aws, now).await?,
    };
    match &aws.role {
        Some(role) => take_on(role, own, aws, now).await,
        None => Ok(Lent {
            keys: AwsKeys {
                access_key_id: Secret::new(own.access_key_id()),
                secret_access_key: Secret::new(own.secret_access_key()),
                session_token: own.session_token().map(Secret::new),
            },
            ends: own.expiry().map(timestamp),
        }),
    }
}

/// The keys as AWS's libraries have them.
pub(super) fn credentials(keys: &AwsKeys) -> Credentials {
    let token = keys.session_token.as_ref();
    Credentials::new(
        keys.access_key_id.expose(),
        keys.secret_access_key.expose(),
        token.map(|token| token.expose().to_owned()),
        None,
        "trailkeep",
    )
}

/// The moment as AWS's libraries have it.
pub(super) fn system_time(now: Timestamp) -> SystemTime {
    let millis = u64::try_from(now.millis()).unwrap_or_default();
    UNIX_EPOCH + Duration::from_millis(millis)
}

fn timestamp(time: SystemTime) -> Timestamp {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(0).after(since)
}

/// How long a machine that is none of AWS's is asked for an instance role: twice a second.
const METADATA_CONNECT: Duration = Duration::from_secs(1);
const METADATA_READ: Duration = Duration::from_secs(2);
const METADATA_ATTEMPTS: u32 = 2;

/// The keys of the profile that is named, or else what AWS's standard chain finds: environment,
/// profiles (with SSO, processes and roles), web identity, container, instance. As with AWS's own
/// command line, keys in the environment do not take the place of a profile that is named.
async fn find(aws: &Aws, now: Timestamp) -> Result<Credentials, FetchError> {
    let region = Region::new(aws.region.clone());
    let config = ProviderConfig::default()
        .with_time_source(StaticTimeSource::new(system_time(now)))
        .with_region(Some(region.clone()));
    let found = match &aws.profile {
        Some(profile) => {
            let provider = ProfileFileCredentialsProvider::builder().configure(&config);
            let provider = provider.profile_name(profile).build();
            provider.provide_credentials().await
        }
        None => {
            let chain = DefaultCredentialsChain::builder().imds_client(metadata(&config));
            let chain = chain.configure(config).region(region).build().await;
            chain.provide_credentials().await
        }
    };
    found.map_err(|error| FetchError::NoKeys {
        why: why(aws, &error),
    })
}

/// Asks for an instance role.
fn metadata(config: &ProviderConfig) -> imds::Client {
    imds::Client::builder()
        .configure(config)
        .connect_timeout(METADATA_CONNECT)
        .read_timeout(METADATA_READ)
        .max_attempts(METADATA_ATTEMPTS)
        .build()
}

fn why(aws: &Aws, error: &CredentialsError) -> String {
    if matches!(error, CredentialsError::CredentialsNotLoaded(_)) {
        return match &aws.profile {
            Some(profile) => format!("none in profile `{profile}` of the shared config files"),
            None => NONE_FOUND.to_owned(),
        };
    }
    let words = reasons(error);
    // The error itself only says that there is one.
    let preface = format!("{error}: ");
    message::quote(words.strip_prefix(&preface).unwrap_or(&words), &[])
}

const NONE_FOUND: &str = "none in the environment, none in profile `default` of the shared config \
    files, and no web identity, container or instance role";

/// The causes of an error in words, nearest first.
fn reasons(error: &(dyn Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| (*error).source());
    let mut words: Vec<String> = causes.map(ToString::to_string).collect();
    words.dedup();
    words.join(": ")
}

/// What stands for the host in errors: which one it is, is up to AWS's libraries.
const STS: &str = "AWS STS";

/// The keys of a role, for an hour or as long as its owner says.
async fn take_on(
    role: &AwsRole,
    own: Credentials,
    aws: &Aws,
    now: Timestamp,
) -> Result<Lent, FetchError> {
    let mut config = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(aws.region.clone()))
        .credentials_provider(own)
        .time_source(StaticTimeSource::new(system_time(now)));
    if let Some(profile) = &aws.profile {
        config = config.profile_name(profile);
    }
    if let Some(endpoint) = &role.endpoint {
        config = config.endpoint_url(secure(endpoint)?);
    }
    let asked = aws_sdk_sts::Client::new(&config.load().await)
        .assume_role()
        .role_arn(&role.arn)
        .role_session_name("trailkeep")
        .set_external_id(role.external_id.clone())
        .send()
        .await;
    let answer = asked.map_err(|error| unlent(role, aws, &error))?;
    let lent = answer.credentials.ok_or_else(|| FetchError::NoToken {
        host: STS.to_owned(),
        tried: format!("it took on {} and answered without keys", role.arn),
    })?;
    Ok(Lent {
        ends: Some(Timestamp::from_millis(
            lent.expiration.secs().saturating_mul(1_000),
        )),
        keys: AwsKeys {
            access_key_id: Secret::new(lent.access_key_id),
            secret_access_key: Secret::new(lent.secret_access_key),
            session_token: Some(Secret::new(lent.session_token)),
        },
    })
}

/// The address, if secrets may be sent there.
fn secure(endpoint: &str) -> Result<&str, FetchError> {
    let url = Url::parse(endpoint).map_err(|_| FetchError::NoUrl {
        purpose: "the role".to_owned(),
    })?;
    match check_secure(&url) {
        Err(TransportError::Insecure { host }) => Err(FetchError::InsecureUrl { host }),
        _ => Ok(endpoint),
    }
}

/// Why a role was not lent.
fn unlent(role: &AwsRole, aws: &Aws, error: &SdkError<AssumeRoleError>) -> FetchError {
    let (host, purpose) = (STS.to_owned(), role.arn.clone());
    let secrets: Vec<Secret> = aws.keys.iter().flat_map(key_secrets).collect();
    let SdkError::ServiceError(context) = error else {
        let why = message::quote(&reasons(error), &secrets);
        return FetchError::Transport {
            host,
            purpose,
            cause: TransportError::Connect(why),
        };
    };
    let status = context.raw().status().as_u16();
    let code = error.code().unwrap_or("no code");
    let refused = (400..500).contains(&status) && Code::named(code) != Some(Code::Throttled);
    let words = format!("{code}: {}", error.message().unwrap_or_default());
    let says = message::quote(&words, &secrets);
    if refused {
        FetchError::Refused {
            host,
            purpose,
            status,
            says,
        }
    } else {
        FetchError::Status {
            host,
            purpose,
            status,
            says,
        }
    }
}

#[cfg(test)]
mod tests;
