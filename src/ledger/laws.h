// What must hold after every transaction, refused ones too. Laws know nothing of what a transaction
// meant to do: they see only what changed. They are written apart from the transactors so that a
// mistake in one does not repeat in the other.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/stage.h"

namespace intaglio::ledger {

class RowChanges;

struct Law {
  std::string_view name;
  std::string_view sentence;
  // What is wrong, or nothing. Pure.
  std::optional<std::string> (*broken)(const RowChanges&);
};

std::span<const Law> laws();

// The first law that the changes break, as "name: what is wrong".
std::optional<std::string> first_broken_law(const ChangeSet& changes);

}  // namespace intaglio::ledger
