"""Find the frames of accounts and regions, if the source says that there are several."""

from __future__ import annotations

from collections.abc import Iterable

from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.records import Frame
from diagramkit.infrastructure.rules import cloudformation_type, word_list

_SHOWN_DIGITS = 4


class Locations:
    """The accounts and regions of the resources that are drawn, as far as they tell them apart."""

    def __init__(self, model: Model, visible: Iterable[str]) -> None:
        self._model = model
        located = [self._of_resource(address) for address in visible]
        self._has_accounts = len({account for account, _ in located if account}) > 1
        self._has_regions = len({region for _, region in located if region}) > 1

    def _of_resource(self, address: str) -> tuple[str, str]:
        """Return the account and the region of a resource; empty texts for a global service."""
        resource = self._model.resources[address]
        service = cloudformation_type(resource.type).split("::")[1:2]
        return (
            ("", "") if service and service[0] in word_list("global_services") else (resource.account, resource.region)
        )

    def add(self, frames: dict[str, Frame], of_node: dict[str, str], visible: Iterable[str]) -> dict[str, Frame]:
        """Return all frames, also those of accounts and regions around the others; `of_node` gets the nodes in them."""
        added: dict[str, Frame] = {}
        members: dict[str, list[str]] = {}
        for address in visible:
            if address in of_node:
                members.setdefault(_root(of_node[address], frames), []).append(address)
            elif (frame := self._frame([address], added)) is not None:
                of_node[address] = frame
        placed = {
            root: Frame(frames[root].address, frames[root].title, frames[root].kind, parent, frames[root].resources)
            for root, inside in members.items()
            if (parent := self._frame(inside, added)) is not None
        }
        return {**added, **frames, **placed}

    def _frame(self, addresses: list[str], added: dict[str, Frame]) -> str | None:
        """Return the address of the frame for what is all in one account and region; adds it if it is a new one."""
        locations = {location for address in addresses if any(location := self._of_resource(address))}
        accounts = {account for account, _ in locations if account} if self._has_accounts else set()
        parent = None
        if len(accounts) == 1:
            (account,) = accounts
            parent = f"account:{account}"
            title = f"AWS account …{account[-_SHOWN_DIGITS:]}"
            added.setdefault(parent, Frame(parent, title, "account", None, ()))
        regions = {region for _, region in locations if region} if self._has_regions else set()
        if len(regions) == 1 and len(accounts) < 2:
            (region,) = regions
            outer, parent = parent, f"region:{parent or ''}:{region}"
            added.setdefault(parent, Frame(parent, region, "region", outer, ()))
        return parent


def _root(address: str, frames: dict[str, Frame]) -> str:
    """Return the outermost frame around a frame."""
    parent = frames[address].parent
    return address if parent is None else _root(parent, frames)
