// The bodies that POST /v1/transactions takes, taken apart into transactions. These are judged no
// further here: that is the gateway's.
#pragma once

#include <string_view>
#include <vector>

#include "http/message.h"

namespace intaglio::http {

inline constexpr std::string_view kCoseMediaType = "application/cose";         // RFC 9052
inline constexpr std::string_view kCborMediaType = "application/cbor";         // RFC 8949
inline constexpr std::string_view kCborSeqMediaType = "application/cbor-seq";  // RFC 8742

inline constexpr std::size_t kMaxTransactions = 64;  // in one body

struct TransactionBody {
  Bytes bytes;
  std::vector<ByteView> transactions;  // in `bytes`, in order, at least one
  bool is_sequence = false;            // answered as one, even of a single transaction

  TransactionBody() = default;
  TransactionBody(TransactionBody&&) = default;  // the bytes stay where they are
  TransactionBody& operator=(TransactionBody&&) = default;
  TransactionBody(const TransactionBody&) = delete;
  TransactionBody& operator=(const TransactionBody&) = delete;
  ~TransactionBody() = default;
};

// By the media type: one COSE_Sign1; a CBOR sequence of them; {"transaction": hex} in JSON.
// `bad_media_type` for any other, `missing_field` for none at all, `too_large` for more than
// kMaxTransactions or one that no chain takes, and what the CBOR and JSON readers refuse.
Result<TransactionBody> read_transactions(std::string_view media_type, Bytes body);

}  // namespace intaglio::http
