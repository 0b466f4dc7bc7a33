// `intaglio demo`: what ./run shows. Starts a node over a small world and plays the first payment,
// telling what happens with the real ids.
#include <filesystem>

#include "base/log.h"
#include "cli/commands.h"
#include "cli/demo_story.h"
#include "cli/folder_lock.h"
#include "cli/interrupt.h"
#include "cli/serving.h"
#include "codec/emv_text.h"
#include "crypto/sha256.h"
#include "service/setup.h"
#include "symbol/render.h"

namespace intaglio::cli {
namespace {

constexpr Duration kDemoCodeStep = seconds(5);  // short, so that nobody waits long to see it change
constexpr std::string_view kPrice = "12.50";
constexpr std::uint64_t kPocketMoney = 10'000;  // what each payer starts with, in cents

struct DemoSettings {
  std::string data = "data";
  std::uint16_t port = 8443;
  bool once = false;
  bool fresh = false;
};

// One play of the story. One thread.
class Demo {
 public:
  Demo(DemoSettings settings, Output& output, const Interrupt& interrupt, Env& env)
      : settings_(std::move(settings)), out_(output), interrupt_(interrupt), env_(env) {}

  Result<void> play() {
    TRY(open_world());
    TRY(enrol());
    TRY(show_code());
    TRY(scan_and_pay());
    TRY(show_books());
    TRY(show_refusals());
    tell_how_to_repeat();
    return {};
  }

 private:
  Result<void> open_world();
  Result<void> start_node();
  Result<void> connect();
  Result<void> enrol();
  Result<void> give_pocket_money(const Actor& to);
  Result<void> show_code();
  Result<void> wait_for_next_step();
  Result<void> scan_and_pay();
  Result<void> show_books();
  Result<void> show_refusals();
  Result<void> refuse_revoked_display();
  void tell_how_to_repeat();

  // Prints what came of something that must be refused; that it is not is the error.
  template <typename T>
  Result<void> expect_refusal(std::string_view what, Verdict expected, const Result<T>& got) {
    if (got) return refuse(Verdict::internal, format("{} was accepted", what));
    if (got.error().verdict != expected) return std::unexpected(got.error());
    out_.say("   {:<44} {}: {}", what, describe(expected).name, describe(expected).sentence);
    return {};
  }

  ServeSettings serve_settings() const {
    ServeSettings settings;
    settings.data = settings_.data + "/node";
    settings.port = settings_.port;
    return settings;
  }
  std::string home_folder() const { return settings_.data + "/client"; }
  std::string money(Amount amount) const {
    const auto& asset = story_->ledger().default_asset();
    return format("{} {}", amount_text(amount, asset.scale), asset.code);
  }
  Result<Balance> balance_of(const Actor& who);

  const DemoSettings settings_;
  Output& out_;
  const Interrupt& interrupt_;
  Env& env_;
  std::optional<FolderLock> lock_;
  std::unique_ptr<ServingNode> serving_;
  std::optional<Session> session_;
  std::unique_ptr<element::SecureElement> operator_key_;
  std::unique_ptr<element::SecureElement> treasury_key_;
  std::optional<DemoStory> story_;
  Actor shop_;
  Actor payer_;
  Actor rival_;
  std::optional<Counter> counter_;
  std::optional<service::Display> display_;
  std::optional<Scanned> scanned_;
  std::optional<Payment> paid_;
};

// The demo's own passphrase, in a file of mode 600: a demo asks nobody.
Result<std::string> demo_passphrase(const std::string& folder, Env& env) {
  std::string path = folder + "/passphrase";
  if (!std::filesystem::exists(path)) {
    const auto fresh = codec::to_hex(env.random_id<ClientId>()) + '\n';
    TRY(env.write_file(path, as_bytes(fresh), 0600));
  }
  return path;
}

// Removes what a demo made in its folder, and nothing else that may stand there.
Result<void> start_over(const std::string& folder) {
  for (const auto* name : {"node", "client", "passphrase", "code.png", "code.svg"}) {
    std::error_code failed;
    std::filesystem::remove_all(folder + '/' + name, failed);
    if (failed) return refuse(Verdict::file_failed, format("{} ({})", folder, failed.message()));
  }
  return {};
}

Result<void> Demo::open_world() {
  std::error_code failed;
  std::filesystem::create_directories(settings_.data, failed);
  if (failed) {
    return refuse(Verdict::file_failed, format("{} ({})", settings_.data, failed.message()));
  }
  auto lock = FolderLock::take(settings_.data);
  if (!lock) {
    out_.line(advice(lock.error(), serve_settings()));
    return std::unexpected(lock.error());
  }
  lock_ = *std::move(lock);
  if (settings_.fresh) TRY(start_over(settings_.data));
  ASSIGN(const auto passphrase_file, demo_passphrase(settings_.data, env_));
  Arguments arguments;
  arguments.set("home", {home_folder()});
  arguments.set("passphrase-file", {passphrase_file});
  ASSIGN(session_, Session::open(arguments, env_));
  TRY(start_node());
  return connect();
}

Result<void> Demo::start_node() {
  const ServeSettings settings = serve_settings();
  ASSIGN(const Secret* passphrase, session_->passphrase());
  if (!std::filesystem::exists(settings.data + "/genesis.cbor")) {
    service::SetupOptions options;
    options.name = "demo";
    options.assets = {{AssetId(978), "EUR", 2, Amount(1)}};
    options.treasury = {{Amount(100'000'000), AssetId(978)}};
    options.params.code_step = kDemoCodeStep;
    TRY(service::create_data_folder(settings.data, options, *passphrase, env_));
  }
  auto serving = ServingNode::start(settings, *passphrase, env_);
  if (!serving) {
    const std::string todo = advice(serving.error(), settings);
    if (!todo.empty()) out_.line(todo);
    return std::unexpected(serving.error());
  }
  serving_ = *std::move(serving);
  return {};
}

Result<void> Demo::connect() {
  const ServeSettings settings = serve_settings();
  const std::string certificate = serving_->node().tls_certificate_pem();
  ASSIGN(const auto trust, trust_from_pem(certificate));
  ASSIGN(auto first, NodeClient::open(serving_->url(), trust, env_));
  ASSIGN(auto ledger, first.ledger());
  TRY(session_->home().connect({serving_->url(), ledger.ledger}, certificate, ledger));
  ASSIGN(NodeClient * node, session_->node());
  ASSIGN(operator_key_, session_->key("soft:" + settings.data + "/keys/authority.key"));
  ASSIGN(treasury_key_, session_->key("soft:" + settings.data + "/keys/treasury.key"));
  out_.line("");
  out_.say("0. A node runs at {}", serving_->url());
  out_.say("   ledger {}", codec::to_hex(ledger.ledger));
  out_.say("   {} chains, each its own thread and store; everything below goes over HTTPS",
           ledger.chains);
  story_.emplace(*session_, *node, std::move(ledger), element::signer_of(*operator_key_));
  return {};
}

Result<void> Demo::enrol() {
  ASSIGN(shop_, story_->actor("shop"));
  ASSIGN(payer_, story_->actor("alice"));
  ASSIGN(rival_, story_->actor("bob"));
  ASSIGN(auto counter, story_->counter("counter", shop_));
  counter_ = std::move(counter);
  const auto& certificate = counter_->enrolment.certificate;
  out_.line("");
  out_.line("1. The counter display's element applied for its certificate.");
  if (const auto& enrolled = counter_->enrolment.enrolled) {
    out_.say("   challenge {} for login {}", codec::to_hex(enrolled->information.id),
             enrolled->information.login);
    out_.say("   its compact frame, key and signature made inside: {} bytes",
             enrolled->answer_bytes);
  } else {
    out_.line("   (in an earlier run; the data folder remembers)");
  }
  out_.say("   certificate {} for key {}", codec::to_hex(certificate.serial()),
           codec::to_hex(certificate.key_hash()));
  out_.say("   bound to account {}", codec::to_text(counter_->enrolment.account));
  out_.say(
      "   the key's row stands on every chain that concerns it; shop, alice and bob enrolled "
      "the same way");
  TRY(give_pocket_money(payer_));
  return give_pocket_money(rival_);
}

Result<Balance> Demo::balance_of(const Actor& who) {
  ASSIGN(const auto account, story_->node().account(who.payer.address, who.payer.signer));
  for (const auto& balance : account.balances) {
    if (balance.asset == story_->ledger().default_asset().id) return balance;
  }
  return Balance{};
}

Result<void> Demo::give_pocket_money(const Actor& to) {
  ASSIGN(const auto balance, balance_of(to));
  if (balance.spendable >= Amount(kPocketMoney)) return {};
  const auto& asset = story_->ledger().default_asset();
  const Payer treasury =
      payer_on(kHomeChain, story_->ledger().ledger, element::signer_of(*treasury_key_));
  ASSIGN(const auto payment, send_operations(story_->node(), treasury,
                                             {tx::Transfer{.to = to.payer.address,
                                                           .asset = asset.id,
                                                           .amount = Amount(kPocketMoney),
                                                           .memo = "pocket money"}},
                                             {}, env_));
  out_.say("   {} got {} from the treasury: block {} of chain {}", to.name,
           money(Amount(kPocketMoney)), payment.receipt.height.value(),
           payment.receipt.chain.value());
  return {};
}

Result<void> Demo::show_code() {
  ASSIGN(auto display, service::Display::make(*counter_->applet, counter_->stored.merchant,
                                              {std::string(kPrice), "TABLE 7"}, env_));
  display_ = std::move(display);
  out_.line("");
  out_.say("2. The display shows a code for {} EUR, signed by its element.", kPrice);
  ASSIGN(bool changed, display_->update());
  // An earlier run may have shown a code in this very step: the element gives a step out once.
  if (!changed) TRY(wait_for_next_step());
  const std::string before = display_->shown()->text;
  const auto first = display_->shown()->data;
  TRY(wait_for_next_step());
  const auto& shown = *display_->shown();
  out_.say("   step {}, counter {}; then by itself step {}, counter {}: another code",
           first.step.value(), first.counter, shown.data.step.value(), shown.data.counter);
  CHECK(before != shown.text);
  const std::string base = settings_.data + "/code";
  ASSIGN(const auto png, symbol::to_png(shown.symbol, 6));
  TRY(env_.write_file(base + ".png", png, 0644));
  TRY(env_.write_file(base + ".svg", as_bytes(symbol::to_svg(shown.symbol)), 0644));
  out_.line("");
  out_.line(symbol::to_terminal(shown.symbol, symbol::TerminalStyle::half_blocks));
  out_.say("   the text: {}", shown.text);
  out_.say("   the pictures: {}.png and {}.svg (symbol version {})", base, base,
           shown.symbol.version());
  return {};
}

Result<void> Demo::wait_for_next_step() {
  while (true) {
    ASSIGN(const auto next, display_->next_change());
    const auto left = elapsed(env_.now(), next);
    if (!interrupt_.sleep(static_cast<unsigned>(left.value()) + 20)) {
      return refuse(Verdict::shutting_down, "interrupted");
    }
    ASSIGN(const bool changed, display_->update());
    if (changed) return {};
  }
}

Result<void> Demo::scan_and_pay() {
  out_.line("");
  out_.line("3. Alice scans the picture and pays.");
  ASSIGN(const auto text, code_text(settings_.data + "/code.png", env_));
  ASSIGN(scanned_, scan_code(session_->home(), &story_->node(), story_->ledger(), text));
  out_.line(
      "   signature and freshness verified; the certificate, by its key id, leads to the root");
  const auto step_before = display_->shown()->data;
  ASSIGN(const auto claim, claim_code(story_->node(), payer_.payer, *scanned_, env_));
  out_.say("   claimed: transaction {}", codec::to_hex(claim.tx));
  out_.say("   payee {} ({}), amount {}", scanned_->code.merchant, codec::to_text(scanned_->payee),
           money(*scanned_->amount));
  ASSIGN(const auto counter, counter_->applet->status());
  std::optional<proof::RefreshNotification> heard;
  TRY(story_->node().refresh_notifications(counter_->applet->public_key().hash(),
                                           shop_.payer.signer,
                                           [&](const proof::RefreshNotification& notification) {
                                             if (notification.counter > counter.notifications)
                                               heard = notification;
                                             return !heard;
                                           }));
  if (!heard) return refuse(Verdict::internal, "no notification of the scan");
  ASSIGN(const bool changed, display_->refresh(*heard));
  CHECK(changed);
  out_.say("   the scan event reached the display: counter {} became {}", step_before.counter,
           display_->shown()->data.counter);
  ASSIGN(paid_, pay_code(story_->node(), payer_.payer, *scanned_, std::nullopt,
                         {.memo = "first payment"}, env_));
  return {};
}

Result<void> Demo::show_books() {
  const auto& receipt = paid_->receipt;
  out_.line("");
  out_.say("4. Paid: transaction {}", codec::to_hex(paid_->sent.id));
  out_.say("   final and durable in block {} of chain {}, place {}", receipt.height.value(),
           receipt.chain.value(), receipt.index);
  ASSIGN(const auto payer, balance_of(payer_));
  ASSIGN(const auto shop, balance_of(shop_));
  out_.say("   alice {:>12}   {}", money(payer.spendable), codec::to_text(payer_.payer.address));
  out_.say("   shop  {:>12}   {}", money(shop.spendable), codec::to_text(shop_.payer.address));
  return {};
}

Result<void> Demo::show_refusals() {
  NodeClient& node = story_->node();
  out_.line("");
  out_.line("5. What is refused, each with its own verdict:");
  TRY(expect_refusal("the same code a second time", Verdict::code_used,
                     pay_code(node, payer_.payer, *scanned_, std::nullopt, {}, env_)));
  TRY(wait_for_next_step());
  const std::string text = display_->shown()->text;
  ASSIGN(const auto altered, with_other_amount(text, "1.25"));
  TRY(expect_refusal("the amount in the code altered", Verdict::code_bad_signature,
                     scan_code(session_->home(), &node, story_->ledger(), altered)));
  ASSIGN(const auto fresh, scan_code(session_->home(), &node, story_->ledger(), text));
  TRY(claim_code(node, payer_.payer, fresh, env_));
  const auto& asset = story_->ledger().default_asset();
  TRY(expect_refusal(
      "another amount paid than claimed", Verdict::code_wrong_amount,
      send_operations(
          node, payer_.payer,
          {tx::Transfer{
              .to = fresh.payee, .asset = asset.id, .amount = Amount(125), .code = fresh.key()}},
          {}, env_)));
  TRY(expect_refusal("another payer's claim of it", Verdict::code_claimed,
                     claim_code(node, rival_.payer, fresh, env_)));
  ASSIGN(const auto forged, forged_code(fresh.code, story_->ledger().params.code_guid));
  TRY(expect_refusal("a code of an unenrolled key", Verdict::code_unknown_key,
                     scan_code(session_->home(), &node, story_->ledger(), forged)));
  return refuse_revoked_display();
}

Result<void> Demo::refuse_revoked_display() {
  // A name of its own each time: revocation is for good.
  const std::string name = "lost-" + codec::to_hex(env_.random_id<proof::KeyId>());
  ASSIGN(auto lost, story_->counter(name, shop_));
  ASSIGN(auto display, service::Display::make(*lost.applet, lost.stored.merchant,
                                              {std::string(kPrice), std::nullopt}, env_));
  TRY(display.update());
  TRY(story_->node().set_certificate_status(
      lost.applet->public_key().hash(), ledger::KeyStatus::revoked,
      pki::RevocationReason::key_compromise, story_->node_operator()));
  return expect_refusal(
      "a code of a revoked display", Verdict::code_key_revoked,
      scan_code(session_->home(), &story_->node(), story_->ledger(), display.shown()->text));
}

void Demo::tell_how_to_repeat() {
  out_.line("");
  out_.line("By hand, in another terminal (intaglio is build/program/bin/intaglio):");
  out_.say("   export INTAGLIO_HOME={}", home_folder());
  out_.say("   export INTAGLIO_PASSPHRASE=$(cat {}/passphrase)", settings_.data);
  out_.say("   intaglio key new carol && intaglio key show carol");
  out_.say("   intaglio login add carol --usage holder --key soft:{}/node/keys/authority.key",
           settings_.data);
  out_.line("   intaglio enrol carol --usage holder");
  out_.say("   intaglio code show counter --amount 4.20 --png {}/till.png", settings_.data);
  out_.say("   intaglio code scan {}/till.png", settings_.data);
  out_.say("   intaglio pay --code {}/till.png --key alice", settings_.data);
  out_.line("   intaglio pay shop 1.00 --key alice");
  out_.line("   intaglio account show --key alice; intaglio account statement --key shop");
  out_.say("   intaglio tx show {}", codec::to_hex(paid_->sent.id));
  out_.say("   intaglio cert show {}", codec::to_hex(counter_->applet->public_key().hash()));
}

Result<void> demo(const Arguments& arguments, Output& output) {
  // The story tells what happens; the node's own log would stand between its lines.
  if (!arguments.has("verbose")) log::set_level(log::Level::warning);
  DemoSettings settings;
  settings.data = arguments.text_or("data", settings.data);
  ASSIGN(const auto port, arguments.number_or("port", settings.port, UINT16_MAX));
  settings.port = static_cast<std::uint16_t>(port);
  settings.once = arguments.has("once");
  settings.fresh = arguments.has("fresh");
  const Interrupt interrupt;
  Demo demo(settings, output, interrupt, system_env());
  const auto played = demo.play();
  if (!played && interrupt.happened()) return {};
  TRY(played);
  if (settings.once) return {};
  output.line("");
  output.line(
      "The node goes on; Ctrl-C ends it. The next ./run continues from this data, "
      "./run --fresh starts over.");
  interrupt.wait();
  return {};
}

}  // namespace

std::vector<Command> demo_commands() {
  return {{.path = "demo",
           .summary = "start a node over a small world and play the first payment",
           .details = "What ./run shows. The world is kept in the data folder and continued by the "
                      "next demo.",
           .options = {{OptionKind::flag, "once", "", "end after the payment"},
                       {OptionKind::flag, "fresh", "", "start over: the data folder is removed"},
                       {OptionKind::value, "data", "DIR", "where the demo's world is kept (data)"},
                       {OptionKind::value, "port", "N", "of the node on 127.0.0.1 (8443)"}},
           .examples = {"intaglio demo --once", "intaglio demo --data world --port 9443"},
           .run = demo}};
}

}  // namespace intaglio::cli
