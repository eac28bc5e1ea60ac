//! The columns of the views, and the numbers that stand for those that are texts.

/// A view of events that has a coded one beside it.
pub(super) struct View {
    pub(super) name: &'static str,
    /// Its columns in their order, without the code.
    pub(super) columns: &'static [&'static str],
    /// The pages that its events came in, where those are not all of them.
    pub(super) pages: Option<&'static str>,
    /// Whether there are roll-ups of these events.
    pub(super) has_roll_ups: bool,
    /// Those of them that a number stands for.
    pub(super) coded: &'static [Coded],
}

/// A column that a number stands for.
pub(super) struct Coded {
    pub(super) name: &'static str,
    /// The number's name in the coded view.
    pub(super) code: &'static str,
    pub(super) texts: Texts,
}

/// Where the texts are that a column can have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Texts {
    /// Few enough to look through each time, in table `column_word` under this name.
    Few(&'static str),
    /// Somewhere among all words.
    Many,
    /// The sources' names.
    Sources,
}

const fn few(name: &'static str, code: &'static str, list: &'static str) -> Coded {
    Coded {
        name,
        code,
        texts: Texts::Few(list),
    }
}

const fn many(name: &'static str, code: &'static str) -> Coded {
    Coded {
        name,
        code,
        texts: Texts::Many,
    }
}

const SOURCE: Coded = Coded {
    name: "source",
    code: "#source",
    texts: Texts::Sources,
};

const OF_EVENTS: &[Coded] = &[
    SOURCE,
    few("event_type", "#event_type", "event_type"),
    few("action", "#action", "action"),
    few("actor", "#actor", "actor"),
    few("on_behalf_of", "#on_behalf_of", "on_behalf_of"),
    few("ip", "#ip", "ip"),
    many("target", "#target"),
];

pub(super) const VIEWS: &[View] = &[
    View {
        name: "events",
        pages: None,
        has_roll_ups: true,
        columns: &[
            "source",
            "feed",
            "event_id",
            "time",
            "event_type",
            "action",
            "actor",
            "on_behalf_of",
            "ip",
            "port",
            "target",
            "details",
            "batch",
            "archived_at",
            "key",
        ],
        coded: OF_EVENTS,
    },
    View {
        name: "activity",
        pages: None,
        has_roll_ups: false,
        columns: &[
            "source",
            "feed",
            "event_id",
            "time",
            "event_type",
            "action",
            "actor",
            "actor_email",
            "actor_name",
            "actor_role",
            "actor_known",
            "on_behalf_of",
            "ip",
            "port",
            "target",
            "details",
            "batch",
            "archived_at",
            "key",
        ],
        coded: OF_EVENTS,
    },
    View {
        name: "safe_events",
        pages: Some(
            "select p.id from main.page p join main.source s on s.id = p.source \
             where s.kind = 'safe' and p.feed <> 'cloudtrail'",
        ),
        has_roll_ups: false,
        columns: &[
            "source",
            "feed",
            "time",
            "action",
            "user_id",
            "username",
            "source_ip",
            "source_port",
            "details",
            "batch",
            "archived_at",
            "key",
        ],
        coded: &[
            SOURCE,
            few("action", "#action", "action"),
            few("source_ip", "#ip", "ip"),
        ],
    },
    View {
        name: "cloudtrail_events",
        pages: Some(
            "select id from main.page \
             where feed = 'cloudtrail'",
        ),
        has_roll_ups: false,
        columns: &[
            "source",
            "event_id",
            "time",
            "event_name",
            "event_source",
            "aws_region",
            "account_id",
            "user_type",
            "user_arn",
            "source_ip",
            "user_agent",
            "error_code",
            "error_message",
            "read_only",
            "request_id",
            "resources",
            "request_parameters",
            "response_elements",
            "details",
            "batch",
            "archived_at",
            "key",
        ],
        coded: &[SOURCE, few("event_name", "#action", "action")],
    },
    View {
        name: "sendsafely_events",
        pages: Some(
            "select p.id from main.page p join main.source s on s.id = p.source \
             where s.kind = 'sendsafely'",
        ),
        has_roll_ups: true,
        columns: &[
            "source",
            "feed",
            "event_id",
            "time",
            "event_type",
            "action",
            "authenticated_user",
            "impersonated_user",
            "ip_address",
            "package_id",
            "package_type",
            "package_owner",
            "file_name",
            "file_size",
            "target",
            "details",
            "batch",
            "archived_at",
            "key",
        ],
        coded: &[
            SOURCE,
            few("event_type", "#event_type", "event_type"),
            few("action", "#action", "action"),
            few("authenticated_user", "#actor", "actor"),
            few("impersonated_user", "#on_behalf_of", "on_behalf_of"),
            few("ip_address", "#ip", "ip"),
            many("target", "#target"),
            many("package_id", "#package"),
            many("package_type", "#package_type"),
            many("package_owner", "#package_owner"),
            many("file_name", "#file_name"),
        ],
    },
    View {
        name: "daily",
        pages: None,
        has_roll_ups: false,
        columns: &["day", "source", "event_type", "action", "actor", "events"],
        coded: &[
            SOURCE,
            few("event_type", "#event_type", "event_type"),
            few("action", "#action", "action"),
            few("actor", "#actor", "actor"),
        ],
    },
];

impl View {
    pub(super) fn of(name: &str) -> Option<&'static View> {
        VIEWS
            .iter()
            .find(|view| view.name.eq_ignore_ascii_case(name))
    }
}
