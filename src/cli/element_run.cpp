// element run: an element as a process of its own.
#include <thread>

#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/session.h"
#include "element/element_socket.h"

namespace intaglio::cli {
namespace {

Result<void> element_run(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  std::optional<LedgerId> ledger;
  if (arguments.has("ledger")) {
    ASSIGN(ledger, codec::id_from_hex<LedgerId>(arguments.text("ledger")));
  }
  TRY(session.passphrase());  // the question can still be interrupted
  const Interrupt interrupt;
  ASSIGN(const auto element, session.key(arguments.text("KEY")));
  element::EnrolmentApplet applet(*element, ledger);
  const std::string& path = arguments.text("socket");
  ASSIGN(const auto server, element::ElementServer::listen(path, applet));
  const std::string key = codec::to_hex(element->public_key().view());
  output.say("Element with key {} at {}", key, path);
  if (element->simulated()) output.line("  Only software guards its key (a simulated element).");
  output.result(codec::Json::object({{"socket", path}, {"public_key", key}}));
  const std::jthread serving([&](const std::stop_token& stop) { server->run(stop); });
  interrupt.wait();
  return {};
}

}  // namespace

std::vector<Command> element_run_commands() {
  return {{.path = "element run",
           .summary = "run an element as a process of its own until it is interrupted",
           .details = "Short APDUs (ISO/IEC 7816-4), each after its length in two bytes, over a "
                      "Unix socket that only you can open. One client at a time. All it does is "
                      "answer enrolment challenges: `enrol --socket`.",
           .options = {{OptionKind::positional, "KEY", "KEY",
                        "a key's name in this home, or its element's URI", true},
                       {OptionKind::value, "socket", "PATH", "where to listen", true},
                       {OptionKind::value, "ledger", "LEDGER",
                        "the ledger id, in hex, of the only ledger it enrols for"}},
           .examples = {"intaglio element run soft:/media/stick/till.key --socket till.sock"},
           .run = element_run}};
}

}  // namespace intaglio::cli
