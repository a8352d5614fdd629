"""The base that growth is counted from: `--base`, or the lock file or git revision of the configuration."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from costcalc.budget.config import shown
from costcalc.budget.model import Config
from costcalc.budget.select import patterns_of
from costcalc.errors import Fault, Location, Problem, Source, SpecError
from costcalc.text.bounds import way_out
from costcalc.text.compose import read
from costcalc.versions.baseline import Baseline, from_commit, from_text, is_path
from costcalc.versions.keys import split
from costcalc.versions.on_demand import Opened
from costcalc.versions.subjects import Measurement


def find_base(
    option: str | None,
    default: str | None,
    config: Config | None,
    measurement: Measurement,
    folder: Path,
    git: Opened,
) -> tuple[Baseline | None, tuple[Problem, ...]]:
    """The base, None where nobody asks for one. One that cannot be used has no kind, and problems that say why.

    `option` wins over the configuration, and this over `default`, which is a revision.
    """
    if option is not None:
        return _usable(option, Path.cwd(), None, config, measurement, folder, git)
    if config is not None and config.lock is not None:
        return _lock(config.lock, config.folder / config.lock, measurement, folder)
    if config is not None and config.base is not None:
        beside = None if config.base_is_git else config.folder
        return _usable(config.base, beside, config.base_location, config, measurement, folder, git)
    if default is not None:
        return _usable(default, None, None, config, measurement, folder, git)
    return None, ()


def _lock(name: str, path: Path, measurement: Measurement, folder: Path) -> tuple[Baseline, tuple[Problem, ...]]:
    if way_out(path) is None and not path.exists():
        return Baseline(name, {}, "lock", missing=True), ()
    return _from_file(name, path, measurement, folder)


def _usable(
    name: str,
    beside: Path | None,
    location: Location | None,
    config: Config | None,
    measurement: Measurement,
    folder: Path,
    git: Opened,
) -> tuple[Baseline, tuple[Problem, ...]]:
    """A revision, or a file that is written as one: a file in a pull request must not pass for the branch it is for.

    Files are looked for `beside` a folder; None where only a revision is meant.
    """
    if beside is not None and is_path(name):
        return _from_file(name, beside / name, measurement, folder)
    if beside is not None and name.endswith(".json") and not git.has(name):
        return _from_file(name, beside / name, measurement, folder)
    patterns = patterns_of(config) if config is not None else ()
    try:
        revision = git.repository().revision(name)
        base = from_commit(revision, measurement.subjects, folder, patterns, measurement.variants)
        return _relevant(base, measurement, folder), ()
    except Fault as fault:
        is_file = beside is not None and not git.has(name) and (beside / name).is_file()
        hint = f"a file is written ./{name}" if is_file else fault.hint or "a file is a base too: ./x, or x.json"
        message = f"the base '{name}' cannot be used: {fault.message}"
        return Baseline(name, {}, ""), (Problem(message, location, hint),)


def _from_file(name: str, path: Path, measurement: Measurement, folder: Path) -> tuple[Baseline, tuple[Problem, ...]]:
    try:
        return _relevant(from_text(read(path, shown(path)).text, name, batch=1), measurement, folder), ()
    except SpecError as error:
        return Baseline(name, {}, ""), error.problems
    except Fault as fault:
        place = Location(Source(shown(path), ""), 0, 0)
        return Baseline(name, {}, ""), (Problem(fault.message, place, fault.hint),)


def _relevant(base: Baseline, measurement: Measurement, folder: Path) -> Baseline:
    """The base without what is still there and merely not measured this time, which is neither judged nor gone."""
    measured = {subject.key for subject in measurement.subjects}

    def there(key: str) -> bool:
        path, variant = split(key)
        if variant is not None and path in measurement.variants:
            return variant in measurement.variants[path]
        return (folder / path).exists()

    if base.kind == "report":
        return base
    kept = {key: model for key, model in base.models.items() if key in measured or not there(key)}
    return replace(base, models=kept)
