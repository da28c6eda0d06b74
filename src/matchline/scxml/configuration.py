"""Which states a set of transitions leaves and enters: the pure part of the recommendation's appendix D."""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from matchline.scxml.document import ROOT, Document, State, Transition


@dataclass(frozen=True, slots=True)
class Situation:
    """Where a session stands: its active states, and what its history states remember."""

    document: Document
    active: AbstractSet[int]
    history: Mapping[int, tuple[int, ...]]

    def state(self, index: int) -> State:
        return self.document.states[index]

    def effective_targets(self, transition: Transition) -> set[int]:
        """`getEffectiveTargetStates`: history states stand for what they remember, or for their default."""
        found: set[int] = set()
        for target in transition.targets:
            state = self.state(target)
            if state.kind != "history":
                found.add(target)
            elif target in self.history:
                found.update(self.history[target])
            elif state.initial:
                found |= self.effective_targets(state.initial)
        return found

    def domain(self, transition: Transition) -> int | None:
        """`getTransitionDomain`: the state within which everything is left and entered."""
        targets = self.effective_targets(transition)
        if not targets:
            return None
        source = self.state(transition.source)
        if transition.internal and source.compound and all(map(source.holds, targets)):
            return source.index
        return self._common_compound(source.index, targets)

    def _common_compound(self, source: int, targets: Iterable[int]) -> int | None:
        """`findLCCA`; None only for the transition that enters the document."""
        for index in self.document.ancestors(source):
            state = self.state(index)
            if state.compound and all(map(state.holds, targets)):
                return index
        return None

    def exit_set(self, transitions: Iterable[Transition]) -> set[int]:
        left: set[int] = set()
        for transition in transitions:
            domain = self.domain(transition) if transition.targets else None
            if domain is not None:
                left.update(filter(self.state(domain).holds, self.active))
        return left

    def without_conflicts(self, enabled: Iterable[Transition]) -> list[Transition]:
        """`removeConflictingTransitions`: of two that leave the same state the inner, else the first."""
        kept: list[Transition] = []
        for candidate in enabled:
            if candidate in kept:
                continue
            left = self.exit_set([candidate])
            rivals = [other for other in kept if left & self.exit_set([other])]
            if all(self.state(other.source).holds(candidate.source) for other in rivals):
                kept = [other for other in kept if other not in rivals]
                kept.append(candidate)
        return kept

    def remembered(self, history: State) -> tuple[int, ...]:
        """What a history state is to remember when its parent is left."""
        parent = self.state(history.parent)
        if history.deep:
            return tuple(i for i in sorted(self.active) if parent.holds(i) and self.state(i).atomic)
        return tuple(child for child in parent.children if child in self.active)

    def entry(self, transitions: Iterable[Transition]) -> "Entry":
        """`computeEntrySet`."""
        entry = Entry(self)
        for transition in transitions:
            for target in transition.targets:
                entry.add(target)
            domain = self.domain(transition)
            for target in self.effective_targets(transition):
                entry.add_ancestors(target, domain)
        return entry


@dataclass(slots=True)
class Entry:
    """The states to enter, and whose default content runs then."""

    situation: Situation
    states: set[int] = field(default_factory=set)
    defaults: set[int] = field(default_factory=set)  # compound states entered by their initial transition
    histories: dict[int, Transition] = field(default_factory=dict)  # parent: a history state's default

    def add(self, index: int) -> None:
        """`addDescendantStatesToEnter`."""
        state = self.situation.state(index)
        if state.kind == "history":
            self._add_history(state)
            return
        self.states.add(index)
        if state.compound:
            assert state.initial is not None, "the parser gives every compound state an initial transition"
            self.defaults.add(index)
            self._add_within(state.initial.targets, index)
        elif state.kind == "parallel":
            self._add_regions(state)

    def add_ancestors(self, index: int, below: int | None) -> None:
        """`addAncestorStatesToEnter`: every ancestor up to, and without, `below`; the root is never entered."""
        for ancestor in self.situation.document.ancestors(index):
            if ancestor in (below, ROOT):
                return
            self.states.add(ancestor)
            state = self.situation.state(ancestor)
            if state.kind == "parallel":
                self._add_regions(state)

    def _add_history(self, state: State) -> None:
        remembered = self.situation.history.get(state.index)
        if remembered is None:
            assert state.initial is not None, "the parser demands a default of every history state"
            self.histories[state.parent] = state.initial
            remembered = state.initial.targets
        self._add_within(remembered, state.parent)

    def _add_within(self, targets: Iterable[int], ancestor: int) -> None:
        targets = tuple(targets)
        for target in targets:
            self.add(target)
        for target in targets:
            self.add_ancestors(target, ancestor)

    def _add_regions(self, parallel: State) -> None:
        for child in parallel.children:
            region = self.situation.state(child)
            if child not in self.states and not any(map(region.holds, self.states)):
                self.add(child)
