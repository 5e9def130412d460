"""The administrator, the people and departments that the steps make, and how the library tells of refusals."""

import sys

import requests
from rocketchat_API.APIExceptions.RocketExceptions import RocketApiException
from rocketchat_API.rocketchat import RocketChat

from checks import Checks

url = sys.argv[2]
check = Checks("rocketchat")

ADMIN, ADMIN_EMAIL, ADMIN_PASSWORD = "ada", "ada@example.org", "Correct-horse-7"
PASSWORD = "Purple-monkey-9"
NOT_SIGNED_IN = {
    "success": False, "status": "error", "error": "You must be logged in to do this.",
    "message": "You must be logged in to do this.",
}
NOT_PERMITTED = "User does not have the permissions required for this action [error-unauthorized]"
INSTANT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"


def library(user=None, password=None, **options):
    """The library as it is, but with a connection for each call. Else, on a machine that stands still for some seconds, a
    call would race with the server's closing of an idle connection."""
    session = requests.Session()
    session.headers["Connection"] = "close"
    return RocketChat(user, password, server_url=url, session=session, **options)


def sign_in(user, password=PASSWORD):
    return library(user, password)


def refused(what, status, error, call, error_type=None):
    raised = check.raises(what, RocketApiException, call)
    if raised is not None:
        check.same(what, [status, error], [raised.status_code, raised.error])
        if error_type is not None:
            check.same(f"{what}: errorType", error_type, raised.error_type)


signed_in, users, departments = {}, {}, {}


def admin():
    return signed_in["admin"]
