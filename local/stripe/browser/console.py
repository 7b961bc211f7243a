from flask import Blueprint

from local.stripe.store import World


def add(pages: Blueprint, world: World) -> None: ...
