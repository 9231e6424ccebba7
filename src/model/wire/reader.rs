//! A type made of a [`Tree`]: the second step of reading. What is generic here is there once for each
//! type that crosses, so it is as little as can be: a struct is always an object, of which the members
//! are brought into the order of its fields by code that is there once, and an error says nothing.

use super::{Tree, WireError};
use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Expected, IntoDeserializer as _, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt::Display;

impl serde::de::Error for WireError {
    fn custom<T: Display>(_: T) -> Self {
        Self
    }

    fn invalid_type(_: Unexpected, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_value(_: Unexpected, _: &dyn Expected) -> Self {
        Self
    }

    fn invalid_length(_: usize, _: &dyn Expected) -> Self {
        Self
    }

    fn unknown_variant(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn unknown_field(_: &str, _: &'static [&'static str]) -> Self {
        Self
    }

    fn missing_field(_: &'static str) -> Self {
        Self
    }

    fn duplicate_field(_: &'static str) -> Self {
        Self
    }
}

/// The number, if it is one; a type's own visitor says whether it is in its range.
macro_rules! number {
    ($($method:ident)*) => {
        $(fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
            match self {
                Tree::Unsigned(value) => visitor.visit_u64(value),
                Tree::Signed(value) => visitor.visit_i64(value),
                Tree::Float(value) => visitor.visit_f64(value),
                _ => Err(WireError),
            }
        })*
    };
}

impl<'de> Deserializer<'de> for Tree {
    type Error = WireError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Null => visitor.visit_unit(),
            Self::Bool(value) => visitor.visit_bool(value),
            Self::Unsigned(value) => visitor.visit_u64(value),
            Self::Signed(value) => visitor.visit_i64(value),
            Self::Float(value) => visitor.visit_f64(value),
            Self::Text(value) => visitor.visit_string(value),
            Self::List(list) => visitor.visit_seq(Items(list.into_iter())),
            Self::Object(members) => visitor.visit_map(Members::of(members)),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Bool(value) => visitor.visit_bool(value),
            _ => Err(WireError),
        }
    }

    number! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_f32 deserialize_f64
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Text(value) => visitor.visit_string(value),
            _ => Err(WireError),
        }
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, _: V) -> Result<V::Value, WireError> {
        Err(WireError)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, _: V) -> Result<V::Value, WireError> {
        Err(WireError)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Null => visitor.visit_none(),
            value => visitor.visit_some(value),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Null => visitor.visit_unit(),
            _ => Err(WireError),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::List(list) => {
                let mut items = Items(list.into_iter());
                let value = visitor.visit_seq(&mut items)?;
                // A tuple is exactly as long as it is.
                match items.0.len() {
                    0 => Ok(value),
                    _ => Err(WireError),
                }
            }
            _ => Err(WireError),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, WireError> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        match self {
            Self::Object(members) => visitor.visit_map(Members::of(members)),
            _ => Err(WireError),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_seq(self.fields(fields)?)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_enum(self.variant(variants)?)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_string(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, WireError> {
        visitor.visit_unit()
    }
}

impl Tree {
    /// The variant of an enum: its name, or an object of which the name is the only member.
    // Not generic, and so not there once a type.
    #[inline(never)]
    fn variant(self, names: &'static [&'static str]) -> Result<Variant, WireError> {
        let (name, content) = match self {
            Self::Text(name) => (name, Self::Null),
            Self::Object(members) => {
                let mut members = members.into_iter();
                match (members.next(), members.next()) {
                    (Some(member), None) => member,
                    _ => return Err(WireError),
                }
            }
            _ => return Err(WireError),
        };
        let index = names.iter().position(|known| *known == name);
        let index = index.and_then(|index| u64::try_from(index).ok());
        Ok(Variant(index.ok_or(WireError)?, content))
    }
}

impl Tree {
    /// The members of an object in this order; others are passed over.
    // Not generic, and so not there once a type.
    #[inline(never)]
    fn fields(self, names: &'static [&'static str]) -> Result<Fields, WireError> {
        let Self::Object(members) = self else {
            return Err(WireError);
        };
        let mut fields: Vec<Option<Tree>> = names.iter().map(|_| None).collect();
        for (name, value) in members {
            let slot = names
                .iter()
                .position(|known| *known == name)
                .and_then(|index| fields.get_mut(index));
            if let Some(slot) = slot
                && slot.replace(value).is_some()
            {
                // One that stands there twice.
                return Err(WireError);
            }
        }
        Ok(Fields(fields.into_iter()))
    }
}

/// The fields of a struct in their order.
struct Fields(std::vec::IntoIter<Option<Tree>>);

impl<'de> SeqAccess<'de> for Fields {
    type Error = WireError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, WireError> {
        match self.0.next().flatten() {
            Some(value) => seed.deserialize(value).map(Some),
            // One that is not there is none, or has a default, or else the struct's own visitor says
            // that it is missing.
            None => Ok(seed.deserialize(Tree::Null).ok()),
        }
    }
}

/// The items of a list.
struct Items(std::vec::IntoIter<Tree>);

impl<'de> SeqAccess<'de> for Items {
    type Error = WireError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, WireError> {
        self.0.next().map(|item| seed.deserialize(item)).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The members of an object.
struct Members {
    rest: std::vec::IntoIter<(String, Tree)>,
    value: Option<Tree>,
}

impl Members {
    fn of(members: Vec<(String, Tree)>) -> Self {
        Self {
            rest: members.into_iter(),
            value: None,
        }
    }
}

impl<'de> MapAccess<'de> for Members {
    type Error = WireError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, WireError> {
        let Some((name, value)) = self.rest.next() else {
            return Ok(None);
        };
        self.value = Some(value);
        seed.deserialize(Tree::Text(name)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, WireError> {
        seed.deserialize(self.value.take().ok_or(WireError)?)
    }
}

/// A variant of an enum: its place among all and what it holds.
struct Variant(u64, Tree);

impl<'de> EnumAccess<'de> for Variant {
    type Error = WireError;
    type Variant = Tree;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Tree), WireError> {
        Ok((seed.deserialize(self.0.into_deserializer())?, self.1))
    }
}

impl<'de> VariantAccess<'de> for Tree {
    type Error = WireError;

    fn unit_variant(self) -> Result<(), WireError> {
        match self {
            Self::Null => Ok(()),
            _ => Err(WireError),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, WireError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, WireError> {
        self.deserialize_seq(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, WireError> {
        visitor.visit_seq(self.fields(fields)?)
    }
}
