"""Registers brought in as files: one with rows that somebody should look at, and one that was a mistake."""

import io
from collections.abc import Sequence
from datetime import date

from config.demo.moments import noon
from config.demo.people import type_of
from core import dates
from core.models import User
from membership.imports import runs
from membership.models import ImportRun

_HEADINGS = "Etternavn;Fornavn;Fødselsdato;E-post;Mobil;Gateadresse;Postnummer;Poststed;Medlemstype"
# Two are as they should be; three have something odd about them; the last cannot be right.
_STAND = (
    "Moe;Kari;12.04.1987;kari.moe@demo.example;+47 41000011;Elvegata 21;7010;Trondheim;{one}",
    "Moe;Knut;03.09.1985;knut.moe@demo.example;;Elvegata 21;7010;Trondheim;{one}",
    "Rød;Siri;30.01.1979;siri.roed(at)demo.example;+47 41000013;Sjøgata 2;7010;Trondheim;{one}",
    "Bye;Tore;17.05.1968;tore.bye@demo.example;12;Fossveien 9;7500;Stjørdal;{one}",
    "Berg;Bjørn;09.08.1968;b.berg@demo.example;;Strandveien 3;7650;Verdal;{one}",
    "Lunde;Nina;31.02.1990;nina.lunde@demo.example;;Tjernlia 4;7010;Trondheim;{one}",
)
_OLD = (
    "Vang;Gerd;02.02.1951;;;Kirkeveien 4;7650;Verdal;{one}",
    "Aas;Alice;17.05.1979;;+47 41000021;Elvegata 1;7010;Trondheim;{one}",
    "Sund;;12.12.1960;;;Kirkeveien 8;7650;Verdal;{one}",
)
_MISTAKE = (
    "Prøve;Første;01.01.1980;;;Prøveveien 1;7010;Trondheim;{one}",
    "Prøve;Andre;02.01.1980;;;Prøveveien 1;7010;Trondheim;{one}",
)


def bring(*, today: date, by: User) -> None:
    """A list from a stand on the market square, one that was only a try and was taken back, and one that somebody has
    looked through and not agreed to."""
    tried = _import("Prøveliste.csv", _MISTAKE, on=dates.days_after(today, -12), by=by)
    on = dates.days_after(today, -11)
    runs.undo(run=tried, at=noon(on), by=by)
    runs.finish(run=tried, on=on, at=noon(on))
    _import("Stand på torget.csv", _STAND, on=dates.days_after(today, -5), by=by)
    _look("Gammelt kartotek.csv", _OLD, on=today, by=by)


def _import(name: str, rows: Sequence[str], *, on: date, by: User) -> ImportRun:
    """Bring a file, look at what it would do, and agree to it."""
    run = _look(name, rows, on=on, by=by)
    runs.agree(run=run, at=noon(on))
    return runs.finish(run=run, on=on, at=noon(on))


def _look(name: str, rows: Sequence[str], *, on: date, by: User) -> ImportRun:
    """Bring a file, and look at what it would do."""
    one = type_of("E")
    lines = [_HEADINGS, *(row.format(one=one.code) for row in rows)]
    run = runs.start(file=io.BytesIO("\n".join([*lines, ""]).encode()), name=name, at=noon(on), by=by)
    runs.choose_types(run=run, types={**run.types, one.code.casefold(): one.code})
    runs.look(run=run, at=noon(on))
    return runs.finish(run=run, on=on, at=noon(on))
