"""Options of the tests."""


def pytest_addoption(parser):
    group = parser.getgroup("wacost")
    group.addoption("--fuzz-bodies", type=int, help="how many damaged bodies to ingest")
    group.addoption("--fuzz-seed", type=int, default=1, help="another seed damages otherwise")
