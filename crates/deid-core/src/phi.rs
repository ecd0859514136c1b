//! Values that may identify a person, kept out of messages by their type.

use std::fmt;

/// Something that may identify a person. `Debug` and `Display` show a placeholder.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Phi<T>(T);

impl<T> Phi<T> {
    /// Marks a value as identifying.
    pub const fn new(value: T) -> Self {
        Phi(value)
    }

    /// The value itself: never for a message, a log or a report.
    pub const fn expose(&self) -> &T {
        &self.0
    }
}

impl<T> fmt::Debug for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹withheld›")
    }
}

impl<T> fmt::Display for Phi<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("‹withheld›")
    }
}

/// Gives types a `Debug` that shows their names only: what they hold was read from files.
macro_rules! withheld {
    ($($name:ident),+) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), " ‹withheld›"))
            }
        })+
    };
}
pub(crate) use withheld;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_not_shown() {
        let name = Phi::new("Doe^Jane");
        assert!(!format!("{name} {name:?}").contains("Doe"));
        assert_eq!(*name.expose(), "Doe^Jane");
    }
}
