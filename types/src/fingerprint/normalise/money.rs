//! Amounts of money in minor units. A bare `$` or `¥` is refused: each names several currencies.

use super::measure::scaled;
use crate::fingerprint::error::Reason;
use crate::fingerprint::text::narrow;

/// ISO 4217 codes by number of decimals; everything in circulation, precious metals and test codes left out.
const DECIMALS: [(i32, &str); 3] = [
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (
        2,
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF \
         CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG \
         HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU \
         MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR \
         SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED \
         VES WST XCD YER ZAR ZMW ZWG",
    ),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
];

/// Normalises an amount with its currency before or after it to code and minor units, `USD123450`.
pub(super) fn money(text: &str) -> Result<String, Reason> {
    let folded = narrow(text);
    if folded.is_empty() {
        return Err(Reason::Empty);
    }
    let (number, currency) = split(&folded).ok_or(Reason::UnknownCurrency)?;
    let code = if matches!(currency, "RMB" | "人民币") { "CNY" } else { currency };
    let decimals = decimals(code).ok_or(Reason::UnknownCurrency)?;
    Ok(format!("{code}{}", scaled(number, decimals)?))
}

fn split(text: &str) -> Option<(&str, &str)> {
    let is_number_char = |c: char| c.is_ascii_digit() || c == ',' || c == '.';
    if text.starts_with(is_number_char) {
        let end = text.find(|c| !is_number_char(c))?;
        return text.split_at_checked(end).map(|(number, code)| (number, code.trim()));
    }
    let start = text.find(is_number_char)?;
    text.split_at_checked(start).map(|(code, number)| (number, code.trim()))
}

fn decimals(code: &str) -> Option<i32> {
    DECIMALS
        .iter()
        .find(|(_, codes)| codes.split_whitespace().any(|known| known == code))
        .map(|(decimals, _)| *decimals)
}
