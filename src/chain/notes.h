// What nodes keep beside their chain (ChainStore::note). Inside this module.
#pragma once

#include "chain/application.h"

namespace intaglio::chain {

// An accounting node's: its own session; a consensus node's: the last that it was greeted with.
struct SessionNote {
  static constexpr std::string_view kName = "session";
  std::uint64_t session = 0;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "session", &SessionNote::session, "later ones are larger"));
  }
};

// An accounting node's: the block that it proposed, and who may have seen it. Of no meaning once a
// block of that height is final.
struct ProposalNote {
  static constexpr std::string_view kName = "proposal";
  Height height;
  Bytes signed_header;
  BlockBody body;
  std::vector<KeyHash> asked;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "height", &ProposalNote::height, "of the block"),
        codec::field(2, "signed_header", &ProposalNote::signed_header, "as it was signed"),
        codec::field(3, "body", &ProposalNote::body, "its transactions"),
        codec::field(4, "asked", &ProposalNote::asked, "the nodes that may have seen it"));
  }
};

// A consensus node's: the block that it signed. Of no meaning once a block of that height is final.
struct WordNote {
  static constexpr std::string_view kName = "word";
  Height height;
  Bytes signed_header;
  SignedBlock block;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "height", &WordNote::height, "of the block"),
        codec::field(2, "signed_header", &WordNote::signed_header, "as it was proposed"),
        codec::field(3, "block", &WordNote::block, "its hash, and what was signed"));
  }
};

// A consensus node's: the first two blocks of one height that it saw.
struct ForkNote {
  static constexpr std::string_view kName = "fork";
  proof::Fork fork;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "fork", &ForkNote::fork, "two signed headers"));
  }
};

template <typename Note>
void put_note(Application& application, const Note& note) {
  application.put_note(Note::kName, codec::encode_record(note));
}

// Our own bytes: that they do not decode is a bug or a damaged disk.
template <typename Note>
std::optional<Note> find_note(const Application& application) {
  const auto bytes = application.store().note(Note::kName);
  if (!bytes) return std::nullopt;
  auto note = codec::decode_record<Note>(*bytes, {.bytes = kMaxMessage});
  CHECK(note.has_value());
  return *std::move(note);
}

}  // namespace intaglio::chain
