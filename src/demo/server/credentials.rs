//! What the simulated vendors let in. It guards nothing but made-up data.

/// What the simulated vendors let in.
#[derive(Clone, Copy)]
pub struct Credentials {
    /// SAFE's API username.
    pub username: &'static str,
    /// SAFE's API password.
    pub password: &'static str,
    /// SendSafely's API key.
    pub api_key: &'static str,
    /// SendSafely's API secret.
    pub api_secret: &'static str,
    /// The username of SendSafely's SCIM directory.
    pub scim_username: &'static str,
    /// The password of SendSafely's SCIM directory.
    pub scim_password: &'static str,
    /// The id of AWS's access key.
    pub access_key_id: &'static str,
    /// The secret of AWS's access key.
    pub secret_access_key: &'static str,
    /// The session token that belongs to the access key where it is a temporary one.
    pub session_token: &'static str,
}

/// AWS's key is the one of its own documents.
pub(in crate::demo) const CREDENTIALS: Credentials = Credentials {
    username: "trailkeep-demo",
    password: "correct horse battery staple",
    api_key: "exampleApiKey0123456789",
    api_secret: "exampleApiSecret-ABCDEFGHIJKLMNOP",
    scim_username: "exampleScimUsername",
    scim_password: "exampleScim:Password/0123456789",
    access_key_id: "AKIAIOSFODNN7EXAMPLE",
    secret_access_key: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    session_token: "exampleSessionToken/0123456789+ABCDEFGHIJKLMNOP==",
};
