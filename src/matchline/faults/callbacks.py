"""The faults of requests about callbacks. They are declared like those of `errors.py`."""

from collections.abc import Mapping

from matchline.errors import Fault
from matchline.kept.callback import CallbackState


class CallbackExceptionAvailability(Fault):
    """The desired time is outside office hours, or its slot is full; `availability` holds the nearest free slots.

    Clients of Genesys Mobile Services know it by the end of its name.
    """

    status = 400

    def __init__(self, why: str, availability: Mapping[str, str]) -> None:
        message = f"There can be no callback at the desired time: {why}."
        super().__init__(message, extra={"availability": availability})


class UnknownCallback(Fault):
    """No callback of this service with that id is live."""

    status = 404

    def __init__(self) -> None:
        super().__init__("There is no callback with this id.")


class WrongCallbackState(Fault):
    """The callback is no longer scheduled, or is completed, and stays; `_callback_state` tells its state."""

    status = 409

    def __init__(self, state: CallbackState) -> None:
        super().__init__("The callback can no longer be changed.", extra={"_callback_state": str(state)})
