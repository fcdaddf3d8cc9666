//! Points in time as people write them.

use landsea_client::duration::duration_ms;
use landsea_types::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// A time that may be relative to the newest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Milliseconds after the base.
    After { ms: u64 },
    /// Milliseconds before the base.
    Before { ms: u64 },
    /// A point in time.
    At { time: Timestamp },
}

impl When {
    /// The point in time, given the base of relative ones.
    pub(crate) fn resolve(self, base: Timestamp) -> Timestamp {
        match self {
            When::After { ms } => base.saturating_add(ms),
            When::Before { ms } => Timestamp::new(base.get().saturating_sub(ms)),
            When::At { time } => time,
        }
    }
}

impl std::str::FromStr for When {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(rest) = text.strip_prefix('+') {
            return Ok(When::After { ms: duration_ms(rest)? });
        }
        if let Some(rest) = text.strip_prefix('-') {
            return Ok(When::Before { ms: duration_ms(rest)? });
        }
        let time = OffsetDateTime::parse(text, &Rfc3339).map_err(|_| {
            format!("{text:?} is no time: write +24h or -2h (from the newest block; units ms s m h d w y) or 2026-05-13T08:00:00+08:00")
        })?;
        let ms =
            u64::try_from(time.unix_timestamp_nanos() / 1_000_000).map_err(|_| "times before 1970 are not accepted")?;
        Ok(When::At { time: Timestamp::new(ms) })
    }
}

/// A time as text in UTC; the last of all times stands for none.
pub(crate) fn text(time: Timestamp) -> String {
    if time == Timestamp::MAX {
        return "no end".into();
    }
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:3] UTC");
    let moment = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.get()) * 1_000_000);
    moment.ok().and_then(|m| m.format(&format).ok()).unwrap_or_else(|| format!("{} ms", time.get()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_need_a_unit_and_add_up() {
        assert_eq!(duration_ms("1h30m"), Ok(5_400_000));
        assert_eq!(duration_ms("180d"), Ok(180 * 86_400_000));
        for wrong in ["", "5", "h", "5x", "1h5", "99999999999999y"] {
            assert!(duration_ms(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn relative_times_count_from_the_base() {
        let base = Timestamp::new(1_000);
        assert_eq!("+2s".parse::<When>().map(|w| w.resolve(base)), Ok(Timestamp::new(3_000)));
        assert_eq!("1970-01-01T08:00:01+08:00".parse::<When>().map(|w| w.resolve(base)), Ok(Timestamp::new(1_000)));
        assert_eq!("-400ms".parse::<When>().map(|w| w.resolve(base)), Ok(Timestamp::new(600)));
        assert!("tomorrow".parse::<When>().is_err());
    }

    #[test]
    fn times_print_in_utc() {
        assert_eq!(text(Timestamp::new(1_772_632_800_000)), "2026-03-04 14:00:00.000 UTC");
        assert_eq!(text(Timestamp::MAX), "no end");
    }
}
