#!/usr/bin/env python3
"""Checks deploy/logs/ with the lines of deploy/logs/test-input.jsonl.

Neither Logstash, Filebeat, Alloy nor the CloudWatch agent is in a package registry. So: Logstash's pipeline is parsed by
a grammar of its language (PyPI logstash-pipeline-parser) and carried out by the few filters below, which do what
Logstash's documentation says of them; a filter or an option that is not known here is an error. Alloy's file is parsed
by a small parser, its references are followed and its stages carried out. The others are checked for keys and formats.
"""

import datetime
import hashlib
import json
import re
import sys
from pathlib import Path

import yaml
from logstash_pipeline_parser import Pipeline

LOGS = Path(__file__).resolve().parent.parent / "deploy" / "logs"
LINES = (LOGS / "test-input.jsonl").read_text().splitlines()


def check(condition, why):
    if not condition:
        sys.exit(f"logs-check: {why}")


# -- Logstash -----------------------------------------------------------------------------------------------------


def path_of(reference):
    """[a][b] or a, as a list."""
    return re.findall(r"\[([^\]]+)\]", reference) or [reference]


def get(event, reference):
    for key in path_of(reference):
        if not isinstance(event, dict) or key not in event:
            return None
        event = event[key]
    return event


def put(event, reference, value):
    *way, last = path_of(reference)
    for key in way:
        event = event.setdefault(key, {})
    event[last] = value


def take(event, reference):
    *way, last = path_of(reference)
    inner = get(event, "".join(f"[{key}]" for key in way)) if way else event
    return inner.pop(last, None) if isinstance(inner, dict) else None


def filled_in(event, text):
    def value(match):
        found = get(event, match[1])
        return match[0] if found is None else str(found)

    return re.sub(r"%\{(\[[^}]+\]|\w+)\}", value, text)


def tag(event, name):
    event.setdefault("tags", []).append(name)


def do_json(event, options):
    options.pop("skip_on_invalid_json") if "skip_on_invalid_json" in options else None
    source, target = options.pop("source"), options.pop("target")
    try:
        value = json.loads(get(event, source))
    except ValueError:
        return
    put(event, target, value)


def do_date(event, options):
    reference, form = options.pop("match")
    check(form == "ISO8601", f"date knows ISO8601 only here, not {form}")
    try:
        at = datetime.datetime.fromisoformat(get(event, reference))
    except (TypeError, ValueError):
        return tag(event, "_dateparsefailure")
    # Logstash keeps milliseconds.
    at = at.astimezone(datetime.timezone.utc).isoformat(timespec="milliseconds")
    event["@timestamp"] = at.replace("+00:00", "Z")


def do_fingerprint(event, options):
    check(options.pop("method") == "SHA256", "fingerprint knows SHA256 only here")
    (source,) = options.pop("source")
    put(event, options.pop("target"), hashlib.sha256(get(event, source).encode()).hexdigest())


def do_mutate(event, options):
    for old, new in options.pop("rename", {}).items():
        if get(event, old) is not None:
            put(event, new, take(event, old))
    for reference, text in options.pop("replace", {}).items():
        put(event, reference, filled_in(event, text))
    # What every filter can do, in Logstash's order.
    for reference, text in options.pop("add_field", {}).items():
        put(event, reference, filled_in(event, text))
    for reference in options.pop("remove_field", []):
        take(event, reference)
    for name in options.pop("add_tag", []):
        tag(event, name)


FILTERS = {"json": do_json, "date": do_date, "fingerprint": do_fingerprint, "mutate": do_mutate}


def option(value):
    """The parser's lists as what they mean: [x] a value, [[a, b]] a list, [[[k, [v]], …]] a hash."""
    (value,) = value
    if isinstance(value, list) and value and all(isinstance(one, list) for one in value):
        return {key: inner[0] for key, inner in value}
    return value


def carry_out(event, statements):
    taken = False
    for name, body in statements:
        if name == "if":
            (condition,), (block,) = body
            taken = get(event, condition) is not None
            carry_out(event, block if taken else [])
            continue
        if name == "else":
            carry_out(event, [] if taken else body)
            continue
        check(name in FILTERS, f"the filter {name} is not known here")
        options = {key: option(value) for key, value in body}
        FILTERS[name](event, options)
        check(not options, f"options of {name} that are not known here: {list(options)}")


def logstash():
    sections = dict(Pipeline((LOGS / "logstash" / "siskin.conf").read_text()).parse())
    check(set(sections) == {"input", "filter", "output"}, f"sections are {list(sections)}")
    out = []
    for line in LINES:
        event = {"@timestamp": "2000-01-01T00:00:00.000Z", "message": line, "tags": ["siskin"]}
        carry_out(event, sections["filter"])
        out.append(event)
    expected = LOGS / "logstash" / "test-output.jsonl"
    text = "".join(json.dumps(event, sort_keys=True, ensure_ascii=False) + "\n" for event in out)
    if "--write" in sys.argv:
        expected.write_text(text)
    check(text == expected.read_text(), f"{expected.name} is not what comes out; --write writes it, then read the difference")
    for line, event in zip(LINES, out):
        if line.startswith("{"):
            check("_dateparsefailure" not in event["tags"], f"no date in {line}")
            check(event["message"] == json.loads(line)["message"], f"the text of {line}")
        else:
            check("not_json" in event["tags"] and event["message"] == line, f"{line} is kept as it is")


# -- Alloy --------------------------------------------------------------------------------------------------------

TOKEN = re.compile(r'\s*(?://[^\n]*\s*)*(?:("(?:[^"\\]|\\.)*")|([A-Za-z_][\w.]*)|(-?\d+(?:\.\d+)?)|([{}\[\](),=]))')


class Alloy:
    """Blocks and attributes, enough of the language for one file."""

    def __init__(self, text):
        self.tokens, at = [], 0
        text = re.sub(r"(?m)^\s*//.*$", "", text).rstrip()
        while at < len(text):
            match = TOKEN.match(text, at)
            check(match, f"config.alloy: what is {text[at:at + 30]!r}?")
            self.tokens.append(next(part for part in match.groups() if part))
            at = match.end()

    def next(self, wanted=None):
        check(self.tokens, "config.alloy ends too early")
        token = self.tokens.pop(0)
        check(wanted in (None, token), f"config.alloy has {token} in the place of {wanted}")
        return token

    def body(self, end=None):
        blocks, attributes = [], {}
        while self.tokens and self.tokens[0] != end:
            name = self.next()
            if self.tokens[0] == "=":
                self.next("=")
                check(name not in attributes, f"config.alloy says {name} twice")
                attributes[name] = self.expression()
                continue
            label = self.next().strip('"') if self.tokens[0].startswith('"') else None
            self.next("{")
            blocks.append((name, label, *self.body("}")))
            self.next("}")
        return blocks, attributes

    def expression(self):
        token = self.next()
        if token == "[":
            values = self.list_of(self.expression, "]")
            return values
        if token == "{":
            return dict(self.list_of(self.pair, "}"))
        if self.tokens and self.tokens[0] == "(":
            self.next("(")
            return (token, self.list_of(self.expression, ")"))
        return token.strip('"') if token.startswith('"') else ("reference", token)

    def pair(self):
        key = self.next().strip('"')
        self.next("=")
        return key, self.expression()

    def list_of(self, one, end):
        values = []
        while self.tokens[0] != end:
            values.append(one())
            if self.tokens[0] != end:
                self.next(",")
        self.next(end)
        return values


def alloy():
    blocks, _ = Alloy((LOGS / "loki" / "config.alloy").read_text()).body()
    components = {f"{name}.{label}" for name, label, *_ in blocks}
    for name, label, _, attributes in blocks:
        for kind, target in attributes.get("forward_to", []):
            check(kind == "reference" and target.removesuffix(".receiver") in components, f"{name} forwards to {target}")
    (stages,) = [inner for name, _, inner, _ in blocks if name == "loki.process"]
    order = [name for name, *_ in stages]
    check(order == ["stage.json", "stage.timestamp", "stage.labels", "stage.structured_metadata"], f"stages are {order}")
    json_, timestamp, labels, metadata = [attributes for *_, attributes in stages]
    check(timestamp["format"] == "RFC3339Nano", "the timestamp's format")
    # Each level is a stream; what has a value for each request must not be one.
    check(set(labels["values"]) == {"level"}, "the labels")
    for key in [timestamp["source"], *labels["values"], *metadata["values"]]:
        check(key in json_["expressions"], f"{key} is extracted before it is used")
    seen = set()
    for line in filter(lambda line: line.startswith("{"), LINES):
        fields = json.loads(line)
        extracted = {key: fields.get(way) for key, way in json_["expressions"].items()}
        check(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z", extracted["timestamp"]), f"RFC3339: {line}")
        check(extracted["level"] in ("ERROR", "WARN", "INFO", "DEBUG", "TRACE"), f"level: {line}")
        seen |= {key for key, value in extracted.items() if value is not None}
    check(seen == set(json_["expressions"]), f"no line of the input has {set(json_['expressions']) - seen}")


# -- Filebeat, CloudWatch -----------------------------------------------------------------------------------------


def filebeat():
    config = yaml.safe_load((LOGS / "filebeat.yml").read_text())
    check(set(config) == {"filebeat.inputs", "queue.mem", "output.logstash", "processors"}, f"filebeat.yml has {list(config)}")
    ids = [entry["id"] for entry in config["filebeat.inputs"]]
    check(len(set(ids)) == len(ids), "inputs of Filebeat have ids of their own")
    check({entry["type"] for entry in config["filebeat.inputs"]} == {"journald", "filestream"}, "Filebeat's inputs")


def cloudwatch():
    config = json.loads((LOGS / "cloudwatch" / "amazon-cloudwatch-agent.json").read_text())
    (entry,) = config["logs"]["logs_collected"]["files"]["collect_list"]
    known = {"file_path", "log_group_name", "log_stream_name", "timestamp_format", "timezone", "encoding", "retention_in_days"}
    check(set(entry) == known, f"the agent knows no {set(entry) - known}")
    drop_in = (LOGS / "cloudwatch" / "siskin-log-file.conf").read_text()
    rotated = (LOGS / "cloudwatch" / "logrotate.conf").read_text()
    check(f"append:{entry['file_path']}" in drop_in and entry["file_path"] in rotated, "one file for all three")
    for line in filter(lambda line: line.startswith("{"), LINES):
        at = json.loads(line)["timestamp"].removesuffix("Z")
        datetime.datetime.strptime(at, entry["timestamp_format"])


for tool in (logstash, alloy, filebeat, cloudwatch):
    tool()
print(f"deploy/logs: {len(LINES)} lines through Logstash's and Alloy's pipelines; Filebeat and CloudWatch are sound")
