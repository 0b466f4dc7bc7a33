// The fingerprint of a scanned stone: a document that names the mesh and, by its descriptor, the
// body. The descriptor is in it or, where only its owner should know it, committed to: who has both
// shows later which body was meant. docs/reference/formats.md, "Fingerprints". Pure; any thread.
#pragma once

#include "codec/record.h"
#include "stone/descriptor.h"

namespace intaglio::stone {

inline constexpr std::string_view kFingerprintSchema = "intaglio stone fingerprint 1";
inline constexpr std::size_t kMaxFingerprint = 4096;

using DescriptorSalt = FixedBytes<struct DescriptorSaltTag, 32>;

struct Fingerprint {
  std::string schema{kFingerprintSchema};
  Digest mesh;
  std::uint64_t volume = 0;
  SpecificGravity gravity;
  MicroCarats weight;
  std::uint32_t tolerance = 0;
  std::optional<std::string> device;
  Digest commitment;
  // Both or neither.
  std::optional<std::vector<std::uint64_t>> power;
  std::optional<DescriptorSalt> salt;
  bool operator==(const Fingerprint&) const = default;
  static constexpr auto fields() {
    using codec::field;
    return std::tuple(
        field(1, "schema", &Fingerprint::schema, "the name and version of this form"),
        field(2, "mesh", &Fingerprint::mesh, "hash of the mesh, as of a rough"),
        field(3, "volume", &Fingerprint::volume, "cubic micrometres"),
        field(4, "gravity", &Fingerprint::gravity, "g/cm3 in thousandths"),
        field(5, "weight", &Fingerprint::weight, "millionths of a carat, rounded down"),
        field(6, "tolerance", &Fingerprint::tolerance,
              "nanometres that two scans by this scanner may be apart in the mean"),
        field(7, "device", &Fingerprint::device, "what scanned it"),
        field(8, "commitment", &Fingerprint::commitment, "to the descriptor, by the salt"),
        field(9, "power", &Fingerprint::power, "of degrees 2 to 10, in 10^-9"),
        field(10, "salt", &Fingerprint::salt, "32 bytes that nobody could guess"));
  }
};

// SHA-256 of the deterministic CBOR of ["intaglio descriptor 1", salt, first degree, last degree,
// 10^9, volume, [power...]].
Digest descriptor_commitment(const Descriptor& descriptor, const DescriptorSalt& salt);

struct FingerprintTerms {
  SpecificGravity gravity;
  std::uint32_t tolerance = 0;
  std::optional<std::string> device;
  DescriptorSalt salt;  // a new one for each fingerprint
};

// With descriptor and salt. Refuses as descriptor_of.
Result<Fingerprint> fingerprint_of(const Solid& solid, const FingerprintTerms& terms);
// Without them: what may be given to anybody.
Fingerprint closed(Fingerprint fingerprint);
// The descriptor of one that has it.
std::optional<Descriptor> descriptor_in(const Fingerprint& fingerprint);

Bytes encode_fingerprint(const Fingerprint& fingerprint);
// Refuses `bad_value` with what does not hold: another schema, a weight that is not the volume's,
// a descriptor that is not the one committed to.
Result<Fingerprint> decode_fingerprint(ByteView bytes);

}  // namespace intaglio::stone
