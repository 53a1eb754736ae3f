#!/usr/bin/env python3
"""Prints what the executable is made of, as CycloneDX 1.6 in JSON: every crate with its version, its
hash as Cargo.lock has it and its licence, who needs whom, and the C libraries that are compiled in.

    sbom.py TARGET VERSION [EXECUTABLE]

Nothing in it depends on when or where it runs: SISKIN_COMMIT_TIME is its time, and its serial number is
made of its contents.
"""

import datetime
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
import uuid
from pathlib import Path

# What crates compile in that is not Rust: the crate, its name, whose it is, its licence, and where its
# version is written: in the crate's own version, or in a file that the pattern finds it in.
C_LIBRARIES = [
    ("libsqlite3-sys", "sqlite", "pkg:generic/sqlite@{}", "blessing",
     ("sqlite3/sqlite3.h", r'#define SQLITE_VERSION\s+"([^"]+)"')),
    ("rdkafka-sys", "librdkafka", "pkg:github/confluentinc/librdkafka@v{}", "BSD-2-Clause", None),
    ("zstd-sys", "zstd", "pkg:github/facebook/zstd@v{}", "BSD-3-Clause", None),
    ("libmimalloc-sys", "mimalloc", "pkg:github/microsoft/mimalloc@v{}", "MIT",
     ("c_src/mimalloc/v3/include/mimalloc.h", r"#define MI_MALLOC_VERSION\s+(\d+)")),
]


def metadata(target, *arguments):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target]
    return json.loads(subprocess.run([*command, *arguments], check=True, stdout=subprocess.PIPE).stdout)


def reached(meta, root, kinds, but=frozenset()):
    """Ids of all packages that `root` needs by dependencies of these kinds."""
    nodes = {node["id"]: node for node in meta["resolve"]["nodes"]}
    wanted, found = [root], set()
    while wanted:
        package = wanted.pop()
        if package not in found and package not in but:
            found.add(package)
            wanted += needs(nodes[package], kinds)
    return found


def needs(node, kinds):
    return [dep["pkg"] for dep in node["deps"] if kinds & {kind["kind"] for kind in dep["dep_kinds"]}]


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


def licence(text):
    # The form with a slash is older than SPDX expressions and means "or".
    return [{"expression": " ".join(text.replace("/", " OR ").split())}] if text else []


def crate(package, checksums, linked):
    name, version = package["name"], package["version"]
    component = {"type": "library", "bom-ref": reference(package), "name": name, "version": version}
    if package.get("description"):
        component["description"] = " ".join(package["description"].split())
    component["scope"] = "required" if linked else "excluded"
    if (name, version) in checksums:
        component["hashes"] = [{"alg": "SHA-256", "content": checksums[name, version]}]
    component["licenses"] = licence(package["license"])
    if package["source"]:
        component["purl"] = reference(package)
    if (package.get("repository") or "").startswith("https://"):
        component["externalReferences"] = [{"type": "vcs", "url": package["repository"].strip()}]
    return component


def reference(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def c_library(package, name, purl, licence_id, where):
    if where is None:
        version = package["version"].partition("+")[2].removeprefix("zstd.")
    else:
        text = (Path(package["manifest_path"]).parent / where[0]).read_text(errors="replace")
        version = re.search(where[1], text).group(1)
    if name == "mimalloc":  # 30302 is 3.3.2
        version = f"{int(version) // 10000}.{int(version) // 100 % 100}.{int(version) % 100}"
    purl = purl.format(version)
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "scope": "required",
            "licenses": [{"license": {"id": licence_id}}], "purl": purl}


def language(target):
    """Rust's own library, and the libc that comes with it."""
    rust = subprocess.run(["rustc", "--version"], check=True, stdout=subprocess.PIPE, text=True).stdout.split()[1]
    yield {"type": "library", "bom-ref": f"rust-std@{rust}", "name": "rust-std", "version": rust,
           "scope": "required", "licenses": licence("MIT OR Apache-2.0"), "purl": f"pkg:github/rust-lang/rust@{rust}"}
    if target.endswith("-musl"):
        yield {"type": "library", "bom-ref": "musl", "name": "musl", "scope": "required", "licenses": licence("MIT"),
               "description": f"As Rust {rust} brings it."}


def main(target, version, executable=None):
    checksums = {(package["name"], package["version"]): package["checksum"]
                 for package in tomllib.loads(Path("Cargo.lock").read_text())["package"] if "checksum" in package}
    packages, edges, linked = {}, {}, set()
    # The server, and the pages' WebAssembly that is inside it.
    for platform, root in [(target, "siskin"), ("wasm32-unknown-unknown", "siskin-frontend")]:
        meta = metadata(platform, "--all-features")
        by_id = {package["id"]: package for package in meta["packages"]}
        start = next(package["id"] for package in meta["packages"] if package["name"] == root)
        macros = {key for key, package in by_id.items() if is_macro(package)}
        everything = reached(meta, start, {None, "build"})
        for node in meta["resolve"]["nodes"]:
            if node["id"] in everything:
                package = by_id[node["id"]]
                packages[reference(package)] = package
                below = edges.setdefault(reference(package), set())
                below.update(reference(by_id[key]) for key in needs(node, {None, "build"}))
        # Macros, and what only they need, run while it is built.
        linked |= {reference(by_id[key]) for key in reached(meta, start, {None}, but=macros)}

    root = f"pkg:cargo/siskin@{version}"
    components = [crate(package, checksums, ref in linked)
                  for ref, package in sorted(packages.items()) if ref != root]
    for name, *library in C_LIBRARIES:
        for ref in [ref for ref in packages if packages[ref]["name"] == name]:
            component = c_library(packages[ref], *library)
            components.append(component)
            edges[ref].add(component["bom-ref"])
            edges[component["bom-ref"]] = set()
    for component in language(target):
        components.append(component)
        edges[root].add(component["bom-ref"])
        edges[component["bom-ref"]] = set()
    edges[root].add(next(ref for ref in packages if packages[ref]["name"] == "siskin-frontend"))

    app = {"type": "application", "bom-ref": root, "name": "siskin", "version": version,
           "description": packages[root]["description"], "licenses": licence(packages[root]["license"])}
    if executable:
        app["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(Path(executable).read_bytes()).hexdigest()}]
    moment = datetime.datetime.fromtimestamp(int(os.environ.get("SISKIN_COMMIT_TIME", 0)), datetime.timezone.utc)
    bom = {"$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6",
           "version": 1,
           "metadata": {"timestamp": moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                        "tools": {"components": [{"type": "application", "name": "siskin tools/sbom.py"}]},
                        "component": app,
                        "properties": [{"name": "siskin:commit", "value": os.environ.get("SISKIN_COMMIT", "unknown")},
                                       {"name": "siskin:target", "value": target}]},
           "components": components,
           "dependencies": [{"ref": ref, "dependsOn": sorted(below)} for ref, below in sorted(edges.items())]}
    bom["serialNumber"] = f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True))}"
    print(json.dumps(bom, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main(*sys.argv[1:])
