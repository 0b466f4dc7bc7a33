// A whole node in one process: the chains, their gateway, and the services beside them, over one
// data folder (service/setup.h). What serves it to the world is `http`.
#pragma once

#include "chain/relayed.h"
#include "element/secure_element.h"
#include "service/certificate/client_desk.h"
#include "service/certificate/enrolment_desk.h"
#include "service/certificate/status_desk.h"
#include "service/chains.h"
#include "service/payment_code/display_desk.h"

namespace intaglio::service {

// What the world is told of each durable block.
struct BlockNews {
  ledger::BlockHeader header;
  BlockHash hash;
};

class Node {
 public:
  // Opens the folder: `file_failed` without a genesis, `element_locked` for a wrong passphrase,
  // `folder_taken` when another node has it. Nothing runs before start().
  // The consensus nodes whose folders are inside this one run here; the others, and the CometBFT
  // nodes of chains that they order, `elsewhere`.
  static Result<std::unique_ptr<Node>> open(const std::string& folder, const Secret& passphrase,
                                            Env& env, Elsewhere elsewhere = {},
                                            const AuthorityOptions& options = {});
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // How many blocks each chain keeps (Application::keep_blocks), here and in the consensus nodes of
  // this process; before start().
  void keep_blocks(std::uint64_t count);
  void start();
  // Finishes what was taken in; after it nothing is written any more.
  void stop();

  // Called after every durable block, on its chain's thread, until the handle is dropped. Quick.
  using OnBlock = std::function<void(const BlockNews&)>;
  std::shared_ptr<void> subscribe(OnBlock listener);

  const ledger::Genesis& genesis() const;
  gateway::Gateway& gateway();
  Authority& authority();
  EnrolmentDesk& enrolment_desk();
  ClientDesk& client_desk();
  StatusDesk& status_desk();
  // Answers clients that speak CMP, with the client desk.
  pki::CmpResponder& cmp();
  DisplayDesk& display_desk();
  // Hash of the authority's ledger key, which is the operator's.
  const KeyHash& operator_key() const;
  // What the relay brought of the stream from one chain to another since the node began.
  chain::Relayed relayed(const tx::Route& stream) const;
  // Why it can bring none of what is on its way there now: the votes that prove it are not found.
  std::optional<Refusal> held_up(const tx::Route& stream) const;
  // Transactions taken in by a chain and not yet in a block.
  std::size_t waiting(ChainId chain) const;
  // What the chain's accounting node knows of its consensus nodes.
  std::vector<chain::NodeReport> consensus_nodes(ChainId chain) const;
  // The node's own certificate, which clients pin, and its key's file as it is: encrypted under the
  // passphrase.
  const std::string& tls_certificate_pem() const;
  const Bytes& tls_key_pem() const;

 private:
  struct Parts;
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace intaglio::service
