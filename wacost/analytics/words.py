"""Words of the field that figures and tables show: directions, statuses, steps, heads of columns.

English is what the store and the command line say; readers of another language read its words.
"""

from __future__ import annotations

from typing import Final

from wacost.language import mark

WORDS: Final = frozenset({
    # directions, and how a figure of a rate card is known
    mark("outbound"), mark("inbound"),
    mark("published"), mark("derived"), mark("reported"), mark("contract"), mark("illustrative"),
    # what became of a call's price
    mark("rated"), mark("free"), mark("unanswered"), mark("held"), mark("open"),
    mark("incomplete"), mark("no_country"), mark("no_rate"), mark("no_account"),
    # why the cost changed
    mark("volume"), mark("mix"), mark("duration"), mark("price"),
    # what became of a missed call
    mark("called back"), mark("called again"), mark("later"), mark("waiting"), mark("nameless"),
    # what became of a request for permission
    mark("requested"), mark("delivered"), mark("read"), mark("failed"), mark("temporary"),
    mark("permanent"), mark("refused"), mark("no reply"), mark("automatic"), mark("granted"),
    mark("called"), mark("reached"), mark("expired unused"), mark("revoked unused"),
    mark("replaced unused"), mark("open unused"), mark("calls"), mark("answered calls"),
    # whether calls are allowed on a balance
    mark("allowed"), mark("no_minimum"), mark("unknown"),
    # yes and no
    mark("true"), mark("false"),
    # whose card: each account's own
    mark("(own)"),
    # kinds of documents
    mark("expected"), mark("chargeback"), mark("customer"),
})  # fmt: skip
"""What stands in cells and beside bars."""

HEADS: Final = frozenset({
    # whose calls, which way, when
    mark("account"), mark("title"), mark("number"), mark("numbers"), mark("contact"),
    mark("contacts"), mark("country"), mark("destination"), mark("market"), mark("direction"),
    mark("month"), mark("day"), mark("weekday"), mark("hour"), mark("time zone"),
    # calls and what became of them
    mark("call id"), mark("answered"), mark("unpriced"), mark("status"), mark("flags"),
    mark("missed"), mark("declined"), mark("pickup"), mark("pickup low"), mark("pickup high"),
    mark("needs"), mark("outcome"), mark("attempts"), mark("waited"), mark("waited most"),
    mark("first at"), mark("last at"), mark("age"), mark("rule"), mark("within 7 days"),
    mark("example"),
    # money and rates
    mark("amount"), mark("at least"), mark("at most"), mark("currency"), mark("cost"),
    mark("fee"), mark("fees"), mark("total"),
    mark("paid"), mark("per answered call"), mark("card"), mark("card status"), mark("cheapest"),
    mark("rate per minute"), mark("tier from minutes"), mark("next from minutes"),
    mark("next rate"), mark("next on"), mark("used seconds"), mark("used minutes"),
    mark("billed seconds"),
    # balances and forecasts
    mark("balance"), mark("state"), mark("told"), mark("what"), mark("early"), mark("middle"),
    mark("late"), mark("a day"), mark("so far"), mark("80 % low"), mark("80 % high"),
    mark("until"), mark("before"), mark("chance"),
    # permissions and windows
    mark("step"), mark("count"), mark("messages"), mark("message amount"), mark("call amount"),
    mark("per permission"), mark("windows"), mark("by calls alone"),
    mark("by inbound calls alone"), mark("by both"), mark("calls alone"),
    mark("calls alone low"), mark("calls alone high"), mark("longest"),
    # documents
    mark("kind"), mark("issued on"),
})  # fmt: skip
"""What stands above columns, and in titles that name the column that a figure is told by."""
