//! Enumerations of the API: every value has one name, used on the wire and in records alike.

/// Declares an enumeration together with its names.
macro_rules! named {
    ($(#[$about:meta])* $kind:ident { $($(#[$note:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $kind {
            $($(#[$note])* #[serde(rename = $name)] $variant,)+
        }

        impl $kind {
            /// All values, in the order of the API reference.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// What is called `name` on the wire.
            #[must_use]
            pub fn from_wire(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use named;
