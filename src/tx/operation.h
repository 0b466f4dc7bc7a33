// The one list of everything a transaction can do. A new transactor is added here and nowhere else:
// CBOR, JSON, scenarios, the command line's `tx` and docs/reference/transactions.md follow from it.
#pragma once

#include <variant>

#include "tx/asset/asset.h"
#include "tx/certificate/certificate.h"
#include "tx/network/network.h"
#include "tx/packet/packet.h"
#include "tx/payment/payment.h"
#include "tx/payment_code/payment_code.h"
#include "tx/settlement/settlement.h"

namespace intaglio::tx {

using Operation = std::variant<Transfer, Refund, Hold, Capture, Release, Settle, CancelSettlement,
                               Issue, Burn, RegisterKey, SetKeyStatus, ExtendKey, ReplaceKey,
                               SetAccountStatus, SetNodes, AddChain, VouchHeader, ProveDoubleVote,
                               AddAsset, BindDisplay, ClaimCode, DeliverPackets>;

namespace internal {
template <typename Variant>
inline constexpr bool kAllTransactors = false;
template <typename... T>
inline constexpr bool kAllTransactors<std::variant<T...>> = (Transactor<T> && ...);
}  // namespace internal
static_assert(internal::kAllTransactors<Operation>);

std::string_view name_of(const Operation& operation);

// Whether the operation may stand in a transaction that speaks to several chains: each of them does
// its own part of it.
bool is_on_each_chain(const Operation& operation);

}  // namespace intaglio::tx

template <>
struct intaglio::codec::FieldType<intaglio::tx::Operation> {
  static constexpr std::string_view kName = "operation";
  static void write(CborWriter& out, const tx::Operation& operation);
  static Result<tx::Operation> read(CborReader& in);
  static Json to_json(const tx::Operation& operation);
  static Result<tx::Operation> from_json(const Json& json);
};
