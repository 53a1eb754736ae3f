//! What the fuzzer found worth keeping, fed to every parser again: quick, and on any machine.

use std::path::Path;

use siskin_server::fuzzing::TARGETS;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../fuzz/corpus");

#[test]
fn what_is_in_the_corpus_breaks_no_parser() {
    for (name, feed) in TARGETS {
        let mut fed = 0;
        for file in std::fs::read_dir(Path::new(CORPUS).join(name)).unwrap() {
            let path = file.unwrap().path();
            // The name of the one that breaks is in the output.
            println!("{}", path.display());
            feed(&std::fs::read(&path).unwrap());
            fed += 1;
        }
        assert!(fed > 0, "no corpus for {name}");
    }
}

#[test]
fn every_target_is_one_of_the_fuzzer() {
    let manifest = std::fs::read_to_string(Path::new(CORPUS).join("../Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} in fuzz/Cargo.toml");
    }
}
