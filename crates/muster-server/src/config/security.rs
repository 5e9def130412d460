//! The configuration of sign-in.

use muster_core::second_factor::Requirement;

use super::section::section;

section! {
    /// What it takes to sign in. API keys are credentials of their own, which this doesn't touch.
    Security of "security" {
        /// Who has to have a second factor: "nobody", "administrators" (whoever may change the desk's
        /// set-up or its people) or "everybody". Until they have set one up they reach their own account
        /// alone.
        require_second_factor: Requirement = Requirement::Nobody,
        /// Wrong passwords and codes for one account in 15 minutes, after which it takes none for a while.
        /// 0: no limit.
        sign_in_failures: u16 = 10,
    }
}
