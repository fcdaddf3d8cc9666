//! Sends bytes that are no messages: random ones, none at all, claims of huge lengths, too many bytes, and messages that others sent
//! with something changed, on any class.

use super::{Behaviour, Puppeteer};
use crate::rng::Rng;
use landsea_p2p::Class;
use landsea_types::Member;
use landsea_types::bounds::CONSENSUS_MESSAGE_BYTES_MAX;
use std::collections::VecDeque;

/// What reports call it.
pub const NAME: &str = "junk bytes";
/// Messages remembered for changing.
const KEPT_MAX: usize = 32;

/// Makes one.
pub fn make(seed: u64) -> Box<dyn Behaviour> {
    let mut rng = Rng::new(seed);
    let eagerness_permille = rng.between(50, 400);
    Box::new(JunkBytes { rng, eagerness_permille, kept: VecDeque::new() })
}

/// See the module documentation.
struct JunkBytes {
    rng: Rng,
    /// How often it acts, of 1000 moments.
    eagerness_permille: u64,
    kept: VecDeque<(Class, Vec<u8>)>,
}

impl JunkBytes {
    fn class(&mut self) -> Class {
        *self.rng.pick(&Class::ALL).expect("there are classes")
    }

    fn junk(&mut self) -> (Class, Vec<u8>) {
        let class = self.class();
        let bytes = match self.rng.between(0, 9) {
            0 => Vec::new(),
            1 | 2 => {
                let length = self.rng.between(1, 300) as usize;
                self.rng.bytes(length)
            }
            3 => vec![self.rng.bits() as u8; CONSENSUS_MESSAGE_BYTES_MAX + 1],
            4 => self.huge_length(),
            _ => return self.changed().unwrap_or((class, Vec::new())),
        };
        (class, bytes)
    }

    /// A kind of message, then lengths that no message has.
    fn huge_length(&mut self) -> Vec<u8> {
        let mut bytes = vec![self.rng.between(0, 6) as u8];
        let zeros = self.rng.between(0, 120) as usize;
        bytes.resize(1 + zeros, 0);
        bytes.extend([0xff; 64]);
        bytes
    }

    /// A message that was seen, changed a little, on its own class or on another one.
    fn changed(&mut self) -> Option<(Class, Vec<u8>)> {
        let index = self.rng.between(0, (self.kept.len() as u64).max(1) - 1) as usize;
        let (class, mut bytes) = self.kept.get(index)?.clone();
        let at = self.rng.between(0, (bytes.len() as u64).max(1) - 1) as usize;
        match self.rng.between(0, 4) {
            0 => bytes.truncate(at),
            1 => bytes.extend(self.rng.bytes(3)),
            2 => return Some((self.class(), bytes)),
            _ => bytes.get_mut(at).into_iter().for_each(|byte| *byte ^= 1 << self.rng.between(0, 7)),
        }
        Some((class, bytes))
    }
}

impl Behaviour for JunkBytes {
    fn name(&self) -> &'static str {
        NAME
    }

    fn on_receive(&mut self, _: &mut Puppeteer<'_>, _: Member, class: Class, bytes: &[u8]) -> bool {
        if self.rng.chance(200) {
            self.kept.push_back((class, bytes.to_vec()));
            self.kept.drain(..self.kept.len().saturating_sub(KEPT_MAX));
        }
        true
    }

    fn on_tick(&mut self, me: &mut Puppeteer<'_>) {
        if self.rng.chance(self.eagerness_permille) {
            let to = me.anybody(&mut self.rng);
            let (class, bytes) = self.junk();
            me.send(to, class, bytes);
        }
    }
}
