//! A simulated portal: strict about questions, and free in how it answers.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::{DAY, NOW};
use crate::event::Timestamp;
use crate::feed::{Body, Method, Request, Response, Target};

/// How the portal's pages say that there is more.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Paging {
    /// By `nextRowIndex`, as numbers.
    Numbers,
    /// By `nextRowIndex`, as texts.
    Texts,
    /// Not at all, but that a page is full.
    Full,
    /// It never says another row than 0.
    Stuck,
    /// It gives the first page whatever row is asked for.
    Deaf,
}

pub(super) struct Portal {
    /// The times of its events, in order; the id of each is its place.
    pub(super) events: Vec<i64>,
    pub(super) paging: Paging,
    /// Whether its events say no time that could be read.
    pub(super) garbled: bool,
    /// It gives no more rows than this of a window, and says so.
    pub(super) cap: usize,
    /// It reads times in a zone so far east of UTC.
    pub(super) zone: i64,
    /// Whether the ends of a window are in it.
    pub(super) inclusive: bool,
    /// It says `LIMIT_EXCEEDED` so often before each answer.
    pub(super) limits: u32,
    pub(super) limited: u32,
    pub(super) asked: Vec<Value>,
    pub(super) waited: Duration,
}

impl Portal {
    /// With an event at each of these times, in milliseconds before now.
    pub(super) fn new(ago: impl IntoIterator<Item = i64>) -> Portal {
        let mut events: Vec<i64> = ago.into_iter().map(|ago| NOW.millis() - ago).collect();
        events.sort_unstable();
        Portal {
            events,
            paging: Paging::Numbers,
            garbled: false,
            cap: usize::MAX,
            zone: 0,
            inclusive: false,
            limits: 0,
            limited: 0,
            asked: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    pub(super) fn answer(&mut self, request: &Request) -> Response {
        assert_eq!(request.method, Method::Post);
        assert_eq!(
            request.target,
            Target::Tenant("/api/v2.0/enterprise/audit-logs/".to_owned())
        );
        let body: Value = serde_json::from_str(request.body.as_deref().unwrap()).unwrap();
        self.asked.push(body.clone());
        let answer = if self.limited < self.limits {
            self.limited += 1;
            json!({"response": "LIMIT_EXCEEDED", "message": "slow down"})
        } else {
            self.limited = 0;
            self.list(&body)
        };
        let body = Body::Memory(answer.to_string().into_bytes());
        Response {
            status: 200,
            content_type: "application/json".to_owned(),
            body,
        }
    }

    fn list(&self, asked: &Value) -> Value {
        let keys: BTreeSet<_> = asked
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        let filters = [
            "authenticatedUser",
            "eventType",
            "impersonatedUser",
            "ipAddress",
            "packageOwner",
        ];
        assert!(filters.iter().all(|key| asked[key] == ""), "{asked}");
        let rest = ["minTimestamp", "maxTimestamp", "pageSize", "rowIndex"];
        assert_eq!(keys, filters.into_iter().chain(rest).collect());
        assert_eq!(asked["pageSize"], 100);
        let time = |key: &str| {
            let text = asked[key].as_str().unwrap();
            let form = "%Y-%m-%d %H:%M:%S";
            let naive = chrono::NaiveDateTime::parse_from_str(text, form).unwrap();
            naive.and_utc().timestamp_millis() - self.zone
        };
        let (min, max) = (time("minTimestamp"), time("maxTimestamp"));
        assert!(
            min >= NOW.millis() - 90 * DAY - self.zone,
            "asked for what is long gone"
        );
        let within = |at: i64| min < at && at < max || self.inclusive && (at == min || at == max);
        let all: Vec<(usize, i64)> = self
            .events
            .iter()
            .copied()
            .enumerate()
            .filter(|(_, at)| within(*at))
            .collect();
        let row = usize::try_from(asked["rowIndex"].as_u64().unwrap()).unwrap();
        self.page(&all, if self.paging == Paging::Deaf { 0 } else { row })
    }

    fn page(&self, all: &[(usize, i64)], row: usize) -> Value {
        let given = &all[..all.len().min(self.cap)];
        let time = |at: i64| match self.garbled {
            true => "at noon".to_owned(),
            false => Timestamp::from_millis(at).to_string(),
        };
        let rows: Vec<Value> = given
            .iter()
            .skip(row)
            .take(100)
            .map(|(id, at)| {
                json!({"eventId": id.to_string(), "timestamp": time(*at),
                "eventType": "USER_EVENT", "action": "LOGIN", "ipAddress": "192.0.2.1",
                "authenticatedUser": "a@x.example", "impersonatedUser": null, "logDetails": {}})
            })
            .collect();
        let mut pagination = json!({"rowIndex": row, "rowsReturned": rows.len()});
        if row + rows.len() < given.len() {
            match self.paging {
                Paging::Numbers => pagination["nextRowIndex"] = json!(row + rows.len()),
                Paging::Texts => pagination["nextRowIndex"] = json!((row + rows.len()).to_string()),
                Paging::Stuck => pagination["nextRowIndex"] = json!(0),
                Paging::Full | Paging::Deaf => {}
            }
        } else if given.len() < all.len() {
            pagination["rowsCapped"] = json!("true");
        }
        if self.paging == Paging::Texts {
            pagination["rowsReturned"] = json!(rows.len().to_string());
        }
        json!({"response": "SUCCESS", "auditLogs": rows, "pagination": pagination})
    }

    /// The ids of all its events from then on.
    pub(super) fn ids_since(&self, ago: i64) -> BTreeSet<String> {
        let from = NOW.millis() - ago;
        let ids = self
            .events
            .iter()
            .enumerate()
            .filter(|(_, at)| **at >= from);
        ids.map(|(id, _)| id.to_string()).collect()
    }
}
