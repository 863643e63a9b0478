//! Rotation: when a key gets new material, and by whom.
//!
//! A schedule is counted from the day it was enabled. Rotations that could not happen at their
//! date, because the key was disabled or the server was down, are made up for by a single one, and
//! the schedule goes on as if it had not been missed. The service does so for keys that are enabled
//! again, and material that nothing was ever encrypted with would be of no use to anyone.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Key, KeySpec, KeyState, MaterialState, Origin};

/// How many rotations on demand a key gets in its life.
pub const MAX_ON_DEMAND_ROTATIONS: usize = 25;

/// The seconds of a day.
const DAY: i64 = 86_400;

/// What led to a rotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RotationType {
    /// The schedule.
    #[serde(rename = "AUTOMATIC")]
    Automatic,
    /// RotateKeyOnDemand.
    #[serde(rename = "ON_DEMAND")]
    OnDemand,
}

impl RotationType {
    /// The name of this type on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Automatic => "AUTOMATIC",
            Self::OnDemand => "ON_DEMAND",
        }
    }
}

/// How a material became the current one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rotation {
    /// By whom.
    #[serde(rename = "type")]
    pub kind: RotationType,
    /// When it really did, which may be later than scheduled.
    pub date: Timestamp,
}

/// When a key gets new material by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RotationSchedule {
    /// Days from one rotation to the next: 90 to 2560.
    pub period_days: u16,
    /// The date of the next one.
    pub next: Timestamp,
}

impl RotationSchedule {
    /// The period of a schedule that names none.
    pub const DEFAULT_PERIOD: u16 = 365;

    /// A schedule that starts at `now`.
    #[must_use]
    pub fn starting(now: Timestamp, period_days: u16) -> Self {
        Self { period_days, next: later(now, i64::from(period_days)) }
    }

    /// The schedule after the rotation that is due at `now`: its next date is the first after
    /// `now`, a whole number of periods later.
    #[must_use]
    pub fn after(self, now: Timestamp) -> Self {
        let period = i64::from(self.period_days.max(1));
        let missed = now.duration_since(self.next).as_secs().max(0) / (period * DAY);
        Self { next: later(self.next, (missed + 1).saturating_mul(period)), ..self }
    }
}

/// `days` after `time`; the end of time when that would be beyond it.
pub(crate) fn later(time: Timestamp, days: i64) -> Timestamp {
    let by = SignedDuration::from_secs(days.saturating_mul(DAY));
    time.checked_add(by).unwrap_or(Timestamp::MAX)
}

impl Key {
    /// The date of the next automatic rotation, while the key is in a state in which it is rotated:
    /// neither disabled nor about to be deleted. Replicas are rotated with their primary key.
    #[must_use]
    pub fn next_rotation(&self) -> Option<Timestamp> {
        let rotates = self.stored_state == KeyState::Enabled && !self.is_replica();
        let schedule = self.rotation.filter(|_| rotates);
        schedule.map(|schedule| schedule.next)
    }

    /// Whether keys of this kind can be rotated at all.
    #[must_use]
    pub fn has_rotations(&self) -> bool {
        self.spec == KeySpec::SymmetricDefault && matches!(self.origin, Origin::AwsKms | Origin::External)
    }

    /// How often the key was rotated on demand.
    #[must_use]
    pub fn on_demand_rotations(&self) -> usize {
        self.materials.iter().filter(|material| material.is_on_demand()).count()
    }

    /// Each material with where it stands, oldest first, when pending material stands at `pending`.
    pub fn material_states(
        &self,
        pending: MaterialState,
    ) -> impl Iterator<Item = (&crate::MaterialRef, MaterialState)> {
        let current = self.current_material();
        self.materials.iter().map(move |material| {
            let state = match material.pending {
                true => pending,
                false if Some(material.id) == current => MaterialState::Current,
                false => MaterialState::NonCurrent,
            };
            (material, state)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn missed_rotations_do_not_shift_the_schedule() {
        let schedule = RotationSchedule::starting(at("2026-01-01T00:00:00Z"), 365);
        assert_eq!(schedule.next, at("2027-01-01T00:00:00Z"));
        assert_eq!(schedule.after(schedule.next).next, at("2028-01-01T00:00:00Z"));
        // One day late, and three years late.
        assert_eq!(schedule.after(at("2027-01-02T00:00:00Z")).next, at("2028-01-01T00:00:00Z"));
        assert_eq!(schedule.after(at("2029-12-31T00:00:00Z")).next, at("2030-12-31T00:00:00Z"));
    }

    proptest! {
        #[test]
        fn the_next_date_is_the_first_of_the_schedule_after_now(
            period in 90_u16..=2560, late in 0_i64..2_000_000_000,
        ) {
            let schedule = RotationSchedule::starting(at("2026-01-01T00:00:00Z"), period);
            let now = schedule.next.checked_add(SignedDuration::from_secs(late)).unwrap();
            let next = schedule.after(now).next;
            let period = i64::from(period) * DAY;
            prop_assert!(next > now);
            prop_assert!(next.duration_since(now).as_secs() <= period);
            prop_assert_eq!(next.duration_since(schedule.next).as_secs() % period, 0);
        }
    }
}
