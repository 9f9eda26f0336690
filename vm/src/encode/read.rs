//! The body of a compiled policy to what serde makes of it: the wire format of postcard, read strictly.
//! `encode` calls it. The crate that writes the format reads more than one encoding of a number, has no bound of
//! nesting, and does not say where it stopped: bytes from anywhere want all three.

use super::MAX_NESTING;
use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error as _, IntoDeserializer, MapAccess, SeqAccess, VariantAccess,
    Visitor,
};
use std::fmt;

/// Bytes that are read from the front.
pub struct Reader<'de> {
    bytes: &'de [u8],
    at: usize,
    /// How much deeper structures may lie.
    left: u32,
}

/// What is wrong at [`Reader::at`].
#[derive(Debug)]
pub struct Wrong {
    pub why: String,
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Wrong {}

impl serde::de::Error for Wrong {
    fn custom<T: fmt::Display>(why: T) -> Wrong {
        Wrong { why: why.to_string() }
    }
}

type Result<T> = std::result::Result<T, Wrong>;

/// Entries for which there is room before they are read; more is made as they come.
const ROOM: usize = 64;

impl<'de> Reader<'de> {
    pub fn new(bytes: &'de [u8]) -> Reader<'de> {
        Reader { bytes, at: 0, left: MAX_NESTING }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Nothing is left to be read.
    pub fn end(&self) -> Result<()> {
        match self.bytes.len() - self.at {
            0 => Ok(()),
            more => Err(Wrong::custom(format_args!("the program ends here and {more} bytes follow"))),
        }
    }

    fn take(&mut self, count: usize) -> Result<&'de [u8]> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let taken = rest.get(..count).ok_or_else(|| Wrong::custom("it ends in the middle"))?;
        self.at += count;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8> {
        Ok(self.take(1)?.iter().fold(0, |_, byte| *byte))
    }

    /// Seven bits a byte, the lowest first; all but the last have the highest bit. Its shortest form alone.
    fn number(&mut self, bits: u32) -> Result<u128> {
        let mut number = 0_u128;
        for shift in (0..bits).step_by(7) {
            let byte = self.byte()?;
            let part = u128::from(byte & 0x7f);
            let room = bits - shift;
            if room < 7 && part >> room != 0 {
                return Err(Wrong::custom("the number is too large"));
            }
            number |= part << shift;
            if byte & 0x80 == 0 {
                return match byte == 0 && shift > 0 {
                    true => Err(Wrong::custom("the number is not in its shortest form")),
                    false => Ok(number),
                };
            }
        }
        Err(Wrong::custom("the number is too long"))
    }

    /// Even numbers are half of themselves, odd ones are below zero.
    fn signed(&mut self, bits: u32) -> Result<i128> {
        let number = self.number(bits)?;
        Ok((number >> 1) as i128 ^ -((number & 1) as i128))
    }

    /// A count of what follows, each of at least a byte.
    fn count(&mut self) -> Result<usize> {
        let count = self.number(64)?;
        let rest = self.bytes.len() - self.at;
        match usize::try_from(count) {
            Ok(count) if count <= rest => Ok(count),
            Ok(_) | Err(_) => {
                Err(Wrong::custom(format_args!("{count} entries or bytes are announced and {rest} bytes are left")))
            }
        }
    }

    fn text(&mut self) -> Result<&'de str> {
        let count = self.count()?;
        std::str::from_utf8(self.take(count)?).map_err(|_| Wrong::custom("the text is not UTF-8"))
    }

    /// One level further in.
    fn within<T>(&mut self, read: impl FnOnce(&mut Reader<'de>) -> Result<T>) -> Result<T> {
        self.left = self.left.checked_sub(1).ok_or_else(|| Wrong::custom("it is nested too deep"))?;
        let read = read(self);
        self.left += 1;
        read
    }

    fn entries<V: Visitor<'de>>(&mut self, count: usize, visitor: V) -> Result<V::Value> {
        self.within(|reader| visitor.visit_seq(Entries { reader, left: count }))
    }
}

macro_rules! numbers {
    ($($read:ident $visit:ident $how:ident $ty:ty,)*) => {$(
        fn $read<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
            let number = self.$how(<$ty>::BITS)?;
            visitor.$visit(number as $ty)
        }
    )*};
}

macro_rules! unknown {
    ($($read:ident)*) => {$(
        fn $read<V: Visitor<'de>>(self, _: V) -> Result<V::Value> {
            Err(Wrong::custom("no program holds such a thing"))
        }
    )*};
}

impl<'de> Deserializer<'de> for &mut Reader<'de> {
    type Error = Wrong;

    numbers! {
        deserialize_u16 visit_u16 number u16,
        deserialize_u32 visit_u32 number u32,
        deserialize_u64 visit_u64 number u64,
        deserialize_i32 visit_i32 signed i32,
        deserialize_i64 visit_i64 signed i64,
        deserialize_i128 visit_i128 signed i128,
    }

    unknown! {
        deserialize_any deserialize_identifier deserialize_ignored_any deserialize_f32 deserialize_f64 deserialize_char
        deserialize_i8 deserialize_i16 deserialize_u128 deserialize_unit deserialize_bytes deserialize_byte_buf
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.byte()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(Wrong::custom("neither true (1) nor false (0)")),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let byte = self.byte()?;
        visitor.visit_u8(byte)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let text = self.text()?;
        visitor.visit_borrowed_str(text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        match self.byte()? {
            0 => visitor.visit_none(),
            1 => self.within(|reader| visitor.visit_some(reader)),
            _ => Err(Wrong::custom("neither there (1) nor not (0)")),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value> {
        self.within(|reader| visitor.visit_newtype_struct(reader))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let count = self.count()?;
        self.entries(count, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value> {
        self.entries(count, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(self, _: &'static str, count: usize, visitor: V) -> Result<V::Value> {
        self.entries(count, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value> {
        let count = self.count()?;
        self.within(|reader| visitor.visit_map(Entries { reader, left: count }))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.entries(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value> {
        self.within(|reader| visitor.visit_enum(Variant { reader }))
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

struct Entries<'r, 'de> {
    reader: &'r mut Reader<'de>,
    left: usize,
}

impl Entries<'_, '_> {
    fn next(&mut self) -> bool {
        let more = self.left > 0;
        self.left = self.left.saturating_sub(1);
        more
    }
}

impl<'de> SeqAccess<'de> for Entries<'_, 'de> {
    type Error = Wrong;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.min(ROOM))
    }
}

impl<'de> MapAccess<'de> for Entries<'_, 'de> {
    type Error = Wrong;

    fn next_key_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>> {
        if self.next() { seed.deserialize(&mut *self.reader).map(Some) } else { Ok(None) }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value> {
        seed.deserialize(&mut *self.reader)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.min(ROOM))
    }
}

struct Variant<'r, 'de> {
    reader: &'r mut Reader<'de>,
}

impl<'de> EnumAccess<'de> for Variant<'_, 'de> {
    type Error = Wrong;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self)> {
        let number = self.reader.number(u32::BITS)? as u32;
        let number: U32Deserializer<Wrong> = number.into_deserializer();
        Ok((seed.deserialize(number)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, 'de> {
    type Error = Wrong;

    fn unit_variant(self) -> Result<()> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value> {
        seed.deserialize(self.reader)
    }

    fn tuple_variant<V: Visitor<'de>>(self, count: usize, visitor: V) -> Result<V::Value> {
        self.reader.entries(count, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value> {
        self.reader.entries(fields.len(), visitor)
    }
}
