"""The tree that is looked at, how its files are read, and what was found: shared by semantics.py and clouds.py."""

import sys
from pathlib import Path

import yaml

ROOT = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
problems = []


def say(path, text):
    problems.append(f"{path.relative_to(ROOT) if isinstance(path, Path) else path}: {text}")


def read(name):
    path = ROOT / name
    if not path.is_file():
        say(name, "is not there")
        return ""
    return path.read_text()


class Loader(yaml.SafeLoader):
    """Reads CloudFormation's !Ref and the like as what stands behind them."""


def tagged(loader, tag, node):
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_mapping(node, deep=True)


Loader.add_multi_constructor("!", tagged)


def documents(name):
    return [one for one in yaml.load_all(read(name), Loader) if one]


def deployed():
    """Every file below deploy/ that somebody wrote."""
    return [path for path in sorted((ROOT / "deploy").rglob("*"))
            if path.is_file() and "secrets" not in path.parent.parts and path.suffix not in {".png", ".gz"}]
