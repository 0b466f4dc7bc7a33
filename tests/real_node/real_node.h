// The real binary as a test sees it: its own process over a folder of its own, on a port of its
// own, ended or killed at will.
#pragma once

#include <string>
#include <vector>

#include "base/folder_for_test.h"
#include "cli/node_client.h"
#include "element/secure_element.h"
#include "process/process.h"
#include "service/setup.h"

namespace intaglio::real_node {

// The program under test.
std::string program();

class RealNode {
 public:
  // Makes the data folder below the system's temporary folder. Nothing runs yet.
  explicit RealNode(const service::SetupOptions& options);

  // Starts `intaglio serve` and returns when it listens; over plain HTTP.
  void start(const std::vector<std::string>& more = {});
  // The same with the node's own certificate, and a listener for certificate holders.
  void start_with_tls(const std::vector<std::string>& more = {});
  // Over plain HTTP on the port that it had, which its certificates say from now on.
  void start_in_public();
  // kill -9: no destructor, no flush.
  void kill() { process_.kill(); }
  // SIGTERM, and waits; the exit code.
  int stop() { return process_.stop(); }
  bool running() const { return process_.running(); }

  const std::string& url() const { return url_; }
  const std::string& certified_url() const { return certified_url_; }
  const std::string& folder() const { return folder_.path(); }
  cli::NodeClient client() const;
  // A key of the folder's.
  std::unique_ptr<element::SecureElement> key(const std::string& name) const;
  // The operator's, who may read every account.
  std::unique_ptr<element::SecureElement> operator_key() const { return key("authority"); }
  static Secret passphrase();

 private:
  void serve(std::vector<std::string> words);

  FolderForTest folder_;
  std::string url_;
  std::string certified_url_;
  Process process_;
};

// A consensus node in a process of its own, over a folder that is somebody else's.
class RealConsensusNode {
 public:
  explicit RealConsensusNode(std::string folder) : folder_(std::move(folder)) {}

  // Starts `intaglio node` on a free port, and returns when it listens.
  void start();
  // On the port that it had.
  void start_again();
  void kill() { process_.kill(); }
  bool running() const { return process_.running(); }

  const std::string& url() const { return url_; }
  const std::string& key() const { return key_; }
  const std::string& folder() const { return folder_; }

 private:
  void start_on(const std::string& port);
  std::string folder_;
  std::string url_;
  std::string key_;
  Process process_;
};

// An element as a process of its own.
class RealElement {
 public:
  // Starts `intaglio element run` for a key of that home, and returns when it listens.
  RealElement(const std::string& home, const std::string& key, const std::string& socket);

  const std::string& key() const { return key_; }  // the public key in hex, as it says
  // SIGTERM, and waits; the exit code.
  int stop() { return process_.stop(); }

 private:
  std::string key_;
  Process process_;
};

// A client command in a process of its own, to its end.
struct Ran {
  int exit_code = -1;
  std::string output;  // standard output alone
};
Ran run_program(const std::vector<std::string>& words);

}  // namespace intaglio::real_node
