"""How does a program bring a run to its end and pull its lines?"""

import json
from datetime import timedelta

import httpx

from calltime_server.rights import Role
from fixtures.long_work import do_all_work
from fixtures.office import Pass, let_in, open_office
from fixtures.small_day import DAY, EVENING, SmallDay

NEXT_MORNING = EVENING + timedelta(hours=12)


def program(address: str, let: Pass) -> httpx.Client:
    return httpx.Client(base_url=f"{address}/api/v1", timeout=30, headers={"Authorization": f"Bearer {let.token}"})


def seen_by(program: httpx.Client) -> dict[str, object]:
    run = program.get("/runs/1").json()
    return {name: run[name] for name in ("state", "through", "pence")}


def test_a_run_is_opened_settled_approved_and_pulled(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    passes = [let_in(dsn, role, now=NEXT_MORNING) for role in (Role.OFFICER, Role.APPROVER)]
    with (
        open_office(dsn, now=lambda: NEXT_MORNING) as address,
        program(address, passes[0]) as officer,
        program(address, passes[1]) as approver,
    ):
        opened = officer.post("/periods", json={"first_day": str(DAY), "last_day": str(DAY)})
        assert (opened.status_code, opened.json()["run"]) == (201, 1)
        work = officer.post("/runs/1/settle").json()["work"]
        do_all_work(dsn, now=NEXT_MORNING)
        assert officer.get(f"/work/{work}").json()["state"] == "done"
        stale = seen_by(officer)
        draft = officer.get("/runs/1/lines.csv")
        too_early = officer.get("/runs/1/lines.csv?state=approved")
        assert (draft.headers["Calltime-Run-State"], too_early.status_code) == ("draft", 409)
        assert too_early.json()["detail"].startswith("Run 1 is a draft, not approved. Nothing was sent.")
        assert officer.post("/runs/1/send", json={"why": "checked", "seen": stale}).status_code == 200
        refused = approver.post("/runs/1/approve", json={"why": "fine", "seen": stale})
        assert (refused.status_code, "has changed since you looked" in refused.json()["detail"]) == (409, True)
        approved = approver.post("/runs/1/approve", json={"why": "fine", "seen": seen_by(approver)})
        assert approved.json()["state"] == "approved"

        pulled = officer.get("/runs/1/lines.csv?state=approved")
        assert (pulled.headers["Calltime-Run-State"], pulled.headers["ETag"] != draft.headers["ETag"]) == ("approved", True)
        records = [json.loads(line) for line in officer.get("/runs/1/lines.jsonl").text.splitlines()]
        assert pulled.text.count("\n") == 8
        assert sum(record["pence"] for record in records) == approved.json()["pence"]
        again = officer.get("/runs/1/lines.csv?state=approved", headers={"If-None-Match": pulled.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


def test_lines_of_a_run_come_in_parts(settled_day: SmallDay) -> None:
    let = let_in(settled_day.dsn, Role.AUDITOR, now=NEXT_MORNING)
    with open_office(settled_day.dsn, now=lambda: NEXT_MORNING) as address, program(address, let) as auditor:
        part = auditor.get("/runs/1/lines?limit=3").json()
        lines = part["items"]
        while part["next"]:
            part = auditor.get(f"{address}{part['next']}").json()
            lines += part["items"]
        assert [line["line"] for line in lines] == list(range(1, 8))
        assert {line["visit_id"] for line in auditor.get("/runs/1/lines?reason=no_stop").json()["items"]} == {"V3"}


def test_a_program_of_a_provider_pulls_its_own_lines(settled_day: SmallDay) -> None:
    let = let_in(settled_day.dsn, Role.PROVIDER, provider="North Care", now=NEXT_MORNING)
    with open_office(settled_day.dsn, now=lambda: NEXT_MORNING) as address, program(address, let) as provider:
        records = [json.loads(line) for line in provider.get("/runs/1/lines.jsonl").text.splitlines()]
        run = provider.get("/runs/1").json()
        assert provider.post("/runs/1/send", json={"why": "please"}).status_code == 403

    assert {record["provider"] for record in records} == {figure["provider"] for figure in run["figures"]} == {"North Care"}
    assert run["pence"] == sum(record["pence"] for record in records)
    assert run["changes"] == []
