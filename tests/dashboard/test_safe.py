"""Requests and messages from outside are refused, or do no harm."""

import http.client
import json
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen
from uuid import uuid4

import pytest

from dashboard.browser import Dashboard, ready
from realpolitik_viz.dashboard import sweep_data
from realpolitik_viz.dashboard.catalogue import scenario_of
from realpolitik_viz.dashboard.view import view_of


def answer(served: Dashboard, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
    """Request a path with other headers."""
    connection = http.client.HTTPConnection("127.0.0.1", served.port, timeout=20)
    with closing(connection):
        connection.putrequest("GET", path, skip_host=True)
        for key, value in {"Host": f"127.0.0.1:{served.port}", **headers}.items():
            connection.putheader(key.replace("_", "-"), value)
        connection.endheaders()
        with connection.getresponse() as got:
            return got.status, dict(got.getheaders()), got.read().decode(errors="replace")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "127.0.0.1"])
def test_a_foreign_host_is_refused(served: Dashboard, host: str) -> None:
    """A foreign name that resolves to this machine is refused."""
    assert answer(served, Host=host)[0] == 421


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1", "file://", "http://[", ""])
def test_a_foreign_origin_is_refused(served: Dashboard, origin: str) -> None:
    """Pages of other servers cannot use the dashboard."""
    assert answer(served, Origin=origin)[0] == 403


@pytest.mark.parametrize("origin", ["http://evil.example", None])
def test_a_foreign_websocket_is_refused(served: Dashboard, origin: str | None) -> None:
    """They cannot open a websocket either, and a websocket needs an origin."""
    headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec_WebSocket_Version": "13"}
    headers |= {"Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ=="} | ({"Origin": origin} if origin else {})
    assert answer(served, "/jupyter/api/kernels/1234/channels?session_id=1", **headers)[0] == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_solara/cdn/vega@5/build/vega.js",
        "/_solara/cdn/../../../../../etc/passwd",
        "/_solara/cdn/%2e%2e/%2e%2e/%2e%2e/collect.py",
        "/static/assets/../app.py",
        "/static/assets/%2e%2e/app.py",
        "/resourcez",
    ],
)
def test_nothing_but_what_is_shipped_is_served(served: Dashboard, path: str) -> None:
    """A library that is not shipped is not fetched from elsewhere, and no path leaves the folders."""
    status, _, text = answer(served, path)
    assert status in (403, 404) or ("root:" not in text and "import" not in text)


ODD_PATHS = [
    "/%00",
    "/static/assets/%00",
    "/_solara/cdn/%00",
    "/static/assets/custom%00.css",
    "/static/public/%0a",
    "/jupyter/nbextensions/%00/x.js",
    "/%ff%fe",
    "/static/%5c..%5capp.py",
    f"/static/assets/{'x' * 300}",
    f"/_solara/cdn/{'x' * 300}",
    "/" + "x/" * 2_000,
    "/static/assets",
    "/static/assets/",
    "//evil.example/",
    "/;",
    "/?%",
    "/?page=%00&x=%ff",
    "/?" + "page=explore&" * 500,
    "/jupyter/api/kernels/%00/channels",
    "/_solara/api/close/x",
]


@pytest.mark.parametrize("path", ODD_PATHS, ids=range(len(ODD_PATHS)))
def test_no_path_is_an_error_of_the_server(served: Dashboard, path: str) -> None:
    """Any bytes in a path or a query are found, not found or refused."""
    assert answer(served, path)[0] < 500


@pytest.mark.parametrize(
    "headers",
    [
        {"X_Forwarded_Host": "x", "X_Forwarded_Proto": "gopher"},
        {"X_Script_Name": "/elsewhere"},
        {"Script_Name": "/elsewhere"},
        {"Cookie": "solara-session-id=%00; =; ;;"},
        {"Range": "bytes=9-1,x", "If_Modified_Since": "never", "If_None_Match": '"'},
        {"Accept_Encoding": "gzip;q=x", "Content_Length": "0"},
    ],
    ids=str,
)
def test_no_header_is_an_error_of_the_server(served: Dashboard, headers: dict[str, str]) -> None:
    """A malformed header changes neither this response nor the next one."""
    for path in ("/", "/static/assets/custom.css", "/static/assets/favicon.svg"):
        assert answer(served, path, **headers)[0] in (200, 400, 416)
    assert "/elsewhere" not in answer(served)[2]


@pytest.mark.parametrize(
    "path", ["/_solara/api/close/x", "/_solara/api/close/x?session_id=y", "/_solara/api/close/%00?session_id=y"]
)
def test_a_page_that_is_not_there_cannot_be_closed(served: Dashboard, path: str) -> None:
    """Only an open page can be closed."""
    request = Request(f"{served.url[:-1]}{path}", method="POST", data=b"")
    with pytest.raises(HTTPError) as refused:
        urlopen(request, timeout=20)
    with refused.value as said:
        assert said.code in (400, 404)


def test_answers_forbid_framing_and_foreign_content(served: Dashboard) -> None:
    """Every response has a policy that allows only content of this server."""
    _, headers, _ = answer(served)
    rules = dict(rule.strip().split(" ", 1) for rule in headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'self'"
    assert "'unsafe-inline'" not in rules["script-src"]
    assert rules["script-src-attr"] == "'none'"
    assert rules["connect-src"] == f"'self' ws://127.0.0.1:{served.port}"
    assert headers["x-frame-options"] == "DENY"


HOSTILE = [
    "scenario=../../etc/passwd",
    "scenario=%2Fetc%2Fpasswd",
    "scenario=karabakh.toml",
    "page=sweep&folder=..",
    "page=sweep&folder=%2Ftmp",
    "page=nowhere",
    "set=theory.phi=1e999",
    "set=<script>alert(1)</script>=1",
    "set=theory.phi=nan",
    "worlds=1000000000",
    "seed=-1",
    "month=9999-99",
    "page=compare&against=../x",
    "x=" + "y" * 20_000,
]


@pytest.mark.parametrize("query", HOSTILE)
def test_a_hostile_url_is_reported(query: str) -> None:
    """Invalid values and unknown keys are ignored and reported; a name reaches no file."""
    view, problems = view_of(query)
    if not problems:
        with pytest.raises((ValueError, KeyError)):
            sweep_data.opened(Path(), view.folder) if view.folder else scenario_of(view, {})


@pytest.mark.parametrize("query", ["set=<script>alert(1)</script>=1", "decision=Nobody@2024-01&page=world"])
def test_a_page_goes_on_after_a_hostile_url(visit: Any, query: str) -> None:
    """Nothing is opened, nothing runs, a message is shown, and other pages work."""
    page = visit(query)
    page.wait_for_selector("[data-message]")
    assert "root:" not in page.content()
    assert page.locator("script:has-text('alert(1)')").count() == 0
    page.click("[data-page=evidence]")
    page.wait_for_selector("[data-ready-page=evidence]")


SEND = """
(given) => {
  const find = (one) => (one.preview && one.go ? one : one.$children.map(find).find(Boolean));
  find(document.querySelector("[data-app]").__vue__ || document.querySelector("#app").__vue__).go(given);
}
"""
"""Calls the server as the page's own component would."""
RAW = [{"worlds": 10**9}, {"set": "theory.phi=1"}, {"page": {"x": 1}}]


def test_a_raw_message_is_checked_like_a_url(visit: Any) -> None:
    """A page that sends invalid values is shown a message, and goes on."""
    page = visit("page=explore&worlds=500")
    ready(page, "explore")
    for given in RAW:
        page.evaluate(SEND, given)
        page.click("[aria-label='Dismiss the message']")
        page.wait_for_selector("[data-message]", state="detached")
        assert page.locator("[data-outcome]").count() > 0


def channels(served: Dashboard, client: str) -> Any:
    """Open a websocket as a page does, with a given session cookie."""
    from websockets.sync.client import connect
    from websockets.typing import Origin

    host = f"127.0.0.1:{served.port}"
    cookie = {"Cookie": f"solara-session-id={client}"}
    url = f"ws://{host}/jupyter/api/kernels/{uuid4()}/channels?session_id={uuid4()}"
    return connect(url, origin=Origin(f"http://{host}"), additional_headers=cookie)


def frame(kind: str, content: Any = None, **more: Any) -> str:
    """Write a message of the protocol."""
    header = {"msg_id": "1", "msg_type": kind, "session": "1", "username": "", "version": "5.2", "date": ""}
    whole = {"channel": "shell", "header": header, "parent_header": {}, "metadata": {}, "content": content or {}}
    return json.dumps({**whole, "buffers": [], **more})


INVALID_DATA: list[Any] = [None, [], 1, {}, {"method": 1}, {"method": "run"}]
CONTROL = {"comm_id": "c", "target_name": "solara.control", "data": {}}
JUNK: list[str | bytes] = [
    *("", "x", "null", "[]", "{}", '"', "1", "[" * 100_000, '{"header": {}}', '{"header": []}', "{" * 9),
    *(b"", b"\x00", b"\xff" * 40, b"\x00\x00\x00\x01\x00\x00\x00\x08{}", b"\x7f\xff\xff\xff"),
    *(frame(kind) for kind in ("comm_open", "comm_msg", "comm_close", "execute_request", "shutdown_request")),
    *(frame("comm_msg", {"comm_id": "c", "data": data}) for data in INVALID_DATA),
    *(frame("comm_open", {"comm_id": "c", "target_name": name, "data": {}}) for name in ("jupyter.widget", 1, None)),
    frame("comm_msg", {"comm_id": "c", "data": {"method": "run", "args": {"path": "//[", "dark": 1, "themes": 0}}}),
    frame("comm_msg", {"comm_id": "c", "data": {"method": "custom", "content": {"create_widget": ["os", "system"]}}}),
    frame("comm_msg", {"comm_id": "c", "data": {"method": "custom", "content": []}}),
    frame("comm_msg", {"comm_id": "c", "data": {"method": "custom", "content": {"event": "nothing"}}}),
    frame("comm_msg", {"comm_id": "c", "data": {"method": "update", "state": {"template": "<b>"}}}),
    frame("kernel_info_request", metadata=[]),
    frame("kernel_info_request", channel=[]),
    frame("comm_info_request", {"target_name": []}),
]


def test_messages_that_no_page_sends_are_ignored(served: Dashboard) -> None:
    """Invalid messages neither close a websocket nor log a traceback, and later messages are answered."""
    before = served.log.stat().st_size
    with channels(served, "junk") as socket:
        socket.send(frame("comm_open", CONTROL))
        for junk in JUNK:
            socket.send(junk)
        socket.send(frame("comm_msg", {"comm_id": "c", "data": {"method": "app-status"}}))
        answers = ""
        while "app-status" not in answers:
            answers = socket.recv(timeout=30)
    assert "Traceback" not in served.written(before)


def test_sessions_do_not_see_each_other(visit: Any) -> None:
    """A slider of one user changes nothing for another."""
    one, other = visit("worlds=500"), visit("worlds=500&scenario=no-invasion")
    ready(one, "explore")
    ready(other, "explore")
    other.wait_for_selector(".delta.down")
    other.wait_for_function("!document.querySelector('.working.on')")
    before = other.inner_text("[aria-label=Outcomes]")
    one.fill("input[type=search]", "drivers.war.scale")
    one.locator("[data-path='drivers.war.scale']").evaluate(
        "one => { one.value = 0.8; one.dispatchEvent(new Event('change')); }"
    )
    one.wait_for_url("**set=drivers.war.scale=0.8**")
    assert other.inner_text("[aria-label=Outcomes]") == before
