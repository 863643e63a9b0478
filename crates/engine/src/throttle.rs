//! Request rates: a bucket for each account, Region and class of request, filled by the clock.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use trent_domain::{AccountId, RateClass, RateQuotas, Region};

use crate::Fault;

/// Whose bucket it is. Accounts and Regions are ones that exist, so there are not many.
type Owner = (AccountId, Region, RateClass);

/// Lets requests through as far as their quota goes.
pub(crate) struct Throttle {
    quotas: RateQuotas,
    buckets: Mutex<HashMap<Owner, Bucket>>,
}

/// What is left of a second's requests.
struct Bucket {
    left: f64,
    at: Duration,
}

impl Throttle {
    pub(crate) fn new(quotas: RateQuotas) -> Self {
        Self { quotas, buckets: Mutex::new(HashMap::new()) }
    }

    /// Whether there is anything to ask for; most servers have no quotas.
    pub(crate) fn is_idle(&self) -> bool {
        self.quotas.is_empty()
    }

    /// Takes one request of `class` at `now`, a time that never runs back.
    ///
    /// # Errors
    /// [`Fault::Throttled`] when the quota of the last second is used up.
    pub(crate) fn admit(
        &self,
        account: AccountId,
        region: &Region,
        class: RateClass,
        now: Duration,
    ) -> Result<(), Fault> {
        let Some(quota) = self.quotas.per_second(class, region) else { return Ok(()) };
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let full = || Bucket { left: f64::from(quota), at: now };
        let bucket = buckets.entry((account, region.clone(), class)).or_insert_with(full);
        if bucket.take(f64::from(quota), now) { Ok(()) } else { Err(Fault::Throttled) }
    }
}

impl Bucket {
    /// Takes one, if there is one after the time since the last request has refilled it.
    fn take(&mut self, quota: f64, now: Duration) -> bool {
        let refill = now.saturating_sub(self.at).as_secs_f64() * quota;
        self.left = (self.left + refill).min(quota);
        self.at = self.at.max(now);
        if self.left < 1.0 {
            return false;
        }
        self.left -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_brings_its_quota_and_no_more() {
        let throttle = Throttle::new(["rsa=3".parse().unwrap()].into_iter().collect());
        let account = "000000000000".parse().unwrap();
        let other = "111122223333".parse().unwrap();
        let region: Region = "us-east-1".parse().unwrap();
        let admit = |account, class, millis| {
            throttle.admit(account, &region, class, Duration::from_millis(millis)).is_ok()
        };
        assert!((0..3).all(|_| admit(account, RateClass::Rsa, 1000)));
        assert!(!admit(account, RateClass::Rsa, 1000));
        assert!(admit(other, RateClass::Rsa, 1000), "each account has its own");
        assert!((0..9).all(|_| admit(account, RateClass::Symmetric, 1000)), "there is no quota of these");
        assert!(!admit(account, RateClass::Rsa, 1300));
        assert!(admit(account, RateClass::Rsa, 1400) && !admit(account, RateClass::Rsa, 1400));
        assert!(
            (0..3).all(|_| admit(account, RateClass::Rsa, 9000)) && !admit(account, RateClass::Rsa, 9000)
        );
    }
}
