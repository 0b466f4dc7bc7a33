// A new node's data folder: its keys, its authority's certificates, its ledger's genesis.
//
//   genesis.cbor            ledger::Genesis; its SHA-256 is the ledger's id
//   keys/node.key           signs block headers
//   keys/authority.key      signs what the authority does on the chains; the operator's key
//   keys/issuing.key        signs certificates
//   keys/root.key           signs the issuing certificate; to be taken off the machine, or never
//                           there (SetupOptions::root)
//   keys/service.key        signs what the displays' desk does on the chains
//   keys/treasury.key       holds the money issued at genesis
//   keys/NAME.uri           instead of NAME.key: where that key is, for one in a token or TPM
//   keys/{cmp,peer}.key     come with the issuing key: certificate/ceremony.h
//   keys/display.secret     derives the displays' security keys, encrypted like the keys
//   keys/client.secret      derives clients' one-time secrets
//   authority/{root,issuing,cmp}.pem
//   keys/tls.key            the node's TLS key; always a file, which the TLS library reads
//   tls/certificate.pem     its own certificate, which clients pin
//   tls/peer.pem            what it shows to the other nodes: the certificate of keys/peer.key,
//                           which is a file too
//   chain-N/ records/       the stores
//   consensus-K/            a consensus node of every chain: genesis.cbor, keys/node.key, which
//                           signs for blocks, keys/peer.key, tls/peer.pem, authority/, chain-N/
#pragma once

#include "base/env.h"
#include "base/secret.h"
#include "crypto/ed25519.h"
#include "ledger/genesis.h"
#include "pki/certificate.h"

namespace intaglio::service {

// An operator who runs a validator of every chain.
struct SetupValidator {
  crypto::PublicKey node;                // of its node; of the first operator it is made here
  std::vector<crypto::Ed25519Key> keys;  // its validators', by chain
};

struct SetupOptions {
  std::string name = "intaglio";
  std::uint16_t chains = 3;
  std::uint16_t consensus = 0;  // nodes for every chain, at most three; more than half must sign
  // Who orders the chains by CometBFT, the node of this folder first (service/network.h). Empty:
  // the node itself.
  std::vector<SetupValidator> validators = {};
  std::vector<ledger::GenesisAsset> assets;
  std::vector<Money> treasury;          // issued to the treasury's account, on every chain
  std::vector<std::string> host_names;  // in the TLS certificate, beside localhost
  ledger::ParamsRow params = ledger::default_params();
  std::vector<ledger::GenesisKey> keys;     // known from the start beside the node's own
  std::vector<ledger::GenesisMoney> money;  // issued to them at the start
  // Where the node's own keys are made but those of TLS (element::key_uri); empty: in the folder.
  // The consensus nodes' keys are files in theirs.
  std::string key_place = {};
  // Whose key is elsewhere. The issuing key then waits for its certificate (install_issuer), and
  // the node does not open before.
  std::optional<pki::Certificate> root = {};
};

// Makes the folder; `file_failed` when one is there that has a genesis. `passphrase` protects every
// key, and is the PIN or authorisation of the element that `key_place` names. A crash half-way
// leaves a folder without a genesis, which the next call starts over.
Result<void> create_data_folder(const std::string& folder, const SetupOptions& options,
                                const Secret& passphrase, Env& env);

// What a node shows to the other nodes of its ledger, and whom it believes: from the folder of a
// node or of a consensus node. The key is encrypted under the passphrase.
struct NodeTls {
  std::string certificate_pem;  // and those between it and the root
  Bytes key_pem;
  std::string root_pem;
};
Result<NodeTls> read_node_tls(const std::string& folder, Env& env);

// The URI of one of a folder's keys, that of the file unless there is another: `bad_setting` when
// both are there, since one of them would then be believed by chance.
Result<std::string> uri_of_key(const std::string& folder, std::string_view name, Env& env);

// The genesis of a folder: `file_failed` when there is none.
Result<ledger::Genesis> read_genesis(const std::string& folder, Env& env);

}  // namespace intaglio::service
