//! Requests side by side, and their answers in order.

use std::collections::VecDeque;
use std::sync::Arc;
use std::vec::IntoIter;

use tokio::task::JoinHandle;

use crate::feed::{Request, Response};
use crate::fetch::wire::WireResponse;
use crate::fetch::{Fetch, FetchError};

/// Answers to requests that are sent side by side. No more of them are under way or waiting to be
/// taken than may be sent at once. Dropping it ends what is under way.
pub struct Answers<'a> {
    fetch: &'a mut Fetch,
    requests: IntoIter<Request>,
    /// Whether there are several.
    beside: bool,
    /// In the order of the requests.
    under_way: VecDeque<Task>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(fetch: &'a mut Fetch, requests: Vec<Request>) -> Answers<'a> {
        Answers {
            fetch,
            beside: requests.len() > 1,
            requests: requests.into_iter(),
            under_way: VecDeque::new(),
        }
    }

    /// The answer to the next request, or nothing after the last.
    ///
    /// # Errors
    /// As for [`Fetch::send`]. With the first error, in the order of the requests, all end.
    pub async fn next(&mut self) -> Option<Result<Response, FetchError>> {
        self.fill();
        let answer = self.under_way.front_mut()?.answer().await;
        self.under_way.pop_front();
        let answer = match answer {
            Ok(answer) => {
                // The place that is free now is taken before anyone reads this answer.
                self.fill();
                self.fetch.hand_out(answer).await
            }
            Err(error) => Err(error),
        };
        if answer.is_err() {
            self.requests = IntoIter::default();
            self.under_way.clear();
        }
        Some(answer)
    }

    /// Sends as many requests as may be under way.
    fn fill(&mut self) {
        while self.under_way.len() < self.fetch.sender.width()
            && let Some(request) = self.requests.next()
        {
            let (sender, beside) = (Arc::clone(&self.fetch.sender), self.beside);
            let asked = async move { sender.ask(&request, beside).await };
            self.under_way.push_back(Task(tokio::spawn(asked)));
        }
    }
}

/// A request under way, which ends when it is dropped.
struct Task(JoinHandle<Result<WireResponse, FetchError>>);

impl Task {
    async fn answer(&mut self) -> Result<WireResponse, FetchError> {
        match (&mut self.0).await {
            Ok(answer) => answer,
            // Nobody else ends it, so it panicked: a bug of ours, which goes on here.
            Err(failed) => std::panic::resume_unwind(failed.into_panic()),
        }
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        self.0.abort();
    }
}
