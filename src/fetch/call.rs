//! A request on its way: where it goes, where its answers may lead, and what its failures are.

use url::Url;

use crate::feed::{Method, Request, Target};
use crate::fetch::auth::{Header, Ticket};
use crate::fetch::code::Code;
use crate::fetch::error::FetchError;
use crate::fetch::retry::Reason;
use crate::fetch::skew::Skew;
use crate::fetch::wire::{TransportError, WireResponse, host_of};
use crate::secret::Secret;

/// A request on its way.
pub(super) struct Call<'a> {
    pub(super) request: &'a Request,
    pub(super) url: Url,
    pub(super) proof: Proof,
    /// How many attempts have begun.
    pub(super) attempt: u32,
    /// What was held when the attempt began.
    pub(super) ticket: Option<Ticket>,
    /// Whether a new token has been got for it.
    pub(super) renewed: bool,
    /// Whether it is one of several that go out side by side.
    pub(super) beside: bool,
}

/// What proves who asks.
#[derive(PartialEq, Eq)]
pub(super) enum Proof {
    /// The source's credentials.
    Source,
    /// The URL itself, which is pre-signed.
    Url,
    /// Username and password: in this header, or else in the body.
    SignIn(Option<Header>),
}

impl<'a> Call<'a> {
    /// A request to a source at `base`, whose credentials prove who asks, or to a pre-signed URL,
    /// which proves itself.
    ///
    /// # Errors
    /// The target is no URL, or a path that leads off the source's own host, whoever made it up.
    pub(super) fn of(request: &'a Request, base: &Url) -> Result<Call<'a>, FetchError> {
        let (url, proof) = match &request.target {
            Target::Tenant(path) => (base.join(path), Proof::Source),
            Target::PreSigned(url) => (Url::parse(url.expose()), Proof::Url),
        };
        let purpose = || request.purpose.clone();
        let url = bare(url.map_err(|_| FetchError::NoUrl { purpose: purpose() })?);
        if proof == Proof::Source && url.origin() != base.origin() {
            let (purpose, host) = (purpose(), host_of(&url));
            return Err(FetchError::ForeignUrl { purpose, host });
        }
        Ok(Call::new(request, url, proof))
    }

    /// A request to that URL, whatever it is.
    pub(super) fn new(request: &'a Request, url: Url, proof: Proof) -> Call<'a> {
        Call {
            request,
            url,
            proof,
            attempt: 0,
            ticket: None,
            renewed: false,
            beside: false,
        }
    }

    /// Where the answer from `url` redirects to, if it does.
    ///
    /// # Errors
    /// It is not to be followed: only a `GET` is, and only on the same host.
    pub(super) fn leads_to(
        &self,
        url: &Url,
        answer: &WireResponse,
    ) -> Result<Option<Url>, TransportError> {
        let redirects = matches!(answer.status, 301 | 302 | 303 | 307 | 308)
            && !self.request.statuses.contains(&answer.status);
        let (true, Some(location)) = (redirects, &answer.location) else {
            return Ok(None);
        };
        let Ok(next) = url.join(location.expose()).map(bare) else {
            let why = "the answer redirects to what is no URL";
            return Err(TransportError::Broken(why.to_owned()));
        };
        if next.origin() != url.origin() || self.request.method != Method::Get {
            let host = host_of(&next);
            return Err(TransportError::Redirected { host });
        }
        Ok(Some(next))
    }

    /// What it is for.
    pub(super) fn purpose(&self) -> String {
        self.request.purpose.clone()
    }

    /// What of a pre-signed URL is not to be quoted: the whole, the path, and each value.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        if self.proof != Proof::Url {
            return Vec::new();
        }
        let encoded = self.url.query().unwrap_or_default().split('&');
        let encoded = encoded.filter_map(|pair| pair.split_once('='));
        let encoded = encoded.map(|(_, value)| value.to_owned());
        let decoded = self.url.query_pairs().map(|(_, value)| value.into_owned());
        let whole = [self.url.as_str(), self.url.path()].map(str::to_owned);
        let all = whole.into_iter().chain(encoded).chain(decoded);
        all.map(Secret::new).collect()
    }

    /// The failure that an answer of this status and code is.
    pub(super) fn unanswered(&self, status: u16, code: Option<Code>, says: String) -> FetchError {
        let (host, purpose) = (self.host(), self.purpose());
        let refused = match code {
            Some(Code::Refused | Code::Expired) => true,
            Some(Code::Throttled | Code::Unavailable) => false,
            None => matches!(status, 401 | 403),
        };
        if refused && self.proof != Proof::Url {
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

    /// The failure that a broken transport is.
    pub(super) fn broken(&self, cause: TransportError) -> FetchError {
        let (host, purpose) = (self.host(), self.purpose());
        match cause {
            TransportError::TooLarge { limit } => FetchError::BodyTooLarge {
                host,
                purpose,
                limit,
            },
            TransportError::Redirected { host: to } => FetchError::Redirected {
                from: host,
                purpose,
                host: to,
            },
            TransportError::Insecure { host } => FetchError::InsecureUrl { host },
            cause => FetchError::Transport {
                host,
                purpose,
                cause,
            },
        }
    }

    /// The failure that the last of all attempts is.
    pub(super) fn given_up(&self, reason: Reason, last: FetchError) -> FetchError {
        match reason {
            Reason::Final => last,
            Reason::Exhausted => FetchError::GaveUp {
                attempts: self.attempt,
                last: Box::new(last),
            },
            Reason::Until(until) => FetchError::Throttled {
                host: self.host(),
                purpose: self.purpose(),
                until,
            },
            Reason::Doubtful => FetchError::Doubtful(Box::new(last)),
        }
    }

    /// The failure that a wrong clock is.
    pub(super) fn mistimed(&self, skew: Skew) -> FetchError {
        let host = self.host();
        let error = FetchError::Clock { host, skew };
        if self.request.repeatable {
            error
        } else {
            FetchError::Doubtful(Box::new(error))
        }
    }

    fn host(&self) -> String {
        host_of(&self.url)
    }
}

/// The URL without username and password, which would be sent as credentials, and fragment.
fn bare(mut url: Url) -> Url {
    // These fail only where the URL has no host, and then it has neither.
    let _no_host = url.set_username("").and_then(|()| url.set_password(None));
    url.set_fragment(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::Body;

    fn base() -> Url {
        Url::parse("https://ann:pw@us.example/").expect("a URL")
    }

    #[test]
    fn a_path_never_leads_off_the_sources_own_host() {
        for (path, url) in [
            (
                "/api/v3/users?page=1",
                "https://us.example/api/v3/users?page=1",
            ),
            ("https://us.example/a", "https://us.example/a"),
            ("https://us.example:443/a#x", "https://us.example/a"),
        ] {
            let request = Request::get(path, "users");
            let call = Call::of(&request, &base()).expect(path);
            assert_eq!(call.url.as_str(), url);
        }
        for path in [
            "//evil.example/a",
            "/\\evil.example/a",
            "https://evil.example/a",
            "http://us.example/a",
            "https://us.example:8443/a",
            "https://us.example@evil.example/a",
        ] {
            let request = Request::get(path, "users");
            let error = Call::of(&request, &base()).err();
            assert!(
                matches!(error, Some(FetchError::ForeignUrl { .. })),
                "{path}"
            );
        }
    }

    fn redirect(status: u16, location: &str) -> WireResponse {
        WireResponse {
            status,
            content_type: String::new(),
            retry_after: None,
            date: None,
            location: Some(Secret::new(location)),
            body: Body::Memory(Vec::new()),
        }
    }

    #[test]
    fn what_refuses_the_credentials_is_told_from_what_does_not() {
        let source = Request::get("/a", "users");
        let presigned = Request {
            target: Target::PreSigned(Secret::new("https://us.example/a")),
            ..source.clone()
        };
        for (status, code, refused) in [
            (401, None, true),
            (403, None, true),
            (400, None, false),
            (400, Some(Code::Refused), true),
            (400, Some(Code::Expired), true),
            (403, Some(Code::Unavailable), false),
            (403, Some(Code::Throttled), false),
        ] {
            let failure = |request| {
                let call = Call::of(request, &base()).expect("a URL");
                call.unanswered(status, code, String::new()).is_refused()
            };
            assert_eq!(failure(&source), refused, "{status} {code:?}");
            assert!(!failure(&presigned), "{status} {code:?}");
        }
    }

    #[test]
    fn only_a_get_is_redirected_and_only_on_the_same_host() {
        let get = Request::get("/a", "users");
        let post = Request::post("/a", String::new(), "users");
        let accepted = Request {
            statuses: &[302],
            ..Request::get("/a", "users")
        };
        for (request, status, location, expected) in [
            (&get, 302, "/b?x=1", Ok(Some("https://us.example/b?x=1"))),
            (
                &get,
                308,
                "https://u:p@us.example/b",
                Ok(Some("https://us.example/b")),
            ),
            (&get, 304, "/b", Ok(None)),
            (&get, 200, "/b", Ok(None)),
            (&accepted, 302, "//evil.example", Ok(None)),
            (&get, 307, "//evil.example/?s=1", Err("evil.example")),
            (&get, 301, "http://us.example/b", Err("us.example")),
            (&post, 307, "/b", Err("us.example")),
        ] {
            let call = Call::of(request, &base()).expect("a URL");
            let next = call.leads_to(&call.url, &redirect(status, location));
            match (next, expected) {
                (Ok(next), Ok(url)) => assert_eq!(next.as_ref().map(Url::as_str), url),
                (Err(TransportError::Redirected { host }), Err(expected)) => {
                    assert_eq!(host, expected);
                }
                (next, _) => panic!("{status} to {location}: {next:?}"),
            }
        }
    }
}
