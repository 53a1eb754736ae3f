"""Checks a declarative Jenkinsfile as far as that goes without a Jenkins, whose own check needs a running one.

It is Groovy (a real parser reads it), and its sections, stages, options and conditions are those that declarative
pipelines have, in the places where they may be. What plugins and steps exist is Jenkins' to know.
"""

import re
import sys
from pathlib import Path

from groovy_parser.parser import parse_groovy_content

PIPELINE = {"agent", "environment", "libraries", "options", "parameters", "post", "stages", "tools", "triggers"}
STAGE = {"agent", "environment", "failFast", "input", "matrix", "options", "parallel", "post", "stages", "steps", "tools", "when"}
WORK = {"steps", "stages", "parallel", "matrix"}
POST = {"always", "changed", "fixed", "regression", "aborted", "failure", "success", "unstable", "unsuccessful", "cleanup"}
OPTIONS = {"buildDiscarder", "checkoutToSubdirectory", "disableConcurrentBuilds", "disableResume", "lock", "newContainerPerStage",
           "overrideIndexTriggers", "parallelsAlwaysFailFast", "preserveStashes", "quietPeriod", "retry", "skipDefaultCheckout",
           "skipStagesAfterUnstable", "throttle", "timeout", "timestamps"}
WHEN = {"allOf", "anyOf", "beforeAgent", "beforeInput", "beforeOptions", "branch", "buildingTag", "changelog", "changeset",
        "changeRequest", "environment", "equals", "expression", "not", "tag", "triggeredBy"}
INPUT = {"message", "id", "ok", "parameters", "submitter", "submitterParameter"}
PARAMETERS = {"booleanParam", "choice", "file", "password", "run", "string", "text"}


class Block:
    """A name and what stands in its braces: statements by their first word, and blocks."""

    def __init__(self, name, line):
        self.name, self.line, self.words, self.blocks = name, line, [], []

    def has(self):
        return set(self.words) | {block.name for block in self.blocks}


def blocks(text):
    """The braces of the text, by names. Strings and comments are blanked out first, line by line."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match[0])

    text = re.sub(r"//[^\n]*|/\*.*?\*/|'[^'\n]*'|\"(?:\\.|[^\"\\\n])*\"", blank, text, flags=re.S)
    top = Block("the file", 1)
    stack = [top]
    for number, line in enumerate(text.splitlines(), 1):
        # `name(…) {`, `}`, or the first word of a statement.
        for match in re.finditer(r"\s*(\w+)\s*(?:\([^{}]*\))?\s*\{|\}|(?:(?<=\{)|^)\s*(\w+)[^{}]*", line):
            if match[1]:
                stack.append(Block(match[1], number))
                stack[-2].blocks.append(stack[-1])
            elif match[0].strip() == "}":
                if len(stack) == 1:
                    raise ValueError(f"line {number}: a brace closes nothing")
                stack.pop()
            elif match[2]:
                stack[-1].words.append(match[2])
    if len(stack) > 1:
        raise ValueError(f"line {stack[-1].line}: {stack[-1].name} is not closed")
    return top


def check(top, say):
    if [block.name for block in top.blocks] != ["pipeline"] or top.words:
        say(1, "a declarative file is one pipeline { … }")
        return
    pipeline = top.blocks[0]
    only(pipeline, PIPELINE, say)
    for needed in ("agent", "stages"):
        if needed not in pipeline.has():
            say(pipeline.line, f"pipeline has no {needed}")
    for block in pipeline.blocks:
        section(block, say)
        if block.name == "stages":
            stages(block, "agent" in pipeline.words, say)


def only(block, known, say):
    for name in block.has() - known:
        say(block.line, f"{block.name} may not hold {name}")


def section(block, say):
    for name, known in (("post", POST), ("options", OPTIONS), ("when", WHEN), ("input", INPUT), ("parameters", PARAMETERS)):
        if block.name == name:
            only(block, known, say)


def stages(block, needs_agent, say):
    only(block, {"stage"}, say)
    if not block.blocks:
        say(block.line, "stages is empty")
    for stage in block.blocks:
        only(stage, STAGE, say)
        if len(stage.has() & WORK) != 1:
            say(stage.line, "a stage has one of steps, stages, parallel or matrix")
        # agent none above: whoever does something on a machine names one. A question needs none.
        if needs_agent and not stage.has() & {"agent", "input"}:
            say(stage.line, "a stage has no agent, and neither has the pipeline")
        for inner in stage.blocks:
            section(inner, say)
            if inner.name in ("stages", "parallel"):
                stages(inner, needs_agent and "agent" not in stage.has(), say)


def main(path):
    text = Path(path).read_text()
    problems = []
    try:
        parse_groovy_content(text)
    except Exception as error:  # the parser's own kinds differ by what it stumbles over
        problems.append(f"{path}: it is no Groovy: {str(error).splitlines()[0]}")
    try:
        check(blocks(text), lambda line, text: problems.append(f"{path}:{line}: {text}"))
    except ValueError as error:
        problems.append(f"{path}: {error}")
    print("\n".join(problems), file=sys.stderr, end="\n" if problems else "")
    print(f"{len(problems)} problems")
    sys.exit(1 if problems else 0)


main(sys.argv[1])
