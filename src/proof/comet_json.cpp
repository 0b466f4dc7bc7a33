#include "proof/comet_json.h"

#include <charconv>
#include <chrono>

#include "base/format.h"
#include "codec/base64url.h"
#include "codec/hex.h"

namespace intaglio::proof {
namespace {

using codec::Json;

constexpr std::size_t kSecondsEnd = 19;  // of "2026-11-30T01:02:03"
constexpr std::size_t kNanoDigits = 9;
constexpr std::string_view kKeyType = "tendermint/PubKeyEd25519";
constexpr std::string_view kDoubleVoteType = "tendermint/DuplicateVoteEvidence";

Result<const Json*> at(const Json& json, std::string_view name) {
  const Json* found = json.find(name);
  if (found == nullptr) return refuse(Verdict::missing_field, std::string(name));
  return found;
}

Result<const Json::Array*> items_at(const Json& json, std::string_view name) {
  ASSIGN(const Json* found, at(json, name));
  // What is empty may be written as null.
  static const Json::Array nothing;
  if (found->is_null()) return &nothing;
  if (found->items() == nullptr) return refuse(Verdict::bad_value, std::string(name));
  return found->items();
}

template <typename Id>
Result<Id> id_at(const Json& json, std::string_view name) {
  ASSIGN(const auto text, json.text_at(name));
  const auto id = codec::id_from_hex<Id>(text);
  if (!id) return refuse(Verdict::bad_value, std::string(name));
  return *id;
}

// Nothing is written as an empty text.
Result<std::optional<Digest>> hash_at(const Json& json, std::string_view name) {
  ASSIGN(const auto text, json.text_at(name));
  if (text.empty()) return std::optional<Digest>();
  ASSIGN(const auto hash, id_at<Digest>(json, name));
  return std::optional(hash);
}

Result<std::uint32_t> small_at(const Json& json, std::string_view name) {
  ASSIGN(const auto number, json.uint_at(name));
  if (number > INT32_MAX) return refuse(Verdict::too_large, std::string(name));
  return static_cast<std::uint32_t>(number);
}

template <typename Id>
Result<Id> base64_at(const Json& json, std::string_view name) {
  ASSIGN(const auto text, json.text_at(name));
  const auto bytes = codec::from_base64(text);
  const auto id = bytes ? Id::from(*bytes) : std::nullopt;
  if (!id) return refuse(Verdict::bad_value, std::string(name));
  return *id;
}

Result<CometTime> time_at(const Json& json, std::string_view name) {
  ASSIGN(const auto text, json.text_at(name));
  const auto time = comet_time_from_text(text);
  if (!time) return refuse_within(std::string(name), time.error());
  return *time;
}

Result<CometBlockId> read_block_id(const Json& json, std::string_view name) {
  ASSIGN(const Json* id, at(json, name));
  if (id->is_null()) return CometBlockId{};
  // Files of other programs say "part_set_header".
  const Json* parts = id->find("parts");
  if (parts == nullptr) {
    ASSIGN(parts, at(*id, "part_set_header"));
  }
  CometBlockId out;
  ASSIGN(out.hash, hash_at(*id, "hash"));
  ASSIGN(out.parts, small_at(*parts, "total"));
  ASSIGN(out.parts_hash, hash_at(*parts, "hash"));
  return out;
}

Result<CometHeader> read_header(const Json& json) {
  CometHeader out;
  ASSIGN(const Json* version, at(json, "version"));
  ASSIGN(out.block_version, version->uint_at("block"));
  // Left out where it is 0.
  if (version->find("app") != nullptr) {
    ASSIGN(out.app_version, version->uint_at("app"));
  }
  ASSIGN(out.chain, json.text_at("chain_id"));
  ASSIGN(const auto height, json.uint_at("height"));
  out.height = Height(height);
  ASSIGN(out.time, time_at(json, "time"));
  ASSIGN(out.last_block, read_block_id(json, "last_block_id"));
  ASSIGN(out.last_commit, hash_at(json, "last_commit_hash"));
  ASSIGN(out.data, hash_at(json, "data_hash"));
  ASSIGN(out.validators, id_at<Digest>(json, "validators_hash"));
  ASSIGN(out.next_validators, id_at<Digest>(json, "next_validators_hash"));
  ASSIGN(out.consensus, hash_at(json, "consensus_hash"));
  ASSIGN(const auto app, json.text_at("app_hash"));
  auto hash = codec::from_hex(app);
  if (!hash) return refuse(Verdict::bad_value, "app_hash");
  if (hash->size() > kMaxCometAppHash) return refuse(Verdict::too_large, "app_hash");
  out.app = *std::move(hash);
  ASSIGN(out.last_results, hash_at(json, "last_results_hash"));
  ASSIGN(out.evidence, hash_at(json, "evidence_hash"));
  ASSIGN(out.proposer, id_at<CometAddress>(json, "proposer_address"));
  return out;
}

Result<CometSignature> read_signature(const Json& json) {
  CometSignature out;
  ASSIGN(const auto vote, json.uint_at("block_id_flag"));
  if (vote < 1 || vote > 3) return refuse(Verdict::bad_value, "block_id_flag");
  out.vote = static_cast<CometVote>(vote);
  if (out.vote == CometVote::absent) return out;
  ASSIGN(out.validator, id_at<CometAddress>(json, "validator_address"));
  ASSIGN(out.time, time_at(json, "timestamp"));
  ASSIGN(out.signature, base64_at<crypto::Ed25519Signature>(json, "signature"));
  return out;
}

Result<CometCommit> read_commit(const Json& json) {
  CometCommit out;
  ASSIGN(const auto height, json.uint_at("height"));
  out.height = Height(height);
  ASSIGN(out.round, small_at(json, "round"));
  ASSIGN(out.block, read_block_id(json, "block_id"));
  ASSIGN(const Json::Array* signatures, items_at(json, "signatures"));
  if (signatures->size() > kMaxCometValidators) return refuse(Verdict::too_large, "signatures");
  for (std::size_t i = 0; i < signatures->size(); ++i) {
    const auto vote = read_signature((*signatures)[i]);
    if (!vote) return refuse_within(format("signatures[{}]", i), vote.error());
    out.signatures.push_back(*vote);
  }
  return out;
}

Result<CometValidator> read_validator(const Json& json) {
  ASSIGN(const Json* key, at(json, "pub_key"));
  ASSIGN(const auto type, key->text_at("type"));
  if (type != kKeyType) return refuse(Verdict::bad_algorithm, "pub_key.type");
  CometValidator out;
  ASSIGN(out.key, base64_at<crypto::Ed25519Key>(*key, "value"));
  ASSIGN(out.power, json.uint_at("voting_power"));
  ASSIGN(const auto address, id_at<CometAddress>(json, "address"));
  if (address != comet_address(out.key)) return refuse(Verdict::bad_value, "address");
  return out;
}

Result<Bytes> read_ballot(const Json& json, std::string_view name) {
  ASSIGN(const Json* vote, at(json, name));
  CometBallot out;
  ASSIGN(const auto kind, vote->uint_at("type"));
  if (kind != 1 && kind != 2) return refuse(Verdict::bad_value, "type");
  out.kind = static_cast<CometVoteKind>(kind);
  ASSIGN(const auto height, vote->uint_at("height"));
  out.height = Height(height);
  ASSIGN(out.round, small_at(*vote, "round"));
  ASSIGN(out.block, read_block_id(*vote, "block_id"));
  ASSIGN(out.time, time_at(*vote, "timestamp"));
  ASSIGN(out.validator, id_at<CometAddress>(*vote, "validator_address"));
  ASSIGN(out.signature, base64_at<crypto::Ed25519Signature>(*vote, "signature"));
  return encode_comet_vote(out);
}

// A number of exactly so many digits.
std::optional<unsigned> digits(std::string_view text, std::size_t from, std::size_t count) {
  unsigned out = 0;
  const char* end = text.data() + from + count;
  const auto [stop, error] = std::from_chars(text.data() + from, end, out);
  if (error != std::errc() || stop != end) return std::nullopt;
  return out;
}

}  // namespace

std::string comet_time_text(const CometTime& time) {
  using namespace std::chrono;
  const sys_seconds at{std::chrono::seconds(time.seconds)};
  const auto day = floor<days>(at);
  const year_month_day date{day};
  const hh_mm_ss clock{at - day};
  std::string out = format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                           clock.hours().count(), clock.minutes().count(), clock.seconds().count());
  if (time.nanos != 0) out += format(".{:09}", time.nanos);
  return out + 'Z';
}

Result<CometTime> comet_time_from_text(std::string_view text) {
  using namespace std::chrono;
  const auto wrong = [] { return refuse(Verdict::bad_value, "RFC 3339"); };
  const bool has_form = text.size() > kSecondsEnd && text[4] == '-' && text[7] == '-' &&
                        text[10] == 'T' && text[13] == ':' && text[16] == ':' && text.back() == 'Z';
  if (!has_form) return wrong();
  const auto y = digits(text, 0, 4);
  const auto mo = digits(text, 5, 2);
  const auto d = digits(text, 8, 2);
  const auto h = digits(text, 11, 2);
  const auto mi = digits(text, 14, 2);
  const auto s = digits(text, 17, 2);
  if (!y || !mo || !d || !h || !mi || !s || *h > 23 || *mi > 59 || *s > 59) return wrong();
  const year_month_day date{year(static_cast<int>(*y)), month(*mo), day(*d)};
  if (!date.ok()) return wrong();
  CometTime out;
  out.seconds =
      std::int64_t{sys_days(date).time_since_epoch().count()} * 86400 + *h * 3600 + *mi * 60 + *s;
  std::string_view fraction = text.substr(kSecondsEnd, text.size() - kSecondsEnd - 1);
  if (!fraction.empty()) {
    if (fraction.front() != '.' || fraction.size() < 2 || fraction.size() > kNanoDigits + 1) {
      return wrong();
    }
    fraction.remove_prefix(1);
    const auto number = digits(fraction, 0, fraction.size());
    if (!number) return wrong();
    out.nanos = *number;
    for (std::size_t i = fraction.size(); i < kNanoDigits; ++i) out.nanos *= 10;
  }
  if (!is_comet_time(out)) return wrong();
  return out;
}

Result<CometHeader> comet_header_from_json(const Json& json) {
  auto out = read_header(json);
  if (!out) return refuse_within("header", out.error());
  return *std::move(out);
}

Result<CometCommit> comet_commit_from_json(const Json& json) {
  auto out = read_commit(json);
  if (!out) return refuse_within("commit", out.error());
  return *std::move(out);
}

Result<CometValidatorSet> comet_validators_from_json(const Json& json) {
  if (json.items() == nullptr) return refuse(Verdict::bad_value, "validators");
  if (json.items()->size() > kMaxCometValidators) return refuse(Verdict::too_large, "validators");
  std::vector<CometValidator> out;
  for (const Json& each : *json.items()) {
    const auto validator = read_validator(each);
    if (!validator) {
      return refuse_within(format("validators[{}]", out.size()), validator.error());
    }
    out.push_back(*validator);
  }
  return CometValidatorSet::of(std::move(out));
}

Result<std::vector<DoubleVote>> double_votes_from_json(const Json& json) {
  ASSIGN(const Json::Array* evidence, items_at(json, "evidence"));
  if (evidence->size() > kMaxCometValidators) return refuse(Verdict::too_large, "evidence");
  std::vector<DoubleVote> out;
  for (std::size_t i = 0; i < evidence->size(); ++i) {
    const Json& each = (*evidence)[i];
    ASSIGN(const auto type, each.text_at("type"));
    if (type != kDoubleVoteType) continue;
    ASSIGN(const Json* value, at(each, "value"));
    DoubleVote votes;
    for (const auto& [name, vote] :
         {std::pair("vote_a", &votes.first), {"vote_b", &votes.second}}) {
      auto ballot = read_ballot(*value, name);
      if (!ballot) return refuse_within(format("evidence[{}].{}", i, name), ballot.error());
      *vote = *std::move(ballot);
    }
    out.push_back(std::move(votes));
  }
  return out;
}

}  // namespace intaglio::proof
