#include <abci.pb.h>

#include "chain/abci/wire.h"

namespace intaglio::chain::abci {
namespace {

void put(wire::Request& to, const Echo& from) { to.mutable_echo()->set_message(from.message); }
void put(wire::Request& to, const Flush&) { to.mutable_flush(); }
void put(wire::Request& to, const Info& from) {
  auto& out = *to.mutable_info();
  out.set_version(from.version);
  out.set_block_version(from.block_version);
  out.set_p2p_version(from.p2p_version);
  out.set_abci_version(from.abci_version);
}
void put(wire::Request& to, const InitChain& from) {
  auto& out = *to.mutable_init_chain();
  put_time(*out.mutable_time(), from.time);
  out.set_chain_id(from.chain_id);
  put_validators(*out.mutable_validators(), from.validators);
  out.set_app_state_bytes(string_of(from.app_state));
  out.set_initial_height(from.initial_height);
}
void put(wire::Request& to, const Query& from) {
  auto& out = *to.mutable_query();
  out.set_data(string_of(from.data));
  out.set_path(from.path);
  out.set_height(from.height);
  out.set_prove(from.prove);
}
void put(wire::Request& to, const CheckTx& from) {
  auto& out = *to.mutable_check_tx();
  out.set_tx(string_of(from.tx));
  out.set_type(from.is_recheck ? 1 : 0);
}
void put(wire::Request& to, const Commit&) { to.mutable_commit(); }
void put(wire::Request& to, const ListSnapshots&) { to.mutable_list_snapshots(); }
void put(wire::Request& to, const OfferSnapshot& from) {
  auto& out = *to.mutable_offer_snapshot();
  put_snapshot(*out.mutable_snapshot(), from.snapshot);
  out.set_app_hash(string_of(from.app_hash));
}
void put(wire::Request& to, const LoadSnapshotChunk& from) {
  auto& out = *to.mutable_load_snapshot_chunk();
  out.set_height(from.height);
  out.set_format(from.format);
  out.set_chunk(from.chunk);
}
void put(wire::Request& to, const ApplySnapshotChunk& from) {
  auto& out = *to.mutable_apply_snapshot_chunk();
  out.set_index(from.index);
  out.set_chunk(string_of(from.chunk));
  out.set_sender(from.sender);
}
void put(wire::Request& to, const ExtendVote& from) {
  auto& out = *to.mutable_extend_vote();
  out.set_hash(string_of(from.hash));
  out.set_height(from.height);
  put_time(*out.mutable_time(), from.time);
  put_all(*out.mutable_txs(), from.txs);
}
void put(wire::Request& to, const VerifyVoteExtension& from) {
  auto& out = *to.mutable_verify_vote_extension();
  out.set_hash(string_of(from.hash));
  out.set_validator_address(string_of(from.validator_address));
  out.set_height(from.height);
  out.set_vote_extension(string_of(from.vote_extension));
}

// What a block has, proposed or decided.
void put_block(auto& to, const auto& from) {
  put_all(*to.mutable_txs(), from.txs);
  to.set_height(from.height);
  put_time(*to.mutable_time(), from.time);
  to.set_next_validators_hash(string_of(from.next_validators_hash));
  to.set_proposer_address(string_of(from.proposer_address));
}
void put(wire::Request& to, const PrepareProposal& from) {
  auto& out = *to.mutable_prepare_proposal();
  out.set_max_tx_bytes(from.max_tx_bytes);
  put_block(out, from);
}
void put(wire::Request& to, const ProcessProposal& from) {
  auto& out = *to.mutable_process_proposal();
  out.set_hash(string_of(from.hash));
  put_block(out, from);
}
void put(wire::Request& to, const FinalizeBlock& from) {
  auto& out = *to.mutable_finalize_block();
  out.set_hash(string_of(from.hash));
  put_block(out, from);
  for (const Misbehaviour& each : from.misbehaviour) {
    auto& misbehavior = *out.add_misbehavior();
    misbehavior.set_type(number_of(each.kind));
    misbehavior.mutable_validator()->set_address(string_of(each.validator.view()));
    misbehavior.mutable_validator()->set_power(each.power);
    misbehavior.set_height(each.height);
    put_time(*misbehavior.mutable_time(), each.time);
    misbehavior.set_total_voting_power(each.total_power);
  }
}

template <typename Block>
Result<Block> take_block(const auto& from) {
  Block out;
  out.txs = take_all(from.txs());
  out.height = from.height();
  ASSIGN(out.time, take_time(from.time()));
  out.next_validators_hash = bytes_of(from.next_validators_hash());
  out.proposer_address = bytes_of(from.proposer_address());
  return out;
}

Result<Request> take_init_chain(const wire::RequestInitChain& from) {
  InitChain out;
  ASSIGN(out.time, take_time(from.time()));
  out.chain_id = from.chain_id();
  ASSIGN(out.validators, take_validators(from.validators()));
  out.app_state = bytes_of(from.app_state_bytes());
  out.initial_height = from.initial_height();
  return out;
}

Result<Request> take_prepare(const wire::RequestPrepareProposal& from) {
  ASSIGN(auto out, take_block<PrepareProposal>(from));
  out.max_tx_bytes = from.max_tx_bytes();
  return out;
}

Result<Request> take_process(const wire::RequestProcessProposal& from) {
  ASSIGN(auto out, take_block<ProcessProposal>(from));
  out.hash = bytes_of(from.hash());
  return out;
}

Result<Misbehaviour> take_misbehaviour(const wire::Misbehavior& from) {
  Misbehaviour out;
  // A later version may know others.
  const auto kind = take_enum(from.type(), Misbehaviour::Kind::light_client_attack, "type");
  out.kind = kind.value_or(Misbehaviour::Kind::unknown);
  const auto address = proof::CometAddress::from(view_of(from.validator().address()));
  if (!address) return refuse(Verdict::bad_value, "misbehavior.validator.address");
  out.validator = *address;
  out.power = from.validator().power();
  out.height = from.height();
  ASSIGN(out.time, take_time(from.time()));
  out.total_power = from.total_voting_power();
  return out;
}

Result<Request> take_finalize(const wire::RequestFinalizeBlock& from) {
  ASSIGN(auto out, take_block<FinalizeBlock>(from));
  out.hash = bytes_of(from.hash());
  for (const auto& each : from.misbehavior()) {
    ASSIGN(const auto misbehaviour, take_misbehaviour(each));
    out.misbehaviour.push_back(misbehaviour);
  }
  return out;
}

Result<Request> take_extend(const wire::RequestExtendVote& from) {
  ExtendVote out;
  out.hash = bytes_of(from.hash());
  out.height = from.height();
  ASSIGN(out.time, take_time(from.time()));
  out.txs = take_all(from.txs());
  return out;
}

Request take_info(const wire::RequestInfo& from) {
  return Info{from.version(), from.block_version(), from.p2p_version(), from.abci_version()};
}
Request take_query(const wire::RequestQuery& from) {
  return Query{bytes_of(from.data()), from.path(), from.height(), from.prove()};
}
Request take_check_tx(const wire::RequestCheckTx& from) {
  return CheckTx{bytes_of(from.tx()), from.type() == 1};
}
Request take_offer(const wire::RequestOfferSnapshot& from) {
  return OfferSnapshot{take_snapshot(from.snapshot()), bytes_of(from.app_hash())};
}
Request take_load(const wire::RequestLoadSnapshotChunk& from) {
  return LoadSnapshotChunk{from.height(), from.format(), from.chunk()};
}
Request take_apply(const wire::RequestApplySnapshotChunk& from) {
  return ApplySnapshotChunk{from.index(), bytes_of(from.chunk()), from.sender()};
}
Request take_verify(const wire::RequestVerifyVoteExtension& from) {
  return VerifyVoteExtension{bytes_of(from.hash()), bytes_of(from.validator_address()),
                             from.height(), bytes_of(from.vote_extension())};
}

}  // namespace

Bytes encode_request(const Request& request) {
  wire::Request out;
  std::visit([&](const auto& each) { put(out, each); }, request);
  return serialize(out);
}

Result<Request> decode_request(ByteView bytes) {
  ASSIGN(const auto from, parse<wire::Request>(bytes));
  switch (from.value_case()) {
    case wire::Request::kEcho: return Echo{from.echo().message()};
    case wire::Request::kFlush: return Flush{};
    case wire::Request::kInfo: return take_info(from.info());
    case wire::Request::kInitChain: return take_init_chain(from.init_chain());
    case wire::Request::kQuery: return take_query(from.query());
    case wire::Request::kCheckTx: return take_check_tx(from.check_tx());
    case wire::Request::kCommit: return Commit{};
    case wire::Request::kListSnapshots: return ListSnapshots{};
    case wire::Request::kOfferSnapshot: return take_offer(from.offer_snapshot());
    case wire::Request::kLoadSnapshotChunk: return take_load(from.load_snapshot_chunk());
    case wire::Request::kApplySnapshotChunk: return take_apply(from.apply_snapshot_chunk());
    case wire::Request::kPrepareProposal: return take_prepare(from.prepare_proposal());
    case wire::Request::kProcessProposal: return take_process(from.process_proposal());
    case wire::Request::kExtendVote: return take_extend(from.extend_vote());
    case wire::Request::kVerifyVoteExtension: return take_verify(from.verify_vote_extension());
    case wire::Request::kFinalizeBlock: return take_finalize(from.finalize_block());
    case wire::Request::VALUE_NOT_SET: break;
  }
  return refuse(Verdict::unknown_field, "request");
}

}  // namespace intaglio::chain::abci
