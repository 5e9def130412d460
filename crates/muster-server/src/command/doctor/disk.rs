//! Whether there is room for what comes.

use std::path::Path;

use super::Finding::{self, Fine, Note, Wrong};

const MEBIBYTE: u64 = 1024 * 1024;
/// Free space below which a desk is about to stop.
const TOO_LITTLE: u64 = 200 * MEBIBYTE;
const LITTLE: u64 = 1024 * MEBIBYTE;
/// Of a disk, below which it is filling up, in hundredths.
const LITTLE_SHARE: u64 = 5;

/// The disk that `place` is on; `what` it is for.
pub(super) fn look(what: &str, place: &Path) -> Finding {
    match (fs4::available_space(place), fs4::total_space(place)) {
        (Ok(free), Ok(total)) => judge(what, place, free, total),
        (Err(error), _) | (_, Err(error)) => {
            Note(format!("the free space of {} can't be told: {error}", place.display()))
        }
    }
}

fn judge(what: &str, place: &Path, free: u64, total: u64) -> Finding {
    let (left, place) = (free / MEBIBYTE, place.display());
    if free < TOO_LITTLE {
        return Wrong(format!(
            "the disk of {what} ({place}) is almost full, {left} MiB are left: make room now, before nothing can be \
             written any more"
        ));
    }
    if free < LITTLE || free / LITTLE_SHARE < total / 100 {
        return Note(format!("the disk of {what} ({place}) is filling up, {left} MiB are left: make room soon"));
    }
    Fine(format!("{left} MiB are free for {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const GIBIBYTE: u64 = 1024 * MEBIBYTE;

    #[test]
    fn little_space_is_noted_and_hardly_any_is_wrong() {
        let judged = |free, total| judge("the desk", Path::new("/srv"), free, total);
        assert!(matches!(judged(199 * MEBIBYTE, 100 * GIBIBYTE), Wrong(_)));
        assert!(matches!(judged(201 * MEBIBYTE, 1000 * MEBIBYTE), Note(_)));
        assert!(matches!(judged(4 * GIBIBYTE, 100 * GIBIBYTE), Note(_)));
        assert!(matches!(judged(6 * GIBIBYTE, 100 * GIBIBYTE), Fine(_)));
    }

    #[test]
    fn a_place_that_is_not_there_is_noted() {
        assert!(matches!(look("the desk", Path::new("/no/such/place")), Note(_)));
    }
}
