//! What the description says of all operations, or by what the operator decided.

use utoipa::PartialSchema;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::Schema;
use utoipa::openapi::{Header, HeaderBuilder, ObjectBuilder, OpenApi, RefOr, Required, Type};

use super::problems;
use crate::application::Rules;

/// The greatest number in JSON that every reader holds exactly.
const GREATEST: u64 = siskin_domain::id::LIMIT - 1;

/// Adds it to what the handlers declare.
pub(super) fn complete(description: &mut OpenApi, rules: &Rules) {
    limit_tweets(description, rules.tweet_max_chars);
    for path in description.paths.paths.values_mut() {
        for write in [&mut path.post, &mut path.put, &mut path.delete].into_iter().flatten() {
            complete_any(write);
            add_header(write, |status| status.starts_with('2'), "X-Siskin-Position", position());
        }
        if let Some(read) = &mut path.get {
            complete_any(read);
            read.parameters.get_or_insert_default().push(wanted_position());
            let (status, refused) = problems::of_reads();
            read.responses.responses.entry(status).or_insert(refused);
        }
    }
}

fn complete_any(operation: &mut Operation) {
    operation.responses.responses.extend(problems::of_all());
    // Whoever may be told that it was too often is told before how often they may.
    if operation.responses.responses.contains_key("429") {
        for (name, what) in [
            ("RateLimit", "What is left of each limit, and until when it is whole again."),
            ("RateLimit-Policy", "The limits that counted this request."),
        ] {
            let text = ObjectBuilder::new().schema_type(Type::String);
            let header = HeaderBuilder::new().schema(text).description(Some(what)).build();
            add_header(operation, |_| true, name, header);
        }
    }
}

fn add_header(operation: &mut Operation, to: fn(&str) -> bool, name: &str, header: Header) {
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (to(status), response) {
            response.headers.insert(name.to_owned(), header.clone());
        }
    }
}

fn position() -> Header {
    let what = "How far the log was; a read that brings it contains this write.";
    HeaderBuilder::new().schema(u64::schema()).description(Some(what)).build()
}

fn wanted_position() -> Parameter {
    let what = "Of a write's answer: this read waits until it contains that write.";
    let number = ObjectBuilder::new().schema_type(Type::Integer);
    ParameterBuilder::new()
        .name("X-Siskin-Position")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(what))
        .schema(Some(number.minimum(Some(0)).maximum(Some(GREATEST))))
        .build()
}

/// The operator decides how long a tweet may be.
fn limit_tweets(description: &mut OpenApi, most: usize) {
    let schemas = description.components.as_mut().map(|components| &mut components.schemas);
    if let Some(RefOr::T(Schema::Object(tweet))) = schemas.and_then(|s| s.get_mut("NewTweet"))
        && let Some(RefOr::T(Schema::Object(body))) = tweet.properties.get_mut("body")
    {
        body.max_length = Some(most);
    }
}
