//! stub
use crate::application::{Refused, Rules};
use http::HeaderMap;
/// stub
pub fn same_origin(_: &HeaderMap, _: &Rules) -> Result<(), Refused> {
    Ok(())
}
