#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| siskin_server::fuzzing::feed("passkey", data));
