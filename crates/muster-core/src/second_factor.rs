//! The second factor of sign-in: time-based codes (RFC 6238: SHA-1, six digits, 30 seconds), and the recovery codes that
//! stand in for a lost device.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;
use subtle::ConstantTimeEq as _;

use crate::Timestamp;
use crate::agent::Profile;
use crate::word::words;

/// How long a secret waits for its first code.
pub const PENDING: Duration = Duration::from_secs(10 * 60);
/// How many recovery codes there are at first.
pub const RECOVERY_CODES: usize = 10;

const SECRET_LEN: usize = 20;
const STEP_MILLIS: i64 = 30_000;
const DIGITS: usize = 6;
/// Steps that a device's clock may be off, either way.
const DRIFT: i64 = 1;
/// Random bytes of a recovery code: 80 bits.
const RECOVERY_LEN: usize = 10;
const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

words! {
    /// Who has to have a second factor.
    #[derive(Default)]
    pub enum Requirement {
        #[default]
        Nobody = "nobody",
        /// Whoever holds a right of administration.
        Administrators = "administrators",
        Everybody = "everybody",
    }
}

impl Requirement {
    /// Whether this agent has to have one.
    #[must_use]
    pub fn holds_for(self, profile: &Profile) -> bool {
        match self {
            Self::Nobody => false,
            Self::Administrators => !profile.permissions().administration().is_empty(),
            Self::Everybody => true,
        }
    }
}

/// Why a session reaches no further than the agent's own account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// The password was set by somebody else and has to be changed first.
    ChangePassword,
    /// The desk asks for a second factor, and the agent has none.
    SetUpSecondFactor,
}

impl fmt::Display for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ChangePassword => "the password has to be changed first",
            Self::SetUpSecondFactor => "a second factor has to be set up first",
        })
    }
}

/// What an agent's device and the desk both know: 160 bits.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; SECRET_LEN]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Takes the first 160 of these random bits.
    #[must_use]
    pub fn from_random(bytes: [u8; 32]) -> Self {
        Self(std::array::from_fn(|at| bytes[at]))
    }

    /// Reads what [`Self::base32`] wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        from_base32(text)?.try_into().ok().map(Self)
    }

    /// 32 letters and digits, as people type them into a device.
    #[must_use]
    pub fn base32(&self) -> String {
        base32(&self.0)
    }

    /// The address that a device reads from a picture: `otpauth://totp/…`. `account` is whose it is.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let (issuer, account) = (escaped(issuer), escaped(account));
        let secret = self.base32();
        format!(
            "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period=30"
        )
    }

    /// The code of an instant.
    #[must_use]
    pub fn code(&self, at: Timestamp) -> String {
        self.code_of(step(at))
    }

    /// The step that `code` belongs to, if it is near enough to now and later than `last_used`. Takes as long whether
    /// or not there is one.
    #[must_use]
    pub fn fitting_step(&self, code: &str, now: Timestamp, last_used: Option<i64>) -> Option<i64> {
        let mut fitting = None;
        for step in step(now) - DRIFT..=step(now) + DRIFT {
            let fits = bool::from(self.code_of(step).as_bytes().ct_eq(code.as_bytes()));
            if fits && last_used.is_none_or(|last| step > last) {
                fitting = Some(step);
            }
        }
        fitting
    }

    /// RFC 4226: the last half byte says where the four bytes begin that the digits are made of.
    fn code_of(&self, step: i64) -> String {
        let mut mac = Hmac::<Sha1>::new_from_slice(&self.0).expect("a key may have any length");
        mac.update(&step.to_be_bytes());
        let hash: [u8; 20] = mac.finalize().into_bytes().into();
        let at = usize::from(hash[19] & 0xf);
        let number = u32::from_be_bytes([hash[at] & 0x7f, hash[at + 1], hash[at + 2], hash[at + 3]]);
        format!("{:06}", number % 1_000_000)
    }
}

/// The number of the 30 seconds that an instant is in.
const fn step(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(STEP_MILLIS)
}

/// A code as it was typed.
#[derive(Clone, PartialEq, Eq)]
pub enum Typed {
    /// Six digits from a device.
    Code(String),
    /// Anything else: a recovery code as [`recovery_code`] makes them, without its strokes.
    Recovery(String),
}

impl fmt::Debug for Typed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Typed(..)")
    }
}

impl Typed {
    /// Reads what was typed. Blanks and strokes don't count, nor does case.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let text: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
        if text.len() == DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
            Self::Code(text)
        } else {
            Self::Recovery(text.to_ascii_uppercase())
        }
    }
}

/// A recovery code of 80 of these random bits: `ABCD-EFGH-IJKL-MNOP`.
#[must_use]
pub fn recovery_code(bytes: [u8; 32]) -> String {
    let text = base32(&bytes[..RECOVERY_LEN]);
    let groups: Vec<&str> = (0..text.len()).step_by(4).map(|at| &text[at..at + 4]).collect();
    groups.join("-")
}

/// Base32 (RFC 4648) of whole groups of five bytes, which needs no padding.
fn base32(bytes: &[u8]) -> String {
    let groups = bytes.chunks_exact(5).map(|group| group.iter().fold(0, |all, byte| all << 8 | u64::from(*byte)));
    groups.flat_map(|group| (0..8).rev().map(move |place| letter(group >> (5 * place)))).collect()
}

fn letter(bits: u64) -> char {
    let at = usize::try_from(bits & 31).expect("five bits are an index");
    char::from(BASE32[at])
}

fn from_base32(text: &str) -> Option<Vec<u8>> {
    let values = text.bytes().map(|byte| BASE32.iter().position(|letter| *letter == byte));
    let values: Vec<u64> = values.map(|at| at.and_then(|at| u64::try_from(at).ok())).collect::<Option<_>>()?;
    let groups = values.chunks_exact(8).map(|group| group.iter().fold(0, |all, value| all << 5 | value));
    Some(groups.flat_map(|group: u64| group.to_be_bytes().into_iter().skip(3)).collect())
}

/// Percent-encodes all but letters, digits and what is never special.
fn escaped(text: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        other => format!("%{other:02X}"),
    };
    text.bytes().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238, appendix B: `12345678901234567890` in ASCII, the last six of the eight digits.
    const VECTORS: [(i64, &str); 6] = [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];

    fn secret() -> Secret {
        let mut bytes = [0; 32];
        bytes[..20].copy_from_slice(b"12345678901234567890");
        Secret::from_random(bytes)
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000)
    }

    #[test]
    fn codes_are_those_of_rfc_6238() {
        for (seconds, code) in VECTORS {
            assert_eq!(secret().code(at(seconds)), code, "{seconds}");
        }
    }

    #[test]
    fn a_code_fits_one_step_either_way_and_no_step_twice() {
        let (secret, now) = (secret(), at(1_111_111_111));
        let fitting = |seconds: i64, last| secret.fitting_step(&secret.code(at(1_111_111_111 + seconds)), now, last);
        let this = 1_111_111_111 / 30;
        assert_eq!(fitting(0, None), Some(this));
        assert_eq!(fitting(-30, None), Some(this - 1));
        assert_eq!(fitting(30, None), Some(this + 1));
        assert_eq!((fitting(-60, None), fitting(60, None)), (None, None));
        assert_eq!(fitting(0, Some(this - 1)), Some(this));
        assert_eq!((fitting(0, Some(this)), fitting(-30, Some(this))), (None, None));
        assert_eq!(secret.fitting_step("", now, None), None);
    }

    #[test]
    fn a_secret_is_written_in_base_32_and_read_back() {
        let text = secret().base32();
        assert_eq!(text, "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ");
        assert_eq!(Secret::parse(&text), Some(secret()));
        for wrong in ["", "GEZDGNBV", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1"] {
            assert_eq!(Secret::parse(wrong), None, "{wrong}");
        }
        assert_eq!(format!("{:?}", secret()), "Secret(..)");
    }

    #[test]
    fn the_address_for_devices_names_desk_and_agent() {
        let uri = secret().uri("Muster", "kim lee@example.org");
        let start = "otpauth://totp/Muster:kim%20lee%40example.org?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&";
        assert_eq!(uri, format!("{start}issuer=Muster&algorithm=SHA1&digits=6&period=30"));
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let code = recovery_code([0xff; 32]);
        assert_eq!(code, "7777-7777-7777-7777");
        let code = recovery_code(std::array::from_fn(|at| u8::try_from(at).unwrap()));
        assert_eq!(code, "AAAQ-EAYE-AUDA-OCAJ");
        let read = Typed::Recovery("AAAQEAYEAUDAOCAJ".to_owned());
        for typed in [code.as_str(), " aaaq eaye auda ocaj ", "aaaqeayeaudaocaj"] {
            assert_eq!(Typed::read(typed), read);
        }
        assert_eq!(Typed::read(" 123 456 "), Typed::Code("123456".to_owned()));
        assert_eq!(Typed::read("1234567"), Typed::Recovery("1234567".to_owned()));
    }
}
