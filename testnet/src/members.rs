//! The member table: the fifteen branches, and made-up ones beyond.

/// A branch of the member table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberInfo {
    /// Index from 1.
    pub index: u8,
    /// Code such as `cq`.
    pub code: String,
    /// English name.
    pub name_en: String,
    /// Chinese name.
    pub name_zh: String,
    /// Administrative division code, GB/T 2260.
    pub gb2260: u32,
    /// Who runs the node.
    pub operator: String,
}

const TABLE: &str = include_str!("../data/members.csv");

/// The first `count` members: those of the table, then `m16`, `m17` and so on.
pub fn members(count: usize) -> Vec<MemberInfo> {
    let known = table();
    let made_up = (known.len() + 1..=count.max(known.len())).map(made_up);
    known.iter().cloned().chain(made_up).take(count).collect()
}

/// The member that plays the part of `code` in a network of `present`: itself, or, in a network that is too small for
/// it, the one at its index modulo the network's size. `None` for a code that is in neither table.
pub fn stand_in<'m>(code: &str, present: &'m [String]) -> Option<&'m str> {
    if let Some(found) = present.iter().find(|p| *p == code) {
        return Some(found);
    }
    let index = table().iter().position(|m| m.code == code)?;
    present.get(index % present.len().max(1)).map(String::as_str)
}

fn table() -> Vec<MemberInfo> {
    TABLE.lines().skip(1).filter(|line| !line.is_empty()).map(row).collect()
}

fn row(line: &str) -> MemberInfo {
    let cells: Vec<&str> = line.splitn(7, ',').collect();
    let cell = |i: usize| cells.get(i).copied().expect("the embedded table has seven columns");
    MemberInfo {
        index: cell(0).parse().expect("the embedded table counts its rows"),
        code: cell(1).into(),
        name_en: cell(2).into(),
        name_zh: cell(3).into(),
        gb2260: cell(4).parse().expect("the embedded table has numeric codes"),
        operator: cell(5).into(),
    }
}

fn made_up(index: usize) -> MemberInfo {
    let number = u8::try_from(index).expect("a network has at most 64 members");
    MemberInfo {
        index: number,
        code: format!("m{index}"),
        name_en: format!("Test member {index}"),
        name_zh: format!("测试成员{index}"),
        gb2260: 990_000 + u32::from(number),
        operator: format!("Test operator {index}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_fifteen_members_and_goes_on_with_made_up_ones() {
        let all = members(17);
        assert_eq!((all[0].code.as_str(), all[14].code.as_str(), all[16].code.as_str()), ("cq", "hh", "m17"));
        assert!(all.iter().zip(1u8..).all(|(m, i)| m.index == i));
        assert_eq!(members(4).len(), 4);
    }

    #[test]
    fn a_small_network_plays_the_parts_of_absent_members() {
        let four: Vec<String> = members(4).into_iter().map(|m| m.code).collect();
        assert_eq!(stand_in("gx", &four), Some("gx"));
        assert_eq!(stand_in("hi", &four), Some("cq"));
        assert_eq!(stand_in("xx", &four), None);
    }
}
