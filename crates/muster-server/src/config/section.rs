//! One area of the configuration, described once: its struct, its defaults, and what the example
//! file and the environment know of it.

/// A key as the example file shows it.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static [&'static str],
}

/// A table of the file.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) name: &'static str,
    pub(crate) doc: &'static [&'static str],
    pub(crate) keys: &'static [Key],
}

/// Makes the struct of a section, its `Default`, and its [`Section`] as `SECTION`.
macro_rules! section {
    (
        $(#[doc = $about:literal])+
        $name:ident of $word:literal {$(
            $(#[doc = $doc:literal])+
            $(#[serde($($serde:tt)+)])?
            $key:ident: $type:ty = $default:expr
        ),+ $(,)?}
    ) => {
        $(#[doc = $about])+
        #[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub(crate) struct $name {$(
            $(#[doc = $doc])+
            $(#[serde($($serde)+)])?
            pub(crate) $key: $type,
        )+}

        impl Default for $name {
            fn default() -> Self {
                Self { $($key: $default,)+ }
            }
        }

        impl $name {
            pub(super) const SECTION: $crate::config::section::Section = $crate::config::section::Section {
                name: $word,
                doc: &[$($about),+],
                keys: &[$($crate::config::section::Key { name: stringify!($key), doc: &[$($doc),+] }),+],
            };
        }
    };
}

pub(crate) use section;
