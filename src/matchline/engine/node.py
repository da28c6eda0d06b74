"""This node's state, as load balancers ask for it."""

from dataclasses import dataclass


@dataclass(slots=True)
class Node:
    store: str = ""  # where its store is, as it may be shown
    draining: bool = False  # it is about to stop and wants no more work
    switched_off: bool = False  # somebody wants it to have no more work
    store_answers: bool = True
    clock_fault: str | None = None  # why its time is not to be trusted, as a sentence

    @property
    def online(self) -> bool:
        return self.store_answers and not (self.draining or self.switched_off) and self.clock_fault is None
