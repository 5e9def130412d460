"""A client of the imi.chat API, written from its documentation alone.

    imichat.py DIRECTORY URL          everything but time and limits; leaves a token in DIRECTORY
    imichat.py DIRECTORY URL limits   what that token says once it is too old, and the daily limit, which is 5

DIRECTORY holds keys as `muster integration create --json` prints them: imichat.json for the whole desk,
imichat-support.json for the team Support, imichat-metered.json for the daily limit. The desk has the teams Support and
Sales; business may be Retail, location Pune; language (a text), tier (a number) and remote (yes or no) are skill
attributes.
"""

import base64
import datetime
import sys

import requests

from imichat_key import Key, check, desk, directory, has_code, people, support, url
from imichat_users import create, get, pages, put, refused_updates, search, status, update


@check.step("a token comes in a header of authorize, for each way to send the key")
def authorize():
    for headers in [
        {"Authorization": desk.proof()},
        {"Authorization": "Basic " + desk.proof()},
        {"authorization_key": desk.proof()},
        {"api_key": desk.proof()},
        {"Authorization": desk.proof(encode=base64.urlsafe_b64encode)},
        {"Authorization": desk.proof().rstrip("=")},
    ]:
        answer = desk.authorize(headers)
        has_code(answer, 4301)
        desk.token = answer.headers.get("access_token")
        check.holds("the token", "a text", desk.token, desk.token)
        check.same("a call with it", 200, desk.ask("GET", "/teams").status_code)
    support.sign_in()

    has_code(desk.authorize({}), 2002)
    for wrong in ["*", desk.proof(key="0" * 64), desk.proof(domain="elsewhere.example.org"), desk.proof()[:8]]:
        has_code(desk.authorize({"Authorization": wrong}), 2003)


@check.step("teams are those of the key")
def teams():
    everything = desk.good(4303, "GET", "/teams")["teams"]
    for team in everything:
        check.same("a team's fields", ["teamid", "team_name", "group"], list(team))
    ids = {team["team_name"]: team["teamid"] for team in everything}
    check.holds("all of the desk", "Sales and Support among them", sorted(ids), {"Sales", "Support"} <= set(ids))
    desk.team = support.team = ids["Support"]
    people["sales"] = ids["Sales"]
    own = support.good(4303, "GET", "/teams")["teams"]
    check.same("the restricted key's", [team for team in everything if team["team_name"] == "Support"], own)


@check.step("headers that a call has to bring")
def headers():
    for blank in (None, ""):
        desk.refused(2002, "GET", "/users/1", headers={"access_token": blank})
        desk.refused(2002, "GET", "/users/1", headers={"teamid": blank})
    desk.refused(2003, "GET", "/users/1", headers={"access_token": "x"})
    desk.refused(2003, "GET", "/teams", headers={"access_token": "x"})
    for team in ("999", "seven", "-1", "1.5"):
        desk.refused(2010, "GET", "/users/1", headers={"teamid": team})
    support.refused(2010, "GET", "/users/1", headers={"teamid": str(people["sales"])})
    desk.refused(2002, "POST", "/users/search", headers={"access_token": None, "teamid": "999"})
    dashes = {"access_token": None, "access-token": desk.token, "teamid": None, "team_id": str(desk.team)}
    check.same("with other spellings", 200, desk.ask("GET", "/users", headers=dashes).status_code)


@check.step("unknown paths and methods")
def unknown():
    path = f"/users/{people['ana']['id']}"
    for method in ("POST", "DELETE"):
        answer = desk.ask(method, path, {"first_name": "Eve"})
        has_code(answer, 2099)
        allowed = {name.strip() for name in answer.headers.get("Allow", "").split(",")}
        check.holds("Allow", "GET, PATCH and PUT", sorted(allowed), {"GET", "PATCH", "PUT"} <= allowed)
    has_code(requests.post(f"{url}/v3.1{path}"), 2099)
    desk.refused(2098, "GET", "/nothing")


@check.step("headers count the calls of the day")
def counted():
    answers = [desk.ask("GET", "/teams") for _ in range(3)]
    remaining = [int(answer.headers["Rate-Limit-Remaining"]) for answer in answers]
    check.same("falls by one", [remaining[0], remaining[0] - 1, remaining[0] - 2], remaining)
    check.same("the limit", "10000", answers[0].headers["Rate-Limit-Limit"])
    reset = datetime.datetime.fromisoformat(answers[0].headers["Rate-Limit-Reset"].replace("Z", "+00:00"))
    left = reset - datetime.datetime.now(datetime.timezone.utc)
    is_next = datetime.timedelta(0) <= left <= datetime.timedelta(days=1)
    is_midnight = reset.strftime("%H:%M:%S") == "00:00:00"
    check.holds("the reset", "the next midnight, UTC", str(reset), is_next and is_midnight)
    check.same("each call has its own trxid", 3, len({answer.headers["trxid"] for answer in answers}))


@check.step("a token is left to grow old")
def leave_token():
    (directory / "imichat.token").write_text(f"{desk.sign_in().token} {desk.team}")


@check.step("a token of an hour ago has expired")
def expired():
    desk.token, desk.team = (directory / "imichat.token").read_text().split()
    has_code(desk.ask("GET", "/teams"), 2004)
    has_code(desk.ask("PATCH", "/users/ana", {"first_name": "Eve"}), 2004)
    has_code(desk.ask("PATCH", "/users/ana", {"first_name": "Eve"}, headers={"teamid": None}), 2002)


@check.step("the sixth call of the day is refused where five are allowed")
def daily():
    metered = Key("imichat-metered.json")
    answers = [metered.authorize({"Authorization": metered.proof()})]
    metered.token = answers[0].headers["access_token"]
    answers += [metered.ask("GET", "/teams") for _ in range(4)]
    check.same("statuses", [200] * 5, [answer.status_code for answer in answers])
    check.same("the last of the day", "0", answers[-1].headers["Rate-Limit-Remaining"])
    refused = metered.ask("GET", "/teams")
    has_code(refused, 2029)
    wait = refused.headers.get("Retry-After", "")
    check.holds("Retry-After", "seconds until midnight", wait, wait.isdigit() and 1 <= int(wait) <= 86400)


EVERYTHING = [
    authorize, teams, headers, create, get, update, status, put, refused_updates, search, pages, unknown, counted,
    leave_token,
]
LIMITS = [expired, daily]

check.run(LIMITS if sys.argv[3:] == ["limits"] else EVERYTHING)
