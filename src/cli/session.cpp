#include "cli/session.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <fcntl.h>
#include <termios.h>
#include <unistd.h>

#include "base/check.h"

namespace intaglio::cli {
namespace {

constexpr std::size_t kMaxPassphrase = 1024;

// The terminal, whatever standard input and output are. Gives the echo back when it goes.
class Terminal {
 public:
  Terminal() : fd_(::open("/dev/tty", O_RDWR | O_CLOEXEC)) {}
  ~Terminal() {
    if (saved_) ::tcsetattr(fd_, TCSAFLUSH, &*saved_);
    if (fd_ >= 0) ::close(fd_);
  }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  bool there() const { return fd_ >= 0; }

  void say(std::string_view text) const {
    while (!text.empty()) {
      const ssize_t n = ::write(fd_, text.data(), text.size());
      if (n <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  bool silence() {
    termios now{};
    if (::tcgetattr(fd_, &now) != 0) return false;
    saved_ = now;
    now.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    return ::tcsetattr(fd_, TCSAFLUSH, &now) == 0;
  }

  // One line without its end; what does not fit is left out.
  std::string read_line() const {
    std::string line;
    line.reserve(kMaxPassphrase);  // so that no copy of it stays behind in memory
    char c = 0;
    while (::read(fd_, &c, 1) == 1 && c != '\n') {
      if (line.size() < kMaxPassphrase) line += c;
    }
    return line;
  }

 private:
  int fd_;
  std::optional<termios> saved_;
};

Result<Secret> ask_passphrase(bool is_new) {
  Terminal terminal;
  if (!terminal.there()) {
    return refuse(Verdict::bad_usage,
                  "passphrase: no terminal to ask at; set INTAGLIO_PASSPHRASE or "
                  "--passphrase-file");
  }
  if (!terminal.silence()) return refuse(Verdict::bad_usage, "passphrase: the terminal would echo");
  terminal.say("Passphrase: ");
  std::string text = terminal.read_line();
  Secret first = Secret::take(text);
  terminal.say("\n");
  if (!is_new) return first;
  terminal.say("Once more: ");
  text = terminal.read_line();
  const Secret second = Secret::take(text);
  terminal.say("\n");
  if (!equal(first.reveal(), second.reveal())) {
    return refuse(Verdict::bad_usage, "passphrase: the two differ");
  }
  return first;
}

Result<Secret> read_passphrase_file(const std::string& path, Env& env) {
  ASSIGN(auto bytes, env.read_file(path, kMaxPassphrase));
  const Secret all(std::move(bytes));
  const auto text = as_text(all.reveal());
  const std::size_t end = std::min(text.find_first_of("\r\n"), text.size());
  return Secret(to_bytes(all.reveal().first(end)));
}

}  // namespace

Result<Session> Session::open(const Arguments& arguments, Env& env) {
  std::string folder;
  if (arguments.has("home")) {
    folder = arguments.text("home");
  } else {
    ASSIGN(folder, Home::default_folder());
  }
  // Keys are named by their path, which must still be right in another folder.
  std::error_code error;
  const auto absolute = std::filesystem::absolute(folder, error);
  if (error) return refuse(Verdict::file_failed, format("{} ({})", folder, error.message()));
  Session session{Home(absolute.lexically_normal().string(), env)};
  session.node_url_ = arguments.text_or("node", "");
  session.passphrase_file_ = arguments.text_or("passphrase-file", "");
  return session;
}

Result<NodeClient> Session::another_node() const {
  ASSIGN(const auto settings, home_.node());
  ASSIGN(const auto trust, home_.trust());
  return NodeClient::open(node_url_.empty() ? settings.url : node_url_, trust, home_.env());
}

Result<NodeClient*> Session::node() {
  if (!node_) {
    ASSIGN(auto client, another_node());
    node_ = std::make_unique<NodeClient>(std::move(client));
  }
  return node_.get();
}

Result<LedgerInfo> Session::ledger() {
  ASSIGN(auto stored, home_.ledger());
  return std::move(stored.ledger);
}

Result<ledger::Genesis> Session::genesis() {
  ASSIGN(auto kept, home_.genesis());
  if (kept) return *std::move(kept);
  ASSIGN(const auto settings, home_.node());
  ASSIGN(auto* client, node());
  ASSIGN(const auto bytes, client->bytes("/v1/genesis"));
  ASSIGN(auto genesis, ledger::genesis_from_bytes(bytes));
  if (ledger::ledger_id(genesis) != settings.ledger) {
    return refuse(Verdict::wrong_ledger, "the node's genesis");
  }
  TRY(home_.keep_genesis(bytes));
  return genesis;
}

Result<void> Session::learn_assets(LedgerInfo& ledger) {
  ASSIGN(auto* client, node());
  ASSIGN(auto fresh, client->ledger());
  if (fresh.ledger != ledger.ledger) return refuse(Verdict::wrong_ledger, "the node's");
  ledger.assets = std::move(fresh.assets);
  return {};
}

Result<ledger::GenesisAsset> Session::asset(LedgerInfo& ledger, std::string_view code_or_number) {
  if (auto known = ledger.asset(code_or_number)) return known;
  TRY(learn_assets(ledger));
  return ledger.asset(code_or_number);
}

Result<ledger::GenesisAsset> Session::asset(LedgerInfo& ledger, AssetId id) {
  if (auto known = ledger.asset(id)) return known;
  TRY(learn_assets(ledger));
  return ledger.asset(id);
}

Result<const Secret*> Session::passphrase(bool is_new) {
  if (!passphrase_) {
    Result<Secret> read = Secret();
    const char* from_environment = std::getenv("INTAGLIO_PASSPHRASE");
    if (from_environment != nullptr) {
      read = Secret(to_bytes(as_bytes(from_environment)));
    } else if (!passphrase_file_.empty()) {
      read = read_passphrase_file(passphrase_file_, env());
    } else {
      read = ask_passphrase(is_new);
    }
    if (!read) return std::unexpected(read.error());
    if (read->empty()) return refuse(Verdict::bad_usage, "passphrase: empty");
    passphrase_ = *std::move(read);
  }
  return &*passphrase_;
}

Result<std::unique_ptr<element::SecureElement>> Session::key(const std::string& name_or_uri) {
  std::string uri = name_or_uri;
  if (uri.find(':') == std::string::npos) {
    ASSIGN(const auto stored, home_.key(name_or_uri));
    uri = stored.uri;
  }
  ASSIGN(const auto* secret, passphrase());
  return element::open_key(uri, *secret, env());
}

Result<std::string> Session::key_name(const Arguments& arguments) {
  if (arguments.has("key")) return arguments.text("key");
  const char* from_environment = std::getenv("INTAGLIO_KEY");
  if (from_environment != nullptr && *from_environment != '\0') {
    return std::string(from_environment);
  }
  const auto names = home_.key_names();
  if (names.size() == 1) return names.front();
  if (names.empty()) {
    return refuse(Verdict::bad_usage, home_.folder() + " has no key: intaglio key new NAME");
  }
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return refuse(Verdict::bad_usage, "--key: which one of " + all);
}

Result<std::unique_ptr<element::SecureElement>> Session::own_key(const Arguments& arguments) {
  ASSIGN(const auto name, key_name(arguments));
  return key(name);
}

Result<std::unique_ptr<element::PaymentCodeApplet>> Session::applet(const StoredDisplay& display) {
  ASSIGN(const auto* secret, passphrase());
  return element::PaymentCodeApplet::open({display.uri, home_.display_folder()}, *secret, env());
}

Option key_option() {
  return {OptionKind::value, "key", "NAME",
          "the key that signs, by name or URI; default: $INTAGLIO_KEY, or the only one"};
}

std::vector<Option> sending_options() {
  return {{OptionKind::value, "idempotency-key", "TEXT",
           "the same text sends the same transaction once, however often it is run"},
          {OptionKind::flag, "dry-run", "", "only say what would happen"},
          key_option()};
}

bool confirm(std::string_view question) {
  const Terminal terminal;
  if (!terminal.there()) return false;
  terminal.say(format("{} [y/N] ", question));
  const std::string answer = terminal.read_line();
  return answer == "y" || answer == "Y" || answer == "yes";
}

}  // namespace intaglio::cli
