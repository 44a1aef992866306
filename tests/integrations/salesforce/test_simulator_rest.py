"""The simulated org answers as Salesforce documents it."""

from __future__ import annotations

from typing import Any

import pytest

from integrations.salesforce.simulator.ids import case_suffix
from tests.integrations.salesforce.org_client import OrgClient

DEAL = {"Name": "Acme", "StageName": "Qualification", "CloseDate": "2026-12-31"}
KEY = "Dealwright_Deal__c"


async def created(org: OrgClient, name: str = "Opportunity", **values: Any) -> str:
    answer = await org.call("POST", f"sobjects/{name}", {**(DEAL if name == "Opportunity" else {}), **values})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_an_id_has_three_characters_that_say_which_of_the_others_are_capitals() -> None:
    assert case_suffix("0015f00002J9YYE") == "AA3"  # as in a recorded event
    assert case_suffix("0055f000005mc66") == "AAA"


async def test_a_record_is_created_read_and_changed(org: OrgClient) -> None:
    id_ = await created(org, Amount=1200.5)
    changed = await org.call("PATCH", f"sobjects/Opportunity/{id_}", {"StageName": "Closed Won"})
    assert (changed.status_code, changed.content) == (204, b"")
    shown = (await org.call("GET", f"sobjects/Opportunity/{id_}?fields=Amount,IsWon,StageName")).json()
    assert (shown["Amount"], shown["IsWon"], shown["StageName"]) == (1200.5, True, "Closed Won")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"CloseDate": None}, "REQUIRED_FIELD_MISSING"),
        ({"Colour": "red"}, "INVALID_FIELD"),
        ({"StageName": "Nirvana"}, "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"),
        ({"Name": "x" * 121}, "STRING_TOO_LONG"),
        ({"OwnerId": "nobody"}, "MALFORMED_ID"),
        ({"OwnerId": "0055f000000000zAAA"}, "INVALID_CROSS_REFERENCE_KEY"),
        ({"CloseDate": "31.12.2026"}, "JSON_PARSER_ERROR"),
        ({"IsWon": True}, "INVALID_FIELD_FOR_INSERT_UPDATE"),
    ],
)
async def test_what_does_not_fit_is_refused_with_a_list_of_errors(
    org: OrgClient, values: dict[str, Any], code: str
) -> None:
    answer = await org.call("POST", "sobjects/Opportunity", {**DEAL, **values})
    assert answer.status_code == 400
    assert [error["errorCode"] for error in answer.json()] == [code]


async def test_an_upsert_creates_once_and_updates_then(org: OrgClient) -> None:
    key = "acme.2026/visit:1"
    first = await org.keyed("PATCH", "Opportunity", KEY, key, DEAL)
    again = await org.keyed("PATCH", "Opportunity", KEY, key, {"StageName": "Closed Won"})
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert (again.status_code, again.json()["created"]) == (200, False)
    assert first.json()["id"] == again.json()["id"]
    assert (await org.keyed("GET", "Opportunity", KEY, key)).json()["StageName"] == "Closed Won"


async def test_a_key_that_nothing_has_is_not_found(org: OrgClient) -> None:
    assert (await org.keyed("GET", "Opportunity", KEY, "nothing")).status_code == 404
    only = await org.call("PATCH", f"sobjects/Opportunity/{KEY}/nothing?updateOnly=true", {"Name": "x"})
    assert only.status_code == 404


async def test_several_records_with_one_key_are_listed(org: OrgClient) -> None:
    one, other = await created(org, **{KEY: "a"}), await created(org, **{KEY: "b"})
    org.simulator.state.org.tables["Opportunity"][other][KEY] = "a"  # the field was not unique once
    answer = await org.keyed("PATCH", "Opportunity", KEY, "a", {"Name": "x"})
    assert answer.status_code == 300
    assert sorted(url.rsplit("/", 1)[1] for url in answer.json()) == sorted([one, other])


async def test_a_unique_field_keeps_a_second_record_from_being_created(org: OrgClient) -> None:
    id_ = await created(org, "Task", Subject="Call", Dealwright_Effect__c="acme/1")
    answer = await org.call("POST", "sobjects/Task", {"Subject": "Call", "Dealwright_Effect__c": "acme/1"})
    (error,) = answer.json()
    assert (answer.status_code, error["errorCode"]) == (400, "DUPLICATE_VALUE")
    assert error["message"].endswith(f"record with id: {id_[:15]}")


async def test_calls_of_a_bundle_refer_to_each_other(org: OrgClient) -> None:
    base = "/services/data/v68.0/sobjects"
    parts = [
        {"method": "POST", "url": f"{base}/Opportunity", "referenceId": "deal", "body": DEAL},
        {"method": "POST", "url": f"{base}/Task", "referenceId": "task", "body": {"WhatId": "@{deal.id}"}},
    ]
    answer = (await org.call("POST", "composite", {"compositeRequest": parts})).json()["compositeResponse"]
    deal, task = (part["body"]["id"] for part in answer)
    assert org.simulator.org.get("Task", task)["WhatId"] == deal


async def test_a_bundle_of_all_or_none_leaves_nothing_behind(org: OrgClient) -> None:
    base = "/services/data/v68.0/sobjects"
    parts = [
        {"method": "POST", "url": f"{base}/Opportunity", "referenceId": "a", "body": DEAL},
        {"method": "POST", "url": f"{base}/Opportunity", "referenceId": "b", "body": {}},
    ]
    answer = await org.call("POST", "composite", {"allOrNone": True, "compositeRequest": parts})
    statuses = [part["httpStatusCode"] for part in answer.json()["compositeResponse"]]
    assert (answer.status_code, statuses) == (200, [400, 400])
    assert list(org.simulator.org.live("Opportunity")) == []
    assert org.simulator.webhooks.state().waiting == 0


async def test_a_list_of_records_fails_one_by_one_within_an_answer_200(org: OrgClient) -> None:
    records = [{KEY: "a", **DEAL}, {KEY: "b", "Name": "no stage"}]
    answer = await org.call("PATCH", f"composite/sobjects/Opportunity/{KEY}", {"records": records})
    good, bad = answer.json()
    assert (answer.status_code, good["success"], bad["success"]) == (200, True, False)
    assert bad["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"


async def test_bundles_have_their_limits(org: OrgClient) -> None:
    part = {"method": "GET", "url": "/services/data/v68.0/limits", "referenceId": "a"}
    assert (await org.call("POST", "composite", {"compositeRequest": [part] * 26})).status_code == 400
    many = await org.call("PATCH", f"composite/sobjects/Opportunity/{KEY}", {"records": [{KEY: "a"}] * 201})
    assert many.status_code == 400


async def test_a_query_finds_what_changed_and_goes_on_under_its_next_address(org: OrgClient) -> None:
    org.simulator.api.batch = 2
    ids = [await created(org, Name=f"Deal {number}") for number in range(3)]
    soql = (
        "SELECT Id, Name, Owner.Email FROM Opportunity WHERE SystemModstamp >= 2026-01-01T00:00:00Z "
        "AND IsDeleted = false ORDER BY SystemModstamp, Id LIMIT 10"
    )
    first = (await org.query(soql)).json()
    second = (await org.http.get(first["nextRecordsUrl"])).json()
    assert (first["totalSize"], first["done"], second["done"]) == (3, False, True)
    assert [row["Id"] for row in first["records"] + second["records"]] == ids
    assert first["records"][0]["Owner"]["Email"] == "integration@example.org"


async def test_deleted_records_are_found_by_query_all_only(org: OrgClient) -> None:
    id_ = await created(org)
    assert (await org.call("DELETE", f"sobjects/Opportunity/{id_}")).status_code == 204
    soql = "SELECT Id, IsDeleted FROM Opportunity"
    assert (await org.query(soql)).json()["records"] == []
    assert [row["IsDeleted"] for row in (await org.query(soql, deleted=True)).json()["records"]] == [True]
    assert (await org.call("PATCH", f"sobjects/Opportunity/{id_}", {"Name": "x"})).json()[0]["errorCode"] == (
        "ENTITY_IS_DELETED"
    )


@pytest.mark.parametrize("soql", ["DELETE Opportunity", "SELECT Colour FROM Opportunity", "SELECT Id FROM Lead"])
async def test_a_query_that_is_none_is_refused(org: OrgClient, soql: str) -> None:
    assert (await org.query(soql)).status_code == 400


async def test_quotes_in_a_query_are_escaped(org: OrgClient) -> None:
    id_ = await created(org, Name="O'Neill")
    found = (await org.query(r"SELECT Id FROM Opportunity WHERE Name = 'O\'Neill'")).json()["records"]
    assert [row["Id"] for row in found] == [id_]


async def test_every_answer_says_how_much_of_the_limit_is_used(org: OrgClient) -> None:
    answer = await org.call("GET", "sobjects/Opportunity/none")
    assert (answer.status_code, answer.headers["sforce-limit-info"]) == (404, "api-usage=1/15000")


async def test_a_spent_limit_is_a_403_that_does_not_say_until_when(org: OrgClient) -> None:
    org.simulator.switches.quota_spent = 1
    answer = await org.call("GET", "limits")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (403, "REQUEST_LIMIT_EXCEEDED")
    assert "retry-after" not in answer.headers
    assert (await org.call("GET", "limits")).status_code == 200


async def test_another_version_than_ours_is_not_there(org: OrgClient) -> None:
    assert (await org.http.get("/services/data/v1.0/limits")).status_code == 404


async def test_a_body_that_is_no_json_is_refused(org: OrgClient) -> None:
    answer = await org.http.post("/services/data/v68.0/sobjects/Task", content="Subject=x")
    assert answer.status_code == 415


async def test_a_locked_row_can_be_written_a_moment_later(org: OrgClient) -> None:
    id_ = await created(org)
    org.simulator.switches.locked_rows = 1
    first = await org.call("PATCH", f"sobjects/Opportunity/{id_}", {"Name": "x"})
    assert (first.status_code, first.json()[0]["errorCode"]) == (400, "UNABLE_TO_LOCK_ROW")
    assert (await org.call("PATCH", f"sobjects/Opportunity/{id_}", {"Name": "x"})).status_code == 204


async def test_rules_of_the_company_are_kept(org: OrgClient) -> None:
    org.simulator.switches.duplicate_rule = org.simulator.switches.loss_reason_required = True
    await created(org, "Contact", LastName="Lopez", Email="ana@buyer.example")
    again = await org.call("POST", "sobjects/Contact", {"LastName": "L", "Email": "ana@buyer.example"})
    lost = await org.call("POST", "sobjects/Opportunity", {**DEAL, "StageName": "Closed Lost"})
    codes = [answer.json()[0]["errorCode"] for answer in (again, lost)]
    assert codes == ["DUPLICATES_DETECTED", "FIELD_CUSTOM_VALIDATION_EXCEPTION"]


async def test_a_change_event_names_the_client_that_wrote(org: OrgClient) -> None:
    created_ = await org.call("POST", "sobjects/Opportunity", DEAL, **{"Sforce-Call-Options": "client=Dealwright"})
    org.simulator.change(
        {"do": "update", "sobject": "Opportunity", "id": created_.json()["id"], "values": {"Name": "X"}}
    )
    events: Any = org.simulator.state.change_events
    ours, theirs = (event["ChangeEventHeader"] for event in events)
    assert ours["changeOrigin"] == "com/salesforce/api/rest/68.0;client=Dealwright"
    assert theirs["changeOrigin"] == "com/salesforce/api/soap/68.0;client=SfdcInternalAPI/"
    assert theirs["changedFields"] == ["Name", "LastModifiedDate"]
