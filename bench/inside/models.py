"""Run by a bare interpreter: the first touch of every table model, or of one as many times."""

import json
import os
import sys
import time


def main():
    orders = json.loads(sys.argv[1])
    sys.path[:0] = orders["path"]
    import importlib
    import pkgutil

    from chalicelib import config, storage
    from chalicelib.storage import table

    for module in pkgutil.iter_modules(storage.__path__):
        importlib.import_module(f"chalicelib.storage.{module.name}")
    models = [model for model in table.Row.__subclasses__() if model.__module__.startswith("chalicelib")]
    began = time.process_time()
    table.connect(config.load())
    touched = models if orders["all"] else models[:1] * len(models)
    found = [table.get(model, "nobody", "nothing") for model in touched]
    spent = time.process_time() - began
    with open(orders["figures"], "w") as file:
        json.dump({"cpu": spent, "models": len(models), "touched": found.count(None)}, file)
    os._exit(0)


main()
