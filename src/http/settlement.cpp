#include "http/settlement.h"

#include "ledger/settlements.h"

namespace intaglio::http {
namespace {

using codec::Json;
using ledger::EntryRow;
using ledger::SettlementRow;
using ledger::SettlementState;

// A settlement's row, on whichever chain it meets.
std::optional<SettlementRow> find_row(const gateway::Gateway& gateway, const SettlementId& id) {
  for (std::uint16_t i = 0; i < gateway.chain_count(); ++i) {
    auto row = gateway.chain(ChainId(i))->store().find<SettlementRow>(id);
    if (row) return row;
  }
  return std::nullopt;
}

std::optional<EntryRow> find_leg(const gateway::Gateway& gateway, const SettlementId& id,
                                 ChainId chain, std::size_t leg) {
  const auto* application = gateway.chain(chain);
  if (application == nullptr) return std::nullopt;
  return application->store().find<EntryRow>(ledger::leg_ref(id, leg));
}

// What became of a leg. Its entry is read after the settlement's row: what left meanwhile is there.
std::string_view leg_state(const gateway::Gateway& gateway, const SettlementId& id,
                           const SettlementRow& row, std::size_t leg) {
  const auto entry = find_leg(gateway, id, row.terms.legs[leg].payer.chain, leg);
  if (!entry) return "missing";
  if (entry->refunded != Amount(0)) return "returned";
  if (!row.has(leg)) return "on_its_way";
  switch (row.state) {
    case SettlementState::open: return "arrived";
    case SettlementState::delivered: return "delivered";
    case SettlementState::returned: return "on_its_way_back";
  }
  return "";
}

Json settlement_json(const gateway::Gateway& gateway, const SettlementId& id,
                     const SettlementRow& row) {
  Json::Array legs;
  for (std::size_t i = 0; i < row.terms.legs.size(); ++i) {
    Json leg = codec::record_to_json(row.terms.legs[i]);
    leg.set("state", leg_state(gateway, id, row, i));
    legs.push_back(std::move(leg));
  }
  Json out = Json::object({{"settlement", codec::to_hex(id)},
                           {"state", codec::enum_name(row.state)},
                           {"time", row.time.value()},
                           {"legs", std::move(legs)},
                           {"terms", codec::record_to_json(row.terms)}});
  if (row.verdict) {
    const auto why = verdict_from_number(*row.verdict);
    CHECK(why.has_value());
    out.set("verdict", describe(*why).name);
  }
  return out;
}

// One of which nothing has come to its own chain: only the legs that were paid know of it.
std::optional<Json> unopened_json(const gateway::Gateway& gateway, const SettlementId& id) {
  Json::Array legs;
  for (std::uint16_t chain = 0; chain < gateway.chain_count(); ++chain) {
    for (std::size_t i = 0; i < ledger::Terms::kMaxLegs; ++i) {
      const auto entry = find_leg(gateway, id, ChainId(chain), i);
      if (!entry) continue;
      const bool is_back = entry->refunded != Amount(0);
      legs.push_back(Json::object({{"payer", codec::to_text({ChainId(chain), entry->payer})},
                                   {"asset", entry->asset.value()},
                                   {"amount", std::to_string(entry->amount.value())},
                                   {"state", is_back ? "returned" : "on_its_way"}}));
    }
  }
  if (legs.empty()) return std::nullopt;
  return Json::object(
      {{"settlement", codec::to_hex(id)}, {"state", "not_open"}, {"legs", std::move(legs)}});
}

Result<Response> show(ServedNode& served, const Request& request) {
  ASSIGN(const auto id, id_parameter<SettlementId>(request, "settlement"));
  const auto& gateway = served.gateway();
  if (const auto row = find_row(gateway, id)) {
    return Response::json(settlement_json(gateway, id, *row));
  }
  if (auto unopened = unopened_json(gateway, id)) return Response::json(*std::move(unopened));
  return refuse(Verdict::unknown_settlement, codec::to_hex(id));
}

}  // namespace

void add_settlement_routes(Router& router, const Served& served) {
  const WorkerRoutes add{router, served};
  add("GET", "/v1/settlements/{settlement}", "getSettlement", show);
}

}  // namespace intaglio::http
