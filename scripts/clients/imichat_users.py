"""Users are created, got, updated and searched, each field and each failure."""

import re

import requests

from checks import dump
from imichat_key import PASSWORD, USER, check, desk, has_code, people, support, url


def new_user(name, *teams, **fields):
    privileges = [{"teamid": team, "role": "Team Agent"} for team in teams]
    return {
        "first_name": name.capitalize(), "login_id": name, "email_id": f"{name}@example.org", "password": PASSWORD,
        "privileges": privileges, **fields,
    }


def signs_in(name, password=PASSWORD):
    return requests.post(url + "/api/v1/login", json={"user": name, "password": password}).status_code == 200


@check.step("a user is created")
def create():
    body = new_user(
        "ana", desk.team, last_name="Ruiz", job_description="Tier 1", skill_attributes={"language": "en"},
        custom_attributes={"business": "Retail"}, active_chats=7,
    )
    ana = desk.good(4305, "POST", "/users", body)
    check.same("fields", [*USER, "privileges"], list(ana))
    for field, kind in USER.items():
        check.holds(f"{field} of a user", kind.__name__, dump(ana[field]), type(ana[field]) is kind)
    for field in ("created_at", "updated_at"):
        is_instant = re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", ana[field])
        check.holds(field, "an instant", ana[field], is_instant)
    expected = {
        "first_name": "Ana", "last_name": "Ruiz", "login_id": "ana", "email_id": "ana@example.org", "status": "active",
        "logged_in": False, "job_description": "Tier 1", "login_using_email": True, "role_type": "Customer Care",
        "accepting_chats": False, "skill_attributes": {"language": "en"}, "active_chats": 0,
        "custom_attributes": {"business": "Retail"}, "privileges": body["privileges"],
    }
    check.same("what is shown", expected, {field: ana[field] for field in expected})
    privileges = ana.pop("privileges")
    check.same("privileges", body["privileges"], privileges)
    people["ana"] = ana
    check.same("sign-in with the password given", True, signs_in("ana"))

    desk.refused(3114, "POST", "/users", headers={"Content-Type": "application/json"})
    for wrong in [
        {},
        {"first_name": None},
        {"login_id": "an"},
        {"login_id": "two words"},
        {"login_id": "ANA"},
        {"email_id": "nope"},
        {"email_id": "ANA@example.org"},
        {"password": "short"},
        {"privileges": []},
        {"privileges": [{"teamid": 999, "role": "Team Agent"}]},
        {"privileges": [{"teamid": desk.team, "role": "Client Admin"}]},
        {"privileges": [{"teamid": desk.team, "role": "Team Agent"}] * 2},
        {"login_using_email": "yes"},
        {"skill_attributes": {"height": 7}},
        {"custom_attributes": {"height": 7}},
    ]:
        desk.refused(3115, "POST", "/users", new_user("eve", desk.team, **wrong) if wrong else {})
    desk.refused(3107, "POST", "/users", new_user("eve", desk.team, custom_attributes={"business": "Nope"}))
    desk.refused(3110, "POST", "/users", new_user("eve", desk.team, custom_attributes={"location": "Nope"}))
    support.refused(3115, "POST", "/users", new_user("eve", people["sales"]))
    people["boris"] = desk.good(4305, "POST", "/users", new_user("boris", people["sales"], login_using_email=False))


@check.step("a user is got by the number and by the login")
def get():
    ana = people["ana"]
    check.same("by number", ana, desk.user(ana))
    check.same("by login", ana, desk.good(4306, "GET", "/users/ANA"))
    check.same("on the other version", 200, requests.get(
        f"{url}/v3.0/users/{ana['id']}", headers={"access_token": desk.token, "teamid": str(desk.team)}
    ).status_code)
    desk.refused(3101, "GET", "/users/4242424")
    desk.refused(3101, "GET", "/users/nobody")
    desk.refused(3101, "GET", f"/users/{people['boris']['id']}")
    check.same("in the own team", "boris", desk.good(
        4306, "GET", f"/users/{people['boris']['id']}", headers={"teamid": str(people["sales"])}
    )["login_id"])


@check.step("every field is updated, and nothing else")
def update():
    def changes(shown, **fields):
        before = desk.user(people["ana"])
        after = desk.update(people["ana"], **fields)
        check.same(f"fields after {fields}", list(USER), list(after))
        check.same(f"the user after {fields}", {**before, **shown, "updated_at": after["updated_at"]}, after)
        is_new = before != {**after, "updated_at": before["updated_at"]}
        moved = after["updated_at"] > before["updated_at"]
        check.holds("updated_at", "moves with a change alone", after["updated_at"], moved == is_new)
        check.same(f"the user got after {fields}", after, desk.user(people["ana"]))

    changes({"first_name": "Zoë"}, first_name="Zoë")
    changes({"first_name": "Ana"}, first_name=" Ana ")
    changes({}, first_name="Ana")
    changes({"last_name": ""}, last_name="")
    changes({"last_name": "Ruiz Núñez"}, last_name="Ruiz Núñez")
    changes({"job_description": "Tier 2"}, job_description="Tier 2")
    changes({"job_description": ""}, job_description=None)
    changes({"job_description": "Tier 2"}, job_description="Tier 2")
    changes({"job_description": ""}, job_description="")
    changes({"login_using_email": False}, login_using_email=False)
    check.same("by e-mail, by login", [False, True], [signs_in("ana@example.org"), signs_in("ana")])
    changes({"login_using_email": True}, login_using_email=True)
    check.same("by e-mail, by login", [True, True], [signs_in("ana@example.org"), signs_in("ana")])
    both = {"business": "Retail", "location": "Pune"}
    changes({"custom_attributes": both}, custom_attributes={"location": "pune"})
    changes({"custom_attributes": {"location": "Pune"}}, custom_attributes={"business": ""})
    changes({"custom_attributes": both}, custom_attributes={"business": "Retail"})
    changes({"custom_attributes": {"business": "Retail"}}, custom_attributes={"location": None})
    changes({"skill_attributes": {"language": "fr"}}, skill_attributes={"LANGUAGE": "fr"})
    three = {"language": "fr", "remote": True, "tier": 2}
    changes({"skill_attributes": three}, skill_attributes={"tier": 2, "remote": True})
    changes({"skill_attributes": {"language": "fr", "tier": 2}}, skill_attributes={"remote": None})
    changes({"first_name": "Anna"}, first_name="Anna", login_id="new", email_id="new@example.org", id=1, active_chats=9)
    changes({"last_name": "R", "job_description": "x"}, last_name="R", job_description="x", password="y", privileges=[])


@check.step("inactive ends sign-in, active brings it back")
def status():
    inactive = desk.update(people["ana"], status="inactive")
    shown = [inactive[field] for field in ("status", "logged_in", "accepting_chats")]
    check.same("inactive", ["inactive", False, False], shown)
    check.same("sign-in", False, signs_in("ana"))
    check.same("active", "active", desk.update(people["ana"], status="active")["status"])
    check.same("sign-in", True, signs_in("ana"))


@check.step("PUT does what PATCH does")
def put():
    path = f"/users/{people['ana']['id']}"
    updated = desk.good(4309, "PUT", path, {"first_name": "Ana"})
    check.same("the rest stays", ["Ana", "R"], [updated["first_name"], updated["last_name"]])
    by_login = desk.good(4309, "PUT", "/users/ana", {"last_name": "Ruiz"})
    check.same("by login", "Ruiz", by_login["last_name"])


@check.step("every failure of an update, which changes nothing")
def refused_updates():
    path = f"/users/{people['ana']['id']}"
    before = desk.user(people["ana"])
    content = {"Content-Type": "application/json"}
    for nothing in ("", "  ", "null"):
        desk.refused(3114, "PATCH", path, headers=content, data=nothing)
    for malformed in ("not json", "[]", '"text"', "7", '{"first_name":'):
        desk.refused(3115, "PATCH", path, headers=content, data=malformed)
    for wrong in [
        {}, {"status": "off"}, {"status": "Active"}, {"status": None}, {"login_using_email": "yes"},
        {"login_using_email": None}, {"first_name": ""}, {"first_name": None}, {"first_name": 7},
        {"first_name": "a" * 101}, {"last_name": None}, {"last_name": "a" * 101}, {"job_description": "a" * 256},
        {"custom_attributes": []},
        {"custom_attributes": None}, {"custom_attributes": {"height": 7}}, {"skill_attributes": "fr"},
        {"skill_attributes": {"height": 7}}, {"skill_attributes": {"tier": "two"}},
        {"skill_attributes": {"remote": "yes"}}, {"login_id": "other"},
    ]:
        desk.refused(3115, "PATCH", path, wrong)
    for attributes, code in [
        ({"business": "Nope"}, 3107), ({"business": 7}, 3107), ({"location": "Nope"}, 3110),
        ({"location": ["Pune"]}, 3110), ({"location": "Nope", "business": "Nope"}, 3107),
    ]:
        desk.refused(code, "PATCH", path, {"first_name": "Eve", "custom_attributes": attributes})
    desk.refused(3101, "PATCH", "/users/4242424", {"first_name": "Eve"})
    desk.refused(3115, "PATCH", "/users/4242424", {"status": "off"})
    desk.refused(3101, "PATCH", "/users/ada", {"first_name": "Eve"})
    desk.refused(3101, "PATCH", "/users/boris", {"first_name": "Eve"})
    support.refused(3101, "PATCH", "/users/boris", {"first_name": "Eve"})
    check.same("the user afterwards", before, desk.user(people["ana"]))


@check.step("users are searched by every field and operator")
def search():
    for number in range(12):
        people[number] = support.good(4305, "POST", "/users", new_user(f"user-{number}", desk.team))
    desk.update(people[3], status="inactive")

    def found(*conditions):
        return {row["login_id"] for page in (1, 2, 3) for row in support.search(*conditions, params={"page": page})}

    everybody = found()
    check.same("all of the team", sorted([*(f"user-{n}" for n in range(12)), "ana"]), sorted(everybody))
    check.same("inactive", ["user-3"], sorted(found(("status", "eq", "inactive"))))
    check.same("active", sorted(everybody - {"user-3"}), sorted(found(("status", "eq", "active"))))
    check.same("accepting", [], sorted(found(("accepting_chats", "eq", True))))
    check.same("not accepting", sorted(everybody), sorted(found(("accepting_chats", "eq", False))))
    for operator, value, all_match in [("lt", 1, True), ("lte", 0, True), ("gt", 0, False), ("gte", 0, True)]:
        came = found(("active_chats", operator, value))
        check.same(f"active_chats {operator} {value}", sorted(everybody) if all_match else [], sorted(came))
    rows = {row["login_id"]: row for page in (1, 2, 3) for row in support.search(params={"page": page})}
    for field in ("created_at", "updated_at"):
        value = rows["user-5"][field]
        for operator, holds in [
            ("eq", lambda x: x == value), ("lt", lambda x: x < value), ("gt", lambda x: x > value),
            ("lte", lambda x: x <= value), ("gte", lambda x: x >= value),
        ]:
            expected = sorted(name for name, row in rows.items() if holds(row[field]))
            check.same(f"{field} {operator}", expected, sorted(found((field, operator, value))))
    both = found(("status", "eq", "active"), ("created_at", "gt", rows["user-5"]["created_at"]))
    check.same("two conditions are joined by and", False, "user-3" in both or "user-5" in both)
    check.same("and find", True, "user-11" in both)
    for short in ({"status": {"eq": "inactive"}}, {"status": "inactive"}):
        came = support.good(4307, "POST", "/users/search", short)["users"]
        check.same(f"the short form {short}", ["user-3"], [row["login_id"] for row in came])

    support.refused(3114, "POST", "/users/search", headers={"Content-Type": "application/json"})
    for field, operator, value in [
        ("first_name", "eq", "Ana"), ("status", "lt", "active"), ("status", "eq", "off"), ("active_chats", "eq", 0),
        ("accepting_chats", "gt", True), ("created_at", "not_eq", rows["user-5"]["created_at"]),
        ("created_at", "lt", "noon"), ("active_chats", "lt", "many"),
    ]:
        condition = {"field": field, "operator": operator, "value": value}
        support.refused(3115, "POST", "/users/search", {"conditions": [condition]})


@check.step("lists come in pages of ten, newest first")
def pages():
    def page(number, method="GET", path="/users"):
        params = {} if number is None else {"page": number}
        answer = support.ask(method, path, {} if method == "POST" else None, params=params)
        check.same("totals", ["13", "2"], [answer.headers.get("x-total-count"), answer.headers.get("x-total-pages")])
        rows = answer.json()["response"]["users"]
        has_code(answer, 4307, {"users": rows})
        return [(row["created_at"], row["id"], row["login_id"]) for row in rows]

    first, second = page(1), page(2)
    check.same("lengths", [10, 3, 0], [len(first), len(second), len(page(3))])
    together = first + second
    check.same("order", sorted(together, key=lambda row: row[0], reverse=True), together)
    check.same("the oldest is last", "ana", together[-1][2])
    for number in (None, "0", "x", ""):
        check.same(f"page {number}", first, page(number))
    check.same("search", first, page(None, "POST", "/users/search"))
    check.same("search, second page", second, page(2, "POST", "/users/search"))
