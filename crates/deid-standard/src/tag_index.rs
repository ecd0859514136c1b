//! A hash table from tags to places in a table, filled by the compiler.

use deid_dicom::Tag;

/// Places of tags, with open addressing. `SLOTS` is a power of two, well above the number of tags.
///
/// It keeps places only: the table pointed to has the tags. A look-up costs one or two probes, where a
/// binary search of the dictionary would take thirteen; it happens for each element of each file.
pub(crate) struct TagIndex<const SLOTS: usize> {
    /// Place + 1, or 0 for an empty slot.
    slots: [u16; SLOTS],
}

impl<const SLOTS: usize> TagIndex<SLOTS> {
    pub(crate) const EMPTY: Self = TagIndex { slots: [0; SLOTS] };

    pub(crate) const fn insert(&mut self, tag: Tag, place: usize) {
        assert!(place < u16::MAX as usize && place < SLOTS / 2, "more slots are needed");
        let mut slot = Self::first_slot(tag);
        while self.slots[slot] != 0 {
            slot = (slot + 1) % SLOTS;
        }
        self.slots[slot] = place as u16 + 1;
    }

    /// The place of the tag; `tag_at` tells the tag at a place.
    #[inline]
    pub(crate) fn place(&self, tag: Tag, tag_at: impl Fn(usize) -> Tag) -> Option<usize> {
        let mut slot = Self::first_slot(tag);
        // At most half of the slots are taken (`insert`), so an empty one ends the search.
        while self.slots[slot] != 0 {
            let place = usize::from(self.slots[slot]) - 1;
            if tag_at(place) == tag {
                return Some(place);
            }
            slot = (slot + 1) % SLOTS;
        }
        None
    }

    const fn first_slot(tag: Tag) -> usize {
        // Fibonacci hashing: the high bits of the product are well mixed.
        (tag.0.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.trailing_zeros())) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_where_they_were_put() {
        let tags: Vec<Tag> = (0..100).map(|n| Tag::new(0x0008, n)).collect();
        let mut index = TagIndex::<256>::EMPTY;
        for (place, tag) in tags.iter().enumerate() {
            index.insert(*tag, place);
        }
        for (place, tag) in tags.iter().enumerate() {
            assert_eq!(index.place(*tag, |place| tags[place]), Some(place));
        }
        assert_eq!(index.place(Tag::new(0x0010, 0x0010), |place| tags[place]), None);
    }
}
