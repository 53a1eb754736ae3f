//! Leaves the names of functions out of released executables: an eighth of their size.
//!
//! `strip = "symbols"` of the profile would do it, but cargo takes it back (to `debuginfo`) for a package that has an
//! override of its own in Cargo.toml, as this one has. `SISKIN_SYMBOLS=1 make build` keeps the names, for `perf`.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SISKIN_SYMBOLS");
    let is = |name, value| std::env::var(name).is_ok_and(|found| found == value);
    if is("PROFILE", "release") && is("CARGO_CFG_TARGET_OS", "linux") && !is("SISKIN_SYMBOLS", "1")
    {
        println!("cargo::rustc-link-arg-bins=-Wl,--strip-all");
    }
}
