// ABCI 2.0, the calls by which CometBFT v0.38 has an application execute what it orders
// (spec/abci/abci++_methods.md), as plain values. How they are written is in messages.cpp alone.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "proof/comet_header.h"

namespace intaglio::chain::abci {

using proof::CometTime;

struct Echo {
  std::string message;
  bool operator==(const Echo&) const = default;
};
struct EchoAnswer {
  std::string message;
  bool operator==(const EchoAnswer&) const = default;
};

// Everything answered before it is to be written out.
struct Flush {
  bool operator==(const Flush&) const = default;
};
struct FlushAnswer {
  bool operator==(const FlushAnswer&) const = default;
};

struct Info {
  std::string version;  // of CometBFT
  std::uint64_t block_version = 0;
  std::uint64_t p2p_version = 0;
  std::string abci_version;
  bool operator==(const Info&) const = default;
};
struct InfoAnswer {
  std::string data;
  std::string version;  // of the application
  std::uint64_t app_version = 0;
  std::int64_t last_block_height = 0;  // of the last commit; 0 when there is none
  Bytes last_block_app_hash;
  bool operator==(const InfoAnswer&) const = default;
};

struct ValidatorUpdate {
  crypto::Ed25519Key key;
  std::int64_t power = 0;  // 0: is none any more
  bool operator==(const ValidatorUpdate&) const = default;
};

struct InitChain {
  CometTime time;
  std::string chain_id;
  std::vector<ValidatorUpdate> validators;
  Bytes app_state;  // of CometBFT's genesis file
  std::int64_t initial_height = 0;
  bool operator==(const InitChain&) const = default;
};
struct InitChainAnswer {
  std::vector<ValidatorUpdate> validators;  // none: those of the genesis file
  Bytes app_hash;
  bool operator==(const InitChainAnswer&) const = default;
};

struct Query {
  Bytes data;
  std::string path;
  std::int64_t height = 0;  // 0: the last
  bool prove = false;
  bool operator==(const Query&) const = default;
};
struct QueryAnswer {
  std::uint32_t code = 0;  // 0: accepted
  std::string log;
  std::string info;
  std::int64_t index = 0;
  Bytes key;
  Bytes value;
  std::int64_t height = 0;
  std::string codespace;
  bool operator==(const QueryAnswer&) const = default;
};

struct CheckTx {
  Bytes tx;
  bool is_recheck = false;  // it was accepted before a block that has come since
  bool operator==(const CheckTx&) const = default;
};
struct CheckTxAnswer {
  std::uint32_t code = 0;  // 0: may be proposed
  Bytes data;
  std::string log;
  std::string info;
  std::int64_t gas_wanted = 0;
  std::int64_t gas_used = 0;
  std::string codespace;
  bool operator==(const CheckTxAnswer&) const = default;
};

struct Commit {
  bool operator==(const Commit&) const = default;
};
struct CommitAnswer {
  std::int64_t retain_height = 0;  // older blocks may go
  bool operator==(const CommitAnswer&) const = default;
};

struct Snapshot {
  std::uint64_t height = 0;
  std::uint32_t format = 0;
  std::uint32_t chunks = 0;
  Bytes hash;
  Bytes metadata;
  bool operator==(const Snapshot&) const = default;
};

struct ListSnapshots {
  bool operator==(const ListSnapshots&) const = default;
};
struct ListSnapshotsAnswer {
  std::vector<Snapshot> snapshots;
  bool operator==(const ListSnapshotsAnswer&) const = default;
};

struct OfferSnapshot {
  Snapshot snapshot;
  Bytes app_hash;  // from the light client: what can be trusted
  bool operator==(const OfferSnapshot&) const = default;
};
enum class Offer : std::uint8_t { accept = 1, abort, reject, reject_format, reject_sender };
struct OfferSnapshotAnswer {
  Offer result = Offer::reject;
  bool operator==(const OfferSnapshotAnswer&) const = default;
};

struct LoadSnapshotChunk {
  std::uint64_t height = 0;
  std::uint32_t format = 0;
  std::uint32_t chunk = 0;
  bool operator==(const LoadSnapshotChunk&) const = default;
};
struct LoadSnapshotChunkAnswer {
  Bytes chunk;
  bool operator==(const LoadSnapshotChunkAnswer&) const = default;
};

struct ApplySnapshotChunk {
  std::uint32_t index = 0;
  Bytes chunk;
  std::string sender;
  bool operator==(const ApplySnapshotChunk&) const = default;
};
enum class Applied : std::uint8_t { accept = 1, abort, retry, retry_snapshot, reject_snapshot };
struct ApplySnapshotChunkAnswer {
  Applied result = Applied::abort;
  std::vector<std::uint32_t> refetch_chunks;
  std::vector<std::string> reject_senders;
  bool operator==(const ApplySnapshotChunkAnswer&) const = default;
};

struct PrepareProposal {
  std::int64_t max_tx_bytes = 0;
  std::vector<Bytes> txs;
  std::int64_t height = 0;
  CometTime time;
  Bytes next_validators_hash;
  Bytes proposer_address;
  bool operator==(const PrepareProposal&) const = default;
};
struct PrepareProposalAnswer {
  std::vector<Bytes> txs;
  bool operator==(const PrepareProposalAnswer&) const = default;
};

struct ProcessProposal {
  std::vector<Bytes> txs;
  Bytes hash;
  std::int64_t height = 0;
  CometTime time;
  Bytes next_validators_hash;
  Bytes proposer_address;
  bool operator==(const ProcessProposal&) const = default;
};
enum class Status : std::uint8_t { accept = 1, reject };
struct ProcessProposalAnswer {
  Status status = Status::reject;
  bool operator==(const ProcessProposalAnswer&) const = default;
};

struct ExtendVote {
  Bytes hash;
  std::int64_t height = 0;
  CometTime time;
  std::vector<Bytes> txs;
  bool operator==(const ExtendVote&) const = default;
};
struct ExtendVoteAnswer {
  Bytes vote_extension;
  bool operator==(const ExtendVoteAnswer&) const = default;
};

struct VerifyVoteExtension {
  Bytes hash;
  Bytes validator_address;
  std::int64_t height = 0;
  Bytes vote_extension;
  bool operator==(const VerifyVoteExtension&) const = default;
};
struct VerifyVoteExtensionAnswer {
  Status status = Status::reject;
  bool operator==(const VerifyVoteExtensionAnswer&) const = default;
};

// What a validator did against the rules, of which CometBFT's block has the evidence.
struct Misbehaviour {
  enum class Kind : std::uint8_t { unknown, duplicate_vote, light_client_attack };
  Kind kind = Kind::unknown;
  proof::CometAddress validator;
  std::int64_t power = 0;   // its own then
  std::int64_t height = 0;  // where it did it
  CometTime time;
  std::int64_t total_power = 0;
  bool operator==(const Misbehaviour&) const = default;
};
struct FinalizeBlock {
  std::vector<Bytes> txs;
  Bytes hash;
  std::int64_t height = 0;
  CometTime time;
  Bytes next_validators_hash;
  Bytes proposer_address;
  std::vector<Misbehaviour> misbehaviour = {};
  bool operator==(const FinalizeBlock&) const = default;
};
// Code, data and gas of each are hashed into the next header; the rest is free.
struct ExecTxResult {
  std::uint32_t code = 0;
  Bytes data;
  std::string log;
  std::string info;
  std::int64_t gas_wanted = 0;
  std::int64_t gas_used = 0;
  std::string codespace;
  bool operator==(const ExecTxResult&) const = default;
};
struct FinalizeBlockAnswer {
  std::vector<ExecTxResult> tx_results;  // one a transaction, in order
  std::vector<ValidatorUpdate> validator_updates;
  Bytes app_hash;
  bool operator==(const FinalizeBlockAnswer&) const = default;
};

// Our own bug, or a caller who keeps to no rule: CometBFT stops when it hears of it.
struct Exception {
  std::string error;
  bool operator==(const Exception&) const = default;
};

using Request = std::variant<Echo, Flush, Info, InitChain, Query, CheckTx, Commit, ListSnapshots,
                             OfferSnapshot, LoadSnapshotChunk, ApplySnapshotChunk, PrepareProposal,
                             ProcessProposal, ExtendVote, VerifyVoteExtension, FinalizeBlock>;
// The answer to a request has its index; an exception may come in place of any.
using Response =
    std::variant<EchoAnswer, FlushAnswer, InfoAnswer, InitChainAnswer, QueryAnswer, CheckTxAnswer,
                 CommitAnswer, ListSnapshotsAnswer, OfferSnapshotAnswer, LoadSnapshotChunkAnswer,
                 ApplySnapshotChunkAnswer, PrepareProposalAnswer, ProcessProposalAnswer,
                 ExtendVoteAnswer, VerifyVoteExtensionAnswer, FinalizeBlockAnswer, Exception>;
inline bool answers(const Response& response, const Request& request) {
  return response.index() == request.index();
}

// `bad_encoding` for what is no message, `unknown_field` for a request that has none of these
// values, as those of later versions; `bad_value` or `bad_algorithm` at a field.
Result<Request> decode_request(ByteView bytes);
Bytes encode_response(const Response& response);
// The other side.
Bytes encode_request(const Request& request);
Result<Response> decode_response(ByteView bytes);

}  // namespace intaglio::chain::abci
