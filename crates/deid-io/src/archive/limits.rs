//! How much may come out of an archive.

use std::cell::Cell;
use std::fmt;
use std::io::{self, Read};
use std::ops::Deref;

/// Limits against archives that are made to fill disks; the defaults are far above any study.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one member; a larger one is refused and the others go on.
    pub max_member_bytes: u64,
    /// Bytes that may come out of one archive.
    pub max_total_bytes: u64,
    /// How many times the archive's own length may come out of it, once [`Limits::ratio_floor`] is passed.
    pub max_ratio: u64,
    /// Bytes that may come out before the ratio counts: small archives of empty images shrink very well.
    pub ratio_floor: u64,
    /// Members, directories among them.
    pub max_members: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_member_bytes: 64 << 30,
            max_total_bytes: 4 << 40,
            max_ratio: 1000,
            ratio_floor: 256 << 20,
            max_members: 10_000_000,
        }
    }
}

/// The limit of [`Limits`] that an archive passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bomb {
    /// More members than this.
    Members(u64),
    /// More bytes than this.
    Total(u64),
    /// More than this many times the archive's length.
    Ratio(u64),
}

impl fmt::Display for Bomb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Members(limit) => write!(f, "it has more than {limit} members"),
            Self::Total(limit) => write!(f, "more than {limit} bytes come out of it"),
            Self::Ratio(limit) => write!(f, "more than {limit} times its own length comes out of it"),
        }
    }
}

impl std::error::Error for Bomb {}

/// Counts what comes out of one archive, and remembers which limit was passed while a visitor was reading.
pub(super) struct Guard {
    pub(super) limits: Limits,
    archive_length: u64,
    total: Cell<u64>,
    members: Cell<u64>,
    bomb: Cell<Option<Bomb>>,
}

impl Guard {
    pub(super) fn new(limits: &Limits, archive_length: u64) -> Self {
        Self {
            limits: *limits,
            archive_length,
            total: Cell::new(0),
            members: Cell::new(0),
            bomb: Cell::new(None),
        }
    }

    /// The limit that was passed, if one was.
    pub(super) fn bomb(&self) -> Option<Bomb> {
        self.bomb.get()
    }

    pub(super) fn count_member(&self) -> Result<(), Bomb> {
        self.members.set(self.members.get() + 1);
        if self.members.get() > self.limits.max_members {
            return self.give_up(Bomb::Members(self.limits.max_members));
        }
        Ok(())
    }

    pub(super) fn count_bytes(&self, n: usize) -> Result<(), Bomb> {
        let total = self.total.get().saturating_add(n as u64);
        self.total.set(total);
        if total > self.limits.max_total_bytes {
            return self.give_up(Bomb::Total(self.limits.max_total_bytes));
        }
        let expected = self.archive_length.saturating_mul(self.limits.max_ratio);
        if total > self.limits.ratio_floor && total > expected {
            return self.give_up(Bomb::Ratio(self.limits.max_ratio));
        }
        Ok(())
    }

    fn give_up(&self, bomb: Bomb) -> Result<(), Bomb> {
        self.bomb.set(Some(bomb));
        Err(bomb)
    }
}

/// A reader whose bytes a [`Guard`] counts.
pub(super) struct Guarded<R, G> {
    inner: R,
    guard: G,
}

impl<R, G> Guarded<R, G> {
    pub(super) fn new(inner: R, guard: G) -> Self {
        Self { inner, guard }
    }
}

impl<R: Read, G: Deref<Target = Guard>> Read for Guarded<R, G> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.guard.count_bytes(n).map_err(io::Error::other)?;
        Ok(n)
    }
}
