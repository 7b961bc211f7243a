"""Imported first of all ours, so set here: what is imported is never garbage, and looking for it after every 700
objects took a seventh of a cold start."""

import gc

gc.set_threshold(50_000)
