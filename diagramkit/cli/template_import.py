"""The part of `diagramkit import` that reads infrastructure templates: a spec for each of them, or for each stack."""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import replace

from diagramkit.diagnostics import OK, PROBLEMS, Diagnostic, DiagramError, Span, exit_code, fail
from diagramkit.sources.imports.import_key import LEVELS, SPLITS, ZONES, ImportKey

if TYPE_CHECKING:
    from diagramkit.batch.executor import Executor
    from diagramkit.graph import Pattern
    from diagramkit.sources.imports.targets import ImportTarget
    from diagramkit.sources.imports.updating import SpecUpdate

_NO_SPLIT = "none"
_REMEMBERED = ("level", "focus", "show", "hide", "zones", "split")
"""The options that a spec remembers."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options about templates to the command."""
    templates = parser.add_argument_group("templates")
    templates.add_argument("--level", choices=LEVELS, help="how much to show (default: default)")
    templates.add_argument(
        "--focus",
        metavar="ADDRESS[:HOPS]",
        help="show only a resource and what is at most HOPS edges away (default: 1)",
    )
    templates.add_argument(
        "--show",
        action="append",
        metavar="GLOB",
        help="show resources whose address or type matches, whatever their level",
    )
    templates.add_argument(
        "--hide", action="append", metavar="GLOB", help="leave out resources whose address or type matches"
    )
    templates.add_argument(
        "--zones", choices=ZONES, help="show subnets once for all zones, or each of them (default: merged)"
    )
    templates.add_argument(
        "--split", choices=(*SPLITS, _NO_SPLIT), help="write a spec for each stack or module of a template"
    )
    templates.add_argument("--strict", action="store_true", help="report unknown types of resources as errors")
    templates.add_argument(
        "--check",
        action="store_true",
        help="write nothing; exit with 1 and list the differences if a spec is not as its template",
    )


class _Work(Struct):
    """What there is to do: templates to import, and specs to import again, each with its template.

    `splits` are folders with specs of stacks, each with its template. `texts` are those of all templates, and
    `problems` those with the sources.
    """

    texts: dict[str, str] = field(default_factory=dict)
    templates: list[str] = field(default_factory=list)
    specs: list[tuple[ImportTarget, str]] = field(default_factory=list)
    splits: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Diagnostic] = field(default_factory=list)

    def add(self, template: str, text: str) -> None:
        """Add a template to import."""
        self.texts.setdefault(template, text)
        if template not in self.templates:
            self.templates.append(template)


def run(options: argparse.Namespace) -> int:
    """Write the specs of templates and return the exit code. Raises `DiagramError` if there is nothing to import."""
    from diagramkit.cli import console

    if options.check and options.force:
        options.parser.error("--check writes nothing; use it without --force")
    work = _find(options)
    console.report(work.problems)
    importing = _Importing(options, work.texts)
    steps: list[Callable[[], int]] = [partial(importing.to_spec, target, name) for target, name in work.specs]
    steps += [partial(importing.to_stacks, folder, name) for folder, name in dict.fromkeys(work.splits)]
    steps += [partial(importing.to_specs, template) for template in work.templates]
    code = exit_code(work.problems)
    for step in steps:
        try:
            code = max(code, step())
        except DiagramError as error:
            console.report(error.problems)
            code = max(code, exit_code(error.problems))
    return code


def _find(options: argparse.Namespace) -> _Work:
    """Return what the sources stand for; without sources, the specs in the output folder."""
    from diagramkit import sources

    named = options.sources or [options.output]
    if not options.sources and not Path(options.output).exists():
        message = "there is no spec to import again; name a template, such as template.yaml"
        raise fail("no-template", message, Span(options.output))
    work = _Work()
    for file in sources.find(named, options.executor.read_index):
        if file.problems:
            work.problems += file.problems
            continue
        try:
            text = sources.read_text(file.path)
        except DiagramError as error:
            work.problems += () if file.in_folder else error.problems
            continue
        try:
            _classify(work, options.executor, file.path, text, file.in_folder)
        except DiagramError as error:
            work.problems += error.problems
    if not work.texts and not work.problems:
        message = "there is no template here, nor a spec that was imported; name a template, such as template.yaml"
        raise fail("no-template", message, Span(named[0]))
    return work


def _classify(work: _Work, executor: Executor, path: str, text: str, in_folder: bool) -> None:
    """Add a file to what there is to do: a template, or a spec that was imported. Others in folders are left out."""
    from diagramkit import sources
    from diagramkit.sources import readers, spec, templates
    from diagramkit.sources.imports import targets

    if templates.is_template(text, path):
        work.add(path, text)
        return
    target = targets.target(path, partial(_read_key, executor))
    if target.key is None:
        if targets.was_imported(path):
            executor.call(Span(path), spec.read, text, path)  # The key may not be valid.
        if not in_folder and readers.SPEC.is_source(text):
            message = "this spec has no key 'import' that names its template; name the template instead"
            raise fail("not-imported", message, Span(path))
        if not in_folder:
            work.add(path, text)  # Reading it says what is wrong.
        return
    template = targets.template_of(target.key, path)
    work.texts.setdefault(template, sources.read_text(template))
    if in_folder and target.key.split:  # There may be new stacks.
        work.splits.append((os.path.dirname(path), template))  # noqa: PTH120 - as the user writes it
    else:
        work.specs.append((target, template))


def _read_key(executor: Executor, text: str, path: str) -> ImportKey | None:
    """Return what a spec remembers, read within the limits. Raises `DiagramError`."""
    from diagramkit.sources.imports import import_key

    return executor.call(Span(path), import_key.read, text, path)


class _Importing:
    """The state of an import: the specs so far, the diagrams of templates by what they show, and their problems."""

    def __init__(self, options: argparse.Namespace, texts: dict[str, str]) -> None:
        self._options, self._texts = options, texts
        self._executor: Executor = options.executor
        self._read_key = partial(_read_key, self._executor)
        self._written: set[str] = set()
        self._diagrams: dict[tuple[Any, ...], Pattern] = {}
        self._reported: list[Diagnostic] = []
        chosen = {name: getattr(options, name) for name in _REMEMBERED}
        self._chosen = {name: tuple(each) if isinstance(each, list) else each for name, each in chosen.items()}

    def to_specs(self, template: str) -> int:
        """Import a template to its spec, or to those of its stacks, and return the exit code."""
        from diagramkit.sources import templates
        from diagramkit.sources.imports import targets

        output, name = self._options.output, templates.name_of(template)
        single, folder = os.path.join(output, f"{name}.yaml"), os.path.join(output, name)
        earlier = targets.of_split(template, folder, self._read_key)
        split = self._chosen["split"]
        has_single = os.path.exists(single) and targets.is_of(single, template, self._read_key)
        code = OK
        if split == SPLITS[0] or (split is None and earlier):
            code = self.to_stacks(folder, template)
        if split == _NO_SPLIT or (split is None and (has_single or not earlier)):
            target = targets.for_template(template, output, name, self._written, self._read_key)
            code = max(code, self.to_spec(target, template))
        if split is not None:
            self._report_others([single] if has_single else [], [each.path for each in earlier])
        return code

    def to_spec(self, target: ImportTarget, template: str) -> int:
        """Import a template, or the stack that the spec shows, to one spec, and return the exit code."""
        key = self._key(target, template, target.key or ImportKey(""))
        drawn = self._diagram(template, key, target)
        if key.split is None:
            return self._update(drawn, key, target)
        part = self._stacks(drawn).get(key.stack or "")
        if part is None:
            return self._report_missing_stack(target)
        return self._update(part, key, target)

    def to_stacks(self, folder: str, template: str) -> int:
        """Import each stack of a template to a spec in a folder, and return the exit code.

        A new stack is imported with the options of the first one.
        """
        from diagramkit.sources import templates
        from diagramkit.sources.imports import targets

        earlier = targets.of_split(template, folder, self._read_key)
        remembered = next((each.key for each in earlier if each.key), ImportKey(""))
        first = targets.ImportTarget(os.path.join(folder, "-"), key=remembered)
        name, code = templates.name_of(template), OK
        for stack in self._stacks(self._diagram(template, self._key(first, template, remembered), first)):
            target = targets.for_stack(template, folder, name, stack, self._written, self._read_key)
            key = replace(target.key or remembered, split=SPLITS[0], stack=stack or None)
            code = max(code, self.to_spec(replace(target, key=key), template))
        for each in earlier:
            if each.path not in self._written:
                code = max(code, self._report_missing_stack(each))
        return code

    def _stacks(self, drawn: Pattern) -> dict[str, Pattern]:
        from diagramkit.sources import templates

        return dict(templates.split(drawn))

    def _key(self, target: ImportTarget, template: str, remembered: ImportKey) -> ImportKey:
        """Return what the spec will remember: what it remembered, with the options of the command line."""
        from diagramkit.sources.imports import import_key, targets

        chosen = {name: value for name, value in self._chosen.items() if name != "split"}
        source = import_key.relative(targets.source_of(template), target.path)
        return replace(remembered.with_options(chosen), source=source)

    def _diagram(self, template: str, key: ImportKey, target: ImportTarget) -> Pattern:
        """Return the diagram of a template. Raises `DiagramError`, also for unknown types if the import is strict."""
        from diagramkit.cli import console
        from diagramkit.sources import templates

        others = self._others(template, key, target)
        known = (template, *others, *key.view.values())
        if known not in self._diagrams:
            view = templates.view_for(template, **key.view)
            texts = [(path, self._texts[path]) for path in others]
            text = self._texts[template]
            drawn = self._executor.call(Span(template), templates.pattern, text, template, "", view, texts)
            problems = _problems(drawn, self._options.strict)
            if any(problem.severity == "error" for problem in problems):
                raise DiagramError(problems)
            console.report([problem for problem in problems if problem not in self._reported])
            self._reported += problems
            self._diagrams[known] = drawn
        return self._diagrams[known]

    def _others(self, template: str, key: ImportKey, target: ImportTarget) -> list[str]:
        """Return the templates whose exports a template may import: those of this run, and remembered ones."""
        from diagramkit import sources
        from diagramkit.sources.imports import targets

        if not _is_stack(template, self._texts[template]):
            return []
        for path in targets.others_of(key, target.path):
            if not any(os.path.realpath(path) == os.path.realpath(known) for known in self._texts):
                self._texts[path] = sources.read_text(path)
        return [path for path, text in self._texts.items() if path != template and _is_stack(path, text)]

    def _update(self, drawn: Pattern, key: ImportKey, target: ImportTarget) -> int:
        """Write a spec, or check it, and return the exit code."""
        from diagramkit import files
        from diagramkit.cli import console
        from diagramkit.sources import templates
        from diagramkit.sources.imports import last_import, targets, updating

        self._written.add(target.path)
        counts = templates.summary(drawn.resources)
        is_new = target.text is None
        if is_new and not drawn.graph.nodes and not drawn.graph.groups:
            noun = f"stack ({key.stack})" if key.stack else "template"
            message = f"nothing in this {noun} is a component, so that there is no spec for it ({counts})"
            console.report([Diagnostic("empty-diagram", message, drawn.span, "note")])
            return OK
        key = replace(key, others=targets.used_others(drawn, self._texts, target.path))
        record_path = last_import.path_of(target.path)
        record = last_import.existing(record_path)
        current = None if self._options.force else target.text
        update = self._executor.call(Span(target.path), updating.update, drawn, key, target.path, current, record)
        if self._options.check:
            return _report_differences(update, target)
        is_written = files.write(target.path, update.text.encode("utf-8"))
        files.write(record_path, update.record.encode("utf-8"))
        problems = _in_order(change.done() for change in update.changes)
        console.report(problems)
        console.info(f"{_state(is_written, is_new, update)} {target.path}: {counts}")
        return PROBLEMS if any(problem.severity == "warning" for problem in problems) else OK

    def _report_others(self, *groups: list[str]) -> None:
        """Report the specs that show the template in the form that was not chosen."""
        from diagramkit.cli import console

        for path in (path for group in groups for path in group if path not in self._written):
            message = "this spec shows the same template in another form; remove the file if it is not needed"
            console.report([Diagnostic("other-spec", message, Span(path), "note")])

    def _report_missing_stack(self, target: ImportTarget) -> int:
        """Report that the stack that a spec shows no longer exists, and return the exit code."""
        from diagramkit.cli import console
        from diagramkit.sources.imports.changes import STALE

        self._written.add(target.path)
        message = "its stack is no longer in the template; remove the file if it is not needed"
        code, severity = (STALE, "error") if self._options.check else ("not-in-template", "warning")
        console.report([Diagnostic(code, message, Span(target.path), severity)])
        return PROBLEMS


def _is_stack(path: str, text: str) -> bool:
    """Return whether a file is a template of CloudFormation, which may import what others export."""
    from diagramkit.infrastructure.readers import detect

    return detect.kind(text, path) == "cloudformation"


def _problems(drawn: Pattern, is_strict: bool) -> list[Diagnostic]:
    """Return the problems of a template; unknown types are errors if the import is strict."""
    return [
        replace(problem, severity="error") if is_strict and problem.code == "unknown-type" else problem
        for problem in drawn.graph.warnings
    ]


def _report_differences(update: SpecUpdate, target: ImportTarget) -> int:
    """Report where a spec is not as its template, and return the exit code."""
    from diagramkit.cli import console
    from diagramkit.sources.imports.changes import STALE

    if target.text is None:
        message = "there is no spec for this template; run 'diagramkit import'"
        problems = [Diagnostic(STALE, message, Span(target.path))]
    else:
        problems = _in_order(change.pending() for change in update.changes)
    console.report(problems)
    return exit_code(problems)


def _in_order(problems: Iterable[Diagnostic | None]) -> list[Diagnostic]:
    """Return diagnostics in the order of the file."""
    return sorted(filter(None, problems), key=lambda problem: (problem.span.line, problem.span.column))


def _state(is_written: bool, is_new: bool, update: SpecUpdate) -> str:
    """Return what was done with a spec."""
    from diagramkit.sources.imports import changes

    if not is_written:
        return "unchanged:"
    summary = changes.summary(update.changes)
    return "wrote" if is_new or not summary else f"updated ({summary})"
