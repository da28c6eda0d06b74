"""This node's state, as load balancers ask for it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Node:
    draining: bool = False  # it is about to stop and wants no more work
    store_answers: bool = True

    @property
    def online(self) -> bool:
        return self.store_answers and not self.draining
