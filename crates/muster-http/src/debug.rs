//! How types that hold secrets are printed.

/// Implements `Debug` for types whose fields may not be shown, as the type's name alone.
///
/// ```
/// struct SignIn {
///     password: String,
/// }
///
/// muster_http::debug_without_fields!(SignIn);
///
/// assert_eq!(format!("{:?}", SignIn { password: "secret".to_owned() }), "SignIn { .. }");
/// ```
#[macro_export]
macro_rules! debug_without_fields {
    ($($name:ident),+ $(,)?) => {$(
        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )+};
}
