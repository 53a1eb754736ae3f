//! What the pipelines of `deploy/logs` are tested with is what a server writes.

use std::collections::BTreeMap;

use serde_json::Value;

const INPUT: &str = include_str!("../../../deploy/logs/test-input.jsonl");

/// The kind of a JSON value.
fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The names of a line's fields, with their kinds.
type Shape = BTreeMap<String, &'static str>;

/// The shapes of lines, by what they say.
fn shapes<'a>(lines: impl Iterator<Item = &'a str>) -> BTreeMap<String, Shape> {
    let mut shapes = BTreeMap::<String, Shape>::new();
    for line in lines.filter(|line| line.starts_with('{')) {
        let Value::Object(fields) = serde_json::from_str(line).unwrap() else { panic!("{line}") };
        let message = fields["message"].as_str().unwrap().to_owned();
        let shape = fields.iter().map(|(name, value)| (name.clone(), kind(value))).collect();
        shapes.entry(message).or_insert(shape);
    }
    shapes
}

/// Fails unless each kind of line in the test input that this server has written, too, has the same
/// fields, and the input has what servers write for requests.
pub(crate) fn as_in_the_test_input(said: &[String]) {
    let written = shapes(said.iter().map(String::as_str));
    let input = shapes(INPUT.lines());
    let both = || input.keys().filter(|message| written.contains_key(*message));
    assert!(both().count() >= 4, "{:?} in the input, {:?} written", input.keys(), written.keys());
    assert!(both().any(|message| input[message].contains_key("duration")), "a request");
    assert!(both().any(|message| input[message].contains_key("error")), "an error");
    for message in both() {
        assert_eq!(input[message], written[message], "a line that says {message:?}");
    }
}
