"""What the imi.chat documentation says on the wire, and keys that speak it."""

import base64
import json
import pathlib
import sys

import requests

from checks import Checks, dump

directory, url = pathlib.Path(sys.argv[1]), sys.argv[2]
check = Checks("imichat")

TEXTS = {
    2002: (400, "Invalid header param - could not find mandatory header parameters"),
    2003: (400, "Invalid Access Token"),
    2004: (401, "Access Token expired"),
    2010: (404, "Could not find details of team based on the teamid passed in the header"),
    2029: (429, "Rate limit exceeded"),
    2098: (404, "Resource not found"),
    2099: (405, "Method not allowed"),
    3101: (404, "Requested user was not found"),
    3107: (400, "The value provided for the custom attribute 'business' is not valid."),
    3110: (400, "The value provided for the custom attribute 'location' is not valid."),
    3114: (400, "Request body not provided"),
    3115: (400, "Request is invalid"),
    4301: (200, "Access token generated successfully"),
    4303: (200, "Teams retrieved successfully"),
    4305: (200, "User created successfully"),
    4306: (200, "The user details retrieved successfully"),
    4307: (200, "Users retrieved successfully"),
    4309: (200, "User updated successfully"),
}

USER = {
    "id": int, "created_at": str, "updated_at": str, "first_name": str, "last_name": str, "login_id": str,
    "email_id": str, "status": str, "logged_in": bool, "job_description": str, "login_using_email": bool,
    "role_type": str, "accepting_chats": bool, "skill_attributes": dict, "active_chats": int, "custom_attributes": dict,
}

PASSWORD = "Purple-monkey-9"


def has_code(answer, code, response=""):
    """The status, the three keys in their order, and exactly this response."""
    status, description = TEXTS[code]
    check.body(answer, status, dump({"status_code": code, "description": description, "response": response}))
    has_headers(answer)
    return response


def has_headers(answer):
    for name in ("trxid", "Rate-Limit-Limit", "Rate-Limit-Remaining", "Rate-Limit-Reset"):
        value = answer.headers.get(name)
        check.holds(f"{name} of {answer.request.method} {answer.request.path_url}", "a value", value, value)


class Key:
    """A key of the product, and a token got with it."""

    def __init__(self, file):
        given = json.loads((directory / file).read_text())
        self.domain, self.key = given["domain"], given["api_key"]
        self.token, self.team = None, None

    def proof(self, key=None, domain=None, encode=base64.b64encode):
        return encode(f"{key or self.key}@{domain or self.domain}".encode()).decode()

    def authorize(self, headers):
        return requests.get(url + "/v3.1/authorize", headers=headers)

    def sign_in(self):
        self.token = self.authorize({"Authorization": self.proof()}).headers["access_token"]
        return self

    def ask(self, method, path, body=None, headers=None, **options):
        """`headers` are put over the usual two; None takes one away."""
        given = {"access_token": self.token, "teamid": None if self.team is None else str(self.team), **(headers or {})}
        given = {name: value for name, value in given.items() if value is not None}
        return requests.request(method, url + "/v3.1" + path, json=body, headers=given, **options)

    def good(self, code, method, path, body=None, **options):
        """The response of a call that has to succeed."""
        answer = self.ask(method, path, body, **options)
        response = answer.json().get("response")
        has_code(answer, code, response)
        return response

    def refused(self, code, method, path, body=None, **options):
        has_code(self.ask(method, path, body, **options), code)

    def update(self, user, **fields):
        return self.good(4309, "PATCH", f"/users/{user['id']}", fields)

    def user(self, user):
        return self.good(4306, "GET", f"/users/{user['id']}")

    def search(self, *conditions, **options):
        rows = [dict(zip(("field", "operator", "value"), one)) for one in conditions]
        return self.good(4307, "POST", "/users/search", {"conditions": rows}, **options)["users"]


desk = Key("imichat.json")
support = Key("imichat-support.json")
people = {}
