#include "stone/fingerprint.h"

#include "crypto/sha256.h"
#include "stone/proof.h"

namespace intaglio::stone {
namespace {

constexpr std::uint64_t kUnit = 1'000'000'000;  // of powers

// A cubic micrometre of specific gravity 0.001 is 5 * 10^-9 millionths of a carat.
bool weighs(std::uint64_t volume, SpecificGravity gravity, MicroCarats weight) {
  const Wide exact = Wide{5} * volume * gravity.value();
  const Wide said = static_cast<Wide>(weight.value()) * 1'000'000'000;
  // The volume was rounded to a cubic micrometre, the weight down.
  const Wide slack = Wide{5} * gravity.value() + 1'000'000'000;
  return said <= exact + slack && exact <= said + slack;
}

Result<void> check(const Fingerprint& fingerprint) {
  if (fingerprint.schema != kFingerprintSchema) return refuse(Verdict::bad_value, "schema");
  if (fingerprint.volume == 0) return refuse(Verdict::bad_value, "volume");
  if (!weighs(fingerprint.volume, fingerprint.gravity, fingerprint.weight)) {
    return refuse(Verdict::bad_value, "weight");
  }
  if (fingerprint.power.has_value() != fingerprint.salt.has_value()) {
    return refuse(Verdict::bad_value, "power and salt");
  }
  if (!fingerprint.power) return {};
  if (fingerprint.power->size() != kDegrees) return refuse(Verdict::bad_value, "power");
  const auto descriptor = descriptor_in(fingerprint);
  if (descriptor_commitment(*descriptor, *fingerprint.salt) != fingerprint.commitment) {
    return refuse(Verdict::bad_value, "commitment");
  }
  return {};
}

}  // namespace

Digest descriptor_commitment(const Descriptor& descriptor, const DescriptorSalt& salt) {
  codec::CborWriter out;
  out.array(7).text("intaglio descriptor 1").bytes(salt.view());
  out.uint(kFirstDegree).uint(kLastDegree).uint(kUnit).uint(descriptor.volume);
  out.array(kDegrees);
  for (const std::uint64_t power : descriptor.power) out.uint(power);
  return crypto::sha256(out.view());
}

Result<Fingerprint> fingerprint_of(const Solid& solid, const FingerprintTerms& terms) {
  ASSIGN(const auto descriptor, descriptor_of(solid));
  Fingerprint out;
  out.mesh = rough_hash(solid);
  out.volume = descriptor.volume;
  out.gravity = terms.gravity;
  out.weight = weight_of(volume_six(solid.corners, solid.triangles), terms.gravity);
  out.tolerance = terms.tolerance;
  out.device = terms.device;
  out.commitment = descriptor_commitment(descriptor, terms.salt);
  out.power.emplace(descriptor.power.begin(), descriptor.power.end());
  out.salt = terms.salt;
  return out;
}

Fingerprint closed(Fingerprint fingerprint) {
  fingerprint.power.reset();
  fingerprint.salt.reset();
  return fingerprint;
}

std::optional<Descriptor> descriptor_in(const Fingerprint& fingerprint) {
  if (!fingerprint.power || fingerprint.power->size() != kDegrees) return std::nullopt;
  Descriptor out{fingerprint.volume, {}};
  std::ranges::copy(*fingerprint.power, out.power.begin());
  return out;
}

Bytes encode_fingerprint(const Fingerprint& fingerprint) {
  return codec::encode_record(fingerprint);
}

Result<Fingerprint> decode_fingerprint(ByteView bytes) {
  ASSIGN(auto fingerprint, codec::decode_record<Fingerprint>(bytes, {.bytes = kMaxFingerprint}));
  TRY(check(fingerprint));
  return fingerprint;
}

}  // namespace intaglio::stone
