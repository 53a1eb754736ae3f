//! A reader of `/api/v2/stream` that comes back, as a browser does, with the position it saw last.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use parking_lot::Mutex;

/// A reader at work; ends when it is dropped.
pub(crate) struct Reader {
    seen: Arc<Mutex<Vec<u64>>>,
    task: tokio::task::JoinHandle<()>,
}

impl Reader {
    /// Reads one server; from a position, or from now. It is listening when this returns.
    pub(crate) async fn begin(url: &str, after: Option<u64>) -> Self {
        let seen: Arc<Mutex<Vec<u64>>> = Arc::default();
        let (open, opened) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(read(url.to_owned(), after, Arc::clone(&seen), open));
        opened.await.unwrap();
        Self { seen, task }
    }

    /// The positions that came, in the order in which they came.
    pub(crate) fn seen(&self) -> Vec<u64> {
        self.seen.lock().clone()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn read(
    url: String,
    after: Option<u64>,
    seen: Arc<Mutex<Vec<u64>>>,
    open: tokio::sync::oneshot::Sender<()>,
) {
    let client = crate::load::client();
    let mut open = Some(open);
    let mut last = after;
    loop {
        let mut request = client.get(format!("{url}/api/v2/stream"));
        if let Some(last) = last {
            request = request.header("last-event-id", last.to_string());
        }
        if let Ok(response) = request.send().await {
            let mut bytes = response.bytes_stream();
            let mut text = String::new();
            while let Some(Ok(more)) = bytes.next().await {
                text.push_str(std::str::from_utf8(&more).unwrap());
                if let Some(open) = open.take() {
                    let _ = open.send(());
                }
                while let Some((block, rest)) = text.split_once("\n\n") {
                    let id = block.lines().find_map(|line| line.strip_prefix("id: "));
                    last = id.map(|id| id.parse::<u64>().unwrap()).or(last);
                    // A block without data tells of no event, as browsers see it.
                    let told = block.lines().any(|line| line.starts_with("data: "));
                    seen.lock().extend(last.filter(|_| told));
                    text = rest.to_owned();
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
