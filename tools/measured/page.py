"""What docs/results.md and README.md say of the figures: tables by name, and the pictures."""
from measured.plot import Panel, Picture, Scale, short

CHAINS = (1, 2, 4, 8, 16)
SHARES = (0, 1, 10, 50, 100)
NONE = "not measured"


def number(value, digits=0):
    """With a space between thousands."""
    return NONE if value is None else f"{value:,.{digits}f}".replace(",", " ")


def ratio(value):
    return NONE if value is None else f"{value:.2f}"


def over(part, whole):
    return None if part is None or not whole else part / whole


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows]
    return "\n".join(lines)


def linked_of_limit(figures, chains, program="gateway_bench"):
    """Linked transfers against RocksDB's synced puts over puts a transfer."""
    name = f"linked/chains:{chains}"
    puts = figures.get(program, name, "puts_per_transfer")
    limit = over(figures.get("store_bench", "limit_puts/batch:1000", "items_per_second"), puts)
    return over(figures.get(program, name, "transfers_per_second"), limit)


def time_over(figures, work, limit):
    return over(figures.get("proof_bench", work, "real_time_ns"),
                figures.get("proof_bench", limit, "real_time_ns"))


def judged(value, target, is_met):
    if value is None:
        return NONE, ""
    return f"{value:.2f}", "yes" if is_met(value, target) else "**no**"


def target_rows(figures):
    """(what, against what, target, measured, met) of each row of the design."""
    at_least = float.__ge__
    at_most = float.__le__

    def row(what, against, target, value, is_met):
        sign = "at least" if is_met is at_least else "at most"
        return (what, against, f"{sign} {target}", *judged(value, float(target), is_met))

    verifications = "ES256 verifications a second of all cores"
    get = figures.get
    yield row("signed transfers, durable, in process, one chain", verifications, 0.6,
              get("gateway_bench", "transfers/chains:1", "of_limit"), at_least)
    for chains in (4, 16):
        yield row(f"the same over {chains} chains", verifications, 0.6,
                  get("gateway_bench", f"transfers/chains:{chains}", "of_limit"), at_least)
    for what, tls in (("through HTTP, 64 a POST", 0), ("the same with TLS", 1)):
        yield row(what, verifications, 0.45,
                  get("http_bench", f"posts/count:64/tls:{tls}", "of_limit"), at_least)
    yield ("through HTTP, one a POST", verifications, "reported",
           ratio(get("http_bench", "posts/count:1/tls:0", "of_limit")), "")
    yield row("linked transfers, 64 a signature, one chain",
              "RocksDB's synced puts a second over puts a transfer", 0.5,
              linked_of_limit(figures, 1), at_least)
    yield row("64 packets a pair and batch: bytes between chains", "bytes of the packets", 1.5,
              get("service_bench", "crossing/chains:4/linked:64", "amplification"), at_most)
    idle = get("service_bench", "idle_chain/chains:16", "idle_chain_bytes")
    yield ("a chain without a leg, beside 15 that pay each other", "bytes but control", "0",
           number(idle), "" if idle is None else "yes" if idle == 0 else "**no**")
    for validators in (1, 4):
        by = f"through CometBFT, {validators} validator{'s' if validators > 1 else ''} here"
        yield row(f"signed transfers {by}", f"{verifications}, over validators", 0.5,
                  get("comet_bench", f"transfers/validators:{validators}", "of_limit"), at_least)
        yield row(f"linked transfers {by}", "packed bytes a second of its own example", 0.5,
                  over(get("comet_bench", f"linked/validators:{validators}", "bytes_per_second"),
                       get("comet_bench", f"kvstore/validators:{validators}", "bytes_per_second")),
                  at_least)
    yield row("payment code: build and sign the text", "one ES256 signature", 2,
              time_over(figures, "code_build_and_sign", "es256_sign"), at_most)
    yield row("payment code: parse and verify the text, key cached", "one ES256 verification", 1.5,
              time_over(figures, "code_parse_and_verify", "es256_verify"), at_most)


def targets(figures):
    return table(("Work", "Against", "Target", "Measured", "Met"), target_rows(figures))


def machine(figures):
    """Which runs the figures are from."""
    runs = {}
    for program, run in figures.runs.items():
        runs.setdefault(run["file"], []).append(program)
    rows = []
    for file, programs in sorted(runs.items()):
        run = figures.runs[programs[0]]
        rows.append((run["when"], f"`{run['commit']}`", f"{run['processor']}, {run['cores']} cores",
                     ", ".join(sorted(programs)), f"[file](../bench/history/{file})"))
    return table(("When", "Commit", "On", "Programs", "All figures"), rows)


def transfers(figures):
    get = figures.get
    rows = []
    for chains in CHAINS:
        row = [chains]
        for program in ("gateway_bench", "one_core"):
            name = f"transfers/chains:{chains}"
            row += [number(get(program, name, "transfers_per_second")),
                    ratio(get(program, name, "of_limit"))]
        for program in ("gateway_bench", "one_core"):
            row.append(number(get(program, f"linked/chains:{chains}", "transfers_per_second")))
        row.append(ratio(linked_of_limit(figures, chains)))
        rows.append(row)
    return table(("Chains", "Single, 2 cores", "of limit", "Single, 1 core", "of limit",
                  "Linked 64, 2 cores", "Linked 64, 1 core", "of limit, 2 cores"), rows)


def latency(figures):
    get = figures.get
    rows = []
    for chains in CHAINS:
        name = f"latency/chains:{chains}"
        row = [chains]
        for program in ("gateway_bench", "one_core"):
            row.append(number(get(program, name, "offered_per_second")))
            row += [number(get(program, name, f"p{p}_ms"), 1) for p in (50, 99)]
        rows.append(row)
    return table(("Chains", "2 cores: a second", "p50 ms", "p99 ms",
                  "1 core: a second", "p50 ms", "p99 ms"), rows)


def crossing(figures):
    rows = []
    found = figures.benchmarks("service_bench", r"crossing/chains:(\d+)/linked:(\d+)")
    for (chains, linked), counters in found.items():
        rows.append((chains, linked, number(counters["transfers_per_second"]),
                     ratio(counters["of_limit"]), number(counters["packets_per_group"], 1),
                     number(counters["packet_bytes"]), number(counters["bytes_per_packet"]),
                     ratio(counters["amplification"])))
    latencies = figures.benchmarks("service_bench", r"crossing_latency/chains:(\d+)")
    said = "".join(f"\n\nOne after the other over {chains} chains, from submitted to credited: "
                   f"p50 {counters['p50_ms']:.1f} ms, p99 {counters['p99_ms']:.1f} ms."
                   for (chains,), counters in latencies.items())
    return table(("Chains", "Payments a signature", "Payments a second", "of limit",
                  "Packets a pair and batch", "Bytes of a packet", "Bytes brought a packet",
                  "Amplification"), rows) + said


def distribution(figures):
    rows = []
    found = figures.benchmarks("service_bench", r"distribution/chains:(\d+)/share:(\d+)")
    for (chains, share), counters in found.items():
        rows.append((chains, f"{share} %", number(counters["routed_bytes"], 1),
                     number(counters["header_watching_bytes"], 1),
                     number(counters["replication_bytes"], 1),
                     number(counters["control_bytes"], 1),
                     number(counters["transactions_per_block"], 1)))
    return table(("Chains", "Crossing", "Routed", "Header watching", "Replication",
                  "Control, apart", "Transactions a block"), rows)


def growth(figures):
    def get(counter, digits=0):
        return number(figures.get("growth_bench", "million_accounts", counter), digits)

    def disk(linked, counter):
        return number(figures.get("growth_bench", f"disk/linked:{linked}", counter))
    rows = [("accounts", get("accounts"), get("accounts_of_none")),
            ("start, until transactions are taken, s", get("start_seconds", 2),
             get("start_seconds_of_none", 2)),
            ("start, until the first receipt, s", get("first_receipt_seconds", 2),
             get("first_receipt_seconds_of_none", 2)),
            ("memory after the start, MB", get("megabytes"), get("megabytes_of_none")),
            ("memory after every account was read, MB", get("megabytes_read"),
             get("megabytes_read_of_none")),
            ("disk, bytes an account", get("disk_bytes_per_account"), "")]
    bytes_rows = [(name, disk(1, counter), disk(64, counter)) for name, counter in (
        ("as they are left", "bytes_per_transfer"),
        ("compacted", "bytes_per_transfer_compacted"),
        ("of them the blocks themselves", "of_them_blocks"))]
    return (table(("A node with", "a million accounts", "next to none"), rows) + "\n\n" +
            table(("Bytes on disk a transfer", "Single", "Linked 64"), bytes_rows))


def postgres(figures):
    get = figures.get
    rows = []
    ours = get("postgres", "ours", "transfers_per_second")
    rows.append(("ours, one chain", number(ours), ratio(get("postgres", "ours", "of_limit")), ""))
    for title, pattern in (("PostgreSQL, one by one", r"one_by_one/connections:(\d+)"),
                           ("PostgreSQL, 64 together", r"together/connections:(\d+)")):
        for (connections,), counters in figures.benchmarks("postgres", pattern).items():
            rate = counters["transfers_per_second"]
            rows.append((f"{title}, {connections} connections", number(rate),
                         ratio(counters["of_limit"]), ratio(over(ours, rate))))
    for (connections,), counters in figures.benchmarks(
            "postgres", r"latency/connections:(\d+)").items():
        rows.append((f"PostgreSQL at half load, {connections} connections: p50 "
                     f"{counters['p50_ms']:.1f} ms, p99 {counters['p99_ms']:.1f} ms",
                     number(counters["offered_per_second"]), "", ""))
    disk = get("postgres", "disk", "bytes_per_transfer")
    if disk is not None:
        rows.append(("PostgreSQL, bytes on disk a transfer", number(disk), "", ""))
    return table(("", "Transfers a second", "of the ES256 limit", "ours over it"), rows)


def by_chains(figures, program, work, counter):
    return [figures.get(program, f"{work}/chains:{chains}", counter) for chains in CHAINS]


def highest(*lists):
    return max((value for values in lists for value in values if value is not None), default=None)


def draw_transfers(figures):
    lines = {(work, program): by_chains(figures, program, work, "transfers_per_second")
             for work in ("transfers", "linked") for program in ("gateway_bench", "one_core")}
    limits = {program: by_chains(figures, program, "transfers", "limit_per_second")
              for program in ("gateway_bench", "one_core")}
    if highest(*lines.values()) is None:
        return None
    picture = Picture(900, 360, "Transfers a second by number of chains",
                      "Left, one signature each, with the verifications a second that the cores "
                      "allow; right, 64 under one signature; on two cores and on one.")
    for work, x, title in (("transfers", 60, "one signature each, a second"),
                           ("linked", 520, "64 under one signature, a second")):
        values = [lines[work, "gateway_bench"], lines[work, "one_core"]]
        if work == "transfers":
            values += limits.values()
        top = highest(*values)
        if top is None:
            continue
        panel = Panel(picture, (x, 50, 290, 250), Scale(top, False))
        panel.title(title)
        panel.places([str(chains) for chains in CHAINS])
        picture.text(x + 145, 340, "chains", "soft mid")
        for program, style, cores in (("gateway_bench", 0, "2 cores"), ("one_core", 1, "1 core")):
            panel.line(lines[work, program], style, cores)
            if work == "transfers":
                panel.line(limits[program], 9, f"limit, {cores}", is_limit=True)
    return picture


def draw_latency(figures):
    lines = [by_chains(figures, program, "latency", counter)
             for program in ("gateway_bench", "one_core") for counter in ("p50_ms", "p99_ms")]
    top = highest(*lines)
    if top is None:
        return None
    picture = Picture(620, 340, "From submit to durable receipt at half load",
                      "Milliseconds by number of chains, half of all and 99 of 100, on two cores "
                      "and on one.")
    panel = Panel(picture, (60, 45, 430, 240), Scale(top, False))
    panel.title("ms from submit to durable receipt, at half load")
    panel.places([str(chains) for chains in CHAINS])
    picture.text(275, 325, "chains", "soft mid")
    for values, style, name in zip(lines, (0, 0, 1, 1), ("p50, 2 cores", "p99, 2 cores",
                                                         "p50, 1 core", "p99, 1 core")):
        panel.line(values, style, name)
    return picture


def draw_bytes(figures):
    found = figures.benchmarks("service_bench", r"distribution/chains:(\d+)/share:(\d+)")
    ways = (("routed_bytes", 0, "routed"), ("header_watching_bytes", 1, "header watching"),
            ("replication_bytes", 2, "replication"))
    top = highest([counters[way] for counters in found.values() for way, _, _ in ways])
    if top is None:
        return None
    counts = sorted({chains for chains, _ in found})
    picture = Picture(960, 360, "Bytes between chains a payment",
                      "A panel for each share of payments that cross; in it, by number of chains, "
                      "the bytes of routed packets, of watching headers and of replicating blocks, "
                      "on a logarithmic axis.")
    picture.text(56, 24, "bytes between chains a payment, all payments counted", "bold")
    for i, share in enumerate(SHARES):
        panel = Panel(picture, (56 + 180 * i, 72, 160, 232), Scale(top, True), i == 0)
        panel.title(f"{share} % cross", "soft")
        panel.places([str(chains) for chains in counts])
        for way, style, _ in ways:
            panel.line([found.get((chains, share), {}).get(way) for chains in counts], style)
    picture.text(496, 346, "chains", "soft mid")
    for i, (_, style, name) in enumerate(ways):
        picture.add(f'<circle class="f{style}" cx="{500 + 150 * i}" cy="20" r="4"/>')
        picture.text(510 + 150 * i, 24, name, f"f{style}")
    return picture


def draw_postgres(figures):
    def best(pattern):
        return max((counters["transfers_per_second"] for counters in
                    figures.benchmarks("postgres", pattern).values()), default=None)
    bars = [("ours\none chain", figures.get("postgres", "ours", "transfers_per_second"), 0),
            ("PostgreSQL\none by one", best(r"one_by_one/connections:(\d+)"), 1),
            ("PostgreSQL\n64 together", best(r"together/connections:(\d+)"), 1)]
    limit = figures.get("postgres", "ours", "limit_per_second")
    bars = [bar for bar in bars if bar[1] is not None]
    if not bars or limit is None:
        return None
    picture = Picture(560, 350, "Signed transfers a second beside PostgreSQL",
                      "Bars of ours and of PostgreSQL's best number of connections, one by one and "
                      "64 in a transaction, under the line of ES256 verifications a second.")
    panel = Panel(picture, (60, 50, 400, 230), Scale(max(limit, *(bar[1] for bar in bars)), False))
    panel.title("signed transfers a second, durable, 2 cores")
    panel.bars(bars)
    at = panel.at(limit)
    picture.add(f'<path class="line limit s9" d="M60 {at:.1f}H460"/>')
    picture.text(466, at + 4, "ES256 limit", "f9")
    return picture


# Name -> what draws docs/pictures/results_NAME.svg.
PICTURES = {"transfers": draw_transfers, "latency": draw_latency, "bytes": draw_bytes,
            "postgres": draw_postgres}


def shown(draw, name):
    """The picture as a page shows it; nothing where nothing was measured."""
    def show(figures):
        picture = draw(figures)
        return f"![{picture.description}](pictures/results_{name}.svg)" if picture else ""
    return show


# Name of a block in the pages -> what writes it.
def certificates(figures):
    def row(what, work, limit, program="pki_bench"):
        nanoseconds = figures.get(program, work, "real_time_ns")
        rate = over(1e9, nanoseconds)
        return (what, number(rate),
                ratio(over(nanoseconds, figures.get(program, limit, "real_time_ns"))))

    sizes = "".join(
        f"\n* {what}: {number(figures.get('pki_bench', 'certificate_issue', name))} bytes"
        for what, name in (("the answer to a challenge, compact", "compact_bytes"),
                           ("framed", "framed_bytes"),
                           ("the certificate", "certificate_bytes")))
    return table(("Work of one thread", "A second", "Times its limit"),
                 (row("an application checked, its certificate issued (limit: a signature and a "
                      "verification)", "certificate_issue", "sign_and_verify"),
                  row("a path judged, from the leaf's bytes (limit: two verifications)",
                      "path_from_bytes", "two_verifications"),
                  row("the same, the leaf parsed before", "path_parsed", "two_verifications"),
                  row("an OCSP answer with a nonce (limit: a signature)", "ocsp_signed",
                      "es256_sign", "service_bench"),
                  row("one without, said before", "ocsp_kept", "es256_sign", "service_bench"))
                 ) + "\n" + sizes


def enrolments(figures):
    found = figures.benchmarks("http_bench", r"enrolments/clients:(\d+)")
    rows = [(clients, number(counters["certificates_per_second"]),
             f"{counters['of_limit']:.3f}") for (clients,), counters in found.items()]
    limit = number(figures.get("http_bench", "limit_signed_and_verified", "per_second"))
    return table(("Clients at once", "Certificates a second", "of limit"),
                 rows or [(NONE, NONE, NONE)]) + f"\n\nThe limit: {limit} a second."


def comet(figures):
    """A chain that CometBFT orders, by its validators, all on this machine."""
    get = figures.get
    rows = []
    for validators in (1, 4):
        def of(work, counter, validators=validators):
            return get("comet_bench", f"{work}/validators:{validators}", counter)
        single, linked = of("transfers", "transfers_per_second"), of("linked", "bytes_per_second")
        latency = of("latency", "p50_ms")
        rows.append((f"CometBFT, {validators} validator{'s' if validators > 1 else ''}",
                     number(single), ratio(of("transfers", "of_limit")),
                     number(of("linked", "transfers_per_second")),
                     ratio(over(linked, of("kvstore", "bytes_per_second"))),
                     "" if latency is None
                     else f"{latency:.0f} / {of('latency', 'p99_ms'):.0f} ms",
                     number(of("transfers", "bytes_per_transfer")) if validators > 1 else ""))
    single, linked = "embedded/linked:1", "embedded/linked:64"
    rows.append(("embedded", number(get("comet_bench", single, "transfers_per_second")),
                 ratio(get("comet_bench", single, "of_limit")),
                 number(get("comet_bench", linked, "transfers_per_second")), "", "", ""))
    return table(("", "Single", "of limit / validators", "Linked 64",
                  "packed bytes, of kvstore's", "p50 / p99", "bytes between validators"), rows)


BLOCKS = {"comet": comet, "machine": machine, "targets": targets, "transfers": transfers,
          "latency": latency,
          "crossing": crossing, "distribution": distribution, "growth": growth,
          "postgres": postgres, "certificates": certificates, "enrolments": enrolments,
          **{f"{name}_picture": shown(draw, name) for name, draw in PICTURES.items()}}
