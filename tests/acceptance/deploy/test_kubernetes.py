"""The manifests for Kubernetes: valid by its schemas, in step with the command and the image."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from typing import Any

import click
import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from pgdispatch.node import backgrounders, supervisor
from pgdispatch.web.console.options import ConsoleOptions
from pgdispatch.web.pages import INDEX
from pgdispatch_cli.commands.node import drain
from pgdispatch_cli.main import cli
from support.checkout import ROOT
from support.cli.command import COMMAND, command_environment
from support.servers.embedded import Connect

yaml = pytest.importorskip("yaml", reason="PyYAML is not installed")
FOLDER = ROOT / "docker" / "kubernetes"
README = (FOLDER / "README.md").read_text("utf-8")
KUBERNETES = ("1.30", "1.37")
OF_OTHERS = ("keda.sh/v1alpha1", "kustomize.config.k8s.io/v1beta1")
CONFINED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}

Manifest = dict[str, Any]


@cache
def documents() -> tuple[Manifest, ...]:
    """Return all manifests."""
    texts = (path.read_text("utf-8") for path in sorted(FOLDER.glob("*.yaml")))
    return tuple(each for text in texts for each in yaml.safe_load_all(text))


def found(kind: str, name: str) -> Manifest:
    """Return one manifest."""
    (one,) = (
        each for each in documents() if each["kind"] == kind and each["metadata"]["name"] == name
    )
    return dict(one)


def pods() -> dict[str, Manifest]:
    """Return what pods are made from, by what makes them."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]
        for one in documents()
        if one["kind"] in ("Deployment", "Job")
    }


def container(pod: Manifest) -> Manifest:
    """Return the only container of a pod."""
    (one,) = pod["spec"]["containers"]
    return dict(one)


def told(words: list[str]) -> dict[str, Any]:
    """Return what a command line says, by parameter. Raises `click.UsageError`."""
    command: click.Command = cli
    rest = list(words)
    while isinstance(command, click.Group):
        inner = command.get_command(click.Context(command), rest.pop(0))
        assert inner is not None, words
        command = inner
    context = click.Context(command)
    given, _, _ = command.make_parser(context).parse_args(rest)
    return {
        parameter.name: parameter.type_cast_value(context, given[parameter.name])
        for parameter in command.params
        if parameter.name in given and not isinstance(parameter.type, click.Path)
    }


def variables() -> set[str]:
    """Return the environment variables that libpq and the command know."""
    libpq = {
        default.envvar.decode() for default in psycopg.pq.Conninfo.get_defaults() if default.envvar
    }
    ours = {
        parameter.envvar
        for name in ("worker", "web", "install")
        if (command := cli.get_command(click.Context(cli), name))
        for parameter in command.params
        if isinstance(parameter.envvar, str)
    }
    return libpq | ours


def secrets() -> dict[str, set[str]]:
    """Return the secrets that the page tells to make, with their keys."""
    text = README.replace("\\\n", " ")
    made = re.findall(r"create secret generic (\S+)(.*)", text)
    return {name: set(re.findall(r"--from-literal=(\w+)=", rest)) for name, rest in made}


@pytest.mark.parametrize("version", KUBERNETES)
def test_manifests_are_as_kubernetes_has_them(version: str) -> None:
    """Each field is known and of the right type."""
    schemas = pytest.importorskip("kubernetes_validate", reason="kubernetes-validate is missing")
    checked = 0
    for one in documents():
        if one["apiVersion"] not in OF_OTHERS:
            schemas.validate(one, version, strict=True)
            checked += 1

    assert checked > 8


def test_every_option_and_variable_is_known() -> None:
    """To the command, or to libpq; what is asked for by $(NAME) is given."""
    for name, pod in pods().items():
        one = container(pod)
        told(one["args"])
        given = {each["name"] for each in one.get("env", [])}
        used = set(re.findall(r"\$\(?\"?(\w+)", " ".join(one["args"])))
        assert used <= given, name
        for source in one["envFrom"]:
            if "secretRef" in source:
                given |= secrets()[source["secretRef"]["name"]]
            else:
                given |= set(found("ConfigMap", source["configMapRef"]["name"])["data"])
        assert given - {"POD_NAME"} <= variables(), name


def test_probes_ask_for_the_node_and_not_for_its_database() -> None:
    """At the port where it answers; only to be ready needs the database."""
    for name in ("pgdispatch-nodes", "pgdispatch-clock"):
        one = container(pods()[name])
        (port,) = one["ports"]
        asked = {probe: one[probe]["httpGet"] for probe in one if probe.endswith("Probe")}

        assert told(one["args"])["listen"] == f"0.0.0.0:{port['containerPort']}"
        assert {each["port"] for each in asked.values()} == {port["name"]}
        assert {probe: each["path"] for probe, each in asked.items()} == {
            "startupProbe": "/livez",
            "livenessProbe": "/livez",
            "readinessProbe": "/readyz",
        }
        assert all(f"\n{each['path']} " in INDEX for each in asked.values())


def test_pods_may_do_little() -> None:
    """As the profile restricted wants it; the user is that of the image, and no token is there."""
    last = (ROOT / "docker" / "Dockerfile").read_text("utf-8").rpartition("\nFROM ")[2]
    (user,) = re.findall(r"^USER (\d+):\1$", last, re.MULTILINE)
    for name, pod in pods().items():
        spec = pod["spec"]
        confined = spec["securityContext"]
        writable = [each["name"] for each in spec["volumes"] if "emptyDir" in each]

        assert (confined["runAsNonRoot"], confined["runAsUser"]) == (True, int(user)), name
        assert confined["seccompProfile"] == {"type": "RuntimeDefault"}, name
        assert container(pod)["securityContext"] == CONFINED, name
        assert spec["automountServiceAccountToken"] is spec["enableServiceLinks"] is False, name
        assert "tmp" in writable, name


def test_a_node_may_finish_its_drain() -> None:
    """By preStop, or by its grace where that fails; the page tells the same."""
    pod = pods()["pgdispatch-nodes"]
    one = container(pod)
    (script,) = one["lifecycle"]["preStop"]["exec"]["command"][2:]
    words = script.removeprefix("exec pgdispatch ").replace('"$POD_NAME"', "pod-1").split()
    before = told(words)
    grace = told(one["args"])["grace"]
    node_ends = backgrounders.STOP_GRACE + supervisor.LAST_WORDS

    assert script.startswith("exec pgdispatch node drain ")
    assert before["wait"] is True
    assert before["within"].total_seconds() == grace
    assert pod["spec"]["terminationGracePeriodSeconds"] >= grace + drain.LATE + node_ends
    assert f"--within {grace:g}s --wait" in README
    assert f"{pod['spec']['terminationGracePeriodSeconds'] - grace:g} s for its last" in README


def test_names_fit_together() -> None:
    """Selectors, ports, secrets, files; and the processors are enough for the backgrounders."""
    labels = [pod["metadata"]["labels"] for pod in pods().values()]
    for one in documents():
        spec = one.get("spec", {})
        selector = spec.get("selector", {})
        if selector := selector.get("matchLabels", selector):
            assert any(selector.items() <= each.items() for each in labels), one["metadata"]
    (listed,) = (one for one in documents() if one["kind"] == "Kustomization")
    left_out = re.findall(r"# - (\S+)", (FOLDER / "kustomization.yaml").read_text("utf-8"))
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert {*listed["resources"], *left_out} == files
    assert left_out == ["autoscaling.yaml"]
    node = container(pods()["pgdispatch-nodes"])
    assert told(node["args"])["backgrounders"] <= int(node["resources"]["limits"]["cpu"])
    assert told(container(pods()["pgdispatch-clock"])["args"])["backgrounders"] == 0


def test_the_console_serves_what_it_is_told() -> None:
    """Nothing is refused; its probe asks by a name of its own, and it has no login."""
    one = container(pods()["pgdispatch-console"])
    given = told(one["args"])
    options = ConsoleOptions(
        dsn="", listen=given["listen"], hosts=given["hosts"], trust_from=given["trust_from"]
    )

    options.check()

    (asked,) = re.findall(r"http://(\w+):(\d+)/enter", one["readinessProbe"]["exec"]["command"][2])
    assert asked[0] in options.names()
    assert int(asked[1]) == one["ports"][0]["containerPort"]
    assert all("secretRef" not in source for source in one["envFrom"])


def test_the_scaler_counts_a_node_for_as_many_backgrounders_as_it_has() -> None:
    """By the login of its own; the replicas are left to it."""
    scaled = found("ScaledObject", "pgdispatch-nodes")["spec"]
    login = found("TriggerAuthentication", "pgdispatch-scaler")["spec"]["secretTargetRef"]
    (trigger,) = scaled["triggers"]
    target = found("Deployment", scaled["scaleTargetRef"]["name"])
    database = found("ConfigMap", "pgdispatch-database")["data"]

    assert "replicas" not in target["spec"]
    number = told(container(target["spec"]["template"])["args"])["backgrounders"]
    assert float(trigger["metadata"]["targetQueryValue"]) == number
    assert {each["key"] for each in login} == secrets()["pgdispatch-scaler"]
    assert {each["name"] for each in login} == {"pgdispatch-scaler"}
    assert all(isinstance(value, str) for value in trigger["metadata"].values())
    for key, variable in (("host", "PGHOST"), ("port", "PGPORT"), ("dbName", "PGDATABASE")):
        assert trigger["metadata"][key] == database[variable]


@pytest.mark.usefixtures("newest_only")
def test_the_scaler_and_prestop_may_do_what_they_do(database: str, connect: Connect) -> None:
    """With the logins that the page makes, and the rights that it gives them."""
    owner = connect(database)
    (query,) = (
        each["metadata"]["query"]
        for each in found("ScaledObject", "pgdispatch-nodes")["spec"]["triggers"]
    )
    owner.execute("insert into pgdispatch.job (type) values ('flow'), ('system')")
    owner.execute("select pgdispatch.register_node('pod-1', gen_random_uuid())")
    command = container(pods()["pgdispatch-nodes"])["lifecycle"]["preStop"]["exec"]["command"]
    grants = re.findall(r"select pgdispatch\.grant_role\('(\w+)', '(\w+)'\);", README)
    for name, _ in grants:
        owner.execute(f"create role {name} login")
    try:
        for name, role in grants:
            owner.execute("select pgdispatch.grant_role(%s, %s)", [name, role])
        with psycopg.connect(make_conninfo(database, user="pgdispatch_scaler")) as scaler:
            row = scaler.execute(query).fetchone()
        node = make_conninfo(database, user="pgdispatch_node")
        path = f"{COMMAND.parent}:/usr/bin:/bin"
        done = subprocess.run(
            command,
            env=command_environment(node, PATH=path, POD_NAME="pod-1"),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        drained = owner.execute("select is_drained from pgdispatch.node").fetchone()
    finally:
        for name, _ in grants:
            owner.execute(f"drop owned by {name}")
            owner.execute(f"drop role {name}")

    assert dict(grants) == {"pgdispatch_node": "worker", "pgdispatch_scaler": "viewer"}
    assert row == (2,)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("node pod-1 takes no new jobs and is empty by ")
    assert drained == (True,)
