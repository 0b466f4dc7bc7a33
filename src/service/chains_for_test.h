// For benchmarks: a real node with as many chains as wanted, and holders who are known on each of
// them and have money on one; and what its blocks and its relay moved from one moment to another.
#pragma once

#include <atomic>
#include <thread>

#include "base/folder_for_test.h"
#include "crypto/sha256.h"
#include "service/node.h"
#include "service/setup.h"

namespace intaglio::service {

// What the relay brought since then.
inline chain::Relayed since(const chain::Relayed& earlier, chain::Relayed now) {
  codec::for_each_field<chain::Relayed>([&](const auto& f) { now.*f.member -= earlier.*f.member; });
  return now;
}

// What stands in the blocks of some chains, in bytes.
struct InBlocks {
  std::uint64_t blocks = 0;
  std::uint64_t transactions = 0;   // of users
  std::uint64_t headers = 0;        // of all blocks, as signed
  std::uint64_t users_headers = 0;  // of the blocks that have a user's transaction
  std::uint64_t users = 0;          // users' transactions
  std::uint64_t proven = 0;         // packets and cursors with the paths to their headers
  InBlocks& operator+=(const InBlocks& other) {
    blocks += other.blocks;
    transactions += other.transactions;
    headers += other.headers;
    users_headers += other.users_headers;
    users += other.users;
    proven += other.proven;
    return *this;
  }
};

class ChainsForTest {
 public:
  static constexpr AssetId kEuro{978};

  ChainsForTest(std::uint16_t chains, std::size_t holders) {
    SetupOptions options{
        .name = "test", .chains = chains, .assets = {{kEuro, "EUR", 2, Amount(1)}}};
    for (std::size_t i = 0; i < holders; ++i) {
      keys_.push_back(crypto::SigningKey::generate());
      options.keys.push_back({keys_.back().public_key(), ledger::Role::holder});
      const ChainId home(static_cast<std::uint16_t>(i % chains));
      options.money.push_back({home, account(i), kEuro, Amount(1'000'000'000)});
    }
    CHECK(create_data_folder(folder_.path(), options, passphrase(), system_env()).has_value());
    auto opened = Node::open(folder_.path(), passphrase(), system_env());
    if (!opened) fatal(to_string(opened.error()));
    node_ = *std::move(opened);
    node_->start();
  }

  Node& node() { return *node_; }
  const std::string& folder() const { return folder_.path(); }
  std::uint16_t count() const { return node_->gateway().chain_count(); }
  const store::ChainStore& store(ChainId chain) const {
    return node_->gateway().chain(chain)->store();
  }
  AccountId account(std::size_t i) const {
    return AccountId::prefix_of(keys_.at(i).public_key().hash());
  }

  // One of the holders with money on `way.from`, in turn, pays others on `way.to` one cent each,
  // `linked` times under one signature.
  Bytes transfer(std::size_t turn, const tx::Route& way, std::size_t linked) const {
    const std::size_t from = way.from.value() + count() * (turn % (keys_.size() / count()));
    tx::Transaction body{.ledger = node_->gateway().ledger(),
                         .chains = {way.from},
                         .account = account(from),
                         .client = system_env().random_id<ClientId>(),
                         .valid_until = system_env().now() + seconds(3600),
                         .operations = {}};
    for (std::size_t i = 1; i <= linked; ++i) {
      body.operations.emplace_back(tx::Transfer{.to = {way.to, account((from + i) % keys_.size())},
                                                .asset = kEuro,
                                                .amount = Amount(1),
                                                .memo = {},
                                                .code = {},
                                                .code_text = {}});
    }
    const auto& key = keys_[from];
    const crypto::Signer signer{key.public_key(),
                                [&key](ByteView message) -> Result<crypto::Signature> {
                                  return key.sign(crypto::sha256(message));
                                }};
    auto bytes = proof::sign_statement(body, body.ledger, signer);
    CHECK(bytes.has_value());
    return *std::move(bytes);
  }

  // Of all streams between two different chains, as `read` says it of one.
  template <typename Read>
  auto over_streams(Read read) const {
    decltype(read(tx::Route{})) sum{};
    for (std::uint16_t from = 0; from < count(); ++from) {
      for (std::uint16_t to = 0; to < count(); ++to) {
        if (from != to) sum += read(tx::Route{ChainId(from), ChainId(to)});
      }
    }
    return sum;
  }
  std::uint64_t arrived() const {
    return over_streams([&](const tx::Route& way) {
      return store(way.to).find<ledger::InStreamRow>(way.from).value_or(ledger::InStreamRow{}).next;
    });
  }
  std::uint64_t acknowledged() const {
    return over_streams([&](const tx::Route& way) { return acknowledged(way); });
  }
  std::uint64_t acknowledged(const tx::Route& way) const {
    return store(way.from)
        .find<ledger::OutStreamRow>(way.to)
        .value_or(ledger::OutStreamRow{})
        .arrived;
  }
  chain::Relayed relayed() const {
    return over_streams([&](const tx::Route& way) { return node_->relayed(way); });
  }
  std::vector<Height> tips() const {
    std::vector<Height> out;
    for (std::uint16_t i = 0; i < count(); ++i) out.push_back(store(ChainId(i)).tip().height);
    return out;
  }

  // Of every block above these heights.
  InBlocks in_blocks(const std::vector<Height>& above) const {
    InBlocks out;
    for (std::uint16_t i = 0; i < count(); ++i) {
      const Height tip = store(ChainId(i)).tip().height;
      for (Height at = above[i].next(); at <= tip; at = at.next()) add_block(out, ChainId(i), at);
    }
    return out;
  }

 private:
  static Secret passphrase() {
    std::string text = "correct horse";
    return Secret::take(text);
  }

  void add_block(InBlocks& out, ChainId chain, Height at) const {
    const auto transactions = chain::decode_transactions(*store(chain).block(at));
    CHECK(transactions.has_value());
    const std::uint64_t header =
        node_->gateway().chain(chain)->stored_header(at).proof.encode().size();
    ++out.blocks;
    out.headers += header;
    std::uint64_t users = 0;
    for (const Bytes& each : *transactions) {
      const auto parsed = proof::parse_statement<tx::Transaction>(each, node_->gateway().ledger());
      CHECK(parsed.has_value());
      const auto* brought = std::get_if<tx::DeliverPackets>(&parsed->body().operations.front());
      if (brought != nullptr) {
        if (brought->group) out.proven += codec::encode_record(*brought->group).size();
        if (brought->cursor) out.proven += codec::encode_record(*brought->cursor).size();
        continue;
      }
      ++out.transactions;
      users += each.size();
    }
    out.users += users;
    if (users != 0) out.users_headers += header;
  }

  FolderForTest folder_;
  std::vector<crypto::SigningKey> keys_;
  std::unique_ptr<Node> node_;
};

}  // namespace intaglio::service
