//! All the runs of a dialect, so that none can be forgotten.

/// Makes a test of each run over a dialect's routes with what no client should send, on both engines, as
/// [`both_engines!`](crate::both_engines) does. Once to a module.
///
/// ```text
/// malformed! {
///     // `async fn(TestEngine) -> impl Surface`
///     world: World::on,
///     // How many bytes a body may have.
///     largest: 1024 * 1024,
///     // Texts that mean something to the dialect.
///     words: ["Admin", "online"],
///     // Paths of endpoints that take no body and can't be called twice.
///     once: ["/logout"],
/// }
/// ```
#[macro_export]
macro_rules! malformed {
    (world: $world:path, largest: $largest:expr, words: $words:expr, once: $once:expr $(,)?) => {
        async fn a_body_for_each_route_that_takes_one(engine: $crate::TestEngine) {
            $crate::matrix::bodies_are_complete(&$world(engine).await);
        }

        async fn bodies_that_are_no_object(engine: $crate::TestEngine) {
            $crate::matrix::bodies::that_are_no_object(&$world(engine).await).await;
        }

        async fn bodies_that_are_no_text(engine: $crate::TestEngine) {
            $crate::matrix::bodies::that_are_no_text(&$world(engine).await).await;
        }

        async fn bodies_that_are_nested_too_deep(engine: $crate::TestEngine) {
            $crate::matrix::bodies::that_are_nested_too_deep(&$world(engine).await).await;
        }

        async fn bodies_that_are_too_large(engine: $crate::TestEngine) {
            $crate::matrix::bodies::that_are_too_large(&$world(engine).await, $largest).await;
        }

        async fn bodies_of_another_content_type(engine: $crate::TestEngine) {
            $crate::matrix::bodies::of_another_content_type(&$world(engine).await).await;
        }

        async fn bodies_with_unknown_and_repeated_keys(engine: $crate::TestEngine) {
            $crate::matrix::bodies::with_unknown_and_repeated_keys(&$world(engine).await).await;
        }

        async fn bodies_where_none_is_read(engine: $crate::TestEngine) {
            let once: &[&str] = &$once;
            $crate::matrix::bodies::where_none_is_read(&$world(engine).await, once).await;
        }

        async fn fields_that_hold_what_they_should_not(engine: $crate::TestEngine) {
            $crate::matrix::fields::take_what_fits_and_refuse_the_rest(&$world(engine).await).await;
        }

        async fn bodies_of_any_shape(engine: $crate::TestEngine) {
            $crate::matrix::fields::hold_anything(&$world(engine).await, &$words).await;
        }

        async fn paths_that_name_nothing(engine: $crate::TestEngine) {
            $crate::matrix::addresses::that_name_nothing(&$world(engine).await).await;
        }

        async fn queries_that_make_no_sense(engine: $crate::TestEngine) {
            $crate::matrix::addresses::with_senseless_queries(&$world(engine).await).await;
        }

        $crate::both_engines!(
            a_body_for_each_route_that_takes_one,
            bodies_that_are_no_object,
            bodies_that_are_no_text,
            bodies_that_are_nested_too_deep,
            bodies_that_are_too_large,
            bodies_of_another_content_type,
            bodies_with_unknown_and_repeated_keys,
            bodies_where_none_is_read,
            fields_that_hold_what_they_should_not,
            bodies_of_any_shape,
            paths_that_name_nothing,
            queries_that_make_no_sense,
        );
    };
}
