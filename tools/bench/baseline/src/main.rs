//! Raw axum, as little as can be: an empty answer, a JSON echo, and files served from memory.
//!
//! `siskin-baseline FOLDER` serves each of the folder's files under its name, and prints the address.

use std::collections::HashMap;
use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::{Deserialize, Serialize};

type Files = Arc<HashMap<String, Bytes>>;

/// What a client posts when it tweets.
#[derive(Serialize, Deserialize)]
struct Posted {
    body: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("which folder?")?;
    let mut files = HashMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        files.insert(name, Bytes::from(std::fs::read(entry.path())?));
    }
    let router = Router::new()
        .route("/nothing", get(|| async { StatusCode::OK }))
        .route("/echo", post(|Json(posted): Json<Posted>| async { Json(posted) }))
        .route("/file/{name}", get(file))
        .with_state(Arc::new(files));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("ready at http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}

async fn file(State(files): State<Files>, Path(name): Path<String>) -> Response {
    let Some(bytes) = files.get(&name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = if name.ends_with(".json") { "application/json" } else { "text/html; charset=utf-8" };
    ([(header::CONTENT_TYPE, kind)], bytes.clone()).into_response()
}
