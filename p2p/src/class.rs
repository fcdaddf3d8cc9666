//! Message classes: what shares a stream, and who goes first.

/// The kind of traffic a message belongs to.
///
/// Every pair of peers keeps one long-lived stream per class and direction, so that a large batch
/// never stands in front of a vote. The variants are in order of priority, highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Votes, proposals and round certificates.
    Consensus,
    /// Block headers.
    Header,
    /// Requests and answers: missing batches and block sync.
    Fetch,
    /// Batches of transactions on their way to every validator.
    Batch,
}

impl Class {
    /// Every class, highest priority first.
    pub const ALL: [Self; 4] = [Self::Consensus, Self::Header, Self::Fetch, Self::Batch];

    /// Returns the position in [`Class::ALL`].
    pub const fn index(self) -> usize {
        match self {
            Self::Consensus => 0,
            Self::Header => 1,
            Self::Fetch => 2,
            Self::Batch => 3,
        }
    }

    /// Returns the byte that names this class in the preface of a stream. Frozen.
    pub(crate) const fn tag(self) -> u8 {
        match self {
            Self::Consensus => b'c',
            Self::Header => b'h',
            Self::Fetch => b'f',
            Self::Batch => b'b',
        }
    }

    /// Returns the class that a preface byte names.
    pub(crate) fn from_tag(tag: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.tag() == tag)
    }

    /// Returns the lower-case name used in logs and metrics labels.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Consensus => "consensus",
            Self::Header => "header",
            Self::Fetch => "fetch",
            Self::Batch => "batch",
        }
    }
}

/// One value per [`Class`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerClass<T> {
    /// The value of [`Class::Consensus`].
    pub consensus: T,
    /// The value of [`Class::Header`].
    pub header: T,
    /// The value of [`Class::Fetch`].
    pub fetch: T,
    /// The value of [`Class::Batch`].
    pub batch: T,
}

impl<T> PerClass<T> {
    /// Builds the four values, highest priority first.
    pub fn from_fn(mut build: impl FnMut(Class) -> T) -> Self {
        Self {
            consensus: build(Class::Consensus),
            header: build(Class::Header),
            fetch: build(Class::Fetch),
            batch: build(Class::Batch),
        }
    }

    /// Returns the value of one class.
    pub const fn get(&self, class: Class) -> &T {
        match class {
            Class::Consensus => &self.consensus,
            Class::Header => &self.header,
            Class::Fetch => &self.fetch,
            Class::Batch => &self.batch,
        }
    }

    /// Returns the value of one class, to change it.
    pub const fn get_mut(&mut self, class: Class) -> &mut T {
        match class {
            Class::Consensus => &mut self.consensus,
            Class::Header => &mut self.header,
            Class::Fetch => &mut self.fetch,
            Class::Batch => &mut self.batch,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn priority_order_index_and_tag_agree() {
        for (position, class) in Class::ALL.into_iter().enumerate() {
            assert_eq!(class.index(), position);
            assert_eq!(Class::from_tag(class.tag()), Some(class));
        }
        assert!(Class::ALL.is_sorted());
        assert_eq!(Class::from_tag(0), None);
    }
}
