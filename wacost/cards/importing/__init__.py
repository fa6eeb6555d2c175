"""Suppliers' price files → cards of our format. What is not understood is refused."""

from wacost.cards.importing.run import Imported, Wishes, import_card

__all__ = ["Imported", "Wishes", "import_card"]
