// A consensus node of one chain that runs in another process: what its accounting node asks and
// what the gateway tells it goes there over mutual TLS (http/node_routes.h is the other end).
// Nothing is believed for having come this way: what counts is signed by whoever says it.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "chain/sequencer.h"
#include "http/client.h"

namespace intaglio::http {

struct NodeLinkOptions {
  std::string url;  // https://host:port of the node's process
  ChainId chain;
  KeyHash node;  // who must be there
  std::string root_pem;
};

class NodeLink {
 public:
  // `bad_value` for a URL that is none, `bad_setting` for certificates that are none.
  static Result<std::unique_ptr<NodeLink>> open(const NodeLinkOptions& options,
                                                const TlsIdentity& identity);
  ~NodeLink();
  NodeLink(const NodeLink&) = delete;
  NodeLink& operator=(const NodeLink&) = delete;

  // Asks, one question after the other. `done` is called once, on this link's thread. Any thread.
  void ask(chain::Message message, chain::OtherNode::Done done);

  // Tells it of a transaction, when there is time. One more than the link can bear is dropped: the
  // node gets it in a block. Any thread.
  void tell(Bytes transaction);

  chain::OtherNode other();

 private:
  struct Asked {
    chain::Message message;
    chain::OtherNode::Done done;
  };
  NodeLink(NodeLinkOptions options, Client asking, Client telling);
  void run_asking();
  void run_telling();
  Result<chain::Standing> exchange(const chain::Message& message);

  const NodeLinkOptions options_;
  Client asking_;  // two connections: what is told does not wait for a block to be executed
  Client telling_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Asked> asked_;
  std::deque<Bytes> told_;
  bool stopping_ = false;
  std::thread asker_;
  std::thread teller_;
};

}  // namespace intaglio::http
