//! Value representations (PS3.5 6.2).

use std::fmt;

macro_rules! vrs {
    ($($name:ident $doc:literal),* $(,)?) => {
        /// A value representation, or the reason why there is none.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[allow(clippy::upper_case_acronyms, reason = "the standard writes them so")]
        pub enum Vr {
            $(#[doc = $doc] $name,)*
            /// The encoding states none (implicit VR); a dictionary may know it.
            Implicit,
            /// Two bytes that name no value representation (`??`, blanks, NUL).
            Invalid,
        }

        impl Vr {
            /// The VR that these two bytes name.
            pub const fn from_bytes(bytes: [u8; 2]) -> Option<Vr> {
                $(
                    const $name: [u8; 2] = {
                        let b = stringify!($name).as_bytes();
                        [b[0], b[1]]
                    };
                )*
                match bytes {
                    $($name => Some(Vr::$name),)*
                    _ => None,
                }
            }

            /// The two letters; `UN` for [`Vr::Implicit`] and [`Vr::Invalid`].
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Vr::$name => stringify!($name),)*
                    Vr::Implicit | Vr::Invalid => "UN",
                }
            }
        }
    };
}

vrs! {
    AE "Application Entity", AS "Age String", AT "Attribute Tag", CS "Code String", DA "Date",
    DS "Decimal String", DT "Date Time", FL "Floating Point Single", FD "Floating Point Double",
    IS "Integer String", LO "Long String", LT "Long Text", OB "Other Byte", OD "Other Double",
    OF "Other Float", OL "Other Long", OV "Other 64-bit Very Long", OW "Other Word",
    PN "Person Name", SH "Short String", SL "Signed Long", SQ "Sequence of Items",
    SS "Signed Short", ST "Short Text", SV "Signed 64-bit Very Long", TM "Time",
    UC "Unlimited Characters", UI "Unique Identifier", UL "Unsigned Long", UN "Unknown",
    UR "Universal Resource", US "Unsigned Short", UT "Unlimited Text", UV "Unsigned 64-bit Very Long",
}

impl Vr {
    /// Whether explicit VR writes two reserved bytes and a 32-bit length (PS3.5 7.1.2).
    pub const fn has_long_length(self) -> bool {
        matches!(
            self,
            Vr::OB
                | Vr::OD
                | Vr::OF
                | Vr::OL
                | Vr::OV
                | Vr::OW
                | Vr::SQ
                | Vr::SV
                | Vr::UC
                | Vr::UN
                | Vr::UR
                | Vr::UT
                | Vr::UV
        )
    }

    /// Whether the value is characters (of the default repertoire or of another).
    pub const fn is_text(self) -> bool {
        matches!(
            self,
            Vr::AE
                | Vr::AS
                | Vr::CS
                | Vr::DA
                | Vr::DS
                | Vr::DT
                | Vr::IS
                | Vr::LO
                | Vr::LT
                | Vr::PN
                | Vr::SH
                | Vr::ST
                | Vr::TM
                | Vr::UC
                | Vr::UI
                | Vr::UR
                | Vr::UT
        )
    }

    /// Whether Specific Character Set (0008,0005) governs the value (PS3.5 6.1.2.3).
    pub const fn uses_character_set(self) -> bool {
        matches!(self, Vr::LO | Vr::LT | Vr::PN | Vr::SH | Vr::ST | Vr::UC | Vr::UT)
    }

    /// The byte that pads an odd value to even length (PS3.5 6.2).
    pub const fn padding(self) -> u8 {
        if self.is_text() && !matches!(self, Vr::UI) { b' ' } else { 0 }
    }
}

impl fmt::Display for Vr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vr_is_named_by_its_two_letters() {
        assert_eq!(Vr::from_bytes(*b"PN"), Some(Vr::PN));
        assert_eq!(Vr::from_bytes(*b"??"), None);
        assert_eq!(Vr::PN.as_str(), "PN");
        assert!(Vr::UV.has_long_length() && !Vr::US.has_long_length());
    }
}
