"""Lets clients of 2014 and 2017 start on today's Python.

Nothing of what they send is touched: the names below moved or left the standard library, and the
clients would fail on import. `MetaPathFinder.find_spec` replaced `find_module`, which the copies of
`six` inside these clients still use.
"""

import collections
import collections.abc
import importlib.machinery
import inspect
import sys
import types

for name in ("Mapping", "MutableMapping", "Callable", "Iterable"):
    if not hasattr(collections, name):
        setattr(collections, name, getattr(collections.abc, name))

if not hasattr(inspect, "getargspec"):
    inspect.getargspec = lambda function: inspect.getfullargspec(function)[:4]

try:
    import cgi  # noqa: F401
except ImportError:
    # `requests` asks it for the charset of text answers, of which KMS sends none.
    cgi = types.ModuleType("cgi")
    cgi.parse_header = lambda line: (line.partition(";")[0].strip(), {})
    sys.modules["cgi"] = cgi

try:
    import imp  # noqa: F401
except ImportError:
    # boto imports it for plug-ins, of which there are none here.
    sys.modules["imp"] = types.ModuleType("imp")


class SixFinder:
    """Answers `find_spec` for the lazy importers of old copies of `six`."""

    def find_spec(self, name, path=None, target=None):
        for finder in sys.meta_path:
            if type(finder).__name__ == "_SixMetaPathImporter" and not hasattr(finder, "find_spec"):
                loader = finder.find_module(name)
                if loader is not None:
                    return importlib.machinery.ModuleSpec(name, SixLoader(loader, name))
        return None


class SixLoader:
    def __init__(self, loader, name):
        self.loader, self.name = loader, name

    def create_module(self, spec):
        return self.loader.load_module(self.name)

    def exec_module(self, module):
        pass


sys.meta_path.append(SixFinder())
