"""What can go wrong with a route of the existing mail system, short of its host being gone."""

from __future__ import annotations


class RouteError(Exception):
    """It could not be seen or was not made. The text is a clause without a full stop, with the far end's own words."""
