"""What the house counts about itself, in a registry of its own so that two apps in one process do not collide."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

_LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
_FIRST = (0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class Meters:
    """Counters and histograms; all times in seconds. Labels never hold names from data."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        new = self._registry
        ProcessCollector(registry=new)
        self.requests = Counter("plainsay_requests", "Requests by route and status", ("route", "status"), registry=new)
        self.latency = Histogram(
            "plainsay_request_seconds", "Time to the response head", ("route",), buckets=_LATENCY, registry=new
        )
        self.runs = Counter("plainsay_runs", "Runs by how they ended", ("status",), registry=new)
        self.run_seconds = Histogram("plainsay_run_seconds", "Whole runs", buckets=_LATENCY, registry=new)
        self.first_event = Histogram(
            "plainsay_first_event_seconds", "From the request to the first stored event", buckets=_FIRST, registry=new
        )
        self.query_seconds = Histogram("plainsay_query_seconds", "Engine time of tools", buckets=_LATENCY, registry=new)
        self.live_runs = Gauge("plainsay_live_runs", "Runs going on", registry=new)
        self.workers = Gauge("plainsay_query_workers", "Query workers configured", registry=new)
        self.waiting_runs = Gauge("plainsay_waiting_runs", "Runs that wait for their turn", registry=new)
        self.streams = Gauge("plainsay_streams", "Event streams open", registry=new)
        self.refused = Counter("plainsay_refused", "Requests refused by a limit", ("limit",), registry=new)
        self.state_seconds = Histogram(
            "plainsay_state_write_seconds", "Writing to the state database", buckets=_FIRST, registry=new
        )
        self.outbox = Gauge("plainsay_outbox", "Parcels by kind and state", ("kind", "state"), registry=new)
        self.jobs = Counter("plainsay_jobs", "Jobs by how they ended", ("state",), registry=new)

    def text(self) -> bytes:
        """All meters in the Prometheus text format."""
        return generate_latest(self._registry)
