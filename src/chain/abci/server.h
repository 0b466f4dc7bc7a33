// An ABCI server: any number of connections, each with a thread that reads, one that executes and
// one that writes, so that requests may be sent ahead of their answers and still each is answered
// in its turn. A connection is for whatever calls it brings; CometBFT opens four and does not say
// which is which.
#pragma once

#include <atomic>
#include <mutex>
#include <thread>

#include "chain/abci/application.h"
#include "chain/abci/bounded_queue.h"
#include "chain/abci/framing.h"
#include "chain/abci/listener.h"

namespace intaglio::chain::abci {

struct ServerOptions {
  std::size_t max_message = kMaxMessage;
  // Of each connection: requests read and not yet executed, answers not yet written.
  QueueLimits requests{512, std::size_t{256} << 20};
  QueueLimits answers{512, std::size_t{256} << 20};
};

class Server {
 public:
  // What Listener::listen refuses. The application must outlive the server.
  static Result<std::unique_ptr<Server>> start(const std::string& address, Application& application,
                                               const ServerOptions& options = {});
  // As stop().
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Ends every connection. What is being executed is finished, what only waits is not begun.
  void stop();

  const std::string& address() const { return listener_->address(); }
  // Open now. Any thread.
  std::size_t connections() const;

 private:
  class Connection;
  // What of the application's calls may not overlap.
  struct Turns {
    std::mutex consensus;
    std::mutex mempool;
    std::mutex snapshots;
  };

  Server(std::unique_ptr<Listener> listener, FileDescriptor wake, FileDescriptor wakes,
         Application& application, const ServerOptions& options);
  void accept_connections();

  const std::unique_ptr<Listener> listener_;
  const FileDescriptor wake_;   // is read when it is time to stop
  const FileDescriptor wakes_;  // writes that
  Application& application_;
  const ServerOptions options_;
  Turns turns_;
  mutable std::mutex mutex_;  // guards connections_
  std::vector<std::unique_ptr<Connection>> connections_;
  std::thread thread_;
};

}  // namespace intaglio::chain::abci
