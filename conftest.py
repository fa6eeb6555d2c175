"""What is no test without an extra: modules that need a frame library to be imported at all."""

from importlib.util import find_spec

# Their doctests: nobody else imports them before he has a frame in hand.
collect_ignore_glob = [] if find_spec("pyarrow") else ["wacost/rating/framed/*.py"]
