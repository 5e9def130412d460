"""What the CloudAgent documentation says on the wire, and accounts that speak it."""

import json
import pathlib
import sys

import requests

from checks import Checks, dump

directory, url = pathlib.Path(sys.argv[1]), sys.argv[2]
check = Checks("cloudagent")

A1 = '{"status": "false","message": "Api Key Should Not be Null or Empty.","data": null}'
A2 = A3 = '{"status": "false","message": "Invalid User Details","data": null}'
A4 = '{"status": "false","message": "Token Should Not be Null or Empty.","data": null}'
A5 = '{"status": "false","message": "Invalid Token","data": null}'
A6 = '{"status": "false","message": "Token Expired","data": null}'
A7 = '{"status": "false","message": "Invalid Json Pass Valid Json","data": null}'
A8 = '{"status": "false","message": "Username Should Not be Null or Empty.","data": null}'
B1 = '{"status": "error","message": "Agent not found"}'
B2 = '{"status": "error","message": "Agent Name is required"}'
B3 = '{"message": "Password length must be between 3 and 50 characters","status": "error"}'
B4 = '{"message": "Password is required","status": "error"}'
B5 = '{"message": "Email should not be null or empty","status": "error"}'
B6 = '{"message": "Invalid email format","status": "error"}'
B8 = (
    '{"message": "Agent data must be between 2 and 100 characters using only letters, numbers, '
    'and special characters like ., @, _, -","status": "error"}'
)
B9 = '{"message": "Invalid sipLocation","status": "error"}'
F1 = (
    '{"Status": "Fail","Message": {"agentName": "The agent name must not be empty and it should be between 2 and 50 '
    'alphanumeric characters and allow special characters such as., @, _, -"}}'
)
R1 = '{"status": "error","message": "Max limit exceeded"}'
TAKEN = '{"status": "error","message": "Agent Already Exists"}'
CREATED = '{"Status": "Success","Message": "Agent Created Successfully"}'
UPDATED = '{"Status": "Success","Message": "Agent Updated Successfully"}'

FLAGS = [
    "inbound", "manual", "preview", "progressive", "chat",
    "blended", "blendedInbound", "blendedManual", "blendedPreview", "blendedProgressive", "blendedChat",
]

EDIT = "/ca_apis/updateAgent"
CREATE = "/ca_apis/createAgent"
DELETE = "/ca_apis/deleteAgent"
TOKEN = "/ca_apis/CAToken/generateToken"
DETAILS = "/ca_apis/AgentDetails"
LOGINS = "/ca_apis/getAgentLogins"
STATE = "/ca_apis/changeAgentState"
SKILL = "/ca_apis/skill"
SIGN_IN = "/CAServices/AgentAuthenticationV2/index.php"


def fault(field, text):
    return dump({"Status": "Fail", "Message": {field: text}})


def error(text):
    return dump({"status": "error", "message": text})


class Account:
    """One account of the product and its credentials."""

    def __init__(self, file):
        given = json.loads((directory / file).read_text())
        self.name, self.key = given["account"], given["api_key"]
        self.token = None

    def ask(self, method, path, body=None, headers=None, **options):
        """With the token once there is one, else with the key; `headers` replaces both."""
        if headers is None:
            headers = {"Authorization": "Bearer " + self.token} if self.token else {"apiKey": self.key}
        return requests.request(method, url + path, json=body, headers=headers, **options)

    def with_name(self, body):
        return {"userName": self.name, **body}

    def edit(self, agent, headers=None, params=None, **fields):
        return self.ask("PUT", EDIT, self.with_name({"agentId": agent, **fields}), headers, params=params)

    def data(self, agent, **fields):
        """What an edit's detailed answer says of the agent."""
        answer = self.edit(agent, params={"detailedResponse": "true"}, **fields)
        if answer.status_code != 200:
            raise AssertionError(f"an edit with {fields}: {answer.status_code} {answer.text}")
        return answer.json()["Data"]

    def create(self, **fields):
        return self.ask("POST", CREATE, self.with_name(fields))

    def delete(self, agent):
        return self.ask("DELETE", DELETE, self.with_name({"agentId": agent}))

    def details(self, **fields):
        return self.ask("POST", DETAILS, self.with_name(fields))

    def state(self, **fields):
        return self.ask("POST", STATE, self.with_name(fields))

    def sign(self, action, agent, password, multipart=False, **fields):
        """Signs an agent in or out."""
        form = {"userName": self.name, "apiKey": self.key, "action": action, **fields}
        form = {name: value for name, value in form.items() if value is not None}
        content = {"files": {name: (None, value) for name, value in form.items()}} if multipart else {"data": form}
        return requests.post(url + SIGN_IN, auth=(agent, password), **content)


account = Account("cloudagent.json")
other = Account("cloudagent-other.json")
by_key = {"apiKey": account.key}

NIA = "nia@example.org"
nia = {"agentId": "nia.1", "agentName": "Nia Lee", "password": "abc", "email": NIA}
