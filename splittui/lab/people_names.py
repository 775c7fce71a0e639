"""Names for the sample people, of several scripts' worth of readers; each maps to ASCII for the address."""

from __future__ import annotations

import unicodedata

_GIVEN = """
Adam Aisha Alba Amara Anders Andrea Anna Antje Arjun Astrid Aylin Beatriz Ben Björn Camille Carla Carlos Chiara
Chloé Claire Daan Daniel David Diego Dmitri Eero Elena Elif Emil Emma Erik Eva Farid Fatima Felix Femke Finn
François Freya Gabriel Giulia Grace Greta Hana Hannah Hans Helena Henrik Hugo Ida Igor Ines Ingrid Isaac Isla Ivan
Jakub Jan Jana Javier Jin Joana João Jonas José Juan Julia Jürgen Kai Karin Katja Kenji Kofi Lars Laura Lea Leila
Leo Lina Linh Lisa Łukasz Luca Lucía Maja Malik Marek Maria Marta Mateo Max Maya Mei Mia Miguel Milan Mira Nadia
Naomi Nils Nina Noah Nora Olga Oliver Omar Oskar Pablo Paula Peter Petra Pia Priya Quentin Rafael Ravi Rita Robin
Rosa Ruth Sam Samira Sara Sean Sofia Søren Stefan Sven Tariq Tessa Theo Thomas Tim Tom Ulrike Uma Valeria Vera
Viktor Wei Wim Yara Yusuf Zoe Zoë
"""
_SURNAMES = """
Abbott Acosta Ahmed Álvarez Andersen Aydın Bakker Banerjee Barros Bauer Becker Berg Bianchi Björk Black Bonnet
Brandt Brown Bruno Byrne Campbell Carlsen Castro Chen Christensen Clark Conti Costa Cruz Dahl Das Davies Díaz
Dijkstra Dubois Dupont Dvořák Eriksen Esposito Evans Fernández Ferrari Fischer Fontaine Fournier Friedrich García
Garnier Gomes Gonçalves González Grant Gruber Guerra Haas Hansen Harris Hassan Hernández Hoffmann Holm Horváth
Huang Hughes Hussein Ibrahim Ito Ivanov Jansen Jensen Johansson Jones Kaya Keller Kelly Khan Kim King Klein Koch
Kovač Kowalski Kraus Kumar Lang Larsen Laurent Lee Lehmann Li Lindberg Liu López Magnusson Maier Marino Martin
Martínez Mason Meyer Mohamed Moreau Morgan Müller Murphy Nagy Nakamura Nguyen Nielsen Novák Nowak Okafor Olsen
O'Connor Ortiz Park Patel Pavlov Pereira Petersen Popov Price Quinn Rao Reyes Ricci Richter Rivera Roberts Romano
Rossi Roux Ruiz Ryan Sánchez Santos Sato Schmidt Schneider Schulz Shah Silva Singh Smith Sørensen Souza Stein
Suzuki Svensson Szabó Takahashi Taylor Thompson Tóth Turner Vargas Vasquez Virtanen Vogel Wagner Walker Wang Weber
White Wilson Winter Wolf Wong Wright Yamada Yilmaz Young Zhang Ziegler Zimmermann
"""
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "ı": "i", "ß": "ss", "æ": "ae", "'": ""})


def ascii_form(name: str) -> str:
    """The name as people write it in an address: lower case, without marks."""
    plain = unicodedata.normalize("NFKD", name.lower().translate(_LETTERS))
    return "".join(letter for letter in plain if letter.isascii())


GIVEN = tuple(_GIVEN.split())
SURNAMES = tuple(_SURNAMES.split())
GIVEN_ASCII = tuple(ascii_form(name) for name in GIVEN)
SURNAMES_ASCII = tuple(ascii_form(name) for name in SURNAMES)
