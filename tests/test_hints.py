"""Following a hint leads on: what a message says to write is written, and what it was about is no longer wrong.

A hint that names a text holds the edit that writes it (`Problem.edits`). Here every hint of every wrong spec is
followed by its edits, one at a time and all together.
"""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from costcalc.errors import Edit, Problem, SpecError
from costcalc.graph.build import build
from costcalc.ops import absent, catalogue, elsewhere
from costcalc.spec.library import blocks
from costcalc.spec.load import load, load_text
from costcalc.text.edits import applied
from costcalc.text.snippets import render
from costcalc.text.suggest import bare

ERRORS = Path(__file__).parent / "errors"
NAMES = sorted(path.stem for path in ERRORS.glob("*.yaml"))
SAYS = re.compile(r"\bwrite\b|did you mean|^put|^remove it")
ROUNDS = 8
WRITTEN: set[Path] = set()
"""The files that the edits of hints have changed, in the test that runs."""

# Hints that leave something to the reader: what stands for a name or a value, a place that a person must choose, or a
# text of which no part is known. Each is matched against the whole hint.
OPEN = re.compile(
    r".*\.\.\..*"  # write '- conv: {out: ..., kernel: ...}'
    r"|.*\b(NAME|LAYER|FILE|CONDITION|key: value)\b.*"
    r"|.*--(batch|input|sequence)\b.*"
    r"|.*quote it if it is text"  # what was meant can only be guessed
    r"|.*\b(write|put) (one|a|the|true or false)\b.*"  # a value, a name, a path
    r"|write: a if condition else b|put it on .*"
    r"|(double it|write .. inside double quotes).*"  # which of the quotes ends the text is unknown
    r"|did you mean (to transpose .*|'layout: .*)"
)


def problems_of(path: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with a spec, warnings apart."""
    try:
        build(load(path))
    except SpecError as error:
        return error.problems
    return ()


def inserted(edit: Edit) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where the text of an edit stands once it is made, if it is the only one: its first place and its last."""
    lines = edit.text.split("\n")
    line, column = edit.start
    end = (line + len(lines) - 1, len(lines[-1]) + (column if len(lines) == 1 else 1))
    return edit.start, end


def touches(problem: Problem, path: str, edits: tuple[Edit, ...]) -> bool:
    """True if a problem is about what an edit has written."""
    place = problem.location
    if place is None or Path(place.source.name).name != Path(path).name:
        return False
    return any(
        start <= (place.line, place.column) < end
        or (place.line, place.column) <= start < (place.line, place.column + place.width)
        for start, end in map(inserted, edits)
        if start != end
    )


def write(edits: tuple[Edit, ...]) -> dict[Path, str]:
    """Make edits in the files that they are about; the texts of before."""
    before: dict[Path, str] = {}
    for name in {edit.source.name for edit in edits}:
        path = Path(name)
        before[path] = path.read_bytes().decode("utf-8-sig")
        text = applied(before[path], [edit for edit in edits if edit.source.name == name])
        path.write_text(text, encoding="utf-8", newline="")
        WRITTEN.add(path)
    return before


def apart(edits: tuple[Edit, ...], others: list[Edit]) -> bool:
    """True if edits overlap none of the others."""
    return not any(
        edit.source.name == other.source.name and edit.start <= other.end and other.start <= edit.end
        for edit in edits
        for other in others
    )


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of all wrong specs, at the root of a project."""
    root = tmp_path_factory.mktemp("project")
    shutil.copytree(ERRORS, root / "errors")
    (root / "costcalc.yaml").write_text("")
    return root / "errors"


@pytest.fixture
def folder(copy: Path) -> Iterator[Path]:
    """The copy, in which what a test has written is as before after it."""
    yield copy
    for path in WRITTEN:
        if path.is_relative_to(copy):
            shutil.copy(ERRORS / path.relative_to(copy), path)
    WRITTEN.clear()


@pytest.mark.parametrize("name", NAMES)
def test_a_hint_that_is_followed_gives_no_other_problem_there(name: str, folder: Path) -> None:
    """Each hint by itself: nothing is wrong with the text that it says to write."""
    path = folder / f"{name}.yaml"
    found = problems_of(path)
    for problem in found:
        if not problem.edits:
            continue
        known = Counter(other.message for other in found if other is not problem)
        before = write(problem.edits)
        again = [
            other
            for other in problems_of(path)
            if touches(other, problem.edits[0].source.name, problem.edits)
            and not known[other.message]
            and other.message not in problem.hint
        ]
        text = path.read_text(encoding="utf-8", errors="replace")
        for file, old in before.items():
            file.write_text(old, encoding="utf-8", newline="")
        assert not again, f"{render(problem)}\ngives\n{render(again[0])}\nin\n{text}"


@pytest.mark.parametrize("name", NAMES)
def test_all_hints_together_leave_none_that_can_be_followed(name: str, folder: Path) -> None:
    """Hints are followed round by round, as a person does; at the end no message says what to write."""
    path = folder / f"{name}.yaml"
    for _ in range(ROUNDS):
        chosen: list[Edit] = []
        for problem in problems_of(path):
            if problem.edits and apart(problem.edits, chosen):
                chosen += problem.edits
        if not chosen:
            return
        write(tuple(chosen))
    raise AssertionError(f"after {ROUNDS} rounds:\n{path.read_text()}")


@pytest.mark.parametrize("name", NAMES)
def test_a_hint_that_names_a_text_holds_it(name: str, folder: Path) -> None:
    """No suggestion escapes the tests above: a hint that says what to write has its edit, or leaves something open."""
    for problem in problems_of(folder / f"{name}.yaml"):
        if SAYS.search(problem.hint) and not problem.edits and problem.hint not in absent._ADVICE:
            assert OPEN.fullmatch(problem.hint), render(problem)


@pytest.mark.parametrize("name", ["shape_layout_mixed_up", "shape_layout_mixed_up_the_other_way"])
def test_a_layout_that_is_asked_for_is_right(name: str, folder: Path) -> None:
    """The hint is about a key at the top of the file, which a shape rule cannot reach: it is written there by hand."""
    path = folder / f"{name}.yaml"
    (problem,) = problems_of(path)
    meant = re.fullmatch(r"did you mean '(layout: \w+)'\?", problem.hint)
    assert meant
    lines = [line for line in path.read_text().splitlines() if not line.startswith("layout:")]
    path.write_text("\n".join([meant[1], *lines]) + "\n")
    WRITTEN.add(path)
    assert problems_of(path) == ()


WORDS = {word: hint for hint, words in absent._ADVICE.items() for word in words.split()}
NET = """input: [4, 8, 8]
layers:
  - conv: {out: 4, kernel: 1}
    name: NAME
  - %s
"""


def test_no_word_of_another_tool_has_two_meanings() -> None:
    """Each is the name of one op, or has one advice, and is written as it is looked up."""
    known = [word for words in elsewhere().values() for word in words.split()]
    every = [*known, *(word for words in absent._ADVICE.values() for word in words.split())]
    assert sorted(every) == sorted(set(every))
    assert every == [bare(word) for word in every]
    assert not {bare(name) for name in catalogue()} & {
        word for words in absent._ADVICE.values() for word in words.split()
    }


@pytest.mark.parametrize("word", [word for words in elsewhere().values() for word in words.split()])
def test_what_others_call_an_op_leads_to_it(word: str) -> None:
    """`Dense` as a layer is told to be `linear`; a word that is an op's own name needs no answer."""
    if word in catalogue():
        return
    with pytest.raises(SpecError) as caught:
        load_text(NET % word)
    assert any(
        catalogue().keys() & re.findall(r"did you mean '(\w+)'\?", problem.hint) for problem in caught.value.problems
    )


@pytest.mark.parametrize("word", sorted(WORDS))
def test_a_word_without_an_op_says_what_to_write(word: str) -> None:
    """Each gets its advice, unless it names a bundled block, which leads further."""
    with pytest.raises(SpecError) as caught:
        load_text(NET % word)
    (problem,) = caught.value.problems
    assert problem.hint == WORDS[word] or "include: [" in problem.hint or word == "input"  # `input` is a layer here


@pytest.mark.parametrize(
    "layer", sorted({text for hint in absent._ADVICE for text in re.findall(r"'(\w+: \{.*?\})'", hint)})
)
def test_the_layers_of_an_advice_can_be_written(layer: str) -> None:
    """What stands in quotes is a layer as it is; `rnn` and the like are for [steps, features]."""
    text = NET % layer
    if layer.startswith(("lstm", "gru", "embedding")):
        text = f"input: [4{', 8' * (layer[0] != 'e')}]\nlayers:\n  - {layer}\n"
    if layer.startswith("parameter"):
        text = f"input: [3, 8]\nlayers:\n  - concat: {{axis: 0, token: [{{{layer}}}], body: []}}\n"
    build(load_text(text))


@pytest.mark.parametrize(
    ("words", "written"),
    [
        ("[conv, 8, 1]", "conv: {out: 8, kernel: 1}"),
        ("leaky_relu: 0.1", "leaky_relu: {slope: 0.1}"),
        ("dropout: 0.5", "dropout: {p: 0.5}"),
        ("upsample: 2", "upsample: {scale: 2}"),
        ("softmax: 1", "softmax: {axis: 1}"),
        ("{type: Dense, units: 5}", "linear: {out: 5}"),
        ("conv(8, 3, padding=1)", "conv: {out: 8, kernel: 3, padding: 1}"),
        ("conv: {out: 4, kernel: 1, activation: relu}", "conv: {out: 4, kernel: 1}\n  - relu"),
        ("add: [NAME, input]", "add:\n    from: [NAME, input]"),
        ("concat: {a: NAME, b: []}", "concat: {a: {from: NAME}, b: []}"),
        ("concat: {from: [NAME, input]}", "concat:\n    from: [NAME, input]"),
    ],
)
def test_what_a_hint_writes(words: str, written: str, tmp_path: Path) -> None:
    """The texts that the issue asks for, typed here by hand."""
    path = tmp_path / "net.yaml"
    path.write_text(NET % words)
    (problem,) = problems_of(path)
    write(problem.edits)
    assert path.read_text() == NET % written
    assert problems_of(path) == ()


@pytest.mark.parametrize("name", sorted(blocks()))
def test_the_name_of_a_bundled_block_leads_to_its_file(name: str, tmp_path: Path) -> None:
    """After the hint the block is known: what is wrong then is about its arguments."""
    path = tmp_path / "net.yaml"
    path.write_text(NET % name)
    (problem,) = problems_of(path)
    assert f"include: [{blocks()[name].file}]" in problem.hint
    write(problem.edits)
    assert not any("unknown op or block" in other.message for other in problems_of(path))
