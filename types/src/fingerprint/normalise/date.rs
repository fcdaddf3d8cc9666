//! Calendar dates. Year-first and named-month forms are read always; a numeric date that does not start
//! with a four-digit year is read only under an explicit order, even where only one reading is a day.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fingerprint::error::Reason;
use crate::fingerprint::text::narrow;

const MONTHS: [&str; 12] = [
    "JANUARY",
    "FEBRUARY",
    "MARCH",
    "APRIL",
    "MAY",
    "JUNE",
    "JULY",
    "AUGUST",
    "SEPTEMBER",
    "OCTOBER",
    "NOVEMBER",
    "DECEMBER",
];
const SHAPE: &str = "a calendar date such as 2026-03-02, 02/MAR/26 or 2026年3月2日";

/// How a numeric date that does not start with a four-digit year is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum DateOrder {
    /// Day, month, year.
    #[serde(rename = "DMY")]
    DayMonthYear,
    /// Month, day, year.
    #[serde(rename = "MDY")]
    MonthDayYear,
    /// Year, month, day.
    #[serde(rename = "YMD")]
    YearMonthDay,
}

/// A day of the Gregorian calendar between 1970 and 2199; shown as `yyyymmdd`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CalendarDate(u32);

impl CalendarDate {
    /// Returns the day, or `None` when it does not exist or lies outside 1970 to 2199.
    pub fn new(year: u32, month: u32, day: u32) -> Option<Self> {
        let exists = (1970..=2199).contains(&year) && (1..=days_in(year, month)).contains(&day);
        exists.then_some(Self(year * 10_000 + month * 100 + day))
    }

    /// Reads a normalised date, `yyyymmdd`; `None` when it is none.
    pub fn from_text(text: &str) -> Option<Self> {
        let number: u32 = text.parse().ok().filter(|_| is_number(text) && text.len() == 8)?;
        Self::new(number / 10_000, number / 100 % 100, number % 100)
    }

    /// Returns the day as the number `yyyymmdd`.
    pub fn get(self) -> u32 {
        self.0
    }

    /// Returns the following day, or `None` at the end of the supported calendar.
    pub fn next(self) -> Option<Self> {
        let (year, month, day) = (self.0 / 10_000, self.0 / 100 % 100, self.0 % 100);
        Self::new(year, month, day + 1).or_else(|| Self::new(year, month + 1, 1)).or_else(|| Self::new(year + 1, 1, 1))
    }
}

impl fmt::Display for CalendarDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08}", self.0)
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

/// Reads a date.
pub(super) fn parse(text: &str, order: Option<DateOrder>) -> Result<CalendarDate, Reason> {
    let folded = narrow(text);
    if folded.is_empty() {
        return Err(Reason::Empty);
    }
    if let Some(parts) = chinese(&folded) {
        return year_first(parts);
    }
    let tokens = tokens(&folded).ok_or(Reason::Malformed { expected: SHAPE })?;
    match tokens.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [whole] => compact_form(whole),
        [a, b, c] if is_number(a) && is_number(b) && is_number(c) => numeric([a, b, c], order),
        [day, month, year] if is_number(day) && is_number(year) => named_month(day, month, year),
        [month, day, year] if is_number(day) && is_number(year) && year.len() == 4 => named_month(day, month, year),
        _ => Err(Reason::Malformed { expected: SHAPE }),
    }
}

/// Splits `2026年3月2日`, also with `号` for the day and spaces between.
fn chinese(text: &str) -> Option<[String; 3]> {
    let bare: String = text.chars().filter(|c| *c != ' ').collect();
    let (year, rest) = bare.split_once('年')?;
    let (month, rest) = rest.split_once('月')?;
    let day = rest.strip_suffix(['日', '号'])?;
    Some([year.to_owned(), month.to_owned(), day.to_owned()])
}

/// Splits at one kind of separator, or at the borders between letters and digits; mixed separators give
/// `None`, save that a comma may follow the day of `MARCH 2, 2026`.
fn tokens(text: &str) -> Option<Vec<String>> {
    let comma_free = text.replace(", ", " ");
    let separators: Vec<char> = comma_free.chars().filter(|c| !c.is_ascii_alphanumeric()).collect();
    let first = separators.first().copied();
    if separators.iter().any(|c| Some(*c) != first || !matches!(c, '-' | '/' | '.' | ' ')) {
        return None;
    }
    Some(match first {
        Some(separator) => comma_free.split(separator).map(str::to_owned).collect(),
        None => split_at_letters(text),
    })
}

fn split_at_letters(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    for c in text.chars() {
        match parts.last_mut() {
            Some(part) if part.ends_with(|last: char| last.is_ascii_digit() == c.is_ascii_digit()) => part.push(c),
            _ => parts.push(c.to_string()),
        }
    }
    parts
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.chars().all(|c| c.is_ascii_digit())
}

fn compact_form(text: &str) -> Result<CalendarDate, Reason> {
    match (is_number(text), text.get(..4), text.get(4..6), text.get(6..8), text.len()) {
        (true, Some(year), Some(month), Some(day), 8) => {
            year_first([year.to_owned(), month.to_owned(), day.to_owned()])
        }
        _ => Err(Reason::Malformed { expected: SHAPE }),
    }
}

fn year_first([year, month, day]: [String; 3]) -> Result<CalendarDate, Reason> {
    if year.len() != 4 {
        return Err(Reason::Ambiguous { why: "the year needs four digits" });
    }
    date(&year, &month, &day)
}

fn numeric(parts: [&str; 3], order: Option<DateOrder>) -> Result<CalendarDate, Reason> {
    let [a, b, c] = parts;
    if a.len() == 4 {
        return date(a, b, c);
    }
    match order {
        Some(DateOrder::DayMonthYear) => date(c, b, a),
        Some(DateOrder::MonthDayYear) => date(c, a, b),
        Some(DateOrder::YearMonthDay) => date(a, b, c),
        None => Err(Reason::Ambiguous { why: "state `date_order` (DMY, MDY or YMD), or write the year first" }),
    }
}

fn named_month(day: &str, month: &str, year: &str) -> Result<CalendarDate, Reason> {
    let index = MONTHS
        .iter()
        .position(|name| *name == month || name.get(..3) == Some(month) || (month == "SEPT" && *name == "SEPTEMBER"))
        .ok_or(Reason::Malformed { expected: SHAPE })?;
    date(year, &index.saturating_add(1).to_string(), day)
}

fn date(year: &str, month: &str, day: &str) -> Result<CalendarDate, Reason> {
    let malformed = Reason::Malformed { expected: SHAPE };
    if ![month, day].iter().all(|part| is_number(part) && part.len() <= 2) || !matches!(year.len(), 2 | 4) {
        return Err(malformed);
    }
    let number = |part: &str| part.parse::<u32>().map_err(|_| malformed);
    let century = if year.len() == 2 { 2000 } else { 0 };
    CalendarDate::new(number(year)? + century, number(month)?, number(day)?).ok_or(Reason::NoSuchDate)
}
