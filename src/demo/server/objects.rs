//! The objects in the simulated buckets, for tests to put, look at and take away.

use bytes::Bytes;

use crate::event::Timestamp;

use super::{Vendors, lock};

/// Each of these waits for who holds [`Vendors::world`].
impl Vendors {
    /// Puts an object into a bucket, in place of the one that has this key, if there is one. It
    /// was last modified `at` that moment, and is there from then on. Tells whether there is such
    /// a bucket.
    pub fn put_object(
        &self,
        bucket: &str,
        key: &str,
        body: impl Into<Bytes>,
        at: Timestamp,
    ) -> bool {
        let body = body.into();
        self.with_buckets(|aws| {
            let found = aws.bucket(bucket);
            found.map(|bucket| bucket.put(key, body, at)).is_some()
        })
    }

    /// Takes an object away for good. Tells whether it was there.
    pub fn delete_object(&self, bucket: &str, key: &str) -> bool {
        self.with_buckets(|aws| aws.bucket(bucket).is_some_and(|bucket| bucket.delete(key)))
    }

    /// The bytes of an object, if it has been delivered by now.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Bytes> {
        let now = self.now();
        self.with_buckets(|aws| Some(aws.bucket(bucket)?.find(key, now)?.body.clone()))
    }

    /// The keys of all objects that have been delivered by now, in order.
    pub fn keys(&self, bucket: &str) -> Vec<String> {
        let now = self.now();
        self.with_buckets(|aws| {
            aws.bucket(bucket)
                .map_or(Vec::new(), |bucket| bucket.keys(now))
        })
    }

    fn with_buckets<T>(&self, act: impl FnOnce(&mut crate::demo::aws::Aws) -> T) -> T {
        let now = self.now();
        let world = self.world();
        let mut aws = lock(&self.shared.aws);
        aws.deliver(&world, now);
        act(&mut aws)
    }
}
