//! The sizes of a request's head, over a real socket: what the connection itself refuses.

use siskin_server::http::serve::Limits;

use crate::slow::{say, server};

/// A request for the home page with these lines, after which the connection ends.
fn get(target: &str, lines: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{lines}\r\n")
}

#[tokio::test]
async fn a_head_has_so_many_lines_and_so_many_bytes() {
    let (_app, address, _stop) = server(Limits::default()).await;
    let many = |number: usize| (0..number).map(|n| format!("x-{n}: y\r\n")).collect::<String>();
    let cookies = |number: usize| format!("cookie: a={}\r\n", "x".repeat(4000)).repeat(number);
    for (target, lines, status) in [
        ("/livez", many(98), 200),
        ("/livez", many(99), 431),
        ("/livez", many(5000), 431),
        ("/livez", cookies(7), 200),
        ("/livez", cookies(9), 431),
        ("/livez", format!("cookie: a={}\r\n", "x".repeat(8191)), 431),
        (&*format!("/livez?{}", "x".repeat(9000)), String::new(), 414),
        (&*format!("/livez?{}", "x".repeat(200_000)), String::new(), 414),
    ] {
        let answer = say(address, &get(target, &lines)).await;
        let said = answer.split(' ').nth(1).and_then(|text| text.parse::<u16>().ok());
        let refused = said.is_none_or(|said| (400..500).contains(&said));
        let right = if status == 200 { said == Some(200) } else { said == Some(status) || refused };
        assert!(right, "{} bytes of {target:.20}: {answer:.60}", lines.len());
    }
}
