// The first payment, as `intaglio demo` plays it: real keys, a real node, its HTTP interface, and
// the same client steps that the commands take. Each step returns what happened for demo.cpp to
// tell.
#pragma once

#include "cli/payment_code.h"
#include "cli/session.h"

namespace intaglio::cli {

// Somebody of the story, with a certified key in the demo's home folder.
struct Actor {
  std::string name;
  std::unique_ptr<element::SecureElement> key;
  std::optional<Enrolled> enrolled;  // nothing when an earlier run did it
  Payer payer;                       // on the home chain
};

// A counter display of the shop, certified and bound.
struct Counter {
  std::string name;
  std::unique_ptr<element::PaymentCodeApplet> applet;
  EnrolledDisplay enrolment;
  StoredDisplay stored;
};

class DemoStory {
 public:
  // `operator_uri` is the authority's key, `treasury_uri` the one that holds the issued money.
  DemoStory(Session& session, NodeClient& node, LedgerInfo ledger,
            const crypto::Signer& node_operator)
      : session_(session), node_(node), ledger_(std::move(ledger)), operator_(node_operator) {}

  // Makes a key, has the operator register its login, and enrols it as a holder.
  Result<Actor> actor(const std::string& name);

  // Makes a display of the shop's and enrols it under the shop's login.
  Result<Counter> counter(const std::string& name, Actor& shop);

  const LedgerInfo& ledger() const { return ledger_; }
  NodeClient& node() { return node_; }
  Session& session() { return session_; }
  const crypto::Signer& node_operator() const { return operator_; }

 private:
  Session& session_;
  NodeClient& node_;
  LedgerInfo ledger_;
  crypto::Signer operator_;
};

// The text of a code with another amount and a checksum that fits it: what a forger would show.
Result<std::string> with_other_amount(std::string_view text, std::string_view amount);

// A code as the display would show it, signed by a key that nobody certified.
Result<std::string> forged_code(const proof::PaymentCode& like, std::string_view guid);

}  // namespace intaglio::cli
