//! Values of JavaScript, read by serde: the configuration, the Worker's answers, what the browser has stored.
//!
//! `serde_wasm_bindgen::from_value` would do the same and say what is wrong with a value that does not fit, down to the
//! formatting of floating point numbers: 7 KB of brotli. Here a value fits or it does not. Fields are read in
//! the order of their declaration, so that a type's derived code for sequences is all that it needs.

use js_sys::{Array, Object};
use serde::de::{DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor};
use serde::{de::DeserializeOwned, forward_to_deserialize_any};
use wasm_bindgen::{JsCast, JsValue};

use crate::dom::Node;

/// Reads a value; none if it does not fit its type.
pub(crate) fn read<T: DeserializeOwned>(value: JsValue) -> Option<T> {
    T::deserialize(Reader(value)).ok()
}

/// A value that does not fit its type.
#[derive(Debug)]
struct Misfit;

impl std::fmt::Display for Misfit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value does not fit")
    }
}

impl std::error::Error for Misfit {}

impl Error for Misfit {
    fn custom<T: std::fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A value to be read.
struct Reader(JsValue);

impl<'de> Deserializer<'de> for Reader {
    type Error = Misfit;

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u64 u128 f32 f64 char bytes byte_buf unit unit_struct newtype_struct tuple tuple_struct ignored_any
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit)
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_bool(self.0.as_bool().ok_or(Misfit)?)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_i64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let number = self.0.as_f64().ok_or(Misfit)?;
        // The cast saturates, and makes 0 of what is no number; only whole numbers come back the same.
        let whole = number as i64;
        if whole as f64 == number { visitor.visit_i64(whole) } else { Err(Misfit) }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_string(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_string(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_str(&self.0.as_string().ok_or(Misfit)?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.0.is_null_or_undefined() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_seq(Items::new(self.0.dyn_into().map_err(|_| Misfit)?))
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        let keys = Object::keys(self.0.dyn_ref::<Object>().ok_or(Misfit)?).unchecked_into();
        visitor.visit_map(Entries { object: Node::from(self.0), keys: Items::new(keys), key: String::new() })
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_seq(Fields { object: Node::from(self.0).present().ok_or(Misfit)?, names: names.iter() })
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_enum(Name(self.0))
    }
}

/// The fields of an object, in the order of their declaration.
struct Fields {
    object: Node,
    names: std::slice::Iter<'static, &'static str>,
}

impl<'de> SeqAccess<'de> for Fields {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        let Some(name) = self.names.next() else { return Ok(None) };
        seed.deserialize(Reader(self.object.get(name))).map(Some)
    }
}

/// The items of an array.
struct Items {
    array: Array,
    next: u32,
}

impl Items {
    fn new(array: Array) -> Self {
        Self { array, next: 0 }
    }
}

impl Iterator for Items {
    type Item = JsValue;

    fn next(&mut self) -> Option<JsValue> {
        let at = self.next;
        self.next += 1;
        (at < self.array.length()).then(|| self.array.get(at))
    }
}

impl<'de> SeqAccess<'de> for Items {
    type Error = Misfit;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Misfit> {
        self.next().map(|item| seed.deserialize(Reader(item))).transpose()
    }
}

/// The entries of an object that is used as a map.
struct Entries {
    object: Node,
    keys: Items,
    key: String,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Misfit> {
        let Some(key) = self.keys.next() else { return Ok(None) };
        self.key = key.as_string().ok_or(Misfit)?;
        seed.deserialize(Reader(key)).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        seed.deserialize(Reader(self.object.get(&self.key)))
    }
}

/// The name of a variant that has no content.
struct Name(JsValue);

impl<'de> EnumAccess<'de> for Name {
    type Error = Misfit;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Misfit> {
        Ok((seed.deserialize(Reader(self.0))?, Self(JsValue::UNDEFINED)))
    }
}

impl<'de> VariantAccess<'de> for Name {
    type Error = Misfit;

    fn unit_variant(self) -> Result<(), Misfit> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, _: T) -> Result<T::Value, Misfit> {
        Err(Misfit)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Misfit> {
        Err(Misfit)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Misfit> {
        Err(Misfit)
    }
}
