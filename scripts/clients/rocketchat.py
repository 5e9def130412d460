"""Drives the Rocket.Chat API with rocketchat-api, a client library from PyPI that knows nothing of this desk.

    rocketchat.py DIRECTORY URL          everything but limits
    rocketchat.py DIRECTORY URL limits   the documented limit on calls

The desk has the administrator ada@example.org, whose login is ada and password Correct-horse-7, and the teams Support
and Sales.
"""

import hashlib
import re
import sys

import requests
from rocketchat_API.APIExceptions.RocketExceptions import (
    RocketApiException,
    RocketAuthenticationException,
    RocketBadStatusCodeException,
)

from rocketchat_departments import agents_of, archive, department_agents, livechat_departments, save_info
from rocketchat_desk import (
    ADMIN, ADMIN_EMAIL, ADMIN_PASSWORD, NOT_PERMITTED, NOT_SIGNED_IN, PASSWORD, admin, check, departments, library,
    refused, sign_in, signed_in, url, users,
)


@check.step("login by name and by e-mail, and nobody else gets in")
def login():
    for name in (ADMIN, ADMIN_EMAIL, ADMIN.upper()):
        client = library()
        answer = client.login(name, ADMIN_PASSWORD)
        check.same(f"keys for {name}", ["status", "data", "success"], list(answer))
        check.same("status", ["success", True], [answer["status"], answer["success"]])
        data = answer["data"]
        check.same("data", ["userId", "authToken", "me"], list(data))
        token = data["authToken"]
        check.holds("authToken", "43 characters", token, re.fullmatch(r"[A-Za-z0-9_-]{43}", token))
        check.same("me is the user", [data["userId"], ADMIN], [data["me"]["_id"], data["me"]["username"]])
    signed_in["admin"] = client
    for name, password in [(ADMIN, "Wrong-horse-7"), (ADMIN_EMAIL, "Wrong-horse-7"), ("nobody", ADMIN_PASSWORD)]:
        check.raises(f"{name} with {password}", RocketAuthenticationException, lambda: sign_in(name, password))
    digest = {"digest": hashlib.sha256(ADMIN_PASSWORD.encode()).hexdigest(), "algorithm": "sha-256"}
    check.same("a digest", "success", library().login(ADMIN, digest)["status"])
    token = admin().headers["X-Auth-Token"]
    resumed = library().call_api_post("login", resume=token)
    check.same("resume", admin().headers["X-User-Id"], resumed["data"]["userId"])


@check.step("me and info")
def me():
    shown = admin().me()
    expected = {"username": ADMIN, "active": True, "email": ADMIN_EMAIL, "success": True}
    check.same("me", expected, {name: shown.get(name) for name in expected})
    check.same("its address", ADMIN_EMAIL, shown["emails"][0]["address"])
    check.holds("roles", "with admin", shown["roles"], "admin" in shown["roles"])
    version = admin().info()["version"]
    check.holds("version", "8.x.y", version, re.match(r"8\.\d+\.\d+", version))
    answer = requests.get(url + "/api/v1/me", headers=admin().headers)
    check.same("Content-Type", "application/json", answer.headers["Content-Type"])
    nobody = library()
    raised = check.raises("me of nobody", RocketApiException, nobody.me)
    check.same("its body", [401, NOT_SIGNED_IN], [raised.status_code, raised.response_json])
    half = library(auth_token=admin().headers["X-Auth-Token"], user_id="23456789ABCDEFGHJ")
    refused("the token under another id", 401, NOT_SIGNED_IN["error"], half.me)


@check.step("users are created")
def users_create():
    for name in ("kim", "lee"):
        full_name = f"{name.capitalize()} Park"
        created = admin().users_create(f"{name}@example.org", full_name, PASSWORD, name, roles=["user"])
        users[name] = created["user"]["_id"]
        expected = {"username": name, "name": full_name, "active": True}
        check.same("the user", expected, {field: created["user"].get(field) for field in expected})
    taken = "Username is already in use [error-field-unavailable]"
    refused("a taken name", 400, taken, lambda: admin().users_create("x@example.org", "X", PASSWORD, "KIM"))
    raised = check.raises("a taken e-mail", RocketApiException, lambda: admin().users_create(
        "KIM@example.org", "X", PASSWORD, "kim2"
    ))
    check.same("a taken e-mail", [400, "error-field-unavailable"], [raised.status_code, raised.error_type])
    refused("without a name", 400, "must have required property 'name' [invalid-params]", lambda: admin().call_api_post(
        "users.create", email="x@example.org", password=PASSWORD, username="x"
    ), "invalid-params")
    signed_in["kim"] = sign_in("kim")
    signed_in["lee"] = sign_in("lee@example.org")
    refused("by a plain user", 403, NOT_PERMITTED, lambda: signed_in["kim"].users_create(
        "x@example.org", "X", PASSWORD, "x"
    ))


@check.step("users are shown and listed")
def users_read():
    for shown in (admin().users_info(user_id=users["kim"]), admin().users_info(username="kim")):
        check.same("kim", [users["kim"], "kim", "Kim Park"], [shown["user"][f] for f in ("_id", "username", "name")])
        check.same("address", "kim@example.org", shown["user"]["emails"][0]["address"])
    listed = list(admin().users_list())
    check.holds("users.list", "ada, kim and lee", sorted(one["username"] for one in listed), {"ada", "kim", "lee"} <= {
        one["username"] for one in listed
    })
    one_by_one = [one["_id"] for one in admin().users_list(count=1)]
    check.same("in pages of one", sorted(one["_id"] for one in listed), sorted(one_by_one))
    page = admin().call_api_get("users.list", count=1, offset=1)
    check.same("count, offset, total", [1, 1, len(listed)], [page["count"], page["offset"], page["total"]])
    raised = check.raises("an unknown user", RocketApiException, lambda: admin().users_info(username="nobody"))
    check.same("its status", 400, raised.status_code)


@check.step("agents and managers are made, listed, shown and removed")
def livechat_users():
    for kind, name in [("agent", "kim"), ("agent", "lee"), ("manager", "lee")]:
        for _ in range(2):
            made = admin().livechat_create_user(kind, username=name)
            check.same(f"{kind} {name}", [users[name], name], [made["user"]["_id"], made["user"]["username"]])
    agents = {one["username"]: one for one in admin().livechat_get_users("agent")}
    check.holds("agents", "kim and lee among them", sorted(agents), {"kim", "lee"} <= set(agents))
    check.same("an agent's status", "available", agents["kim"]["statusLivechat"])
    check.same("by text", ["kim"], [one["username"] for one in admin().livechat_get_users("agent", text="kIm")])
    check.same("managers", ["lee"], [one["username"] for one in admin().livechat_get_users("manager", text="lee")])
    shown = admin().livechat_get_user("agent", users["kim"])["user"]
    check.same("one agent", [users["kim"], "kim", "Kim Park"], [shown[field] for field in ("_id", "username", "name")])
    check.same("kim is no manager", None, admin().livechat_get_user("manager", users["kim"])["user"])
    check.holds("kim's roles", "with livechat-agent", None, "livechat-agent" in signed_in["kim"].me()["roles"])
    check.holds("lee's roles", "with livechat-manager", None, "livechat-manager" in signed_in["lee"].me()["roles"])

    check.same("a manager goes", {"success": True}, admin().livechat_delete_user("manager", users["lee"]))
    check.same("and is none", None, admin().livechat_get_user("manager", users["lee"])["user"])
    check.raises("once more", RocketApiException, lambda: admin().livechat_delete_user("manager", users["lee"]))
    check.same("an agent goes", {"success": True}, admin().livechat_delete_user("agent", users["lee"]))
    check.same("and is none", None, admin().livechat_get_user("agent", users["lee"])["user"])
    admin().livechat_create_user("agent", username="lee")

    refused("an unknown user", 400, "error-invalid-user", lambda: admin().livechat_create_user(
        "agent", username="nobody"
    ))
    refused("an unknown kind", 400, "Invalid type", lambda: admin().livechat_create_user("boss", username="kim"))
    missing = "must have required property 'username' [invalid-params]"
    refused("nobody named", 400, missing, lambda: admin().livechat_create_user("agent"))
    refused("an unknown id", 400, "User not found", lambda: admin().livechat_get_user("agent", "nobody"))
    refused("by an agent", 403, NOT_PERMITTED, lambda: signed_in["kim"].livechat_create_user("manager", username="kim"))


@check.step("agents' status: their own, and by a manager")
def agent_status():
    kim = signed_in["kim"]

    def of_kim():
        return admin().livechat_get_user("agent", users["kim"])["user"]["statusLivechat"]

    for word in ("not-available", "not-available", "available"):
        check.same(f"own: {word}", word, kim.call_api_post("livechat/agent.status", status=word)["status"])
        check.same("shown", word, of_kim())
    check.same("toggled", "not-available", kim.call_api_post("livechat/agent.status")["status"])
    by_admin = {"status": "available", "agentId": users["kim"]}
    check.same("by an administrator", "available", admin().call_api_post("livechat/agent.status", **by_admin)["status"])
    check.same("shown", "available", of_kim())
    refused("another's, by an agent", 403, "unauthorized", lambda: kim.call_api_post(
        "livechat/agent.status", status="available", agentId=users["lee"]
    ))
    refused("nobody's", 404, "Agent not found", lambda: admin().call_api_post(
        "livechat/agent.status", status="available", agentId="nobody"
    ))


@check.step("users' status: online, away, busy, offline")
def user_status():
    kim = signed_in["kim"]
    for word in ("away", "busy", "online", "offline", "online"):
        check.same(f"set {word}", {"success": True}, kim.users_set_status(f"I am {word}", status=word))
        shown = admin().call_api_get("users.getStatus", userId=users["kim"])
        check.same(f"shown {word}", [users["kim"], word], [shown["_id"], shown["status"]])
        check.same("the message", f"I am {word}", shown["message"])
    check.same("the own", users["kim"], kim.call_api_get("users.getStatus")["_id"])
    check.raises("another word", RocketApiException, lambda: kim.users_set_status("", status="asleep"))


@check.step("a deactivated user is out at once, and in again when activated")
def active():
    lee = signed_in["lee"]
    off = admin().users_set_active_status(users["lee"], False)
    check.same("off", [users["lee"], False], [off["user"]["_id"], off["user"]["active"]])
    refused("the token", 401, NOT_SIGNED_IN["error"], lee.me)
    check.raises("login", RocketAuthenticationException, lambda: sign_in("lee"))
    refused("available", 400, "error-user-deactivated", lambda: admin().call_api_post(
        "livechat/agent.status", status="available", agentId=users["lee"]
    ))
    check.same("on", True, admin().users_set_active_status(users["lee"], True)["user"]["active"])
    signed_in["lee"] = sign_in("lee")
    refused("by an agent", 403, NOT_PERMITTED, lambda: signed_in["kim"].users_set_active_status(users["lee"], False))


@check.step("a manager manages agents, and touches no administrator")
def manager():
    admin().livechat_create_user("manager", username="lee")
    lee = signed_in["lee"]
    check.same("departments", {"success": True}, agents_of(departments["billing"], [{"agentId": users["kim"]}], by=lee))
    ada = admin().headers["X-User-Id"]
    shown = admin().me()
    for what, call in [
        ("deactivates", lambda: lee.users_set_active_status(ada, False)),
        ("deletes", lambda: lee.users_delete(ada)),
        ("creates an administrator", lambda: lee.users_create("x@example.org", "X", PASSWORD, "x", roles=["admin"])),
    ]:
        raised = check.raises(what, RocketApiException, call)
        check.holds(what, "400 or 403", raised and raised.status_code, raised and raised.status_code in (400, 403))
    roles = ["roles", "active", "username", "emails"]
    check.same("the administrator", [shown[name] for name in roles], [admin().me()[name] for name in roles])


@check.step("a user is deleted, and the name is free")
def delete():
    check.same("deleted", {"success": True}, admin().users_delete(users["lee"]))
    raised = check.raises("the token", RocketApiException, signed_in["lee"].me)
    check.same("the token", 401, raised.status_code)
    made = admin().users_create("lee@example.org", "Lee Park", PASSWORD, "lee")
    check.holds("another one", "a new id", made["user"]["_id"], made["user"]["_id"] != users["lee"])


@check.step("what is not served says so")
def unknown():
    for call in (lambda: admin().call_api_get("nothing"), admin().licenses_info):
        raised = check.raises("nothing", (RocketApiException, RocketBadStatusCodeException), call)
        check.same("nothing", [404, "Resource not found"], [raised.status_code, raised.response_json["error"]])


@check.step("logout ends the token")
def logout():
    answer = signed_in["kim"].logout()
    check.same("logout", {"status": "success", "data": {"message": "You've been logged out!"}}, {
        name: value for name, value in answer.items() if name != "success"
    })
    refused("the token", 401, NOT_SIGNED_IN["error"], signed_in["kim"].me)
    check.same("another one goes on", ADMIN, admin().me()["username"])


@check.step("ten calls of a route in a minute, and an administrator as many as wanted")
def ten():
    kim = sign_in("kim")
    seen = []
    for _ in range(10):
        answer = requests.get(url + "/api/v1/users.getStatus", headers=kim.headers)
        seen.append([answer.status_code, answer.headers.get("X-RateLimit-Remaining")])
    check.same("ten", [[200, str(left)] for left in range(9, -1, -1)], seen)
    check.same("the limit", "10", answer.headers.get("X-RateLimit-Limit"))
    reset = answer.headers.get("X-RateLimit-Reset", "")
    check.holds("the reset", "epoch milliseconds", reset, re.fullmatch(r"\d{13}", reset))
    raised = check.raises("the eleventh", RocketApiException, lambda: kim.call_api_get("users.getStatus"))
    check.same("the eleventh", 429, raised.status_code)
    check.holds("its text", "too many requests", raised.error, "too many requests" in raised.error.lower())
    check.same("another route", "kim", kim.me()["username"])
    ada = sign_in(ADMIN, ADMIN_PASSWORD)
    check.same("an administrator", [200] * 12, [
        requests.get(url + "/api/v1/users.getStatus", headers=ada.headers).status_code for _ in range(12)
    ])


EVERYTHING = [
    login, me, users_create, users_read, livechat_users, livechat_departments, department_agents, save_info, archive,
    agent_status, user_status, active, manager, delete, unknown, logout,
]
LIMITS = [ten]

check.run(LIMITS if sys.argv[3:] == ["limits"] else EVERYTHING)
