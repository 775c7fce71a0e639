"""Reading values out of JSON with a complaint that names what is missing or wrong."""

from __future__ import annotations

from collections.abc import Mapping

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


class PlanFormatError(ValueError):
    """The text is not a plan this program wrote, or was changed since; the message says where."""


def as_object(data: Json, what: str) -> dict[str, Json]:
    if not isinstance(data, dict):
        raise PlanFormatError(f"{what} is not an object")
    return data


def items(data: Mapping[str, Json], key: str) -> list[Json]:
    value = data.get(key)
    if not isinstance(value, list):
        raise PlanFormatError(f"{key!r} is missing or not a list")
    return value


def objects(data: Mapping[str, Json], key: str, what: str) -> list[dict[str, Json]]:
    return [as_object(item, what) for item in items(data, key)]


def text(data: Mapping[str, Json], key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str):
        raise PlanFormatError(f"{key!r} is missing or not text")
    return value


def texts(data: Mapping[str, Json], key: str) -> tuple[str, ...]:
    return tuple(text({"value": item}, "value") for item in items(data, key))


def number(data: Mapping[str, Json], key: str) -> float:
    value = data.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise PlanFormatError(f"{key!r} is missing or not a number")
    return value
