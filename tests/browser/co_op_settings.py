"""A housing co-op whose owners may be companies, with DEBUG off: the pages that a visitor of a site in use gets.

Its name has a word that is nearly as wide as a telephone.
"""

import dataclasses

from config.client import Type
from config.settings import base
from config.settings.dev import *  # noqa: F403
from config.settings.dev import CLIENT as CO_OP

DEBUG = False
MIDDLEWARE = base.MIDDLEWARE  # with the one that serves the style sheets
WHITENOISE_USE_FINDERS = True

_COMPANY = Type(
    code="FIRMA", name={"nb": "Firma som eier", "en": "Company that owns"}, kind="ordinary", frequency="permanent",
    converts_to="NUL", selectable=True, for_organisations=True,
)  # fmt: skip
CLIENT = dataclasses.replace(
    CO_OP,
    organisation=dataclasses.replace(CO_OP.organisation, name="Boligsameiet Grønlandsleirettunnelen"),
    membership=dataclasses.replace(
        CO_OP.membership, organisations_may_join=True, types=(*CO_OP.membership.types, _COMPANY)
    ),
)
