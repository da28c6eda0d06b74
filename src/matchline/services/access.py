"""What request-interaction and request-access share: the parameters and the answer of access information."""

from matchline import codes, phone
from matchline.engine import Engine
from matchline.engine.declared import BOOKING
from matchline.engine.reserve import Access, Terms
from matchline.engine.service import Answer, Request
from matchline.options import Flag, Integer, Option, Schema, Text

ACCESS_OPTIONS = (
    Option(
        "_phone_number",
        Text(phone.MAX_TEXT, "a telephone number"),
        "The device's number, compared later with the caller's.",
        request=True,
    ),
    Option("_provide_code", Flag(), "Whether to issue an access code too.", "false", request=True),
    Option(
        "_resource_group",
        Text(hint="the name of a resource group"),
        "The resource group to take the access number from.",
        "DNIS",
        request=True,
    ),
    Option(
        "_access_code_length",
        Integer(codes.MIN_LENGTH, codes.MAX_LENGTH, "digits"),
        "The length of the access code.",
        "6",
        request=True,
    ),
    Option(
        "_booking_expiration_timeout",
        BOOKING,
        "How long the access information stays reserved; by default as long as the resource group says.",
        request=True,
    ),
)

ACCESS_ANSWER: Schema = {
    "_access_number": {"type": "string", "description": "The number to dial, as it was configured."},
    "_access_code": {"type": "string", "description": "The access code, when it was asked for."},
    "_expiration_time": {"type": "string", "description": "Seconds the access information stays reserved."},
    "_tel_url": {"type": "string", "description": "A link that dials the number and sends the code."},
}


def access_terms(engine: Engine, request: Request) -> Terms:
    timeout = request.options["_booking_expiration_timeout"]
    return Terms(
        request.text("_resource_group") or "",
        request.text("_phone_number"),
        request.number("_access_code_length") if request.flag("_provide_code") else 0,
        None if timeout is None else int(timeout),
        engine.guard.quota(request.client),
    )


def access_answer(access: Access) -> Answer:
    answer = {"_access_number": access.number, "_expiration_time": str(access.timeout_seconds)}
    if access.code is not None:
        answer["_access_code"] = access.code
    if access.tel_url is not None:
        answer["_tel_url"] = access.tel_url
    return answer
