"""Checks Terraform files against their provider's own schema, without the provider.

`terraform validate` needs the provider's executable, which no package registry has. But npm has the bindings that
CDKTF generated from its schema, with every resource, attribute, block and what is required. This reads them and says:

- resources and data sources that do not exist, attributes and blocks that do not exist or are missing,
- literals of another type, blocks that may be there once and are there twice,
- references to resources, attributes, variables and locals that are not declared, and declarations nobody uses.

Usage: terraform_schema.py FOLDER BINDINGS.tgz [BINDINGS.tgz …]
"""

import re
import sys
import tarfile
from pathlib import Path

import hcl2

# Terraform's own, in every resource.
META = {"count", "for_each", "depends_on", "lifecycle", "provider", "dynamic", "__start_line__", "__end_line__"}


class Kind:
    """A resource's, data source's or block's members: name -> (is it required, is it a block, its type)."""

    def __init__(self, members, exported=frozenset()):
        self.members = members
        self.exported = exported


def plain(name):
    """A name without what differs between snake_case and camelCase."""
    return name.replace("_", "").lower()


def read_bindings(text):
    """The interfaces of one resource's declarations, and the attributes that it has once it is there."""
    interfaces = {}
    for name, body in re.findall(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", text, re.M | re.S):
        members = {}
        for doc, _, optional, kind in re.findall(r"/\*\*(.*?)\*/\s+readonly (\w+)(\??): ([^;]+(?:;\s*\})?);", body, re.S):
            named = re.search(r"#(\w+) ", doc)
            if named:
                is_block = re.search(rf"^\s*\* {named[1]} block$", doc, re.M) is not None
                members[named[1]] = (optional == "", is_block, kind)
        interfaces[name] = Kind(members)
    config = re.search(r"^export interface (\w+) extends cdktf.TerraformMetaArguments", text, re.M)
    outer = re.search(r"^export declare class \w+ extends cdktf\.Terraform(?:Resource|DataSource) \{\n(.*?)^\}", text, re.M | re.S)
    exported = {plain(name) for name in re.findall(r"get (\w+)\(", outer[1])} if outer else set()
    return config[1] if config else None, interfaces, exported


class Schemas:
    """What the bindings in some archives say, read as far as it is asked for."""

    def __init__(self, archives, wanted):
        self.found = {}
        paths = {f"package/lib/{self.folder(*name)}/index.d.ts": name for name in wanted}
        for archive in archives:
            with tarfile.open(archive) as tar:
                for member in tar:
                    name = paths.get(member.name)
                    if name:
                        self.found[name] = read_bindings(tar.extractfile(member).read().decode())

    @staticmethod
    def folder(kind, name):
        provider, rest = name.split("_", 1)
        rest = rest.replace("_", "-")
        return f"data-{provider}-{rest}" if kind == "data" else rest

    def get(self, name):
        return self.found.get(name)


def literal_fits(value, kind):
    """Whether a literal is of the type; an expression may be anything."""
    if isinstance(value, str) and "${" in value:
        return True
    if "[]" in kind:
        return isinstance(value, list)
    if kind.startswith("boolean"):
        return isinstance(value, bool) or value in ("true", "false")
    if kind == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool) or str(value).lstrip("-").isdigit()
    if kind == "string":
        return not isinstance(value, (list, dict))
    return True


def check_body(where, body, kind, interfaces, say):
    """Holds a resource or a block to its schema."""
    given = dict(body)
    for dynamic in given.pop("dynamic", []):
        for name, block in dynamic.items():
            given.setdefault(name, []).extend(block.get("content", []))
    for name, values in given.items():
        if name in META:
            continue
        if name not in kind.members:
            say(f"{where}: there is no {name}")
            continue
        _, is_block, type_name = kind.members[name]
        inner = re.match(r"\w*", type_name)[0]
        # Some attributes are written as blocks.
        if not is_block and inner not in interfaces:
            for value in values:
                if not literal_fits(value, type_name):
                    say(f"{where}: {name} is to be a {type_name}, not {value!r}")
            continue
        if "[]" not in type_name and len(values) > 1:
            say(f"{where}: {name} may be there once")
        for value in values:
            if inner in interfaces and isinstance(value, dict):
                check_body(f"{where}.{name}", value, interfaces[inner], interfaces, say)
    for name, (required, _, _) in kind.members.items():
        if required and name not in given:
            say(f"{where}: {name} is missing")


def references(text):
    """The text without comments and without what stands in strings outside of ${…}."""
    text = re.sub(r"^\s*(#|//).*$", "", text, flags=re.M)
    text = re.sub(r"\$\{(.*?)\}", r'" \1 "', text)
    return re.sub(r'"[^"\n]*"', '""', text)


def check_references(folder, texts, declared, schemas, say):
    """Holds every reference to what is declared, and every declaration to being used."""
    used = set()
    for path, text in texts.items():
        code = references(text)
        for what in ("var", "local"):
            for name in re.findall(rf"(?<![\w.]){what}\.(\w+)", code):
                used.add((what, name))
                if (what, name) not in declared:
                    say(f"{path.name}: {what}.{name} is not declared")
        for data, name, label, attribute in re.findall(
            r"(?<![\w.])(data\.)?((?:aws|azurerm)_\w+)\.(\w+)(?:\[[^\]]*\])?(?:\.(\w+))?", code
        ):
            kind = "data" if data else "resource"
            used.add((kind, name, label))
            if (kind, name, label) not in declared:
                say(f"{path.name}: {data}{name}.{label} is not declared")
            schema = schemas.get((kind, name))
            if attribute and schema and plain(attribute) not in schema[2]:
                say(f"{path.name}: {data}{name} has no attribute {attribute}")
    for each in declared:
        if each[0] in ("var", "local", "data") and each not in used:
            say(f"{folder.name}: nobody uses {'.'.join(each)}")


def main(folder, archives):
    folder = Path(folder)
    texts = {path: path.read_text() for path in sorted(folder.glob("*.tf"))}
    if not texts:
        sys.exit(f"{folder} has no Terraform files")
    problems = []
    blocks, declared = [], set()
    for path, text in texts.items():
        tree = hcl2.loads(text)
        for kind in ("resource", "data"):
            for entry in tree.get(kind, []):
                for name, labels in entry.items():
                    for label, body in labels.items():
                        declared.add((kind, name, label))
                        blocks.append((path, kind, name, label, body))
        declared |= {("var", name) for entry in tree.get("variable", []) for name in entry}
        declared |= {("local", name) for entry in tree.get("locals", []) for name in entry if not name.startswith("__")}
    schemas = Schemas(archives, {(kind, name) for _, kind, name, _, _ in blocks})
    for path, kind, name, label, body in blocks:
        where = f"{path.name}: {name}.{label}"
        schema = schemas.get((kind, name))
        if schema is None or schema[0] is None:
            problems.append(f"{where}: the provider has no {kind} {name}")
            continue
        config, interfaces, _ = schema
        check_body(where, body, interfaces[config], interfaces, problems.append)
    check_references(folder, texts, declared, schemas, problems.append)
    for problem in problems:
        print(f"{folder}/{problem}", file=sys.stderr)
    print(f"{folder}: {len(blocks)} resources and data sources, {len(problems)} problems")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
