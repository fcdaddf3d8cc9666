//! Durations as people write them.

const UNITS: &[(&str, u64)] = &[
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 7 * 86_400_000),
    ("y", 365 * 86_400_000),
];

/// Reads a duration such as `90d` or `1h30m` as milliseconds.
///
/// # Errors
/// A message with the accepted units.
pub fn duration_ms(text: &str) -> Result<u64, String> {
    let fail = || format!("{text:?} is no duration: write a number with a unit (ms s m h d w y), such as 24h or 1h30m");
    let mut rest = text.trim();
    let mut total = 0u64;
    if rest.is_empty() {
        return Err(fail());
    }
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).ok_or_else(fail)?);
        let (unit, after) = after.split_at(after.find(|c: char| c.is_ascii_digit()).unwrap_or(after.len()));
        let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(fail)?;
        let part = number.parse::<u64>().ok().and_then(|n| n.checked_mul(*factor)).ok_or_else(fail)?;
        total = total.checked_add(part).ok_or_else(fail)?;
        rest = after;
    }
    Ok(total)
}
