"""What is no test without an extra: modules whose doctests need its libraries."""

from importlib.util import find_spec

_NEEDED = {
    "pyarrow": ["wacost/rating/framed/*.py"],
    "statsmodels": ["wacost/balance/giants.py", "wacost/balance/paths.py"],
}
collect_ignore_glob = [one for name, some in _NEEDED.items() if not find_spec(name) for one in some]
