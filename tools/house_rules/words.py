"""Names and words: what may be called where, and what may be written at all."""
import re

from house_rules.rule import rule
from house_rules.tree import Finding, module_of

MODULES = "set(INTAGLIO_MODULES base codec crypto ledger tx element http)"


def core_modules(tree):
    """The modules before `element`, which opens the shell."""
    modules = tree.modules()
    return modules[:modules.index("element")] if "element" in modules else []


def tokens(tree, paths, pattern):
    """(path, line, match) of each match in code, comments and literals left out."""
    compiled = re.compile(pattern)
    for path in paths:
        for line, text in tree.code_lines(path):
            match = compiled.search(text)
            if match:
                yield path, line, match


@rule("determinism", "ledger and tx are a function of block and state: every node must reach the "
      "same bytes, so no clock, chance, threads, I/O, floats, unordered containers or logging",
      bad=[{"src/ledger/a.cpp": "#include <chrono>\n"}, {"src/tx/pay/a.cpp": "double x;\n"},
           {"src/tx/a.cpp": "std::unordered_map<int, int> m;\n"},
           {"src/tx/a.cpp": '#include "base/log.h"\n'},
           {"src/ledger/a.h": "auto x = getenv(n);\n"}],
      good={"src/ledger/a.cpp": "#include <map>\n// no double here\n",
            "src/ledger/a_test.cpp": "#include <random>\n", "src/http/a.cpp": "double x;\n"})
def determinism(tree):
    paths = [p for p in tree.cpp(tests=False) if module_of(p) in ("ledger", "tx")]
    headers = {"chrono", "random", "thread", "mutex", "shared_mutex", "atomic", "future", "ctime",
               "condition_variable", "iostream", "fstream", "sstream", "cstdio", "filesystem",
               "unordered_map", "unordered_set", "cmath", "locale", "base/log.h", "base/env.h"}
    for path in paths:
        for line, name, _ in tree.includes(path):
            if name in headers or name.endswith(".h") and "/" not in name:
                yield Finding(path, line, f"includes {name}")
    words = (r"\b(float|double|unordered_\w+|getenv|rand|srand|random_device|thread_local|volatile|"
             r"(std::)?(chrono|this_thread|time)::|log::|system_env)")
    for path, line, match in tokens(tree, paths, words):
        yield Finding(path, line, f"uses {match.group(1)}")


@rule("pure-core", "the core does no I/O and does not log: what it has to say is in its result",
      bad=[{"CMakeLists.txt": MODULES, "src/codec/a.cpp": '#include "base/log.h"\n'},
           {"CMakeLists.txt": MODULES, "src/codec/a.cpp": "#include <fstream>\n"}],
      good={"CMakeLists.txt": MODULES, "src/http/a.cpp": '#include "base/log.h"\n',
            "src/base/log.cpp": '#include "base/log.h"\n'})
def pure_core(tree):
    core = set(core_modules(tree)) - {"base"}
    for path in tree.cpp(tests=False):
        for line, name, _ in tree.includes(path) if module_of(path) in core else []:
            if name in ("base/log.h", "fstream", "iostream", "filesystem") or \
                    re.fullmatch(r"(sys/.*|unistd|fcntl|termios|signal|poll)\.h", name):
                yield Finding(path, line, f"includes {name}")


@rule("verification-pass", "only pki and proof make a Verified<T>: nothing behind them can be "
      "handed what nobody checked",
      bad=[{"src/http/a.cpp": "return VerificationPass::grant(x);\n"}],
      good={"src/proof/a.cpp": "return VerificationPass::grant(x);\n",
            "src/http/a.cpp": "// VerificationPass\n"})
def verification_pass(tree):
    for path, line, _ in tokens(tree, tree.cpp(), r"\bVerificationPass\b"):
        if module_of(path) not in ("base", "pki", "proof"):
            yield Finding(path, line, "names VerificationPass")


@rule("signing-key", "a key is reached through a SecureElement; a private key in memory is the "
      "software element's own business",
      bad=[{"src/service/a.cpp": "crypto::SigningKey key;\n"}],
      good={"src/element/a.cpp": "crypto::SigningKey key;\n",
            "src/service/a_test.cpp": "crypto::SigningKey key;\n"})
def signing_key(tree):
    for path, line, _ in tokens(tree, tree.cpp(tests=False), r"\bSigningKey\b"):
        if module_of(path) not in ("crypto", "element"):
            yield Finding(path, line, "names SigningKey")


@rule("enrolment-encoder", "only an element packs an answer to an enrolment challenge: everybody "
      "else carries opaque bytes",
      bad=[{"src/cli/a.cpp": '#include "pki/enrolment_answer.h"\n'},
           {"src/element/enrolment_client.cpp": '#include "pki/enrolment_answer.h"\n'},
           {"src/http/a.h": '#include "pki/enrolment_layout.h"\n'}],
      good={"src/element/enrolment_applet.cpp": '#include "pki/enrolment_answer.h"\n',
            "src/pki/enrolment.cpp": '#include "pki/enrolment_layout.h"\n',
            "src/service/a_test.cpp": '#include "pki/enrolment_answer.h"\n'})
def enrolment_encoder(tree):
    may = re.compile(r"src/(pki/.*|element/(enrolment|payment_code)_applet\.cpp)")
    for path in tree.cpp(tests=False):
        for line, name, _ in tree.includes(path) if not may.fullmatch(path) else []:
            if name in ("pki/enrolment_answer.h", "pki/enrolment_layout.h"):
                yield Finding(path, line, f"includes {name}")


@rule("no-throw", "nothing throws across modules: a refusal is a Result, a bug of ours a CHECK",
      bad=[{"src/codec/a.cpp": 'throw std::runtime_error("x");\n'}],
      good={"src/codec/a.cpp": "// never throw\ntry { f(); } catch (...) {}\n"})
def no_throw(tree):
    for path, line, _ in tokens(tree, tree.cpp(tests=False), r"\bthrow\b"):
        yield Finding(path, line, "throws")


VAGUE_FOLDERS = {"util", "utils", "common", "helper", "helpers", "misc", "shared", "core", "lib"}
VAGUE_FILE = re.compile(r"(^|_)(utils?|helpers?|common|manager|handler|impl|factory|misc)\.\w+$")
VAGUE_TYPE = (r"\b(?:class|struct|union|enum|using)\s+"
              r"(\w*(?:Manager|Handler|Impl|Factory|Helper|Utils?))\b")


@rule("vague-name", "a name that fits everything says nothing and then holds everything: "
      "call the thing what it does",
      bad=[{"src/base/utils/a.h": ""}, {"src/base/string_utils.h": ""},
           {"src/http/a.h": "class RequestHandler {};\n"},
           {"src/base/a.h": "struct Impl;\n"}],
      good={"src/base/text.h": "template <typename Handler>\nclass Router {};\n"})
def vague_name(tree):
    for path in tree.paths(r"(src|tests|bench|tools|web)/.*"):
        *folders, file = path.split("/")
        for word in VAGUE_FOLDERS.intersection(folders):
            yield Finding(path, 1, f"a folder called {word}")
        if VAGUE_FILE.search(file):
            yield Finding(path, 1, f"a file called {file}")
    for path, line, match in tokens(tree, tree.cpp(), VAGUE_TYPE):
        yield Finding(path, line, f"a type called {match.group(1)}")


@rule("one-meaning", "a word means one thing here (docs/glossary.md); these mean several",
      bad=[{"src/tx/a.h": "struct Order {};\n"},
           {"src/pki/a.h": "class Claim;\nusing Cert = X;\n"}],
      good={"src/tx/a.h": "struct ClaimCode {};\nstruct Bid {};\n"})
def one_meaning(tree):
    instead = {"Order": "a payment, a bid or ask, or a sequence",
               "Cert": "a Certificate",
               "Code": "a PaymentCode or LiveCode",
               "Outcome": "a Verdict or a Receipt",
               "Token": "a Delegation, or the asset it stands for",
               "Authorisation": "a Hold",
               "Authorization": "a Hold",
               "Void": "a Release",
               "Voucher": "a Receipt"}
    pattern = r"\b(?:class|struct|using)\s+(" + "|".join(instead) + r")\b"
    for path, line, match in tokens(tree, tree.cpp(), pattern):
        yield Finding(path, line, f"{match.group(1)}: say {instead[match.group(1)]}")


TEXTS = (r"(?!tests/corpus/|LICENSE).*",)
MARK = "TO" + "DO"


@rule("no-marks", "a mark for later is never taken up: do it, or write an issue",
      bad=[{"src/base/a.h": f"// {MARK}: later\n"}, {"docs/a.md": f"{MARK} write\n"}],
      good={"src/base/a.h": "// Why.\n"})
def no_marks(tree):
    for path in tree.paths(*TEXTS):
        for line, text in tree.lines(path):
            if re.search(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b", text):
                yield Finding(path, line, text.strip()[:60])


HOME = "/" + "home/somebody/x"


@rule("machine-path", "a path of one machine is wrong on all others and tells about its owner",
      bad=[{"docs/a.md": f"see {HOME}\n"}, {"run": f'cd "{HOME}"\n'}],
      good={"docs/a.md": "see ../home/x and build/root/y, $HOME/x, https://example.org/work/x\n"})
def machine_path(tree):
    pattern = re.compile(r"(?<![\w.\-/})*])/(home|root|work|workspace|Users|mnt)/[\w.]")
    for path in tree.paths(*TEXTS):
        for line, text in tree.lines(path):
            if pattern.search(text):
                yield Finding(path, line, text.strip()[:60])


@rule("registry-host",
      "where packages come from is the machine's own setting, not the repository's",
      bad=[{"scripts/a": "deb http://deb." + "debian.org/debian\n"},
           {"web/package-lock.json": '"resolved": "https://registry.' + 'npmjs.org/x"\n'}],
      good={"docs/a.md": "see https://www.debian.org/doc\n"})
def registry_host(tree):
    pattern = re.compile(r"\b((deb|ftp\d?|security|snapshot|archive|mirrors?)\.(\w+\.)?debian\.org|"
                         r"(archive|security)\.ubuntu\.com|registry\.[\w-]+\.\w+|"
                         r"(files\.)?pythonhosted\.org|pypi\.org|crates\.io|proxy\.golang\.org|"
                         r"[\w-]+\.pkg\.dev|(\w+\.)?docker\.io|ghcr\.io|"
                         r"[\w-]*artifactory[\w-]*\.\w+)")
    for path in tree.paths(*TEXTS):
        for line, text in tree.lines(path):
            if pattern.search(text):
                yield Finding(path, line, text.strip()[:80])


@rule("no-sleeping-test", "a test that waits for the clock fails on a slow machine and lies on a "
      "fast one: a test beside the code brings its own time",
      bad=[{"src/base/a_test.cpp": "TEST(A, Sleeps) {\n  std::this_thread::sleep_for(x);\n}\n"}],
      good={"src/base/a_test.cpp": "TEST(A, Adds) {\n  EXPECT_EQ(add(1, 1), 2);\n}\n"})
def no_sleeping_test(tree):
    paths = tree.paths(r"src/.*_(test|fuzz)\.cpp")
    for path, line, _ in tokens(tree, paths, r"\bsleep_(for|until)\b"):
        yield Finding(path, line, "waits for the clock")
