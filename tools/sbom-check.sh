#!/usr/bin/env bash
# Validates an SBOM by CycloneDX's own library: sbom-check.sh FILE
set -euo pipefail
. "$(dirname "$0")/env.sh"

tools/setup.sh sbom
"$CYCLONEDX_DIR/bin/python" - "$1" <<'END' || die "$1 is not as CycloneDX wants it."
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
text = open(sys.argv[1], encoding="utf-8").read()
complaint = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
if complaint:
    sys.exit(str(complaint))
# What a schema can't see: everything that is named is there, and every crate has its hash.
bom = json.loads(text)
refs = {part["bom-ref"] for part in bom["components"]} | {bom["metadata"]["component"]["bom-ref"]}
for entry in bom["dependencies"]:
    assert {entry["ref"], *entry["dependsOn"]} <= refs, entry
foreign = [part for part in bom["components"] if part.get("purl", "").startswith("pkg:cargo/")]
assert len(foreign) > 100 and all(part["hashes"] and part["licenses"] for part in foreign)
END
