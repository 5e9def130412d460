"""Gives a new desk the teams and attributes that the clients write about, through its native API.

    prepare.py DIRECTORY URL

DIRECTORY holds admin.json, as `muster api-key create --json` prints it.
"""

import json
import pathlib
import sys

import requests

directory, url = pathlib.Path(sys.argv[1]), sys.argv[2]
key = json.loads((directory / "admin.json").read_text())


def ask(method, path, body=None):
    answer = requests.request(method, f"{url}/api/v1{path}", json=body, auth=(key["api_key"], key["api_secret"]))
    answer.raise_for_status()
    return answer.json()["data"]


for name in ("Support", "Sales"):
    ask("POST", "/teams", {"name": name, "timezone": "UTC", "conversation_assignment_type": "Manual"})
options = {"business": ["Retail"], "location": ["Pune"]}
for attribute in ask("GET", "/custom-attributes?applies_to=agent.custom"):
    if attribute["key"] in options:
        ask("PUT", f"/custom-attributes/{attribute['id']}", {"values": options[attribute["key"]]})
for attribute, data_type in [("language", "text"), ("tier", "number"), ("remote", "checkbox")]:
    ask("POST", "/custom-attributes", {
        "name": attribute.capitalize(), "description": f"The agent's {attribute}", "applies_to": "agent.skill",
        "key": attribute, "data_type": data_type,
    })
