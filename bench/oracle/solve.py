"""Solves problems of `carm evaluate --export-problem` with SciPy's own HiGHS: a check of CA-RM's bound by other code.

Usage: python3 -m venv /tmp/venv && /tmp/venv/bin/pip install scipy && /tmp/venv/bin/python bench/oracle/solve.py FILE...
Prints a JSON line for each file: {"file", "grams"}.
"""

import gzip
import json
import sys

from scipy.optimize import linprog
from scipy.sparse import coo_array


class Program:
    """Columns with bounds [0, upper], rows of `<=` and `==`."""

    def __init__(self):
        self.cost, self.upper = [], []
        self.le, self.eq = ([], [], [], []), ([], [], [], [])  # row, column, value; right-hand sides

    def row(self, kind, right):
        kind[3].append(right)
        return len(kind[3]) - 1

    def column(self, cost, upper, entries):
        self.cost.append(cost)
        self.upper.append(upper)
        for kind, row, value in entries:
            kind[0].append(row)
            kind[1].append(len(self.cost) - 1)
            kind[2].append(value)

    def solve(self):
        def matrix(kind):
            shape = (len(kind[3]), len(self.cost))
            return coo_array((kind[2], (kind[0], kind[1])), shape=shape).tocsr(), kind[3]

        a_ub, b_ub = matrix(self.le)
        a_eq, b_eq = matrix(self.eq)
        bounds = [(0, upper) for upper in self.upper]
        return linprog(self.cost, a_ub, b_ub, a_eq, b_eq, bounds, method="highs")


def solve(problem):
    program = Program()
    slots = problem["slots"]
    idle = {pool["id"]: pool["idleW"] for pool in problem["pools"]}
    always = sum(p["gpus"] * p["idleW"] for p in problem["pools"]) if problem["idle"] == "all" else 0
    active = idle if problem["idle"] == "active" else dict.fromkeys(idle, 0)
    power, gpus = [], []
    for slot in slots:
        # pue * (planned + always) - renewable <= bought
        power.append(program.row(program.le, slot["renewableW"] - slot["pue"] * always))
        grams = slot["intensity"] / 1000 * slot["hours"]
        program.column(grams, None, [(program.le, power[-1], -1)])
        gpus.append({p["id"]: program.row(program.le, p["gpus"]) for p in problem["pools"]})
    for service in problem["services"]:
        for t, at in enumerate(service["slots"]):
            ok = [o for o in at["options"] if o["ok"]] or [max(at["options"], key=lambda o: o["mhz"])]
            one = program.row(program.eq, 1)
            for o in ok:
                watts = o["watts"] + active[service["pool"]] * o["gpus"]
                entries = [(program.le, power[t], slots[t]["pue"] * watts), (program.eq, one, 1)]
                program.column(0, 1, entries + [(program.le, gpus[t][service["pool"]], o["gpus"])])
    for job in problem["jobs"]:
        work = program.row(program.eq, 1)
        options = [
            o
            for o in problem["profiles"][job["profile"]]
            if job["minWorkers"] <= o["workers"] <= job["maxWorkers"]
        ]
        for t in range(job["arrival"], min(job["deadline"], len(slots))):
            once = program.row(program.le, 1)
            for o in options:
                watts = o["watts"] + active[job["pool"]] * o["workers"]
                program.column(
                    0,
                    1,
                    [
                        (program.eq, work, slots[t]["hours"] * o["rate"] / job["work"]),
                        (program.le, power[t], slots[t]["pue"] * watts),
                        (program.le, gpus[t][job["pool"]], o["workers"]),
                        (program.le, once, 1),
                    ],
                )
    result = program.solve()
    if result.status != 0:
        raise SystemExit(f"no best plan: {result.message}")
    return {"grams": result.fun}


for file in sys.argv[1:]:
    opened = gzip.open(file, "rt") if file.endswith(".gz") else open(file)
    with opened as text:
        print(json.dumps({"file": file, **solve(json.load(text))}))
