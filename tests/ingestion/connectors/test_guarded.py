"""No connector reaches a private address, whatever the address is written like and wherever an answer points."""

from __future__ import annotations

import socket

import pytest

from evals.fakes.replay import Replay
from ingestion.connectors import guarded
from ingestion.connectors.guarded import Ask, Client, public
from store.errors import SourceProblem

PRIVATE = [
    "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
    "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "::ffff:127.0.0.1", "::ffff:169.254.169.254",
    "64:ff9b::7f00:1", "2002:7f00:1::", "::7f00:1", "198.18.0.1", "192.0.2.1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_private_addresses_are_known(address):
    assert not public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700::1111"])
def test_public_addresses_are_known(address):
    assert public(address)


def refused(url, hosts=("*",)):
    client = Client(hosts, retries=0)
    try:
        with pytest.raises(SourceProblem) as caught:
            client.send(Ask("GET", url))
        return caught.value.code
    finally:
        client.close()


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "https://127.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://localhost/",
     "https://[::1]/", "https://[::ffff:127.0.0.1]/", "http://example.com/", "ftp://example.com/", "https://10.1.1.1/"],
)  # fmt: skip
def test_forms_of_private_urls_are_refused(url):
    assert refused(url) == "address_refused"


def test_a_name_that_leads_inside_is_refused_and_the_checked_address_is_used(monkeypatch):
    told = iter(["93.184.216.34", "127.0.0.1"])

    def changing(host, port, **_more):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(told), port))]

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    asked = []
    client = Client(["api.example"], retries=0)
    monkeypatch.setattr(client._http, "send", lambda request, **_m: asked.append(str(request.url)) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        client.send(Ask("GET", "https://api.example/v1"))
    assert asked == ["https://93.184.216.34/v1"]
    with pytest.raises(SourceProblem):
        client.send(Ask("GET", "https://api.example/v1"))
    client.close()


def test_redirects_are_not_followed(server: Replay, monkeypatch):
    monkeypatch.setenv("PLAINSAY_CONNECTOR_PRIVATE", server.url.removeprefix("http://").rstrip("/"))
    server.answers["a"] = lambda _r: (302, {"Location": "http://169.254.169.254/latest"}, b"")
    client = Client([], retries=0)
    with pytest.raises(SourceProblem) as caught:
        client.send(Ask("GET", f"{server.url}a"))
    client.close()
    assert caught.value.code == "redirect_refused"


def test_another_address_must_be_allowed():
    with pytest.raises(SourceProblem):
        guarded.check_override("https://evil.example/")
