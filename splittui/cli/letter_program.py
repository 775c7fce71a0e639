"""The program that ``splittui letters --command`` hands each letter to, without a shell in between."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass

from splittui.cli.exits import CommandError
from splittui.model.text import clean

_FIELD = re.compile(r"\{(address|name|file)\}")


class HandOverError(Exception):
    """The program did not take a letter; the text says why."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program with its arguments, in which ``{address}``, ``{name}`` and ``{file}`` stand for those of a letter."""

    words: tuple[str, ...]

    @property
    def names_file(self) -> bool:
        """Whether it wants the file that the letter was written to."""
        return any("{file}" in word for word in self.words)

    def arguments(self, fields: Mapping[str, str]) -> list[str]:
        """The words with the fields filled in, each as part of one argument. Raises HandOverError.

        A value that a program would take for an option is refused, unless a ``--`` stands before it.
        """
        filled: list[str] = []
        for word in self.words:
            argument = _FIELD.sub(lambda field: fields[field[1]], word)
            if argument.startswith("-") and not word.startswith("-") and "--" not in filled:
                raise HandOverError(
                    f"{argument} begins with a dash, and would be taken for an option: put -- before {word}"
                )
            filled.append(argument)
        return filled

    def hand(self, text: str, fields: Mapping[str, str]) -> None:
        """Starts the program with the text on its stdin and waits for its end. Raises HandOverError."""
        arguments = self.arguments(fields)
        try:
            ended = subprocess.run(
                arguments, input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
            )
        except (OSError, ValueError) as error:
            raise HandOverError(f"{arguments[0]} cannot be started: {error}") from error
        if ended.returncode:
            raise HandOverError(_why(arguments[0], ended.returncode, ended.stdout))


def program(line: str) -> Program:
    """The program that the line names, quoted as for a shell. Raises CommandError where it cannot be found."""
    try:
        words = tuple(shlex.split(line))
    except ValueError as error:
        raise CommandError(f"--command {line}: cannot be taken apart: {error}") from error
    if not words:
        raise CommandError("--command: names no program")
    if shutil.which(words[0]) is None:
        raise CommandError(f"--command {words[0]}: there is no such program")
    return Program(words)


def _why(name: str, code: int, output: bytes) -> str:
    ended = f"{name} ended with {code}" if code > 0 else f"{name} was ended by signal {-code}"
    said = output.decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return f"{ended}: {clean(last)}" if last else ended
