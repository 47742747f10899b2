"""Read the routes of subnets: to which gateways they lead."""

from __future__ import annotations

from diagramkit.infrastructure import paths
from diagramkit.infrastructure.fates import Model
from diagramkit.infrastructure.records import Resource
from diagramkit.infrastructure.rules import cloudformation_type

_ROUTE, _ROUTE_TABLE = "AWS::EC2::Route", "AWS::EC2::RouteTable"
_ASSOCIATION = "AWS::EC2::SubnetRouteTableAssociation"
_INTERNET_GATEWAY = "AWS::EC2::InternetGateway"
_GATEWAYS = ("{GatewayId,NatGatewayId,TransitGatewayId,VpcPeeringConnectionId}",)
_GATEWAYS_OF_TABLE = ("route.**.{gateway_id,nat_gateway_id,transit_gateway_id,vpc_peering_connection_id}",)


class Routes:
    """The routes of all subnets. `gateways` are the addresses of what those of a route table lead to."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._gateways: dict[str, dict[str, str]] = {}
        self._tables: dict[str, list[str]] = {}
        for resource in model.resources.values():
            kind = cloudformation_type(resource.type)
            if kind == _ROUTE:
                for table in paths.references_at(resource.properties, ["RouteTableId"]):
                    self._add(table.address, resource, _GATEWAYS)
            elif kind == _ROUTE_TABLE:
                self._add(resource.address, resource, _GATEWAYS_OF_TABLE)
            elif kind == _ASSOCIATION:
                tables = [table.address for table in paths.references_at(resource.properties, ["RouteTableId"])]
                for subnet in paths.references_at(resource.properties, ["SubnetId"]):
                    self._tables.setdefault(subnet.address, []).extend(tables)

    def _add(self, table: str, route: Resource, where: tuple[str, ...]) -> None:
        for gateway in paths.references_at(route.properties, where):
            self._gateways.setdefault(table, {}).setdefault(gateway.address, route.address)

    def of_subnet(self, subnet: str) -> dict[str, str]:
        """Return the addresses of the gateways that a subnet leads to, with those of the routes."""
        gateways: dict[str, str] = {}
        for table in self._tables.get(subnet, ()):
            gateways = {**self._gateways.get(table, {}), **gateways}
        return gateways

    def is_public(self, subnet: str) -> bool:
        """Return whether a subnet leads to an internet gateway."""
        gateways = (self._model.resources.get(address) for address in self.of_subnet(subnet))
        return any(
            gateway is not None and cloudformation_type(gateway.type) == _INTERNET_GATEWAY for gateway in gateways
        )
