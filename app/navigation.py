"""The catalogue of pages, declared once: the menu, links and tests read it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.words import words

PAGES_FOLDER = Path(__file__).resolve().parent.parent / "pages"


@dataclass(frozen=True, kw_only=True)
class PageRow:
    """One page.

    name: of its file in pages/ and of its address (home's address is "/").   section: heading in the menu.
    parent: the page of the menu it belongs to; pages with one are reached from there and not in the menu.
    in_menu: False for a page that is reached from elsewhere and belongs to none of the menu.
    """

    name: str
    title: str
    icon: str
    section: str = ""
    parent: str = ""
    in_menu: bool = True

    @property
    def file(self) -> Path:
        return PAGES_FOLDER / f"{self.name}.py"

    @property
    def is_hidden(self) -> bool:
        return bool(self.parent) or not self.in_menu


DEVELOP = words("Develop")
LAUNCH = words("Launch")
OPERATE = words("Operate")

CATALOGUE: tuple[PageRow, ...] = (
    PageRow(name="home", title=words("Home"), icon=":material/home:"),
    PageRow(name="datasets", title=words("Datasets"), icon=":material/table_chart:", section=DEVELOP),
    PageRow(name="dataset", title=words("Dataset"), icon=":material/table_chart:", parent="datasets"),
    PageRow(name="label", title=words("Label pictures"), icon=":material/new_label:", parent="datasets"),
    PageRow(name="runs", title=words("Runs"), icon=":material/route:", section=DEVELOP),
    PageRow(name="walk", title=words("Run"), icon=":material/route:", parent="runs"),
    PageRow(name="models", title=words("Models"), icon=":material/deployed_code:", section=LAUNCH),
    PageRow(name="model", title=words("Model"), icon=":material/deployed_code:", parent="models"),
    PageRow(name="services", title=words("Services"), icon=":material/hub:", section=LAUNCH),
    PageRow(name="service", title=words("Service"), icon=":material/hub:", parent="services"),
    PageRow(name="use", title=words("Use a service"), icon=":material/chat_bubble:", parent="services"),
    PageRow(name="jobs", title=words("Jobs"), icon=":material/pending_actions:", section=OPERATE),
    PageRow(name="job", title=words("Job"), icon=":material/pending_actions:", parent="jobs"),
    PageRow(name="system", title=words("System"), icon=":material/monitor_heart:", section=OPERATE),
    PageRow(name="account", title=words("Account"), icon=":material/account_circle:", in_menu=False),
)

BY_NAME: Mapping[str, PageRow] = {row.name: row for row in CATALOGUE}
