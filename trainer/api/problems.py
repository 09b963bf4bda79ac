"""Errors as application/problem+json (RFC 9457), each with the sentence that says how to mend it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

log = logging.getLogger(__name__)

MEDIA_TYPE: Final = "application/problem+json"
_TYPE_PREFIX: Final = "urn:demand-forecast:problem:"


class Fault(BaseModel):
    """One value of a request that cannot be used."""

    where: str = Field(examples=["query.days"])
    what: str = Field(examples=["Input should be greater than or equal to 1"])


class ProblemBody(BaseModel):
    """RFC 9457, with `mend` as its extension: what the caller or the operator does next."""

    model_config = ConfigDict(extra="forbid")

    type: str = Field(examples=[f"{_TYPE_PREFIX}unknown-region"])
    title: str = Field(examples=["Unknown region"])
    status: int = Field(ge=400, le=599, examples=[404])
    detail: str = Field(examples=["region 'XX' is not configured; configured are GR, KR"])
    instance: str = Field(examples=["/api/predictions/latest"])
    mend: str = Field(examples=["ask for one of the configured regions"])
    faults: list[Fault] = []


class Problem(Exception):  # noqa: N818 - RFC 9457's own word
    """Answers the request with `status` and a problem body. `name` tells problems of one status apart."""

    def __init__(
        self, status: int, name: str, detail: str, *, mend: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.name = name
        self.detail = detail
        self.mend = mend
        self.headers = dict(headers or {})


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """What a route's OpenAPI says of the problems that it may answer with."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/ProblemBody"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


def answer(request: Request, problem: Problem, faults: list[Fault] | None = None) -> JSONResponse:
    body = ProblemBody(
        type=_TYPE_PREFIX + problem.name,
        title=problem.name.replace("-", " ").capitalize(),
        status=problem.status,
        detail=problem.detail,
        instance=request.url.path,
        mend=problem.mend,
        faults=faults or [],
    )
    return JSONResponse(
        body.model_dump(), status_code=problem.status, headers=problem.headers, media_type=MEDIA_TYPE
    )


def add_problem_handlers(app: FastAPI) -> None:
    """From here on every error of `app` is a problem body; an unforeseen one keeps its cause to the log."""

    @app.exception_handler(Problem)
    def _problem(request: Request, error: Problem) -> JSONResponse:
        return answer(request, error)

    @app.exception_handler(RequestValidationError)
    def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        faults = [
            Fault(where=".".join(str(part) for part in fault["loc"]), what=fault["msg"])
            for fault in error.errors()
        ]
        named = "; ".join(f"{fault.where}: {fault.what}" for fault in faults[:3])
        problem = Problem(
            422,
            "invalid-request",
            f"{len(faults)} value(s) of the request cannot be used: {named}",
            mend="correct the values named in `faults`; the OpenAPI description tells what each may be",
        )
        return answer(request, problem, faults[:50])

    @app.exception_handler(HTTPException)
    def _http(request: Request, error: HTTPException) -> JSONResponse:
        mend = _MENDS.get(error.status_code, "see the OpenAPI description")
        name = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        problem = Problem(error.status_code, name, str(error.detail), mend=mend, headers=error.headers)
        return answer(request, problem)

    @app.exception_handler(Exception)
    def _unforeseen(request: Request, error: Exception) -> JSONResponse:
        # Starlette raises it again once this is sent, and the server logs it with its traceback.
        problem = Problem(
            500,
            "internal-error",
            f"the request could not be answered: {type(error).__name__}",
            mend="this is a fault of the service; its log of this minute holds the traceback",
        )
        return answer(request, problem)


_MENDS: Final = {
    400: "send a body that is JSON in UTF-8",
    401: "authenticate, then ask again",
    403: "ask with an account that may do this",
    404: "ask for a path that the OpenAPI description lists",
    405: "use a method that the header Allow names",
}
