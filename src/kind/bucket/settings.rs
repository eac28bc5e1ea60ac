//! The settings of a feed that reads a bucket.

use crate::kind::{Setting, SettingKind, aws};

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
    aws::REGION,
    aws::PROFILE,
    aws::ROLE_ARN,
    aws::EXTERNAL_ID,
    aws::ACCESS_KEY_ID,
    aws::SECRET_ACCESS_KEY,
    aws::SESSION_TOKEN,
    aws::ENDPOINT,
    Setting {
        key: "path_style",
        about: "whether the bucket's name stands in the path of a URL, not in the host's name",
        value: SettingKind::Flag,
    },
    aws::ROLE_ENDPOINT,
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
        value: SettingKind::Number(1, 300_000, 60_000),
    },
];
