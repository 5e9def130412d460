"""A client of the CloudAgent API, written from its documentation alone.

    cloudagent.py DIRECTORY URL          everything but time and limits; leaves a token in DIRECTORY
    cloudagent.py DIRECTORY URL limits   what that token says once it is too old, and the documented limits

DIRECTORY holds accounts as `muster integration create --json` prints them: cloudagent.json and cloudagent-other.json
for either way to authenticate, cloudagent-key.json for the key alone, cloudagent-token.json for tokens alone. The desk
has the teams Support and Sales, the administrator ada and the SIP locations Mumbai and Pune.
"""

import sys

import requests

from checks import dump
from cloudagent_account import (
    A1, A2, A3, A4, A5, A6, A7, CREATE, DELETE, EDIT, NIA, LOGINS, R1, SKILL, TOKEN, UPDATED, Account, account,
    by_key, check, directory, error, nia, other, url,
)
from cloudagent_agents import (
    agent_skills, authority, create_agent, delete, detailed, edits, groups, refused_edits, rename, skills,
)
from cloudagent_presence import details, lock, sign_in, state


@check.step("a token is generated, and what is said when it is not")
def generate_token():
    def refused(status, text, headers, body):
        check.body(account.ask("POST", TOKEN, body, headers), status, text)

    name = {"userName": account.name}
    refused(401, A1, {}, name)
    refused(401, A1, {"apiKey": ""}, name)
    refused(401, '{"status": "false","message": "UserName is null","data": null}', by_key, {"username": account.name})
    nobody = '{"status": "false","message": "Invalid userName or apiKey","data": null}'
    refused(401, nobody, by_key, {"userName": "nobody"})
    refused(401, nobody, by_key, {"userName": other.name})
    refused(401, nobody, {"apiKey": "KK" + "0" * 32}, name)

    for path in (TOKEN, "/CA_APIS/caToken/generatetoken/"):
        answer = account.ask("POST", path, name, by_key)
        given = answer.json()
        check.body(answer, 200, dump({"token": given.get("token"), "message": ""}))
        check.holds("a token", "a text", given.get("token"), isinstance(given.get("token"), str) and given["token"])


@check.step("every failure of credentials, with the key and with a token")
def credentials():
    def refused(text, headers, body=None, status=401):
        body = account.with_name({"agentId": "nia.1", "email": NIA}) if body is None else body
        check.body(account.ask("PUT", EDIT, body, headers), status, text)

    first = account.ask("POST", TOKEN, {"userName": account.name}, by_key).json()["token"]
    token = account.ask("POST", TOKEN, {"userName": account.name}, by_key).json()["token"]
    bearer = {"Authorization": "Bearer " + token}

    refused(A1, {})
    refused(A1, {"apiKey": ""})
    refused(A1, {**bearer, "apiKey": ""})
    refused(A2, {"apiKey": "KK" + "0" * 32})
    refused(A2, {**bearer, "apiKey": other.key})
    for headers in (by_key, bearer):
        for name in ({}, {"userName": None}, {"userName": ""}, {"userName": "nobody"}, {"userName": other.name}):
            refused(A3, headers, {"agentId": "nia.1", "email": NIA, **name})
        for malformed in ('{"userName": "', "", '{"priority": }'):
            answer = requests.put(url + EDIT, data=malformed, headers={**headers, "Content-Type": "application/json"})
            check.body(answer, 400, A7)
    refused(A4, {"Authorization": "Bearer "})
    refused(A5, {"Authorization": "Bearer " + "x" * 43})
    refused(A5, {"Authorization": "Bearer " + first})
    for headers in (bearer, {**bearer, **by_key}, {"Authorization": token}, {"authorization": "bearer " + token}):
        check.body(account.edit("nia.1", headers=headers, email=NIA), 200, UPDATED)
    account.token = token


@check.step("accounts that allow one way to authenticate")
def one_way():
    key_only, token_only = Account("cloudagent-key.json"), Account("cloudagent-token.json")
    check.body(key_only.edit("nia.1", email=NIA), 200, UPDATED)
    check.body(key_only.ask("POST", TOKEN, {"userName": key_only.name}), 401, A2)
    check.body(key_only.edit("nia.1", headers={"Authorization": "Bearer nonsense"}, email=NIA), 401, A5)
    check.body(token_only.edit("nia.1", email=NIA), 401, A4)
    token_only.token = token_only.ask("POST", TOKEN, {"userName": token_only.name}).json()["token"]
    check.body(token_only.edit("nia.1", email=NIA), 200, UPDATED)


@check.step("unknown paths and methods")
def unknown():
    check.body(account.ask("POST", "/ca_apis/nothing"), 404, error("Resource not found"))
    answer = account.ask("PATCH", EDIT, {})
    check.body(answer, 405, error("Method not allowed"))
    allowed = answer.headers.get("Allow", "")
    check.holds("Allow", "PUT among others", allowed, "PUT" in allowed.split(", "))


@check.step("a token is left to grow old")
def leave_token():
    token = account.ask("POST", TOKEN, {"userName": account.name}, by_key).json()["token"]
    (directory / "cloudagent.token").write_text(token)


def spend(ask, times, refusal):
    """`times` calls are answered; the next is refused and says when to come again."""
    for number in range(times):
        answer = ask()
        check.holds(f"call {number + 1} of {times}", "any answer but 429", answer.text, answer.status_code != 429)
    answer = ask()
    check.body(answer, 429, refusal)
    wait = answer.headers.get("Retry-After", "")
    check.holds("Retry-After", "seconds", wait, wait.isdigit() and 1 <= int(wait) <= 3600)


@check.step("a token of an hour ago has expired")
def expired():
    bearer = {"Authorization": "Bearer " + (directory / "cloudagent.token").read_text()}
    for method, path in [("PUT", EDIT), ("POST", CREATE), ("DELETE", DELETE), ("POST", SKILL)]:
        body = account.with_name({"agentId": "nia.1", "email": NIA})
        check.body(account.ask(method, path, body, bearer), 401, A6)


@check.step("five creations, edits and deletions in a minute, failures among them, key and token together")
def five():
    account.token = account.ask("POST", TOKEN, {"userName": account.name}, by_key).json()["token"]
    spend(lambda: account.create(**nia), 5, R1)
    variants = [None, by_key] * 3
    spend(lambda: account.edit("nia.1", headers=variants.pop(), email=NIA), 5, R1)
    spend(lambda: account.delete("zz"), 5, R1)
    answer = other.edit("nia.1", email=NIA)
    check.body(answer, 200, UPDATED)


@check.step("the other calls have limits of their own")
def others():
    message_first = '{"message": "Max limit exceeded","status": "error"}'
    spend(lambda: account.details(agentId="nia.1"), 10, message_first)
    spend(lambda: account.ask("POST", LOGINS, {"userName": account.name}), 5, message_first)
    spend(lambda: account.ask("POST", SKILL, {"userName": account.name}), 10, R1)
    # One token is made above.
    spend(lambda: other.ask("POST", TOKEN, {"userName": other.name}), 10, R1)


EVERYTHING = [
    generate_token, create_agent, credentials, one_way, refused_edits, skills, edits, detailed, rename, agent_skills,
    groups, sign_in, details, state, lock, authority, delete, unknown, leave_token,
]
LIMITS = [expired, five, others]

check.run(LIMITS if sys.argv[3:] == ["limits"] else EVERYTHING)
