#include "scenario/scenario.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/env.h"
#include "base/format.h"
#include "crypto/es256.h"
#include "crypto/sha256.h"
#include "ledger/book.h"
#include "tx/world_for_test.h"

namespace intaglio::scenario {
namespace {

std::vector<std::string> words(std::string_view line) {
  std::istringstream in{std::string(line)};
  return {std::istream_iterator<std::string>(in), {}};
}

Result<std::uint64_t> number(std::string_view text) {
  return codec::uint_from_json(codec::Json(text));
}

// "alice" or "alice@2".
std::pair<std::string, ChainId> who(const std::string& text) {
  const auto at = text.find('@');
  if (at == std::string::npos) return {text, ChainId(1)};
  return {text.substr(0, at), ChainId(static_cast<std::uint16_t>(std::stoul(text.substr(at + 1))))};
}

// "alice", "alice@2", or for one transaction of several chains "alice@1+2".
Result<void> parse_payer(const std::string& text, Step& step) {
  std::string first = text;
  const auto at = text.find('@');
  const auto plus = text.find('+');
  if (at != std::string::npos && plus != std::string::npos) {
    first = text.substr(0, plus);
    std::istringstream rest(text.substr(plus + 1));
    for (std::string each; std::getline(rest, each, '+');) {
      ASSIGN(const auto chain, number(each));
      step.more_chains.emplace_back(static_cast<std::uint16_t>(chain));
    }
  }
  std::tie(step.by, step.chain) = who(first);
  return {};
}

// terms LABEL on CHAIN within MS
Result<Step> parse_terms(const std::vector<std::string>& word) {
  if (word.size() != 6 || word[2] != "on" || word[4] != "within") {
    return refuse(Verdict::bad_value, "terms LABEL on CHAIN within MS");
  }
  Step step{.kind = Step::Kind::terms, .label = word[1]};
  ASSIGN(const auto chain, number(word[3]));
  step.chain = ChainId(static_cast<std::uint16_t>(chain));
  ASSIGN(step.number, number(word[5]));
  return step;
}

// holder NAME [CENTS[@CHAIN]]...
Result<Person> parse_person(const std::vector<std::string>& word) {
  if (word.size() < 2) return refuse(Verdict::missing_field, "name");
  ASSIGN(const auto role, codec::enum_from_name<ledger::Role>(word[0]));
  Person person{word[1], role, {}};
  for (std::size_t i = 2; i < word.size(); ++i) {
    const auto [cents, chain] = who(word[i]);
    ASSIGN(const auto amount, number(cents));
    person.money.emplace_back(chain, Amount(amount));
  }
  return person;
}

// balance WHO = SPENDABLE [held HELD]
Result<Step> parse_balance(const std::vector<std::string>& word) {
  if (word.size() < 4 || word[2] != "=") return refuse(Verdict::bad_value, "balance WHO = N");
  Step step{.kind = Step::Kind::balance};
  std::tie(step.by, step.chain) = who(word[1]);
  ASSIGN(step.number, number(word[3]));
  if (word.size() == 6 && word[4] == "held") {
    ASSIGN(const auto held, number(word[5]));
    step.held = held;
  }
  return step;
}

// tx WHO [signed NAME] [as LABEL] -> VERDICT [PLACE]
Result<Step> parse_transaction(const std::vector<std::string>& word) {
  Step step{.kind = Step::Kind::transaction};
  if (word.size() < 4) return refuse(Verdict::bad_value, "tx WHO -> VERDICT");
  TRY(parse_payer(word[1], step));
  step.key = step.by;
  std::size_t i = 2;
  for (; i + 1 < word.size() && word[i] != "->"; i += 2) {
    if (word[i] == "signed") {
      step.key = word[i + 1];
    } else if (word[i] == "as") {
      step.label = word[i + 1];
    } else {
      return refuse(Verdict::bad_value, word[i]);
    }
  }
  if (i + 1 >= word.size()) return refuse(Verdict::missing_field, "-> VERDICT");
  step.expected = word[i + 1];
  if (!verdict_from_name(step.expected)) return refuse(Verdict::bad_value, step.expected);
  if (i + 2 < word.size()) step.expected += ' ' + word[i + 2];
  return step;
}

Result<void> parse_line(Scenario& scenario, std::string_view line) {
  const auto word = words(line);
  if (word.empty() || word[0].starts_with('#')) return {};
  if (line.front() == ' ') {
    if (scenario.steps.empty()) return refuse(Verdict::bad_value, "an operation before a tx");
    scenario.steps.back().operations.emplace_back(line.substr(line.find_first_not_of(' ')));
    return {};
  }
  if (word[0] == "chains" && word.size() == 2) {
    ASSIGN(const auto chains, number(word[1]));
    scenario.chains = static_cast<std::uint16_t>(chains);
  } else if (word[0] == "balance") {
    ASSIGN(auto step, parse_balance(word));
    scenario.steps.push_back(std::move(step));
  } else if (word[0] == "tx") {
    ASSIGN(auto step, parse_transaction(word));
    scenario.steps.push_back(std::move(step));
  } else if (word[0] == "terms") {
    ASSIGN(auto step, parse_terms(word));
    scenario.steps.push_back(std::move(step));
  } else if (word[0] == "repeat" && word.size() == 3 && word[1] == "->") {
    scenario.steps.push_back({.kind = Step::Kind::repeat, .expected = word[2]});
  } else if (word[0] == "wait" && word.size() == 2) {
    ASSIGN(const auto time, number(word[1]));
    scenario.steps.push_back({.kind = Step::Kind::wait, .number = time});
  } else if (word[0] == "arrive" && word.size() == 1) {
    scenario.steps.push_back({.kind = Step::Kind::arrive});
  } else {
    ASSIGN(auto person, parse_person(word));
    scenario.people.push_back(std::move(person));
  }
  return {};
}

// What the names in a scenario stand for while it is performed.
class Meanings {
 public:
  explicit Meanings(Cast& cast, Stage& stage) : cast_(cast), stage_(stage) {}

  void label(const std::string& name, const tx::Receipt& receipt) { labels_[name] = receipt.tx; }
  void label(const std::string& name, const ledger::Terms& terms) { terms_[name] = terms; }

  // $bob, $bob@2: an address; $bob.account, $bob.key, $bob.point, $bob.certificate; $now+5000;
  // $label, $label.1: an operation, or the terms so called. Anything else stands for itself.
  codec::Json value(const std::string& text, ChainId chain) {
    if (text.starts_with('$')) {
      const auto terms = terms_.find(text.substr(1));
      if (terms != terms_.end()) return codec::record_to_json(terms->second);
      constexpr std::string_view kCertificate = ".certificate";
      if (text.ends_with(kCertificate)) {
        const std::string name = text.substr(1, text.size() - kCertificate.size() - 1);
        return codec::record_to_json(tx::certificate_for_test(cast_.signer(name).key));
      }
    }
    return (*this)(text, chain);
  }
  std::string operator()(const std::string& text, ChainId chain) {
    if (!text.starts_with('$')) return text;
    if (text.starts_with("$now+")) {
      return std::to_string((stage_.now() + Duration(std::stoull(text.substr(5)))).value());
    }
    const auto dot = text.find('.');
    const std::string first = text.substr(1, dot == std::string::npos ? dot : dot - 1);
    const std::string part = dot == std::string::npos ? "" : text.substr(dot + 1);
    if (const auto label = labels_.find(first); label != labels_.end()) {
      return codec::to_hex(label->second) + ':' + (part.empty() ? "0" : part);
    }
    const auto [name, named_chain] = who(first);
    const bool says_chain = first.find('@') != std::string::npos;
    if (part == "account") return codec::to_hex(cast_.account(name));
    if (part == "key") return codec::to_hex(cast_.signer(name).key.hash());
    if (part == "point") return codec::to_hex(cast_.signer(name).key.view());
    return codec::to_text(Address{says_chain ? named_chain : chain, cast_.account(name)});
  }

 private:
  Cast& cast_;
  Stage& stage_;
  std::map<std::string, TxId> labels_;
  std::map<std::string, ledger::Terms> terms_;
};

Result<tx::Operation> to_operation(const std::string& line, ChainId chain, Meanings& meanings) {
  const auto word = words(line);
  codec::Json json = codec::Json::object({{"type", word[0]}});
  for (std::size_t i = 1; i < word.size(); ++i) {
    const auto equals = word[i].find('=');
    if (equals == std::string::npos) return refuse(Verdict::bad_value, word[i]);
    json.set(word[i].substr(0, equals), meanings.value(word[i].substr(equals + 1), chain));
  }
  return codec::FieldType<tx::Operation>::from_json(json);
}

std::string outcome(const Result<tx::Receipt>& receipt) {
  if (!receipt) {
    const Refusal& refusal = receipt.error();
    return std::string(describe(refusal.verdict).name) +
           (refusal.where.empty() ? "" : ' ' + refusal.where);
  }
  const auto verdict = verdict_from_number(receipt->verdict);
  return std::string(describe(*verdict).name) + (receipt->where ? ' ' + *receipt->where : "");
}

// The place may be left out of what is expected.
bool matches(const std::string& expected, const std::string& got) {
  return got == expected || got.starts_with(expected + ' ');
}

// One performance: the steps share the last transaction and the names.
class Performance {
 public:
  Performance(const Scenario& scenario, Cast& cast, Stage& stage)
      : scenario_(scenario), cast_(cast), stage_(stage), meanings_(cast, stage) {}

  Result<std::string> expected_but(const Step& step) {
    switch (step.kind) {
      case Step::Kind::transaction: return transaction(step);
      case Step::Kind::terms: return terms(step);
      case Step::Kind::repeat: return outcome(stage_.submit(last_));
      case Step::Kind::balance: return balance(step);
      case Step::Kind::wait: stage_.wait(Duration(step.number)); return step.expected;
      case Step::Kind::arrive: {
        TRY(stage_.arrive());
        return step.expected;
      }
    }
    return refuse(Verdict::internal);
  }

 private:
  Result<std::string> transaction(const Step& step) {
    tx::Transaction body{.ledger = cast_.ledger(),
                         .chains = {step.chain},
                         .account = cast_.account(step.by),
                         .client = system_env().random_id<ClientId>(),
                         .valid_until = stage_.now() + seconds(60),
                         .operations = {}};
    for (const auto& line : step.operations) {
      ASSIGN(auto operation, to_operation(line, step.chain, meanings_));
      body.operations.push_back(std::move(operation));
    }
    body.chains.insert(body.chains.end(), step.more_chains.begin(), step.more_chains.end());
    ASSIGN(last_, proof::sign_statement(body, body.ledger, cast_.signer(step.key)));
    const auto receipt = stage_.submit(last_);
    if (receipt && !step.label.empty()) meanings_.label(step.label, *receipt);
    return outcome(receipt);
  }

  // leg WHO AMOUNT, deliver WHO AMOUNT
  Result<std::string> terms(const Step& step) {
    ledger::Terms terms{.chain = step.chain,
                        .deadline = stage_.now() + Duration(step.number),
                        .legs = {},
                        .deliveries = {},
                        .nonce = system_env().random_id<ledger::SettlementNonce>(),
                        .memo = {}};
    for (const auto& line : step.operations) {
      const auto word = words(line);
      if (word.size() != 3) return refuse(Verdict::bad_value, line);
      const auto [name, chain] = who(word[1]);
      const Address address{chain, cast_.account(name)};
      ASSIGN(const auto amount, number(word[2]));
      if (word[0] == "leg") {
        terms.legs.push_back({address, scenario_.asset_id, Amount(amount)});
      } else if (word[0] == "deliver") {
        terms.deliveries.push_back({address, scenario_.asset_id, Amount(amount)});
      } else {
        return refuse(Verdict::bad_value, line);
      }
    }
    std::ranges::sort(terms.legs, {}, &ledger::Leg::payer);
    std::ranges::sort(terms.deliveries, {}, &ledger::Delivery::to);
    meanings_.label(step.label, terms);
    return step.expected;
  }

  Result<std::string> balance(const Step& step) {
    ASSIGN(const auto row,
           stage_.balance({step.chain, cast_.account(step.by)}, scenario_.asset_id));
    const auto spendable = ledger::spendable(row).value();
    if (spendable != step.number) return format("{} spendable", spendable);
    if (step.held && row.debits_pending.value() != *step.held) {
      return format("{} held", row.debits_pending.value());
    }
    return step.expected;
  }

  const Scenario& scenario_;
  Cast& cast_;
  Stage& stage_;
  Meanings meanings_;
  Bytes last_;
};

}  // namespace

Result<Scenario> parse_scenario(std::string name, std::string_view text) {
  Scenario scenario;
  scenario.name = std::move(name);
  int line_number = 0;
  std::istringstream in{std::string(text)};
  for (std::string line; std::getline(in, line);) {
    ++line_number;
    const std::size_t steps = scenario.steps.size();
    const auto parsed = parse_line(scenario, line);
    if (!parsed) return refuse_within(format("line {}", line_number), parsed.error());
    if (scenario.steps.size() > steps) scenario.steps.back().line = line_number;
  }
  return scenario;
}

Cast::Cast(const Scenario& scenario) {
  genesis_.name = scenario.name;
  genesis_.time = Millis(1);
  genesis_.chains = scenario.chains;
  genesis_.params = ledger::default_params();
  genesis_.keys = {{signer("node").key, ledger::Role::node}};
  genesis_.nodes.assign(scenario.chains, {genesis_.keys.front().key.hash(), {}, 0});
  genesis_.assets = {{scenario.asset_id, scenario.asset, 2, Amount(1)}};
  for (const Person& person : scenario.people) {
    genesis_.keys.push_back({signer(person.name).key, person.role});
    for (const auto& [chain, amount] : person.money) {
      genesis_.money.push_back({chain, account(person.name), scenario.asset_id, amount});
    }
  }
  ledger_ = ledger::ledger_id(genesis_);
}

const crypto::Signer& Cast::signer(const std::string& name) {
  const auto known = signers_.find(name);
  if (known != signers_.end()) return known->second;
  const auto key = std::make_shared<crypto::SigningKey>(crypto::SigningKey::generate());
  const crypto::Signer made{key->public_key(),
                            [key](ByteView message) -> Result<crypto::Signature> {
                              return key->sign(crypto::sha256(message));
                            }};
  return signers_.emplace(name, made).first->second;
}

AccountId Cast::account(const std::string& name) {
  return AccountId::prefix_of(signer(name).key.hash());
}

std::expected<void, std::string> perform(const Scenario& scenario, Cast& cast, Stage& stage) {
  Performance performance(scenario, cast, stage);
  for (const Step& step : scenario.steps) {
    const auto got = performance.expected_but(step);
    if (!got) {
      return std::unexpected(format("line {}: {}", step.line, to_string(got.error())));
    }
    if (!matches(step.expected, *got)) {
      return std::unexpected(format(
          "line {}: expected {}, got {}", step.line,
          step.kind == Step::Kind::balance ? std::to_string(step.number) : step.expected, *got));
    }
  }
  return {};
}

std::vector<Scenario> all_scenarios() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator("tests/scenarios")) {
    if (entry.path().extension() == ".scenario") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::vector<Scenario> out;
  for (const auto& path : files) {
    std::ifstream in(path);
    const std::string text(std::istreambuf_iterator<char>(in), {});
    auto scenario = parse_scenario(path.stem().string(), text);
    if (!scenario) fatal(path.string() + ": " + to_string(scenario.error()));
    out.push_back(*std::move(scenario));
  }
  return out;
}

}  // namespace intaglio::scenario
