"""Show a run's events to the person at the terminal: a live line, or plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text


class RunProgress:
    """Turns events into a live bar on stderr: step, family, score, time left. Use as a context manager."""

    def __init__(self, stream: TextIO, *, time_limit_s: float) -> None:
        self._console = Console(file=stream, highlight=False, soft_wrap=True)
        self._limit = time_limit_s
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:3.0f} %"),
            TextColumn("{task.fields[note]}"),
            console=self._console,
            transient=True,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task("Starting", total=1.0, note="")

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, event: Mapping[str, Any]) -> None:
        """Show one event; kinds without a line are passed over."""
        kind = event["event"]
        if kind == "step_started":
            self._bar.update(
                self._task, description=str(event["title"]), completed=0.0, note=self._left(event)
            )
        elif kind == "step_finished":
            self._say(f"[green]✓[/] {event['title']}", str(event.get("summary", "")))
        elif kind == "step_kept":
            self._say(f"[dim]✓ {event['title']}[/]", "kept from the earlier attempt")
        elif kind == "step_progress":
            self._bar.update(self._task, completed=float(event["share"]), note=self._left(event))
        elif kind in ("model_started", "model_progress"):
            self._show_model(event)
        elif kind == "model_tried":
            self._say(f"[dim]    {event['candidate']}[/]", f"{event['score']:.5g} on the first fold")
        elif kind == "model_finished":
            self._say(f"    {event['candidate']}", f"{event['score']:.5g}  in {event['seconds']:.1f} s")
        elif kind == "model_kept":
            self._say(f"[dim]    {event['candidate']}[/]", f"{event['score']:.5g}  kept")
        elif kind == "part_finished":
            self._say(f"[dim]    {event['candidate']} on {event['rows']:,} rows[/]", f"{event['score']:.5g}")
        elif kind == "model_failed":
            self._say(f"[yellow]    {event['candidate']}[/]", str(event["reason"]))

    def _show_model(self, event: Mapping[str, Any]) -> None:
        score = event.get("valid")
        fold = f" fold {event['fold']} of {event['folds']}" if "fold" in event else ""
        name = f"{event['candidate']}{fold}"
        note = f"{name}  {score:.5g}  " if isinstance(score, float) else f"{name}  "
        self._bar.update(self._task, completed=float(event.get("share", 0.0)), note=note + self._left(event))

    def _left(self, event: Mapping[str, Any]) -> str:
        left = max(0.0, self._limit - float(event["elapsed_s"]))
        return f"{left:.0f} s left"

    def _say(self, head: str, words: str) -> None:
        # Only `head` is ours; `words` may hold column names, which must not be read as markup.
        line = Text.from_markup(head)
        line.append("  ").append(words, style="dim")
        self._console.print(line)


class ShareProgress:
    """A plain bar on stderr for one piece of work; call it with the share that is done. Use as a context manager."""

    def __init__(self, stream: TextIO, title: str) -> None:
        console = Console(file=stream)
        self._bar = Progress(console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(title, total=1.0)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def __call__(self, share: float) -> None:
        """Show that `share`, 0 to 1, is done."""
        self._bar.update(self._task, completed=share)
