#include "stone/fingerprint.h"

#include <gtest/gtest.h>

#include "codec/hex.h"
#include "stone/proof.h"
#include "stone/solids_for_test.h"

namespace intaglio::stone {
namespace {

DescriptorSalt salt(std::uint8_t byte) {
  DescriptorSalt out;
  out.writable()[31] = byte;
  return out;
}

Fingerprint fingerprint(const TriangleSoup& soup, std::uint8_t byte = 1) {
  return must(fingerprint_of(solid(soup), {SpecificGravity(3520), 20'000, "bench", salt(byte)}));
}

Verdict read_back(const Fingerprint& fingerprint) {
  return verdict_of(decode_fingerprint(encode_fingerprint(fingerprint)));
}

TEST(Fingerprint, IsReadAsItWasWrittenOpenAndClosed) {
  const Fingerprint open = fingerprint(octahedron(5));
  EXPECT_EQ(open.mesh, rough_hash(solid(octahedron(5))));
  EXPECT_EQ(must(decode_fingerprint(encode_fingerprint(open))), open);
  EXPECT_EQ(*descriptor_in(open), must(descriptor_of(solid(octahedron(5)))));
  const Fingerprint shut = closed(open);
  EXPECT_EQ(must(decode_fingerprint(encode_fingerprint(shut))), shut);
  EXPECT_EQ(shut.commitment, open.commitment);
  EXPECT_FALSE(descriptor_in(shut));
  EXPECT_EQ(must(codec::record_from_json<Fingerprint>(codec::record_to_json(open))), open);
}

TEST(Fingerprint, GoldenBytes) {
  Fingerprint shut;
  shut.volume = 1'000'000'000;
  shut.gravity = SpecificGravity(3520);
  shut.weight = MicroCarats(17'600);
  shut.tolerance = 20'000;
  EXPECT_EQ(codec::to_hex(encode_fingerprint(shut)),
            "a7"
            "01781c696e7461676c696f2073746f6e652066696e6765727072696e742031"
            "025820" +
                std::string(64, '0') +
                "031a3b9aca00"
                "04190dc0"
                "051944c0"
                "06194e20"
                "085820" +
                std::string(64, '0'));
  EXPECT_EQ(read_back(shut), Verdict::accepted);
}

TEST(Fingerprint, TheCommitmentIsToDescriptorAndSalt) {
  const Descriptor one = must(descriptor_of(solid(cube(1))));
  Descriptor other = one;
  ++other.power[8];
  EXPECT_NE(descriptor_commitment(one, salt(1)), descriptor_commitment(one, salt(2)));
  EXPECT_NE(descriptor_commitment(one, salt(1)), descriptor_commitment(other, salt(1)));
  EXPECT_EQ(codec::to_hex(descriptor_commitment({1, {2, 3, 4, 5, 6, 7, 8, 9, 10}}, salt(1))),
            "dfd9cec9ebf3c982215faab0345e5424029904ea554e42469d020819587554f1");
}

TEST(Fingerprint, WhatDoesNotHoldIsRefused) {
  const Fingerprint right = fingerprint(octahedron(5));
  const auto spoiled = [&](auto spoil) {
    Fingerprint f = right;
    spoil(f);
    return read_back(f);
  };
  EXPECT_EQ(spoiled([](Fingerprint&) {}), Verdict::accepted);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.schema.back() = '2'; }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.weight = MicroCarats(f.weight.value() + 3); }),
            Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.volume = 0; }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { ++(*f.power)[3]; }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.power->pop_back(); }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.power.reset(); }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.salt->writable()[0] ^= 1; }), Verdict::bad_value);
  EXPECT_EQ(spoiled([](Fingerprint& f) { f.device = std::string(600, 'x'); }), Verdict::too_large);
}

}  // namespace
}  // namespace intaglio::stone
