"""Contacts: may they be asked, may they be called, is their service window open."""
