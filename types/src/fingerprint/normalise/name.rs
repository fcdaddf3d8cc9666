//! Firm names, for soft comparison only: never part of an identity.

use unicode_normalization::UnicodeNormalization;

use crate::fingerprint::error::Reason;

/// Version of the traditional-to-simplified table; part of the rule set hash.
pub(in crate::fingerprint) const TABLE_VERSION: u16 = 1;

const LATIN_SUFFIXES: [&str; 5] = ["co", "ltd", "pte", "gmbh", "llc"];
const HAN_SUFFIXES: [&str; 2] = ["有限公司", "股份"];

/// Traditional characters common in firm names, each at the place of its simplified form below.
const TRADITIONAL: &str = "國際貿易運輸車鐵龍東華廣發業電機設備進電聯陸慶長滙豐銀行貨倉儲鋼鋁銅糧農漁產實業財資開區灣門濱瀾潤興達遠橋輪馬島關總團務處經濟礦紡織製造藥學藝術圖書報館飯專賣買";
const SIMPLIFIED: &str = "国际贸易运输车铁龙东华广发业电机设备进电联陆庆长汇丰银行货仓储钢铝铜粮农渔产实业财资开区湾门滨澜润兴达远桥轮马岛关总团务处经济矿纺织制造药学艺术图书报馆饭专卖买";

/// Normalises a firm name: folded case, no punctuation, no legal suffix, words separated by one space.
pub(super) fn name(text: &str) -> Result<String, Reason> {
    let mut words = tokens(&fold(text));
    loop {
        let next = tokens(&words.iter().map(|word| without_han_suffix(word)).collect::<Vec<_>>().join(" "));
        if next == words {
            break;
        }
        words = next;
    }
    if words.is_empty() { Err(Reason::Empty) } else { Ok(words.join(" ")) }
}

/// Applies NFKC and case folding (through upper case, so that `ß` meets `SS`), then the character table.
fn fold(text: &str) -> String {
    let upper = text.nfkc().collect::<String>().to_uppercase();
    let lower: String = upper.chars().flat_map(char::to_lowercase).nfkc().collect();
    lower.chars().map(simplified).filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect()
}

fn simplified(c: char) -> char {
    TRADITIONAL.chars().zip(SIMPLIFIED.chars()).find(|(old, _)| *old == c).map_or(c, |(_, new)| new)
}

fn tokens(text: &str) -> Vec<String> {
    text.split_whitespace().filter(|word| !LATIN_SUFFIXES.contains(word)).map(str::to_owned).collect()
}

fn without_han_suffix(word: &str) -> String {
    HAN_SUFFIXES.iter().fold(word.to_owned(), |rest, suffix| rest.replace(suffix, ""))
}
