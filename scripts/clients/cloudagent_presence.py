"""Agents sign in and out, are listed, change their state and are locked out."""

import json
import re

from checks import dump
from cloudagent_account import B1, DETAILS, NIA, LOGINS, STATE, account, check, error

@check.step("agents sign in and out")
def sign_in():
    no_account = error("Invalid userName or apiKey")
    no_agent = error("Invalid Authentication")

    def refused(answer, text):
        check.holds("status", "400, 401 or 404", answer.status_code, answer.status_code in (400, 401, 404))
        check.body(answer, answer.status_code, text)

    phone = "+919876543210"
    refused(account.sign("login", "nia.1", "abc", phoneNumber=phone, apiKey="KK" + "0" * 32), no_account)
    refused(account.sign("login", "nia.1", "abc", phoneNumber=phone, apiKey=None), no_account)
    refused(account.sign("login", "nia.1", "abc", phoneNumber=phone, userName="nobody"), no_account)
    refused(account.sign("login", "nia.1", "abd", phoneNumber=phone), no_agent)
    refused(account.sign("login", "zz", "abc", phoneNumber=phone), no_agent)
    refused(account.sign("login", "nia.1", "abc", phoneNumber=phone, mode="manual"), error("Agent mode is Invalid"))
    refused(account.sign("logout", "nia.1", "abc"), error("Agent nia.1 is not logged in"))
    check.body(account.ask("POST", LOGINS, {"userName": account.name}), 200, '{"status": "success","message": []}')

    done = '{"status": "success","message": "Agent nia.1 logged %s successfully"}'
    check.body(account.sign("login", "nia.1", "abc", mode="chat", phoneNumber=phone), 200, done % "in")
    refused(account.sign("LOGIN", "nia.1", "abc", phoneNumber=phone), error("Agent has already logged in"))
    in_use = error(f"nia.1 logged in with the number ({phone})")
    refused(account.sign("login", "omar", "abc", phoneNumber=phone), in_use)
    check.body(account.sign("Logout", "nia.1", "abc", multipart=True), 200, done % "out")
    again = account.sign("login", "nia.1", "abc", multipart=True, state="Ready", phoneNumber=phone)
    check.body(again, 200, done % "in")


@check.step("the present are listed, and one agent's details")
def details():
    row = {
        "AgentId": "nia.1", "AgentName": "Nia Lee", "PhoneNumber": "+919876543210", "AgentState": "READY",
        "SkillName": "Billing, French",
    }
    answer = account.ask("POST", LOGINS, {"userName": account.name})
    skills = ", ".join(sorted(answer.json()["message"][0]["SkillName"].split(", ")))
    check.same("skills", row["SkillName"], skills)
    row["SkillName"] = answer.json()["message"][0]["SkillName"]
    check.body(answer, 200, dump({"status": "success", "message": [row]}))

    answer = account.details(agentId="nia.1")
    given = answer.json()["message"][0]
    since = given["Since"]
    check.holds("Since", "HH:MM:SS", since, re.fullmatch(r"\d\d+:[0-5]\d:[0-5]\d", since))
    expected = {
        "State": "READY", "Since": since, "Skill": row["SkillName"], "AgentName": "Nia Lee",
        "PhoneNumber": "+919876543210", "AgentId": "nia.1", "Mode": "Chat",
    }
    check.body(answer, 200, dump({"message": [expected], "status": "success"}))
    everybody = {one["AgentId"]: one["State"] for one in account.details().json()["message"]}
    check.same("of everybody, nia.1 and omar", ["READY", "LOGGED OUT"], [everybody.get("nia.1"), everybody.get("omar")])

    def refused(answer, text):
        """The documentation does not say which of the two keys comes first here."""
        check.holds("status", "400 or 401", answer.status_code, answer.status_code in (400, 401))
        check.same(text, [("message", text), ("status", "error")], sorted(answer.json().items()))

    for path in (DETAILS, LOGINS):
        body = {"userName": account.name, "agentId": "nia.1"}
        refused(account.ask("POST", path, {"agentId": "nia.1"}), "userName should not be empty")
        refused(account.ask("POST", path, {**body, "userName": ""}), "userName should not be empty")
        refused(account.ask("POST", path, body, {}), "apiKey should not be empty")
        refused(account.ask("POST", path, body, {"apiKey": "KK" + "0" * 32}), "userName or apiKey is Invalid")
        refused(account.ask("POST", path, {**body, "userName": "nobody"}), "userName or apiKey is Invalid")
    refused(account.details(agentId="nia.1", campaignName="Nothing"), "campaignName is Invalid")
    check.body(account.details(agentId="zz"), 404, B1)


@check.step("the state of an agent is changed")
def state():
    def refused(answer, text):
        check.holds("status", "400, 401 or 404", answer.status_code, answer.status_code in (400, 401, 404))
        check.body(answer, answer.status_code, error(text))

    body = account.with_name({"agentId": "nia.1", "state": "Ready"})
    refused(account.ask("POST", STATE, body, {"apiKey": "KK" + "0" * 32}), "userName or apiKey is Invalid")
    refused(account.ask("POST", STATE, body, {}), "apiKey should not be empty")
    refused(account.ask("POST", STATE, body, {"apiKey": ""}), "apiKey should not be empty")
    refused(account.state(userName="nobody", agentId="nia.1", state="Ready"), "user_name or api_Key is Invalid")
    refused(account.state(userName="", agentId="nia.1", state="Ready"), "Please provide UserName")
    refused(account.state(agentId="nia.1", state="Sleep"), "The state should be either 'Ready' or 'Pause' state'")
    refused(account.state(agentId="nia.1", state="Pause", pauseReason="Fishing"), "pauseReason is Invalid")
    refused(account.state(agentId="omar", state="Ready"), "Agent is not Logged In")

    numbers = []
    for word, response, status, reason in [
        ("Pause", "Success:tbAgentPause~CHAT", "PAUSED", {"pauseReason": "Lunch"}),
        ("ready", "Success:tbAgentReady~CHAT", "READY", {}),
    ]:
        answer = account.state(agentId="nia.1", state=word, **reason)
        utid = json.loads(answer.json()["message"])["utid"]
        numbers.append(int(utid))
        text = dump({
            "type": "response", "utid": utid, "resp": response, "agentStatus": status, "agentId": "nia.1",
            "user": account.name,
        })
        check.body(answer, 200, dump({"status": "success", "message": text}))
        check.same(f"details after {word}", status, account.details(agentId="nia.1").json()["message"][0]["State"])
    check.holds("utid", "a running number", numbers, numbers[0] < numbers[1])


@check.step("a locked agent is signed out and cannot come back until unlocked")
def lock():
    check.same("locked", True, account.data("nia.1", email=NIA, locked=True)["locked"])
    check.same("the present", [], account.ask("POST", LOGINS, {"userName": account.name}).json()["message"])
    check.same("the state", "LOGGED OUT", account.details(agentId="nia.1").json()["message"][0]["State"])
    answer = account.sign("login", "nia.1", "abc", phoneNumber="+919876543210")
    check.body(answer, answer.status_code, error("Invalid Authentication"))
    check.same("unlocked", ["locked"], account.data("nia.1", email=NIA, lock="false")["updatedFields"])
    check.same("signed in again", 200, account.sign("login", "nia.1", "abc", phoneNumber="+919876543210").status_code)
