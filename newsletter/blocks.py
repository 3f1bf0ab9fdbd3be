"""What articles and newsletters are built of. The same blocks are shown on the page and in the mail."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks
from wagtail.blocks.struct_block import StructBlockValidationError
from wagtail.images.blocks import ImageBlock

RICH_TEXT = ["h3", "bold", "italic", "ol", "ul", "link", "document-link"]


class PictureBlock(blocks.StructBlock):
    """A picture. Wagtail asks for a text for those who do not see it, unless it is marked as decoration."""

    image = ImageBlock(label=_("picture"))
    caption = blocks.CharBlock(label=_("caption"), required=False)

    class Meta:
        icon = "image"
        label = _("Picture")
        template = "blocks/picture.html"


class QuoteBlock(blocks.StructBlock):
    """Somebody's words, set apart."""

    text = blocks.TextBlock(label=_("quotation"))
    source = blocks.CharBlock(label=_("who said it"), required=False)

    class Meta:
        icon = "openquote"
        label = _("Quotation")
        template = "blocks/quote.html"


class LinkValue(blocks.StructValue):
    """A link to a page of ours or to an address elsewhere."""

    @property
    def url(self) -> str:
        """Where it leads; empty if the page has been removed."""
        page = self.get("page")
        return page.url or "" if page else self.get("address", "")


class CallToActionBlock(blocks.StructBlock):
    """What we want the reader to do, and the button that does it."""

    heading = blocks.CharBlock(label=_("heading"))
    text = blocks.TextBlock(label=_("text"), required=False)
    button = blocks.CharBlock(label=_("words on the button"), help_text=_("Say what happens: “Become a member”."))
    page = blocks.PageChooserBlock(label=_("leads to this page"), required=False)
    address = blocks.URLBlock(label=_("or to this address"), required=False)

    class Meta:
        icon = "pick"
        label = _("Call to action")
        template = "blocks/call_to_action.html"
        value_class = LinkValue

    def clean(self, value: Any) -> Any:
        """A button must lead somewhere."""
        cleaned = super().clean(value)
        if not cleaned.get("page") and not cleaned.get("address"):
            error = ValidationError(_("Choose the page the button leads to, or write an address."))
            raise StructBlockValidationError(block_errors={"page": error})
        return cleaned


class WrittenBlocks(blocks.StreamBlock):
    """The body of an article or a newsletter."""

    heading = blocks.CharBlock(icon="title", label=_("Heading"), template="blocks/heading.html")
    paragraph = blocks.RichTextBlock(
        icon="pilcrow", label=_("Text"), features=RICH_TEXT, template="blocks/paragraph.html"
    )
    picture = PictureBlock()
    quote = QuoteBlock()
    call_to_action = CallToActionBlock()
