// The client's folder: which node it talks to, its keys and displays, and what it has learned from
// the node. Everything in it but the keys is public.
//
//   node.json                  NodeSettings: where the node is and which ledger it keeps
//   node.pem                   whom TLS believes there; absent for http to this machine
//   genesis.cbor               the ledger's genesis, once a proof was asked for
//   ledger.json                what the node said of its ledger (node_client.h), and when
//   keys/NAME.json             StoredKey; a soft key's file keys/NAME.key beside it
//   displays/NAME.json         StoredDisplay; its applet's NAME.key and NAME.key.applet beside it
//   certificates/PREFIX.json   StoredCertificate, by the first 16 digits of the key hash
//   enrolments/PREFIX.json     KeptAnswer: what was handed in for a key, until it is decided
//   signed/CLIENT.cose         transactions signed under an idempotency key, by their client id
#pragma once

#include "base/env.h"
#include "cli/node_client.h"
#include "service/payment_code/display.h"

namespace intaglio::cli {

struct NodeSettings {
  std::string url;  // "https://127.0.0.1:8443"
  LedgerId ledger;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "url", &NodeSettings::url, "the node's base URL"),
                      codec::field(2, "ledger", &NodeSettings::ledger, "the ledger it keeps"));
  }
};

// A key by name. Only its element knows more.
struct StoredKey {
  std::string uri;  // element/secure_element.h
  crypto::PublicKey key;
  Millis made;
  static constexpr auto fields() {
    return std::tuple(codec::field(1, "uri", &StoredKey::uri, "where the element keeps it"),
                      codec::field(2, "key", &StoredKey::key, "the public key"),
                      codec::field(3, "made", &StoredKey::made, "when, ms"));
  }
  AccountId account() const { return AccountId::prefix_of(key.hash()); }
};

// A counter display: its applet, who answers for it, and what its codes say of the shop.
struct StoredDisplay {
  std::string uri;
  crypto::PublicKey key;
  std::string login;  // the key that signs its requests, by name or URI
  service::Merchant merchant;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "uri", &StoredDisplay::uri, "where its applet is"),
        codec::field(2, "key", &StoredDisplay::key, "the applet's public key"),
        codec::field(3, "login", &StoredDisplay::login, "the key that signs its requests"),
        codec::field(4, "merchant", &StoredDisplay::merchant, "what its codes say of the shop"));
  }
};

// A key that somebody named; the node finds the whole hash by its first bytes.
struct KeyReference {
  proof::KeyId prefix;
  std::optional<KeyHash> whole;
};

// A certificate as the node gave it, and when: what a later scan without the node has to go by.
struct StoredCertificate {
  KnownCertificate known;
  Millis fetched_at;  // by this machine's clock
};

// An element's answer to an enrolment challenge: the same bytes handed in again are the same
// application.
struct KeptAnswer {
  crypto::PublicKey key;  // of the element
  KeyHash login;          // whose key signed the request
  Bytes information;      // the challenge: pki::ApplicationInformation
  Bytes answer;
  static constexpr auto fields() {
    return std::tuple(
        codec::field(1, "key", &KeptAnswer::key, "the element's key"),
        codec::field(2, "login", &KeptAnswer::login, "hash of the key that applied"),
        codec::field(3, "information", &KeptAnswer::information, "the challenge's record"),
        codec::field(4, "answer", &KeptAnswer::answer, "as the element packed it"));
  }
};

struct StoredLedger {
  LedgerInfo ledger;
  Millis fetched_at;
};

// Letters, digits, "-" and "_", at most 64, none of them an address's text: `bad_value` otherwise.
Result<void> check_name(std::string_view name);

// One thread. Files have mode 600, folders 700. Nothing is read or made before it is asked for;
// what is there is never half written.
class Home {
 public:
  Home(std::string folder, Env& env) : folder_(std::move(folder)), env_(&env) {}

  // $INTAGLIO_HOME, else .intaglio in the user's own folder: `bad_setting` without either.
  static Result<std::string> default_folder();

  const std::string& folder() const { return folder_; }
  Env& env() const { return *env_; }

  // `bad_setting` says to connect first.
  Result<NodeSettings> node() const;
  Result<std::optional<http::Trust>> trust() const;
  Result<StoredLedger> ledger() const;
  // `trust_pem` is empty for http to this machine.
  Result<void> connect(const NodeSettings& settings, std::string_view trust_pem,
                       const LedgerInfo& ledger);

  // Nothing until it is kept; `wrong_ledger` when it is not that of this home's ledger.
  Result<std::optional<ledger::Genesis>> genesis() const;
  Result<void> keep_genesis(ByteView genesis);

  // `unknown_element` names the key that is not there, `conflict` the one that is.
  Result<StoredKey> key(const std::string& name) const;
  Result<void> add_key(const std::string& name, const StoredKey& key);
  std::vector<std::string> key_names() const;  // sorted
  // Where a new soft key of that name goes: "soft:.../keys/NAME.key". Makes the folder.
  Result<std::string> new_key_uri(const std::string& name);

  Result<StoredDisplay> display(const std::string& name) const;  // `unknown_display`
  // Replaces what was said of the shop under the same name.
  Result<void> save_display(const std::string& name, const StoredDisplay& display);
  std::vector<std::string> display_names() const;
  Result<std::string> new_display_uri(const std::string& name);
  // Where the memory of an applet goes whose key is in no file.
  std::string display_folder() const { return folder_ + "/displays"; }

  // A key hash in hex, whole or its first 16 digits; or the name of a key or display of this home.
  Result<KeyReference> key_reference(const std::string& text) const;

  // `unknown_certificate` when nothing is remembered under the prefix.
  Result<StoredCertificate> certificate(const proof::KeyId& key) const;
  Result<std::vector<StoredCertificate>> certificates() const;  // all of them, by key
  Result<void> remember(const KnownCertificate& certificate);

  // Of the element with that key; nothing when none is kept.
  std::optional<KeptAnswer> kept_answer(const crypto::PublicKey& key) const;
  Result<void> keep_answer(const KeptAnswer& answer);
  void forget_answer(const crypto::PublicKey& key);

  std::optional<Bytes> signed_before(const ClientId& client) const;
  Result<void> remember_signed(const ClientId& client, ByteView transaction);

 private:
  Result<codec::Json> read_json(const std::string& path) const;
  Result<void> write_json(const std::string& path, const codec::Json& value);
  Result<void> make_folder(const std::string& name);
  std::vector<std::string> names_in(const std::string& folder) const;

  std::string folder_;
  Env* env_;
};

// How a PEM given to `connect` is to be believed: one certificate that is no authority's is the
// node's own and pinned; anything else are authorities to lead to. `bad_setting` for no PEM.
Result<http::Trust> trust_from_pem(std::string_view pem);

// The chain that a name stands on when none is given: the one of the addresses in certificates.
inline constexpr ChainId kHomeChain{1};

// An address's text, a key's NAME (on kHomeChain), or NAME@CHAIN. `bad_value` says what it is not,
// `unknown_element` which name is not here.
Result<Address> address_from_name(const Home& home, std::string_view text);

}  // namespace intaglio::cli
