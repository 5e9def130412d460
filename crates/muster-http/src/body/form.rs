//! `application/x-www-form-urlencoded` into any type: each field is read as what its place asks for.

use std::borrow::Cow;
use std::collections::HashMap;
use std::str::FromStr;

use percent_encoding::percent_decode;
use serde::de::value::{Error, MapDeserializer, SeqDeserializer};
use serde::de::{DeserializeOwned, Deserializer, Error as _, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::DecodeError;

pub(super) fn decode<T: DeserializeOwned>(body: &[u8]) -> Result<T, DecodeError> {
    let text = percent_decode(body).decode_utf8().map_err(|_| DecodeError::NotUtf8)?;
    if text.contains('\0') {
        return Err(DecodeError::Nul);
    }
    of_pairs(form_urlencoded::parse(body))
}

/// Reads names and values that came in another form.
pub(super) fn of_pairs<'a, T: DeserializeOwned, P: Into<Cow<'a, str>>>(
    pairs: impl IntoIterator<Item = (P, P)>,
) -> Result<T, DecodeError> {
    let fields = MapDeserializer::new(fields(pairs).into_iter());
    T::deserialize(fields).map_err(|error: Error| DecodeError::Malformed(error.to_string()))
}

/// All fields in the order in which their names first appear.
fn fields<'a, P: Into<Cow<'a, str>>>(pairs: impl IntoIterator<Item = (P, P)>) -> Vec<(String, Field<'a>)> {
    let mut fields: Vec<(String, Field<'a>)> = Vec::new();
    let mut places: HashMap<String, usize> = HashMap::new();
    for (name, value) in pairs {
        let (name, value): (Cow<'a, str>, Cow<'a, str>) = (name.into(), value.into());
        let (name, listed) = match name.strip_suffix("[]") {
            Some(bare) => (bare.to_owned(), true),
            None => (name.into_owned(), false),
        };
        match places.get(&name) {
            Some(place) => fields[*place].1.values.push(value),
            None => {
                places.insert(name.clone(), fields.len());
                fields.push((name, Field { values: vec![value], listed }));
            }
        }
    }
    fields
}

/// One field's values, at least one.
struct Field<'a> {
    values: Vec<Cow<'a, str>>,
    /// Its name said that it is a list.
    listed: bool,
}

impl<'a> Field<'a> {
    fn last(mut self) -> Cow<'a, str> {
        self.values.pop().unwrap_or_default()
    }

    fn parse<T: FromStr>(self) -> Result<T, Error> {
        let text = self.last();
        text.parse().map_err(|_| Error::custom(format_args!("{text:?} is not a number in range")))
    }

    fn finite(self) -> Result<f64, Error> {
        let number: f64 = self.parse()?;
        if number.is_finite() { Ok(number) } else { Err(Error::custom("a number is out of range")) }
    }
}

impl<'de> IntoDeserializer<'de> for Field<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

macro_rules! numbers {
    ($($method:ident $visit:ident),+ $(,)?) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            visitor.$visit(self.parse()?)
        }
    )+};
}

impl<'de> Deserializer<'de> for Field<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.listed { self.deserialize_seq(visitor) } else { visitor.visit_str(&self.last()) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.last())
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(&self.last())
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match &*self.last() {
            "1" | "t" | "T" | "true" | "True" | "TRUE" => visitor.visit_bool(true),
            "0" | "f" | "F" | "false" | "False" | "FALSE" => visitor.visit_bool(false),
            other => Err(Error::custom(format_args!("{other:?} is neither true nor false"))),
        }
    }

    numbers! {
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32, deserialize_u64 visit_u64,
        deserialize_i128 visit_i128, deserialize_u128 visit_u128,
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.finite()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_f64(self.finite()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let items = self.values.into_iter().map(|value| Field { values: vec![value], listed: false });
        visitor.visit_seq(SeqDeserializer::new(items))
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.last().into_deserializer().deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        char bytes byte_buf unit unit_struct tuple tuple_struct map struct identifier ignored_any
    }
}
