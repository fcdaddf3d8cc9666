//! Character folding shared by the classes. Two strengths exist on purpose: NFKC for document numbers and
//! names, as the rule set says, and the narrower width folding here for everything numeric, because NFKC
//! would turn `25²` into `252`.

/// Tells whether a character occupies no space: zero-width characters, joiners and direction marks.
pub(super) fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}' | '\u{034F}' | '\u{180E}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
    )
}

/// Tells whether a character is a hyphen, dash or minus sign.
pub(super) fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{FE58}' | '\u{FE63}' | '\u{FF0D}')
}

/// Tells whether a character is of the Han script (Unicode 16 `Script=Han`).
pub(super) fn is_han(c: char) -> bool {
    matches!(
        u32::from(c),
        0x2E80..=0x2E99 | 0x2E9B..=0x2EF3 | 0x2F00..=0x2FD5 | 0x3005 | 0x3007 | 0x3021..=0x3029
            | 0x3038..=0x303B | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFA6D | 0xFA70..=0xFAD9
            | 0x16FE2 | 0x16FE3 | 0x16FF0 | 0x16FF1 | 0x20000..=0x2A6DF | 0x2A700..=0x2B739
            | 0x2B740..=0x2B81D | 0x2B820..=0x2CEA1 | 0x2CEB0..=0x2EBE0 | 0x2EBF0..=0x2EE5D
            | 0x2F800..=0x2FA1D | 0x30000..=0x3134A | 0x31350..=0x323AF
    )
}

/// Folds full-width ASCII, every kind of space and every kind of dash to ASCII, drops invisible
/// characters, raises ASCII letters to upper case and trims; all other characters stay as they are.
pub(super) fn narrow(text: &str) -> String {
    let folded: String = text.chars().filter(|c| !is_invisible(*c)).map(narrow_char).collect();
    folded.trim().to_ascii_uppercase()
}

fn narrow_char(c: char) -> char {
    match c {
        '\u{FF01}'..='\u{FF5E}' => ascii_of_full_width(c),
        c if c.is_whitespace() => ' ',
        c if is_dash(c) => '-',
        c => c,
    }
}

fn ascii_of_full_width(c: char) -> char {
    u32::from(c).checked_sub(0xFEE0).and_then(char::from_u32).unwrap_or(c)
}

/// Narrows a text and deletes spaces and the given ASCII separators.
pub(super) fn compact(text: &str, separators: &[char]) -> String {
    narrow(text).chars().filter(|c| *c != ' ' && !separators.contains(c)).collect()
}
