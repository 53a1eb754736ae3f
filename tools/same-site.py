#!/usr/bin/env python3
"""Takes out of target/site what differs from build to build although the sources are the same: the time in the heads
of gzip's files, and the order of the keys in the manifest of split WebAssembly, whose name has a hash of it.

Only the server reads the manifest (http/assets.rs), so its compressed forms go."""

import base64
import hashlib
import json
import sys
from pathlib import Path

site = Path(sys.argv[1] if len(sys.argv) > 1 else "target/site")

for manifest in site.glob("pkg/__wasm_split_manifest.*.json"):
    text = json.dumps(json.loads(manifest.read_text()), sort_keys=True, separators=(",", ":"))
    digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())[:22].decode()
    for form in ("", ".br", ".gz"):
        manifest.with_name(manifest.name + form).unlink(missing_ok=True)
    manifest.with_name(f"__wasm_split_manifest.{digest}.json").write_text(text)

for packed in site.rglob("*.gz"):
    with packed.open("r+b") as file:
        if file.read(2) != b"\x1f\x8b":
            sys.exit(f"same-site: {packed} is not gzip's")
        file.seek(4)
        file.write(bytes(4))
