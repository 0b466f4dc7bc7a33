"""The figures in bench/history: of each program, those of its newest run."""
import json
import pathlib
import re

# How a benchmark was run is no part of what it is.
HOW = re.compile(r"/(iterations:\d+|min_time:[\d.]+|manual_time|process_time|real_time)")


class History:
    def __init__(self, folder):
        self.programs = {}  # name -> {benchmark: {counter: value}}
        self.runs = {}      # name -> the run's record, without results
        for file in sorted(pathlib.Path(folder).glob("*.json")):
            record = json.loads(file.read_text())
            for name, results in record.pop("results").items():
                self.programs[name] = {HOW.sub("", key): value for key, value in results.items()}
                self.runs[name] = {**record, "file": file.name}

    def get(self, program, benchmark, counter):
        """The figure, or None where it was not measured."""
        return self.programs.get(program, {}).get(benchmark, {}).get(counter)

    def benchmarks(self, program, pattern):
        """{the pattern's groups as numbers: counters} of the benchmarks that it matches whole."""
        out = {}
        for name, counters in self.programs.get(program, {}).items():
            match = re.fullmatch(pattern, name)
            if match:
                out[tuple(int(each) for each in match.groups())] = counters
        return dict(sorted(out.items()))
