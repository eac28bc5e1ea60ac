//! What actions are taken to mean.

use serde_json::Value;

use super::event;
use crate::event::Archived;
use crate::siem::ocsf;

/// The class, the activity and the status of an event.
fn told(event: &Archived) -> String {
    let line: Value = serde_json::from_str(&ocsf::line(event)).unwrap();
    let text = |name: &str| line[name].as_str().unwrap_or("-").to_owned();
    [text("class_name"), text("activity_name"), text("status")].join(", ")
}

fn deed(kind: &str, action: &str) -> Archived {
    Archived {
        kind: kind.to_owned(),
        action: Some(action.to_owned()),
        actor: Some("ada@example.com".to_owned()),
        ip: Some("192.0.2.1".to_owned()),
        ..event()
    }
}

/// Action, target, and what is told.
const SENDSAFELY: &[(&str, &str, &str)] = &[
    ("LOGIN", "", "Authentication, Logon, Success"),
    ("LOGIN_FAILED", "", "Authentication, Logon, Failure"),
    ("LOGOUT", "", "Authentication, Logoff, Success"),
    (
        "PACKAGE_FILE_UPLOAD",
        "PKG1",
        "File Hosting Activity, Upload, Unknown",
    ),
    (
        "WORKSPACE_DOWNLOAD",
        "PKG1",
        "File Hosting Activity, Download, Unknown",
    ),
    (
        "FINALIZE_PACKAGE",
        "PKG1",
        "File Hosting Activity, Share, Unknown",
    ),
    (
        "PACKAGE_DELETED",
        "PKG1",
        "Entity Management, Delete, Unknown",
    ),
    (
        "USER_DEACTIVATED",
        "bob@example.com",
        "Account Change, Disable, Unknown",
    ),
    (
        "USER_ACTIVATED",
        "bob@example.com",
        "Account Change, Enable, Unknown",
    ),
    (
        "USER_CREATED",
        "bob@example.com",
        "Account Change, Create, Unknown",
    ),
    (
        "USER_2FA_DISABLED",
        "bob@example.com",
        "Account Change, MFA Factor Disable, Unknown",
    ),
    (
        "PASSWORD_RESET",
        "",
        "Account Change, Password Reset, Unknown",
    ),
    (
        "PRIVILEGE_GRANTED",
        "bob@example.com",
        "User Access Management, Assign Privileges, Unknown",
    ),
    (
        "PRIVILEGE_REVOKED",
        "bob@example.com",
        "User Access Management, Revoke Privileges, Unknown",
    ),
    // Nobody knows whose: so no class can be told in full.
    (
        "USER_DEACTIVATED",
        "",
        "Base Event, USER_DEACTIVATED, Unknown",
    ),
    (
        "SOMETHING_ELSE",
        "PKG1",
        "Base Event, SOMETHING_ELSE, Unknown",
    ),
];

#[test]
fn actions_of_sendsafely_are_known_by_their_words() {
    for &(action, target, class) in SENDSAFELY {
        let event = Archived {
            target: (!target.is_empty()).then(|| target.to_owned()),
            file_name: Some("a.pdf".to_owned()),
            details: Some(r#"{"privilege":"MANAGE_USERS"}"#.to_owned()),
            ..deed("sendsafely", action)
        };
        assert_eq!(told(&event), class, "{action}");
    }
}

#[test]
fn sentences_of_safe_are_known_by_their_words() {
    for (action, class) in [
        ("User logged in", "Authentication, Logon, Success"),
        ("Login failed", "Authentication, Logon, Failure"),
        ("User logged out", "Authentication, Logoff, Success"),
        (
            "Integration 'AWS' set up",
            "Entity Management, Create, Unknown",
        ),
        (
            "Group 'Login failed' deleted",
            "Entity Management, Delete, Unknown",
        ),
        (
            "Synchronization of integration 'Okta' stopped",
            "Entity Management, Deactivate, Unknown",
        ),
        (
            "Integration 'Okta' tested",
            "Entity Management, integration tested, Unknown",
        ),
        (
            "Role of 'bob@example.com' changed from 'Viewer' to 'Admin'",
            "User Access Management, Assign Privileges, Unknown",
        ),
        (
            "User 'bob@example.com' added to group 'SOC'",
            "Entity Management, Create, Unknown",
        ),
        (
            "Login page settings updated",
            "Base Event, Login page settings updated, Unknown",
        ),
        ("", "Base Event, -, Unknown"),
    ] {
        assert_eq!(told(&deed("safe", action)), class, "{action}");
    }
}

#[test]
fn a_class_is_not_taken_that_asks_for_more_than_is_known() {
    let download = deed("sendsafely", "PACKAGE_FILE_DOWNLOAD");
    let base = "Base Event, PACKAGE_FILE_DOWNLOAD, Unknown";
    assert_eq!(told(&download), base);
    let package = Archived {
        target: Some("PKG1".to_owned()),
        ..download
    };
    assert_eq!(told(&package), "Entity Management, Read, Unknown");
    let nobody = Archived {
        actor: None,
        ..deed("sendsafely", "LOGIN_FAILED")
    };
    assert_eq!(told(&nobody), "Base Event, LOGIN_FAILED, Failure");
}

/// Names of calls as AWS documents them, details, and what is told.
const CLOUDTRAIL: &[(&str, &str, &str)] = &[
    (
        "ConsoleLogin",
        r#"{"eventSource":"signin.amazonaws.com","responseElements":{"ConsoleLogin":"Success"}}"#,
        "Authentication, Logon, Success",
    ),
    (
        "ConsoleLogin",
        r#"{"responseElements":{"ConsoleLogin":"Failure"}}"#,
        "Authentication, Logon, Failure",
    ),
    ("AssumeRoleWithSAML", "{}", "Authentication, Logon, Unknown"),
    ("SwitchRole", "{}", "Authentication, Logon, Unknown"),
    ("GetObject", "{}", "API Activity, Read, Unknown"),
    (
        "DescribeLogStreams",
        r#"{"errorCode":"AccessDenied"}"#,
        "API Activity, Read, Failure",
    ),
    ("PutBucketPolicy", "{}", "API Activity, Update, Unknown"),
    (
        "CreateUser",
        r#"{"requestParameters":{"userName":"bob"}}"#,
        "Account Change, Create, Unknown",
    ),
    ("CreateUser", "{}", "API Activity, Create, Unknown"),
    (
        "AttachUserPolicy",
        r#"{"requestParameters":{"userName":"bob","policyArn":"arn:x"}}"#,
        "Account Change, Attach Policy, Unknown",
    ),
    (
        "DeleteUserPolicy",
        r#"{"requestParameters":{"userName":"bob"}}"#,
        "Account Change, Detach Policy, Unknown",
    ),
    (
        "DeactivateMFADevice",
        r#"{"requestParameters":{"userName":"bob"}}"#,
        "Account Change, MFA Factor Disable, Unknown",
    ),
    ("TerminateInstances", "{}", "API Activity, Delete, Unknown"),
    ("InvokeModel", "{}", "API Activity, InvokeModel, Unknown"),
];

#[test]
fn calls_of_cloudtrail_are_known_by_their_names() {
    for &(name, details, class) in CLOUDTRAIL {
        let event = Archived {
            feed: "cloudtrail".to_owned(),
            details: Some(details.to_owned()),
            ..deed("safe", name)
        };
        assert_eq!(told(&event), class, "{name} {details}");
    }
}

#[test]
fn a_place_that_is_no_address_is_told_as_what_it_is() {
    for (ip, at, told) in [
        ("192.0.2.1", "ip", "192.0.2.1"),
        ("::ffff:192.0.2.1", "ip", "::ffff:192.0.2.1"),
        (
            "cloudformation.amazonaws.com",
            "svc_name",
            "cloudformation.amazonaws.com",
        ),
        ("AWS Internal", "name", "AWS Internal"),
        ("192.0.2.300", "name", "192.0.2.300"),
    ] {
        let event = Archived {
            ip: Some(ip.to_owned()),
            ..deed("safe", "User logged in")
        };
        let line: Value = serde_json::from_str(&ocsf::line(&event)).unwrap();
        assert_eq!(
            line["src_endpoint"],
            serde_json::json!({ at: told }),
            "{ip}"
        );
    }
}
