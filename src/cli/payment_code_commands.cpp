// code: what a counter display shows, and reading it.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/commands.h"
#include "cli/payment_code.h"
#include "cli/session.h"
#include "cli/texts.h"
#include "symbol/render.h"

namespace intaglio::cli {
namespace {

using codec::Json;

constexpr std::size_t kPixelsPerModule = 8;
constexpr unsigned kPictureMode = 0644;
constexpr std::string_view kClearScreen = "\033[H\033[2J";

// What comes from the node, on its way from the threads that listen.
class Mailbag {
 public:
  void put(const proof::RefreshNotification& notification) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(notification);
    arrived_.notify_all();
  }
  // Nothing when none came in time.
  std::optional<proof::RefreshNotification> take(Duration patience) {
    std::unique_lock lock(mutex_);
    const bool any = arrived_.wait_for(lock, std::chrono::milliseconds(patience.value()),
                                       [this] { return !waiting_.empty(); });
    if (!any) return std::nullopt;
    const auto first = waiting_.front();
    waiting_.pop_front();
    return first;
  }

  void node_answered() { answered_ = true; }
  // Whether it did since this was asked last.
  bool take_answered() { return answered_.exchange(false); }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<proof::RefreshNotification> waiting_;
  std::atomic<bool> answered_ = false;
};

void rest(const std::stop_token& stop, std::chrono::seconds time) {
  std::mutex mutex;
  std::unique_lock lock(mutex);
  std::condition_variable_any never;
  never.wait_for(lock, stop, time, [] { return false; });
}

// The display's line to the node: listens for notifications, and asks now and then whether the node
// is there at all. A thread and a connection for each.
class Line {
 public:
  Line(Session& session, KeyHash display, std::uint64_t after, crypto::Signer login,
       Mailbag& mailbag)
      : listening_(
            [&session, display, after, login = std::move(login), &mailbag](std::stop_token stop) {
              listen(session, display, after, login, mailbag, stop);
            }),
        asking_([&session, &mailbag](std::stop_token stop) { ask(session, mailbag, stop); }) {}

 private:
  // Refused or unreachable: tried again, for as long as the display runs.
  static void listen(const Session& session, const KeyHash& display, std::uint64_t after,
                     const crypto::Signer& login, Mailbag& mailbag, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      if (auto node = session.another_node()) {
        (void)node->refresh_notifications(
            display, login,
            [&](const proof::RefreshNotification& notification) {
              mailbag.put(notification);
              return true;
            },
            after, stop);
      }
      rest(stop, std::chrono::seconds(2));
    }
  }

  static void ask(const Session& session, Mailbag& mailbag, const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      auto node = session.another_node();
      const auto answer = node ? node->send({.target = "/healthz"}, nullptr)
                               : Result<http::Response>(std::unexpected(node.error()));
      if (answer && answer->status == 200) mailbag.node_answered();
      rest(stop, std::chrono::seconds(30));
    }
  }

  std::jthread listening_;
  std::jthread asking_;
};

struct ShowOptions {
  std::optional<std::string> png;
  std::optional<std::string> svg;
  symbol::TerminalStyle style = symbol::TerminalStyle::half_blocks;
  bool once = false;
};

std::string_view reason_text(service::CodeReason reason) {
  switch (reason) {
    case service::CodeReason::first: return "the first code";
    case service::CodeReason::step: return "a new time step began";
    case service::CodeReason::scanned: return "the last code was scanned";
  }
  return "";
}

// Draws what a display shows, wherever that is to be.
class Screen {
 public:
  Screen(const ShowOptions& options, Output& output, Env& env)
      : options_(options), output_(output), env_(env) {}

  Result<void> draw(const service::Display& display, Millis until) {
    const auto& code = display.shown();
    if (!code) {
      output_.item(Json::object({{"text", Json()}}));
      if (is_terminal()) output_.line(kClearScreen);
      output_.line("dark: nothing to show until the next time step");
      return {};
    }
    TRY(write_pictures(code->symbol));
    if (is_terminal() && !options_.once) output_.line(kClearScreen);
    draw_symbol(code->symbol);
    output_.line(code->text);
    output_.say("{}: step {}, counter {}, until {} or the next scan", reason_text(code->reason),
                code->data.step.value(), code->data.counter, time_text(until));
    output_.item(Json::object({{"text", code->text},
                               {"reason", codec::enum_name(code->reason)},
                               {"step", code->data.step.value()},
                               {"counter", code->data.counter},
                               {"account", codec::to_text(code->data.account)},
                               {"until", until.value()}}));
    return {};
  }

 private:
  bool is_terminal() const { return !output_.json() && ::isatty(STDOUT_FILENO) == 1; }

  void draw_symbol(const symbol::Symbol& symbol) {
    const auto size = symbol::terminal_size(symbol, options_.style);
    winsize window{};
    if (is_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 && window.ws_col > 0 &&
        window.ws_col < size.columns) {
      output_.say(
          "The symbol needs {} columns, and the terminal has {}: make it wider, or look at "
          "--png FILE.",
          size.columns, static_cast<unsigned>(window.ws_col));
      return;
    }
    output_.line(symbol::to_terminal(symbol, options_.style));
  }

  Result<void> write_pictures(const symbol::Symbol& symbol) {
    if (options_.png) {
      ASSIGN(const auto png, symbol::to_png(symbol, kPixelsPerModule));
      TRY(env_.write_file(*options_.png, png, kPictureMode));
    }
    if (options_.svg) {
      TRY(env_.write_file(*options_.svg, as_bytes(symbol::to_svg(symbol)), kPictureMode));
    }
    return {};
  }

  const ShowOptions& options_;
  Output& output_;
  Env& env_;
};

// Draws until it is stopped from outside, or once.
Result<void> run_display(service::Display& display, Mailbag& mailbag, const ShowOptions& options,
                         Output& output, Env& env) {
  Screen screen(options, output, env);
  bool changed = true;
  while (true) {
    if (mailbag.take_answered()) display.heard_from_server();
    ASSIGN(const bool updated, display.update());
    ASSIGN(const auto until, display.next_change());
    if (updated || changed) {
      if (display.shown() || !options.once) TRY(screen.draw(display, until));
      if (!display.shown() && options.once) {
        output.say("the element gave this step's code out before; the next comes in {}",
                   age_text(elapsed(env.now(), until)));
      }
    }
    if (options.once && display.shown()) return {};
    changed = false;
    // A little past the boundary, so that the next step has begun when we ask.
    const Duration patience(elapsed(env.now(), until).value() + 5);
    if (const auto notification = mailbag.take(patience)) {
      const auto refreshed = display.refresh(*notification);
      if (!refreshed) output.say("ignored: {}", to_string(refreshed.error()));
      changed = refreshed && *refreshed;
    }
  }
}

Result<service::Bill> bill_from(const Arguments& arguments, const ledger::GenesisAsset& asset) {
  service::Bill bill;
  if (arguments.has("amount")) {
    ASSIGN(const auto amount, amount_from_text(arguments.text("amount"), asset.scale));
    bill.amount = amount_text(amount, asset.scale);
  }
  if (arguments.has("reference")) bill.reference = arguments.text("reference");
  return bill;
}

Result<void> code_show(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto stored, session.home().display(arguments.text("DISPLAY")));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(const auto asset, ledger.asset(stored.merchant.currency));
  ASSIGN(auto bill, bill_from(arguments, asset));
  ASSIGN(const auto applet, session.applet(stored));
  ASSIGN(auto display,
         service::Display::make(*applet, stored.merchant, std::move(bill), session.env()));
  ShowOptions options;
  if (arguments.has("png")) options.png = arguments.text("png");
  if (arguments.has("svg")) options.svg = arguments.text("svg");
  if (arguments.has("ascii")) options.style = symbol::TerminalStyle::ascii;
  options.once = arguments.has("once");
  Mailbag mailbag;
  if (arguments.has("offline")) {
    return run_display(display, mailbag, options, output, session.env());
  }
  ASSIGN(const auto login, session.key(stored.login));
  const crypto::Signer signer = element::signer_of(*login);
  ASSIGN(auto* node, session.node());
  // A binding that was changed while the display was off. Without the node the old one holds.
  const auto bound = bind_display(*node, signer, *applet);
  if (!bound && describe(bound.error().verdict).kind != VerdictKind::later) {
    return std::unexpected(bound.error());
  }
  if (!bound) output.say("offline: {}", to_string(bound.error()));
  ASSIGN(const auto status, applet->status());
  std::optional<Line> line;
  if (!options.once) {
    line.emplace(session, applet->public_key().hash(), status.notifications, signer, mailbag);
  }
  return run_display(display, mailbag, options, output, session.env());
}

void say_scanned(Output& output, const Scanned& scanned) {
  const auto& code = scanned.code;
  output.say("payment code of {}, {} ({})", code.merchant, code.city, code.country);
  output.say("  payee        {}", codec::to_text(scanned.payee));
  output.say("  amount       {}",
             scanned.amount
                 ? amount_text(*scanned.amount, scanned.asset.scale) + ' ' + scanned.asset.code
                 : "yours to choose, in " + scanned.asset.code);
  if (code.reference) output.say("  reference    {}", *code.reference);
  if (code.terminal) output.say("  terminal     {}", *code.terminal);
  output.say("  display      {}", codec::to_hex(scanned.display()));
  output.say("  step         {}, counter {}", code.step.value(), code.counter);
  output.line("  certificate  leads to the ledger's root, not revoked as far as is known");
  output.say("  known        {}",
             scanned.age ? "offline, by what was fetched " + age_text(*scanned.age) + " ago"
                         : "from the node, just now");
  if (!scanned.payee_certified) {
    output.line("  note         the certificate names another account: the display was bound anew");
  }
  output.line("  signature    verifies, and the code is fresh");
}

Json scanned_json(const Scanned& scanned) {
  const auto& code = scanned.code;
  Json out = Json::object({{"payee", codec::to_text(scanned.payee)},
                           {"asset", scanned.asset.id.value()},
                           {"code", scanned.asset.code},
                           {"scale", scanned.asset.scale}});
  if (scanned.amount) out.set("amount", std::to_string(scanned.amount->value()));
  out.set("merchant", code.merchant);
  out.set("city", code.city);
  out.set("country", code.country);
  if (code.reference) out.set("reference", *code.reference);
  if (code.terminal) out.set("terminal", *code.terminal);
  out.set("display", codec::to_hex(scanned.display()));
  out.set("step", code.step.value());
  out.set("counter", code.counter);
  out.set("payee_certified", scanned.payee_certified);
  if (scanned.age) out.set("certificate_age", scanned.age->value());
  out.set("text", scanned.text);
  return out;
}

Result<void> code_scan(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  ASSIGN(const auto ledger, session.ledger());
  ASSIGN(const auto text, code_text(arguments.text("PICTURE"), session.env()));
  NodeClient* node = nullptr;
  if (!arguments.has("offline")) {
    ASSIGN(node, session.node());
  }
  ASSIGN(const auto scanned, scan_code(session.home(), node, ledger, text));
  say_scanned(output, scanned);
  output.result(scanned_json(scanned));
  return {};
}

Result<void> code_bind(const Arguments& arguments, Output& output) {
  ASSIGN(auto session, Session::open(arguments));
  const std::string& name = arguments.text("DISPLAY");
  const auto stored = session.home().display(name);
  const auto key = stored ? Result<KeyHash>(stored->key.hash()) : codec::id_from_hex<KeyHash>(name);
  if (!key) return std::unexpected(stored.error());
  ASSIGN(const auto account, address_from_name(session.home(), arguments.text("ACCOUNT")));
  ASSIGN(const auto node_operator, session.own_key(arguments));
  ASSIGN(auto* node, session.node());
  TRY(node->rebind(*key, account.account, element::signer_of(*node_operator)));
  output.say("display {} is bound to {}; codes of its old account are refused from now on",
             codec::to_hex(*key), codec::to_text(account));
  output.result(Json::object(
      {{"display", codec::to_hex(*key)}, {"account", codec::to_hex(account.account)}}));
  return {};
}

Command show_command() {
  return {"code show",
          "run a counter display: draw its payment code, and another when it is due",
          "The element gives the data for another code when the node says that the last one was "
          "scanned, and when a time step begins; every change says why. Runs until Ctrl-C. Ten "
          "minutes without the node and the screen goes dark.",
          {{OptionKind::positional, "DISPLAY", "DISPLAY", "the display's name", true},
           {OptionKind::value, "amount", "AMOUNT", "what is to be paid, e.g. 12.50"},
           {OptionKind::value, "reference", "TEXT", "what for, at most 25 characters"},
           {OptionKind::value, "png", "FILE", "write each symbol there"},
           {OptionKind::value, "svg", "FILE", "write each symbol there"},
           {OptionKind::flag, "ascii", "", "draw with # and spaces"},
           {OptionKind::flag, "once", "", "end after the first code"},
           {OptionKind::flag, "offline", "", "do not ask the node: time steps only"}},
          {"intaglio code show counter --amount 12.50",
           "intaglio code show counter --once --png code.png"},
          code_show};
}

}  // namespace

std::vector<Command> payment_code_commands() {
  return {
      show_command(),
      {"code scan",
       "read a payment code and check it: certificate, signature, freshness",
       "Pays nothing and tells nobody. Without the node the certificate is taken from what this "
       "home remembers, and its age is shown.",
       {{OptionKind::positional, "PICTURE", "PICTURE|TEXT", "a PNG file, or the code's text", true},
        {OptionKind::flag, "offline", "", "by what this home remembers"}},
       {"intaglio code scan code.png", "intaglio code scan code.png --offline --json"},
       code_scan},
      {"code bind",
       "bind a display to another account (operator)",
       "",
       {{OptionKind::positional, "DISPLAY", "DISPLAY", "its name, or its key hash", true},
        {OptionKind::positional, "ACCOUNT", "ACCOUNT", "the new payee's address or name", true},
        key_option()},
       {"intaglio code bind counter bob --key soft:data/keys/authority.key"},
       code_bind},
  };
}

}  // namespace intaglio::cli
