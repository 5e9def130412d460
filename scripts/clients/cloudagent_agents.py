"""Agents are created, edited and deleted, each field and each failure; skills are made for them."""

import json

import requests

from checks import dump
from cloudagent_account import (
    A1, A2, A3, A4, A5, A8, B1, B2, B3, B4, B5, B6, B8, B9, CREATED, DELETE, EDIT, F1, FLAGS, NIA, LOGINS, SKILL,
    TAKEN, UPDATED, account, check, fault, nia, url,
)


def every_control(value):
    both = {"warm": value, "blind": value}
    return {
        **dict.fromkeys(["mute", "hold", "endcall", "answer", "decline"], value),
        "transfer": {"agent": both, "skill": both, "phone": both, "ivr": both},
        "conference": {"agent": value, "phone": value},
        **dict.fromkeys(["callRecording", "manualDial", "disposition", "dialPad"], value),
    }


def new_agent():
    """What the detailed answer says of an agent made with no more than the required fields, in its order."""
    return {
        "agentId": "nia.1", "agentName": "Nia Lee", "email": NIA, "autoAnswer": "None",
        **{flag: flag == "inbound" for flag in FLAGS},
        "callControls": every_control(True), "agentData": None, "sipLocation": None, "screenRecording": False,
        "skills": [], "agentGroups": [], "locked": False, "updatedFields": [],
    }


@check.step("an agent is created")
def create_agent():
    for field, text in [("agentName", B2), ("password", B4), ("email", B5), ("agentId", B1)]:
        for gone in ({}, {field: None}, {field: ""}):
            fields = {name: value for name, value in nia.items() if name != field} | gone
            check.body(account.create(**fields), 404 if field == "agentId" else 400, text)
    check.body(account.create(**nia | {"agentName": "x"}), 400, F1)
    check.body(account.create(**nia | {"password": "ab"}), 400, B3)
    check.body(account.create(**nia | {"email": "nope"}), 400, B6)
    check.body(account.create(**nia | {"agentData": "two words"}), 400, B8)
    check.body(account.create(**nia | {"sipLocation": "Nowhere"}), 400, B9)
    check.body(account.create(**nia), 200, CREATED)
    check.body(account.create(**nia), 400, TAKEN)
    check.body(account.create(**nia | {"agentId": "NIA.1", "email": "nia2@example.org"}), 400, TAKEN)
    check.body(account.create(agentId="omar", agentName="Omar", password="abc", email="omar@example.org"), 200, CREATED)
    check.same("a new agent", new_agent(), account.data("nia.1", email=NIA))


@check.step("every failure of an edit's fields, which changes nothing")
def refused_edits():
    before = account.data("nia.1", email=NIA)

    def refused(text, status=400, agent="nia.1", **fields):
        check.body(account.edit(agent, **{"email": NIA, **fields}), status, text)

    nameless = account.with_name({"email": NIA})
    check.body(account.ask("PUT", EDIT, nameless), 404, B1)
    for agent in ("", None, "zz"):
        refused(B1, 404, agent)
    for name in ("x", "a" * 51, "bad#name", "   ", "a/b", "<b>"):
        refused(F1, agentName=name)
        refused(F1.replace('"agentName"', '"agentNameNew"'), agentNameNew=name)
    for text, fields in [
        (B2, [{"agentName": ""}, {"agentName": None}]),
        (B3, [{"password": "ab"}, {"password": "p" * 51}]),
        (B4, [{"password": ""}, {"password": None}]),
        (B5, [{"email": ""}, {"email": None}]),
        (B6, [{"email": "nope"}, {"email": "a@"}, {"email": "@example.org"}]),
        (B8, [{"agentData": "a"}, {"agentData": "two words"}, {"agentData": "a,b"}, {"agentData": "d" * 101}]),
        (B9, [{"sipLocation": "Nowhere"}, {"screenRecording": "maybe"}]),
    ]:
        for one in fields:
            refused(text, **one)
    check.body(account.ask("PUT", EDIT, account.with_name({"agentId": "nia.1"})), 400, B5)

    refused(TAKEN, agentIdNew="omar")
    bad_id = F1.replace('"agentName"', '"agentIdNew"').replace("The agent name", "The agent id")
    for agent in ("x", "a" * 51, "bad#id", "two words"):
        refused(bad_id, agentIdNew=agent)
    for flag in [*FLAGS, "locked"]:
        refused(fault(flag, f"{flag} must be true or false"), **{flag: "maybe"})
    refused(fault("autoAnswer", "autoAnswer must be None, Inbound, Outbound or All"), autoAnswer="Sometimes")
    both = json.loads(F1)
    both["Message"]["inbound"] = "inbound must be true or false"
    refused(dump(both), agentName="x", inbound=7)

    refused(fault("assignSkills[0].skillName", "skillName not found"), assignSkills=[{"skillName": "Nothing"}])
    no_group = "agent group not found"
    refused(fault("assignAgentGroups", no_group), assignAgentGroups="Support, Nothing", agentNameNew="Zoe")
    refused(fault("unAssignAgentGroups", no_group), unAssignAgentGroups="Nothing", locked=True)
    answer = account.edit("nia.1", email=NIA, callControls={"mute": "loud"})
    message = answer.json().get("Message")
    is_told = isinstance(message, dict) and len(message) == 1 and next(iter(message)).endswith("mute")
    check.holds(
        "callControls.mute is a text", "400, a message of one key that ends with mute",
        f"{answer.status_code} {answer.text}", answer.status_code == 400 and is_told,
    )

    check.same("the agent afterwards", before, account.data("nia.1", email=NIA))


@check.step("skills are created, and what is said when they are not")
def skills():
    good = {
        "skillName": "French", "skillDetail1": "Callers who speak French", "skillLocation": "Mumbai",
        "record": "Do not record calls", "phoneNumbers": [], "agents": [],
    }

    def ask(body, headers=None):
        return account.ask("POST", SKILL, body, headers)

    def refused(field, text, **fields):
        body = {name: value for name, value in account.with_name(good | fields).items() if value is not None}
        check.body(ask(body), 400, dump({"Message": {field: text}, "Status": "Fail"}))

    check.body(ask(account.with_name(good), {"apiKey": "KK" + "0" * 32}), 401, A2)
    check.body(ask(account.with_name(good), {}), 401, A2)
    check.body(ask(good), 401, A8)
    check.body(ask({**good, "userName": "nobody"}), 401, A2)
    check.body(ask(account.with_name(good), {"Authorization": "Bearer "}), 401, A4)
    check.body(ask(account.with_name(good), {"Authorization": "Bearer nonsense"}), 401, A5)
    refused("skillName", "skillName must be at least 3 characters long", skillName="Fr")
    refused("skillName", "skillName is required", skillName=None)
    refused("skillDetail1", "skillDetail1 must be greater than 2 characters long", skillDetail1="ab")
    refused("skillLocation", "skillLocation not found", skillLocation="Nowhere")
    refused("skillLocation", "skillLocation is required", skillLocation=None)
    choices = "Record the call in Full, Record only the Conversation or Do not record calls"
    refused("record", f"record must be {choices}", record="Sometimes")
    refused("record", "record is required", record=None)
    refused("phoneNumbers[0]", "phoneNumber not found", phoneNumbers=["+919876543210"])
    refused("agents", "agents is required", agents=None)
    priority = "agent priority must be between 1 and 100"
    for number in (0, 101):
        refused("agents[0].priority", priority, agents=[{"agentId": "nia.1", "priority": number}])

    done = '{"Status": "Success","Message": "Skill Created Successfully"}'
    check.body(ask(account.with_name(good | {"agents": [{"agentId": "nia.1", "priority": 3}]})), 200, done)
    check.body(ask(account.with_name(good | {"skillName": "Billing"})), 200, done)
    check.same("skills", [{"skillName": "French", "priority": 3}], account.data("nia.1", email=NIA)["skills"])


@check.step("every field is edited, and the detailed answer shows it")
def edits():
    def changes(shown, changed, **fields):
        """The edit changes what `shown` says and nothing else."""
        before = account.data("nia.1", email=NIA)
        after = account.data("nia.1", **{"email": NIA, **fields})
        check.same(f"updatedFields of {fields}", sorted(changed), sorted(after["updatedFields"]))
        expected = {**before, **shown, "updatedFields": after["updatedFields"]}
        check.same(f"the agent after {fields}", expected, after)
        again = account.data(after["agentId"], email=after["email"])
        check.same(f"the agent read after {fields}", {**expected, "updatedFields": []}, again)

    changes({}, [], agentName="Somebody Else")
    changes({"agentName": "Zoé M. O-Brien_2"}, ["agentName"], agentNameNew="Zoé M. O-Brien_2")
    changes({"agentName": "Nia Lee"}, ["agentName"], newAgentName="Nia Lee")
    changes({}, [], agentNameNew="Nia Lee")
    for word in ("All", "inbound", "OUTBOUND", "none"):
        changes({"autoAnswer": word.capitalize()}, ["autoAnswer"], autoAnswer=word)
    for flag in FLAGS[1:5]:
        changes({flag: True}, [flag], **{flag: True})
        changes({flag: False}, [flag], **{flag: "False"})
    changes({"blendedChat": True}, ["blendedChat"], blendedChat="TRUE")
    changes({"blended": True}, ["blended"], blended=True)
    for flag in FLAGS[6:10]:
        changes({flag: True}, [flag], **{flag: "true"})
    changes({"blended": False}, ["blended"], blended=False)
    changes({"agentData": "shift-2@pune_A.b"}, ["agentData"], agentData="shift-2@pune_A.b")
    changes({"sipLocation": "Pune"}, ["sipLocation"], sipLocation="Pune")
    changes({"screenRecording": True}, ["screenRecording"], screenRecording=True)
    changes({"screenRecording": False}, ["screenRecording"], screenRecording="false")
    changes({"inbound": False, "chat": True}, ["inbound", "chat"], inbound=False, chat=True)

    controls = every_control(True)
    controls["mute"], controls["transfer"]["agent"] = False, {"warm": True, "blind": False}
    nested = {"mute": False, "transfer": {"agent": {"warm": True, "blind": False}}, "unknown": 7}
    changes({"callControls": controls}, ["callControls"], callControls=nested)
    controls = json.loads(dump(controls))
    controls["transfer"]["ivr"]["warm"] = controls["conference"]["phone"] = False
    flat = {"transfer_ivr_warm": False, "conference_phone": False}
    changes({"callControls": controls}, ["callControls"], callControllers=flat)
    changes({"callControls": every_control(False)}, ["callControls"], callControls=every_control(False))

    check.body(account.edit("nia.1", email="nia.omar@example.org"), 200, UPDATED)
    check.same("the e-mail", "nia.omar@example.org", account.data("nia.1", email="nia.omar@example.org")["email"])
    check.same("what changed", ["email"], account.data("nia.1", email=NIA)["updatedFields"])
    check.same("what changed", ["password"], account.data("nia.1", email=NIA, password="p" * 50)["updatedFields"])
    check.body(account.edit("nia.1", email=NIA, password="abc"), 200, UPDATED)


@check.step("the answer is detailed for true alone")
def detailed():
    for value in ("true", "True", "TRUE"):
        answer = account.edit("nia.1", email=NIA, params={"detailedResponse": value}).json()
        check.same(f"keys for {value}", ["Status", "Message", "Data"], list(answer))
    for value in ("false", "1", "abc", "", "yes"):
        check.body(account.edit("nia.1", email=NIA, params={"detailedResponse": value}), 200, UPDATED)
    check.body(account.edit("nia.1", email=NIA), 200, UPDATED)


@check.step("the agent's ID is changed, and the old one is nobody's")
def rename():
    check.body(account.edit("nia.1", email=NIA, agentIdNew="Nia-2"), 200, UPDATED)
    check.body(account.edit("nia.1", email=NIA), 404, B1)
    check.same("by the new ID", "Nia-2", account.data("Nia-2", email=NIA)["agentId"])
    check.same("in other letters", "Nia-2", account.data("NIA-2", email=NIA)["agentId"])
    check.same("what changed", ["agentId"], account.data("Nia-2", email=NIA, newAgentId="nia.1")["updatedFields"])


@check.step("skills are given, reordered and taken")
def agent_skills():
    def held(**fields):
        return {one["skillName"]: one["priority"] for one in account.data("nia.1", email=NIA, **fields)["skills"]}

    french = {"skillName": "French", "priority": 9}
    check.same("another priority", {"French": 9}, held(assignSkills=[french]))
    check.same("the same again", [], account.data("nia.1", email=NIA, assignSkills=[french])["updatedFields"])
    check.same("no priority keeps it", {"French": 9}, held(assignSkills=[{"skill": "french"}]))
    check.same("a plain text is new", {"Billing": 1, "French": 9}, dict(sorted(held(assignSkills=["Billing"]).items())))
    in_both = held(assignSkills=[{"name": "French", "level": "4"}], unAssignSkills=[french])
    check.same("in both lists", 4, in_both["French"])
    check.same("a list in one text", {"French": 4}, held(unAssignSkills="billing, Billing"))
    check.same("not held is no error", {"French": 4}, held(unassignSkills=[{"skillName": "Billing"}]))
    for number in (0, 101, -1):
        text = fault("assignSkills[1].priority", "agent priority must be between 1 and 100")
        given = ["Billing", {"skillName": "French", "priority": number}]
        check.body(account.edit("nia.1", email=NIA, assignSkills=given), 400, text)
    check.same("afterwards", {"French": 4}, held())
    check.same("the ends", {"Billing": 100, "French": 1}, dict(sorted(held(
        assignSkills=[{"skillName": "Billing", "skillPriority": 100}, {"skillName": "French", "priority": 1}]
    ).items())))


@check.step("groups are joined and left")
def groups():
    def held(**fields):
        return account.data("nia.1", email=NIA, **fields)["agentGroups"]

    check.same("two", ["Sales", "Support"], sorted(held(assignAgentGroups=" support ,, Sales")))
    check.same("one left", ["Support"], held(unAssignAgentGroups="SALES"))
    check.same("left twice", ["Support"], held(unAssignAgentGroups="Sales"))
    check.same("as a list", ["Sales", "Support"], sorted(held(assignAgentGroups=["Sales"])))
    check.same("in both", ["Sales", "Support"], sorted(held(assignGroups="Sales", unAssignGroups="Sales")))
    changed = account.data("nia.1", email=NIA, unAssignAgentGroups="Sales")["updatedFields"]
    check.same("what changed", ["agentGroups"], changed)


@check.step("no more than agents' own rights is touched")
def authority():
    check.body(account.edit("ada", email="ada@example.org", agentNameNew="Eve"), 404, B1)
    refusal = '{"messages": "Invalid Agent Details","status": "error"}'
    check.body(account.delete("ada"), account.delete("ada").status_code, refusal)
    short = requests.post(url + "/api/v1/auth/login", json={"email": NIA, "password": "abc"})
    check.holds("three characters at the desk's own sign-in", "a refusal", short.text, short.status_code >= 400)


@check.step("an agent is deleted, and the ID may be used again")
def delete():
    def refused(answer, statuses, text):
        check.holds("status", statuses, answer.status_code, answer.status_code in statuses)
        check.body(answer, answer.status_code, text)

    unknown = '{"messages": "Invalid Agent Details","status": "error"}'
    refused(account.delete("zz"), (400, 404), unknown)
    refused(account.delete(""), (400, 404), unknown)
    refused(account.ask("DELETE", DELETE, {"userName": account.name}), (400, 404), unknown)
    refused(account.ask("DELETE", DELETE, {"agentId": "nia.1"}), (401,), A3)
    refused(account.ask("DELETE", DELETE, account.with_name({"agentId": "nia.1"}), {}), (401,), A1)
    done = '{"Status": "Success","Message": "Agent %s Deleted Successfully"}'
    check.body(account.delete("nia.1"), 200, done % "nia.1")
    gone = '{"status": "error","messages": "Invalid agent details or Agent is already deleted"}'
    check.body(account.delete("nia.1"), 404, gone)
    check.body(account.edit("nia.1", email=NIA), 404, B1)
    check.same("the present", [], account.ask("POST", LOGINS, {"userName": account.name}).json()["message"])
    check.body(account.create(**nia), 200, CREATED)
    check.same("the new one", new_agent(), account.data("nia.1", email=NIA))
    for agent in ("nia.1", "omar"):
        params = {"userName": account.name, "agentId": agent}
        check.body(account.ask("DELETE", DELETE, params=params), 200, done % agent)
