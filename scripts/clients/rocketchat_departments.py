"""Departments and their agents."""

import re

from rocketchat_API.APIExceptions.RocketExceptions import RocketApiException

from rocketchat_desk import (
    INSTANT, NOT_PERMITTED, NOT_SIGNED_IN, admin, check, departments, library, refused, signed_in, users,
)


def agents_of(department, upsert=(), remove=(), by=None):
    """The operation under test more than any other: POST livechat/department/:_id/agents."""
    path = f"livechat/department/{department}/agents"
    return (by or admin()).call_api_post(path, upsert=list(upsert), remove=list(remove))


def links_of(department):
    return admin().call_api_get(f"livechat/department/{department}/agents")


def a_department(name, **fields):
    return {
        "enabled": True, "showOnRegistration": True, "showOnOfflineForm": False, "name": name,
        "email": "desk@example.org", **fields,
    }


@check.step("departments are created, read, listed and changed")
def livechat_departments():
    made = admin().call_api_post(
        "livechat/department", department=a_department("Billing", description="Invoices"),
        agents=[{"agentId": users["kim"]}],
    )
    departments["billing"] = billing = made["department"]["_id"]
    expected = {**a_department("Billing", description="Invoices"), "type": "d", "numAgents": 1}
    check.same("the department", expected, {name: made["department"].get(name) for name in expected})
    check.holds("_updatedAt", "an instant", made["department"]["_updatedAt"], re.fullmatch(
        INSTANT, made["department"]["_updatedAt"]
    ))
    check.same("its agents", [[users["kim"], billing, "kim"]], [
        [link["agentId"], link["departmentId"], link["username"]] for link in made["agents"]
    ])
    other = admin().call_api_post("livechat/department", department=a_department("Airlines", enabled=False))
    departments["airlines"] = other["department"]["_id"]

    one = admin().call_api_get(f"livechat/department/{billing}")
    check.same("one, with agents", [billing, 1], [one["department"]["_id"], len(one["agents"])])
    bare = admin().call_api_get(f"livechat/department/{billing}", includeAgents="false")
    check.same("without", False, "agents" in bare)
    check.same("unknown", None, admin().call_api_get("livechat/department/nothing")["department"])

    listed = admin().call_api_get("livechat/department")
    check.same("all, by name", ["Airlines", "Billing", "Support"], [
        one["name"] for one in listed["departments"] if one["name"] != "Sales"
    ])
    check.same("counts", [len(listed["departments"]), 0, 4], [listed["count"], listed["offset"], listed["total"]])
    page = admin().call_api_get("livechat/department", count=1, offset=1)
    name = page["departments"][0]["name"]
    check.same("a page", ["Billing", 1, 1, 4], [name, page["count"], page["offset"], page["total"]])
    by_text = admin().call_api_get("livechat/department", text="BILL")
    check.same("by text", ["Billing"], [one["name"] for one in by_text["departments"]])
    enabled = admin().call_api_get("livechat/department", enabled="true")
    check.same("enabled ones", False, "Airlines" in [one["name"] for one in enabled["departments"]])
    both = admin().call_api_get("livechat/department.listByIds", ids=[billing, departments["airlines"]])
    check.same("by ids", {billing, departments["airlines"]} == {one["_id"] for one in both["departments"]}, True)
    found = admin().call_api_get("livechat/department.autocomplete", selector='{"term":"ill"}')
    check.same("autocomplete", [{"_id": billing, "name": "Billing"}], found["items"])
    selector = "The 'selector' param is required"
    refused("no selector", 400, selector, lambda: admin().call_api_get("livechat/department.autocomplete"))
    may = admin().call_api_get("livechat/department/isDepartmentCreationAvailable")
    check.same("more can be made", True, may["isDepartmentCreationAvailable"])

    changed = admin().call_api_put(f"livechat/department/{billing}", department=a_department("Bills", description="x"))
    check.same("renamed", ["Bills", "x", 1], [changed["department"][f] for f in ("name", "description", "numAgents")])
    missing = "Department not found [error-department-not-found]"
    refused("no such department", 400, missing, lambda: admin().call_api_put(
        "livechat/department/nothing", department=a_department("Nothing")
    ))
    raised = check.raises("without a name", RocketApiException, lambda: admin().call_api_post(
        "livechat/department", department={name: value for name, value in a_department("x").items() if name != "name"}
    ))
    text = "must have required property 'name' [invalid-params]"
    check.same("its text", [400, text], [raised.status_code, raised.error])
    refused("by an agent", 403, NOT_PERMITTED, lambda: signed_in["kim"].call_api_post(
        "livechat/department", department=a_department("Mine")
    ))


@check.step("agents of a department, as documented")
def department_agents():
    billing = departments["billing"]
    kim, lee = users["kim"], users["lee"]
    done = {"success": True}

    check.same("the documented body", done, agents_of(billing, [{"agentId": lee, "username": "lee"}]))
    links = links_of(billing)
    check.same("both, by name", ["kim", "lee"], [link["username"] for link in links["agents"]])
    check.same("counts", [2, 0, 2], [links["count"], links["offset"], links["total"]])
    fields = ["_id", "agentId", "departmentId", "username", "count", "order", "departmentEnabled", "_updatedAt"]
    check.same("a link's fields", sorted(fields), sorted(links["agents"][0]))

    def of(agent):
        return [(one["count"], one["order"]) for one in links_of(billing)["agents"] if one["agentId"] == agent]

    agents_of(billing, [{"agentId": lee, "username": "lee", "count": 3, "order": 2}])
    check.same("count and order", [(3, 2)], of(lee))
    agents_of(billing, [{"agentId": lee}])
    check.same("without them", [(0, 0)], of(lee))
    agents_of(billing, [{"agentId": lee, "order": 1}, {"agentId": lee, "username": "wrong", "order": 7}])
    check.same("the last counts", [(0, 7)], of(lee))
    check.same("the name is the record's", "lee", links_of(billing)["agents"][1]["username"])
    agents_of(billing, [{"agentId": lee, "count": 5}], [{"agentId": lee}, {"agentId": kim}, {"agentId": "nobody"}])
    check.same("removed first, then put in", [[(5, 0)], []], [of(lee), of(kim)])
    check.same("numAgents", 1, admin().call_api_get(f"livechat/department/{billing}")["department"]["numAgents"])
    check.same("an unknown one is skipped", done, agents_of(billing, [{"agentId": "nobody", "username": "nobody"}]))
    check.same("nothing to do", done, agents_of(billing))
    agents_of(billing, [{"agentId": kim, "username": "kim"}])
    own = admin().call_api_get(f"livechat/agents/{kim}/departments")["departments"]
    check.same("kim's departments", [[billing, "Bills"]], [[one["departmentId"], one["departmentName"]] for one in own])
    nobody = admin().call_api_get("livechat/agents/nobody/departments")
    check.same("nobody's", [], nobody["departments"])
    empty = links_of("nothing")
    check.same("an unknown department's", [[], 0], [empty["agents"], empty["total"]])

    path = f"livechat/department/{billing}/agents"
    for body, text in [
        ({}, "Match error: Missing key 'upsert'"),
        ({"remove": []}, "Match error: Missing key 'upsert'"),
        ({"upsert": []}, "Match error: Missing key 'remove'"),
        ({"upsert": [{"username": "kim"}], "remove": []}, "Match error: Missing key 'agentId' in field upsert[0]"),
        ({"upsert": [], "remove": [{"username": "kim"}]}, "Match error: Missing key 'agentId' in field remove[0]"),
    ]:
        refused(f"{body}", 400, text, lambda: admin().call_api_post(path, body=body))
    missing = "Department not found [error-department-not-found]"
    refused("no such department", 400, missing, lambda: agents_of("nothing"), "error-department-not-found")
    put_in = [{"agentId": lee, "username": "lee"}]
    refused("by an agent", 403, NOT_PERMITTED, lambda: agents_of(billing, put_in, by=signed_in["kim"]))
    nobody = library()
    raised = check.raises("by nobody", RocketApiException, lambda: agents_of(billing, put_in, by=nobody))
    check.same("its body", [401, NOT_SIGNED_IN], [raised.status_code, raised.response_json])
    check.same("afterwards", ["kim", "lee"], [link["username"] for link in links_of(billing)["agents"]])


@check.step("an agent's departments and limit are saved")
def save_info():
    kim = users["kim"]
    saved = admin().call_api_post(
        "livechat/agents.saveInfo", agentId=kim, agentData={"maxNumberSimultaneousChat": 4},
        agentDepartments=[departments["airlines"]],
    )
    check.same("saved", {"success": True}, saved)
    own = admin().call_api_get(f"livechat/agents/{kim}/departments")["departments"]
    check.same("replaced", [departments["airlines"]], [link["departmentId"] for link in own])
    limit = admin().livechat_get_user("agent", kim)["user"]["livechat"]["maxNumberSimultaneousChat"]
    check.same("the limit", "4", str(limit))
    check.raises("ada is no agent by id", RocketApiException, lambda: admin().call_api_post(
        "livechat/agents.saveInfo", agentId="nobody", agentData={}, agentDepartments=[]
    ))


@check.step("departments are archived, taken back, and not deleted")
def archive():
    billing = departments["billing"]

    def listed(**query):
        return [one["name"] for one in admin().call_api_get("livechat/department", **query)["departments"]]

    check.same("archived", {"success": True}, admin().call_api_post(f"livechat/department/{billing}/archive"))
    check.same("not listed, listed", [False, True], ["Bills" in listed(), "Bills" in listed(showArchived="true")])
    archived = admin().call_api_get("livechat/departments/archived")
    check.same("the archived", [["Bills"], 1], [[one["name"] for one in archived["departments"]], archived["total"]])
    check.same("its links", [False], [link["departmentEnabled"] for link in links_of(billing)["agents"]])
    code = "error-archived-department-cant-be-enabled"
    refused("enabled again", 400, f"[{code}]", lambda: admin().call_api_put(
        f"livechat/department/{billing}", department=a_department("Bills")
    ), code)
    check.same("taken back", {"success": True}, admin().call_api_post(f"livechat/department/{billing}/unarchive"))
    check.same("listed", True, "Bills" in listed())
    refused("archive", 400, "department-not-found", lambda: admin().call_api_post(
        "livechat/department/nothing/archive"
    ))
    refused("unarchive", 400, "[department-not-found]", lambda: admin().call_api_post(
        "livechat/department/nothing/unarchive"
    ))
    disabled = check.raises("delete", RocketApiException, lambda: admin().call_api_delete(
        f"livechat/department/{billing}"
    ))
    check.same("delete", 400, disabled.status_code)
    check.holds("delete", "error-department-removal-disabled", disabled.error, "removal-disabled" in disabled.error)
