//! One-way delays between the members, from where their nodes stand.
//!
//! A delay is the great-circle distance times [`ROUTE_FACTOR`], at [`KM_PER_MS`], plus [`FIXED_MS`], rounded to whole milliseconds: the
//! replica's clock knows nothing finer.

use landsea_types::Member;
use landsea_types::consensus::quorum;
use std::collections::BTreeMap;

/// How much longer a cable is than the great circle: roads, rails and rings.
pub const ROUTE_FACTOR: f64 = 1.4;
/// Light in glass, kilometres per millisecond.
pub const KM_PER_MS: f64 = 200.0;
/// Routers, access lines and the hosts' own queues at both ends together, milliseconds.
pub const FIXED_MS: f64 = 1.0;
/// Mean radius of the earth, kilometres.
const EARTH_KM: f64 = 6_371.0;

const SITES: &str = include_str!("sites.csv");

/// Where a member's node stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Site {
    pub member: Member,
    /// The member's code in the genesis.
    pub code: &'static str,
    pub city: &'static str,
    /// Degrees.
    pub north: f64,
    /// Degrees.
    pub east: f64,
}

impl Site {
    fn parse(line: &'static str) -> Option<Self> {
        let mut fields = line.split(',');
        Some(Self {
            member: Member::new(fields.next()?.parse().ok()?),
            code: fields.next()?,
            city: fields.next()?,
            north: fields.next()?.parse().ok()?,
            east: fields.next()?.parse().ok()?,
        })
    }

    /// The great-circle distance to another site, kilometres.
    pub fn km_to(&self, other: &Self) -> f64 {
        let (a, b) = (self.north.to_radians(), other.north.to_radians());
        let (across, along) = ((b - a) / 2.0, (other.east - self.east).to_radians() / 2.0);
        let half = across.sin().powi(2) + a.cos() * b.cos() * along.sin().powi(2);
        2.0 * EARTH_KM * half.sqrt().asin()
    }
}

/// The sites of the fifteen members, in order.
pub fn sites() -> Vec<Site> {
    let rows = SITES.lines().filter(|line| !line.starts_with('#'));
    rows.map(|line| Site::parse(line).unwrap_or_else(|| panic!("{line:?} is no site"))).collect()
}

/// Delays by sender and receiver, milliseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delays(BTreeMap<(Member, Member), u64>);

impl Delays {
    /// Between the fifteen members.
    pub fn by_distance() -> Self {
        let sites = sites();
        let row = |a: &Site| -> Vec<_> { sites.iter().map(|b| ((a.member, b.member), delay_ms(a, b))).collect() };
        Self(sites.iter().flat_map(row).collect())
    }

    /// From one member to another; nothing to itself.
    ///
    /// # Panics
    /// For a member without a site.
    pub fn between(&self, from: Member, to: Member) -> u64 {
        self.0[&(from, to)]
    }

    /// All of them, for a network.
    pub fn all(&self) -> &BTreeMap<(Member, Member), u64> {
        &self.0
    }

    /// From a member to the one that completes a quorum of fifteen with it: the eleventh-nearest of these, itself counted as the nearest.
    pub fn to_quorum(&self, from: Member, among: &[Member]) -> u64 {
        let delays = among.iter().map(|to| self.between(from, *to)).collect();
        nth_least(delays, quorum(self.members().len()))
    }

    /// The members for which a quorum of all is farthest, the farthest first.
    pub fn slowest(&self, count: usize) -> Vec<Member> {
        let members = self.members();
        let mut slowest = members.clone();
        slowest.sort_by_key(|m| (std::cmp::Reverse(self.to_quorum(*m, &members)), *m));
        slowest.truncate(count);
        slowest
    }

    /// The least time in which any protocol of proposal, prevote and precommit can tell a member that its transaction is committed, when
    /// the proposer waits for nothing but that transaction and nothing takes time but the way of messages.
    pub fn floor_ms(&self, submitter: Member, proposer: Member, among: &[Member]) -> u64 {
        let proposed = |at: Member| self.between(submitter, proposer) + self.between(proposer, at);
        let prevoted = |at: Member| self.heard_quorum(at, among, &proposed);
        let prevoted: BTreeMap<Member, u64> = among.iter().map(|m| (*m, prevoted(*m))).collect();
        self.heard_quorum(submitter, among, &|from| prevoted[&from])
    }

    /// When a member has heard a quorum, each of which speaks at its own time.
    fn heard_quorum(&self, at: Member, among: &[Member], spoken: &dyn Fn(Member) -> u64) -> u64 {
        let heard = among.iter().map(|from| spoken(*from) + self.between(*from, at)).collect();
        nth_least(heard, quorum(self.members().len()))
    }

    fn members(&self) -> Vec<Member> {
        self.0.keys().filter(|(from, to)| from == to).map(|(member, _)| *member).collect()
    }
}

fn delay_ms(a: &Site, b: &Site) -> u64 {
    if a.member == b.member {
        return 0;
    }
    (a.km_to(b) * ROUTE_FACTOR / KM_PER_MS + FIXED_MS).round() as u64
}

fn nth_least(mut values: Vec<u64>, n: usize) -> u64 {
    values.sort_unstable();
    values[n - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_map() {
        let sites = sites();
        let km = |a: usize, b: usize| sites[a - 1].km_to(&sites[b - 1]).round() as u64;
        assert_eq!(sites.len(), 15);
        assert!((3_350..3_400).contains(&km(6, 13)), "Urumqi to Haikou: {} km", km(6, 13));
        assert!((260..280).contains(&km(1, 9)), "Chongqing to Chengdu: {} km", km(1, 9));
    }

    #[test]
    fn delays_are_symmetric_and_no_detour_is_much_shorter() {
        let delays = Delays::by_distance();
        let members = delays.members();
        for (a, b) in members.iter().flat_map(|a| members.iter().map(move |b| (*a, *b))) {
            assert_eq!(delays.between(a, b), delays.between(b, a));
            for via in &members {
                let detour = delays.between(a, *via) + delays.between(*via, b);
                assert!(delays.between(a, b) <= detour + 1, "{a} to {b} is slower than through {via}");
            }
        }
    }

    #[test]
    fn the_farthest_members_are_those_at_the_edges() {
        let delays = Delays::by_distance();
        let slowest: Vec<u8> = delays.slowest(4).into_iter().map(Member::get).collect();
        assert_eq!(slowest, [6, 10, 13, 11]);
    }
}
