"""Who may include what: modules bottom first, libraries where docs/dependencies.md puts them."""
import re

from house_rules.rule import rule
from house_rules.tree import Finding, module_of

SYSTEM = re.compile(r"[a-z_0-9]+|(sys|net|netinet|arpa)/\w+\.h|"
                    r"(dirent|dlfcn|fcntl|netdb|poll|pwd|sched|signal|spawn|termios|unistd)\.h")
MODULES = "set(INTAGLIO_MODULES base codec http)"
TABLE = """
| Library | Package | CMake | Includes | Where | In a header | Linked as | Licence | What for |
|---|---|---|---|---|---|---|---|---|
| fmt | libfmt-dev | fmt | `fmt/` | base | yes | libfmt.so | MIT | text |
| JSON | nlohmann-json3-dev | nlohmann_json | `nlohmann/` | codec | no | | MIT | JSON |
| Boost | libboost-dev | Boost | `boost/` | http | inside | | BSL-1.0 | HTTP |
| GoogleTest | libgtest-dev | GTest | `gtest/` | tests | tests | | BSD-3-Clause | tests |
"""
DEPENDENCIES = "docs/dependencies.md"


def cells(line):
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def read_libraries(tree):
    """The table of docs/dependencies.md: a dictionary from heading to text for each library."""
    rows = [cells(line) for line in tree.files.get(DEPENDENCIES, "").splitlines()
            if line.startswith("|")]
    if not rows or "Includes" not in rows[0]:
        return []
    return [dict(zip(rows[0], row)) for row in rows[2:]]


def library_of(name, libraries):
    for library in libraries:
        for prefix in re.findall(r"`([^`]+)`", library["Includes"]):
            if name.startswith(prefix) if prefix.endswith("/") else name == prefix:
                return library
    return None


def allowed_here(path, where, is_test):
    """`where` names modules, single files below src, or tests and bench."""
    is_bench = path.endswith("_bench.cpp") or path.startswith("bench/")
    if "bench" in where and is_bench or "tests" in where and is_test and not is_bench:
        return True
    return module_of(path) in where or path.removeprefix("src/") in where


@rule("layering",
      "a module may include only itself and modules before it in INTAGLIO_MODULES; what it "
      "includes stands in the DEPENDS of its CMakeLists.txt, its own or through one of those",
      bad=[{"CMakeLists.txt": MODULES, "src/base/a.h": '#include "codec/b.h"\n',
            "src/codec/b.h": "", "src/base/CMakeLists.txt": "intaglio_module(base)"},
           {"CMakeLists.txt": MODULES, "src/codec/b.h": '#include "base/a.h"\n',
            "src/base/a.h": "", "src/codec/CMakeLists.txt": "intaglio_module(codec)"},
           {"CMakeLists.txt": MODULES, "src/codec/b.h": '#include "base/gone.h"\n',
            "src/codec/CMakeLists.txt": "intaglio_module(codec DEPENDS base)"}],
      good={"CMakeLists.txt": MODULES, "src/http/b.h": '#include "base/a.h"\n',
            "src/base/a.h": "", "src/base/CMakeLists.txt": "intaglio_module(base)",
            "src/codec/CMakeLists.txt": "intaglio_module(codec DEPENDS base)",
            "src/http/CMakeLists.txt": "intaglio_module(http DEPENDS codec LIBRARIES x)"})
def layering(tree):
    order = {module: line for line, module in enumerate(tree.modules())}
    declared = {module: declared_by(tree, module) for module in order}
    for path in tree.cpp():
        own = module_of(path)
        for line, name, quoted in tree.includes(path):
            if not quoted:
                continue
            other = name.split("/")[0]
            if f"src/{name}" not in tree.files and f"tests/{name}" not in tree.files:
                yield Finding(path, line, f'"{name}" is not a file below src')
            elif own is None or own == other:
                continue
            elif order.get(other, len(order)) > order.get(own, -1):
                yield Finding(path, line, f"{own} may not include {other}, a later module")
            elif other not in reached(own, declared):
                yield Finding(path, line, f"{own} includes {other} without depending on it")


def declared_by(tree, module):
    text = tree.files.get(f"src/{module}/CMakeLists.txt", "")
    match = re.search(r"intaglio_module\(\s*" + module + r"\b[^)]*?\bDEPENDS\b([^)]*)\)", text)
    return match.group(1).split("LIBRARIES")[0].split() if match else []


def reached(module, declared):
    found, open_ = set(), [module]
    while open_:
        for below in declared.get(open_.pop(), []):
            if below not in found:
                found.add(below)
                open_.append(below)
    return found


@rule("include-cycle", "headers that include each other cannot be read one after the other",
      bad=[{"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": '#include "base/a.h"\n'}],
      good={"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": ""})
def include_cycle(tree):
    graph = {p: [f"src/{name}" for _, name, quoted in tree.includes(p) if quoted]
             for p in tree.paths(r"src/.*\.h")}
    done = set()

    def walk(path, trail):
        if path in trail:
            yield Finding(path, 1, "a cycle: " + " -> ".join([*trail[trail.index(path):], path]))
        elif path not in done:
            for below in graph.get(path, []):
                yield from walk(below, [*trail, path])
            done.add(path)

    for path in graph:
        yield from walk(path, [])


@rule("library", "each library is included by the modules that docs/dependencies.md names, so that "
      "it can be replaced in one place; an unknown one is a new dependency and needs a row there",
      bad=[{DEPENDENCIES: TABLE, "src/http/a.cpp": "#include <nlohmann/json.hpp>\n"},
           {DEPENDENCIES: TABLE, "src/codec/a.cpp": "#include <yaml-cpp/yaml.h>\n"},
           {DEPENDENCIES: TABLE, "src/base/a.cpp": "#include <gtest/gtest.h>\n"}],
      good={DEPENDENCIES: TABLE,
            "src/codec/a.cpp": "#include <nlohmann/json.hpp>\n#include <map>\n",
            "src/codec/a_test.cpp": "#include <gtest/gtest.h>\n#include <sys/stat.h>\n"})
def library(tree):
    libraries = read_libraries(tree)
    for path in tree.cpp():
        for line, name, quoted in tree.includes(path):
            if quoted:
                continue
            found = library_of(name, libraries)
            if found is None and not SYSTEM.fullmatch(name):
                yield Finding(path, line, f"<{name}> is of no library in {DEPENDENCIES}")
            elif found and not allowed_here(path, found["Where"].split(), tree.is_test(path)):
                yield Finding(path, line, f"{found['Library']} belongs to {found['Where']}")


@rule("heavy-header", "a library in a header is compiled by everybody above and decides for them; "
      "only docs/dependencies.md lets one in, 'inside' in headers that no other module includes",
      bad=[{DEPENDENCIES: TABLE, "src/codec/a.h": "#include <nlohmann/json.hpp>\n"},
           {DEPENDENCIES: TABLE, "src/http/a.h": "#include <boost/asio.hpp>\n",
            "src/http/b.h": '#include "http/a.h"\n', "src/cli/c.cpp": '#include "http/b.h"\n'},
           {DEPENDENCIES: TABLE, "src/codec/a.h": "#include <nlohmann/json.hpp>\n",
            "src/codec/a.cpp": '#include "codec/a.h"\n'}],
      good={DEPENDENCIES: TABLE, "src/http/a.h": "#include <boost/asio.hpp>\n",
            "src/http/c.cpp": '#include "http/a.h"\n', "src/base/f.h": "#include <fmt/core.h>\n",
            "src/codec/p.h": "#include <nlohmann/json.hpp>\n",
            "src/codec/p_test.cpp": '#include "codec/p.h"\n'})
def heavy_header(tree):
    libraries = read_libraries(tree)
    for path in tree.paths(r"src/.*\.h"):
        for line, name, quoted in tree.includes(path):
            found = None if quoted else library_of(name, libraries)
            if found is None or found["In a header"] == "yes" or tree.is_test(path):
                continue
            outside = [user for user in all_users(path, tree.users())
                       if module_of(user) != module_of(path)]
            if found["In a header"] != "inside":
                yield Finding(path, line, f"{found['Library']} may not stand in a header")
            elif outside:
                yield Finding(path, line, f"{found['Library']} reaches {outside[0]} through here")


def all_users(path, users):
    found, open_ = [], [path]
    while open_:
        for user in users.get(open_.pop(), []):
            if user not in found:
                found.append(user)
                open_.append(user)
    return found


@rule("dependency", "docs/dependencies.md, CMake and scripts/packages name the same libraries, so "
      "that none comes in unseen",
      bad=[{DEPENDENCIES: TABLE, "src/codec/CMakeLists.txt": "find_package(yaml-cpp REQUIRED)"},
           {DEPENDENCIES: TABLE + "| x | libx-dev | fmt | `x/` | base | no | | MIT | x |\n",
            "scripts/packages": "build libfmt-dev\nbuild nlohmann-json3-dev\nbuild libboost-dev\n"
                                "test libgtest-dev\n", "src/base/CMakeLists.txt":
                "find_package(fmt)\nfind_package(nlohmann_json)\nfind_package(Boost)\n"
                "find_package(GTest)"}],
      good={DEPENDENCIES: TABLE, "src/base/CMakeLists.txt":
                "find_package(fmt)\nfind_package(nlohmann_json)\nfind_package(Boost)\n"
                "find_package(GTest)\n",
            "scripts/packages": "build libfmt-dev\nbuild nlohmann-json3-dev\nbuild libboost-dev\n"
                                "test libgtest-dev\n"})
def dependency(tree):
    libraries = read_libraries(tree)
    named = {name for entry in libraries for name in entry["CMake"].split()}
    found = {}
    for path in tree.paths(r"(.*/)?CMakeLists\.txt", r"cmake/.*\.cmake"):
        for line, text in tree.lines(path):
            for name in re.findall(r"find_package\(([\w.+-]+)", text):
                found.setdefault(name, (path, line))
            match = re.search(r"pkg_check_modules\(\w+(?: [A-Z_]+)*([^)]*)\)", text)
            for name in match.group(1).split() if match else []:
                found.setdefault(name, (path, line))
    for name in sorted(set(found) - named - {"PkgConfig", "Python3", "Threads"}):
        yield Finding(*found[name], f"{name} has no row in {DEPENDENCIES}")
    for name in sorted(named - set(found)):
        yield Finding(DEPENDENCIES, 1, f"no CMakeLists.txt asks for {name}")
    packages = {line.split()[1] for _, line in tree.lines("scripts/packages")
                if line and not line.startswith("#")} if "scripts/packages" in tree.files else set()
    for entry in libraries:
        if entry["Package"] not in packages:
            yield Finding(DEPENDENCIES, 1, f"{entry['Package']} is not in scripts/packages")
