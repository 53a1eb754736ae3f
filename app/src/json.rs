//! Reads JSON with the browser's own parser.
//!
//! serde's generated readers and its error messages would be a tenth of the download. What the
//! browser reads comes from our own server, so "it is there" or "it is not" is all it needs to
//! know. Natively the same readers stand on `serde_json`, where tests compare them with serde.

use siskin_domain::wire::{Tweet, User};
use siskin_domain::{Id, Timestamp};

use crate::backend::Trouble;
use crate::context::{FormError, Me, MyDetails, PageContext, SentForm, Settings, Theme};

/// Any JSON value; `undefined` where there is none.
#[derive(Debug, Clone)]
pub struct Json(imp::Value);

/// What can be read from JSON. `None` if the JSON is not of this shape.
pub trait FromJson: Sized {
    /// Reads a value.
    fn from_json(json: &Json) -> Option<Self>;
}

/// Reads a value from a JSON text.
pub fn decode<T: FromJson>(text: &str) -> Option<T> {
    T::from_json(&Json(imp::parse(text)?))
}

impl Json {
    /// A member of an object.
    #[must_use]
    pub fn get(&self, name: &str) -> Self {
        Self(imp::get(&self.0, name))
    }

    /// A member of an object, read.
    pub fn read<T: FromJson>(&self, name: &str) -> Option<T> {
        T::from_json(&self.get(name))
    }
}

impl FromJson for Json {
    fn from_json(json: &Json) -> Option<Self> {
        Some(json.clone())
    }
}

impl FromJson for String {
    fn from_json(json: &Json) -> Option<Self> {
        imp::text(&json.0)
    }
}

impl FromJson for bool {
    fn from_json(json: &Json) -> Option<Self> {
        imp::truth(&json.0)
    }
}

impl FromJson for u64 {
    fn from_json(json: &Json) -> Option<Self> {
        imp::number(&json.0)
    }
}

impl<T: FromJson> FromJson for Vec<T> {
    fn from_json(json: &Json) -> Option<Self> {
        imp::list(&json.0)?.into_iter().map(|item| T::from_json(&Json(item))).collect()
    }
}

/// `null` and what is missing are `None`; what is of another shape is no value at all.
impl<T: FromJson> FromJson for Option<T> {
    fn from_json(json: &Json) -> Option<Self> {
        if imp::is_nothing(&json.0) { Some(None) } else { T::from_json(json).map(Some) }
    }
}

impl<A: FromJson, B: FromJson> FromJson for (A, B) {
    fn from_json(json: &Json) -> Option<Self> {
        let [a, b]: [imp::Value; 2] = imp::list(&json.0)?.try_into().ok()?;
        Some((A::from_json(&Json(a))?, B::from_json(&Json(b))?))
    }
}

/// As serde writes it: `{"Ok": …}` or `{"Err": …}`.
impl<T: FromJson> FromJson for Result<T, Trouble> {
    fn from_json(json: &Json) -> Option<Self> {
        json.read("Ok").map(Ok).or_else(|| json.read("Err").map(Err))
    }
}

impl<K> FromJson for Id<K> {
    fn from_json(json: &Json) -> Option<Self> {
        Self::new(u64::from_json(json)?).ok()
    }
}

impl FromJson for Timestamp {
    fn from_json(json: &Json) -> Option<Self> {
        String::from_json(json)?.parse().ok()
    }
}

impl FromJson for Trouble {
    fn from_json(json: &Json) -> Option<Self> {
        match json.read("Unavailable") {
            Some(reason) => Some(Self::Unavailable(reason)),
            None => (String::from_json(json)? == "NotFound").then_some(Self::NotFound),
        }
    }
}

impl FromJson for Theme {
    fn from_json(json: &Json) -> Option<Self> {
        Some(match String::from_json(json)?.as_str() {
            "Light" => Self::Light,
            "Dark" => Self::Dark,
            _ => Self::System,
        })
    }
}

/// A struct, member by member.
macro_rules! object {
    ($name:ident { $($member:ident),* }) => {
        impl FromJson for $name {
            fn from_json(json: &Json) -> Option<Self> {
                Some(Self { $($member: json.read(stringify!($member))?),* })
            }
        }
    };
}
pub(crate) use object;

object!(Tweet { id, tweetedby, name, body, timestamp });
object!(PageContext { me, now, settings, theme, form, flash });
object!(Me { id, username, name, moderates, suspended, details });
object!(MyDetails { email, bio, version, invites });
object!(SentForm { path, values, errors });
object!(FormError { field, message });

impl FromJson for Settings {
    fn from_json(json: &Json) -> Option<Self> {
        let max: u64 = json.read("tweet_max_chars")?;
        Some(Self { tweet_max_chars: max as usize, public_url: json.read("public_url")? })
    }
}

/// As everybody sees them: what only the person and admins see is not for pages.
impl FromJson for User {
    fn from_json(json: &Json) -> Option<Self> {
        Some(Self {
            id: json.read("id")?,
            username: json.read("username")?,
            name: json.read("name")?,
            bio: json.read("bio")?,
            created_at: json.read("created_at")?,
            tweets_count: json.read("tweets_count")?,
            version: json.read("version")?,
            email: None,
            role: None,
        })
    }
}

#[cfg(target_arch = "wasm32")]
mod imp {
    use wasm_bindgen::{JsCast, JsValue};

    pub(super) type Value = JsValue;

    pub(super) fn parse(text: &str) -> Option<Value> {
        js_sys::JSON::parse(text).ok()
    }
    pub(super) fn get(value: &Value, name: &str) -> Value {
        js_sys::Reflect::get(value, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
    }
    pub(super) fn text(value: &Value) -> Option<String> {
        value.as_string()
    }
    pub(super) fn truth(value: &Value) -> Option<bool> {
        value.as_bool()
    }
    pub(super) fn number(value: &Value) -> Option<u64> {
        let number = value.as_f64()?;
        // Ids and counts are whole and below 2^53, where this is exact.
        (number >= 0.0 && number.fract() == 0.0).then_some(number as u64)
    }
    pub(super) fn list(value: &Value) -> Option<Vec<Value>> {
        value.dyn_ref::<js_sys::Array>().map(|list| list.iter().collect())
    }
    pub(super) fn is_nothing(value: &Value) -> bool {
        value.is_null() || value.is_undefined()
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod imp {
    pub(super) type Value = serde_json::Value;

    pub(super) fn parse(text: &str) -> Option<Value> {
        serde_json::from_str(text).ok()
    }
    pub(super) fn get(value: &Value, name: &str) -> Value {
        value.get(name).cloned().unwrap_or_default()
    }
    pub(super) fn text(value: &Value) -> Option<String> {
        value.as_str().map(str::to_owned)
    }
    pub(super) fn truth(value: &Value) -> Option<bool> {
        value.as_bool()
    }
    pub(super) fn number(value: &Value) -> Option<u64> {
        value.as_u64()
    }
    pub(super) fn list(value: &Value) -> Option<Vec<Value>> {
        value.as_array().cloned()
    }
    pub(super) fn is_nothing(value: &Value) -> bool {
        value.is_null()
    }
}

/// A value that the server sends with the page: written by serde, read by [`decode`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carried<T>(pub T);

impl<T: FromJson> std::str::FromStr for Carried<T> {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        decode(text).map(Self).ok_or(Unreadable)
    }
}

/// The page holds something else than the server has written: another version's page.
#[derive(Debug)]
pub struct Unreadable;

#[cfg(not(target_arch = "wasm32"))]
impl<T: serde::Serialize> std::fmt::Display for Carried<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&serde_json::to_string(&self.0).map_err(|_| std::fmt::Error)?)
    }
}

/// The browser sends nothing with a page.
#[cfg(target_arch = "wasm32")]
impl<T> std::fmt::Display for Carried<T> {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
