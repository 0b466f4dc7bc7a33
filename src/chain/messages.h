// What the nodes of one chain say to each other. The accounting node asks, one thing at a time, and
// a consensus node answers each with its standing: where it is, what it signed, and what it would
// not do. Every message may be lost, doubled or late; none of them needs another to have arrived.
#pragma once

#include <variant>

#include "codec/record.h"
#include "proof/fork.h"

namespace intaglio::chain {

// The transactions of a block, as application.h stores them.
struct BlockBody {
  Bytes encoded;
  bool operator==(const BlockBody&) const = default;
};

// Bytes of a message, encoded. The largest block fits (MempoolOptions::max_block_bytes).
inline constexpr std::size_t kMaxMessage = std::size_t{5} << 20;

}  // namespace intaglio::chain

template <>
struct intaglio::codec::FieldType<intaglio::chain::BlockBody> {
  static constexpr std::string_view kName = "bytes (hex)";
  static void write(CborWriter& out, const chain::BlockBody& body) { out.bytes(body.encoded); }
  static Result<chain::BlockBody> read(CborReader& in) {
    ASSIGN(const auto bytes, in.bytes());
    return chain::BlockBody{to_bytes(bytes)};
  }
};

namespace intaglio::chain {

using codec::field;

// What an accounting node signs when it begins a session: nothing is signed any more that was
// proposed in an earlier one. Numbers go upwards, also from one start of the node to the next.
struct SessionStart {
  ChainId chain;
  std::uint64_t session = 0;

  static constexpr std::string_view kPurpose = "session";
  static constexpr auto fields() {
    return std::tuple(field(1, "chain", &SessionStart::chain, "the chain's number"),
                      field(2, "session", &SessionStart::session, "later ones are larger"));
  }
  static Result<SessionStart> decode(ByteView payload) {
    return codec::decode_record<SessionStart>(payload);
  }
  Bytes encode() const { return codec::encode_record(*this); }
};

struct Greeting {
  static constexpr std::uint64_t kType = 1;
  static constexpr std::string_view kName = "greeting";

  Bytes signed_start;
  static constexpr auto fields() {
    return std::tuple(field(1, "signed_start", &Greeting::signed_start, "by the accounting node"));
  }
};

// A block that the accounting node made and signed, for the node to check and sign.
struct Proposal {
  static constexpr std::uint64_t kType = 2;
  static constexpr std::string_view kName = "proposal";

  std::uint64_t session = 0;
  Bytes signed_header;
  BlockBody body;
  // Of a block that is old by now: those who signed it when it was not.
  std::vector<proof::Cosignature> vouchers;
  static constexpr auto fields() {
    return std::tuple(field(1, "session", &Proposal::session, "that it is proposed in"),
                      field(2, "signed_header", &Proposal::signed_header, "by the accounting node"),
                      field(3, "body", &Proposal::body, "the block's transactions"),
                      field(4, "vouchers", &Proposal::vouchers, "of nodes that signed it in time"));
  }
};

// A block that is final. Without its transactions where the node said that it has it.
struct FinalBlock {
  static constexpr std::uint64_t kType = 3;
  static constexpr std::string_view kName = "final_block";

  proof::FinalityProof proof;
  std::optional<BlockBody> body;
  static constexpr auto fields() {
    return std::tuple(field(1, "proof", &FinalBlock::proof, "the header and who signed it"),
                      field(2, "body", &FinalBlock::body, "the block's transactions"));
  }
};

using Message = std::variant<Greeting, Proposal, FinalBlock>;

// A block that a consensus node signed and does not know to be final yet.
struct SignedBlock {
  BlockHash block;
  proof::Cosignature cosignature;
  bool operator==(const SignedBlock&) const = default;
  static constexpr auto fields() {
    return std::tuple(field(1, "block", &SignedBlock::block, "its hash"),
                      field(2, "cosignature", &SignedBlock::cosignature, "the node's"));
  }
};

// What was asked of a node that it did not do, and why.
struct Unwilling {
  std::uint16_t verdict = 0;
  std::string where;
  bool operator==(const Unwilling&) const = default;
  static constexpr auto fields() {
    return std::tuple(field(1, "verdict", &Unwilling::verdict, "number in the table"),
                      field(2, "where", &Unwilling::where, "what it is about"));
  }
};

struct Standing {
  std::uint64_t session = 0;                // the last that it was greeted with
  Height height;                            // of the last block that it has
  BlockHash block;                          // its hash
  std::optional<SignedBlock> signed_block;  // of the height after it
  bool holds_body = false;                  // and has executed, so that it needs no transactions
  std::optional<Unwilling> unwilling;
  std::optional<proof::Fork> fork;  // the first that it ever saw
  std::uint64_t overlooked = 0;     // transactions it was sent a while ago that no block has
  bool operator==(const Standing&) const = default;
  static constexpr auto fields() {
    return std::tuple(
        field(1, "session", &Standing::session, "the last that it was greeted with"),
        field(2, "height", &Standing::height, "of the last block that it has"),
        field(3, "block", &Standing::block, "its hash"),
        field(4, "signed_block", &Standing::signed_block, "of the height after it"),
        field(5, "holds_body", &Standing::holds_body, "needs no transactions of that"),
        field(6, "unwilling", &Standing::unwilling, "to do what was asked"),
        field(7, "fork", &Standing::fork, "the first that it saw"),
        field(8, "overlooked", &Standing::overlooked, "sent a while ago, and in no block"));
  }
};

Bytes encode_message(const Message& message);
// `too_large` past kMaxMessage; else what records refuse.
Result<Message> decode_message(ByteView bytes);
Bytes encode_standing(const Standing& standing);
Result<Standing> decode_standing(ByteView bytes);

}  // namespace intaglio::chain
