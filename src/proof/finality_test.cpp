#include "proof/finality.h"

#include <algorithm>
#include <bit>

#include <gtest/gtest.h>

#include "proof/signing_for_test.h"

namespace intaglio::proof {
namespace {

struct SmallHeader {
  ChainId chain;
  Height height;
  Millis time;
  static constexpr std::string_view kPurpose = "small block";
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "chain", &SmallHeader::chain, ""),
                      codec::field(2, "height", &SmallHeader::height, ""),
                      codec::field(3, "time", &SmallHeader::time, ""));
  }
  static Result<SmallHeader> decode(ByteView payload) {
    return codec::decode_record<SmallHeader>(payload);
  }
  Bytes encode() const { return codec::encode_record(*this); }
  BlockHash hash(const LedgerId&) const {
    return *BlockHash::from(crypto::sha256(encode()).view());
  }
};

constexpr SmallHeader kHeader{ChainId(1), Height(7), Millis(1000)};

// A chain's nodes: an accounting node and three consensus nodes, in the order of their keys.
class Finality : public ::testing::Test {
 protected:
  Finality() {
    for (int i = 0; i < 3; ++i) consensus_.push_back(crypto::SigningKey::generate());
    std::ranges::sort(consensus_, {}, [](const auto& key) { return key.public_key().hash(); });
  }
  BlockSigners signers(std::size_t count, std::size_t quorum) const {
    BlockSigners out{.accounting = accounting_.public_key(), .consensus = {}, .quorum = quorum};
    for (std::size_t i = 0; i < count; ++i) out.consensus.push_back(consensus_[i].public_key());
    return out;
  }
  // Signed by the consensus nodes whose bit is set.
  FinalityProof proof(unsigned by, const SmallHeader& header = kHeader) const {
    FinalityProof out{must(sign_statement(header, ledger_, signer_of(accounting_))), {}};
    for (unsigned i = 0; i < 3; ++i) {
      if ((by >> i & 1U) != 0) out.cosignatures.push_back(cosignature(i, header));
    }
    return out;
  }
  Cosignature cosignature(unsigned node, const SmallHeader& header = kHeader) const {
    return must(cosign(cosigned_block(header, ledger_), ledger_, signer_of(consensus_[node])));
  }
  Refusal refused(const FinalityProof& proof, const BlockSigners& signers) const {
    const auto verified = verify_finality<SmallHeader>(proof, signers, ledger_);
    return verified ? Refusal{Verdict::accepted, {}} : verified.error();
  }

  LedgerId ledger_ = golden_ledger();
  crypto::SigningKey accounting_ = crypto::SigningKey::generate();
  std::vector<crypto::SigningKey> consensus_;
};

// docs/reference/formats.md works this example; another implementation (Python) signed it.
TEST_F(Finality, BytesAreFrozen) {
  CosignedBlock block{ChainId(1), Height(7), {}};
  std::ranges::fill(block.block.writable(), 0x22);
  EXPECT_EQ(codec::to_hex(block.encode()),
            "a301010207035820"
            "2222222222222222222222222222222222222222222222222222222222222222");
  EXPECT_EQ(codec::to_hex(statement_id(block, golden_key().hash(), golden_ledger())),
            "17e07b4ec73da2e39a1ba3f120775505dc750f35d27c8c8d3e2dfee60aee0fb1");
  const auto proof = must(FinalityProof::decode(
      hex("a201430102030281a201582082316ad6c6598b75d1a8b9fa3bcd2dc704af4de47e6acbfde9b1a89b305fdf"
          "45025840c27a3258dbd0ccd84842e5a5c28eeb1400c9c18112a9dfd50a435a78598a37696d6ae8d3c0c138"
          "9ab0011d232100fcd24e1ee2eb366e1cc2ca08177e7033e672")));
  EXPECT_EQ(proof.signed_header, hex("010203"));
  EXPECT_EQ(proof.cosignatures.at(0).node, golden_key().hash());
  EXPECT_TRUE(verify_cosignature(proof.cosignatures[0], block, golden_ledger(),
                                 crypto::Verifier(golden_key())));
  const auto signed_again =
      must(cosign(block, golden_ledger(), golden_signer(proof.cosignatures[0].signature)));
  EXPECT_EQ(signed_again, proof.cosignatures[0]);
}

TEST_F(Finality, TakesAQuorumOfTheConsensusNodesWhoeverTheyAre) {
  for (std::size_t count = 0; count <= 3; ++count) {
    for (std::size_t quorum = 0; quorum <= count; ++quorum) {
      for (unsigned by = 0; by < 1U << count; ++by) {
        const auto signed_by = static_cast<std::size_t>(std::popcount(by));
        const Refusal expected{signed_by >= quorum ? Verdict::accepted : Verdict::not_final, {}};
        EXPECT_EQ(refused(proof(by), signers(count, quorum)), expected)
            << quorum << " of " << count << ", signed by " << by;
      }
    }
  }
  const auto verified = must(verify_finality<SmallHeader>(proof(0b101), signers(3, 2), ledger_));
  EXPECT_EQ(verified->cosigned, 2U);
  EXPECT_EQ(verified->hash, kHeader.hash(ledger_));
  EXPECT_EQ(verified->header.height, Height(7));
}

TEST_F(Finality, IsOfTheAccountingNodesHeaderAlone) {
  const auto all = signers(3, 2);
  auto forged = proof(0b111);
  forged.signed_header = must(sign_statement(kHeader, ledger_, signer_of(consensus_[0])));
  EXPECT_EQ(refused(forged, all), (Refusal{Verdict::not_signer, {}}));
  forged.signed_header = proof(0).signed_header;
  forged.signed_header.back() ^= 1;
  EXPECT_EQ(refused(forged, all), (Refusal{Verdict::bad_signature, {}}));
  forged.signed_header = Bytes(kMaxSignedHeader + 1);
  EXPECT_EQ(refused(forged, all).verdict, Verdict::too_large);
}

TEST_F(Finality, CountsNoCosignatureOfAnotherBlockLedgerOrKey) {
  const auto all = signers(3, 2);
  auto forged = proof(0b011);
  forged.cosignatures[1] = cosignature(1, {ChainId(1), Height(7), Millis(1001)});
  EXPECT_EQ(refused(forged, all), (Refusal{Verdict::bad_signature, "cosignatures[1]"}));
  forged.cosignatures[1] = cosignature(1);
  ledger_.writable()[0] ^= 1;
  forged.signed_header = proof(0).signed_header;
  EXPECT_EQ(refused(forged, all), (Refusal{Verdict::bad_signature, "cosignatures[0]"}));
  ledger_ = golden_ledger();
  // One that is no consensus node of this chain, be it that its key was revoked.
  EXPECT_EQ(refused(proof(0b111), signers(2, 2)),
            (Refusal{Verdict::not_signer, "cosignatures[2]"}));
  // The accounting node signs nothing twice.
  forged = proof(0b001);
  forged.cosignatures.push_back(
      must(cosign(cosigned_block(kHeader, ledger_), ledger_, signer_of(accounting_))));
  std::ranges::sort(forged.cosignatures, {}, &Cosignature::node);
  EXPECT_EQ(refused(forged, all).verdict, Verdict::not_signer);
}

TEST_F(Finality, HasOneForm) {
  const auto all = signers(3, 2);
  auto twice = proof(0b001);
  twice.cosignatures.push_back(twice.cosignatures[0]);
  EXPECT_EQ(refused(twice, all), (Refusal{Verdict::bad_value, "cosignatures[1]"}));
  auto turned = proof(0b011);
  std::swap(turned.cosignatures[0], turned.cosignatures[1]);
  EXPECT_EQ(refused(turned, all), (Refusal{Verdict::bad_value, "cosignatures[1]"}));
  auto many = proof(0b111);
  many.cosignatures.push_back(many.cosignatures[0]);
  EXPECT_EQ(refused(many, all), (Refusal{Verdict::too_large, "cosignatures"}));
  EXPECT_EQ(must(FinalityProof::decode(proof(0b111).encode())).cosignatures.size(), 3U);
  EXPECT_LE(proof(0b111).encode().size(), kMaxFinalityProof);
}

}  // namespace
}  // namespace intaglio::proof
