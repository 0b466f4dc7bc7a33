// Who there is, and the keys that follow from their names and the seed.
#pragma once

#include <deque>
#include <string>

#include "base/format.h"
#include "crypto/seeded_key_for_test.h"
#include "ledger/rows.h"

namespace intaglio::simulation {

struct Person {
  std::string name;
  ledger::Role role = ledger::Role::holder;
  AccountId account;
  const crypto::SeededKey* key = nullptr;  // signs now
};

class People {
 public:
  explicit People(std::uint64_t seed) : seed_(seed) {}

  // Stays where it is.
  Person& add(const std::string& name, ledger::Role role) {
    const auto& key = new_key(name);
    people_.push_back({name, role, AccountId::prefix_of(key.public_key().hash()), &key});
    return people_.back();
  }
  const crypto::SeededKey& new_key(const std::string& name) {
    keys_.push_back(crypto::SeededKey::of(as_bytes(format("{} {} {}", seed_, keys_.size(), name))));
    return keys_.back();
  }
  const crypto::SeededKey* key(const KeyHash& hash) const {
    for (const auto& each : keys_) {
      if (each.public_key().hash() == hash) return &each;
    }
    return nullptr;
  }
  std::deque<Person>& all() { return people_; }
  Person* by_account(const AccountId& account) {
    for (Person& each : people_) {
      if (each.account == account) return &each;
    }
    return nullptr;
  }

 private:
  const std::uint64_t seed_;
  std::deque<Person> people_;
  std::deque<crypto::SeededKey> keys_;
};

}  // namespace intaglio::simulation
