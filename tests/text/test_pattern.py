"""Patterns of files and of paths of layers."""

from __future__ import annotations

from pathlib import Path

import pytest

from costcalc.text.pattern import Pattern


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("specs/*.yaml", "specs/a.yaml", True),
        ("specs/*.yaml", "specs/a/b.yaml", False),
        ("specs/**/*.yaml", "specs/a.yaml", True),
        ("specs/**/*.yaml", "specs/a/b/c.yaml", True),
        ("**/*.yaml", "a.yaml", True),
        ("**", "a/b", True),
        ("specs/a?.yaml", "specs/ab.yaml", True),
        ("specs/a?.yaml", "specs/a/.yaml", False),
        ("specs/a.yaml", "specs/aXyaml", False),
        ("specs/a[1].yaml", "specs/a[1].yaml", True),
        ("*", "a\nb", True),
    ],
)
def test_files(pattern: str, path: str, matches: bool) -> None:
    """`*` stays within a folder, `**` does not; dots and brackets are themselves."""
    assert Pattern(pattern).matches(path) is matches


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("stage3", "stage3", True),
        ("stage3", "stage3[0]", False),
        ("stage?", "stage3", True),
        ("stage?", "stage3[2]", False),
        ("stage*", "stage3[2]", True),
        ("stage3[*]", "stage3[2]", True),
        ("stage3[2]", "stage32", False),
        ("*", "stage3[2]", True),
        ("*", "stage3[2].body", False),
        ("*.body", "stage3[2].body", True),
        ("**.conv", "stage3[2].body.conv_norm.conv", True),
    ],
)
def test_paths_of_layers(pattern: str, path: str, matches: bool) -> None:
    """A level is what stands between dots, its index included."""
    assert Pattern(pattern, ".").matches(path) is matches


def test_files_below_a_folder(tmp_path: Path) -> None:
    """Sorted, relative, nothing hidden, no link to a folder, and a plain name only where it is a file."""
    for name in (
        "specs/b.yaml",
        "specs/a.yaml",
        "specs/x/c.yaml",
        "specs/.hidden/d.yaml",
        "specs/e.txt",
        ".venv/f.yaml",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    (tmp_path / "specs/loop").symlink_to(tmp_path, target_is_directory=True)
    assert list(Pattern("specs/**/*.yaml").files(tmp_path)) == ["specs/a.yaml", "specs/b.yaml", "specs/x/c.yaml"]
    assert list(Pattern("**/*.yaml").files(tmp_path)) == ["specs/a.yaml", "specs/b.yaml", "specs/x/c.yaml"]
    assert list(Pattern("specs/a.yaml").files(tmp_path)) == ["specs/a.yaml"]
    assert list(Pattern("specs").files(tmp_path)) == []
    assert list(Pattern("nowhere/*.yaml").files(tmp_path)) == []
