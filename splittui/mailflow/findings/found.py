"""What a check of the split finds."""

from __future__ import annotations

from dataclasses import dataclass

from splittui.planning.plan import Severity


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that is wrong, or will be.

    ``evidence`` is the attribute and the value that show it, ``consequence`` what happens to mail, ``fix`` the zmprov
    lines that mend it, or words where no single line can. ``addresses`` is empty where it concerns the whole domain.
    """

    severity: Severity
    code: str
    title: str
    addresses: tuple[str, ...]
    evidence: str
    consequence: str
    fix: tuple[str, ...] = ()
