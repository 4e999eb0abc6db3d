#!/usr/bin/python3
# SPDX-License-Identifier: BSD-3-Clause
# Copyright (c) 2026 The dpdk-vrouter authors
"""The JSON Schema, the program and the documentation say the same about a config.

usage: test_schema.py [DPDK_VROUTER]

Every example in configs/, every whole one in docs/configuration.md and every pipeline and element in
docs/elements.md must pass the schema and `DPDK_VROUTER --check --vr-config FILE`; every case of
tests/unit/config_errors.txt must be refused by the program in those words, and by the schema where
the case says so. The schema must tell random IPv6 addresses apart as the rules do (TEST_SEED chooses
others). Its limits and defaults must be those of lib/config/config.h, it must have the types of
elements and the keys that the program knows, and the documentation must have every key.

Without a program its part is left out, and the exit status is 77 (skipped), unless something else
has failed.
"""

import ipaddress
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
SKIPPED = 77
failures = 0


def check(holds, message):
    global failures
    if not holds:
        failures += 1
        print(f"FAILED: {message}")


class Case:
    """One paragraph of config_errors.txt, which says how it is to be read."""

    def __init__(self, lines, base):
        piece = [line[2:] for line in lines if line.startswith("- ")]
        put = [line[2:] for line in lines if line.startswith("+ ")]
        self.errors = [line[2:] for line in lines if line.startswith("= ")]
        self.schema = "schema" in lines
        self.title = f"{' '.join(piece) or '*'} => {' '.join(put)}"
        piece, put = "\n".join(piece), "\n".join(put)
        assert piece in base, self.title
        self.text = base.replace(piece, put, 1) if "*" not in lines else put


def cases():
    base = (ROOT / "tests/unit/config_base.json").read_text()
    text = (ROOT / "tests/unit/config_errors.txt").read_text()
    for paragraph in text.strip().split("\n\n"):
        lines = paragraph.split("\n")
        if not lines[0].startswith("#"):
            yield Case(lines, base)


def documented():
    """The whole configs in the documentation: its ```json blocks that have ports."""
    text = (ROOT / "docs/configuration.md").read_text()
    for block in re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        if '"ports"' in block:
            yield block


def with_pipeline(pipeline):
    """A config of a router with it, and with the interfaces that examples name."""
    return {"ports": [{"name": "p0", "device": "net_null0"}],
            "routers": [{"name": "r", "pipeline": pipeline, "interfaces": [
                {"name": name, "port": "p0", "vlan": i, "addresses": [f"10.0.{i}.1/24"]}
                for i, name in enumerate(("lan", "wan"), 1)]}]}


def elements_documented():
    """The pipelines in the documentation of elements, and its elements as pipelines."""
    text = (ROOT / "docs/elements.md").read_text()
    for block in re.findall(r"^```json\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        value = json.loads(block)
        if "type" in value:
            value = {"egress" if value["type"] == "shape" else "ingress": [value]}
        yield json.dumps(with_pipeline(value), indent=4)


def good_texts():
    for path in sorted((ROOT / "configs").glob("*.json")):
        yield path.name, path.read_text()
    for i, text in enumerate(documented()):
        yield f"configuration.md, example {i + 1}", text
    for i, text in enumerate(elements_documented()):
        yield f"elements.md, example {i + 1}", text
    yield "config_base.json", (ROOT / "tests/unit/config_base.json").read_text()


def check_schema(validator):
    n = 0
    for name, text in good_texts():
        errors = [error.message for error in validator.iter_errors(json.loads(text))]
        check(not errors, f"{name} against the schema: {errors}")
        n += 1
    check(n >= 5, f"only {n} examples found")
    for case in cases():
        try:
            value = json.loads(case.text)
        except ValueError:
            check(not case.schema, f"{case.title}: no JSON, no case for the schema")
            continue
        check(validator.is_valid(value) != case.schema,
              f"{case.title}: the schema {'takes' if case.schema else 'refuses'} it")


def random_ipv6(rng):
    """The texts of a random address, with many zero bits or special ones."""
    lead = rng.choice([0, 0xffff << 32, 0xfe80 << 112, 0xff02 << 112, rng.getrandbits(128)])
    address = ipaddress.IPv6Address(lead | rng.getrandbits(rng.choice([2, 17, 32, 64])))
    exploded = address.exploded
    texts = [str(address), exploded, exploded.upper(), re.sub(r"\b0+\B", "", exploded)]
    quad = ipaddress.IPv4Address(int(address) & 0xffffffff)
    texts.append(f"{exploded[:30]}{quad}")
    return address, texts


def check_ipv6(schema):
    """No right form of an address is refused; of wrong addresses, those that say so at once are."""
    seed = int(os.environ.get("TEST_SEED", "20260101"), 0)
    rng = random.Random(seed)
    forms = {name: jsonschema.Draft7Validator({"$ref": f"#/definitions/{name}",
                                               "definitions": schema["definitions"]})
             for name in ("address", "via", "interface_address", "prefix")}
    print(f"seed {seed}")
    for _ in range(500):
        address, texts = random_ipv6(rng)
        local = address.is_link_local
        host = not (address.is_multicast or int(address) < 2 or address.ipv4_mapped or
                    (local and int(address) >> 64 != 0xfe80 << 48))
        for text in texts:
            cases_of = [("address", text, host),
                        ("interface_address", f"{text}/64", host),
                        ("interface_address", f"{text}/127", host and not local),
                        ("via", text, host and not local),
                        ("via", f"{text}%lan", host and local),
                        ("prefix", f"{text}/48", not local)]
            for name, value, right in cases_of:
                check(forms[name].is_valid(value) == right,
                      f"{name}: the schema {'refuses' if right else 'takes'} {value}")


def defines():
    """The numbers of config.h."""
    text = (ROOT / "lib/config/config.h").read_text()
    names = (ROOT / "lib/schema/text.h").read_text()
    found = {"NAME_MAX": int(re.search(r"^#define SCHEMA_NAME_MAX (\d+)", names, re.MULTILINE)[1])}
    for name, value in re.findall(r"^#define CONFIG_(\w+) \(?(\d+(?: << \d+)?)\)?", text,
                                  re.MULTILINE):
        number, _, shift = value.partition(" << ")
        found[name] = int(number) << int(shift or 0)
    return found


def resolve(schema, value):
    """A property with what its $ref or allOf adds."""
    result = dict(value)
    for part in [value] + value.get("allOf", []):
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            result = {**schema["definitions"][name], **result}
    return result


def check_limits(schema):
    """(object, key): minimum, maximum, default; None: the schema has none."""
    d = defines()
    whole = schema["properties"]
    port, router, interface, route = (schema["definitions"][name]["properties"]
                                      for name in ("port", "router", "interface", "route"))
    gateway = schema["definitions"]["gateway"]["then"]["properties"]
    descriptors = d["DESCRIPTORS_MIN"], d["DESCRIPTORS_MAX"], d["DESCRIPTORS_DEFAULT"]
    expected = [
        (whole, "quantum_us", 1, d["QUANTUM_US_MAX"], d["QUANTUM_US_DEFAULT"]),
        (whole, "mbufs", 0, d["MBUFS_MAX"], 0),
        (port, "rx_descriptors", *descriptors),
        (port, "tx_descriptors", *descriptors),
        (port, "mtu", d["MTU_MIN"], d["MTU_MAX"], d["MTU_DEFAULT"]),
        (port, "lcore", 0, None, None),
        (router, "weight", 1, d["WEIGHT_MAX"], d["WEIGHT_DEFAULT"]),
        (router, "lcore", 0, None, None),
        (router, "max_routes", 1, d["MAX_ROUTES_MAX"], d["MAX_ROUTES_DEFAULT"]),
        (router, "max_neighbours", 1, d["MAX_NEIGHBOURS_MAX"], d["MAX_NEIGHBOURS_DEFAULT"]),
        (router, "neighbour_timeout", 1, d["NEIGHBOUR_TIMEOUT_MAX"],
         d["NEIGHBOUR_TIMEOUT_DEFAULT"]),
        (router, "icmp_rate", 0, d["RATE_MAX"], d["ICMP_RATE_DEFAULT"]),
        (router, "echo_rate", 0, d["RATE_MAX"], d["ECHO_RATE_DEFAULT"]),
        (interface, "vlan", 1, d["VLAN_MAX"], None),
        (interface, "outer_vlan", 1, d["VLAN_MAX"], None),
        (route, "distance", 1, d["DISTANCE_MAX"], d["DISTANCE_DEFAULT"]),
        (gateway, "weight", 1, d["VIA_WEIGHT_MAX"], d["VIA_WEIGHT_DEFAULT"]),
    ]
    for properties, key, *limits in expected:
        value = resolve(schema, properties[key])
        has = [value.get(limit) for limit in ("minimum", "maximum", "default")]
        check(has == limits, f"{key}: the schema has {has}, config.h {limits}")
    powers, fifo = [], d["FIFO_MIN"]
    while fifo <= d["FIFO_MAX"]:
        powers.append(fifo)
        fifo *= 2
    check(router["fifo"]["enum"] == powers, "fifo: the schema's list is not config.h's range")
    config_h = (ROOT / "lib/config/config.h").read_text()
    engines = re.findall(r"\bCONFIG_TABLE_ENGINE_(\w+),", config_h)
    check(router["table_engine"]["enum"] == [name.lower() for name in engines],
          "table_engine: the schema's list is not config.h's")
    check(route["via"]["then"]["maxItems"] == d["VIAS_MAX"], "via: another length than config.h's")
    check(router["fifo"]["default"] == d["FIFO_DEFAULT"], "fifo: another default than config.h's")
    check(f"{{1,{d['NAME_MAX']}}}" in schema["definitions"]["name"]["pattern"],
          "name: another length than config.h's")


def page_of(definition):
    """Where the keys of an object of the schema are documented."""
    for start, page in (("acl_", "acl"), ("element_acl", "acl"), ("element_mirror", "mirror"),
                        ("nat44_", "nat44"), ("element_nat44", "nat44"), ("element_", "elements"),
                        ("mark_", "elements"), ("police_", "elements"), ("pipeline", "elements")):
        if definition.startswith(start):
            return f"{page}.md"
    return "configuration.md"


def check_documentation(schema):
    """Every key has a row in the documentation, with its limits and default, and is described."""
    objects = {"": schema, **schema["definitions"]}
    for name, definition in objects.items():
        if definition.get("additionalProperties") is not False:
            continue
        page = page_of(name)
        text = (ROOT / "docs" / page).read_text()
        for key, raw in definition.get("properties", {}).items():
            if "const" in raw:
                continue
            value = resolve(schema, raw)
            rows = re.findall(rf"^\|[^|]*`{key}`[^|]*\|.*$", text, re.MULTILINE)
            check(rows, f"{page} has no row for {key} of {name}")
            wanted = [str(value[k]).lower() for k in ("minimum", "maximum", "default") if k in value
                      and not isinstance(value[k], list)]
            check(any(all(re.search(rf"\b{n}\b", row) for n in wanted) for row in rows),
                  f"{page}: no row for {key} of {name} has {wanted}")
            check("description" in value or value["type"] == "array",
                  f"the schema does not describe {name} {key}")


# What no object has. Told with a list of the keys that it may have.
UNKNOWN = {"zzzzzzzz": 0}


def objects_with_unknown():
    """For objects of the schema, a config with one in which there is a key too many."""
    lan = {"name": "lan", "port": "p0", "addresses": ["2001:db8::1/64"]}

    def router(**changes):
        return {"ports": [{"name": "p0", "device": "net_null0"}],
                "routers": [{"name": "r", "interfaces": [lan], **changes}]}

    def element(**members):
        return router(pipeline={"ingress": [members]})

    def advertisement(value):
        return router(interfaces=[{**lan, "router_advertisement": value}])

    yield "", {**router(), **UNKNOWN}
    yield "cost", {**router(), "cost": UNKNOWN}
    yield "watchdog", {**router(), "watchdog": UNKNOWN}
    yield "memory", {**router(), "memory": UNKNOWN}
    yield "server", router(reserve=UNKNOWN)
    yield "port", {**router(), "ports": [UNKNOWN]}
    yield "router", router(**UNKNOWN)
    yield "interface", router(interfaces=[{**lan, **UNKNOWN}])
    yield "tunnel", router(interfaces=[{"name": "lan", "tunnel": UNKNOWN}])
    yield "router_advertisement", advertisement(UNKNOWN)
    yield "advertised_prefix", advertisement({"prefixes": [UNKNOWN]})
    yield "route", router(routes=[UNKNOWN])
    yield "gateway", router(routes=[{"prefix": "::/0", "via": [UNKNOWN]}])
    yield "neighbour", router(neighbours=[UNKNOWN])
    yield "multicast_route", router(multicast_routes=[UNKNOWN])
    yield "pipeline", router(pipeline=UNKNOWN)
    yield "acl_rule", element(type="acl", rules=[UNKNOWN])
    yield "mark_rule", element(type="mark", rules=[UNKNOWN])
    yield "police_class", element(type="police", classes=[UNKNOWN])
    yield "nat44_static", element(type="nat44", static=[UNKNOWN])
    yield "nat44_forward", element(type="nat44", forwards=[UNKNOWN])


def check_keys(program, schema, path):
    """The schema has the objects, and in them the keys, that the program has, and no others."""
    def expected(config, found):
        path.write_text(json.dumps(config))
        said = [line for line in run(program, path).stderr.splitlines() if found in line]
        check(len(said) == 1, f"{json.dumps(config)}: said {said}")
        return re.findall(r'"(\w+)"', said[0].partition("expected one of ")[2]) if said else []

    types = expected(with_pipeline({"ingress": [{}]}), 'found no "type"')
    objects = dict(objects_with_unknown())
    for name in types:
        objects[f"element_{name}"] = with_pipeline({"ingress": [{"type": name, **UNKNOWN}]})
    for name, config in objects.items():
        definition = schema["definitions"].get(name, {}) if name else schema
        definition = definition.get("then", definition) if name == "gateway" else definition
        keys = expected(config, "found an unknown key")
        check(sorted(definition.get("properties", {})) == sorted(keys),
              f"{name}: the schema has {sorted(definition.get('properties', {}))}, the program "
              f"{sorted(keys)}")
    closed = {name for name, definition in schema["definitions"].items()
              if definition.get("then" if name == "gateway" else "type")
              and definition.get("properties", definition.get("then"))}
    check(closed <= set(objects), f"no config tests the keys of {sorted(closed - set(objects))}")


def run(program, path):
    return subprocess.run([program, "--check", "--vr-config", path], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=60, cwd=ROOT, check=False)


def check_program(program, schema):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "t.json"
        check_keys(program, schema, path)
        for name, text in good_texts():
            path.write_text(text)
            result = run(program, path)
            check(result.returncode == 0,
                  f"{name}: exit status {result.returncode}, {result.stderr}")
        for case in cases():
            path.write_text(case.text)
            result = run(program, path)
            said = [line for line in result.stderr.splitlines() if line.startswith(f"{path}:")]
            check(result.returncode == 1, f"{case.title}: exit status {result.returncode}")
            check(said == [f"{path}:{error}" for error in case.errors],
                  f"{case.title}: said {said}, expected {case.errors}")
        result = run(program, path.with_name("none.json"))
        check(result.returncode == 1 and "No such file" in result.stderr,
              f"no file: exit status {result.returncode}, {result.stderr}")


def main():
    if len(sys.argv) > 2:
        sys.exit(f"usage: {sys.argv[0]} [DPDK_VROUTER]")
    schema = json.loads((ROOT / "docs/config.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    check_schema(jsonschema.Draft7Validator(schema))
    check_ipv6(schema)
    check_limits(schema)
    check_documentation(schema)
    if len(sys.argv) == 2:
        if pathlib.Path(sys.argv[1]).is_file():
            check_program(str(pathlib.Path(sys.argv[1]).resolve()), schema)
        else:
            check(False, f"there is no program {sys.argv[1]}")
    if failures:
        sys.exit(f"{failures} failures")
    if len(sys.argv) < 2:
        print("skipped: no program was given, so that only the schema was tested")
        sys.exit(SKIPPED)
    print("passed")


if __name__ == "__main__":
    main()
