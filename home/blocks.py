"""What standard pages, the front page and the contact page are built of."""

from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.contrib.typed_table_block.blocks import TypedTableBlock
from wagtail.images.blocks import ImageChooserBlock

from newsletter.blocks import RICH_TEXT, WrittenBlocks

ICONS = [
    ("people", _("People")),
    ("globe", _("The world")),
    ("calendar", _("Calendar")),
    ("mail", _("Letter")),
    ("pin", _("Map pin")),
    ("building", _("Building")),
    ("check", _("Tick")),
]


class QuestionBlock(blocks.StructBlock):
    """A question, or another heading that opens."""

    question = blocks.CharBlock(label=_("heading"))
    answer = blocks.RichTextBlock(label=_("text"), features=RICH_TEXT)

    class Meta:
        icon = "help"
        label = _("Heading with text")


class TableBlock(TypedTableBlock):
    """A table of texts."""

    class Meta:
        icon = "table"
        label = _("Table")
        template = "blocks/table.html"


class PageBlocks(WrittenBlocks):
    """The body of a standard page."""

    accordion = blocks.ListBlock(
        QuestionBlock(), icon="list-ul", label=_("Headings that open"), template="blocks/accordion.html"
    )
    table = TableBlock([("text", blocks.CharBlock(label=_("text"), required=False))])


class FeatureBlock(blocks.StructBlock):
    """One of the things the front page tells about."""

    icon = blocks.ChoiceBlock(label=_("sign"), choices=ICONS, required=False)
    heading = blocks.CharBlock(label=_("heading"))
    text = blocks.TextBlock(label=_("text"))
    page = blocks.PageChooserBlock(label=_("leads to this page"), required=False)

    class Meta:
        icon = "pick"
        label = _("Feature")


class FrontPageBlocks(WrittenBlocks):
    """What stands below the picture on the front page."""

    features = blocks.ListBlock(
        FeatureBlock(), icon="grip", label=_("Features side by side"), template="blocks/features.html"
    )


class PersonBlock(blocks.StructBlock):
    """Somebody a visitor may want to reach."""

    name = blocks.CharBlock(label=_("name"))
    role = blocks.CharBlock(label=_("role"), required=False, help_text=_("Like “Chair” or “Treasurer”."))
    email = blocks.EmailBlock(label=_("e-mail"), required=False)
    phone = blocks.CharBlock(label=_("phone"), required=False)
    image = ImageChooserBlock(label=_("picture"), required=False)

    class Meta:
        icon = "user"
        label = _("Person")


class PeopleBlocks(blocks.StreamBlock):
    """The board, the staff."""

    heading = blocks.CharBlock(icon="title", label=_("Heading"), template="blocks/heading.html")
    people = blocks.ListBlock(PersonBlock(), icon="group", label=_("People"), template="blocks/people.html")
