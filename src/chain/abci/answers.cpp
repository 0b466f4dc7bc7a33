#include <abci.pb.h>

#include "chain/abci/wire.h"

namespace intaglio::chain::abci {
namespace {

void put(wire::Response& to, const Exception& from) {
  to.mutable_exception()->set_error(from.error);
}
void put(wire::Response& to, const EchoAnswer& from) {
  to.mutable_echo()->set_message(from.message);
}
void put(wire::Response& to, const FlushAnswer&) { to.mutable_flush(); }
void put(wire::Response& to, const InfoAnswer& from) {
  auto& out = *to.mutable_info();
  out.set_data(from.data);
  out.set_version(from.version);
  out.set_app_version(from.app_version);
  out.set_last_block_height(from.last_block_height);
  out.set_last_block_app_hash(string_of(from.last_block_app_hash));
}
void put(wire::Response& to, const InitChainAnswer& from) {
  auto& out = *to.mutable_init_chain();
  put_validators(*out.mutable_validators(), from.validators);
  out.set_app_hash(string_of(from.app_hash));
}
void put(wire::Response& to, const QueryAnswer& from) {
  auto& out = *to.mutable_query();
  out.set_code(from.code);
  out.set_log(from.log);
  out.set_info(from.info);
  out.set_index(from.index);
  out.set_key(string_of(from.key));
  out.set_value(string_of(from.value));
  out.set_height(from.height);
  out.set_codespace(from.codespace);
}

// What became of a transaction, in a block or before it.
void put_result(auto& to, const auto& from) {
  to.set_code(from.code);
  to.set_data(string_of(from.data));
  to.set_log(from.log);
  to.set_info(from.info);
  to.set_gas_wanted(from.gas_wanted);
  to.set_gas_used(from.gas_used);
  to.set_codespace(from.codespace);
}
template <typename T>
T take_result(const auto& from) {
  return {from.code(),       bytes_of(from.data()), from.log(),      from.info(),
          from.gas_wanted(), from.gas_used(),       from.codespace()};
}

void put(wire::Response& to, const CheckTxAnswer& from) {
  put_result(*to.mutable_check_tx(), from);
}
void put(wire::Response& to, const CommitAnswer& from) {
  to.mutable_commit()->set_retain_height(from.retain_height);
}
void put(wire::Response& to, const ListSnapshotsAnswer& from) {
  auto& out = *to.mutable_list_snapshots();
  for (const Snapshot& each : from.snapshots) put_snapshot(*out.add_snapshots(), each);
}
void put(wire::Response& to, const OfferSnapshotAnswer& from) {
  to.mutable_offer_snapshot()->set_result(number_of(from.result));
}
void put(wire::Response& to, const LoadSnapshotChunkAnswer& from) {
  to.mutable_load_snapshot_chunk()->set_chunk(string_of(from.chunk));
}
void put(wire::Response& to, const ApplySnapshotChunkAnswer& from) {
  auto& out = *to.mutable_apply_snapshot_chunk();
  out.set_result(number_of(from.result));
  for (const std::uint32_t each : from.refetch_chunks) out.add_refetch_chunks(each);
  for (const std::string& each : from.reject_senders) out.add_reject_senders(each);
}
void put(wire::Response& to, const PrepareProposalAnswer& from) {
  put_all(*to.mutable_prepare_proposal()->mutable_txs(), from.txs);
}
void put(wire::Response& to, const ProcessProposalAnswer& from) {
  to.mutable_process_proposal()->set_status(number_of(from.status));
}
void put(wire::Response& to, const ExtendVoteAnswer& from) {
  to.mutable_extend_vote()->set_vote_extension(string_of(from.vote_extension));
}
void put(wire::Response& to, const VerifyVoteExtensionAnswer& from) {
  to.mutable_verify_vote_extension()->set_status(number_of(from.status));
}
void put(wire::Response& to, const FinalizeBlockAnswer& from) {
  auto& out = *to.mutable_finalize_block();
  for (const ExecTxResult& each : from.tx_results) put_result(*out.add_tx_results(), each);
  put_validators(*out.mutable_validator_updates(), from.validator_updates);
  out.set_app_hash(string_of(from.app_hash));
}

Response take_info(const wire::ResponseInfo& from) {
  return InfoAnswer{from.data(), from.version(), from.app_version(), from.last_block_height(),
                    bytes_of(from.last_block_app_hash())};
}

Result<Response> take_init_chain(const wire::ResponseInitChain& from) {
  InitChainAnswer out;
  ASSIGN(out.validators, take_validators(from.validators()));
  out.app_hash = bytes_of(from.app_hash());
  return out;
}

Response take_query(const wire::ResponseQuery& from) {
  return QueryAnswer{from.code(),   from.log(),           from.info(),
                     from.index(),  bytes_of(from.key()), bytes_of(from.value()),
                     from.height(), from.codespace()};
}

Response take_list(const wire::ResponseListSnapshots& from) {
  ListSnapshotsAnswer out;
  for (const auto& each : from.snapshots()) out.snapshots.push_back(take_snapshot(each));
  return out;
}

Result<Response> take_offer(const wire::ResponseOfferSnapshot& from) {
  ASSIGN(const auto result, take_enum(from.result(), Offer::reject_sender, "result"));
  return OfferSnapshotAnswer{result};
}

Result<Response> take_apply(const wire::ResponseApplySnapshotChunk& from) {
  ASSIGN(const auto result, take_enum(from.result(), Applied::reject_snapshot, "result"));
  return ApplySnapshotChunkAnswer{result,
                                  {from.refetch_chunks().begin(), from.refetch_chunks().end()},
                                  {from.reject_senders().begin(), from.reject_senders().end()}};
}

template <typename T>
Result<Response> take_status(std::int32_t number) {
  ASSIGN(const auto status, take_enum(number, Status::reject, "status"));
  return T{status};
}

Result<Response> take_finalize(const wire::ResponseFinalizeBlock& from) {
  FinalizeBlockAnswer out;
  for (const auto& each : from.tx_results()) {
    out.tx_results.push_back(take_result<ExecTxResult>(each));
  }
  ASSIGN(out.validator_updates, take_validators(from.validator_updates()));
  out.app_hash = bytes_of(from.app_hash());
  return out;
}

}  // namespace

Bytes encode_response(const Response& response) {
  wire::Response out;
  std::visit([&](const auto& each) { put(out, each); }, response);
  return serialize(out);
}

Result<Response> decode_response(ByteView bytes) {
  using wire::Response;
  ASSIGN(const auto from, parse<Response>(bytes));
  switch (from.value_case()) {
    case Response::kException: return Exception{from.exception().error()};
    case Response::kEcho: return EchoAnswer{from.echo().message()};
    case Response::kFlush: return FlushAnswer{};
    case Response::kInfo: return take_info(from.info());
    case Response::kInitChain: return take_init_chain(from.init_chain());
    case Response::kQuery: return take_query(from.query());
    case Response::kCheckTx: return take_result<CheckTxAnswer>(from.check_tx());
    case Response::kCommit: return CommitAnswer{from.commit().retain_height()};
    case Response::kListSnapshots: return take_list(from.list_snapshots());
    case Response::kOfferSnapshot: return take_offer(from.offer_snapshot());
    case Response::kLoadSnapshotChunk:
      return LoadSnapshotChunkAnswer{bytes_of(from.load_snapshot_chunk().chunk())};
    case Response::kApplySnapshotChunk: return take_apply(from.apply_snapshot_chunk());
    case Response::kPrepareProposal:
      return PrepareProposalAnswer{take_all(from.prepare_proposal().txs())};
    case Response::kProcessProposal:
      return take_status<ProcessProposalAnswer>(from.process_proposal().status());
    case Response::kExtendVote:
      return ExtendVoteAnswer{bytes_of(from.extend_vote().vote_extension())};
    case Response::kVerifyVoteExtension:
      return take_status<VerifyVoteExtensionAnswer>(from.verify_vote_extension().status());
    case Response::kFinalizeBlock: return take_finalize(from.finalize_block());
    case Response::VALUE_NOT_SET: break;
  }
  return refuse(Verdict::unknown_field, "response");
}

}  // namespace intaglio::chain::abci
