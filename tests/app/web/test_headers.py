from __future__ import annotations

import pytest
from starlette.datastructures import MutableHeaders

from app.settings import ServeSettings
from app.web.headers import DOCS_CSP, PLAIN_CSP, REPORT_CSP, portal_csp, secure


@pytest.mark.parametrize("policy", [PLAIN_CSP, DOCS_CSP, REPORT_CSP, portal_csp()])
def test_no_policy_lets_another_host_in_or_a_script_be_made_of_text(policy: str) -> None:
    assert "http" not in policy
    assert "*" not in policy
    assert "'unsafe-eval'" not in policy
    script = next((part for part in policy.split(";") if "script-src" in part), "default-src 'none'")
    assert "'unsafe-inline'" not in script


def test_the_portals_policy_knows_streamlits_own_script_by_its_hash() -> None:
    assert portal_csp().count("'sha256-") >= 1


def test_a_report_may_run_nothing_but_be_framed_by_us() -> None:
    headers = MutableHeaders({"Content-Security-Policy": REPORT_CSP})
    secure(headers, ServeSettings(), kept=False)
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert "sandbox" in headers["Content-Security-Policy"]
    assert "script-src" not in headers["Content-Security-Policy"]


def test_private_answers_are_never_kept_and_public_files_may_be() -> None:
    private, public, streamlits = (
        MutableHeaders(),
        MutableHeaders(),
        MutableHeaders({"Cache-Control": "immutable"}),
    )
    secure(private, ServeSettings(), kept=False)
    secure(public, ServeSettings(), kept=True)
    secure(streamlits, ServeSettings(), kept=True)
    assert private["Cache-Control"] == "no-store"
    assert "max-age" in public["Cache-Control"]
    assert streamlits["Cache-Control"] == "immutable"


def test_https_is_insisted_on_only_where_it_is_used() -> None:
    plain, secured = MutableHeaders(), MutableHeaders()
    secure(plain, ServeSettings(), kept=False)
    secure(secured, ServeSettings(public_url="https://ai.example.com"), kept=False)
    assert "Strict-Transport-Security" not in plain
    assert "max-age" in secured["Strict-Transport-Security"]


def test_a_camera_may_be_used_by_our_own_pages_and_nothing_else_of_the_kind() -> None:
    headers = MutableHeaders()
    secure(headers, ServeSettings(), kept=False)
    allowed = dict(part.strip().split("=", 1) for part in headers["Permissions-Policy"].split(","))
    assert allowed.pop("camera") == "(self)"
    assert set(allowed.values()) == {"()"}
    assert "connect-src 'self' data:;" in headers["Content-Security-Policy"]
