//! Reading is tried beside `serde_json`, which reads the same texts in one step.

use super::{Wire, WireError, read};
use proptest::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use server_fn::{Bytes, Decodes, Encodes};
use std::collections::BTreeMap;
use std::fmt::Debug;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Pair(i64, String);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Only(u16);

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Nothing;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Held(String),
    Several(u8, bool),
    Named { first: Option<u32>, second: Vec<i8> },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct All {
    #[serde(default)]
    early: Vec<u8>,
    text: String,
    letter: char,
    number: f64,
    large: u64,
    kinds: Vec<Kind>,
    pair: Pair,
    only: Only,
    nothing: Nothing,
    unit: (),
    maybe: Option<Box<All>>,
    result: Result<u32, Kind>,
    map: BTreeMap<String, bool>,
    #[serde(default)]
    late: u8,
}

fn all() -> All {
    All {
        early: vec![1],
        text: "Größe \"\\\u{0}\u{1f3fa}".to_owned(),
        letter: 'ß',
        number: -0.5,
        large: u64::MAX,
        kinds: vec![
            Kind::Plain,
            Kind::Held(String::new()),
            Kind::Several(255, true),
            Kind::Named {
                first: None,
                second: vec![-128, 127],
            },
        ],
        pair: Pair(i64::MIN, "x".to_owned()),
        only: Only(7),
        nothing: Nothing,
        unit: (),
        maybe: None,
        result: Err(Kind::Plain),
        map: BTreeMap::from([("a".to_owned(), true), (String::new(), false)]),
        late: 3,
    }
}

fn crosses<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T) {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(read::<T>(&text).as_ref(), Ok(value), "{text}");
}

#[test]
fn everything_crosses() {
    let inner = all();
    crosses(&All {
        maybe: Some(Box::new(inner.clone())),
        result: Ok(1),
        ..inner
    });
    crosses(&Some(Some(Ok::<_, Kind>(vec![(1_u8, "a".to_owned())]))));
    let bytes = <Wire as Encodes<All>>::encode(&all()).unwrap();
    assert_eq!(<Wire as Decodes<All>>::decode(bytes), Ok(all()));
}

#[test]
fn what_is_missing_or_more_is_as_with_serde_json() {
    let mut value = serde_json::to_value(all()).unwrap();
    value["unknown"] = serde_json::json!({ "a": [1, { "b": null }] });
    for name in ["early", "maybe", "late"] {
        value.as_object_mut().unwrap().remove(name);
    }
    let expected = All {
        early: Vec::new(),
        late: 0,
        ..all()
    };
    assert_eq!(read(&value.to_string()), Ok(expected.clone()));
    let known: All = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(known, expected);
    for name in ["text", "number", "kinds", "pair", "only", "result", "map"] {
        let mut value = value.clone();
        value.as_object_mut().unwrap().remove(name);
        assert_eq!(read::<All>(&value.to_string()), Err(WireError), "{name}");
        assert!(serde_json::from_value::<All>(value).is_err(), "{name}");
    }
    let twice = value.to_string().replacen('{', "{\"text\":\"a\",", 1);
    assert_eq!(read::<All>(&twice), Err(WireError));
    assert!(serde_json::from_str::<All>(&twice).is_err());
}

#[test]
fn what_is_not_of_the_type_is_an_error() {
    for text in [
        "",
        "nul",
        "{",
        "[]",
        "7",
        "\"Other\"",
        "{\"Plain\":1}",
        "{\"Several\":[1]}",
        "{\"Several\":[1,true,2]}",
        "{\"Several\":[256,true]}",
        "{\"Held\":7}",
        "{\"Held\":\"a\",\"Plain\":null}",
        "{\"Named\":{\"second\":[128]}}",
        "{\"Named\":{}}",
        "{}",
        "\"Plain\" 1",
    ] {
        assert_eq!(read::<Kind>(text), Err(WireError), "{text}");
        assert!(serde_json::from_str::<Kind>(text).is_err(), "{text}");
    }
    assert_eq!(read::<u32>("-1"), Err(WireError));
    assert_eq!(read::<u32>("1.5"), Err(WireError));
    assert_eq!(read::<String>("1"), Err(WireError));
    assert_eq!(read::<bool>("null"), Err(WireError));
    let invalid = Bytes::from_static(b"\"\xff\"");
    assert_eq!(<Wire as Decodes<String>>::decode(invalid), Err(WireError));
}

#[test]
fn depth_is_bounded() {
    let deep = "[".repeat(100_000);
    assert_eq!(read::<Vec<u8>>(&deep), Err(WireError));
}

proptest! {
    #[test]
    fn any_text_is_read_as_serde_json_does(text in "[\\[\\]{}\",:a-c0-9.eE \\-ntrufls]{0,40}") {
        prop_assert_eq!(
            read::<Vec<Option<i16>>>(&text).ok(),
            serde_json::from_str::<Vec<Option<i16>>>(&text).ok()
        );
        prop_assert_eq!(
            read::<BTreeMap<String, f64>>(&text).ok(),
            serde_json::from_str::<BTreeMap<String, f64>>(&text).ok()
        );
    }
}
