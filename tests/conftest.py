"""Options of the tests."""

from hypothesis import settings

# How long one example takes says more about the machine than about the code.
settings.register_profile("wacost", parent=settings(), deadline=None)
settings.load_profile("wacost")


def pytest_addoption(parser):
    group = parser.getgroup("wacost")
    group.addoption("--fuzz-bodies", type=int, help="how many damaged bodies to ingest")
    group.addoption("--fuzz-seed", type=int, default=1, help="another seed damages otherwise")
