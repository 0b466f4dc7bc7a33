#include "http/transaction_body.h"

#include "base/format.h"
#include "codec/record.h"
#include "tx/transaction.h"

namespace intaglio::http {
namespace {

constexpr std::size_t kMaxTransaction = tx::Transaction::kMaxBytes;

struct JsonBody {
  Bytes transaction;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "transaction", &JsonBody::transaction, "the COSE_Sign1"));
  }
};

Result<void> take(TransactionBody& out, ByteView transaction) {
  if (transaction.size() > kMaxTransaction) {
    return refuse(Verdict::too_large, format("transactions[{}]", out.transactions.size()));
  }
  out.transactions.push_back(transaction);
  return {};
}

Result<TransactionBody> read_sequence(Bytes body) {
  TransactionBody out;
  out.bytes = std::move(body);
  out.is_sequence = true;
  ByteView rest = out.bytes;
  while (!rest.empty()) {
    if (out.transactions.size() == kMaxTransactions) {
      return refuse(Verdict::too_large, format("more than {} transactions", kMaxTransactions));
    }
    const auto item = codec::CborReader(rest, {.bytes = rest.size()}).item();
    if (!item) {
      return refuse_within(format("transactions[{}]", out.transactions.size()), item.error());
    }
    TRY(take(out, *item));
    rest = rest.subspan(item->size());
  }
  return out;
}

Result<TransactionBody> read_json(ByteView body) {
  ASSIGN(const auto json, codec::parse_json(as_text(body), {.bytes = 2 * kMaxTransaction + 256}));
  ASSIGN(auto record, codec::record_from_json<JsonBody>(json));
  TransactionBody out;
  out.bytes = std::move(record.transaction);
  TRY(take(out, out.bytes));
  return out;
}

}  // namespace

Result<TransactionBody> read_transactions(std::string_view media_type, Bytes body) {
  const bool is_cose = media_type == kCoseMediaType;
  const bool is_sequence = media_type == kCborSeqMediaType;
  if (!is_cose && !is_sequence && media_type != kJsonMediaType) {
    return refuse(Verdict::bad_media_type,
                  format("{}, {} or {}", kCoseMediaType, kCborSeqMediaType, kJsonMediaType));
  }
  if (body.empty()) return refuse(Verdict::missing_field, "transaction");
  if (is_sequence) return read_sequence(std::move(body));
  if (!is_cose) return read_json(body);
  TransactionBody out;
  out.bytes = std::move(body);
  TRY(take(out, out.bytes));
  return out;
}

}  // namespace intaglio::http
